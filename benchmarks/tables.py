"""The table of a truth and of an export, counted here on its own and held against what `sekisho.incidents` counts.

A row is a set of items: exactly those that a record holds (``table``), or as they are announced (``announced``: kana is
a name, a postal code an address, a certificate number a number). A cell is a row by shield by files, records, persons.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from benchmarks.matching import ITEMS
from sekisho.model import DOCUMENTS, HOLDERS, MATCHES, RECORDS, State

ANNOUNCED: Mapping[str, tuple[str, ...]] = {
    "number": ("basic_pension_number", "certificate_number"),
    "my_number": ("my_number",),
    "name": ("name", "name_kana"),
    "birth_date": ("birth_date",),
    "sex": ("sex",),
    "address": ("postal_code", "address"),
    "phone": ("phone",),
    "email": ("email",),
}
EXACT: Mapping[str, tuple[str, ...]] = {item: (item,) for item in ITEMS}
MEASURES = ("files", "records", "persons")


def counted(records: pl.DataFrame, documents: pl.DataFrame) -> pl.DataFrame:
    """Every cell: table, items (joined by ``+``), side (all, protected, ...), and the three measures."""
    shields = documents.select("document", shield=_shield())
    file = pl.col("document").str.split("!").list.first()
    facts = records.join(shields, on="document").with_columns(file=file)
    found = []
    for name, groups in (("table", EXACT), ("announced", ANNOUNCED)):
        held = [pl.when(_any_of(parts)).then(pl.lit(key)) for key, parts in groups.items()]
        rows = facts.with_columns(items=pl.concat_str(*held, separator="+", ignore_nulls=True))
        for side in (pl.lit("all"), pl.col("shield")):
            cells = rows.group_by("items", side=side).agg(
                files=pl.col("file").n_unique(), records=pl.len(), persons=pl.col("person").drop_nulls().n_unique()
            )
            found.append(cells.select(pl.lit(name).alias("table"), "items", "side", pl.col(MEASURES).cast(pl.Int64)))
    return pl.concat(found)


def _any_of(items: Sequence[str]) -> pl.Expr:
    return pl.any_horizontal(pl.col(item).is_not_null() for item in items)


def _shield() -> pl.Expr:
    """A password beside is worth as much as none; so is a lock that opens for anyone or only hinders editing."""
    protection = pl.col("protection").cast(pl.String)
    return (
        pl.when(pl.col("password_beside").fill_null(False)).then(pl.lit("unprotected"))
        .when(protection.is_in(["WEAK", "STRONG"])).then(pl.lit("protected"))
        .when(protection == "UNDETERMINED").then(pl.lit("undetermined"))
        .otherwise(pl.lit("unprotected"))
    )  # fmt: skip


def differing(true: pl.DataFrame, got: pl.DataFrame) -> list[dict[str, Any]]:
    """Cells that are not equal, worst first, with how far off they are in percent."""
    both = true.join(got, on=["table", "items", "side"], how="full", coalesce=True, suffix="_got").fill_null(0)
    cells = []
    for measure in MEASURES:
        off = (pl.col(f"{measure}_got") - pl.col(measure)).abs()
        cells.append(
            both.filter(off > 0).select(
                "table", "items", "side", pl.lit(measure).alias("measure"), true=measure, got=f"{measure}_got",
                off=(100 * off / pl.max_horizontal(pl.col(measure), pl.lit(1))).round(3),
            )
        )  # fmt: skip
    return pl.concat(cells).sort("off", "true", descending=True).to_dicts()


def by_sekisho(truth: Path) -> pl.DataFrame:
    """The same cells as `sekisho.incidents.breakdown` counts them from the truth's own records and persons."""
    from sekisho.incidents.breakdown import breakdown

    documents, records = pq.read_table(truth / "documents.parquet"), pq.read_table(truth / "records.parquet")
    ids = {name: i for i, name in enumerate(documents["document"].to_pylist())}
    n, m = documents.num_rows, records.num_rows
    files = [name.split("!")[0] for name in ids]
    whose = {"document_id": pa.array(range(n)), "file": pa.array(files)}
    of = pa.array([ids[name] for name in records["document"].to_pylist()])
    matches = {
        "record_id": pa.array(range(m)), "person": records["person"],
        "state": pa.array([State.CLUSTERED.value] * m), "ask": pa.array([False] * m), "conflict": pa.array([""] * m),
    }  # fmt: skip
    made = breakdown(
        _filled(documents, DOCUMENTS, whose),
        _filled(records, RECORDS, {"record_id": pa.array(range(m)), "document_id": of}),
        _filled(records.select([]), MATCHES, matches, m),
        HOLDERS.empty_table(),
    )
    rows = []
    for name in ("table", "announced"):
        for row in getattr(made, name):
            for side in ("all", "protected", "unprotected", "undetermined"):
                cell = getattr(row.counts, side)
                if cell.records:
                    rows.append((name, "+".join(row.items), side, cell.files, cell.records, cell.persons))
    return pl.DataFrame(rows, schema=["table", "items", "side", *MEASURES], orient="row")


def _filled(table: pa.Table, schema: pa.Schema, more: Mapping[str, Any], rows: int | None = None) -> pa.Table:
    """``table`` in the columns of ``schema``: its own, those of ``more``, and nulls for the others."""
    n = table.num_rows if rows is None else rows
    columns = []
    for field in schema:
        column = more.get(field.name)
        if column is None:
            column = table[field.name] if field.name in table.column_names else pa.nulls(n, field.type)
        columns.append(column.cast(field.type))
    return pa.Table.from_arrays(columns, schema=schema)
