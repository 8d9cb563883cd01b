"""What a few values of a column say by themselves: how many of them are, or look like, an item."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache

import polars as pl

from sekisho.countries import columns, headers, known
from sekisho.countries.speech import listed
from sekisho.model import Identifier, Item, Proof

SAMPLE = 200
"""So many values of a column are looked at to name it; normal forms are made of all of them."""
Sample = tuple[str, ...]
"""Values that stand in a column, tidied (`known.tidy`): few enough to be looked at one by one."""


def sample(column: pl.Series) -> Sample:
    """Of the values that stand in the column the first ones, and others evenly from the rest."""
    if len(column) > SAMPLE:
        column = columns.of(column, _STANDING)
    if len(column) > SAMPLE:
        column = pl.concat([column.head(SAMPLE // 2), column.gather_every(len(column) // (SAMPLE // 2))])
    return sample_of(column.to_list())


def sample_of(texts: Iterable[str | None]) -> Sample:
    """The values that stand in a few cells."""
    tidy = (unicodedata.normalize("NFKC", text).strip() for text in texts if text is not None and text not in DITTOS)
    return tuple(text for text in tidy if text and not known.FILLS.fullmatch(text))


DITTOS = ("〃", "”", "″", "々", '"', "''", *listed("dittos"))
"""What stands in a cell for the value above it."""
_STANDING = columns.text().filter(~columns.text().is_in(DITTOS))


def without_dittos(column: pl.Series) -> pl.Series:
    """The column with nothing where the value above is meant."""
    return column.set(column.is_in(DITTOS).fill_null(value=False), None)


@lru_cache(maxsize=512)
def share(item: str, values: Sample) -> float:
    """How many of the values have a normal form as ``item``, 0..1; 0 where there are no values."""
    left = known.normal_forms(item, pl.Series(values, dtype=pl.String)).null_count()
    return (len(values) - left) / max(len(values), 1)


@lru_cache(maxsize=512)
def looks(item: str, values: Sample) -> float:
    """How many of the values would be taken for ``item`` without any header, 0..1."""
    return max((_looking(one, values) for one in known.of_item(item)), default=0) / max(len(values), 1)


def _looking(one: Identifier, values: Sample) -> int:
    """How many values look like it, and are it, where its normal form proves something."""
    if one.looks is not None:
        values = tuple(text for text in values if one.looks(text))
    elif one.proof is not Proof.STRONG:
        return 0
    if one.item == Item.NAME:
        values = tuple(text for text in values if not headers.is_word(text))
    if one.proof is Proof.STRONG and values:
        return len(values) - one.normalise(pl.Series(values, dtype=pl.String)).null_count()
    return len(values)


def counts_up(values: pl.Series) -> bool:
    """Whether the values are a running number: whole numbers that only grow, mostly by one."""
    numbers = values.cast(pl.Int64, strict=False)
    if len(numbers) == 1:
        return bool((numbers.is_between(0, 999)).all())
    if not len(numbers) or numbers.null_count() or bool((numbers > 10_000_000).any()):
        return False
    steps = numbers.diff().drop_nulls()
    return bool((steps > 0).all()) and mean(steps == 1) > 0.5


_SHORTEST_RUN = 4


def counts_from_one(values: Sample) -> bool:
    """Whether the first values of a sample are 1, 2, 3 and so on; they may begin anew, as in the next class."""
    first = values[: SAMPLE // 2]
    count = 0
    for text in first:
        count = 1 if text == "1" else count + 1
        if text != str(count):
            return False
    return first.count("1") * _SHORTEST_RUN <= max(len(first), _SHORTEST_RUN)


def mean(seen: pl.Series) -> float:
    """How many are true, 0..1; null counts as not."""
    return int(seen.sum()) / len(seen) if len(seen) else 0.0


def match(values: Sample, pattern: str | re.Pattern[str]) -> float:
    """How many of the values hold the pattern, 0..1; 0 where there are no values."""
    holds = re.compile(pattern).search
    return sum(holds(text) is not None for text in values) / max(len(values), 1)


def shorter(values: Sample, most: int) -> float:
    """How many of the values have at most so many letters; 0 where there are no values."""
    return sum(len(text) <= most for text in values) / max(len(values), 1)
