"""Access databases up to 2003 (.mdb): every table."""

from __future__ import annotations

from sekisho.documents import access, access_locks
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
    lock=access_locks.lock_of,
    unlock=access_locks.unlocked,
    order=20,
    needs="mdbtools",
)
