"""Weighted chance for whole columns, where the weights depend on a group (a cohort, a nation, a prefecture)."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from sekisho.estate.dice import Dice

_WHOLE = 1 << 36  # the weights of each group are scaled to this sum


class Groups:
    """Rows of a table to draw from, by group: each group has its own rows and weights."""

    def __init__(self, groups: Sequence[tuple[pl.Series, pl.Series]]) -> None:
        """``groups``: for each group (numbered from 0) row numbers and their weights, equally long."""
        self._rows = pl.concat([rows.cast(pl.Int32) for rows, _ in groups])
        self._edges = pl.concat([self._scaled(weights, g) for g, (_, weights) in enumerate(groups)])

    @staticmethod
    def _scaled(weights: pl.Series, group: int) -> pl.Series:
        share = weights.cast(pl.Float64).cum_sum() / weights.sum()
        edges = (share * _WHOLE).round().cast(pl.Int64).clip(upper_bound=_WHOLE)
        edges[-1] = _WHOLE
        return edges + group * _WHOLE

    def draw(self, group: pl.Series, dice: Dice) -> pl.Series:
        """A row number (Int32) for each group number of ``group``."""
        at = dice.column(len(group), _WHOLE) + group.cast(pl.Int64) * _WHOLE
        return self._rows.gather(self._edges.search_sorted(at, side="right"))


def everywhere(n: int) -> pl.Series:
    """``n`` times the only group."""
    return pl.repeat(0, n, dtype=pl.Int64, eager=True)
