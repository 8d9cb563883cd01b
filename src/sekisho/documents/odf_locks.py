"""Locks of OpenDocument files: encrypted packages, and sheets, sections or documents protected from editing.

Source: OpenDocument 1.3 part 2, chapters 3 and 4 (packages, manifest); for the newer packages, encrypted as a whole
with AES-GCM under an Argon2id key, the manifest of LibreOffice 24.2 and later.
"""

from __future__ import annotations

import base64
import hashlib
import io
import re
import zipfile
import zlib
from dataclasses import dataclass
from typing import Any

from lxml import etree

from sekisho.documents import locks, zipped
from sekisho.documents.edit_locks import stands_in
from sekisho.documents.metered import Meter
from sekisho.errors import DocumentError, LockedError, UnreadableError, WrongPasswordError
from sekisho.model import NO_LOCK, Blob, Limits, Lock, Protection, Reason

_LIMITS = Limits()
_MANIFEST, _WHOLE = "META-INF/manifest.xml", "encrypted-package"
_MOST_ROUNDS, _MOST_MEMORY = 10_000_000, 1 << 20  # PBKDF2 rounds; KiB for Argon2
_ENCRYPTION = re.compile(rb"<(?:\w+:)?encryption-data\b.*?</(?:\w+:)?encryption-data>", re.S)
_TABLE = re.compile(rb"<table:table\b[^<>]*\stable:protected=\"true\"")
_STRUCTURE = re.compile(rb"<office:spreadsheet\b[^<>]*\stable:structure-protected=\"true\"")
_SECTION = re.compile(rb"<text:section\b[^<>]*\stext:protection-key=\"[^\"]")
_MODIFY = re.compile(rb"config:name=\"ModifyPasswordInfo\"")
_EDIT = (
    ("content.xml", _STRUCTURE, locks.WORKBOOK),
    ("content.xml", _TABLE, locks.SHEET),
    ("content.xml", _SECTION, locks.DOCUMENT),
    ("settings.xml", _MODIFY, locks.WRITE_RESERVATION),
)


def lock_of(blob: Blob) -> Lock:
    """How an OpenDocument file is locked."""
    if bytes(blob.data[:2]) != b"PK":  # flat XML is never encrypted
        return next((lock for _, mark, lock in _EDIT if mark.search(blob.data)), NO_LOCK)
    try:
        directory = zipped.directory(blob.data, _LIMITS)
        sealed = _sealed(zipped.Members(blob.data, directory, Meter(_LIMITS, len(blob.data))))
    except DocumentError:
        return NO_LOCK
    if sealed:
        return locks.strongest(each.lock for each in sealed.values())
    parts = {entry.name: entry for entry in directory.entries}
    marks = ((lock, mark, parts.get(part)) for part, mark, lock in _EDIT)
    return next((lock for lock, mark, part in marks if part and stands_in(blob, part, mark)), NO_LOCK)


@dataclass(frozen=True, slots=True)
class _Seal:
    """How one member of the package is encrypted."""

    cipher: str
    iv: bytes
    check: str
    checksum: bytes
    kdf: str
    salt: bytes
    rounds: int
    key_size: int
    memory: int
    lanes: int
    start_hash: str
    size: int

    @property
    def lock(self) -> Lock:
        """What it is worth."""
        if "blowfish" in self.cipher.lower():
            return Lock(Protection.WEAK, "Blowfish")
        if found := re.search(r"aes(\d+)-(cbc|gcm)", self.cipher.lower()):
            gcm = " GCM" if found[2] == "gcm" else ""
            return Lock(Protection.STRONG, f"AES-{found[1]}{gcm}")
        return Lock(Protection.UNDETERMINED, "unknown scheme")


def _sealed(members: zipped.Members) -> dict[str, _Seal]:
    """The encrypted members by name."""
    manifest = members.get(_MANIFEST)
    if manifest is None:
        return {}
    try:
        root = etree.fromstring(manifest, etree.XMLParser(resolve_entities=False, no_network=True, recover=True))
    except (etree.XMLSyntaxError, ValueError):
        return {}
    found = {}
    for entry in root.iter("{*}file-entry") if root is not None else ():
        data = next(entry.iter("{*}encryption-data"), None)
        if data is not None:
            found[_attribute(entry, "full-path")] = _seal(entry, data)
    return found


def _attribute(element: Any, name: str) -> str:
    """An attribute whatever its namespace: the newer ones still move about."""
    return next((str(v) for k, v in element.attrib.items() if k.rpartition("}")[2] == name), "")


def _number(element: Any, name: str, default: int) -> int:
    text = _attribute(element, name)
    return int(text) if text.isdigit() else default


