"""How a model learned before differs from what the records at hand teach."""

from __future__ import annotations

from collections.abc import Iterator

from sekisho.matching import Drift, Shift
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
