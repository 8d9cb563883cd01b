"""Cells that come row by row, gathered into Grids of a bounded size."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence

import polars as pl

from sekisho.model import Frame, Grid, Place

_MOST_CELLS = 2_000_000  # of one Grid
_GAP = 1000  # empty rows after which a new Grid begins
_FAR = 64  # empty columns after which cells count as strewn about


def shown(filled: Collection[int]) -> Sequence[int]:
    """The columns to show of those ``filled``: all up to the last, or these only where they lie far apart."""
    last = max(filled, default=0)
    return range(last + 1) if last < 2 * len(filled) + _FAR else sorted(filled)


class Rows:
    """Gathers rows of one sheet until they make a Grid. ``next``: the number of the row after the last."""

    def __init__(self, name: str, columns: Sequence[int], *, hidden: bool) -> None:
        self.next = 1
        self._name, self._hidden = name, hidden
        self._place = {column: index for index, column in enumerate(columns)}
        self._most = max(_MOST_CELLS // len(columns), 1)
        self._rows: list[list[str | None]] = []
        self._first = 1

    def add(self, number: int, cells: Iterable[tuple[int, str]]) -> Iterator[Grid]:
        """One row; gives what was gathered where that is enough or the row stands far below."""
        if len(self._rows) >= self._most or not 0 <= number - self.next < _GAP:
            yield from self.rest()
        if not self._rows:
            self._first = number
        row: list[str | None] = [None] * len(self._place)
        self._rows += [[None] * len(row) for _ in range(number - self._first - len(self._rows))]
        for column, value in cells:
            at = self._place.get(column)
            if at is not None:
                row[at] = value
        self._rows.append(row)
        self.next = number + 1

    def rest(self) -> Iterator[Grid]:
        """What was gathered, if anything stands in it."""
        rows, self._rows = self._rows, []
        filled = next((i for i, row in enumerate(rows) if any(value is not None for value in row)), None)
        if filled is not None:
            schema = {str(i): pl.String for i in range(len(self._place))}
            cells = pl.DataFrame(rows[filled:], schema=schema, orient="row")
            yield Grid(cells, Place(Frame.CELL, self._name, self._first + filled), self._hidden)
