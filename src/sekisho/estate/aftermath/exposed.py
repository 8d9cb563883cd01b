"""The truth about who is exposed: by which centre's files, hence since which version, and with which items."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from sekisho.model import Item

ITEMS = tuple(map(str, Item))


def exposed(records: pl.DataFrame, late: Sequence[str], everybody: pl.DataFrame, holders: pl.DataFrame) -> pl.DataFrame:
    """One row a person, in order: ``person``, ``holder``, ``since``, ``items_1``, ``items_2``, ``records``, ``plain``.

    ``records``: of the truth; ``late``: the centres whose files come in the second version. ``holder``: the number
    in the register, null for who is not in it. ``items_N``: what version N must know, joined by ``+``; empty where the
    version must not know the person. ``plain``: a record of theirs has their number as it is.
    """
    told = records.with_columns(late=pl.col("document").str.split("/").list.first().is_in(list(late)))
    number = everybody.select("person", own="basic_pension_number")
    told = told.join(number, on="person", how="left", maintain_order="left")
    known = told.group_by("person").agg(
        since=pl.when(pl.col("late").all()).then(2).otherwise(1),
        records=pl.len(),
        plain=(pl.col("basic_pension_number") == pl.col("own")).fill_null(value=False).any(),
    )
    first = _items(told.filter(~pl.col("late")), "items_1")
    whole = known.join(first, on="person", how="left").join(_items(told, "items_2"), on="person", how="left")
    numbers = holders.select("person", holder="basic_pension_number")
    found = whole.join(numbers, on="person", how="left").with_columns(pl.col("items_1").fill_null(""))
    return found.select("person", "holder", "since", "items_1", "items_2", "records", "plain").sort("person")


def _items(records: pl.DataFrame, name: str) -> pl.DataFrame:
    """``person`` and the items that any record says of them, the known ones in the order of `Item`, then the others."""
    known = records.group_by("person").agg(pl.col(ITEMS).is_not_null().any())
    said = pl.concat_list(pl.when(pl.col(item)).then(pl.lit(item)) for item in ITEMS).list.drop_nulls()
    keys = (
        records.select("person", key=pl.col("other").map.keys())
        .explode("key")
        .drop_nulls()
        .group_by("person")
        .agg(others=pl.col("key").unique().sort())
    )
    both = known.join(keys, on="person", how="left")
    others = pl.col("others").fill_null(pl.lit([], dtype=pl.List(pl.String)))
    return both.select("person", pl.concat_list(said, others).list.join("+").alias(name))
