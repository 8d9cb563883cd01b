"""What the values of a column say by themselves: how many of them are, or look like, an item."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from functools import lru_cache

import polars as pl

from sekisho.countries import headers, known
from sekisho.model import Item, Proof

SAMPLE = 200
"""So many values of a column are looked at to name it; normal forms are made of all of them."""


def sample(column: pl.Series) -> pl.Series:
    """Values that stand in the column, tidied: the first ones and others evenly from the rest."""
    values = column.drop_nulls()
    if len(values) > SAMPLE:
        values = pl.concat([values.head(SAMPLE // 2), values.gather_every(max(1, len(values) // (SAMPLE // 2)))])
    return known.said(values).drop_nulls()


def sample_of(texts: Iterable[str | None]) -> pl.Series:
    """The same of a few cells at hand, without a column operation for each."""
    tidy = (unicodedata.normalize("NFKC", text).strip() for text in texts if text is not None and text not in DITTOS)
    return pl.Series([text for text in tidy if text and not known.FILLS.fullmatch(text)], dtype=pl.String)


DITTOS = ("〃", "同上", "”", "″", "仝", "々", '"', "''", "ditto")
"""What stands in a cell for the value above it."""


def without_dittos(column: pl.Series) -> pl.Series:
    """The column with nothing where the value above is meant."""
    return column.set(column.is_in(DITTOS).fill_null(value=False), None)


def share(item: str, values: pl.Series) -> float:
    """How many of the values have a normal form as ``item``, 0..1; 0 where there are no values."""
    return _share(item, tuple(values.to_list()))


def looks(item: str, values: pl.Series) -> float:
    """How many of the values would be taken for ``item`` without any header, 0..1."""
    return _looks(item, tuple(values.to_list()))


@lru_cache(maxsize=512)
def _share(item: str, texts: tuple[str, ...]) -> float:
    return mean(known.normalise(item, pl.Series(texts, dtype=pl.String)).is_not_null()) if texts else 0.0


@lru_cache(maxsize=512)
def _looks(item: str, texts: tuple[str, ...]) -> float:
    values, best = pl.Series(texts, dtype=pl.String), 0.0
    for one in known.of_item(item):
        if one.looks or one.proof is Proof.STRONG:
            seen = one.looks(values) if one.looks else one.normalise(values).is_not_null()
            if item == Item.NAME:
                seen = seen & pl.Series([not headers.is_word(text) for text in texts], dtype=pl.Boolean)
            best = max(best, mean(seen))
    return best


def counts_up(values: pl.Series) -> bool:
    """Whether the values are a running number: whole numbers that only grow, mostly by one."""
    numbers = values.cast(pl.Int64, strict=False)
    if len(numbers) == 1:
        return bool((numbers.is_between(0, 999)).all())
    if not len(numbers) or numbers.null_count() or bool((numbers > 10_000_000).any()):
        return False
    steps = numbers.diff().drop_nulls()
    return bool((steps > 0).all()) and mean(steps == 1) > 0.5


def counts_from_one(values: pl.Series) -> bool:
    """Whether the first values of a sample are 1, 2, 3 and so on."""
    first = values.head(SAMPLE // 2)
    return first.to_list() == [str(i) for i in range(1, len(first) + 1)]


def mean(seen: pl.Series) -> float:
    """How many are true, 0..1; null counts as not."""
    return int(seen.sum()) / len(seen) if len(seen) else 0.0


def match(values: pl.Series, pattern: str) -> float:
    """How many of the values hold the pattern, 0..1; 0 where there are no values."""
    return mean(values.str.contains(pattern)) if len(values) else 0.0


def shorter(values: pl.Series, most: int) -> float:
    """How many of the values have at most so many letters."""
    return mean(values.str.len_chars() <= most) if len(values) else 0.0
