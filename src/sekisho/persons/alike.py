"""Persons who share a number, or a name and a birth date: whoever asks for one means any of them."""

from __future__ import annotations

import polars as pl

from sekisho.model import Item


def alike(every: pl.DataFrame, some: pl.DataFrame) -> pl.DataFrame:
    """Some persons with all whom any of their numbers, or name and birth date, lead to, and so on.

    ``every`` and ``some`` of it: person, numbers (list), name, name_kana, birth_date; a row each. Who is told apart by
    none of these is found together or not at all.
    """
    numbers = every.select("person", number="numbers").explode("number").drop_nulls()
    while True:
        theirs = numbers.join(some.select("person"), on="person", how="semi").select("number").unique()
        ways = [every.join(numbers.join(theirs, on="number", how="semi"), on="person", how="semi")]
        for name in (Item.NAME, Item.NAME_KANA):
            ways.append(every.join(some.select(name, Item.BIRTH_DATE), on=[name, Item.BIRTH_DATE], how="semi"))
        more = pl.concat([some, *ways]).unique("person", maintain_order=True)
        if more.height == some.height:
            return more
        some = more
