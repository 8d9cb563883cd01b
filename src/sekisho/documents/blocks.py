"""Paragraphs and tables of a word-like document, in reading order, made into contents."""

from __future__ import annotations

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
        if any(line.strip() for line in lines):
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
