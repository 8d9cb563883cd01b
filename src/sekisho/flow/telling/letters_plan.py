"""`sekisho letters plan`: how each exposed person is told, and the letters that this takes, as of a version."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import polars as pl
import pyarrow as pa

from sekisho.actions.letters import REASONS, Plan, Reason, Rules, judged, planned
from sekisho.clock import utc_now
from sekisho.countries.letters import wording
from sekisho.errors import InputError
from sekisho.flow.assessing.case import known
from sekisho.flow.assessing.past import held_against
from sekisho.flow.telling.letter_words import as_json
from sekisho.frames import from_arrow, to_arrow
from sekisho.incidents.master import MASTER, Master, version_of
from sekisho.register.contacts import CONTACTS, contacts
from sekisho.report.letter import Words
from sekisho.report.progress import Phases
from sekisho.report.typeset import family_for, visible
from sekisho.vault import Vault
from sekisho.vault.letters import CONTENT, TABLE, Letters, State
from sekisho.vault.tellings import Way
from sekisho.wording import Tell, Text

PLAN = "letters.plan"
AS_OF = "as_of"
PART_ROWS = 100_000
PLANNING = Text("Letters", "通知書")
CONTACTING = Text("where they lived before the first infection", "感染前の住所の確認")
GLYPHS = Text("is there a font for every name?", "印字できない文字の確認")
JUDGING = Text("who is told how", "通知方法の判定")
WRITING = Text("writing to the vault", "保管庫への書き込み")


@dataclass(frozen=True, slots=True)
class Planned:
    """What a plan says. ``ways``: persons by how they are told; ``reasons``: those who are not told by letter, by why.

    ``new``, ``held``, ``superseded``: letters that this plan makes, holds back, takes back. ``dry``: nothing was kept.
    """

    version: int
    persons: int
    ways: Mapping[str, int]
    reasons: Mapping[str, int]
    new: int
    held: int
    superseded: int
    dry: bool


def plan(
    vault: Vault,
    incident: int,
    words: Words | None = None,
    *,
    as_of: date | None = None,
    dry: bool = False,
    shown: bool = True,
) -> Planned:
    """Say how each person is told as of the last version, and make the letters; ``dry``: only say what that would be.

    ``words``: what the house says in them from now on. ``as_of``: the day on which the register's first file stood as
    it is. To call it again changes nothing. Raises InputError, MissingPartError, RightsError, VaultError.
    """
    vault.demand(PLAN)
    letters = vault.letters(incident)
    with Phases(PLANNING, shown=shown) as tell:
        version = version_of(vault.leak(incident)).number
        said = _to_say(letters, words, as_of)
        told = _told(vault, incident, day_of(said), tell)
        tell(JUDGING)
        made = planned(told, *_standing(vault, incident, told), version)
        if not dry:
            tell(WRITING)
            _keep(vault, letters, made, version, said)
    return _said(vault, incident, made, told, version, dry=dry)


def _told(vault: Vault, incident: int, as_of: date | None, tell: Tell) -> pl.DataFrame:
    """Each exposed person with what would stand in their letter, or why there is none."""
    case = known(vault, incident)
    if case.first_infection is None:
        raise _no_first_infection(incident)
    leak = vault.leak(incident)
    exposed = from_arrow(leak.of(version_of(leak).number).read("master", MASTER))
    tell(CONTACTING)
    found = _contacts(vault, exposed["holder"], case.first_infection.astimezone(case.place), as_of)
    tell(GLYPHS)
    asked = exposed["person"].is_in(_to_be_reviewed(vault, incident).implode())
    return judged(exposed, printable_contacts(found).with_columns(reviewed=asked), rules())


def _to_be_reviewed(vault: Vault, incident: int) -> pl.Series:
    """The exposed persons whose address somebody asked to change since, by the files of changes that were taken in."""
    if not vault.changes(incident).files():
        return pl.Series([], dtype=pl.Int64)
    _, found = held_against(vault, incident, Master.load(vault.leak(incident)))
    is_address = (pl.col("kinds") == "") | pl.col("kinds").str.split("+").list.contains("address")
    return found.worklist.filter(is_address.fill_null(value=True))["person"].drop_nulls()


def _contacts(vault: Vault, numbers: pl.Series, before: datetime, as_of: date | None) -> pl.DataFrame:
    register = vault.register()
    if register.imports():
        return contacts(register, numbers.to_list(), before, as_of)
    return pl.DataFrame({"number": numbers}).with_columns(
        pl.lit(None, kind).alias(name) for name, kind in CONTACTS.items() if name != "number"
    )


def printable_contacts(found: pl.DataFrame) -> pl.DataFrame:
    """The contacts without what nobody sees, and the font that has every character of each."""
    texts = ("name", "name_kana", "postal_code", "address", "new_postal_code", "new_address")
    return with_family(found.with_columns(visible(found[name]).alias(name) for name in texts))


def with_family(rows: pl.DataFrame) -> pl.DataFrame:
    """The rows with the font that has every character of name and address."""
    both = pl.concat_str(pl.coalesce("name", "name_kana"), pl.col("address"), separator=" ", ignore_nulls=True)
    return rows.with_columns(family=family_for(rows.select(both).to_series()))


def rules() -> Rules:
    """The measures of the window, and from which age on print is large."""
    said = wording()
    window, inset = said.sheet["window"], said.sheet["inset"]
    width, height = (window[side] - 2 * inset[at] for side, at in (("width", "x"), ("height", "y")))
    return Rules(said.large_print_from, width, height)


def _standing(vault: Vault, incident: int, told: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Letters (with the mark of what stands in them) and tellings so far, under the persons' numbers of now."""
    letters = vault.letters(incident)
    marks = from_arrow(letters.content(["letter", "mark"])).unique("letter", keep="last")
    standing = from_arrow(letters.standing()).join(marks, on="letter", how="left", maintain_order="left")
    now = _now(told)
    return renamed(standing, now), from_arrow(vault.tellings(incident).all()).select("person", "way", "reason")


