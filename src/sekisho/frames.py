"""Arrow tables as polars frames, and back."""

from __future__ import annotations

import polars as pl
import pyarrow as pa


def from_arrow(table: pa.Table) -> pl.DataFrame:
    """The rows of a table as a frame."""
    return pl.DataFrame(pl.from_arrow(table))


def to_arrow(frame: pl.DataFrame, schema: pa.Schema | None = None) -> pa.Table:
    """The rows of a frame as a table; with ``schema`` its columns in that order, as its types."""
    if schema is None:
        return frame.to_arrow(compat_level=pl.CompatLevel.oldest())
    return frame.select(schema.names).to_arrow(compat_level=pl.CompatLevel.oldest()).cast(schema)
