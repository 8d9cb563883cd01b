"""Old Excel workbooks (.xls, .xlt), BIFF 5 to 8: sheets, hidden ones too, and what lies beside their cells."""

from __future__ import annotations

from collections.abc import Iterator

import olefile
import polars as pl

from sekisho.documents import biff8, biff_cells, date_styles, ole, ole_locks, pivot, workbook
from sekisho.errors import UnreadableError, UnsupportedError
from sekisho.model import NO_LOCK, Blob, Format, Gap, Grid, Head, Limits, Lock, Piece, Reason
from sekisho.wording import Text

_CHART = b"\x09\x08\x10\x00\x00\x06\x20\x00"  # how a chart begins, whose numbers the native reader puts over the cells
_MOST_CELLS = 8_000_000  # of a rectangle that the native reader is trusted with
_STREAMS, _CACHES = ("Workbook", "Book"), "_SX_DB_CUR"


def _recognise(head: Head) -> bool:
    if _is_bare(head.data):
        return True
    return ole.named(head, *_STREAMS) and not ole.named(head, "WordDocument", "PowerPoint Document")


def _is_bare(data: bytes | memoryview) -> bool:
    """Whether it is a workbook of Excel 2 to 4, which has no compound file around it."""
    start = bytes(data[:6])
    return len(start) == 6 and start[0] == 9 and start[1] in (0, 2, 4) and start[2:4] in (b"\4\0", b"\6\0", b"\x08\0")


def _lock(blob: Blob) -> Lock:
    return NO_LOCK if _is_bare(blob.data) else ole_locks.xls_lock(blob)


def _read(blob: Blob, limits: Limits) -> Iterator[Piece]:
    if _is_bare(blob.data):
        raise UnsupportedError(Reason.NO_READER, "Excel 2 to 4")
    with ole.open_ole(blob.data) as file:
        name = next((name for name in _STREAMS if file.exists(name)), "")
        stream = ole.stream(file, name) if name else b""
        beside = {found.name: found for found in biff8.beside(stream)} if name == "Workbook" else {}
        grids: list[Grid] = []
        for piece in _sheets(blob, name, stream, native=not ole.runs_in_circles(file)):
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


def _sheets(blob: Blob, name: str, stream: bytes, *, native: bool) -> Iterator[Grid | Gap]:
    if not native and not stream:
        raise UnreadableError(Reason.DAMAGED, "sectors")
    garbled = _CHART in stream or biff_cells.is_before_97(stream)
    if not native or garbled or biff_cells.cells_around(stream) > _MOST_CELLS:
        yield from biff_cells.grids(stream)
        return
    try:
        reader = workbook.open_workbook(date_styles.in_stream(blob, name, stream))
    except UnreadableError:
        if not stream:
            raise
        yield from biff_cells.grids(stream)
    else:
        yield from workbook.sheets(reader)


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
    lock=_lock,
    unlock=ole_locks.xls_unlocked,
    order=20,
)
