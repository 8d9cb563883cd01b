"""Office files (2007 and later) under a password or rights management: a compound file around the real one.

What is inside is told by its content once it is open, and by its name as long as it is shut.
"""

from __future__ import annotations

from collections.abc import Iterator

from sekisho.documents import locks, office_locks, ole
from sekisho.errors import LockedError, WrongPasswordError
from sekisho.model import Blob, Format, Head, Limits, Piece, Reason
from sekisho.wording import Text


def _recognise(head: Head) -> bool:
    return ole.named(head, "EncryptedPackage", "EncryptionInfo")


def _read(blob: Blob, limits: Limits) -> Iterator[Piece]:
    """What a built-in password opens; everything else is unlocked before it is read."""
    try:
        opened = office_locks.unlocked(blob, locks.EXCEL_DEFAULT)
    except WrongPasswordError as error:
        raise LockedError(Reason.PASSWORD_UNKNOWN) from error
    yield ole.member("content", opened.data)


FORMAT = Format(
    kind="shut_office",
    title=Text("locked Office file (what is inside tells its kind)", "パスワード付きOffice文書（種類は中身による）"),
    suffixes=(),
    recognise=_recognise,
    read=_read,
    lock=office_locks.lock_of,
    unlock=office_locks.unlocked,
    order=10,
    wraps=("xlsx", "xlsm", "xlsb", "docx", "pptx"),
)
