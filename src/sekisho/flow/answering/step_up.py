"""`sekisho check`: may a procedure go on for one person, and by what do they prove themselves?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import polars as pl

from sekisho.actions import step_up
from sekisho.actions.step_up import Answer, Exposed, Shown, Standing, check, procedure_of, together
from sekisho.errors import InputError
from sekisho.flow.answering.standings import counted, master_of, moved_since
from sekisho.flow.answering.whom import MOST_SHOWN, Sought, Whom, find
from sekisho.flow.assessing.case import known as known_of
from sekisho.flow.assessing.doubts import doubts
from sekisho.frames import from_arrow
from sekisho.incidents.fresh import is_counted
from sekisho.incidents.master import UNLISTED, Exposure, Master
from sekisho.model import Item
from sekisho.register import lookup
from sekisho.register.lookup import Life
from sekisho.register.states import as_text
from sekisho.vault import Vault
from sekisho.vault.incidents import Incident
from sekisho.wording import Text

ASK, ALARM, SERVE = "check.ask", "check.alarm", "check.serve"


@dataclass(frozen=True, slots=True)
class Checked:
    """``answer``: as of ``versions`` of each incident; ``persons``: how many fit what was said of them."""

    answer: Answer
    versions: dict[int, int]
    persons: int


def check_person(vault: Vault, sought: Sought, procedure: str, day: date, shown: Sequence[Shown] = ()) -> Checked:
    """Whether a procedure may go on for whom is ``sought``, once the look is in the ledger.

    Of a number that leads to nobody, nobody can tell; of a name that several bear, the worst counts.
    Raises UsageError, InputError, RightsError, VaultError.
    """
    procedure_of(procedure)
    found = find(vault, sought, ASK, scans=[about.scan for about in vault.scans() if about.finished])
    if found.count > MOST_SHOWN:
        raise _too_many(found.count)
    masters = [(one, master_of(vault, one)) for one in counted(vault)]
    everybody = [_standing(vault, one, masters) for one in found.persons]
    standing = together(everybody or [Standing(Exposed.CANNOT_TELL if masters else Exposed.NO)])
    number = _number(sought)
    if number is not None and vault.numbers().aliases([number]):
        standing = together([standing, Standing(Exposed.NO, replaced=True)])
    versions = {one.number: master.version if master else 0 for one, master in masters}
    return Checked(check(standing, procedure, day, shown), versions, found.count)


def alarm(vault: Vault, kind: str) -> None:
    """Say in the ledger that whoever acts looks like browsing; raises RightsError, VaultError."""
    vault.log(ALARM, more={"alarm": kind})


def served(vault: Vault, *, clients: int, tls: bool, begins: bool) -> None:
    """Say in the ledger that counters are answered from now on, or no longer; raises RightsError, VaultError."""
    vault.log(SERVE, counts={"clients": clients}, more={"begins": begins, "mutual_tls": tls})


def as_json(found: Checked) -> dict[str, Any]:
    """JSON-able."""
    versions = [{"incident": incident, "version": version} for incident, version in found.versions.items()]
    return {"v": 1, "as_of": versions, "persons": found.persons, **step_up.as_json(found.answer)}


def _number(sought: Sought) -> int | None:
    return lookup.number_in(sought.number) if sought.number.strip() else None


def _standing(vault: Vault, one: Whom, masters: Sequence[tuple[Incident, Master | None]]) -> Standing:
    """How one person stands in all incidents together."""
    life = lookup.lives(vault.register(), [one.person.holder])[0] if one.is_holder else None
    every = (_by(vault, one, life, incident, master) for incident, master in masters)
    return together([Standing(Exposed.NO), *every])


def _by(
    vault: Vault,
    one: Whom,
    life: Life | None,
    incident: Incident,
    master: Master | None,
) -> Standing:
    """How one person stands in one incident."""
    if master is None:
        return Standing(Exposed.CANNOT_TELL, doubtful=True)
    numbers = _written(one.numbers())
    persons = {*master.persons_of(numbers), *(() if one.is_holder else _unlisted(vault, incident, master, one))}
    exposures = [exposure for person in persons if (exposure := master.of_person(person))]
    sure = life is not None and is_counted(known_of(vault, incident.number), master.about)
    doubtful = not sure or life is None or bool(doubts(vault, master, life, numbers))
    if not exposures:
        return Standing(Exposed.CANNOT_TELL if doubtful else Exposed.NO, doubtful=doubtful)
    moved = one.is_holder and _has_moved(vault, incident, master, numbers)
    return Standing(Exposed.YES, frozenset(_items(exposures)), doubtful, moved)


def _items(exposures: Sequence[Exposure]) -> Iterator[str]:
    for one in exposures:
        yield from (*one.items, *one.other_items)


def _unlisted(vault: Vault, incident: Incident, master: Master, one: Whom) -> list[int]:
    """The persons of the leak master who are in no register and called so."""
    rows = from_arrow(vault.leak(incident.number).of(master.version).read("unlisted", UNLISTED))
    said = {Item.NAME: one.person.name, Item.NAME_KANA: one.person.name_kana}
    named = pl.any_horizontal(pl.col(item) == name for item, name in said.items() if name)
    if not any(said.values()) or not one.person.birth_date:
        return []
    return rows.filter(named & (pl.col(Item.BIRTH_DATE) == one.person.birth_date))["person"].to_list()


def _has_moved(vault: Vault, incident: Incident, master: Master, numbers: list[str]) -> bool:
    first = known_of(vault, incident.number).first_infection
    return first is not None and bool(moved_since(vault, incident.number, master, numbers, first).len())


def _written(digits: set[str]) -> list[str]:
    numbers = pl.Series("number", sorted(map(int, digits)), dtype=pl.Int64)
    return numbers.to_frame().select(as_text(pl.col("number"))).to_series().to_list()


def _too_many(count: int) -> InputError:
    return InputError(
        Text("{n:,} {n|person|persons} fit.", "該当者が{n:,}人います。").fill(n=count),
        Text("Give a number, or name and birth date.", "番号、または氏名と生年月日を指定してください。"),
    )
