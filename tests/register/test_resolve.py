from __future__ import annotations

from typing import cast

import numpy as np
import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from sekisho.register.known import Known
from sekisho.register.resolve import Resolved, resolve
from sekisho.register.states import NUMBERS, SPLITS, empty

Rows = list[tuple[int, list[int]]]  # a row's number, and the old ones that it names
numbers = st.integers(1, 15)
files = st.lists(st.lists(st.tuples(numbers, st.lists(numbers, max_size=3)), min_size=1, max_size=10), max_size=3)


class Plain:
    """What is known already, in dictionaries."""

    def __init__(self, led: dict[int, int] | None = None, root: dict[int, int] | None = None) -> None:
        self.led, self.root = led or {}, root or {}
        self.roots = self
        self.count = len(self.root)

    def now(self, holders: np.ndarray) -> np.ndarray:
        return np.array([self._end(holder) for holder in holders.tolist()], np.int64)

    def find(self, numbers: np.ndarray) -> np.ndarray:
        return self.now(np.array([self.led.get(number, -1) for number in numbers.tolist()], np.int64))

    def splits(self) -> pl.DataFrame:
        return empty(SPLITS)

    def _end(self, holder: int) -> int:
        into = self.root.get(holder, holder)
        return holder if into == holder else self._end(into)


def found_in(rows: Rows, known: Plain) -> Resolved:
    olds = [(row, old) for row, (_, named) in enumerate(rows) for old in named]
    keys = np.array([number for number, _ in rows], np.int64)
    return resolve(keys, pl.DataFrame(olds, {"row": pl.Int64, "old": pl.Int64}, orient="row"), cast(Known, known))


def with_more(known: Plain, found: Resolved) -> Plain:
    told = pl.concat([empty(NUMBERS), *found.numbers(cast(Known, known))])
    led = known.led | dict(told.iter_rows())
    root = {holder: known.root.get(holder, holder) for holder in range(found.count)} | dict(found.joined.iter_rows())
    return Plain(led, root)


def places(found: Resolved) -> list[int]:
    every = np.zeros(len(found.holder), int)
    every[found.several] = found.places
    return every.tolist()


@settings(deadline=None)
@given(files)
def test_every_row_has_the_holder_whom_its_number_leads_to(some: list[Rows]) -> None:
    known = Plain()
    for rows in some:
        found = found_in(rows, known)
        known = with_more(known, found)
        assert (known.find(np.array([number for number, _ in rows])) == known.now(found.holder)).all()
        assert len(set(zip(found.holder.tolist(), places(found), strict=True))) == len(rows)


@settings(deadline=None)
@given(files)
def test_a_number_never_loses_its_holder(some: list[Rows]) -> None:
    known = Plain()
    for rows in some:
        before, known = known, with_more(known, found_in(rows, known))
        assert (known.find(np.array(list(before.led), np.int64)) >= 0).all()


def test_old_numbers_of_old_numbers_lead_to_the_last() -> None:
    found = found_in([(1, []), (2, [1]), (3, [2])], Plain())
    assert found.holder.tolist() == [0, 0, 0]
    assert places(found) == [1, 2, 0]


def test_a_circle_leads_nowhere_and_is_counted() -> None:
    found = found_in([(1, [2]), (2, [1])], Plain())
    assert found.holder.tolist() == [0, 1]
    assert found.contested == 2
