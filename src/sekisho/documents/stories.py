"""Builds paragraphs and tables out of text and marks (end of paragraph, cell, row), as RTF and .doc have them."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import zip_longest

from sekisho.documents import phonetic
from sekisho.documents.blocks import Block, Laid, Table, aligned
from sekisho.documents.changes import Change, touched


@dataclass(slots=True)
class Shape:
    """How a row is laid out: right edges of its cells, and which only go on with a merged one."""

    edges: list[int] = field(default_factory=list)
    goes_on: list[bool] = field(default_factory=list)
    next_goes_on: bool = False

    def end_cell(self, edge: int) -> None:
        """One more cell, up to ``edge``."""
        self.edges.append(edge)
        self.goes_on.append(self.next_goes_on)
        self.next_goes_on = False


class Rows:
    """Rows of one nesting level while they are read."""

    def __init__(self) -> None:
        self.cell: list[str] = []
        self._row: list[str | None] = []
        self._rows: list[Laid] = []

    @property
    def open(self) -> bool:
        """Whether something stands here that no table has taken yet."""
        return bool(self.cell or self._row or self._rows)

    def end_cell(self) -> None:
        """The lines so far are one cell."""
        self._row.append("\n".join(self.cell).strip("\n"))
        self.cell = []

    def end_row(self, shape: Shape) -> None:
        """The cells so far are one row."""
        if self.cell:
            self.end_cell()
        if self._row:
            cells = [None if goes_on and not c else c for c, goes_on in zip_longest(self._row, shape.goes_on)]
            self._rows.append(Laid(cells[: len(self._row)], tuple(shape.edges)))
        self._row = []

    def table(self) -> Table:
        """The rows so far, which are then forgotten."""
        self.end_row(Shape())
        rows, self._rows = self._rows, []
        return aligned(rows)


class Story:
    """The text of one destination (body, header, note...) while it is read."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.blocks: list[Block] = []
        self.deleted: list[str] = []
        self._pieces: list[tuple[str, Change]] = []
        self._levels: list[Rows] = [Rows()]
        self._inner: list[Table] = []

    def add(self, text: str, change: Change) -> None:
        """More text of the paragraph."""
        if text:
            self._pieces.append((text, change))

    def end_paragraph(self, level: int) -> None:
        """Ends a paragraph at nesting ``level`` of tables (0: outside)."""
        text = self._text()
        if level:
            self._at(level).cell.append(text or "")
        elif text is not None:
            self.end_table()
            self.blocks.append(text)

    def end_cell(self, level: int) -> None:
        """Ends a cell of the table at nesting ``level`` (from 1); tables inside it are complete with it."""
        before = len(self.deleted)
        rows = self._at(level)
        text = self._text()
        if not text and len(self.deleted) > before:
            text = "\n".join(self.deleted[before:])
            del self.deleted[before:]
        rows.cell.append(text or "")
        rows.end_cell()
        for deeper in self._levels[level:]:
            if deeper.open:
                self._inner.append(deeper.table())

    def end_row(self, level: int, shape: Shape) -> None:
        """Ends a row of the table at nesting ``level``."""
        if self._pieces:
            self.end_cell(level)
        self._at(level).end_row(shape)

    def end_table(self) -> None:
        """What follows stands outside of any table."""
        for rows in reversed(self._levels[1:]):
            if rows.open:
                self._inner.append(rows.table())
        if self._levels[0].open or self._inner:
            table = self._levels[0].table()
            table.nested, self._inner = self._inner, []
            self.blocks.append(table)

    def finish(self) -> None:
        """Nothing follows."""
        if self._pieces:
            self.end_paragraph(int(self._levels[0].open))
        self.end_table()

    def _at(self, level: int) -> Rows:
        while len(self._levels) < level:
            self._levels.append(Rows())
        return self._levels[level - 1]

    def _text(self) -> str | None:
        """The paragraph as it stands; None where all of it was deleted."""
        pieces, self._pieces = self._pieces, []
        gone = any(change == Change.REMOVED for _, change in pieces)
        if gone:
            self.deleted += [phonetic.settled(text) for text in touched(pieces)]
        text = phonetic.settled("".join(text for text, change in pieces if change != Change.REMOVED))
        return None if gone and not text.strip() else text
