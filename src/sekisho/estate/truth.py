"""What the estate knows of itself: each document and each record, held against later by `benchmarks.truth`."""

from __future__ import annotations

import polars as pl
import pyarrow as pa

from sekisho.estate.made import Document
from sekisho.model import Item

DOCUMENTS = pa.schema(
    [
        ("document", pa.string()),  # path from the estate's root, `!` before a member
        ("kind", pa.string()),
        ("layout", pa.string()),
        ("outcome", pa.string()),
        ("reason", pa.string()),
        ("protection", pa.string()),
        ("algorithm", pa.string()),
        ("password_beside", pa.bool_()),
        ("password", pa.string()),  # what opens it, also where nobody was told
        ("records", pa.int64()),
    ]
)

RECORDS = pa.schema(
    [
        ("document", pa.string()),
        ("locator", pa.string()),  # where known
        *((str(item), pa.string()) for item in Item),
        ("other", pa.map_(pa.string(), pa.string())),
        ("person", pa.int64()),  # the row of truth/persons.parquet
    ]
)

PERSONS = pa.schema([("person", pa.int64()), ("holder", pa.string())])  # null: not in the register


def row(name: str, document: Document, records: int) -> dict[str, object]:
    """One document in the columns of `DOCUMENTS`."""
    return {
        "document": name,
        "kind": document.kind,
        "layout": document.layout,
        "outcome": document.outcome.value,
        "reason": document.reason.value,
        "protection": document.lock.protection.name,
        "algorithm": document.lock.algorithm,
        "password_beside": document.password_beside,
        "password": document.password,
        "records": records,
    }


def letters(column: int) -> str:
    """The letters of a spreadsheet column counted from 0.

    >>> letters(0), letters(27)
    ('A', 'AB')
    """
    name = ""
    while column >= 0:
        name, column = chr(65 + column % 26) + name, column // 26 - 1
    return name


def records(document: str, says: pl.DataFrame, frame: str) -> pa.Table:
    """The records of one document in the columns of `RECORDS`. ``frame``: cell, line, path or empty."""
    if not says.height:
        return RECORDS.empty_table()
    known = [says[i] if i in says.columns else pl.Series([None] * says.height, dtype=pl.String) for i in map(str, Item)]
    columns = [
        pa.array([document] * says.height, pa.string()),
        _locators(says, frame).cast(pa.string()),
        *(s.cast(pl.String).to_arrow().cast(pa.string()) for s in known),
        _others(says),
        says["person"].to_arrow(),
    ]
    return pa.Table.from_arrays(columns, schema=RECORDS)


def _locators(says: pl.DataFrame, frame: str) -> pa.Array:
    if frame == "path" and "path" in says.columns:
        return says["path"].to_arrow()
    if frame == "line" and "row" in says.columns:
        return says.select(pl.format("L{}", pl.col("row") + 1)).to_series().to_arrow()
    if frame == "cell" and "left" in says.columns:
        names = {i: letters(i) for i in range(200)}
        left, right = (pl.col(c).replace_strict(names, return_dtype=pl.String) for c in ("left", "right"))
        top = pl.col("row") + 1
        bottom = pl.col("bottom") + 1 if "bottom" in says.columns else top
        return says.select(pl.format("{}!{}{}:{}{}", "sheet", left, top, right, bottom)).to_series().to_arrow()
    return pa.nulls(says.height, pa.string())


def _others(says: pl.DataFrame) -> pa.Array:
    """The map of all that is no known item; empty where a person has nothing of the kind."""
    keys = [c for c in says.columns if c not in _PLACE and c not in {str(i) for i in Item}]
    if not keys:
        return pa.MapArray.from_arrays(pa.array([0] * (says.height + 1), pa.int32()), _NO_TEXT, _NO_TEXT)
    long = (
        says.select(pl.int_range(pl.len()).alias("at"), *keys)
        .unpivot(index="at", variable_name="key", value_name="value")
        .drop_nulls("value")
        .filter(pl.col("value") != "")
        .sort("at", maintain_order=True)
    )
    counts = long.group_by("at").len().join(pl.DataFrame({"at": range(says.height)}), on="at", how="right").sort("at")
    ends = counts["len"].fill_null(0).cum_sum()
    offsets = pl.concat([pl.Series([0], dtype=pl.Int32), ends.cast(pl.Int32)]).to_arrow()
    text = pa.string()
    return pa.MapArray.from_arrays(
        offsets.cast(pa.int32()), long["key"].to_arrow().cast(text), long["value"].to_arrow().cast(text)
    )


_PLACE = ("person", "sheet", "row", "left", "right", "bottom", "path")
_NO_TEXT = pa.array([], pa.string())
