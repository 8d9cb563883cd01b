"""Records that lie in an incident's documents become exposed persons: one row each, with all that leaked of them."""

from __future__ import annotations

import polars as pl

from sekisho.incidents.facts import NOTES, legal, names
from sekisho.incidents.steps import ITEMS, WORST_FIRST


def exposed(facts: pl.DataFrame, places: pl.DataFrame) -> pl.DataFrame:
    """By ``body``: all that `master.MASTER` says of a person but who they are.

    ``facts``: body, state, ask, doc, and the masks items, notes and classes, one row a record; ``places``: documents by
    ``doc`` with shield, file, scan and modified. Records of nobody have no body.
    """
    somebody = facts.filter(pl.col("body").is_not_null())
    rank = {str(shield): at for at, shield in enumerate(WORST_FIRST)}
    sides = places.select(
        "doc", "modified", shield=pl.col("shield").replace_strict(rank, return_dtype=pl.Int8), file=_files()
    )
    there = somebody.join(sides, on="doc")
    found = there.group_by("body").agg(
        pl.col("ask").any(),
        *(pl.col(name).bitwise_or() for name in ("items", "notes", "classes")),
        pl.len().cast(pl.Int64).alias("records"),
        *(
            (pl.col("shield") == at).sum().cast(pl.Int64).alias(f"{shield}_records")
            for at, shield in enumerate(WORST_FIRST)
        ),
        pl.col("shield").min(),
        first_seen=pl.col("modified").min(),
        last_seen=pl.col("modified").max(),
    )
    documents = there.select("body", "doc", "file").unique()
    files = documents.select("body", "file").unique().group_by("body").len("files")
    counted = found.join(documents.group_by("body").len("documents"), on="body").join(files, on="body")
    return counted.with_columns(
        pl.col("documents", "files").cast(pl.Int64),
        worst_protection=pl.col("shield").replace_strict(
            {at: str(shield) for at, shield in enumerate(WORST_FIRST)}, return_dtype=pl.String
        ),
        number_of_items=pl.col("items").bitwise_count_ones().cast(pl.Int64),
    )


def spelled(rows: pl.DataFrame) -> pl.DataFrame:
    """The masks in words: items, other_items, classes."""
    return rows.with_columns(
        other_items=names(NOTES, pl.col("notes")),
        classes=names(legal(), pl.col("classes")),
        items=names(ITEMS, pl.col("items")),
    )


def _files() -> pl.Expr:
    """A file of a scan, as a number."""
    return pl.struct("scan", "file").rank("dense").cast(pl.Int64)
