"""How single kanji of names are read, learned from the book of names: 裕子 may be read as 裕美 and 花子 are."""

from __future__ import annotations

from functools import cache

import numpy as np
import polars as pl
from numpy.typing import NDArray

from sekisho.countries import fold
from sekisho.persons.linkage import splits
from sekisho.persons.linkage.model import Floats, Ints
from sekisho.persons.linkage.names import key

_ROUNDS = 6
_LONGEST = 3
"""Characters of a name; longer ones are few."""
_MOST_KANA = 4
"""Kana of one character."""
_SHARE = 0.04
"""Of the readings of a character, those that are rarer are slips of the learning."""
_NAMES = 2.0
"""In so many names a reading must be seen."""


def composed(kanji: pl.Series) -> pl.DataFrame:
    """``kanji`` (folded) and ``key``: names of the readings of their characters, one after the other."""
    distinct = kanji.drop_nulls().unique()
    length = distinct.str.len_chars()
    found = [_composed(distinct.filter(length == size), size) for size in range(1, _LONGEST + 1)]
    return pl.concat(found).unique()


def _composed(kanji: pl.Series, size: int) -> pl.DataFrame:
    told = pl.DataFrame({"kanji": kanji}).with_columns(key=pl.lit(""))
    for at in range(size):
        told = (
            told.with_columns(character=pl.col("kanji").str.slice(at, 1))
            .join(_readings().select("character", "kana"), on="character")
            .select("kanji", key=pl.col("key") + pl.col("kana"))
        )
    return told


@cache
def _readings() -> pl.DataFrame:
    """``character``, ``kana``: learned by expectation-maximisation over all ways to divide each reading."""
    names = pl.DataFrame({"kanji": fold.names(splits.book()["kanji"]), "key": key(splits.book()["kana"])}).unique()
    numbered = names.drop_nulls().sort("kanji", "key").with_row_index("name")
    ways = [_divided(numbered, size) for size in range(1, _LONGEST + 1)]
    pieces = pl.concat([way.unpivot(index=[], on=way.columns[1:], value_name="piece").select("piece") for way in ways])
    distinct = pieces.unique().sort("piece").unnest("piece")
    _, character = np.unique(distinct["character"].to_numpy(), return_inverse=True)
    places = distinct.select(piece=pl.struct("character", "kana"), place=pl.int_range(pl.len()))
    made = [(way["name"].to_numpy(), _places(way, places)) for way in ways]
    share = np.ones(distinct.height)
    for _ in range(_ROUNDS):
        seen = sum(_seen(share, name, piece) for name, piece in made)
        share = seen / np.bincount(character, seen)[character]
    return distinct.filter(pl.Series((share >= _SHARE) & (seen >= _NAMES)))


def _seen(share: Floats, name: NDArray[np.uint32], piece: Ints) -> Floats:
    """In how many names each piece is seen, where ``piece`` (ways x characters) are divisions of ``name``."""
    likely = share[piece].prod(axis=1)
    mass = likely / np.bincount(name, likely)[name]
    seen: Floats = np.bincount(piece.ravel(), np.repeat(mass, piece.shape[1]), minlength=len(share)).astype(np.float64)
    return seen


def _places(way: pl.DataFrame, places: pl.DataFrame) -> Ints:
    columns = [
        way.select(piece=column).join(places, on="piece", how="left", maintain_order="left")["place"]
        for column in way.columns[1:]
    ]
    return np.column_stack([column.to_numpy() for column in columns])


def _divided(names: pl.DataFrame, size: int) -> pl.DataFrame:
    """Every way to divide readings among ``size`` characters: ``name``, and a struct of character and kana of each."""
    told = names.filter(pl.col("kanji").str.len_chars() == size).select("name", "kanji", left="key")
    for at in range(size):
        rest = size - at - 1
        there = pl.col("left").str.len_chars().cast(pl.Int64)
        least = there if rest == 0 else pl.lit(1)
        kana = pl.col("left").str.slice(0, pl.col("take"))
        told = (
            told.with_columns(take=pl.int_ranges(least, pl.min_horizontal(there - rest, pl.lit(_MOST_KANA)) + 1))
            .explode("take", empty_as_null=True)
            .drop_nulls("take")
            .with_columns(
                pl.struct(character=pl.col("kanji").str.slice(at, 1), kana=kana).alias(f"piece_{at}"),
                left=pl.col("left").str.slice(pl.col("take")),
            )
        )
    return told.select("name", *(f"piece_{at}" for at in range(size)))
