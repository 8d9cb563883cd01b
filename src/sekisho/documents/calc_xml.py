"""OpenDocument sheets read element by element: comments and boxes; cells where the native reader must not be used."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from lxml import etree

from sekisho.documents.row_runs import Rows
from sekisho.errors import UnreadableError
from sekisho.model import Grid, Reason

_BASE = "urn:oasis:names:tc:opendocument:xmlns:"
_TABLE, _TEXT, _OFFICE, _STYLE, _DRAW = (
    f"{{{_BASE}{name}:1.0}}" for name in ("table", "text", "office", "style", "drawing")
)
_TAGS = [f"{_TABLE}table", f"{_TABLE}table-row", f"{_TABLE}shapes", f"{_STYLE}style"]
_ASIDE = frozenset((f"{_OFFICE}annotation", f"{_DRAW}frame", f"{_DRAW}custom-shape", f"{_DRAW}g", f"{_DRAW}text-box"))
_CELLS = frozenset((f"{_TABLE}table-cell", f"{_TABLE}covered-table-cell"))
_FAR = re.compile(rb"number-(row|column)s-repeated=[\"']\d{4,}[\"'][^>]*>(?!</table:table-row>)")
_WIDEST, _MOST_REPEATS = 16_384, 1000
_OPTIONS = {"resolve_entities": False, "no_network": True, "huge_tree": True, "recover": True}


@dataclass(slots=True)
class Sheet:
    """One sheet: what hangs on it, and, where asked for, its cells by row from 0."""

    name: str
    hidden: bool = False
    notes: dict[tuple[int, int], str] = field(default_factory=dict)
    boxes: list[str] = field(default_factory=list)
    rows: dict[int, dict[int, str]] = field(default_factory=dict)

    def grids(self) -> Iterator[Grid]:
        """Its cells in runs of rows."""
        run = Rows(self.name, hidden=self.hidden)
        for number, row in self.rows.items():
            yield from run.add(number + 1, row.items())
        yield from run.rest()


def needs_care(content: bytes) -> bool:
    """Whether the native reader would lose times of day, or hold thousands of empty cells before a filled one."""
    if b'value-type="time"' in content:
        return True
    for gap in _FAR.finditer(content):
        opening = content.rfind(b"<", 0, gap.start())
        if content.startswith(b"<table:table-column", opening):
            continue
        end = content.find(b"</table:table>" if gap[1] == b"row" else b"</table:table-row>", gap.end())
        if content.find(b"value-type", gap.end(), end) >= 0:
            return True
    return False


def sheets(content: bytes, *, cells: bool) -> Iterator[Sheet]:
    """The sheets of ``content.xml`` or of a flat document, with their ``cells`` or only with what hangs on them."""
    reading = _Reading(cells)
    try:
        for event, element in etree.iterparse(io.BytesIO(content), events=("start", "end"), tag=_TAGS, **_OPTIONS):
            if event == "start":
                reading.begin(element)
            elif element.tag == f"{_TABLE}table":
                yield from reading.end_table(element)
            else:
                reading.end(element)
    except etree.XMLSyntaxError as error:
        raise UnreadableError(Reason.DAMAGED, "content") from error
    yield from reading.open


class _Reading:
    """Where the reading stands: the sheet that is open, if one is, and the row that comes next."""

    def __init__(self, cells: bool) -> None:
        self.open: list[Sheet] = []
        self._cells = cells
        self._hidden: set[str] = set()
        self._row = 0

    def begin(self, element: etree._Element) -> None:
        """A sheet opens here, if no other is open."""
        if element.tag == f"{_TABLE}table" and not self.open:
            style = element.get(f"{_TABLE}style-name")
            self.open = [Sheet(element.get(f"{_TABLE}name", ""), style in self._hidden)]
            self._row = 0

    def end_table(self, element: etree._Element) -> Iterator[Sheet]:
        """The open sheet, where it is this one that ends."""
        if _is_sheet(element):
            yield from self.open
            self.open = []
            element.clear()

    def end(self, element: etree._Element) -> None:
        """A style, a row or the shapes of a sheet."""
        if element.tag == f"{_STYLE}style":
            properties = element.find(f"{_STYLE}table-properties")
            if properties is not None and properties.get(f"{_TABLE}display") == "false":
                self._hidden.add(element.get(f"{_STYLE}name", ""))
        elif self.open and element.tag == f"{_TABLE}shapes":
            self.open[0].boxes += _boxes(element)
        elif self.open and element.tag == f"{_TABLE}table-row":
            self._row = _take(self.open[0], element, self._row, cells=self._cells)
            element.clear()


def _is_sheet(table: etree._Element) -> bool:
    """Whether a table is a sheet, not one kept inside a shape or a change."""
    parent = table.getparent()
    return parent is None or parent.tag == f"{_OFFICE}spreadsheet"


def _take(sheet: Sheet, element: etree._Element, row: int, *, cells: bool) -> int:
    """Reads one row, which stands at ``row``; gives the place of the next."""
    column = 0
    found: dict[int, str] = {}
    for cell in element:
        if cell.tag not in _CELLS:
            continue
        repeats = _number(cell, f"{_TABLE}number-columns-repeated")
        for child in cell:
            if child.tag == f"{_OFFICE}annotation" and (note := _lines(child)):
                sheet.notes[row, column] = note
            elif child.tag in _ASIDE:
                sheet.boxes += _boxes(child)
        value = _value(cell) if cells else None
        if value is not None:
            found.update((at, value) for at in range(column, min(column + min(repeats, _MOST_REPEATS), _WIDEST)))
        column += repeats
    repeats = _number(element, f"{_TABLE}number-rows-repeated")
    if found:
        sheet.rows.update((at, found) for at in range(row, row + min(repeats, _MOST_REPEATS)))
    return row + repeats


def _number(element: etree._Element, name: str) -> int:
    told = element.get(name, "1")
    return int(told) if told.isdigit() and len(told) < 8 else 1


def _value(cell: etree._Element) -> str | None:
    kind = cell.get(f"{_OFFICE}value-type", "")
    value = cell.get(f"{_OFFICE}value", "")
    if kind == "date":
        return cell.get(f"{_OFFICE}date-value", "").removesuffix("T00:00:00").replace("T", " ") or None
    if kind in ("float", "currency", "percentage") and value:
        return value.removesuffix(".0")
    if kind == "boolean":
        return cell.get(f"{_OFFICE}boolean-value")
    return _lines(cell) or None


def _lines(element: etree._Element) -> str:
    """The paragraphs right below an element."""
    return "\n".join("".join(_runs(p)) for p in element.iterchildren(f"{_TEXT}p")).strip("\n")


def _runs(paragraph: etree._Element) -> Iterator[str]:
    yield paragraph.text or ""
    for child in paragraph:
        if child.tag == f"{_TEXT}s":
            yield " " * min(_number(child, f"{_TEXT}c"), 1000)
        elif child.tag == f"{_TEXT}line-break":
            yield "\n"
        elif child.tag == f"{_TEXT}tab":
            yield "\t"
        elif isinstance(child.tag, str) and child.tag != f"{_TEXT}ruby-text":
            yield from _runs(child)
        yield child.tail or ""


def _boxes(element: etree._Element) -> list[str]:
    """The texts of shapes; empty ones left out."""
    texts = ("".join(_runs(p)) for p in element.iter(f"{_TEXT}p"))
    return [text for text in texts if text.strip()]
