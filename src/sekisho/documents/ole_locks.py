"""Locks of old Office files (xls, doc, ppt): XOR, RC4 of 40 bits, RC4 CryptoAPI; and locks that only hinder editing.

Sources: MS-XLS 2.4.117 (FilePass), MS-DOC 2.5.2 (FibBase) and 2.7.2 (Dop), MS-PPT 2.3.2 and 2.3.7.
"""

from __future__ import annotations

import io
import struct
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

from sekisho.documents import locks, office_locks, ole
from sekisho.errors import LockedError, UnreadableError, WrongPasswordError
from sekisho.model import NO_LOCK, Blob, Lock, Protection, Reason

XOR = Lock(Protection.WEAK, "XOR")
RC4_40 = Lock(Protection.WEAK, "RC4-40")
_FILEPASS, _PROTECT, _FILE_SHARING, _BOF, _EOF = 0x2F, 0x12, 0x5B, 0x809, 0x0A
_ENCRYPTED, _SECOND_TABLE, _WRITE_RESERVATION, _OBFUSCATED = 0x100, 0x200, 0x800, 0x8000
_DOP_AT = 0x192  # where the FIB says where the document's properties lie
_PROTECTIONS = 0x10 << 16 | 0x42 << 24  # annotations, forms or revisions locked: bits of the properties at byte 4
_CRYPT_SESSION, _ENCRYPTED_TOKEN = 0x2F14, b"\xdf\xc4\xd1\xf3"


def xls_lock(blob: Blob) -> Lock:
    """How a workbook of BIFF records is locked."""
    with ole.open_ole(blob.data) as file:
        if office_locks.rights_managed(file):
            return locks.RIGHTS_MANAGEMENT
        name = next((n for n in ("Workbook", "Book") if file.exists(n)), None)
        if name is None:
            return NO_LOCK
        stream = ole.stream(file, name)
    found = NO_LOCK
    depth = sheets = 0
    for kind, body in _records(stream):
        if kind == _FILEPASS:
            lock = _file_pass(body)
            return locks.for_anyone(lock) if _opens(xls_unlocked, blob, locks.EXCEL_DEFAULT) else lock
        if kind & 0xFF == _BOF & 0xFF:
            depth += 1
            sheets += depth == 1
        elif kind == _EOF:
            depth -= 1
        elif kind == _PROTECT and any(body[:2]):
            found = locks.strongest((found, locks.WORKBOOK if sheets <= 1 else locks.SHEET))
        elif kind == _FILE_SHARING and any(body[2:4]):
            found = locks.strongest((found, locks.WRITE_RESERVATION))
    return found


def _records(stream: bytes) -> Iterator[tuple[int, bytes]]:
    """The records of a BIFF stream: kind and body."""
    at = 0
    while at + 4 <= len(stream):
        kind, length = struct.unpack_from("<2H", stream, at)
        yield kind, stream[at + 4 : at + 4 + length]
        at += 4 + length


def _file_pass(body: bytes) -> Lock:
    if len(body) <= 4 or body[:2] == b"\0\0":
        return XOR
    major, minor = struct.unpack_from("<2H", body, 2) if len(body) >= 6 else (0, 0)
    if (major, minor) == (1, 1):
        return RC4_40
    return office_locks.lock_of_info(body[2:])


def xls_unlocked(blob: Blob, password: str) -> Blob:
    """Raises WrongPasswordError, LockedError: XOR as before Excel 97 has no reader."""
    with ole.open_ole(blob.data) as file:
        if not file.exists("Workbook"):
            raise LockedError(Reason.PASSWORD_UNKNOWN, "XOR before Excel 97")
    return _unlocked(blob, password or locks.EXCEL_DEFAULT, "xls97", "Xls97File")


def doc_lock(blob: Blob) -> Lock:
    """How a Word document is locked."""
    with ole.open_ole(blob.data) as file:
        if office_locks.rights_managed(file):
            return locks.RIGHTS_MANAGEMENT
        fib = ole.stream(file, "WordDocument")
        flags = int.from_bytes(fib[10:12], "little")
        table = "1Table" if flags & _SECOND_TABLE else "0Table"
        content = ole.stream(file, table) if file.exists(table) else b""
    if flags & _ENCRYPTED:
        return XOR if flags & _OBFUSCATED else _doc_scheme(content)
    start, length = struct.unpack_from("<2L", fib, _DOP_AT) if len(fib) >= _DOP_AT + 8 else (0, 0)
    properties = content[start : start + min(length, 8)]
    if len(properties) == 8 and int.from_bytes(properties[4:8], "little") & _PROTECTIONS:
        return locks.DOCUMENT
    return locks.WRITE_RESERVATION if flags & _WRITE_RESERVATION else NO_LOCK


def _doc_scheme(table: bytes) -> Lock:
    """The scheme stands before the encrypted table, unencrypted."""
    return RC4_40 if table[:4] == b"\1\0\1\0" else office_locks.lock_of_info(table[:64])


def doc_unlocked(blob: Blob, password: str) -> Blob:
    """Raises WrongPasswordError, LockedError: XOR in Word's way has no reader."""
    if doc_lock(blob) is XOR:
        raise LockedError(Reason.PASSWORD_UNKNOWN, "XOR")
    return _unlocked(blob, password, "doc97", "Doc97File")


def ppt_lock(blob: Blob) -> Lock:
    """How a presentation is locked."""
    with ole.open_ole(blob.data) as file:
        if office_locks.rights_managed(file):
            return locks.RIGHTS_MANAGEMENT
        user = ole.stream(file, "Current User") if file.exists("Current User") else b""
        stream = ole.stream(file, "PowerPoint Document")
    if user[12:16] != _ENCRYPTED_TOKEN:
        return NO_LOCK
    at = stream.rfind(struct.pack("<H", _CRYPT_SESSION))
    lock = office_locks.lock_of_info(stream[at + 6 : at + 70]) if at >= 0 else office_locks.UNDETERMINED
    return locks.for_anyone(lock) if _opens(ppt_unlocked, blob, locks.POWERPOINT_DEFAULT) else lock


def ppt_unlocked(blob: Blob, password: str) -> Blob:
    """Raises WrongPasswordError, LockedError."""
    return _unlocked(blob, password or locks.POWERPOINT_DEFAULT, "ppt97", "Ppt97File")


def _unlocked(blob: Blob, password: str, module: str, name: str) -> Blob:
    from msoffcrypto.exceptions import InvalidKeyError

    with ole.open_ole(blob.data) as compound:
        if office_locks.rights_managed(compound):
            raise LockedError(Reason.RIGHTS_MANAGEMENT)
    out = io.BytesIO()
    with office_locks.damage_named():
        file = _reader(module, name)(io.BytesIO(blob.data))
        try:
            file.load_key(password=password)
        except InvalidKeyError as error:
            raise WrongPasswordError from error
        file.decrypt(out)
    return Blob(blob.name, out.getvalue())


def _reader(module: str, name: str) -> Any:
    """A reader of msoffcrypto that keeps what it decrypts in memory: left alone it writes it to a file in clear."""
    from importlib import import_module

    loaded: Any = import_module(f"msoffcrypto.format.{module}")
    loaded.tempfile = SimpleNamespace(TemporaryFile=io.BytesIO)
    return getattr(loaded, name)


def _opens(unlock: Callable[[Blob, str], Blob], blob: Blob, password: str) -> bool:
    try:
        unlock(blob, password)
    except (WrongPasswordError, UnreadableError, LockedError):
        return False
    return True
