"""How a model learned before differs from what the records at hand teach."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import polars as pl

from sekisho.matching import Drift, Shift
from sekisho.persons.linkage.census import Census
from sekisho.persons.linkage.design import MISSING, Design
from sekisho.persons.linkage.model import Model

SHOWN = 10
"""The largest differences that are named."""
SLIGHT = 0.001
"""Smaller ones are not."""


def drift(design: Design, last: Model, now: Model) -> Drift:
    """Of m, the largest differences first; of ``held``, both as they are."""
    large = (one for one in _shifts(design, last, now) if abs(one.now - one.last) >= SLIGHT)
    shifts = sorted(large, key=lambda one: abs(one.now - one.last), reverse=True)
    return Drift(last.origin.trained, last.origin.records, tuple(last.held), tuple(now.held), tuple(shifts[:SHOWN]))


def _shifts(design: Design, last: Model, now: Model) -> Iterator[Shift]:
    for one in design.comparisons:
        groups = range(len(now.m[one.name])) if one.apart else (0,)
        for group in groups:
            for place, level in enumerate(one.levels):
                if place != MISSING:
                    before, after = last.m[one.name][group][place], now.m[one.name][group][place]
                    yield Shift(one.title, level.said, group if one.apart else None, before, after)


def rarity(design: Design, then: Census, now: Census) -> float:
    """By how many bits the weight of a value has moved, in the mean over the holders: how rare it is among its cohort.

    Values that nobody bore then are left out.
    """
    moved, weighed = 0.0, 0
    for one in design.comparisons:
        if one.counts_rarity:
            by = [one.looked_up_by, *one.cohort]
            sides = (_shares(counts.values[one.name], one.cohort) for counts in (then, now))
            both = next(sides).join(next(sides), on=by, suffix="_now")
            shift = (both["share_now"].log(2) - both["share"].log(2)).abs()
            moved += float((shift * both["bearers_now"]).sum())
            weighed += int(both["bearers_now"].sum())
    return moved / max(weighed, 1)


def _shares(counted: pl.DataFrame, cohort: Sequence[str]) -> pl.DataFrame:
    everybody = pl.col("bearers").sum().over(cohort) if cohort else pl.col("bearers").sum()
    return counted.with_columns(share=pl.col("bearers") / everybody)
