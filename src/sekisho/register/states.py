"""A holder's state: what one import said of them. The tables of the register, and the numbers that tell rows apart."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl
import pyarrow as pa

from sekisho.frames import from_arrow, to_arrow
from sekisho.model import Item
from sekisho.register.columns import MANY
from sekisho.register.rows import COLUMNS

NUMBER = str(Item.BASIC_PENSION_NUMBER)
DIGITS = 10
"""Of a number, whose leading zeros an integer does not keep."""
ITEMS = tuple(name for name in COLUMNS if name not in ("record", "office", "period_from", "period_to"))
STATES = pa.schema([("holder", pa.int64()), ("place", pa.int32()), *((name, pa.string()) for name in ITEMS)])
"""One row of the file; a holder has several where rows share a number: ``place`` 0 is the one that counts."""
RECURRING = (str(Item.BIRTH_DATE), str(Item.SEX))
"""Columns of `STATES` whose values recur within a part."""
LISTED = pa.schema(
    [
        ("holder", pa.int64()),
        ("place", pa.int32()),
        ("number", pa.int64()),  # of this row; null where it has none
        ("mark", pa.uint64()),  # of the whole state, at place 0; else 0
        ("part", pa.int32()),  # which part of the import's states the row stands in
    ]
)
"""The table ``holders``: every row of `STATES` in order of holders, without what it says."""
NUMBERS = pa.schema([("number", pa.int64()), ("holder", pa.int64())])
"""Every number that leads to a holder, and the keys of those without one; a later import overrules."""
JOINED = pa.schema([("holder", pa.int64()), ("into", pa.int64())])
"""Holders who turned out to be another one: a temporary number found its person. Split again: into themselves."""
SPLITS = pa.schema([("number", pa.int64()), ("holder", pa.int64()), ("source", pa.int64())])
"""Numbers that are not the holder's ``source``, as a file had said, but of ``holder``."""
WHO = (str(Item.NAME), str(Item.NAME_KANA), str(Item.BIRTH_DATE), str(Item.SEX))
"""Who somebody without a number is."""
_SEED = 7
_ODD = 0x9E3779B97F4A7C15


def widened(table: pa.Table, columns: Sequence[str]) -> pl.DataFrame:
    """Columns of `STATES` of a part; null are those that were not kept yet when it was written."""
    rows = from_arrow(table)
    absent = [pl.lit(None, pl.String).alias(name) for name in columns if name not in rows.columns]
    return rows.with_columns(absent).select(columns) if absent else rows


def compact(rows: pl.DataFrame) -> pl.DataFrame:
    """The same rows by themselves: texts of a few that were chosen hold on to those of all that they stood among."""
    return from_arrow(to_arrow(rows))


def empty(schema: pa.Schema) -> pl.DataFrame:
    """No rows of a table."""
    return from_arrow(schema.empty_table())


def marks(rows: pl.DataFrame, columns: Sequence[str] = ITEMS) -> np.ndarray:
    """UInt64, equal for equal values, by `dialect`; those of some columns add up to the one of all."""
    total = np.zeros(rows.height, np.uint64)
    for name in columns:
        column = rows[name]
        if column.null_count() < rows.height:
            factor = np.uint64((2 * ITEMS.index(name) + 1) * _ODD % 2**64)
            mixed = column.hash(_SEED).to_numpy() * factor
            total += np.where(column.is_not_null().to_numpy(), mixed ^ (mixed >> np.uint64(29)), np.uint64(0))
    return total


def dialect() -> int:
    """Another one where the same values would have other `marks` and `keys`: of another version of the library."""
    return int(pl.DataFrame({name: ["関所"] for name in WHO}).select(pl.struct(WHO).hash(_SEED)).item())


def keys(rows: pl.DataFrame) -> np.ndarray:
    """Int64: a row's number; who has none goes by name, birth date and sex, as a number below zero."""
    numbers = rows.select(as_number(pl.col(NUMBER))).to_series()
    if not numbers.null_count():
        return numbers.to_numpy()
    nameless = pl.struct(WHO).hash(_SEED) // 2
    return rows.select(pl.coalesce(as_number(pl.col(NUMBER)), -nameless.cast(pl.Int64) - 1)).to_series().to_numpy()


def as_number(column: pl.Expr) -> pl.Expr:
    """A basic pension number in its normal form as Int64."""
    return column.str.replace_all("-", "", literal=True).cast(pl.Int64, strict=False)


def as_text(column: pl.Expr) -> pl.Expr:
    """The normal form of a basic pension number from Int64."""
    digits = column.cast(pl.String).str.zfill(DIGITS)
    return digits.str.slice(0, 4) + "-" + digits.str.slice(4)


def old_numbers(rows: pl.DataFrame) -> pl.Series:
    """List(Int64): every former or temporary number of each row; null where it names none."""
    listed = rows.select(pl.col(MANY).str.split(";").list.eval(as_number(pl.element())))
    return listed.to_series().alias("olds")
