"""Paragraphs and tables of a word-like document, in reading order, made into contents."""

from __future__ import annotations

import bisect
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

import polars as pl

from sekisho.model import Content, Frame, Grid, Place, Prose

Row = Sequence[str | None]


@dataclass(slots=True)
class Table:
    """Cells as they stand; null where a merged cell goes on. ``nested``: tables inside its cells."""

    rows: list[list[str | None]]
    nested: list[Table] = field(default_factory=list)


Block = str | Table


@dataclass(frozen=True, slots=True)
class Laid:
    """A row whose cells are known by their right ``edges`` (any unit); as many edges as cells, or none."""

    cells: list[str | None]
    edges: tuple[int, ...] = ()


def aligned(rows: Sequence[Laid]) -> Table:
    """A table of rows whose cells end at different edges: a cell that spans columns is followed by nulls."""
    regular = len({len(row.cells) for row in rows}) < 2
    if regular or any(len(row.edges) != len(row.cells) or sorted(row.edges) != list(row.edges) for row in rows):
        return Table([row.cells for row in rows])
    edges: list[int] = []
    slack = max(edge for row in rows for edge in row.edges) // 200
    for edge in sorted({edge for row in rows for edge in row.edges}):
        if not edges or edge - edges[-1] > slack:
            edges.append(edge)
    result = []
    for row in rows:
        cells: list[str | None] = []
        for cell, edge in zip(row.cells, row.edges, strict=True):
            column = bisect.bisect_right(edges, edge) - 1
            cells += [cell, *([None] * (column - len(cells)))]
        result.append(cells)
    return Table(result)


def grid(rows: Sequence[Row], place: Place, *, hidden: bool = False) -> Grid:
    """A Grid of rows that may differ in length; empty cells are null."""
    width = max((len(row) for row in rows), default=0)
    columns = {
        str(i): pl.Series(str(i), [(row[i] or None) if i < len(row) else None for row in rows], dtype=pl.String)
        for i in range(width)
    }
    return Grid(pl.DataFrame(columns), place, hidden)


class Flow:
    """Sends out the parts of one document, one after the other, and counts its tables."""

    def __init__(self) -> None:
        self._tables = 0
        self.empty = True

    def contents(self, blocks: Iterable[Block], base: str = "", frame: Frame = Frame.LINE) -> Iterator[Content]:
        """Runs of paragraphs as Prose, tables as Grid between them, nested ones after theirs.

        A table is placed by its cells, or, where ``frame`` is PAGE, by its line on page ``base``.
        """
        lines: list[str] = []
        first = 1
        for block in _unboxed(blocks):
            if isinstance(block, str):
                lines += block.split("\n")
                continue
            yield from self._prose(lines, Place(frame, base, first))
            first, lines = first + len(lines), []
            yield self._grid(block, Place(frame, base, first))
            first += len(block.rows) if frame == Frame.PAGE else 0
        yield from self._prose(lines, Place(frame, base, first))

    def _grid(self, table: Table, place: Place) -> Grid:
        self._tables += 1
        self.empty = False
        return grid(table.rows, place if place.frame == Frame.PAGE else Place(Frame.CELL, f"table {self._tables}"))

    def _prose(self, lines: list[str], place: Place) -> Iterator[Content]:
        while lines and not lines[-1].strip():
            lines = lines[:-1]
        if lines:
            self.empty = False
            yield Prose(lines, place)


def _unboxed(blocks: Iterable[Block]) -> Iterator[Block]:
    """Tables one by one, nested ones after theirs; empty ones left out, mere frames around text as the text."""
    for block in blocks:
        if isinstance(block, str):
            yield block
            continue
        text = _boxed(block)
        if text is not None:
            yield text
        elif any(any(row) for row in block.rows):
            yield block
        yield from _unboxed(block.nested)


def _boxed(table: Table) -> str | None:
    """The text of a table that only draws a frame around paragraphs."""
    filled = [cell for row in table.rows for cell in row if cell]
    width = max((len(row) for row in table.rows), default=0)
    return filled[0] if len(filled) == 1 and width * len(table.rows) == 1 else None
