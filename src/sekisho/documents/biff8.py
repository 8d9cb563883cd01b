"""Old Excel workbooks (xls) record by record: comments, text boxes and pivot caches, which the native reader leaves."""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass, field

from sekisho.documents import serial_dates

_CONTINUE, _BEGIN, _END, _SHEET, _CODE_PAGE = 0x3C, 0x809, 0x0A, 0x85, 0x42
_NOTE, _OBJECT, _TEXT_OBJECT = 0x1C, 0x5D, 0x1B6
_NOTE_OBJECT, _PICTURE_OBJECT = 0x19, 0x08
_HANGING = re.compile(rb"\xb6\x01\x12\x00|\x5d\x00..\x15\x00\x12\x00\x08\x00", re.DOTALL)  # a text or a picture
_FIELD, _INDEXES = 0xC7, 0xC8
_NUMBER, _BOOLEAN, _ERROR, _INTEGER, _STRING, _MOMENT, _NOTHING = 0xC9, 0xCA, 0xCB, 0xCC, 0xCD, 0xCE, 0xCF
_ITEMS = frozenset((_NUMBER, _BOOLEAN, _ERROR, _INTEGER, _STRING, _MOMENT, _NOTHING))

Record = tuple[int, bytes, list[bytes]]  # number, bytes, and those of the records that continue it


def records(data: bytes) -> Iterator[Record]:
    """The records of a stream, each with its continuations; those of a cut stream as far as they go."""
    at = 0
    held: Record | None = None
    while at + 4 <= len(data):
        number, size = struct.unpack_from("<HH", data, at)
        body = data[at + 4 : at + 4 + size]
        at += 4 + size
        if number == _CONTINUE and held is not None:
            held[2].append(body)
            continue
        if held is not None:
            yield held
        held = (number, body, [])
    if held is not None:
        yield held


@dataclass(slots=True)
class Beside:
    """What hangs on one sheet: comments by row and column from 0, the texts of its boxes, whether pictures."""

    name: str
    notes: dict[tuple[int, int], str] = field(default_factory=dict)
    boxes: list[str] = field(default_factory=list)
    pictures: bool = False


def beside(data: bytes) -> Iterator[Beside]:
    """What hangs on the sheets of a workbook stream, in their order."""
    if _HANGING.search(data) is None:
        return
    names: list[tuple[int, str]] = []
    depth, sheet = 0, None
    for record in records(data):
        number, body, _ = record
        if number == _BEGIN:
            depth += 1
            if depth == 1 and sheet is not None and names:
                sheet = _Sheet(names.pop(0)[1])
            sheet = sheet or _Sheet("")
        elif number == _END:
            depth -= 1
            if depth == 0 and sheet is not None and sheet.found.name:
                yield sheet.found
        elif number == _SHEET and len(body) > 8:
            names.append((int.from_bytes(body[:4], "little"), _short_text(body, 6)))
            names.sort()
        elif sheet is not None:
            sheet.take(record)


class _Sheet:
    """Puts the objects, texts and notes of one sheet together."""

    def __init__(self, name: str) -> None:
        self.found = Beside(name)
        self._object = (0, 0)  # kind and number of the last object
        self._note_texts: dict[int, str] = {}

    def take(self, record: Record) -> None:
        number, body, more = record
        if number == _OBJECT and len(body) >= 8:
            self._object = struct.unpack_from("<HH", body, 4)
            self.found.pictures |= self._object[0] == _PICTURE_OBJECT
        elif number == _TEXT_OBJECT and len(body) >= 12 and more:
            self._text(_long_text(more, int.from_bytes(body[10:12], "little")))
        elif number == _NOTE and len(body) >= 8:
            self._note(body)

    def _text(self, text: str) -> None:
        if self._object[0] == _NOTE_OBJECT:
            self._note_texts[self._object[1]] = text
        elif text.strip():
            self.found.boxes.append(text)

    def _note(self, body: bytes) -> None:
        row, column, _, number = struct.unpack_from("<4H", body)
        text = self._note_texts.get(number, "")
        if text.strip():
            self.found.notes[row, column] = text


