"""Chance that repeats: every part of the estate draws from a stream of its own, named after what it decides."""

from __future__ import annotations

import random
from collections.abc import Sequence
from itertools import accumulate
from typing import TypeVar

import polars as pl
import pyarrow as pa

T = TypeVar("T")


class Dice:
    """Seeded chance for single values and for whole columns; the same on every machine and release."""

    def __init__(self, seed: int | str) -> None:
        self._seed = str(seed)
        self._random = random.Random(self._seed)  # noqa: S311  (an invented estate is no secret)

    def stream(self, *path: object) -> Dice:
        """Independent dice for one part, so that a change in one part leaves the others as they were."""
        return Dice("/".join([self._seed, *map(str, path)]))

    def raw(self, n: int) -> pl.Series:
        """``n`` uniform UInt64."""
        bits = pa.py_buffer(self._random.randbytes(8 * n))
        return pl.Series(pl.from_arrow(pa.Array.from_buffers(pa.uint64(), n, [None, bits])))

    def column(self, n: int, below: int) -> pl.Series:
        """``n`` uniform Int64 in 0..below-1."""
        return (self.raw(n) % below).cast(pl.Int64)

    def chances(self, n: int, share: float) -> pl.Series:
        """``n`` Booleans, true with probability ``share``."""
        return self.column(n, 1 << 40) < int(share * (1 << 40))

    def weighted(self, n: int, weights: Sequence[int]) -> pl.Series:
        """``n`` indices into ``weights``, drawn in proportion to them."""
        edges = pl.Series(list(accumulate(weights)), dtype=pl.Int64)
        return edges.search_sorted(self.column(n, edges[-1]), side="right").cast(pl.Int64)

    def order(self, n: int) -> pl.Series:
        """The numbers 0..n-1 in a random order."""
        return self.raw(n).arg_sort().cast(pl.Int64)

    def pick(self, choices: Sequence[T]) -> T:
        """One of ``choices``."""
        return choices[self._random.randrange(len(choices))]

    def some(self, choices: Sequence[T], k: int) -> list[T]:
        """``k`` different ones of ``choices``, in their own order."""
        taken = sorted(self._random.sample(range(len(choices)), min(k, len(choices))))
        return [choices[i] for i in taken]

    def between(self, low: int, high: int) -> int:
        """An integer from ``low`` to ``high``, both included."""
        return self._random.randint(low, high)

    def chance(self, share: float) -> bool:
        """True with probability ``share``."""
        return self._random.random() < share