def _seal(entry: Any, data: Any) -> _Seal:
    parts = {etree.QName(child).localname: child for child in data}
    cipher, kdf, start = (parts.get(n, data) for n in ("algorithm", "key-derivation", "start-key-generation"))
    try:
        return _Seal(
            cipher=_attribute(cipher, "algorithm-name"),
            iv=base64.b64decode(_attribute(cipher, "initialisation-vector")),
            check=_attribute(data, "checksum-type"),
            checksum=base64.b64decode(_attribute(data, "checksum")),
            kdf=_attribute(kdf, "key-derivation-name"),
            salt=base64.b64decode(_attribute(kdf, "salt")),
            rounds=_number(kdf, "iteration-count", _number(kdf, "argon2-iterations", 1024)),
            key_size=_number(kdf, "key-size", 16),
            memory=_number(kdf, "argon2-memory", 0),
            lanes=_number(kdf, "argon2-lanes", 1),
            start_hash=_attribute(start, "start-key-generation-name"),
            size=_number(entry, "size", 0),
        )
    except ValueError as error:
        raise UnreadableError(Reason.DAMAGED, "manifest") from error


def unlocked(blob: Blob, password: str) -> Blob:
    """The package without its encryption. Raises WrongPasswordError, DocumentError."""
    members = zipped.bounded_members(blob.data, _LIMITS)
    sealed = _sealed(members)
    if _WHOLE in sealed or "/" in sealed:
        name = _WHOLE if _WHOLE in members else next(iter(sealed))
        return Blob(blob.name, _opened(members.read(name), sealed.get(name) or sealed["/"], password))
    smallest = sorted((n for n in sealed if n in members), key=members.size)
    plain = {name: _opened(members.read(name), sealed[name], password) for name in smallest}
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as package:
        for name in members:
            if name != _MANIFEST:
                package.writestr(name, plain[name] if name in plain else members.read(name))
        package.writestr(_MANIFEST, _ENCRYPTION.sub(b"", members.read(_MANIFEST)))
    return Blob(blob.name, out.getvalue())


def _opened(packed: bytes, seal: _Seal, password: str) -> bytes:
    if seal.rounds > _MOST_ROUNDS or seal.memory > _MOST_MEMORY or seal.lock.protection is Protection.UNDETERMINED:
        raise LockedError(Reason.PASSWORD_UNKNOWN, "unknown scheme")
    plain = _decrypted(packed, seal, _key(seal, password))
    start = plain[:1024] if "1k" in seal.check.lower() else plain
    if seal.checksum and seal.checksum != _hash(seal.check, start):
        raise WrongPasswordError
    if plain[:4] == zipped.LOCAL:
        return plain
    try:
        return zlib.decompressobj(-15).decompress(plain, max(1, min(seal.size, _LIMITS.output_bytes)))
    except zlib.error as error:
        raise WrongPasswordError from error


def _hash(name: str, data: bytes) -> bytes:
    return hashlib.new("sha256" if "256" in name else "sha1", data, usedforsecurity=False).digest()


def _key(seal: _Seal, password: str) -> bytes:
    start = _hash(seal.start_hash, password.encode("utf-8", "surrogatepass"))
    if "argon2" not in seal.kdf.lower():
        return hashlib.pbkdf2_hmac("sha1", start, seal.salt, max(1, seal.rounds), seal.key_size)
    from argon2.low_level import Type, hash_secret_raw

    return hash_secret_raw(start, seal.salt, seal.rounds, seal.memory, seal.lanes, seal.key_size, Type.ID)


def _decrypted(packed: bytes, seal: _Seal, key: bytes) -> bytes:
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    if "gcm" in seal.cipher.lower():
        body = packed[len(seal.iv) :] if packed.startswith(seal.iv) else packed
        try:
            return AESGCM(key).decrypt(seal.iv, body, None)
        except (InvalidTag, ValueError) as error:
            raise WrongPasswordError from error
    decryptor = _cipher(seal, key).decryptor()
    try:
        plain = decryptor.update(packed) + decryptor.finalize()
    except ValueError as error:
        raise UnreadableError(Reason.DAMAGED, "encrypted part") from error
    if "blowfish" in seal.cipher.lower():
        return bytes(plain)
    return bytes(plain[: -plain[-1]]) if plain and 0 < plain[-1] <= len(seal.iv) else bytes(plain)


def _cipher(seal: _Seal, key: bytes) -> Any:
    from cryptography.hazmat.decrepit.ciphers.algorithms import Blowfish
    from cryptography.hazmat.decrepit.ciphers.modes import CFB
    from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

    try:
        if "blowfish" in seal.cipher.lower():
            return Cipher(Blowfish(key), CFB(seal.iv))
        return Cipher(algorithms.AES(key), modes.CBC(seal.iv))
    except ValueError as error:
        raise UnreadableError(Reason.DAMAGED, "manifest") from error
