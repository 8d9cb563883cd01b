"""Which documents have a lock of their own, and how it is put on and proven; run where a document can do no harm."""

from __future__ import annotations

import secrets

from sekisho.protect import office_lock, pdf_lock
from sekisho.protect.reasons import Left, LeftError

NEEDED = (
    *("sekisho.protect.locking", "msoffcrypto.format.ooxml", "msoffcrypto.method.ecma376_agile", "olefile", "pikepdf"),
    *("msoffcrypto.method.container.ecma376_encrypted", "xml.dom.expatbuilder", "xml.dom.minidom"),
    *("cryptography.hazmat.primitives.ciphers.algorithms", "cryptography.hazmat.primitives.ciphers.modes"),
    *("encodings.utf_16_le", "encodings.cp1252", "encodings.cp437", "_strptime"),
)
MOST_BYTES = 256 << 20
"""A larger document is not locked in place: it would have to be held in memory several times."""
_LETTERS = "abcdefghjkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789"
_LENGTH = 15
_PROVEN = b"same"


def has_own_lock(kind: str) -> bool:
    """Whether documents of this kind can be locked by their own format."""
    return kind in office_lock.KINDS or kind in pdf_lock.KINDS


def new_password() -> str:
    """15 letters and digits, as many as every version of Office takes, none that look alike: 86 bits."""
    return "".join(secrets.choice(_LETTERS) for _ in range(_LENGTH))


def locked(kind: str, data: bytes, password: str) -> bytes:
    """``data`` under ``password``; raises LeftError."""
    if len(data) > MOST_BYTES:
        raise LeftError(Left.TOO_LARGE)
    if kind in office_lock.KINDS:
        return office_lock.locked(data, password)
    if kind in pdf_lock.KINDS:
        return pdf_lock.locked(data, password)
    raise LeftError(Left.NO_OWN_LOCK)


def proof(kind: str, sealed: bytes, data: bytes, password: str) -> bytes:
    """Something where ``password`` opens ``sealed`` and what is in it is ``data``; nothing where not."""
    opens_as = office_lock.opens_as if kind in office_lock.KINDS else pdf_lock.opens_as
    return _PROVEN if opens_as(sealed, data, password) else b""
