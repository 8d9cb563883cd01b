"""Whoever lays all versions side by side learns of no number between nought and the bound."""

from __future__ import annotations

from itertools import combinations

from hypothesis import given, settings
from hypothesis import strategies as st

from sekisho.disclosure import Name, Told, changes, told

BELOW = 10
COLUMNS = ("open", "unsure", "locked")
CHOICES = (tuple((one,) for one in COLUMNS), (("open", "unsure"), ("locked",)), (COLUMNS,))
Rows = dict[Name, dict[str, int]]

COUNT = st.sampled_from([0, 0, 0, 1, 3, 9, 10, 12, 40, 500])
ROW = st.fixed_dictionaries(dict.fromkeys(COLUMNS, COUNT))
ROWS = st.dictionaries(st.sampled_from([("a",), ("b",), ("c",)]), ROW, max_size=3)
GROWTH = st.lists(ROWS, min_size=1, max_size=4)


def grown(by: list[Rows]) -> list[Rows]:
    """Versions, each with what came to the ones before."""
    made: list[Rows] = []
    for more in by:
        last = made[-1] if made else {}
        made.append({key: summed(last.get(key, {}), more.get(key, {})) for key in {**last, **more}})
    return made


def summed(one: dict[str, int], other: dict[str, int]) -> dict[str, int]:
    return {name: one.get(name, 0) + other.get(name, 0) for name in COLUMNS}


def published(versions: list[Rows]) -> list[tuple[Rows, Told]]:
    """What is told of each version, after what was told before; nothing of those of which nothing may be."""
    found: list[tuple[Rows, Told]] = []
    for rows in versions:
        if (made := told(rows, CHOICES, [one for _, one in found], BELOW)) is not None:
            found.append((rows, made))
    return found


def atoms_of(table: Told) -> list[frozenset[tuple[Name, str]]]:
    return [
        frozenset((row, name) for row in line for name in column) for line in table.lines for column in table.columns
    ]


def can_be_summed(atoms: frozenset[tuple[Name, str]], table: Told) -> bool:
    """Whether the sum over these cells follows from the table: they are whole cells of it, but for what is nought."""
    nought = {one for one in atoms if all(one not in cell for cell in atoms_of(table))}
    inside = [cell for cell in atoms_of(table) if cell & atoms]
    return all(cell <= atoms for cell in inside) and frozenset().union(*inside) == atoms - nought


def all_sets(versions: list[tuple[Rows, Told]]) -> list[frozenset[tuple[Name, str]]]:
    atoms = sorted({(row, name) for rows, _ in versions for row in rows for name in COLUMNS})
    return [frozenset(some) for n in range(1, len(atoms) + 1) for some in combinations(atoms, n)]


@settings(max_examples=60, deadline=None)
@given(GROWTH)
def test_no_cells_taken_together_give_a_few_away_between_any_two_versions(by: list[Rows]) -> None:
    """As documents come in and none goes: every set of cells that two versions both sum up is tried."""
    versions = published(grown(by))
    for atoms in all_sets(versions):
        sums = [
            sum(rows.get(row, {}).get(name, 0) for row, name in atoms)
            for rows, table in versions
            if can_be_summed(atoms, table)
        ]
        assert not any(0 < abs(one) < BELOW for one in sums)
        assert not any(0 < abs(one - other) < BELOW for one, other in combinations(sums, 2))


@settings(max_examples=150, deadline=None)
@given(st.lists(ROWS, min_size=1, max_size=4))
def test_whatever_changes_no_line_column_or_sum_differs_by_a_few(versions: list[Rows]) -> None:
    tables = [table for _, table in published(versions)]
    for now, before in combinations(tables, 2):
        assert not 0 < abs(now.total - before.total) < BELOW
        for one in changes(before, now):
            assert not 0 < abs(one.now - one.before) < BELOW
        for names in CHOICES[0]:
            sums = [table.column(names) for table in (now, before)]
            assert None in sums or not 0 < abs(sums[0] - sums[1]) < BELOW


@given(ROWS)
def test_everything_is_told_once(rows: Rows) -> None:
    made = told(rows, CHOICES, [], BELOW)
    whole = sum(sum(row.values()) for row in rows.values())
    assert made is None or made.total == whole
    assert made is not None or 0 < whole < BELOW


def test_large_rows_that_did_not_change_stay_as_they_are() -> None:
    first = {("a",): {"open": 500}, ("b",): {"open": 40}}
    one = told(first, CHOICES, [], BELOW)
    assert one is not None
    two = told({**first, ("c",): {"open": 12}}, CHOICES, [one], BELOW)
    assert two is not None
    assert set(two.lines) == {(("a",),), (("b",),), (("c",),)}


def test_three_more_persons_are_not_told_and_nobody_can_subtract_them() -> None:
    one = told({("a",): {"open": 500}}, CHOICES, [], BELOW)
    assert one is not None
    assert told({("a",): {"open": 503}}, CHOICES, [one], BELOW) is None
    assert told({("a",): {"open": 510}}, CHOICES, [one], BELOW) is not None


def test_three_who_moved_from_one_row_to_another_are_not_seen() -> None:
    one = told({("a",): {"open": 500}, ("b",): {"open": 40}, ("c",): {"open": 90}}, CHOICES, [], BELOW)
    assert one is not None
    two = told({("a",): {"open": 497}, ("b",): {"open": 43}, ("c",): {"open": 90}}, CHOICES, [one], BELOW)
    assert two is not None
    assert {frozenset(line) for line in two.lines} == {frozenset({("a",), ("b",)}), frozenset({("c",)})}
