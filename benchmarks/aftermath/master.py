"""The leak master against the truth: whom it knows, with which items, since when; and what it says may still come."""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from benchmarks.aftermath.counted import Row, Truth
from sekisho.frames import from_arrow
from sekisho.incidents.master import Master


def rows(truth: Truth, versions: list[Master]) -> Iterator[Row]:
    """``versions``: 1 and 2."""
    for master in versions:
        yield from _of(truth, master)


def _of(truth: Truth, master: Master) -> Iterator[Row]:
    version, name = master.version, f"version {master.version}"
    table = from_arrow(master.table)
    true = truth.since(version)
    known = true.drop_nulls("holder").select("holder", "plain", "since", items=f"items_{version}")
    listed = table.drop_nulls("holder").select("holder", "since", "items", "other_items")
    both = known.join(listed, on="holder", how="full", suffix="_said")
    missing, extra = both.filter(pl.col("holder_said").is_null()), both.filter(pl.col("holder").is_null())
    yield Row(f"{name}: exposed persons, truth", true.height)
    yield Row(f"{name}: exposed persons, master", table.height)
    yield Row(f"{name}: holders missing whose number stands in a record", int(missing["plain"].sum()), 0)
    yield Row(f"{name}: other holders missing", missing.filter(~pl.col("plain")).height)
    yield Row(f"{name}: holders who are not exposed", extra.height, 0)
    met = both.drop_nulls(["holder", "holder_said"])
    yield Row(f"{name}: holders with another first version", met.filter(pl.col("since") != pl.col("since_said")).height)
    yield Row(f"{name}: holders of whom an item is missing", _lacking(met, "items", "items_said"))
    yield Row(f"{name}: holders of whom an item is too many", _lacking(met, "items_said", "items"))
    yield Row(f"{name}: persons without a number in the register, truth", true["holder"].null_count())
    yield Row(f"{name}: persons without a number in the register, master", table["holder"].null_count())
    yield Row(f"{name}: records that nobody has decided on", master.open.records.height)
    yield Row(f"{name}: documents that nobody has read", master.unread.num_rows)


def _lacking(met: pl.DataFrame, those: str, of: str) -> int:
    """In how many rows an item among ``those`` is none ``of`` the others; others than the known ones do not count."""
    from sekisho.model import Item

    known = [str(item) for item in Item]
    sides = [pl.col(name).fill_null("").str.split("+") for name in (those, of)]
    apart = met.select(a=sides[0], b=sides[1]).select(left=pl.col("a").list.set_difference("b"))
    return apart.filter(pl.col("left").list.eval(pl.element().is_in(known)).list.any()).height
