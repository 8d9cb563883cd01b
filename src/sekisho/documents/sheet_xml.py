"""Sheets of an xlsx read cell by cell: for those too large or too scattered to be held as one rectangle.

Slower than the native reader, but its memory stays flat, and it reads what that one refuses.
"""

from __future__ import annotations

import re
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import chain
from typing import Any

from lxml import etree

from sekisho.documents import serial_dates
from sekisho.documents.package import Package
from sekisho.documents.row_runs import Rows
from sekisho.errors import UnreadableError
from sekisho.model import Grid, Reason

MOST_CELLS = 8_000_000  # of a rectangle that the native reader is trusted with
_READ = 1 << 20  # bytes
_DIMENSION = re.compile(rb"<(?:\w+:)?dimension\s[^>]*ref=\"[A-Z]+\d+:([A-Z]+)(\d+)\"")
_WIDE = re.compile(rb" r=\"([A-Z]{2,3})\d")
_ROW = re.compile(rb"<(?:\w+:)?row\s(?:[^>]*?\s)?r=\"(\d+)\"")
_OPTIONS: dict[str, Any] = {
    "resolve_entities": False,
    "no_network": True,
    "huge_tree": True,
    "remove_comments": True,
    "remove_pis": True,
}
_BROKEN = (etree.XMLSyntaxError, zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError)


def is_too_large(parts: Package, part: str) -> bool:
    """Whether the rectangle around the cells of a sheet is too large to be held."""
    with parts.open(part) as file:
        try:
            head = file.read(4096)
            told = _DIMENSION.search(head)
            if told is None:  # not told, or only its first cell, as some writers do
                return _extent(chain([head], iter(lambda: file.read(_READ), b""))) > MOST_CELLS
        except _BROKEN as error:
            raise UnreadableError(Reason.DAMAGED, "sheet") from error
    return (column_number(told[1].decode()) + 1) * int(told[2]) > MOST_CELLS


def _extent(pieces: Iterator[bytes]) -> int:
    width, height, rest = 26, 0, b""
    for piece in pieces:
        text = rest + piece
        width = max([width, *(column_number(name.decode()) + 1 for name in set(_WIDE.findall(text)))])
        rows = _ROW.findall(text)
        height = max(height, int(rows[-1])) if rows else height
        rest = text[-100:]
    return width * height


def column_number(name: str) -> int:
    """A -> 0, Z -> 25, AA -> 26."""
    number = 0
    for letter in name:
        number = number * 26 + ord(letter) - 64
    return number - 1


@dataclass(slots=True)
class Book:
    """What all sheets of a workbook share: its texts, which cell styles show dates, and when its days begin."""

    texts: list[str] = field(default_factory=list)
    dated: list[bool] = field(default_factory=list)
    from_1904: bool = False


def book(parts: Package, main: str) -> Book:
    """The shared part of a workbook whose main part is ``main``."""
    folder = main.rpartition("/")[0]
    result = Book()
    properties = parts.xml(main)[0].find("{*}workbookPr")
    result.from_1904 = properties is not None and properties.get("date1904") in ("1", "true")
    for name in parts.matching(rf"(?i){folder}/sharedStrings\.xml"):
        result.texts = [_text(item) for item in parts.xml(name)[0].iterfind("{*}si")]
    for name in parts.matching(rf"(?i){folder}/styles\.xml"):
        root = parts.xml(name)[0]
        own = {f.get("numFmtId"): f.get("formatCode", "") for f in root.iterfind("{*}numFmts/{*}numFmt")}
        styles = root.iterfind("{*}cellXfs/{*}xf")
        result.dated = [serial_dates.is_date(x.get("numFmtId", "0"), own.get(x.get("numFmtId"))) for x in styles]
    return result


def _text(item: etree._Element) -> str:
    """The text of a shared or inline string, without its reading marks."""
    texts = []
    for part in item:
        if part.tag[-2:] == "}t":
            texts.append(part.text or "")
        elif part.tag[-2:] == "}r":
            texts += [t.text or "" for t in part if t.tag[-2:] == "}t"]
    return "".join(texts)


def grids(parts: Package, part: str, shared: Book, name: str, *, hidden: bool) -> Iterator[Grid]:
    """The cells of one sheet in runs of rows; where rows or columns lie far apart, the empty ones are left out."""
    run = Rows(name, hidden=hidden)
    try:
        with parts.open(part) as file:
            for _, row in etree.iterparse(file, tag="{*}row", **_OPTIONS):
                told = row.get("r", "")
                yield from run.add(int(told) if told.isdigit() else run.next, _cells(row, shared))
                _forget(row)
    except _BROKEN as error:
        yield from run.rest()
        raise UnreadableError(Reason.DAMAGED, "sheet") from error
    yield from run.rest()


def _cells(row: etree._Element, shared: Book) -> Iterator[tuple[int, str]]:
    column = -1
    for cell in row:
        letters = cell.get("r", "").rstrip("0123456789")
        column = column_number(letters) if letters.isalpha() and letters.isascii() else column + 1
        value = _value(cell, shared)
        if value is not None:
            yield column, value


def _value(cell: etree._Element, shared: Book) -> str | None:
    kind = cell.get("t", "n")
    value = ""
    for child in cell:
        if child.tag[-2:] == "}v":
            value = child.text or ""
        elif child.tag[-3:] == "}is":
            return _text(child)
    if not value or kind == "e":
        return None
    if kind == "s":
        return shared.texts[int(value)] if value.isdigit() and int(value) < len(shared.texts) else None
    if kind == "n":
        style = cell.get("s", "0")
        dated = style.isdigit() and int(style) < len(shared.dated) and shared.dated[int(style)]
        return serial_dates.text(value, dated=dated, from_1904=shared.from_1904)
    return _OTHER.get(kind, str)(value)


def _iso(value: str) -> str:
    return value.removesuffix("T00:00:00").replace("T", " ")


_OTHER: dict[str, Callable[[str], str]] = {"b": lambda value: "true" if value == "1" else "false", "d": _iso}


def _forget(row: etree._Element) -> None:
    row.clear()
    while (previous := row.getprevious()) is not None:
        parent = previous.getparent()
        if parent is None:
            break
        parent.remove(previous)
