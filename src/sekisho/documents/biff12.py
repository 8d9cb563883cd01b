"""Binary workbooks (xlsb) record by record: for those that the native reader refuses, and for their comments."""

from __future__ import annotations

import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from sekisho.documents import package, serial_dates
from sekisho.documents.package import Package
from sekisho.documents.row_runs import Rows
from sekisho.errors import UnreadableError
from sekisho.model import Grid, Reason

_ROW, _RK, _BOOL, _REAL, _STRING, _SHARED, _FORMULA_STRING, _FORMULA_REAL, _FORMULA_BOOL = 0, 2, 4, 5, 6, 7, 8, 9, 10
_SHARED_ITEM, _FORMAT, _STYLE, _RICH = 19, 44, 47, 62
_SIZE, _PROPERTIES, _SHEET, _CELL_STYLES, _END_CELL_STYLES = 148, 153, 156, 617, 618
_COMMENT, _COMMENT_TEXT = 635, 637
_LAST_ROW, _LAST_COLUMN = 1_048_576, 16_384


@dataclass(slots=True)
class Book:
    """What all sheets share, and the sheets: name, part, whether hidden."""

    texts: list[str] = field(default_factory=list)
    dated: list[bool] = field(default_factory=list)
    from_1904: bool = False
    sheets: list[tuple[str, str, bool]] = field(default_factory=list)


def records(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Number and bytes of each record. Raises UnreadableError behind the last whole one of a damaged part."""
    for number, at, size in _records(data):
        yield number, data[at : at + size]


def _records(data: bytes) -> Iterator[tuple[int, int, int]]:
    """Number, place and size of each record."""
    at = 0
    try:
        while at < len(data):
            number = data[at]
            at += 1
            if number & 0x80:
                number = number & 0x7F | (data[at] & 0x7F) << 7
                at += 1
            size = shift = 0
            while True:
                size |= (data[at] & 0x7F) << shift
                shift += 7
                at += 1
                if not data[at - 1] & 0x80 or shift == 28:
                    break
            yield number, at, size
            at += size
    except IndexError as error:
        raise UnreadableError(Reason.DAMAGED, "workbook part") from error


def book(parts: Package, main: str = "xl/workbook.bin") -> Book:
    """The shared part of a workbook."""
    result = Book()
    targets = {key: target for key, _, target in package.relations(parts, main)}
    for number, record in records(parts.read(main)):
        if number == _SHEET:
            result.sheets += _sheet(record, targets)
        elif number == _PROPERTIES:
            result.from_1904 = bool(record[0] & 1)
    for name in parts.matching(r"(?i)xl/sharedStrings\.bin"):
        items = records(parts.read(name))
        result.texts = [wide_text(record, 1)[0] for number, record in items if number == _SHARED_ITEM]
    for name in parts.matching(r"(?i)xl/styles\.bin"):
        result.dated = list(_dated(parts.read(name)))
    return result


def _sheet(record: bytes, targets: Mapping[str, str]) -> Iterator[tuple[str, str, bool]]:
    for start in (8, 12):  # some early files have one number more
        key, at = wide_text(record, start)
        if key in targets:
            yield wide_text(record, at)[0], targets[key], record[start - 8] != 0
            return


def _dated(data: bytes) -> Iterator[bool]:
    codes = format_codes(data)
    for _, code in style_formats(data):
        yield serial_dates.is_date(str(code), codes.get(code))


def format_codes(data: bytes) -> dict[int, str]:
    """The formats of numbers that the workbook defines itself."""
    found = ((record, wide_text(record, 2)[0]) for number, record in records(data) if number == _FORMAT)
    return {int.from_bytes(record[:2], "little"): code for record, code in found}


def style_formats(data: bytes) -> Iterator[tuple[int, int]]:
    """Where the number of the format stands in each cell style, and that number."""
    of_cells = False
    for number, at, size in _records(data):
        if number in (_CELL_STYLES, _END_CELL_STYLES):
            of_cells = number == _CELL_STYLES
        elif number == _STYLE and of_cells and size >= 4:
            yield at + 2, int.from_bytes(data[at + 2 : at + 4], "little")


def wide_text(record: bytes, at: int) -> tuple[str, int]:
    """The text whose length stands at ``at``, and where it ends."""
    end = at + 4 + 2 * int.from_bytes(record[at : at + 4], "little")
    return record[at + 4 : end].decode("utf-16-le", "replace"), end


def grids(parts: Package, part: str, shared: Book, name: str, *, hidden: bool) -> Iterator[Grid]:
    """The cells of one sheet in runs of rows."""
    data = parts.read(part)
    run = Rows(name, hidden=hidden)
    row, cells = 0, list[tuple[int, str]]()
    for number, record in records(data):
        if number == _ROW:
            if cells:
                yield from run.add(row + 1, cells)
            row, cells = int.from_bytes(record[:4], "little"), []
        elif number <= _FORMULA_BOOL or number == _RICH:
            value, column = _value(number, record, shared), int.from_bytes(record[:4], "little")
            if value is not None and row < _LAST_ROW and column < _LAST_COLUMN:
                cells.append((column, value))
    if cells:
        yield from run.add(row + 1, cells)
    yield from run.rest()


def _value(number: int, record: bytes, shared: Book) -> str | None:
    body = record[8:]
    if number in (_STRING, _FORMULA_STRING):
        return wide_text(body, 0)[0] or None
    if number == _RICH:
        return wide_text(body, 1)[0] or None
    if number == _SHARED:
        index = int.from_bytes(body[:4], "little")
        return (shared.texts[index] or None) if index < len(shared.texts) else None
    if number in (_BOOL, _FORMULA_BOOL):
        return "true" if body[:1] == b"\1" else "false"
    real = _number(number, body)
    style = int.from_bytes(record[4:7], "little")
    dated = style < len(shared.dated) and shared.dated[style]
    return None if real is None else serial_dates.text(real, dated=dated, from_1904=shared.from_1904)


def _number(number: int, body: bytes) -> float | None:
    if number in (_REAL, _FORMULA_REAL) and len(body) >= 8:
        return float(struct.unpack_from("<d", body)[0])
    if number != _RK or len(body) < 4:
        return None
    packed = int.from_bytes(body[:4], "little", signed=True)
    upper = b"\0\0\0\0" + (packed & ~3).to_bytes(4, "little", signed=True)
    value = float(packed >> 2) if packed & 2 else float(struct.unpack("<d", upper)[0])
    return value / 100 if packed & 1 else value


def cells_around(data: bytes) -> int:
    """How many cells the rectangle has that a sheet says it fills."""
    for number, record in records(data[:4096]):
        if number == _SIZE and len(record) >= 16:
            _, last_row, _, last_column = struct.unpack_from("<4I", record)
            return int((last_row + 1) * (last_column + 1))
    return 0


def comments(data: bytes) -> Iterator[tuple[tuple[int, int], str]]:
    """The comments of a sheet by row and column, from 0."""
    at = None
    for number, record in records(data):
        if number == _COMMENT and len(record) >= 20:
            row, _, column, _ = struct.unpack_from("<4I", record, 4)
            at = (row, column)
        elif number == _COMMENT_TEXT and at is not None:
            text, _ = wide_text(record, 1)
            if text.strip():
                yield at, text
