"""A question put to all cells of a grid at once: to set up a search for many words costs more than the search."""

from __future__ import annotations

import polars as pl

from sekisho.countries import columns

_ROWS = 50_000


def counted(cells: pl.DataFrame, holds: pl.Expr) -> pl.Series:
    """Of how many cells of each row it holds. ``holds``: a Boolean expression over `columns.text`; null counts not."""
    parts = [_counted(part, holds) for part in cells.iter_slices(_ROWS)]
    return pl.concat(parts) if parts else pl.Series([], dtype=pl.UInt32)


def _counted(cells: pl.DataFrame, holds: pl.Expr) -> pl.Series:
    texts = pl.concat([column.alias("text") for column in cells.get_columns()], rechunk=True)
    held = columns.of(texts, holds)
    return (
        pl.DataFrame([held.slice(i * cells.height, cells.height).alias(str(i)) for i in range(cells.width)])
        .select(pl.sum_horizontal(pl.all()))
        .to_series()
    )
