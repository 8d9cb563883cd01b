"""The worklist of changes against those that were planted."""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from benchmarks.aftermath.counted import Row, Truth

EXPOSED = "exposed"


def rows(truth: Truth, listed: pl.DataFrame) -> Iterator[Row]:
    """``listed``: ``reference`` and ``standing`` of each entry."""
    both = truth.changes.join(listed, left_on="change", right_on="reference", how="left")
    found = pl.col("standing").is_not_null()
    planted = pl.col("why") == "planted"
    yield Row("planted changes", both.filter(planted).height)
    yield Row("planted changes that are not on the worklist", both.filter(planted & ~found).height, 0)
    of_exposed = both.filter(pl.col("standing") == EXPOSED)
    yield Row("other changes on the worklist as those of exposed persons", of_exposed.filter(~planted).height, 0)
    others = both.filter(found & ~planted, pl.col("standing") != EXPOSED)
    yield Row("changes of nobody, or of who may be exposed, on the worklist", others.height)
    yield Row(
        "entries that no change explains",
        listed.join(truth.changes, left_on="reference", right_on="change", how="anti").height,
        0,
    )
