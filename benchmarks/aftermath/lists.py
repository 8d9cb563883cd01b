"""What `sekisho incident reconcile --list` names in a list that was copied in a hurry, against what was planted."""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from benchmarks.aftermath.counted import Row, Truth


def rows(truth: Truth, found: pl.DataFrame) -> Iterator[Row]:
    """``found``: ``number`` and ``fault`` of each line of what it wrote, as of version 1."""
    planted = truth.hurried.drop_nulls("fault").select(number="basic_pension_number", planted="fault")
    listed = truth.hurried["basic_pension_number"]
    both = planted.join(found, on="number", how="left")
    for fault in ("missing", "wrong"):
        mine = both.filter(pl.col("planted") == fault)
        yield Row(f"planted as {fault} in a copied list", mine["number"].n_unique())
        named = mine.filter(pl.col("fault") == fault)["number"].n_unique()
        yield Row(f"planted as {fault}, and not named", mine["number"].n_unique() - named, 0)
    others = found.filter(pl.col("number").is_in(listed.implode())).join(planted, on="number", how="anti")
    yield Row("named in a copied list without a fault of theirs", others.height, 0)