def _short_text(body: bytes, at: int) -> str:
    """A text of at most 255 characters behind its length and a mark of its width."""
    size, wide = body[at], body[at + 1] & 1
    raw = body[at + 2 : at + 2 + size * (1 + wide)]
    return raw.decode("utf-16-le" if wide else "latin-1", "replace")


def _long_text(pieces: list[bytes], size: int) -> str:
    """A text of ``size`` characters in continuations, each with its own mark of width."""
    text = ""
    for piece in pieces:
        if len(text) >= size or not piece:
            break
        wide = piece[0] & 1
        rest = (size - len(text)) * (1 + wide)
        text += piece[1 : 1 + rest].decode("utf-16-le" if wide else "latin-1", "replace")
    return text.replace("\r\n", "\n").replace("\r", "\n")


@dataclass(slots=True)
class _Field:
    """A field of a pivot cache: its name and shared items. ``groups``: items of a grouping, which come before them."""

    name: str
    indexed: bool
    wide: bool
    calculated: bool
    groups: int
    size: int
    items: list[str | None] = field(default_factory=list)

    @property
    def in_rows(self) -> bool:
        """Whether each row of the cache has a value of it."""
        return not self.calculated and (self.size > 0 or not self.groups)


def pivot_cache(data: bytes) -> tuple[list[str], list[list[str | None]]]:
    """The field names and the rows of a pivot cache stream."""
    cache = _Cache()
    for number, body, _ in records(data):
        if number == _FIELD and len(body) >= 17:
            cache.fields.append(_field(body))
        elif number == _INDEXES:
            cache.begin(body)
        elif number in _ITEMS:
            cache.item(_item(number, body))
    return [f.name for f in cache.fields if f.in_rows], cache.rows


class _Cache:
    """Gives each item of a cache stream its place: a grouping, the shared items of a field, or a row."""

    def __init__(self) -> None:
        self.fields: list[_Field] = []
        self.rows: list[list[str | None]] = []
        self._open: list[int] = []  # columns of the last row that wait for an item

    def begin(self, body: bytes) -> None:
        """A row whose shared values are given by index."""
        row: list[str | None] = []
        at = 0
        self._open = []
        for known in self.fields:
            if not known.in_rows:
                continue
            if not known.indexed:
                self._open.append(len(row))
                row.append(None)
                continue
            width = 2 if known.wide else 1
            index = int.from_bytes(body[at : at + width], "little")
            at += width
            row.append(known.items[index] if index < len(known.items) else None)
        self.rows.append(row)

    def item(self, value: str | None) -> None:
        """The next item of the stream."""
        last = self.fields[-1] if self.fields else None
        if last is not None and last.groups > 0 and not self.rows:
            last.groups -= 1
        elif last is not None and len(last.items) < last.size and not self.rows:
            last.items.append(value)
        elif last is not None:
            if not self._open:
                self.begin(b"")
            if self._open:
                self.rows[-1][self._open.pop(0)] = value


def _field(body: bytes) -> _Field:
    flags, _, _, _, groups, _, size = struct.unpack_from("<7H", body)
    name = _long_text([body[16:]], int.from_bytes(body[14:16], "little"))
    return _Field(name, bool(flags & 1), bool(flags & 0x200), bool(flags & 0x8000), groups, size)


def _item(number: int, body: bytes) -> str | None:
    if number == _STRING and len(body) >= 3:
        return _long_text([body[2:]], int.from_bytes(body[:2], "little"))
    if number == _NUMBER and len(body) >= 8:
        return serial_dates.text(struct.unpack_from("<d", body)[0], dated=False)
    if number in (_INTEGER, _BOOLEAN) and len(body) >= 2:
        value = int.from_bytes(body[:2], "little", signed=True)
        return str(value) if number == _INTEGER else str(bool(value)).lower()
    if number == _MOMENT and len(body) >= 8:
        year, month, day, hour, minute, second = struct.unpack_from("<HHBBBB", body)
        date = f"{year:04}-{month:02}-{day:02}"
        return f"{date} {hour:02}:{minute:02}:{second:02}" if hour or minute or second else date
    return None
