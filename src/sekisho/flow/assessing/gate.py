"""The gate before everything that is made of the leak master: it opens only where all that was made reconciles."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import cache
from typing import Any

import polars as pl

from sekisho.errors import ReconciliationError
from sekisho.flow.assessing.case import known
from sekisho.frames import from_arrow, to_arrow
from sekisho.incidents.could_be import Open
from sekisho.incidents.dealt import DEALT, left
from sekisho.incidents.master import MASTER, NUMBERS, OPEN, UNREAD, version_of
from sekisho.incidents.reconcile import SAYS, Kind, Made, Reconciliation, Versions, reconcile
from sekisho.register.states import as_text
from sekisho.vault import Vault
from sekisho.vault.leak import Leak
from sekisho.wording import Text

_READ = ["person", "holder", "items", "other_items", "grown", "was"]
_NOT_PLANNED = (Kind.UNTOLD, Kind.OUTGROWN)
"""What the next plan of how persons are told puts right."""


@dataclass(frozen=True, slots=True)
class Stamp:
    """What everything carries that is made of a leak master: incident, version, when that was made, and of what.

    ``made_of``: SHA-256 over the tables of the version.
    """

    incident: int
    version: int
    at: str
    made_of: str

    def __str__(self) -> str:
        return f"{self.incident}/{self.version} {self.at} {self.made_of[:12]}"

    def value(self) -> Mapping[str, Any]:
        """The same for programs."""
        return asdict(self)


def opened(vault: Vault, incident: int, what: str, version: int | None = None) -> Stamp:
    """The stamp of a version, the last one by default, for ``what`` is to open (an action's name).

    Raises ReconciliationError where anything that was made of the leak master differs from it, which the ledger holds
    too; InputError where there is no such version.
    """
    leak = vault.leak(incident)
    stamp = stamp_of(leak, version)
    found = reconciled(vault, incident)
    if found.blocking:
        counts = {str(one.kind): one.count for one in found.blocking}
        vault.refused(what, why="differs", incident=incident, version=found.version, differs=counts)
        raise not_reconciled(incident, found)
    return stamp


def opened_to_prepare(vault: Vault, incident: int, what: str) -> Stamp:
    """The stamp of the last version, for what is prepared only: a draft, or a report that the law wants within days.

    That nobody said yet how persons are told, or told them all, does not keep it back; everything else does, as in
    `opened`.
    """
    found = reconciled(vault, incident)
    if any(one.kind not in _NOT_PLANNED for one in found.blocking):
        return opened(vault, incident, what)
    return stamp_of(vault.leak(incident))


def stamp_of(leak: Leak, version: int | None = None) -> Stamp:
    """The stamp of a version; raises InputError."""
    about = version_of(leak, version)
    parts = sorted(part.sha256 for part in leak.of(about.number).parts())
    return Stamp(leak.incident, about.number, about.at, hashlib.sha256(" ".join(parts).encode()).hexdigest())


def reconciled(vault: Vault, incident: int) -> Reconciliation:
    """All that was made of the leak master, against it; raises InputError, VaultError."""
    leak = vault.leak(incident)
    last = version_of(leak).number

    @cache
    def of(number: int) -> pl.DataFrame:
        return from_arrow(leak.of(number).read("master", MASTER, _READ))

    numbers = _whose(from_arrow(leak.of(last).read("numbers", NUMBERS)))
    open_records = Open(leak.of(last).read("open", OPEN), UNREAD.empty_table())
    found = reconcile(Versions(last, of, numbers, open_records.many), _made(vault, incident))
    return left(found, dealt_with(vault, incident), leak.secret)


def _whose(numbers: pl.DataFrame) -> pl.DataFrame:
    """Whom each number leads to: its holder, before those in whose records it is merely written."""
    merely = [pl.col("kind") == "written", pl.col("kind") == "old"]
    return numbers.sort(*merely, maintain_order=True).unique("number", keep="first").select("number", "person")


def dealt_with(vault: Vault, incident: int) -> frozenset[str]:
    """The differences with which somebody dealt, by what `dealt.marks` calls them."""
    return frozenset(mark for one in known(vault, incident).standing(DEALT) for mark in one.values["marks"])


def _made(vault: Vault, incident: int) -> Made:
    reissues = from_arrow(vault.reissues(incident).all()).with_columns(old=as_text(pl.col("old")))
    return Made(
        tellings=vault.tellings(incident).all(),
        letters=vault.letters(incident).all(),
        answers=vault.answers(incident).all(),
        reissues=to_arrow(reissues),
    )


def not_reconciled(incident: int, found: Reconciliation) -> ReconciliationError:
    """The error that names the differences, and how many persons each concerns."""
    named = [Text("{n:,}: {says}", "{says} {n:,}人").fill(n=one.count, says=SAYS[one.kind]) for one in found.blocking]
    said = Text(
        "Incident {i}, version {v}: {persons:,} {persons|person|persons}, and what was made of it differs. {which}.",
        "事案{i}第{v}版: 対象者{persons:,}人と、作成済みのものが一致しません。{which}。",
    )
    which = Text("; ".join(one.en for one in named), "、".join(one.ja for one in named))
    error = ReconciliationError(
        said.fill(i=incident, v=found.version, persons=found.persons, which=which),
        Text(
            "Nothing opens. `sekisho incident reconcile {i} --to FILE` names the persons and says what to do.",
            "開始できません。`sekisho incident reconcile {i} --to ファイル` で該当者と是正方法を確かめてください。",
        ).fill(i=incident),
    )
    error.differs = {str(one.kind): one.count for one in found.blocking}
    return error
