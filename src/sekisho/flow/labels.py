"""Records whose holder is known for certain, as a file: to measure a matching by, and to learn from."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import polars as pl

from sekisho.countries import known
from sekisho.errors import InputError
from sekisho.model import Item
from sekisho.register.sheets import sheets
from sekisho.wording import Text

COLUMNS = ("record", "holder")


def labels(path: Path, ids: pl.Series, numbers: pl.Series) -> pl.DataFrame:
    """``record`` and ``holder`` by their places in ``ids`` and ``numbers``; null: no holder of the register.

    Rows of other records are passed over. Raises InputError where the file lacks a column or says two things of one
    record.
    """
    records = pl.DataFrame({"id": ids}).with_row_index("record").with_columns(pl.col("record").cast(pl.Int32))
    holders = pl.DataFrame({"number": numbers}).with_row_index("place").with_columns(pl.col("place").cast(pl.Int32))
    told = _read(path).join(records, on="id").unique(["record", "number"])
    if not told["record"].is_unique().all():
        raise InputError(
            Text("{file} names two holders for one record.", "{file} で一つの記録に複数の番号が対応しています。").fill(
                file=path
            ),
            Text("Keep one row for each record.", "記録ごとに1行にしてください。"),
        )
    found = told.join(holders.drop_nulls(), on="number", how="left")
    return found.select("record", holder="place").sort("record")


def _read(path: Path) -> pl.DataFrame:
    """``id`` and ``number``, as they stand."""
    for sheet in sheets(path, _is_header):
        if not _is_header(sheet.labels):
            continue
        places = [sheet.labels.index(name) for name in COLUMNS]
        rows = pl.concat(list(sheet.batches(sorted(places)))).select(str(place) for place in places)
        rows.columns = ["id", "number"]
        return rows.with_columns(
            known.tidy(rows["id"]).alias("id"),
            known.normalise(Item.BASIC_PENSION_NUMBER, rows["number"]).alias("number"),
        )
    raise InputError(
        Text("{file} has no columns record and holder.", "{file} に record・holder の列がありません。").fill(file=path),
        Text("Name both in its first row.", "1行目に record と holder の見出しを置いてください。"),
    )


def _is_header(found: Sequence[str]) -> bool:
    return set(COLUMNS) <= set(found)
