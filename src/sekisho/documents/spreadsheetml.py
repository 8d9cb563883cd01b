"""Excel workbooks in zipped form: their sheets, and what lies beside the cells."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from typing import Any

from sekisho.documents import biff12, date_styles, ooxml, package, pivot, sheet_notes, sheet_xml, workbook
from sekisho.documents.metered import Meter
from sekisho.documents.package import Package, guarded
from sekisho.errors import DocumentError, OverLimitError, UnreadableError
from sekisho.model import Blob, Gap, Grid, Head, Limits, Piece, Reason

_KINDS = (
    (b"vnd.ms-excel.sheet.binary.macroEnabled.main", "xlsb"),
    (b"vnd.ms-excel.sheet.macroEnabled.main+xml", "xlsm"),
    (b"vnd.ms-excel.template.macroEnabled.main+xml", "xlsm"),
    (b"vnd.ms-excel.addin.macroEnabled.main+xml", "xlsm"),
    (b"spreadsheetml.sheet.main+xml", "xlsx"),
    (b"spreadsheetml.template.main+xml", "xlsx"),
)


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
    book = Book(parts, blob)
    beside = sheet_notes.Beside(parts, {sheet.name: sheet.part for sheet in book.listed})
    caches = pivot.names(parts)
    seen: list[Grid] = []
    empty = True
    for piece in book.sheets():
        empty = False
        if isinstance(piece, Grid):
            yield from guarded(beside.noted(piece))
            seen += [piece] if caches else []
        else:
            yield piece
    yield from chain.from_iterable(guarded(pivot.unseen(parts, name, seen)) for name in caches)
    yield from guarded(beside.boxes())
    yield from sheet_notes.linked(parts)
    yield from sheet_notes.replaced(parts)
    yield from guarded(ooxml.diagrams(parts, "xl"))
    yield from guarded(piece for piece in ooxml.properties(parts))
    yield from ooxml.embedded(parts, "xl")
    if parts.matching(r"xl/model/.+\.data"):
        yield Gap(Reason.UNREAD_PART, "data model")
    if empty:
        yield from ooxml.pictures(parts, parts.matching(r"xl/drawings/drawing\d*\.xml"), limits)


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


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet as the workbook lists it."""

    name: str
    part: str
    hidden: bool


class Book:
    """The sheets of one workbook, each by the native reader, or cell by cell where that one cannot or must not."""

    def __init__(self, parts: Package, blob: Blob) -> None:
        self._parts, self._blob = parts, blob
        mains = [target for _, kind_of, target in package.relations(parts, "") if kind_of == "officeDocument"]
        self._main = next((name for name in mains if parts.has(name)), "xl/workbook.xml")
        self._binary = self._main.endswith(".bin")
        self.listed = [Sheet(*sheet) for sheet in self._shared.sheets] if self._binary else list(self._listed())

    def _listed(self) -> Iterator[Sheet]:
        targets = {key: target for key, _, target in package.relations(self._parts, self._main)}
        for sheet in self._parts.xml(self._main)[0].iterfind("{*}sheets/{*}sheet"):
            key = next((value for name, value in sheet.attrib.items() if str(name).endswith("}id")), "")
            if str(key) in targets:
                yield Sheet(sheet.get("name", ""), targets[str(key)], sheet.get("state", "visible") != "visible")

    def sheets(self) -> Iterator[Grid | Gap]:
        """All sheets, in their order."""
        listed = {sheet.name: sheet for sheet in self.listed}
        try:
            reader = workbook.open_workbook(self._with_plain_dates())
            names = list(reader.sheet_names)
        except UnreadableError:
            reader, names = None, list(listed)
            if not names:
                raise
        for index, name in enumerate(names):
            yield from self._sheet(reader, index, name, listed.get(name))

    def _with_plain_dates(self) -> Blob:
        folder = self._main.rpartition("/")[0]
        name = next(iter(self._parts.matching(rf"(?i){folder}/styles\.(xml|bin)")), "")
        try:
            return date_styles.in_package(self._blob, name, self._parts.read(name)) if name else self._blob
        except DocumentError:
            return self._blob

    def _sheet(self, reader: Any, index: int, name: str, sheet: Sheet | None) -> Iterator[Grid | Gap]:
        try:
            if reader is not None and not (sheet and self._needs_care(sheet)):
                grid = workbook.sheet(reader, index, name)
                yield from [grid] if grid else []
                return
        except UnreadableError:
            pass
        try:
            if sheet is None:
                raise UnreadableError(Reason.DAMAGED, "sheet")
            yield from self._cell_by_cell(sheet)
        except OverLimitError:
            raise
        except DocumentError:
            yield Gap(Reason.DAMAGED_PART, f"sheet {index + 1}")

    def _needs_care(self, sheet: Sheet) -> bool:
        """Whether the native reader would hold too much, or lose dates: it takes days in an xlsb for numbers."""
        if not self._parts.has(sheet.part):
            return False
        if self._binary:
            around = biff12.cells_around(self._parts.read(sheet.part))
            return any(self._shared.dated) or around > sheet_xml.MOST_CELLS
        return sheet_xml.is_too_large(self._parts, sheet.part)

    def _cell_by_cell(self, sheet: Sheet) -> Iterator[Grid]:
        grids: Callable[..., Iterator[Grid]] = biff12.grids if self._binary else sheet_xml.grids
        return grids(self._parts, sheet.part, self._shared, sheet.name, hidden=sheet.hidden)

    @cached_property
    def _shared(self) -> Any:
        return (biff12.book if self._binary else sheet_xml.book)(self._parts, self._main)
