"""What old Word files say of paragraphs and characters: which are cells, rows, deletions ([MS-DOC], 2.6)."""

from __future__ import annotations

import struct
from bisect import bisect_right
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from sekisho.documents.changes import Change
from sekisho.documents.stories import Shape

_IN_TABLE, _ROW_END, _DEPTH, _INNER_CELL, _INNER_ROW_END, _SHAPE = 0x2416, 0x2417, 0x6649, 0x244B, 0x244C, 0xD608
_DELETED, _INSERTED = 0x0800, 0x0801
ELSEWHERE = (0x6645, 0x6646)  # the properties are too long for the page: they stand in the stream Data
_SIZES = (1, 1, 2, 4, 2, 2, 0, 3)  # bytes of a property's value, by the top three bits of its code
_DEEP = 9


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Where a paragraph stands in tables. ``depth``: how deep they are nested; ``shape``: of the row that it ends."""

    in_table: bool = False
    row_end: bool = False
    depth: int = 0
    inner_cell: bool = False
    inner_row_end: bool = False
    shape: Shape = field(default_factory=Shape)


OUTSIDE = Paragraph()


class Ranges:
    """What holds for which bytes of the file."""

    def __init__(self, ranges: Iterator[tuple[int, int, bytes]], read: Callable[[bytes], object]) -> None:
        known: dict[bytes, object] = {}
        found = []
        for first, end, raw in ranges:
            if raw not in known:
                known[raw] = read(raw)
            found.append((first, end, known[raw]))
        found.sort(key=lambda each: each[0])
        self._firsts = [first for first, _, _ in found]
        self._found = found
        self.telling = any(value is not None for value in known.values())

    def at(self, place: int) -> tuple[int, object]:
        """Up to which byte the same holds, and what; None where nothing is known."""
        i = bisect_right(self._firsts, place) - 1
        if i >= 0 and place < self._found[i][1]:
            return self._found[i][1], self._found[i][2]
        following = self._firsts[i + 1] if i + 1 < len(self._firsts) else place + 1
        return max(following, place + 1), None


def properties(page: bytes, at: int, width: int) -> bytes:
    """The raw properties at ``at`` of a page: of characters (width 1) or of a paragraph, whose style is cut off."""
    if not at:
        return b""
    size = page[at]
    if width == 1:
        return page[at + 1 : at + 1 + size]
    if size:
        return page[at + 3 : at + 2 * size]
    return page[at + 4 : at + 2 + 2 * page[at + 1]]


def codes(raw: bytes) -> Iterator[tuple[int, bytes]]:
    """Code and value of each property."""
    at = 0
    while at + 2 < len(raw):
        code = int.from_bytes(raw[at : at + 2], "little")
        at += 2
        size = _SIZES[code >> 13]
        if code == _SHAPE:
            size = int.from_bytes(raw[at : at + 2], "little") + 1
        elif not size:
            size = raw[at] + 1
        yield code, raw[at : at + size]
        at += size


def paragraph(raw: bytes) -> Paragraph | None:
    """The paragraph that the raw properties describe; None where it has nothing to do with tables."""
    values = dict(codes(raw))
    if not values.keys() & {_IN_TABLE, _ROW_END, _DEPTH, _INNER_CELL, _SHAPE}:
        return None
    depth = int.from_bytes(values.get(_DEPTH, b""), "little")
    return Paragraph(
        in_table=any(values.get(_IN_TABLE, b"")) or depth > 0,
        row_end=any(values.get(_ROW_END, b"")),
        depth=min(depth, _DEEP),
        inner_cell=any(values.get(_INNER_CELL, b"")),
        inner_row_end=any(values.get(_INNER_ROW_END, b"")),
        shape=_shape(values.get(_SHAPE, b"")),
    )


def _shape(raw: bytes) -> Shape:
    """Edges and merges of a row, from its definition: left edge and right edges, then 20 bytes a cell."""
    shape = Shape()
    count = raw[2] if len(raw) > 2 else 0
    if len(raw) < 3 + 2 * (count + 1):
        return shape
    edges = struct.unpack_from(f"<{count + 1}h", raw, 3)
    for i in range(count):
        at = 3 + 2 * (count + 1) + 20 * i
        flags = int.from_bytes(raw[at : at + 2], "little")
        shape.next_goes_on = bool(flags & 2) or flags >> 5 & 3 == 1
        shape.end_cell(edges[i + 1])
    return shape


def change(raw: bytes) -> Change | None:
    """What a tracked change did to characters with these properties; None for nothing."""
    values = dict(codes(raw)) if b"\x00\x08" in raw or b"\x01\x08" in raw else {}
    if any(values.get(_DELETED, b"")):
        return Change.REMOVED
    return Change.ADDED if any(values.get(_INSERTED, b"")) else None
