"""Counts what lies where: documents, records and matches become the table that is announced."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import pyarrow as pa

from sekisho.countries import regions
from sekisho.figures import (
    Breakdown,
    Centre,
    Combination,
    Count,
    Ending,
    Lock,
    Region,
    Row,
    Shield,
    Split,
    Standing,
)
from sekisho.incidents import account, steps
from sekisho.model import HOLDERS, Item
from sekisho.vault.analytics import Analytics
from sekisho.wording import Tell, Text, unheard

DOCUMENT_COLUMNS = (
    "document_id", "document", "file", "outcome", "reason", "protection", "password_beside", "size", "records",
)  # fmt: skip
RECORD_COLUMNS = ("record_id", "document_id", *map(str, Item), "other")
HOLDER_COLUMNS = (str(Item.BASIC_PENSION_NUMBER), str(Item.POSTAL_CODE), str(Item.ADDRESS))
CLASSES = ("bank_account", "pension_amount", "pension_code", "work_history", "health")


FACTS = Text("what each record holds", "記録ごとの項目")
PERSONS = Text("persons and contents", "実人数と内容")
HOMES = Text("where persons live", "居住地")
TABLES = Text("the tables", "集計表")


def breakdown(
    documents: pa.Table, records: pa.Table, matches: pa.Table, holders: pa.Table | None, tell: Tell = unheard
) -> Breakdown:
    """The table and all that stands around it.

    ``documents``: at least `DOCUMENT_COLUMNS` of `DOCUMENTS`; ``records``: `RECORD_COLUMNS` of `RECORDS`;
    ``matches``: `MATCHES`, one for each record; ``holders``: at least `HOLDER_COLUMNS` of `HOLDERS`, None where there
    is no register.
    Raises AccountError where numbers that must add up do not.
    """
    account.hold_inputs(documents, records, matches)
    with Analytics() as db:
        db.feed("documents", documents.select(DOCUMENT_COLUMNS))
        db.feed("records", records.select(RECORD_COLUMNS))
        db.feed("matches", matches)
        db.feed("holders", HOLDERS.empty_table() if holders is None else holders)
        tell(FACTS)
        db.run([steps.sources(), steps.facts(CLASSES), *steps.cells()])
        tell(PERSONS)
        db.run(steps.spans())
        db.drop("contents_spans")
        tell(HOMES)
        db.run(steps.persons(_starts_of_addresses()))
        db.drop("persons_spans", "addresses")
        tell(TABLES)
        made = _counted(db, None if holders is None else holders.num_rows)
    account.close(made, documents.num_rows, records.num_rows)
    return made


def _starts_of_addresses() -> str:
    return "^(" + "|".join(regions.residences()) + ")"


def _counted(db: Analytics, holders: int | None) -> Breakdown:
    endings = tuple(Ending(*row) for row in db.rows(steps.endings()))
    return Breakdown(
        files=sum(ending.files for ending in endings),
        documents=sum(ending.documents for ending in endings),
        documents_with_records=db.rows("SELECT count(*) FROM documents WHERE records > 0")[0][0],
        endings=endings,
        totals=next(iter(_splits(db.rows(steps.counts(())), 0).values()), Split()),
        worst_files={steps.WORST_FIRST[shield]: files for shield, files in db.rows(steps.worst_files())},
        table=_table(db, "mask", steps.items_of),
        announced=_table(db, "announced", steps.announced_of),
        combinations=tuple(_combinations(db)),
        centres=tuple(Centre(name, split) for (name,), split in _splits(db.rows(steps.counts(["centre"])), 1).items()),
        issuers=tuple(Region(*row) for row in db.rows(steps.issuers())),
        residences=_residences(db),
        standings=_standings(db),
        conflicts=dict(db.rows(steps.conflicts())),
        locks=tuple(Lock(*row) for row in db.rows(steps.locks())),
        holders=holders,
    )


def _table(db: Analytics, column: str, items_of: Callable[[int], tuple[str, ...]]) -> tuple[Row, ...]:
    """The rows of the table, fewest items first."""
    notes = {
        mask: {name: n for name, n in zip((*CLASSES, "other"), found, strict=True) if n}
        for mask, *found in db.rows(steps.notes(column, CLASSES))
    }
    splits = _splits(db.rows(steps.counts([column])), 1)
    rows = (Row(items_of(mask), split, notes[mask]) for (mask,), split in splits.items())
    return tuple(sorted(rows, key=lambda row: (len(row.items), -row.counts.all.records, row.items)))


def _splits(rows: Iterable[tuple[Any, ...]], keys: int) -> dict[tuple[Any, ...], Split]:
    """What `steps.counts` gave, by its keys."""
    found: dict[tuple[Any, ...], dict[str, Count]] = defaultdict(dict)
    for row in rows:
        shield, counted = row[keys], Count(*row[keys + 1 :])
        side = "all" if shield is None else str(steps.WORST_FIRST[shield])
        found[row[:keys]][side] = counted
    return {key: Split(**sides) for key, sides in found.items()}


def _combinations(db: Analytics) -> Iterable[Combination]:
    found = []
    for mask, persons, *by_shield in db.rows(steps.combinations()):
        shields: Mapping[Shield, int] = dict(zip(steps.WORST_FIRST, by_shield, strict=True))
        found.append(
            Combination(
                steps.items_of(mask),
                persons,
                protected=shields[Shield.PROTECTED],
                unprotected=shields[Shield.UNPROTECTED],
                undetermined=shields[Shield.UNDETERMINED],
            )
        )
    return sorted(found, key=lambda one: (len(one.items), -one.persons, one.items))


def _residences(db: Analytics) -> tuple[Region, ...]:
    codes = [code for (code,) in db.rows("SELECT DISTINCT postal_code FROM persons WHERE home IS NULL") if code]
    homes = regions.of_postal_codes(codes)
    pairs = [pa.array(column, pa.string()) for column in (homes.keys(), homes.values())]
    db.feed("homes", pa.table(pairs, names=["postal_code", "home"]))
    return tuple(Region(*row) for row in db.rows(steps.residences()))


def _standings(db: Analytics) -> tuple[Standing, ...]:
    found = {row[0]: Standing(*row) for row in db.rows(steps.standings())}
    return tuple(found.get(state, Standing(state, 0, 0, 0, 0)) for state in steps.STATES)
