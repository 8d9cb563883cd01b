"""OpenDocument spreadsheets (.ods, .ots, .fods): sheets, hidden ones too, and what lies beside their cells."""

from __future__ import annotations

from collections.abc import Iterator

from sekisho.documents import calc_xml, odf_locks, opendocument, workbook
from sekisho.documents.package import Package, guarded
from sekisho.errors import UnreadableError
from sekisho.model import Blob, Format, Gap, Grid, Head, Limits, Piece, Reason
from sekisho.wording import Text

_HANGING = (b"<office:annotation", b"<draw:")


def _recognise(head: Head) -> bool:
    return opendocument.is_kind(head, b"spreadsheet")


def _read(blob: Blob, limits: Limits) -> Iterator[Piece]:
    if bytes(blob.data[:2]) != b"PK":
        yield from _cell_by_cell(bytes(blob.data))
        return
    parts = Package(blob, limits)
    content = parts.read("content.xml")
    empty = True
    for piece in _sheets(blob, content):
        empty = False
        yield piece
    if parts.has("meta.xml"):
        yield from guarded(piece for piece in opendocument.properties(parts.xml("meta.xml")[0]))
    yield from guarded(opendocument.objects(parts))
    if empty and any(name.startswith(("Pictures/", "media/")) for name in parts.names):
        yield Gap(Reason.NO_TEXT)


def _sheets(blob: Blob, content: bytes) -> Iterator[Piece]:
    if calc_xml.needs_care(content):
        yield from _cell_by_cell(content)
        return
    try:
        reader = workbook.open_workbook(blob)
    except UnreadableError:
        yield from _cell_by_cell(content)
        return
    hanging = any(mark in content for mark in _HANGING)
    beside = {found.name: found for found in calc_xml.sheets(content, cells=False)} if hanging else {}
    for piece in workbook.sheets(reader):
        found = beside.get(piece.place.base) if isinstance(piece, Grid) else None
        yield from workbook.noted(piece, found.notes) if isinstance(piece, Grid) and found else [piece]
    for found in beside.values():
        if found.boxes:
            yield workbook.aside(found.boxes, f"{found.name} drawing")


def _cell_by_cell(content: bytes) -> Iterator[Piece]:
    for sheet in calc_xml.sheets(content, cells=True):
        for at, grid in enumerate(sheet.grids()):
            yield from workbook.noted(grid, sheet.notes) if at == 0 else [grid]
        if sheet.boxes:
            yield workbook.aside(sheet.boxes, f"{sheet.name} drawing")


FORMAT = Format(
    kind="ods",
    title=Text("OpenDocument spreadsheet", "OpenDocument表計算"),
    suffixes=(".ods", ".ots", ".fods"),
    recognise=_recognise,
    read=_read,
    lock=odf_locks.lock_of,
    unlock=odf_locks.unlocked,
    order=20,
)
