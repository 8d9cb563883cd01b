"""Records whose holder is known for certain, as a file: to measure a matching by, and to learn from."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import polars as pl

from sekisho.countries import known
from sekisho.errors import InputError
from sekisho.register.sheets import sheets
from sekisho.wording import Text

COLUMNS = ("record", "holder")


def labels(path: Path, ids: pl.Series, places: Callable[[pl.Series], pl.Series]) -> pl.DataFrame:
    """``record`` and ``holder`` by their places in ``ids`` and by `Holders.places`; null: no holder of the register.

    Rows of other records are passed over. Raises InputError where the file lacks a column or says two things of one
    record.
    """
    records = pl.DataFrame({"id": ids}).with_row_index("record").with_columns(pl.col("record").cast(pl.Int32))
    read = _read(path).join(records, on="id")
    found = read.with_columns(places(read["name"]).alias("holder"))
    stranger = pl.when(pl.col("holder").is_null()).then("name")
    told = found.select("record", "holder", stranger=stranger).unique()
    if not told["record"].is_unique().all():
        raise InputError(
            Text("{file} names two holders for one record.", "{file} で一つの記録に複数の番号が対応しています。").fill(
                file=path
            ),
            Text("Keep one row for each record.", "記録ごとに1行にしてください。"),
        )
    return told.select("record", "holder").sort("record")


def _read(path: Path) -> pl.DataFrame:
    """``id`` and ``name`` of the holder, as they stand."""
    for sheet in sheets(path, _is_header):
        if not _is_header(sheet.labels):
            continue
        places = [sheet.labels.index(name) for name in COLUMNS]
        rows = pl.concat(list(sheet.batches(sorted(places)))).select(str(place) for place in places)
        rows.columns = ["id", "name"]
        return rows.select(known.tidy(rows[name]).alias(name) for name in rows.columns)
    raise InputError(
        Text("{file} has no columns record and holder.", "{file} に record・holder の列がありません。").fill(file=path),
        Text("Name both in its first row.", "1行目に record と holder の見出しを置いてください。"),
    )


def _is_header(found: Sequence[str]) -> bool:
    return set(COLUMNS) <= set(found)
