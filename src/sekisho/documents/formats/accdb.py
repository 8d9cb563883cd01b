"""Access databases from 2007 on (.accdb): every table."""

from __future__ import annotations

from sekisho.documents import access
from sekisho.model import Format, Head
from sekisho.wording import Text


def _recognise(head: Head) -> bool:
    return bytes(head.data[4:20]) == access.ACE


FORMAT = Format(
    kind="accdb",
    title=Text("Access database (accdb)", "Accessデータベース（accdb）"),
    suffixes=(".accdb",),
    recognise=_recognise,
    read=access.read,
    order=20,
    needs="mdbtools",
)
