"""`sekisho export`: documents, records, persons or exposures of a scan as one file."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import polars as pl
import pyarrow as pa

from sekisho.flow.registering.person_envelopes import holders_of
from sekisho.frames import from_arrow
from sekisho.incidents.breakdown import DOCUMENT_COLUMNS, RECORD_COLUMNS
from sekisho.incidents.exposures import exposures
from sekisho.model import DOCUMENTS, MATCHES, RECORDS
from sekisho.persons import known
from sekisho.report import columns, tabular
from sekisho.report.progress import Progress
from sekisho.vault import Scan
from sekisho.wording import Text

WRITING = Text("Writing", "書き出し")
ROWS = Text("rows", "行")
SLICE = 10_000


@dataclass(frozen=True, slots=True)
class How:
    """``as_written``: records with their items as they stand in the documents beside the normal forms."""

    as_written: bool = False
    force: bool = False
    shown: bool = True


def export(scan: Scan, table: str, to: Path, how: How) -> int:
    """Write one of `columns.TABLES` of ``scan`` and give the number of rows; raises UsageError, VaultError."""
    wanted = columns.TABLES[table]
    if table == "records" and how.as_written:
        wanted += columns.AS_WRITTEN
    schema = columns.schema(wanted)
    make, counted = _MAKERS[table]
    rows = sum(part.rows for part in scan.parts(counted)) if counted else 0
    tabular.look_at_target(to, force=how.force)
    scan.see_all("scan.export", more={"table": table})
    with Progress(WRITING, ROWS, rows, shown=how.shown) as progress:
        batches = _told(_slices(make(scan), schema), progress)
        return tabular.write(to, schema, batches, force=how.force)


def _slices(batches: Iterable[pa.Table], schema: pa.Schema) -> Iterator[pa.Table]:
    for batch in batches:
        shaped = batch.select(schema.names).cast(schema)
        for begin in range(0, shaped.num_rows, SLICE):
            yield shaped.slice(begin, SLICE)


def _told(batches: Iterable[pa.Table], progress: Progress) -> Iterator[pa.Table]:
    for batch in batches:
        yield batch
        progress.advance(batch.num_rows)


def _documents(scan: Scan) -> Iterator[pa.Table]:
    yield scan.read("documents", DOCUMENTS).sort_by("document")


def records_shown(scan: Scan) -> Iterator[pa.Table]:
    """The records part by part, with their documents and matches beside them."""
    names = from_arrow(scan.read("documents", DOCUMENTS, ["document_id", "document"]))
    matches = from_arrow(scan.read("matches", MATCHES)).drop("holder")
    for batch in scan.batches("records"):
        ids = from_arrow(batch.select(["record_id", "document_id"]))
        beside = ids.join(names, on="document_id", how="left", maintain_order="left")
        beside = beside.join(matches, on="record_id", how="left", maintain_order="left")
        for name in ("document", "person", "state", "ask", "conflict", "probability"):
            batch = batch.append_column(name, beside[name].cast(_PLAIN.get(name, beside[name].dtype)).to_arrow())
        yield batch


_PLAIN = {"state": pl.String, "document": pl.String, "conflict": pl.String}


def _persons(scan: Scan) -> Iterator[pa.Table]:
    records = scan.batches("records", known.COLUMNS)
    yield known.known(records, scan.read("matches", MATCHES), holders_of(scan))


def _exposures(scan: Scan) -> Iterator[pa.Table]:
    documents = scan.read("documents", DOCUMENTS, list(DOCUMENT_COLUMNS))
    records = scan.read("records", RECORDS, list(RECORD_COLUMNS))
    yield exposures(documents, records, scan.read("matches", MATCHES))


_MAKERS: Mapping[str, tuple[Callable[[Scan], Iterator[pa.Table]], str]] = {  # and the table with as many rows
    "documents": (_documents, "documents"),
    "records": (records_shown, "records"),
    "persons": (_persons, ""),
    "exposures": (_exposures, ""),
}
