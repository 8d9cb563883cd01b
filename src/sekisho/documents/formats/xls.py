"""Old Excel workbooks (.xls, .xlt), BIFF 5 to 8: sheets, hidden ones too, and what lies beside their cells."""

from __future__ import annotations

from collections.abc import Iterator

from sekisho.documents import ole, workbook
from sekisho.model import Blob, Format, Head, Limits, Piece
from sekisho.wording import Text


def _recognise(head: Head) -> bool:
    return ole.named(head, "Workbook", "Book")


def _read(blob: Blob, limits: Limits) -> Iterator[Piece]:
    yield from workbook.sheets(workbook.open_workbook(blob))


FORMAT = Format(
    kind="xls",
    title=Text("Old Excel workbook", "Excel 97-2003ブック"),
    suffixes=(".xls", ".xlt", ".xla"),
    recognise=_recognise,
    read=_read,
    order=20,
)
