"""Locks of Office files whose package lies encrypted in a compound file: agile, standard, rights management.

Source: MS-OFFCRYPTO 2.3.4 (the EncryptionInfo stream), 2.2 (rights management), 2.3.5.1 (RC4 CryptoAPI).
"""

from __future__ import annotations

import base64
import hashlib
import io
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

from lxml import etree

from sekisho.documents import locks, ole
from sekisho.errors import LockedError, UnreadableError, WrongPasswordError
from sekisho.model import Blob, Lock, Protection, Reason

_NAMESPACE = "{http://schemas.microsoft.com/office/2006/encryption}"
_PASSWORD = "{http://schemas.microsoft.com/office/2006/keyEncryptor/password}encryptedKey"  # noqa: S105
_AES, _RC4 = {0x660E: 128, 0x660F: 192, 0x6610: 256}, 0x6801
_INPUT_KEY, _VALUE_KEY = bytes.fromhex("fea7d2763b4b9e79"), bytes.fromhex("d7aa0f6d3061344e")
_PACKAGE_KEY, _SEGMENT = bytes.fromhex("146e0be7abacd0d6"), 4096
_SECRETS = ("saltValue", "encryptedVerifierHashInput", "encryptedVerifierHashValue", "encryptedKeyValue")
_BROKEN = (OSError, ValueError, KeyError, IndexError, TypeError, AttributeError)
_MOST_SPINS = 10_000_000
UNDETERMINED = Lock(Protection.UNDETERMINED, "unknown scheme")


def lock_of(blob: Blob) -> Lock:
    """How an encrypted package is locked; OPEN_TO_ANYONE where a built-in password opens it."""
    with ole.open_ole(blob.data) as file:
        if rights_managed(file):
            return locks.RIGHTS_MANAGEMENT
        info = ole.stream(file, "EncryptionInfo")
    lock = lock_of_info(info)
    try:
        return locks.for_anyone(lock) if _fits(blob, info, locks.EXCEL_DEFAULT) else lock
    except UnreadableError:
        return lock


def unlocked(blob: Blob, password: str) -> Blob:
    """The package itself. Raises WrongPasswordError, LockedError where no password can open it."""
    with ole.open_ole(blob.data) as file:
        if rights_managed(file):
            raise LockedError(Reason.RIGHTS_MANAGEMENT)
        info = ole.stream(file, "EncryptionInfo")
    password = password or locks.EXCEL_DEFAULT
    if not _fits(blob, info, password):
        raise WrongPasswordError
    return Blob(blob.name, _decrypted(blob, info, password))


def rights_managed(file: Any) -> bool:
    """Does a server hold the key?"""
    names = {part for path in file.listdir(streams=True, storages=True) for part in path}
    return any(name.startswith(("DRMEncrypted", "\tDRM", "DRMContent")) for name in names)


def lock_of_info(info: bytes) -> Lock:
    """The lock that an EncryptionInfo stream describes."""
    if len(info) < 8:
        return UNDETERMINED
    major, minor = struct.unpack("<2H", info[:4])
    if (major, minor) == (4, 4):
        return _agile_lock(info)
    if minor == 2 and major in (2, 3, 4):
        return _standard_lock(info[8:])
    if (major, minor) == (1, 1):
        return Lock(Protection.WEAK, "RC4-40")
    return UNDETERMINED


def _standard_lock(info: bytes) -> Lock:
    """An EncryptionHeader behind its size: AES, or RC4 CryptoAPI of some length."""
    if len(info) < 24:
        return UNDETERMINED
    algorithm, _, bits = struct.unpack("<3L", info[12:24])
    if algorithm in _AES:
        return Lock(Protection.STRONG, f"AES-{_AES[algorithm]} standard SHA-1")
    if algorithm in (0, _RC4):
        return Lock(Protection.WEAK, f"RC4 CryptoAPI {bits or 40} bit")
    return UNDETERMINED


@dataclass(frozen=True, slots=True)
class _Agile:
    """What an agile EncryptionInfo says of the key that a password protects."""

    cipher: str
    bits: int
    hash: str
    spins: int
    block: int
    package_salt: bytes
    salt: bytes
    verifier_input: bytes
    verifier_value: bytes
    package_key: bytes


def _agile(info: bytes) -> _Agile | None:
    """None where it cannot be read, or where no password but a certificate opens it."""
    try:
        root = etree.fromstring(info[8:], etree.XMLParser(resolve_entities=False, no_network=True))
        key, package = root.find(f".//{_PASSWORD}"), root.find(f"{_NAMESPACE}keyData")
        if key is None or package is None:
            return None
        get: dict[str, str] = {str(name): str(value) for name, value in key.attrib.items()}
        return _Agile(
            get["cipherAlgorithm"],
            int(get["keyBits"]),
            get["hashAlgorithm"],
            int(get["spinCount"]),
            int(get["blockSize"]),
            base64.b64decode(package.attrib["saltValue"]),
            *(base64.b64decode(get[name]) for name in _SECRETS),
        )
    except (etree.XMLSyntaxError, KeyError, ValueError, TypeError):
        return None


