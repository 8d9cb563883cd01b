"""Excel workbooks with macros (.xlsm, .xltm, .xlam): sheets, hidden ones too, and what lies beside their cells."""

from __future__ import annotations

from sekisho.documents import edit_locks, spreadsheetml
from sekisho.model import Format, Head
from sekisho.wording import Text


def _recognise(head: Head) -> bool:
    return spreadsheetml.kind(head) == "xlsm"


FORMAT = Format(
    kind="xlsm",
    title=Text("Excel workbook with macros", "Excelマクロ有効ブック"),
    suffixes=(".xlsm", ".xltm", ".xlam"),
    recognise=_recognise,
    read=spreadsheetml.read,
    lock=edit_locks.ooxml_lock,
    order=20,
)
