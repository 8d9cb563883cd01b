"""What may be told to everybody: no cell so small that it points at somebody, and none that can be worked out.

Small cells are not blanked but put together with others until each cell is nought or large enough, and every published
table is such a partition of its own. So nothing that is left out is a difference of things that are printed.

The same holds between versions: whoever lays two of them side by side can only subtract what stands together in both,
and each such difference is nought or large enough, too. Where even the sums differ by a few, nothing new is told but
that.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

BELOW = 10

Key = TypeVar("Key")
Name = tuple[str, ...]
"""What a row or a column of a table is about: the items of a combination, the shields that are counted together."""


def partition(rows: Mapping[Key, Sequence[int]], below: int) -> list[tuple[tuple[Key, ...], tuple[int, ...]]]:
    """Rows as they are, and in the last place all that had to be put together, with its sums.

    Every cell is nought or at least ``below``. No rows at all where even their sum has a small cell.
    """
    waiting = sorted(rows, key=lambda key: (sum(rows[key]), str(key)))
    together = [key for key in waiting if any(is_small(cell, below) for cell in rows[key])]
    alone = [key for key in waiting if key not in together]
    while alone and together and (len(together) < 2 or _has_small(rows, together, below)):
        together.append(alone.pop(0))
    if together and _has_small(rows, together, below):
        return []
    kept = [((key,), tuple(rows[key])) for key in rows if key in alone and any(rows[key])]
    return kept + ([(tuple(together), _sums(rows, together))] if together else [])


def is_small(count: int, below: int) -> bool:
    """Whether a count, or a difference of counts, points at a few."""
    return 0 < abs(count) < below


@dataclass(frozen=True, slots=True)
class Told:
    """A table as it was told: which rows stand together in a line, which columns together, and their sums.

    A row that stands in no line was nought.
    """

    lines: tuple[tuple[Name, ...], ...]
    columns: tuple[Name, ...]
    cells: tuple[tuple[int, ...], ...]

    @property
    def total(self) -> int:
        """The sum of all cells."""
        return sum(map(sum, self.cells))

    def column(self, names: Iterable[str]) -> int | None:
        """The sum of the cells under exactly these columns together; None where they stand together with others."""
        wanted = set(names)
        under = [place for place, column in enumerate(self.columns) if wanted.intersection(column)]
        if {name for place in under for name in self.columns[place]} != wanted:
            return None
        return sum(cells[place] for cells in self.cells for place in under)


@dataclass(frozen=True, slots=True)
class Change:
    """The sums before and now of lines that can be compared: those that stand together in both tables."""

    rows: tuple[Name, ...]
    before: int
    now: int


def told(
    rows: Mapping[Name, Mapping[str, int]], choices: Sequence[Sequence[Name]], before: Sequence[Told], below: int
) -> Told | None:
    """The table of most cells that may be told after what was told ``before``; None where not even the sum may be.

    ``rows``: counts by column. ``choices``: ways to put the columns together, the finest first, the last one whole.
    """
    found = [one for columns in choices if (one := _told(rows, columns, before, below))]
    return max(found, key=lambda one: len(one.lines) * len(one.columns), default=None)


def told_together(
    rows: Mapping[Name, Mapping[str, int]], choices: Sequence[Sequence[Name]], before: Sequence[Told], below: int
) -> Told | None:
    """All rows in one line, in the finest columns that may be told after what was told ``before``; None where none may.

    Of a row that is nought everybody knows it, from the table beside which it stands: it is not in that line.
    """
    line = tuple(key for key, counts in rows.items() if any(counts.values()))
    for columns in choices:
        cells = {key: _row(rows[key], columns) for key in line}
        made = _as_told(cells, columns, [line] if line else [])
        points = any(_pointing(made, before, below)) or any(_differs_by_few(made, one, None, below) for one in before)
        if not points:
            return made
    return None


def changes(before: Told, now: Told) -> list[Change]:
    """What whoever lays both tables side by side can compare, in the order of the lines now."""
    return [
        Change(rows, sum(_over(before, rows)), sum(_over(now, rows))) for rows in _joined([*now.lines, *before.lines])
    ]


def _told(
    rows: Mapping[Name, Mapping[str, int]], columns: Sequence[Name], before: Sequence[Told], below: int
) -> Told | None:
    known = dict.fromkeys(key for table in before for line in table.lines for key in line)
    cells = {key: _row(rows.get(key, {}), columns) for key in {**rows, **known}}
    whole = _as_told(cells, columns, [tuple(cells)] if cells else [])
    if any(is_small(cell, below) for row in whole.cells for cell in row) or any(
        _differs_by_few(whole, one, None, below) for one in before
    ):
        return None
    alone = sorted(cells, key=lambda key: (sum(cells[key]), key))
    together: list[Name] = []
    while True:
        lines = [(key,) for key in cells if key in alone and any(cells[key])]
        made = _as_told(cells, columns, lines + ([tuple(together)] if together else []))
        bad = set(_pointing(made, before, below))
        if not bad:
            return made
        more = [key for key in alone if key in bad] or alone[:1]
        if not more:
            return None
        together += more
        alone = [key for key in alone if key not in more]


def _row(counts: Mapping[str, int], columns: Sequence[Name]) -> tuple[int, ...]:
    return tuple(sum(counts.get(name, 0) for name in column) for column in columns)


def _pointing(made: Told, before: Sequence[Told], below: int) -> Iterator[Name]:
    """The rows that stand in lines which point at a few, alone or beside what was told before."""
    for line, cells in zip(made.lines, made.cells, strict=True):
        if any(is_small(cell, below) for cell in cells):
            yield from line
    for one in before:
        for rows in _joined([*made.lines, *one.lines]):
            if _differs_by_few(made, one, rows, below):
                yield from rows


def _differs_by_few(now: Told, before: Told, rows: Iterable[Name] | None, below: int) -> bool:
    """Whether ``rows`` (None: all) differ by a few, in any columns that stand together in both, or over all of them."""
    ours, theirs = _over(now, rows), _over(before, rows)
    if is_small(sum(ours) - sum(theirs), below):
        return True
    for names in _joined([*now.columns, *before.columns]):
        if is_small(_under(ours, now, names) - _under(theirs, before, names), below):
            return True
    return False


def _under(cells: Sequence[int], table: Told, names: Sequence[str]) -> int:
    return sum(cell for cell, column in zip(cells, table.columns, strict=True) if set(column) <= set(names))


def _over(table: Told, rows: Iterable[Name] | None) -> tuple[int, ...]:
    """The sums of the lines of these rows (None: all), a column each."""
    wanted = None if rows is None else set(rows)
    chosen = [
        cells
        for line, cells in zip(table.lines, table.cells, strict=True)
        if wanted is None or wanted.intersection(line)
    ]
    return tuple(map(sum, zip(*chosen, strict=True))) if chosen else (0,) * len(table.columns)


def _joined(blocks: Iterable[Sequence[Key]]) -> list[tuple[Key, ...]]:
    """The finest blocks that hold each of these whole: what shares a member stands together."""
    found: dict[int, list[Key]] = {}
    block_of: dict[Key, int] = {}
    for number, block in enumerate(blocks):
        touched = sorted({block_of[member] for member in block if member in block_of})
        home = touched[0] if touched else number
        joined = found.setdefault(home, [])
        joined += [member for other in touched[1:] for member in found.pop(other)]
        joined += [member for member in block if member not in block_of]
        block_of |= dict.fromkeys(joined, home)
    return [tuple(one) for one in found.values()]


def _as_told(cells: Mapping[Name, Sequence[int]], columns: Sequence[Name], lines: Sequence[tuple[Name, ...]]) -> Told:
    return Told(tuple(lines), tuple(columns), tuple(_sums(cells, line) for line in lines))


def _has_small(rows: Mapping[Key, Sequence[int]], keys: Sequence[Key], below: int) -> bool:
    return any(is_small(cell, below) for cell in _sums(rows, keys))


def _sums(rows: Mapping[Key, Sequence[int]], keys: Sequence[Key]) -> tuple[int, ...]:
    return tuple(map(sum, zip(*(rows[key] for key in keys), strict=True)))
