"""Incident x person: which items of whom lie where, under which protection. For export and for what acts on it."""

from __future__ import annotations

import pyarrow as pa

from sekisho.figures import Shield
from sekisho.incidents import steps
from sekisho.incidents.breakdown import CLASSES, DOCUMENT_COLUMNS, RECORD_COLUMNS
from sekisho.vault.analytics import Analytics

EXPOSURES = pa.schema(
    [
        ("person", pa.int64()),
        ("holder", pa.string()),  # the register's number, null for clusters
        ("state", pa.string()),
        ("ask", pa.bool_()),  # whether any record of theirs waits for a human
        ("number_of_items", pa.int64()),
        ("items", pa.string()),  # joined by +, all records taken together
        ("other_items", pa.string()),  # classes of other items, joined by +
        ("records", pa.int64()),
        ("files", pa.int64()),
        ("documents", pa.int64()),
        ("protected_records", pa.int64()),
        ("unprotected_records", pa.int64()),
        ("undetermined_records", pa.int64()),
        ("worst_protection", pa.string()),  # protected, unprotected, undetermined
        ("first_document", pa.string()),  # the first in the order of their names
    ]
)


def exposures(documents: pa.Table, records: pa.Table, matches: pa.Table) -> pa.Table:
    """`EXPOSURES`, one row a person, in the order of the persons' numbers; arguments as for `breakdown`."""
    with Analytics() as db:
        db.feed("documents", documents.select(DOCUMENT_COLUMNS))
        db.feed("records", records.select(RECORD_COLUMNS))
        db.feed("matches", matches)
        db.run([steps.sources(), steps.facts(CLASSES)])
        return db.table(_exposures()).cast(EXPOSURES)


def _exposures() -> str:
    shields = ", ".join(
        f"count(*) FILTER (shield = {steps.WORST_FIRST.index(shield)}) AS {shield}_records" for shield in Shield
    )
    worst = " ".join(f"WHEN {rank} THEN '{shield}'" for rank, shield in enumerate(steps.WORST_FIRST))
    items = _names(steps.ITEMS, "bit_or(mask)")
    return f"""
        SELECT f.person, min(m.holder) AS holder, min(f.state::VARCHAR) AS state, bool_or(f.ask) AS ask,
               bit_count(bit_or(mask)) AS number_of_items, {items} AS items,
               {_names((*CLASSES, "other"), "bit_or(notes)")} AS other_items,
               count(*) AS records, count(DISTINCT f.file) AS files, count(DISTINCT r.document_id) AS documents,
               {shields}, CASE min(shield) {worst} END AS worst_protection, min(d.document) AS first_document
        FROM facts f JOIN records r USING (record_id) JOIN matches m USING (record_id)
             JOIN documents d ON d.document_id = r.document_id
        WHERE f.person IS NOT NULL GROUP BY f.person ORDER BY f.person"""


def _names(names: tuple[str, ...], mask: str) -> str:
    return (
        "concat_ws('+', "
        + ", ".join(f"CASE WHEN ({mask} >> {place}) & 1 = 1 THEN '{name}' END" for place, name in enumerate(names))
        + ")"
    )
