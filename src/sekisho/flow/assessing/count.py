"""`sekisho incident count`: the next version of who is exposed by an incident, and how it differs from the last."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any

import polars as pl
import pyarrow as pa

from sekisho.errors import InputError
from sekisho.flow.assessing.case import known
from sekisho.flow.assessing.exposed_records import Gathered, gather, settled_for
from sekisho.flow.fingerprint import of_code
from sekisho.frames import from_arrow, to_arrow
from sekisho.incidents.assemble import Before, assemble, nothing, unlisted
from sekisho.incidents.case import Known
from sekisho.incidents.difference import Difference, difference
from sekisho.incidents.fresh import SCOPES, mark_of
from sekisho.incidents.master import MASTER, NUMBERS, PLACED, Master, version_of
from sekisho.incidents.tally import tally
from sekisho.persons.known import known as known_of
from sekisho.records.questions import standing
from sekisho.report.progress import Phases
from sekisho.vault import Scan, Vault
from sekisho.vault.leak import Leak, Version
from sekisho.wording import Tell, Text

COUNT = "incident.count"
TITLE = Text("Leak master", "対象者名簿")
READING = Text("the version before", "前の版の読み込み")
PUTTING = Text("who each record is", "記録ごとの本人")
WRITING = Text("writing to the vault", "保管庫への書き込み")


@dataclass(frozen=True, slots=True)
class Counted:
    """A version, and how it differs from the one before. ``fresh``: False where nothing had changed since."""

    version: Version
    difference: Difference | None
    fresh: bool


def count(vault: Vault, incident: int, *, shown: bool = True) -> Counted:
    """The next version of the leak master, from the documents that belong to the incident as of now.

    Where nothing changed since the last version, that one stands. A scan that was held against an earlier state of the
    vault's register is settled again first. Raises InputError, RightsError, AccountError, VaultError.
    """
    vault.demand(COUNT)
    leak = vault.leak(incident)
    said = known(vault, incident)
    if not said.documents:
        raise _no_documents(incident)
    with Phases(TITLE, shown=shown) as tell:
        scans, again = settled_for(vault, said.documents, tell)
        made_of = _made_of(vault, said, scans)
        last = leak.versions()[-1] if leak.versions() else None
        if last and last.account["made_of"] == made_of:
            return Counted(last, _since(leak, last.number), fresh=False)
        found = gather(vault, scans, said, leak.secret, tell)
        return _counted(leak, found, {"made_of": made_of, "settled_again": again, SCOPES: mark_of(said)}, tell)


def load(vault: Vault, incident: int, version: int | None = None) -> Master:
    """A version in memory, else the last one; raises InputError, VaultError."""
    return Master.load(vault.leak(incident), version)


def compared(vault: Vault, incident: int, one: int | None = None, other: int | None = None) -> Difference:
    """Between two versions, by default the last two; the first against nobody. Raises InputError, VaultError."""
    leak = vault.leak(incident)
    after = version_of(leak, other).number
    if one is None and after == 1:
        return difference(MASTER.empty_table(), leak.of(after).read("master", MASTER))
    before = version_of(leak, after - 1 if one is None else one).number
    return difference(leak.of(before).read("master", MASTER), leak.of(after).read("master", MASTER))


def _counted(leak: Leak, found: Gathered, noted: Mapping[str, Any], tell: Tell) -> Counted:
    """``noted``: what is kept with its counts."""
    tell(READING)
    before = _before(leak)
    tell(PUTTING)
    made = assemble(found.found, before, leak.secret)
    differs = difference(to_arrow(before.there()), made.tables["master"])
    tables = {
        **made.tables,
        "unread": found.belonging.unread(),
        "places": found.belonging.table(),
        "unlisted": unlisted(_known(found), made.persons),
    }
    account = {**tally(tables, found.found, found.belonging, differs, made), **noted}
    tell(WRITING)
    leak.begin()
    parts = [leak.write(name, table) for name, table in tables.items()]
    counts = {"persons": differs.after, "new": differs.counts()["new"], "grown": differs.counts()["grown"]}
    number = leak.commit(parts, version("sekisho"), account, counts)
    return Counted(version_of(leak, number), differs, fresh=True)


def _before(leak: Leak) -> Before:
    there = leak.versions()
    if not there:
        return nothing()
    found = [_as_they_were(leak.of(there[-1].number))]
    met = here = found[0][0]["person"]
    for one in reversed(there[:-1]):
        of = leak.of(one.number)
        persons = from_arrow(of.read("master", MASTER, ["person"]))["person"]
        lost = persons.filter(~persons.is_in(met.implode()))
        if len(lost):
            found.append(_as_they_were(of, lost))
            met = pl.concat([met, lost])
    masters, numbers, placed = (pl.concat(some) for some in zip(*found, strict=True))
    return Before(there[-1].number, masters, numbers, placed, met.slice(len(here)))


def _as_they_were(leak: Leak, only: pl.Series | None = None) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    """What one version says of all or ``only`` some persons: `MASTER`, `NUMBERS`, and where they stand."""
    tables = (("master", MASTER, None), ("numbers", NUMBERS, None), ("placed", PLACED, ["mark", "person"]))
    master, numbers, placed = (from_arrow(leak.read(name, schema, columns)) for name, schema, columns in tables)
    if only is None:
        return master, numbers, placed
    mine = pl.col("person").is_in(only.implode())
    return master.filter(mine), numbers.filter(mine), placed.filter(mine)


def _since(leak: Leak, number: int) -> Difference | None:
    if number == 1:
        return None
    return difference(leak.of(number - 1).read("master", MASTER), leak.of(number).read("master", MASTER))


def _known(found: Gathered) -> pa.Table:
    """What records say of bodies who are in no register."""
    return known_of(found.loose, found.clusters, None)


def _made_of(vault: Vault, known: Known, scans: list[Scan]) -> str:
    """All that a version follows from."""
    said = [
        mark_of(known),
        [[one.about.scan, [part.sha256 for part in one.parts()]] for one in scans],
        [f"{act.number} {act.sha256}" for act in vault.register().acts()],
        sorted(mark.hex() for mark in vault.perishable.forgotten()),
        [list(about) for about, one in standing(vault.decisions()).items() if one.answer == "no_person"],
        of_code("incidents", "persons", "countries"),
    ]
    return hashlib.sha256(json.dumps(said).encode()).hexdigest()


def _no_documents(incident: int) -> InputError:
    return InputError(
        Text("No documents belong to incident {n} yet.", "事案{n}の対象文書が指定されていません。").fill(n=incident),
        Text(
            "Say which: `sekisho incident add documents {n} SCAN` (and --folder or --hashes).",
            "`sekisho incident add documents {n} 走査の番号`（--folder、--hashes も可）で指定してください。",
        ).fill(n=incident),
    )
