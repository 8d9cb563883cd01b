"""The text of old PowerPoint files (.ppt, 97 to 2003): slides with their shapes and tables, notes, comments, objects.

After [MS-PPT]: records nest; the last edit says where each slide stands, so that what earlier saves left is passed.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from typing import NamedTuple

from sekisho.documents.blocks import Block, Table
from sekisho.errors import LockedError, UnreadableError
from sekisho.model import Reason

_EDIT, _DIRECTORY, _DOCUMENT, _SLIDE, _NOTES, _LIST = 0x0FF5, 0x1772, 0x03E8, 0x03EE, 0x03F0, 0x0FF0
_PERSIST, _SLIDE_ATOM, _DRAWING, _GROUP, _SHAPE = 0x03F3, 0x03EF, 0x040C, 0xF003, 0xF004
_TEXTBOX, _OUTLINE, _HEADER, _WIDE, _NARROW = 0xF00D, 0x0F9E, 0x0F9F, 0x0FA0, 0x0FA8
_CHILD_ANCHOR, _OBJECT, _COMMENT, _STRING = 0xF00F, 0x1011, 0x2EE0, 0x0FBA
_LOCKED = 0xF3D1C4DF
_TAG_DATA = 0x138B  # holds records, though it does not say so
_DEEP, _WIDEST_OBJECT = 40, 256 << 20
_SHOWN = {0x0B: "\n", 0x0D: "\n", 0x00: ""}


class _Record(NamedTuple):
    kind: int
    instance: int
    container: bool
    start: int  # of its content
    end: int


class Presentation:
    """The records of a presentation. ``current``: the stream "Current User"."""

    def __init__(self, data: bytes, current: bytes) -> None:
        self._data = data
        if struct.unpack_from("<I", current.ljust(20, b"\0"), 12)[0] == _LOCKED:
            raise LockedError(Reason.PASSWORD_UNKNOWN)
        self._places: dict[int, int] = {}
        self._document = self._edits(int.from_bytes(current[16:20], "little"))

    def slides(self) -> Iterator[list[Block]]:
        """The blocks of each slide in the order of the show, its notes and comments last."""
        notes = dict(self._notes())
        for slide, outline in self._listed(0):
            identifier, record = slide
            blocks = list(self._drawn(record, outline)) if record else outline_lines(outline)
            blocks += notes.get(identifier, [])
            if record:
                blocks += self._comments(record)
            yield blocks

    def objects(self) -> Iterator[bytes]:
        """The compound files of embedded objects."""
        for place in self._places.values():
            record = self._at(place)
            if record is not None and record.kind == _OBJECT:
                yield self._object(record)

    # -- records

    def _at(self, place: int) -> _Record | None:
        if place + 8 > len(self._data):
            return None
        first, kind, size = struct.unpack_from("<HHI", self._data, place)
        return _Record(kind, first >> 4, first & 15 == 15, place + 8, min(place + 8 + size, len(self._data)))

    def _numbers(self, at: int, count: int) -> tuple[int, ...]:
        return struct.unpack(f"<{count}I", self._data[at : at + 4 * count].ljust(4 * count, b"\0"))

    def _inside(self, record: _Record) -> Iterator[_Record]:
        at = record.start
        while at + 8 <= record.end and (child := self._at(at)) is not None:
            yield child
            at = child.end

    def _all(self, record: _Record, kind: int, depth: int = 0) -> Iterator[_Record]:
        for child in self._inside(record):
            if child.kind == kind:
                yield child
            elif (child.container or child.kind == _TAG_DATA) and depth < _DEEP:
                yield from self._all(child, kind, depth + 1)

    # -- where things stand

    def _edits(self, offset: int) -> _Record:
        """Follows the edits from the last one back; gives the document."""
        document = 0
        seen: set[int] = set()
        while offset not in seen and (edit := self._at(offset)) is not None and edit.kind == _EDIT:
            seen.add(offset)
            _, _, offset, directory, root = self._numbers(edit.start, 5)
            document = document or root
            self._directory(directory)
            if not offset:
                break
        found = self._at(self._places.get(document, len(self._data)))
        if found is None or found.kind != _DOCUMENT:
            raise UnreadableError(Reason.DAMAGED, "presentation")
        return found

    def _directory(self, offset: int) -> None:
        record = self._at(offset)
        at = record.start if record is not None and record.kind == _DIRECTORY else len(self._data)
        end = record.end if record is not None else at
        while at + 4 <= end:
            head = int.from_bytes(self._data[at : at + 4], "little")
            at += 4
            for i in range(head >> 20):
                if at + 4 <= end:
                    self._places.setdefault((head & 0xFFFFF) + i, int.from_bytes(self._data[at : at + 4], "little"))
                at += 4

    def _listed(self, instance: int) -> Iterator[tuple[tuple[int, _Record | None], list[str]]]:
        """Slides or notes as the document lists them: identifier, record, and their outline texts."""
        for group in self._inside(self._document):
            if group.kind != _LIST or group.instance != instance:
                continue
            slide: tuple[int, _Record | None] | None = None
            outline: list[str] = []
            for child in self._inside(group):
                if child.kind == _PERSIST:
                    if slide is not None:
                        yield slide, outline
                    reference, _, _, identifier = self._numbers(child.start, 4)
                    slide, outline = (identifier, self._at(self._places.get(reference, len(self._data)))), []
                elif child.kind == _HEADER:
                    outline.append("")
                elif child.kind in (_WIDE, _NARROW) and outline:
                    outline[-1] += self._text(child)
            if slide is not None:
                yield slide, outline

    def _notes(self) -> Iterator[tuple[int, list[Block]]]:
        """By identifier of the slide, its notes."""
        for (_, record), outline in self._listed(2):
            if record is not None and record.kind == _NOTES:
                first = next(self._inside(record), None)
                slide = int.from_bytes(self._data[first.start : first.start + 4], "little") if first else 0
                yield slide, [block for block in self._drawn(record, outline) if block != "*"]

    # -- texts

    def _text(self, record: _Record) -> str:
        data = self._data[record.start : record.end]
        text = data.decode("utf-16-le", "replace") if record.kind != _NARROW else data.decode("latin-1")
        return text.translate(_SHOWN)

    def _drawn(self, slide: _Record, outline: list[str]) -> Iterator[Block]:
        for drawing in self._inside(slide):
            if drawing.kind == _DRAWING:
                for group in self._all(drawing, _GROUP):
                    yield from self._group(group, outline, 0)

    def _group(self, group: _Record, outline: list[str], depth: int) -> Iterator[Block]:
        shapes: list[tuple[str, tuple[int, ...] | None]] = []
        for child in self._inside(group):
            if child.kind == _GROUP and depth < _DEEP:
                yield from _as_blocks(shapes)
                shapes = []
                yield from self._group(child, outline, depth + 1)
            elif child.kind == _SHAPE:
                text = self._shape_text(child, outline)
                if text.strip():
                    shapes.append((text, self._anchor(child)))
        yield from _as_blocks(shapes)

    def _shape_text(self, shape: _Record, outline: list[str]) -> str:
        text = ""
        for box in self._all(shape, _TEXTBOX):
            for record in self._inside(box):
                if record.kind in (_WIDE, _NARROW):
                    text += self._text(record)
                elif record.kind == _OUTLINE:
                    index = int.from_bytes(self._data[record.start : record.start + 4], "little")
                    text += outline[index] if index < len(outline) else ""
        return text

    def _anchor(self, shape: _Record) -> tuple[int, ...] | None:
        for record in self._inside(shape):
            if record.kind == _CHILD_ANCHOR and record.end - record.start >= 16:
                return struct.unpack_from("<4i", self._data, record.start)
        return None

    def _comments(self, slide: _Record) -> list[Block]:
        found: list[Block] = []
        for comment in self._all(slide, _COMMENT):
            found += [self._text(text) for text in self._inside(comment) if text.kind == _STRING and text.instance == 1]
        return found

    def _object(self, record: _Record) -> bytes:
        data = self._data[record.start : record.end]
        if record.instance != 1:
            return data
        size = min(int.from_bytes(data[:4], "little"), _WIDEST_OBJECT)
        try:
            return zlib.decompressobj().decompress(data[4:], size)
        except zlib.error as error:
            raise UnreadableError(Reason.DAMAGED, "embedded object") from error


def outline_lines(outline: list[str]) -> list[Block]:
    """The outline of a slide whose drawing is lost."""
    return [text for text in outline if text]


def _as_blocks(shapes: list[tuple[str, tuple[int, ...] | None]]) -> Iterator[Block]:
    """Shapes of one group as the cells of a table where they lie in rows and columns without a gap, else as texts."""
    cells = {(place[1], place[0]): text for text, place in shapes if place is not None}
    tops, lefts = sorted({top for top, _ in cells}), sorted({left for _, left in cells})
    if len(tops) > 1 and len(lefts) > 1 and len(cells) > 0.5 * len(tops) * len(lefts):
        yield Table([[cells.get((top, left)) or None for left in lefts] for top in tops])
    else:
        yield from (text for text, _ in shapes if text.strip())
