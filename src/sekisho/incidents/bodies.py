"""Bodies of records: those that one person must be behind, be it one in a register or somebody put together."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl
import pyarrow as pa

from sekisho.countries import fold
from sekisho.frames import from_arrow

NO_RECORDS = pl.DataFrame(
    schema={
        "record_id": pl.Int64, "items": pl.Int32, "notes": pl.Int32, "classes": pl.Int32, "doc": pl.Int64,
        "person": pl.Int64, "holder": pl.String, "key": pl.String, "state": pl.String, "ask": pl.Boolean,
        "scan": pl.Int64, "rid": pl.Int64, "mark": pl.Int64,
    }
)  # fmt: skip
"""The columns of a record as it comes from a scan, with its match."""


def bodies_of(every: pl.DataFrame, clusters: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """``body``, ``holder`` and ``key`` (what names them) of each, and the records with their body, as settled now."""
    joined = every.join(clusters, on="rid", how="left", maintain_order="left").with_columns(
        state=pl.coalesce("now", "state"),
        ask=pl.col("ask") | pl.col("doubt").fill_null(value=False),
        key=pl.coalesce("key", "holder"),
    )
    holders = joined.select("key", "holder").drop_nulls("key").unique("key", maintain_order=True).with_row_index("body")
    grouped = joined.select("cluster").drop_nulls().unique(maintain_order=True).with_row_index("body", holders.height)
    with_body = joined.join(holders.select("key", "body"), on="key", how="left", maintain_order="left").join(
        grouped, on="cluster", how="left", suffix="_of", maintain_order="left"
    )
    known = with_body.with_columns(body=pl.coalesce("body", "body_of").cast(pl.Int64))
    nobody = pl.lit(None, pl.String)
    every_body = [holders.select("body", "holder", "key"), grouped.select("body", holder=nobody, key=nobody)]
    return pl.concat(every_body).with_columns(pl.col("body").cast(pl.Int64)), known.drop(
        "body_of", "cluster", "now", "doubt", "key"
    )


def in_doubt(loose: Sequence[pa.Table], every: pl.DataFrame) -> pl.DataFrame:
    """The records that could be somebody else's, folded."""
    shown = [_folded(from_arrow(some.drop_columns(["other"]))) for some in loose if some.num_rows]
    about = every.select("rid", "scan", "record_id", "doc", "body", "state", "ask")
    if not shown:
        empty = pl.DataFrame(schema=dict.fromkeys(("number", "name", "kana", "birth"), pl.String))
        return pl.concat([about.clear().drop("rid"), empty], how="horizontal")
    return pl.concat(shown).join(about, on="rid").drop("rid").sort("scan", "record_id")


def _folded(frame: pl.DataFrame) -> pl.DataFrame:
    return frame.select(
        pl.col("record_id").alias("rid"),
        fold.number().alias("number"),
        fold.names(frame["name"]).alias("name"),
        fold.readings(frame["name_kana"], frame["name"]).alias("kana"),
        pl.col("birth_date").alias("birth"),
    )
