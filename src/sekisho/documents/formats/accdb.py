"""Access databases from 2007 on (.accdb): every table."""

from __future__ import annotations

from sekisho.documents import access, access_locks
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
    lock=access_locks.lock_of,
    unlock=access_locks.unlocked,
    order=20,
    needs="mdbtools",
)
