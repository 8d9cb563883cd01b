"""Japanese names: folded, and how their kanji may be read."""

from __future__ import annotations

from functools import cache

import polars as pl

from sekisho.countries import fold
from sekisho.persons.linkage import splits


@cache
def plausible_readings() -> pl.DataFrame:
    """``kanji`` (folded) and ``key``: how a name in kanji may be read, as the book of names knows it."""
    book = splits.book()
    return pl.DataFrame({"kanji": fold.names(book["kanji"]), "key": key(book["kana"])}).unique()


def plain(kana: pl.Series) -> pl.Series:
    """`fold.plain` of kana in any width."""
    return fold.plain(kana.str.normalize("NFKC"))


def key(kana: pl.Series) -> pl.Series:
    """`plain` without voicing marks."""
    return plain(kana).str.replace_many(fold.UNVOICED)
