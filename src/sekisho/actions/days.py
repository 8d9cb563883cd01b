"""On which days letters are printed, and by when all are, at a print shop's daily capacity."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

_SATURDAY = 5


@dataclass(frozen=True, slots=True)
class Day:
    """A day's work: letters from place ``first`` to before ``after``, in the order of printing."""

    day: date
    first: int
    after: int


def days(letters: int, capacity: int, start: date, *, weekends: bool) -> list[Day]:
    """The days that it takes, none of them empty; holidays are nobody's business here."""
    working = _working(start, weekends=weekends)
    return [Day(next(working), first, min(first + capacity, letters)) for first in range(0, letters, capacity)]


def _working(start: date, *, weekends: bool) -> Iterator[date]:
    day = start
    while True:
        if weekends or day.weekday() < _SATURDAY:
            yield day
        day += timedelta(days=1)
