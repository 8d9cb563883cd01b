"""The cells of old Excel workbooks (xls) record by record.

For what the native reader garbles (Excel 5 and 95 in other than Latin letters), refuses, or cannot hold (single cells
at the far corners of a sheet).
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field

from sekisho.documents import serial_dates
from sekisho.documents.biff8 import Record, records
from sekisho.documents.row_runs import Rows
from sekisho.errors import UnreadableError
from sekisho.model import Grid, Reason

_BEGIN, _END, _SHEET, _CODE_PAGE, _DATES, _FORMAT, _STYLE, _TEXTS = 0x809, 0x0A, 0x85, 0x42, 0x22, 0x41E, 0xE0, 0xFC
_NUMBER, _RK, _MANY_RK, _SHARED, _LABEL, _RICH, _BOOL, _FORMULA, _STRING, _SIZE = (
    0x203, 0x27E, 0xBD, 0xFD, 0x204, 0xD6, 0x205, 0x06, 0x207, 0x200,
)  # fmt: skip
_CODE_PAGES = {932: "cp932", 10001: "cp932", 32768: "mac-roman", 10000: "mac-roman", 32769: "cp1252", 1200: "utf-16-le"}
_BROKEN = (struct.error, IndexError, ValueError, LookupError, OverflowError)


def is_before_97(stream: bytes) -> bool:
    """Whether a workbook stream is of Excel 5 or 95, whose texts are in a code page."""
    return stream[:2] == b"\x09\x08" and stream[4:6] == b"\x00\x05"


def cells_around(stream: bytes) -> int:
    """The most cells that the rectangle of a sheet has, as the sheets say."""
    most = at = 0
    mark = struct.pack("<HH", _SIZE, 14)
    while (at := stream.find(mark, at) + 4) > 3 and at + 12 <= len(stream):
        _, last_row, _, last_column = struct.unpack_from("<IIHH", stream, at)
        if last_row <= 65_536 and last_column <= 256:
            most = max(most, last_row * last_column)
    return most


@dataclass(slots=True)
class _Book:
    encoding: str = "cp1252"
    wide: bool = True  # texts with a mark of their width, as since Excel 97
    from_1904: bool = False
    texts: list[str] = field(default_factory=list)
    codes: dict[int, str] = field(default_factory=dict)
    styles: list[int] = field(default_factory=list)
    sheets: list[tuple[int, str, bool]] = field(default_factory=list)

    def text(self, body: bytes, at: int, *, short: bool = False) -> str:
        """A text behind its length, which is one byte where ``short``."""
        size = body[at] if short else int.from_bytes(body[at : at + 2], "little")
        at += 1 if short else 2
        if not self.wide:
            return body[at : at + size].decode(self.encoding, "replace")
        double = body[at] & 1
        raw = body[at + 1 : at + 1 + size * (1 + double)]
        return raw.decode("utf-16-le" if double else "latin-1", "replace")

    def number(self, value: float, style: int) -> str:
        """A number as its cell shows it: a day or a number."""
        code = self.styles[style] if style < len(self.styles) else 0
        dated = serial_dates.is_date(str(code), self.codes.get(code))
        return serial_dates.text(value, dated=dated, from_1904=self.from_1904)


def grids(stream: bytes) -> Iterator[Grid]:
    """The sheets of a workbook stream. Raises UnreadableError."""
    try:
        yield from _grids(stream)
    except _BROKEN as error:
        raise UnreadableError(Reason.DAMAGED, "workbook") from error


def _grids(stream: bytes) -> Iterator[Grid]:
    book = _Book(wide=not is_before_97(stream))
    depth = 0
    sheet: _Sheet | None = None
    for record in records(stream):
        number, body, _ = record
        if number == _BEGIN:
            depth += 1
            if depth == 1 and book.sheets and sheet is None:
                _, name, hidden = book.sheets.pop(0)
                sheet = _Sheet(book, name, hidden)
        elif number == _END:
            depth -= 1
            if depth == 0 and sheet is not None:
                yield from sheet.grids()
                sheet = None
        elif sheet is None:
            _global(book, record)
        elif depth == 1:
            sheet.take(number, body)
    if sheet is not None:
        yield from sheet.grids()


def _global(book: _Book, record: Record) -> None:
    number, body, more = record
    if number == _CODE_PAGE:
        page = int.from_bytes(body[:2], "little")
        book.encoding = _CODE_PAGES.get(page, f"cp{page}")
    elif number == _DATES:
        book.from_1904 = body[:1] == b"\1"
    elif number == _FORMAT:
        book.codes[int.from_bytes(body[:2], "little")] = book.text(body, 2, short=not book.wide)
    elif number == _STYLE:
        book.styles.append(int.from_bytes(body[2:4], "little"))
    elif number == _SHEET:
        book.sheets.append((int.from_bytes(body[:4], "little"), book.text(body, 6, short=True), body[4] & 3 != 0))
        book.sheets.sort()
    elif number == _TEXTS:
        book.texts = list(_shared([body[8:], *more]))


class _Sheet:
    """Gathers the cells of one sheet."""

    def __init__(self, book: _Book, name: str, hidden: bool) -> None:
        self._book, self._name, self._hidden = book, name, hidden
        self._rows: dict[int, list[tuple[int, str]]] = {}
        self._formula: tuple[int, int] | None = None  # the cell whose text comes in the next record

    def grids(self) -> Iterator[Grid]:
        """The sheet in runs of rows."""
        run = Rows(self._name, hidden=self._hidden)
        for row in sorted(self._rows):
            yield from run.add(row + 1, self._rows[row])
        yield from run.rest()

    def take(self, number: int, body: bytes) -> None:
        """One record of the sheet."""
        if number == _STRING and self._formula is not None:
            self._put(*self._formula, self._book.text(body, 0))
        elif number == _MANY_RK:
            row, first = struct.unpack_from("<HH", body)
            for index in range((len(body) - 6) // 6):
                style, packed = struct.unpack_from("<Hi", body, 4 + 6 * index)
                self._put(row, first + index, self._book.number(_rk(packed), style))
        elif number in _CELLS and len(body) >= 8:
            row, column, style = struct.unpack_from("<HHH", body)
            text_follows = number == _FORMULA and body[6] == 0 and body[12:14] == b"\xff\xff"
            self._formula = (row, column) if text_follows else None
            self._put(row, column, self._value(number, body, style))

    def _put(self, row: int, column: int, value: str | None) -> None:
        if value and column < 256:
            self._rows.setdefault(row, []).append((column, value))

    def _value(self, number: int, body: bytes, style: int) -> str | None:
        if number in (_LABEL, _RICH):
            return self._book.text(body, 6)
        if number == _SHARED:
            index = int.from_bytes(body[6:10], "little")
            return self._book.texts[index] if index < len(self._book.texts) else None
        if number == _BOOL:
            return None if body[7] else str(bool(body[6])).lower()
        if number == _RK:
            return self._book.number(_rk(struct.unpack_from("<i", body, 6)[0]), style)
        if number == _FORMULA and body[12:14] == b"\xff\xff":
            return str(bool(body[8])).lower() if body[6] == 1 else None
        return self._book.number(struct.unpack_from("<d", body, 6)[0], style)


_CELLS = frozenset((_NUMBER, _RK, _SHARED, _LABEL, _RICH, _BOOL, _FORMULA))


def _rk(packed: int) -> float:
    upper = b"\0\0\0\0" + (packed & ~3).to_bytes(4, "little", signed=True)
    value = float(packed >> 2) if packed & 2 else float(struct.unpack("<d", upper)[0])
    return value / 100 if packed & 1 else value


def _shared(pieces: list[bytes]) -> Iterator[str]:
    """The shared texts, which run on from one record into those that continue it."""
    piece, at = 0, 0
    while piece < len(pieces):
        if at >= len(pieces[piece]):
            piece, at = piece + 1, at - len(pieces[piece])
            continue
        data = pieces[piece]
        size, flags = int.from_bytes(data[at : at + 2], "little"), data[at + 2]
        at += 3
        runs = extra = 0
        if flags & 8:
            runs, at = int.from_bytes(data[at : at + 2], "little"), at + 2
        if flags & 4:
            extra, at = int.from_bytes(data[at : at + 4], "little"), at + 4
        text = ""
        while True:
            double = flags & 1
            raw = pieces[piece][at : at + (size - len(text)) * (1 + double)]
            text += raw.decode("utf-16-le" if double else "latin-1", "replace")
            at += len(raw)
            if len(text) >= size or piece + 1 >= len(pieces):
                break
            piece, at = piece + 1, 1
            flags = pieces[piece][0]
        yield text
        at += 4 * runs + extra
