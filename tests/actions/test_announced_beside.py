"""Whoever subtracts all that announcements say, tables and shares of all versions, comes upon no number of a few."""

from __future__ import annotations

from itertools import combinations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from sekisho.actions.announce import CHOICES, Quantity, _quantity
from sekisho.disclosure import Name

BELOW = 10
ROWS: tuple[Name, ...] = (("a",), ("b",), ("c",))
COLUMNS = tuple(name for (name,) in CHOICES[0])
CELLS = [(row, column) for row in ROWS for column in COLUMNS]
SETS = np.array([[n >> at & 1 for at in range(len(CELLS))] for n in range(1, 1 << len(CELLS))], float)
"""Every set of cells."""
MORE = st.lists(st.sampled_from([0, 0, 0, 1, 3, 9, 10, 13, 25, 100]), min_size=len(CELLS), max_size=len(CELLS))


def quantities(versions: list[np.ndarray]) -> list[Quantity]:
    made: list[Quantity] = []
    for counts in versions:
        table = counts.reshape(len(ROWS), len(COLUMNS))
        rows = {row: dict(zip(COLUMNS, map(int, ns), strict=True)) for row, ns in zip(ROWS, table, strict=True)}
        there = {row: ns for row, ns in rows.items() if any(ns.values())}
        made.append(_quantity(there, CHOICES, made, BELOW))
    return made


def said(told: Quantity) -> np.ndarray:
    """What an announcement says, as sums over cells, a row each."""
    sums: list[list[bool]] = [[False] * len(CELLS)]
    if told.table is not None:
        stood = {row for line in told.table.lines for row in line}
        blocks = [*told.table.lines, *((row,) for row in ROWS if row not in stood)]  # the latter are nought
        sums += [
            [row in some and name in names for row, name in CELLS] for some in blocks for names in told.table.columns
        ]
        sums += [[cell == (row, name) for cell in CELLS] for row in ROWS if row not in stood for name in COLUMNS]
    if told.shares is not None and told.shares.lines:
        sums += [[name in names for _, name in CELLS] for names in told.shares.columns]
    return np.array(sums, float)


def follows(told: Quantity) -> np.ndarray:
    """Of which sets of cells the sum follows from what was said, by adding and subtracting."""
    rows = said(told)
    onto = np.linalg.pinv(rows) @ rows
    follow: np.ndarray = np.abs(SETS @ onto - SETS).max(axis=1) < 1e-7
    return follow


def few(counts: np.ndarray) -> np.ndarray:
    return (np.abs(SETS @ counts) > 0) & (np.abs(SETS @ counts) < BELOW)


@settings(max_examples=80, deadline=None)
@given(st.lists(MORE, min_size=1, max_size=3))
def test_no_set_of_cells_is_a_few_in_a_version_or_between_two(by: list[list[int]]) -> None:
    versions = list(np.cumsum(np.array(by), axis=0))
    follow = [follows(told) for told in quantities(versions)]
    for counts, known in zip(versions, follow, strict=True):
        assert not (known & few(counts)).any()
    for (counts, known), (later, then) in combinations(zip(versions, follow, strict=True), 2):
        assert not (known & then & few(later - counts)).any()


def test_shares_are_of_the_rows_that_stood_beside_them() -> None:
    """Without protection there are five more of a and b: c came later, so the first shares are of a and b alone."""
    first = np.array([10, 11, 0, 5, 11, 13, 0, 0, 0])
    second = np.array([5, 36, 13, 15, 9, 13, 25, 13, 0])
    one, two = quantities([first, second])
    assert not (follows(one) & follows(two) & few(second - first)).any()
    assert one.total == 50
    assert two.total == 129
