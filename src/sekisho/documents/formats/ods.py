"""OpenDocument spreadsheets (.ods, .ots): sheets, hidden ones too, and what lies beside their cells."""

from __future__ import annotations

from collections.abc import Iterator

from sekisho.documents import opendocument, workbook
from sekisho.model import Blob, Format, Head, Limits, Piece
from sekisho.wording import Text


def _recognise(head: Head) -> bool:
    return opendocument.is_kind(head, b"spreadsheet")


def _read(blob: Blob, limits: Limits) -> Iterator[Piece]:
    yield from workbook.sheets(workbook.open_workbook(blob))


FORMAT = Format(
    kind="ods",
    title=Text("OpenDocument spreadsheet", "OpenDocument表計算"),
    suffixes=(".ods", ".ots", ".fods"),
    recognise=_recognise,
    read=_read,
    order=20,
)
