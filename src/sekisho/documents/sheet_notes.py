"""What hangs on the sheets of a zipped Excel workbook: comments, threads, text boxes; and cells linked from others."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from lxml import etree

from sekisho.documents import biff12, ooxml, package, workbook
from sekisho.documents.package import Package, guarded
from sekisho.documents.sheet_xml import column_number
from sekisho.errors import DocumentError
from sekisho.model import Gap, Grid, Piece, Reason

_REFERENCE = re.compile(r"\$?([A-Z]{1,3})\$?(\d{1,7})")
_S = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_VML = "{urn:schemas-microsoft-com:vml}"
_VML_EXCEL = "{urn:schemas-microsoft-com:office:excel}"

Notes = dict[tuple[int, int], str]  # by row and column of the sheet, from 0


class Beside:
    """What hangs on the sheets of one workbook, given by name and part: comments, text boxes."""

    def __init__(self, parts: Package, sheets: Mapping[str, str]) -> None:
        self._parts = parts
        self._of_sheet: Mapping[str, str] = {}
        if parts.matching(r"(?i)xl/(.*/)?(threaded)?(comment|drawing)[^/]*\.(xml|vml|bin)"):
            self._of_sheet = sheets

    def noted(self, grid: Grid) -> Iterator[Piece]:
        """The sheet with its comments; those beside the filled cells come as lines of their own."""
        part = self._of_sheet.get(grid.place.base)
        if part is None:
            yield grid
            return
        try:
            notes = dict(_notes(self._parts, part))
        except DocumentError:
            notes = {}
            yield Gap(Reason.DAMAGED_PART, "comments")
        yield from workbook.noted(grid, notes)

    def boxes(self) -> Iterator[Piece]:
        """The texts of boxes and shapes, sheet by sheet."""
        for sheet, part in self._of_sheet.items():
            texts = []
            for _, kind_of, target in package.relations(self._parts, part):
                if kind_of == "drawing" and self._parts.has(target):
                    texts += _drawn(self._parts.xml(target)[0])
                elif kind_of == "vmlDrawing" and self._parts.has(target):
                    texts += _drawn_in_vml(self._parts.xml(target)[0])
            if any(text.strip() for text in texts):
                yield workbook.aside(texts, f"{sheet} drawing")


def _notes(parts: Package, sheet: str) -> Iterator[tuple[tuple[int, int], str]]:
    """Comments and threads by cell; what a thread says stands a second time among the comments and is left out."""
    notes: Notes = {}
    threads: dict[tuple[int, int], list[str]] = {}
    for _, kind_of, target in package.relations(parts, sheet):
        if kind_of == "comments" and parts.has(target):
            notes.update(biff12.comments(parts.read(target)) if target.endswith(".bin") else _comments(parts, target))
        elif kind_of == "threadedComment" and parts.has(target):
            for comment in parts.xml(target)[0]:
                text = "".join(str(t) for e in comment.iter("{*}text") for t in e.itertext())
                at = position(comment.get("ref", ""))
                if at and text.strip():
                    threads.setdefault(at, []).append(text)
    yield from {**notes, **{at: "\n".join(texts) for at, texts in threads.items()}}.items()


def _comments(parts: Package, target: str) -> Iterator[tuple[tuple[int, int], str]]:
    for comment in parts.xml(target)[0].iter(f"{_S}comment"):
        at = position(comment.get("ref", ""))
        text = "".join(t.text or "" for t in comment.iterfind(f"{_S}text/{_S}t"))
        text += "".join(t.text or "" for t in comment.iterfind(f"{_S}text/{_S}r/{_S}t"))
        if at and text.strip():
            yield at, text


def position(reference: str) -> tuple[int, int] | None:
    """Row and column, from 0, of a cell named ``B3``."""
    found = _REFERENCE.match(reference)
    if found is None:
        return None
    return int(found[2]) - 1, column_number(found[1])


def _drawn(root: etree._Element) -> list[str]:
    return [text for text in ooxml.drawing_lines(root) if text.strip()]


def _drawn_in_vml(root: etree._Element) -> list[str]:
    """Text of old boxes and buttons; the boxes of comments are no text of their own."""
    texts = []
    for box in root.iter(f"{_VML}textbox"):
        shape = box.getparent()
        data = None if shape is None else shape.find(f"{_VML_EXCEL}ClientData")
        if data is None or data.get("ObjectType") != "Note":
            texts.append("".join(str(t) for t in box.itertext()).strip())
    return [text for text in texts if text]


def linked(parts: Package) -> Iterator[Piece]:
    """Cells of other workbooks that formulas refer to: Excel keeps their last values."""
    for name in parts.matching(r"xl/externalLinks/externalLink\d*\.xml"):
        yield from guarded(_linked_book(parts, name))


def _linked_book(parts: Package, name: str) -> Iterator[Piece]:
    root = parts.xml(name)[0]
    names = [sheet.get("val", "") for sheet in root.iter(f"{_S}sheetName")]
    for data in root.iter(f"{_S}sheetData"):
        number = data.get("sheetId", "")
        sheet = names[int(number)] if number.isdigit() and int(number) < len(names) else number
        cells: Mapping[tuple[int, int], str] = {
            at: value
            for cell in data.iter(f"{_S}cell")
            if (at := position(cell.get("r", ""))) and (value := cell.findtext(f"{_S}v"))
        }
        label = name.rpartition("/")[2].removesuffix(".xml")
        if cells:
            yield from workbook.sparse(cells, f"{label} {sheet}")


def replaced(parts: Package) -> Iterator[Piece]:
    """What a shared workbook's log keeps of cells that were changed, and of rows that were deleted."""
    for name in parts.matching(r"xl/revisions/revisionLog\d*\.xml"):
        yield from guarded(_log(parts, name))


def _log(parts: Package, name: str) -> Iterator[Piece]:
    cells: dict[tuple[int, int], str] = {}
    for change in parts.xml(name)[0].iter(f"{_S}rcc"):
        parent = change.getparent()
        deleted = parent is not None and str(parent.get("action", "")).startswith("delete")
        for cell in change.iterchildren(f"{_S}oc", *([f"{_S}nc"] if deleted else [])):
            at = position(cell.get("r", ""))
            text = "".join(str(t) for t in cell.itertext()).strip()
            if at and text:
                cells.setdefault(at, text)
    if cells:
        yield from workbook.sparse(cells, name.rpartition("/")[2].removesuffix(".xml"))
