"""Excel workbooks in zipped form: their sheets, and what lies beside the cells."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import chain

from lxml import etree

from sekisho.documents import ooxml, package, pivot, workbook
from sekisho.documents.metered import Meter
from sekisho.documents.package import Package, guarded
from sekisho.errors import DocumentError
from sekisho.model import Blob, Frame, Gap, Grid, Head, Limits, Piece, Place, Prose, Reason

_KINDS = (
    (b"vnd.ms-excel.sheet.binary.macroEnabled.main", "xlsb"),
    (b"vnd.ms-excel.sheet.macroEnabled.main+xml", "xlsm"),
    (b"vnd.ms-excel.template.macroEnabled.main+xml", "xlsm"),
    (b"vnd.ms-excel.addin.macroEnabled.main+xml", "xlsm"),
    (b"spreadsheetml.sheet.main+xml", "xlsx"),
    (b"spreadsheetml.template.main+xml", "xlsx"),
)
_REFERENCE = re.compile(r"\$?([A-Z]{1,3})\$?(\d+)")
S = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
R = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
_VML = "{urn:schemas-microsoft-com:vml}"
_VML_EXCEL = "{urn:schemas-microsoft-com:office:excel}"

Notes = dict[tuple[int, int], str]  # by row and column of the sheet, from 0


def kind(head: Head) -> str:
    """``xlsx``, ``xlsm`` or ``xlsb`` by the content types of the package; empty for what is no workbook.

    Where the types cannot be read any more, the names of the parts tell.
    """
    directory = package.directory(head)
    if b"xl/" not in directory:
        return ""
    try:
        types = Package(Blob("", head.data), Limits()).read("[Content_Types].xml")
    except DocumentError:
        return _by_names(directory)
    return next((name for mark, name in _KINDS if mark in types), "")


def _by_names(directory: bytes) -> str:
    if b"xl/workbook.bin" in directory:
        return "xlsb"
    if b"xl/workbook" not in directory and b"xl/worksheets/" not in directory:
        return ""
    return "xlsm" if b"xl/vbaProject.bin" in directory else "xlsx"


def read(blob: Blob, limits: Limits) -> Iterator[Piece]:
    """The sheets of a workbook with their comments, then what lies beside: boxes, caches, embedded files."""
    _hold_size(blob, limits)
    parts = Package(blob, limits)
    sheets = workbook.sheets(workbook.open_workbook(blob))
    seen: list[Grid] = []
    caches = pivot.names(parts)
    beside = _Beside(parts)
    for piece in sheets:
        if not isinstance(piece, Grid):
            yield piece
            continue
        yield from guarded(beside.noted(piece))
        if caches:
            seen.append(piece)
    yield from chain.from_iterable(guarded(pivot.unseen(parts, name, seen)) for name in caches)
    yield from guarded(beside.boxes())
    yield from _linked(parts)
    yield from guarded(ooxml.diagrams(parts, "xl"))
    yield from guarded(ooxml.properties(parts))
    yield from ooxml.embedded(parts, "xl")
    if parts.matching(r"xl/model/.+\.data"):
        yield Gap(Reason.UNREAD_PART, "data model")


def _hold_size(blob: Blob, limits: Limits) -> None:
    """Holds what the reader of the cells will unpack against the limits before it does."""
    try:
        with zipfile.ZipFile(io.BytesIO(blob.data)) as file:
            meter = Meter(limits, len(blob.data))
            for info in file.infolist():
                if info.filename.lower().startswith(("xl/worksheets/", "xl/sharedstrings", "xl/styles")):
                    meter.admit(info.file_size, info.compress_size)
                    meter.count(info.file_size)
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError):
        return


class _Beside:
    """What hangs on the sheets of one workbook: comments, text boxes."""

    def __init__(self, parts: Package) -> None:
        self._parts = parts
        self._of_sheet: dict[str, str] = {}
        if parts.matching(r"(?i)xl/(comments|threadedComments|drawings)[^/]*(/.*)?\.(xml|vml)"):
            self._of_sheet = dict(_sheet_parts(parts))

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
        top = grid.place.first - 1
        inside = {
            (row - top, column): text
            for (row, column), text in notes.items()
            if 0 <= row - top < grid.cells.height and column < grid.cells.width
        }
        yield replace(grid, notes=inside)
        outside = [text for (row, column), text in notes.items() if (row - top, column) not in inside]
        if outside:
            yield Prose(lines(outside), Place(Frame.LINE, f"{grid.place.base} comments"))

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
                yield Prose(lines(texts), Place(Frame.LINE, f"{sheet} drawing"))


def lines(texts: list[str]) -> list[str]:
    """Texts as the lines of a Prose."""
    return [line for text in texts for line in text.split("\n")]


def _sheet_parts(parts: Package) -> Iterator[tuple[str, str]]:
    """Sheet name and part name."""
    mains = [target for _, kind_of, target in package.relations(parts, "") if kind_of == "officeDocument"]
    main = next((name for name in mains if parts.has(name)), "xl/workbook.xml")
    if not main.endswith(".xml"):
        return
    targets = {key: target for key, _, target in package.relations(parts, main)}
    for sheet in parts.xml(main)[0].iter(f"{S}sheet"):
        target = targets.get(sheet.get(f"{R}id", ""))
        if target:
            yield sheet.get("name", ""), target


def _notes(parts: Package, sheet: str) -> Iterator[tuple[tuple[int, int], str]]:
    """Comments and threads by cell; what a thread says stands a second time among the comments and is left out."""
    notes: Notes = {}
    threads: dict[tuple[int, int], list[str]] = {}
    for _, kind_of, target in package.relations(parts, sheet):
        if kind_of == "comments" and parts.has(target) and target.endswith(".xml"):
            for comment in parts.xml(target)[0].iter(f"{S}comment"):
                texts = (t.text or "" for t in comment.iter(f"{S}t") if t.getparent() is not _phonetic(t))
                _put(notes, comment.get("ref", ""), "".join(texts))
        elif kind_of == "threadedComment" and parts.has(target):
            for comment in parts.xml(target)[0]:
                text = "".join(str(t) for e in comment.iter("{*}text") for t in e.itertext())
                at = position(comment.get("ref", ""))
                if at and text.strip():
                    threads.setdefault(at, []).append(text)
    yield from {**notes, **{at: "\n".join(texts) for at, texts in threads.items()}}.items()


def _phonetic(text: etree._Element) -> etree._Element | None:
    parent = text.getparent()
    return parent if parent is not None and parent.tag == f"{S}rPh" else None


def _put(notes: Notes, reference: str, text: str) -> None:
    at = position(reference)
    if at and text.strip():
        notes[at] = text


def position(reference: str) -> tuple[int, int] | None:
    """Row and column, from 0, of a cell named ``B3``."""
    found = _REFERENCE.match(reference)
    if found is None:
        return None
    column = 0
    for letter in found[1]:
        column = column * 26 + ord(letter) - 64
    return int(found[2]) - 1, column - 1


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


def _linked(parts: Package) -> Iterator[Piece]:
    """Cells of other workbooks that formulas refer to: Excel keeps their last values."""
    for name in parts.matching(r"xl/externalLinks/externalLink\d*\.xml"):
        yield from guarded(_linked_book(parts, name))


def _linked_book(parts: Package, name: str) -> Iterator[Piece]:
    root = parts.xml(name)[0]
    names = [sheet.get("val", "") for sheet in root.iter(f"{S}sheetName")]
    for data in root.iter(f"{S}sheetData"):
        number = data.get("sheetId", "")
        sheet = names[int(number)] if number.isdigit() and int(number) < len(names) else number
        cells: Mapping[tuple[int, int], str] = {
            at: value
            for cell in data.iter(f"{S}cell")
            if (at := position(cell.get("r", ""))) and (value := cell.findtext(f"{S}v"))
        }
        label = name.rpartition("/")[2].removesuffix(".xml")
        if cells:
            yield workbook.sparse(cells, Place(Frame.CELL, f"{label} {sheet}"))