def _agile_lock(info: bytes) -> Lock:
    agile = _agile(info)
    if agile is None:
        return UNDETERMINED
    worth = Protection.STRONG if agile.cipher == "AES" else Protection.WEAK
    return Lock(worth, f"{agile.cipher}-{agile.bits} agile {locks.hash_name(agile.hash)}")


def _fits(blob: Blob, info: bytes, password: str) -> bool:
    """Is it the right password?"""
    if info[:4] != b"\4\0\4\0":
        return _fits_standard(blob, password)
    agile = _agile(info)
    if agile is None or not 0 <= agile.spins <= _MOST_SPINS:
        return False
    try:
        return _fits_agile(agile, password)
    except (ValueError, TypeError) as error:
        raise UnreadableError(Reason.DAMAGED, "EncryptionInfo") from error


def _fits_agile(agile: _Agile, password: str) -> bool:
    turned = _turned(agile, password)
    plain = _secret(agile, turned, _INPUT_KEY, agile.verifier_input)
    wanted = _hash(agile)(plain).digest()
    return bool(_secret(agile, turned, _VALUE_KEY, agile.verifier_value)[: len(wanted)] == wanted)


def _hash(agile: _Agile) -> Any:
    return getattr(hashlib, locks.hash_name(agile.hash).replace("-", "").lower())


@lru_cache(maxsize=8)  # the password that fits is asked for again when the package is opened
def _turned(agile: _Agile, password: str) -> bytes:
    """The hash of the password, taken as often as the file says."""
    new = _hash(agile)
    turned: bytes = new(agile.salt + password.encode("utf-16-le", "surrogatepass")).digest()
    for counter in _counters(agile.spins):
        turned = new(counter + turned).digest()
    return turned


def _secret(agile: _Agile, turned: bytes, block_key: bytes, packed: bytes) -> bytes:
    """One of the values that the password protects; a hash shorter than the key is filled up."""
    size = agile.bits // 8
    key = _hash(agile)(turned + block_key).digest().ljust(size, b"\x36")[:size]
    return _plain(key, agile.salt.ljust(agile.block, b"\x36")[: agile.block], packed)


def _plain(key: bytes, iv: bytes, packed: bytes) -> bytes:
    from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

    decryptor = Cipher(algorithms.AES(key), modes.CBC(iv)).decryptor()
    return decryptor.update(packed) + decryptor.finalize()


def _package(agile: _Agile, data: bytes, password: str) -> bytes:
    """The plain package: its size, then segments, each with an initialisation vector of its own."""
    key = _secret(agile, _turned(agile, password), _PACKAGE_KEY, agile.package_key)[: agile.bits // 8]
    size, new = int.from_bytes(data[:8], "little"), _hash(agile)
    plain = []
    for number, at in enumerate(range(8, len(data), _SEGMENT)):
        iv = new(agile.package_salt + number.to_bytes(4, "little")).digest().ljust(agile.block, b"\x36")
        segment = data[at : at + _SEGMENT]
        plain.append(_plain(key, iv[: agile.block], segment[: len(segment) // agile.block * agile.block]))
    return b"".join(plain)[:size]


@cache
def _counters(spins: int) -> tuple[bytes, ...]:
    return tuple(n.to_bytes(4, "little") for n in range(spins))


def _fits_standard(blob: Blob, password: str) -> bool:
    from msoffcrypto.exceptions import InvalidKeyError

    file = _office_file(blob)
    try:
        with damage_named():
            file.load_key(password=password, verify_password=True)
    except (InvalidKeyError, UnreadableError):
        return False
    return True


def _office_file(blob: Blob) -> Any:
    from msoffcrypto.format.ooxml import OOXMLFile

    with damage_named():
        return OOXMLFile(io.BytesIO(blob.data))


def _decrypted(blob: Blob, info: bytes, password: str) -> bytes:
    agile = _agile(info) if info[:4] == b"\4\0\4\0" else None
    with damage_named():
        if agile is not None:
            with ole.open_ole(blob.data) as file:
                return _package(agile, ole.stream(file, "EncryptedPackage"), password)
        out = io.BytesIO()
        standard = _office_file(blob)
        standard.load_key(password=password)
        standard.decrypt(out)
    return out.getvalue()


@contextmanager
def damage_named() -> Iterator[None]:
    """What the library says of a damaged file, in our words."""
    from msoffcrypto.exceptions import DecryptionError, FileFormatError, InvalidKeyError, ParseError

    broken = (DecryptionError, FileFormatError, ParseError, AssertionError, struct.error, *_BROKEN)
    try:
        yield
    except InvalidKeyError:
        raise
    except broken as error:
        raise UnreadableError(Reason.DAMAGED, "encrypted package") from error
