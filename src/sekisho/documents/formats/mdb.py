"""Access databases up to 2003 (.mdb): every table."""

from __future__ import annotations

from sekisho.documents import access
from sekisho.model import Format, Head
from sekisho.wording import Text


def _recognise(head: Head) -> bool:
    return bytes(head.data[4:20]) == access.JET


FORMAT = Format(
    kind="mdb",
    title=Text("Access database (mdb)", "Accessデータベース（mdb）"),
    suffixes=(".mdb",),
    recognise=_recognise,
    read=access.read,
    order=20,
    needs="mdbtools",
)
