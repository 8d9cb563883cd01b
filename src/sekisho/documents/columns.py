"""Typed columns as a Grid wants them: text, whole numbers without ``.0``, ISO dates, null where nothing stands."""

from __future__ import annotations

import polars as pl
import polars.selectors as cs

_WHOLE = 2.0**53  # beyond it a float names no whole number exactly


def numbered(frame: pl.DataFrame, leading: int = 0) -> pl.DataFrame:
    """``frame`` with its columns named "0", "1", ... after ``leading`` empty ones."""
    named = frame.rename({name: f"{i + leading}" for i, name in enumerate(frame.columns)}, strict=True)
    if not leading:
        return named
    return named.select(*(pl.lit(None, pl.String).alias(str(i)) for i in range(leading)), pl.all())


def as_text(frame: pl.DataFrame) -> pl.DataFrame:
    """Every column of a typed table without nested ones as a String column; names are kept."""
    return frame.with_columns(
        cs.float().map_batches(_float),
        cs.boolean().cast(pl.String),
        cs.binary().map_batches(_binary),
        cs.datetime().dt.replace_time_zone(None).map_batches(_moment),
        (cs.integer() | cs.date() | cs.time() | cs.duration() | cs.decimal() | cs.categorical() | cs.enum()).cast(
            pl.String
        ),
        cs.by_dtype(pl.Null).cast(pl.String),
    )


def with_header(frame: pl.DataFrame) -> pl.DataFrame:
    """A table of String columns with its column names as the first row."""
    names = pl.DataFrame([[str(name)] for name in frame.columns], schema=[(name, pl.String) for name in frame.columns])
    return pl.concat([names, frame])


def _float(values: pl.Series) -> pl.Series:
    whole = (values == values.floor()) & (values.abs() <= _WHOLE)
    if whole.all():
        return values.cast(pl.Int64).cast(pl.String)
    integers = values.set(~whole.fill_null(False), None).cast(pl.Int64).cast(pl.String)
    return integers.fill_null(values.cast(pl.String))


def _moment(values: pl.Series) -> pl.Series:
    text = values.dt.to_string("%Y-%m-%d %H:%M:%S")
    return text.str.strip_suffix(" 00:00:00")


def _binary(values: pl.Series) -> pl.Series:
    """Text that was kept as bytes; other bytes in hexadecimal digits."""
    try:
        return values.cast(pl.String)
    except pl.exceptions.ComputeError:
        return pl.Series(values.name, [None if v is None else _decoded(v) for v in values], pl.String)


def _decoded(value: bytes) -> str:
    try:
        return value.decode()
    except UnicodeDecodeError:
        return value.hex()
