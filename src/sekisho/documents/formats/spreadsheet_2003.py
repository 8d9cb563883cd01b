"""Excel 2003 XML workbooks (.xml, often named .xls): sheets with their comments."""

from __future__ import annotations

from collections.abc import Iterator

from lxml import etree

from sekisho.documents import blocks, xml_values
from sekisho.model import Blob, Format, Frame, Gap, Grid, Head, Limits, Piece, Place, Reason
from sekisho.wording import Text

_SS = "{urn:schemas-microsoft-com:office:spreadsheet}"
_X = "{urn:schemas-microsoft-com:office:excel}"
_WIDEST, _TALLEST = 16_384, 1_048_576


def _recognise(head: Head) -> bool:
    start = bytes(head.data[:4096])
    return b"<Workbook" in start and b"urn:schemas-microsoft-com:office:spreadsheet" in start


def _read(blob: Blob, limits: Limits) -> Iterator[Piece]:
    data, _ = xml_values.as_utf8(blob.data)
    root, whole = xml_values.root(data)
    for sheet in root.iter(f"{_SS}Worksheet"):
        grid = _sheet(sheet)
        if grid.cells.height:
            yield grid
    if not whole:
        yield Gap(Reason.DAMAGED_PART, "workbook")


def _sheet(sheet: etree._Element) -> Grid:
    rows: list[list[str | None]] = []
    notes: dict[tuple[int, int], str] = {}
    for row in sheet.iterfind(f"{_SS}Table/{_SS}Row"):
        at = _index(row, len(rows), _TALLEST)
        rows += [[] for _ in range(at - len(rows))]
        rows.append(_row(row, at, notes))
    visible = sheet.findtext(f"{_X}WorksheetOptions/{_X}Visible")
    grid = blocks.grid(rows, Place(Frame.CELL, sheet.get(f"{_SS}Name", "")), hidden=visible is not None)
    return Grid(grid.cells, grid.place, grid.hidden, notes)


def _row(row: etree._Element, at: int, notes: dict[tuple[int, int], str]) -> list[str | None]:
    cells: list[str | None] = []
    for cell in row.iterfind(f"{_SS}Cell"):
        cells += [None] * (_index(cell, len(cells), _WIDEST) - len(cells))
        comment = cell.find(f"{_SS}Comment")
        if comment is not None and (note := "".join(str(t) for t in comment.itertext()).strip()):
            notes[at, len(cells)] = note
        cells.append(_text(cell.find(f"{_SS}Data")))
        cells += [None] * min(int(cell.get(f"{_SS}MergeAcross", "0") or 0), _WIDEST)
    return cells


def _index(element: etree._Element, after: int, limit: int) -> int:
    """Where a row or cell stands (from 0): where it says, or behind the last one."""
    said = element.get(f"{_SS}Index", "")
    return max(after, min(int(said), limit) - 1) if said.isdigit() else after


def _text(data: etree._Element | None) -> str | None:
    if data is None:
        return None
    text = "".join(str(t) for t in data.itertext())
    if data.get(f"{_SS}Type") == "DateTime":
        return text.removesuffix(".000").removesuffix("T00:00:00").replace("T", " ")
    return text


FORMAT = Format(
    kind="xml-spreadsheet",
    title=Text("Excel 2003 XML workbook", "Excel 2003 XMLスプレッドシート"),
    suffixes=(),
    recognise=_recognise,
    read=_read,
    order=61,
)
