"""`sekisho ledger who-looked-at`: who looked at a person's data, in which role and for which purpose."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import polars as pl
import pyarrow.compute as pc

from sekisho.actors import roster_of
from sekisho.errors import InputError, SekishoError, VaultError
from sekisho.incidents.master import Master
from sekisho.ledger.read import Said, said
from sekisho.model import MATCHES
from sekisho.register import lookup
from sekisho.register.columns import MANY
from sekisho.register.lookup import Life
from sekisho.register.states import NUMBER
from sekisho.report.progress import Progress
from sekisho.vault import Look, Looks, Vault, looks
from sekisho.vault.looks import LEAK, MERGES, REGISTER, SCAN
from sekisho.wording import Text

READING, ENTRIES = Text("Ledger", "証跡の照合"), Text("entries", "件")
ASK, NAMES = "ledger.who_looked_at", "ledger.name_lookers"


@dataclass(frozen=True, slots=True)
class Looked:
    """One look: the ledger's entry, when, what was done, by which role, what for, on which incident.

    ``certain``: False where it was at everybody in a thing, and nobody can tell whether this person was in it then.
    ``whole``: that thing. ``name``: of the actor, for the auditor only.
    """

    entry: int
    when: str
    action: str
    role: str
    purpose: str
    incident: int | None
    certain: bool
    whole: str = ""
    name: str | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """``looks``, oldest first. ``since``: the first entry of the ledger: of what was before, nothing is known.

    ``doctored``: entries of looks of which it is no longer known, or no longer true, at whom they were.
    """

    looks: tuple[Looked, ...]
    since: str | None
    doctored: tuple[int, ...]


def who_looked_at(vault: Vault, what: str, *, names: bool = False, shown: bool = True) -> Answer:
    """Who looked at the person whom ``what`` means: any number they ever had, words, or the id of a record.

    Asking is a look, too. ``names``: the actors' names, for the auditor. Raises InputError, RightsError, LedgerError.
    """
    vault.demand(NAMES if names else ASK)
    person = _person(vault, what)
    kept = vault.looks()
    kept.see(NAMES if names else ASK, person.subjects)
    told = {one.seq for one in kept.of(person.subjects)}
    at_all = {one.seq: one for one in kept.at_all()}
    called = {one.id: one.name for one in roster_of(vault).actors.values()} if names else {}
    found: list[Looked] = []
    doctored: list[int] = []
    since: str | None = None
    forgotten: set[int] = set()
    for one in _told(vault, shown=shown):
        since = since or one.entry["time"]
        forgotten.update(one.more.get("forgotten", ()))
        seen = one.more.get("seen")
        if seen is None:
            continue
        if not _is_true(kept, one.seq, seen):
            doctored.append(one.seq)
        whole = at_all.get(one.seq)
        certain = True if one.seq in told else person.was_in(whole, one.entry) if whole else False
        if certain is not False:
            found.append(_looked(one, whole, certain is True, called))
    return Answer(tuple(found), since, tuple(seq for seq in doctored if seq not in forgotten))


def _told(vault: Vault, *, shown: bool) -> Iterator[Said]:
    with Progress(READING, ENTRIES, vault.outbox.head().size, shown=shown) as progress:
        yield from progress.through(said(vault))


def _looked(one: Said, whole: Look | None, certain: bool, called: Mapping[str, str]) -> Looked:
    entry = one.entry
    thing = f"{whole.scope} {whole.upto}" if whole else ""
    about = (entry["role"], entry["purpose"], entry["incident"])
    return Looked(one.seq, entry["time"], one.action, *about, certain, thing, called.get(entry["actor"]))


def _is_true(kept: Looks, seq: int, seen: Any) -> bool:
    return isinstance(seen, dict) and kept.is_true(seq, seen)


@dataclass(slots=True)
class _Person:
    """Whom it is asked about: by what they were marked, and in what they were."""

    vault: Vault
    subjects: list[str]
    numbers: list[str]
    life: Life | None
    scans: dict[int, bool | None] = field(default_factory=dict)

    def was_in(self, whole: Look, entry: Mapping[str, Any]) -> bool | None:
        """Whether they were in it then; None where nobody can tell. ``entry``: what the ledger says of the look."""
        if whole.scope == REGISTER:
            return self._in_register(whole.upto)
        if whole.scope == SCAN:
            if whole.upto not in self.scans:
                self.scans[whole.upto] = self._in_scan(whole.upto)
            return self.scans[whole.upto]
        if whole.scope == LEAK:
            return self._in_leak(entry["incident"], whole.upto)
        return None if whole.scope == MERGES else False

    def _in_leak(self, incident: int, version: int) -> bool | None:
        """They were exposed as of that version; who is in no register may have been, too."""
        try:
            master = Master.load(self.vault.leak(incident), version)
        except SekishoError:
            return None  # the incident was forgotten
        return True if master.of_holder(self.numbers) else None

    def _in_register(self, upto: int) -> bool:
        if self.life is None:
            return False
        undone = self.life.undone
        acts = set(self.life.states["act"])
        return any(act <= upto and not undone.get(act, upto + 1) <= upto for act in acts)

    def _in_scan(self, number: int) -> bool | None:
        """A record of the scan is settled on them; else it may be one that is settled on nobody."""
        try:
            matches = self.vault.scan(number).read("matches", MATCHES, ["holder"])
        except VaultError:
            return None  # it was dropped, or its key destroyed
        mine = pc.any(pc.is_in(matches["holder"].cast("string"), value_set=_strings(self.numbers))).as_py()
        return True if mine else None


def _strings(values: list[str]) -> Any:
    return pl.Series(values, dtype=pl.String).to_arrow(compat_level=pl.CompatLevel.oldest()).cast("string")


def _person(vault: Vault, what: str) -> _Person:
    register = vault.register()
    holder = lookup.by_number(register, what, undone_too=True)
    found = [holder] if holder is not None else lookup.search(register, what) if lookup.number_in(what) is None else []
    if len(found) > 1:
        raise InputError(
            Text("{n:,} {n|holder fits|holders fit}.", "該当者が{n:,}人います。").fill(n=len(found)),
            Text("Give a number, or more words.", "番号を指定するか、語を追加してください。"),
        )
    if not found:
        return _of_record(vault, what)
    life = lookup.lives(register, found)[0]
    numbers = list(_numbers(life))
    digits = lookup.numbers_in(numbers)
    subjects = [*map(looks.holder, life.group), *map(looks.number, digits)]
    return _Person(vault, subjects, numbers, life)


def _numbers(life: Life) -> Iterator[str]:
    """Every number that was ever written of them."""
    old = life.states[MANY].drop_nulls().str.split(";").explode()
    yield from pl.concat([life.states[NUMBER].drop_nulls(), old]).unique().sort()


def _of_record(vault: Vault, what: str) -> _Person:
    """A person of whom only a record is known, or a number in records; raises InputError where there is none."""
    subjects = [looks.record(what), *map(looks.number, lookup.numbers_in([what]))]
    if not vault.merges().kept([what]) and not vault.looks().of(subjects):
        raise InputError(
            Text("No holder or record is meant by this.", "該当する台帳の人・記録がありません。"),
            Text(
                "Give any number they ever had, words of their name and birth date, or the id of a record.",
                "現在または過去の番号、氏名・生年月日の語、または記録番号を指定してください。",
            ),
        )
    return _Person(vault, subjects, [], None)
