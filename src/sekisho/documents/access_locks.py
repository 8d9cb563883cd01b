"""Locks of Access databases: the database password of Jet, which hides nothing, and the encryption of newer ones.

Source: the first page as mdbtools' HACKING and jackcess describe it; MS-OFFCRYPTO for the block at 0x299.
"""

from __future__ import annotations

import struct

from sekisho.documents import office_locks
from sekisho.errors import LockedError, WrongPasswordError
from sekisho.model import NO_LOCK, Blob, Lock, Protection, Reason

PASSWORD = Lock(Protection.WEAK, "Jet password")
ENCODED = Lock(Protection.OPEN_TO_ANYONE, "Jet RC4")  # the key stands in the file
_MASK_KEY = bytes.fromhex("c7da396b")
_MASKED = slice(0x18, 0x98)
_VERSION, _ACE, _INFO_AT = 0x14, 2, 0x299


def lock_of(blob: Blob) -> Lock:
    """How a database is locked."""
    page = _first_page(blob)
    if not page:
        return NO_LOCK
    encoded = any(page[0x3E:0x42])
    if page[_VERSION] >= _ACE and encoded:
        size = int.from_bytes(page[_INFO_AT : _INFO_AT + 2], "little")
        return office_locks.lock_of_info(page[_INFO_AT + 2 : _INFO_AT + 2 + size])
    if any(_password(page)):
        return PASSWORD
    return ENCODED if encoded else NO_LOCK


def unlocked(blob: Blob, password: str) -> Blob:
    """As it is: what Jet's password locks out is Access alone, so that none (an empty one) will do too.

    Raises WrongPasswordError for any other than the right one, LockedError for the newer encryption.
    """
    page = _first_page(blob)
    if lock_of(blob) not in (PASSWORD, ENCODED):
        raise LockedError(Reason.PASSWORD_UNKNOWN, "Access")
    right = _password(page).rstrip(b"\0")
    if password and right not in (
        password.encode("utf-16-le", "replace").rstrip(b"\0"),
        password.encode("cp932", "replace"),
    ):
        raise WrongPasswordError
    return blob


def _first_page(blob: Blob) -> bytes:
    """With its header unmasked; empty where it is cut short."""
    page = bytes(blob.data[:0x1000])
    if len(page) < _INFO_AT + 2:
        return b""
    return page[: _MASKED.start] + _rc4(_MASK_KEY, page[_MASKED]) + page[_MASKED.stop :]


def _password(page: bytes) -> bytes:
    if page[_VERSION] == 0:
        return page[0x42:0x56]
    mask = int(_double(page[0x72:0x7A])).to_bytes(4, "little", signed=True)  # the day it was made
    return bytes(byte ^ mask[at % 4] for at, byte in enumerate(page[0x42:0x6A]))


def _double(data: bytes) -> float:
    value: float = struct.unpack("<d", data)[0]
    return value if abs(value) < 1 << 31 else 0.0


def _rc4(key: bytes, data: bytes) -> bytes:
    """The key twice is the same key, and long enough for the library."""
    from cryptography.hazmat.decrepit.ciphers.algorithms import ARC4
    from cryptography.hazmat.primitives.ciphers import Cipher

    return Cipher(ARC4(2 * key), mode=None).decryptor().update(data)
