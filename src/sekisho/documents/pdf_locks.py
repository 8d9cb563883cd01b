"""Locks of PDF files: read from the encryption dictionary, which is never encrypted itself.

Source: ISO 32000-2, 7.6 (revisions 2 to 6 of the standard handler, crypt filters, public-key handlers).
"""

from __future__ import annotations

import re

from sekisho.documents import locks
from sekisho.errors import WrongPasswordError
from sekisho.model import NO_LOCK, Blob, Lock, Protection

_REFERENCE = re.compile(rb"/Encrypt\s+(\d+)\s+(\d+)\s+R")
_DIRECT = re.compile(rb"/Encrypt\s*<<")
_DICTIONARY_BYTES = 8 << 10
_FORMAT_ERROR, _PASSWORD_ERROR, _SECURITY_ERROR = 3, 4, 5


def lock_of(blob: Blob) -> Lock:
    """How a PDF is locked; OPEN_TO_ANYONE where the empty password opens it."""
    data = bytes(blob.data)
    if b"/Encrypt" not in data:
        return NO_LOCK
    dictionary = _dictionary(data)
    if dictionary is None:
        return NO_LOCK if opens(data, None) else Lock(Protection.UNDETERMINED, "unknown scheme")
    lock = _lock(dictionary)
    return locks.for_anyone(lock) if lock is not locks.RIGHTS_MANAGEMENT and opens(data, None) else lock


def unlocked(blob: Blob, password: str) -> Blob:
    """The same bytes with the password as their key. Raises WrongPasswordError."""
    if not opens(bytes(blob.data), password):
        raise WrongPasswordError
    return Blob(blob.name, blob.data, key=password)


def opens(data: bytes, password: str | None) -> bool:
    """Does this password open it?"""
    import pypdfium2

    try:
        pypdfium2.PdfDocument(data, password=password).close()
    except pypdfium2.PdfiumError:
        return False
    return True


def _dictionary(data: bytes) -> bytes | None:
    """The encryption dictionary as it stands in the file; the last one that is named counts."""
    for found in reversed(list(_REFERENCE.finditer(data))):
        head = re.compile(rb"(?<!\d)%s\s+%s\s+obj" % (found[1], found[2]))
        if at := head.search(data):
            return data[at.end() : at.end() + _DICTIONARY_BYTES].split(b"endobj")[0]
    direct = list(_DIRECT.finditer(data))
    return data[direct[-1].end() : direct[-1].end() + _DICTIONARY_BYTES] if direct else None


def _lock(dictionary: bytes) -> Lock:
    handler = _name(dictionary, b"Filter")
    if handler not in (b"Standard", b"Adobe.PubSec", b""):
        return locks.RIGHTS_MANAGEMENT
    if handler == b"Adobe.PubSec":
        return Lock(Protection.STRONG if _is_aes(dictionary) else Protection.WEAK, f"certificate {_cipher(dictionary)}")
    revision = _number(dictionary, b"R", 0)
    if revision not in range(2, 7):
        return Lock(Protection.UNDETERMINED, "unknown scheme")
    return Lock(Protection.STRONG if revision == 6 else Protection.WEAK, f"{_cipher(dictionary)} R{revision}")


def _cipher(dictionary: bytes) -> str:
    method = _name(dictionary, b"CFM")
    if method == b"AESV3" or _number(dictionary, b"V", 0) >= 5:
        return "AES-256"
    if method == b"AESV2":
        return "AES-128"
    bits = 40 if _number(dictionary, b"V", 1) == 1 else _number(dictionary, b"Length", 40)
    return f"RC4-{bits * 8 if bits < 40 else bits}"


def _is_aes(dictionary: bytes) -> bool:
    return _cipher(dictionary).startswith("AES")


def _name(dictionary: bytes, key: bytes) -> bytes:
    found = re.search(rb"/%s\s*/([\w.#-]+)" % key, dictionary)
    return found[1] if found else b""


def _number(dictionary: bytes, key: bytes, default: int) -> int:
    found = re.search(rb"/%s\s+(\d+)" % key, dictionary)
    return int(found[1]) if found else default
