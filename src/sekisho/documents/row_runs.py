"""Cells that come row by row, gathered into Grids of a bounded size."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence

import polars as pl

from sekisho.model import Frame, Grid, Place

_MOST_CELLS, _MOST_ROWS = 1_000_000, 200_000  # of one Grid
_GAP = 1000  # empty rows after which a new Grid begins
_FAR = 64  # empty columns after which cells count as strewn about


class Rows:
    """Gathers rows of one sheet until they make a Grid. ``next``: the number of the row after the last."""

    def __init__(self, name: str, *, hidden: bool) -> None:
        self.next = 1
        self._name, self._hidden = name, hidden
        self._rows: dict[int, list[tuple[int, str]]] = {}
        self._cells = 0

    def add(self, number: int, cells: Iterable[tuple[int, str]]) -> Iterator[Grid]:
        """One row, its cells by column from 0; gives what was gathered where that is enough or the row far below."""
        full = self._cells >= _MOST_CELLS or len(self._rows) >= _MOST_ROWS
        if full or not 0 <= number - self.next < _GAP:
            yield from self.rest()
        self.next = number + 1
        if row := list(cells):
            self._rows[number] = row
            self._cells += len(row)

    def rest(self) -> Iterator[Grid]:
        """What was gathered, if anything stands in it."""
        rows, self._rows, self._cells = self._rows, {}, 0
        if not rows:
            return
        first, last = min(rows), max(rows)
        shown = _shown({at for row in rows.values() for at, _ in row})
        filled: dict[int, list[str | None]] = {at: [None] * (last - first + 1) for at in shown}
        for number, row in rows.items():
            for at, value in row:
                filled[at][number - first] = value
        series = [pl.Series(str(i), values, pl.String) for i, values in enumerate(filled.values())]
        yield Grid(pl.DataFrame(series), Place(Frame.CELL, self._name, first), self._hidden)


def _shown(filled: Collection[int]) -> Sequence[int]:
    """The columns to show of those ``filled``: all up to the last, or these only where they lie far apart."""
    last = max(filled)
    return range(last + 1) if last < 2 * len(filled) + _FAR else sorted(filled)
