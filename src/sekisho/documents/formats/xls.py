"""Old Excel workbooks (.xls, .xlt), BIFF 5 to 8: sheets, hidden ones too, and what lies beside their cells."""

from __future__ import annotations

from collections.abc import Iterator

import olefile
import polars as pl

from sekisho.documents import biff8, ole, ole_locks, pivot, workbook
from sekisho.errors import UnreadableError
from sekisho.model import Blob, Format, Gap, Grid, Head, Limits, Piece, Reason
from sekisho.wording import Text

_STREAMS, _CACHES = ("Workbook", "Book"), "_SX_DB_CUR"


def _recognise(head: Head) -> bool:
    if not ole.named(head, *_STREAMS):
        return False
    try:
        with ole.open_ole(head.data) as file:
            return any(file.exists(name) for name in _STREAMS)
    except UnreadableError:
        return not ole.named(head, "WordDocument", "PowerPoint Document")


def _read(blob: Blob, limits: Limits) -> Iterator[Piece]:
    with ole.open_ole(blob.data) as file:
        beside = {found.name: found for found in biff8.beside(_stream(file))}
        grids: list[Grid] = []
        for piece in workbook.sheets(workbook.open_workbook(blob)):
            if isinstance(piece, Grid):
                grids.append(piece)
                found_beside = beside.get(piece.place.base)
                yield from workbook.noted(piece, found_beside.notes if found_beside else {})
            else:
                yield piece
        for found in beside.values():
            if found.boxes:
                yield workbook.aside(found.boxes, f"{found.name} drawing")
        yield from _caches(file, grids)
        if told := list(ole.properties(file)):
            yield workbook.aside(told, "properties")
        yield from _embedded(file)
        if not grids and any(found.pictures for found in beside.values()):
            yield Gap(Reason.NO_TEXT)


def _stream(file: olefile.OleFileIO) -> bytes:
    return ole.stream(file, "Workbook") if file.exists("Workbook") else b""


def _embedded(file: olefile.OleFileIO) -> Iterator[Piece]:
    names = dict.fromkeys(path[0] for path in file.listdir() if path[0].startswith("MBD"))
    for number, name in enumerate(names, start=1):
        try:
            yield from ole.unwrapped(f"object {number}", ole.packed(file, [name]))
        except UnreadableError as error:
            yield Gap(Reason.DAMAGED_PART, error.detail)


def _caches(file: olefile.OleFileIO, grids: list[Grid]) -> Iterator[Piece]:
    for path in file.listdir():
        if path[0] != _CACHES:
            continue
        try:
            header, rows = biff8.pivot_cache(ole.stream(file, *path))
        except UnreadableError:
            yield Gap(Reason.DAMAGED_PART, "pivot cache")
            continue
        if rows:
            schema = {str(i): pl.String for i in range(len(header))}
            frame = pl.DataFrame(rows, schema=schema, orient="row")
            yield from pivot.beyond(header, frame, grids, f"pivotCache{path[-1]}")


FORMAT = Format(
    kind="xls",
    title=Text("Old Excel workbook", "Excel 97-2003ブック"),
    suffixes=(".xls", ".xlt", ".xla"),
    recognise=_recognise,
    read=_read,
    lock=ole_locks.xls_lock,
    unlock=ole_locks.xls_unlocked,
    order=20,
)
