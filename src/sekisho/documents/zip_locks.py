"""The locks of zip members: ZipCrypto, AES (WinZip's AE-1 and AE-2) and the strong encryption of PKWARE."""

from __future__ import annotations

import hashlib
import hmac
import zlib
from functools import cache
from typing import TYPE_CHECKING

from sekisho.documents import zipped
from sekisho.documents.metered import Meter
from sekisho.errors import LockedError, UnreadableError, UnsupportedError, WrongPasswordError
from sekisho.model import NO_LOCK, Lock, Protection, Reason

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.ciphers import CipherContext

_RUN = 1 << 20
_HEADER = 12  # bytes that ZipCrypto puts before the data
_PROBE = 1 << 12  # bytes that tell a password that is wrong although its check byte fits
_VERIFIER, _MAC = 2, 10
_AES_KEYS = {1: 16, 2: 24, 3: 32}  # strength -> bytes


def lock_of(entry: zipped.Entry) -> Lock:
    """How one member is locked."""
    if not entry.is_encrypted:
        return NO_LOCK
    if entry.flags & zipped.STRONG:
        return Lock(Protection.UNDETERMINED, "PKWARE strong encryption")
    if entry.aes_strength in _AES_KEYS:
        return Lock(Protection.STRONG, f"AES-{8 * _AES_KEYS[entry.aes_strength]}")
    if entry.aes_version or entry.aes_strength:
        return Lock(Protection.UNDETERMINED, "AES")
    return Lock(Protection.WEAK, "ZipCrypto")


def opened(data: zipped.Data, entry: zipped.Entry, password: str, meter: Meter) -> bytes:
    """The bytes of a locked member. Raises WrongPasswordError and DocumentError.

    A password with characters beyond ASCII is tried as UTF-8 and as Shift_JIS, as programs differ.
    """
    meter.admit(entry.size, entry.packed)
    if entry.flags & zipped.STRONG:
        raise LockedError(Reason.PASSWORD_UNKNOWN, "PKWARE strong encryption")
    packed = bytes(zipped.packed_bytes(data, entry))
    unlock = _aes if entry.aes_strength else _zipcrypto
    for word in _spellings(password):
        try:
            return unlock(packed, entry, word, meter)
        except WrongPasswordError:
            continue
    raise WrongPasswordError


def _spellings(password: str) -> list[bytes]:
    found = [password.encode("utf-8", "surrogatepass")]
    if not password.isascii():
        found.append(password.encode("cp932", "replace"))
    return found


def _aes(packed: bytes, entry: zipped.Entry, password: bytes, meter: Meter) -> bytes:
    from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

    size = _AES_KEYS.get(entry.aes_strength)
    if size is None:
        raise UnsupportedError(Reason.NO_READER, "AES strength")
    salt = packed[: size // 2]
    body = packed[size // 2 + _VERIFIER : -_MAC]
    keys = hashlib.pbkdf2_hmac("sha1", password, salt, 1000, 2 * size + _VERIFIER)
    if keys[2 * size :] != packed[size // 2 : size // 2 + _VERIFIER]:
        raise WrongPasswordError
    if not hmac.compare_digest(hmac.digest(keys[size : 2 * size], body, "sha1")[:_MAC], packed[-_MAC:]):
        raise WrongPasswordError  # or damaged: one in 65,536 wrong passwords comes this far
    plain = _counted(Cipher(algorithms.AES(keys[:size]), modes.ECB()).encryptor(), body)  # noqa: S305
    return zipped.inflate(plain, entry, meter, check=entry.aes_version == 1)


def _counted(pads: CipherContext, body: bytes) -> bytes:
    """``body`` under pads made block by block: the counter here runs little-endian, which no CTR mode knows."""
    parts = []
    for start in range(0, len(body), _RUN):
        part = body[start : start + _RUN]
        first = start // 16 + 1
        counters = b"".join(n.to_bytes(16, "little") for n in range(first, first + -(-len(part) // 16)))
        parts.append(_xor(part, pads.update(counters)))
    return b"".join(parts)


def _xor(one: bytes, other: bytes) -> bytes:
    size = len(one)
    return (int.from_bytes(one, "little") ^ int.from_bytes(other[:size], "little")).to_bytes(size, "little")


def _zipcrypto(packed: bytes, entry: zipped.Entry, password: bytes, meter: Meter) -> bytes:
    stream = _KeyStream(password)
    last = stream.decrypt(packed[:_HEADER])[-1:]
    if not last:
        raise UnreadableError(Reason.TRUNCATED)
    if last[0] not in (entry.crc >> 24, entry.modified >> 8 & 0xFF):
        raise WrongPasswordError
    start = stream.decrypt(packed[_HEADER : _HEADER + _PROBE])
    if entry.method == zipped.DEFLATE and not _inflates(start):
        raise WrongPasswordError
    plain = start + stream.decrypt(packed[_HEADER + _PROBE :])
    try:
        return zipped.inflate(plain, entry, meter)
    except UnreadableError as error:
        raise WrongPasswordError from error


def _inflates(start: bytes) -> bool:
    try:
        zlib.decompressobj(-15).decompress(start)
    except zlib.error:
        return False
    return True


class _KeyStream:
    """The three keys, as a password sets them and each plain byte turns them."""

    def __init__(self, password: bytes) -> None:
        self._keys = (0x12345678, 0x23456789, 0x34567890)
        self._turn(password)

    def _turn(self, plain: bytes) -> None:
        table = _crc_table()
        one, two, three = self._keys
        for byte in plain:
            one = one >> 8 ^ table[(one ^ byte) & 0xFF]
            two = (two + (one & 0xFF)) * 134775813 + 1 & 0xFFFFFFFF
            three = three >> 8 ^ table[(three ^ two >> 24) & 0xFF]
        self._keys = (one, two, three)

    def decrypt(self, packed: bytes) -> bytes:
        """The plain bytes of what comes next."""
        table = _crc_table()
        one, two, three = self._keys
        plain = bytearray(packed)
        for at, byte in enumerate(packed):
            key = three | 2
            byte ^= key * (key ^ 1) >> 8 & 0xFF
            plain[at] = byte
            one = one >> 8 ^ table[(one ^ byte) & 0xFF]
            two = (two + (one & 0xFF)) * 134775813 + 1 & 0xFFFFFFFF
            three = three >> 8 ^ table[(three ^ two >> 24) & 0xFF]
        self._keys = (one, two, three)
        return bytes(plain)


@cache
def _crc_table() -> tuple[int, ...]:
    table = []
    for crc in range(256):
        for _ in range(8):
            crc = crc >> 1 ^ (0xEDB88320 if crc & 1 else 0)
        table.append(crc)
    return tuple(table)
