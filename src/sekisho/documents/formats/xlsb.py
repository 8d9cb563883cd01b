"""Binary Excel workbooks (.xlsb): sheets, hidden ones too, and what lies beside their cells."""

from __future__ import annotations

from sekisho.documents import edit_locks, spreadsheetml
from sekisho.model import Format, Head
from sekisho.wording import Text


def _recognise(head: Head) -> bool:
    return spreadsheetml.kind(head) == "xlsb"


FORMAT = Format(
    kind="xlsb",
    title=Text("Binary Excel workbook", "Excelバイナリブック"),
    suffixes=(".xlsb",),
    recognise=_recognise,
    read=spreadsheetml.read,
    lock=edit_locks.ooxml_lock,
    order=20,
)