def now_of(vault: Vault, incident: int) -> pl.DataFrame:
    """``was``, ``now``: the persons who turned out to be another, as of the last version."""
    leak = vault.leak(incident)
    return _now(from_arrow(leak.of(version_of(leak).number).read("master", MASTER, ["person", "was"])))


def _now(told: pl.DataFrame) -> pl.DataFrame:
    joined = told.select("person", was=pl.col("was").str.split("+")).explode("was", empty_as_null=True)
    numbers = joined.select(was=pl.col("was").cast(pl.Int64, strict=False), now="person")
    return numbers.drop_nulls()


def renamed(rows: pl.DataFrame, now: pl.DataFrame) -> pl.DataFrame:
    """The rows under the numbers that their persons have ``now``."""
    found = rows.join(now, left_on="person", right_on="was", how="left", maintain_order="left")
    return found.with_columns(person=pl.coalesce("now", "person")).drop("now")


def _to_say(letters: Letters, words: Words | None, as_of: date | None) -> Mapping[str, Any]:
    """What the house says in its letters, and of which day the register's first file is: as before, where not given."""
    before = letters.words()
    if words is None and before is None:
        raise _no_words()
    said = dict(before[1]) if before else {AS_OF: ""}
    return said | (as_json(words) if words else {}) | ({AS_OF: as_of.isoformat()} if as_of else {})


def day_of(said: Mapping[str, Any]) -> date | None:
    """The day on which the register's first file stood as it is, where somebody said so."""
    return date.fromisoformat(said[AS_OF]) if said[AS_OF] else None


def _keep(vault: Vault, letters: Letters, made: Plan, version: int, said: Mapping[str, Any]) -> None:
    """All of a plan at once."""
    before = letters.words()
    fresh = before is None or before[1] != said
    if not (made.letters.height or made.superseded.height or made.tellings.height or len(made.gone) or fresh):
        return
    letters.begin()
    first = letters.next_number()
    new = made.letters.with_columns(letter=pl.int_range(pl.len(), dtype=pl.Int64) + first)
    parts = [letters.write(TABLE, some) for some in content_of(new)]
    tellings = vault.tellings(letters.incident)
    counts = {"version": version, "letters": new.height, "superseded": made.superseded.height}
    with vault.act(
        PLAN,
        incident=letters.incident,
        counts={**counts, "tellings": made.tellings.height, "gone": len(made.gone)},
        more={"parts": [part.sha256 for part in parts]},
    ):
        if fresh:
            letters.say(said)
        for (reason,), some in made.superseded.group_by("reason"):
            letters.become(some["letter"], State.SUPERSEDED, str(reason))
        letters.keep(parts)
        letters.add(new.select("letter", "person", "version", "state", "reason").iter_rows())
        tellings.drop(made.gone)
        ways = ((person, Way(way), reason, version) for person, way, reason in made.tellings.iter_rows())
        tellings.put(ways, utc_now())


def content_of(letters: pl.DataFrame) -> list[pa.Table]:
    """The rows of `CONTENT` in parts."""
    rows = letters.select(pl.col("asked").alias("holder"), *(name for name in CONTENT.names if name != "holder"))
    parts = (rows[at : at + PART_ROWS] for at in range(0, rows.height, PART_ROWS))
    return [to_arrow(some, CONTENT) for some in parts]


def _said(vault: Vault, incident: int, made: Plan, told: pl.DataFrame, version: int, *, dry: bool) -> Planned:
    if dry:
        before = from_arrow(vault.tellings(incident).all()).select("person", "way", "reason")
        every = pl.concat([made.tellings, before.join(made.tellings, on="person", how="anti")])
    else:
        every = from_arrow(vault.tellings(incident).all())
    tellings = every.join(told, on="person", how="semi")
    others = tellings.filter(pl.col("reason") != "")
    states = made.letters["state"]
    return Planned(
        version=version,
        persons=told.height,
        ways=dict(tellings.group_by("way").len().sort("way").iter_rows()),
        reasons=dict(others.group_by("reason").len().sort("reason").iter_rows()),
        new=int((states == State.CREATED).sum()),
        held=int((states == State.HELD).sum()),
        superseded=made.superseded.height,
        dry=dry,
    )


def why(reason: str) -> Text:
    """A reason in words; what somebody said of a review as it was said."""
    known_one = REASONS.get(Reason(reason)) if reason in set(Reason) else None
    return known_one or Text(reason, reason)


def _no_first_infection(incident: int) -> InputError:
    return InputError(
        Text("It is not said when incident {n} began.", "事案{n}の最初の感染日時が記録されていません。").fill(
            n=incident
        ),
        Text(
            "Letters go to the address from before: `sekisho incident add infected {n} --at TIME`.",
            "宛先は感染前の住所です: `sekisho incident add infected {n} --at 日時` で記録してください。",
        ).fill(n=incident),
    )


def _no_words() -> InputError:
    return InputError(
        Text("It is not said what the letters say of the house.", "通知書に載せる差出人や窓口が指定されていません。"),
        Text("--words FILE: organisation, helpline, hours, what happened.", "--words ファイル で指定してください。"),
    )
