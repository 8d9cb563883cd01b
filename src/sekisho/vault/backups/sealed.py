"""Files sealed for a backup: AES-256-GCM over pieces of a mebibyte, each bound to its place and to being the last.

A piece that was changed, moved, left out or added is found before any byte of it is given away (the STREAM
construction of Hoang, Reyhanitabar, Rogaway and Vizár). Each file has a key of its own, so that nonces may count.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Callable, Iterator
from typing import BinaryIO

from sekisho.errors import VaultError
from sekisho.vault.keys.secret import derive

PIECE = 1 << 20
_TAG, _SALT = 16, 16
_HEAD = b"sekisho sealed 1\n"


def name_of(key: bytes, sha256: str) -> str:
    """The name under which a content is kept, hexadecimal: who has no key cannot tell what it is."""
    return hmac.new(derive(key, "names"), sha256.encode(), hashlib.sha256).hexdigest()


def seal(key: bytes, sha256: str, source: BinaryIO, target: BinaryIO) -> int:
    """Write what ``source`` holds to ``target``, sealed; gives its bytes.

    Raises ChangedError where what was read has another hash.
    """
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    salt = secrets.token_bytes(_SALT)
    cipher = AESGCM(_own_key(key, salt))
    digest, size, place = hashlib.sha256(), 0, 0
    target.write(_HEAD + salt)
    piece = source.read(PIECE)
    while True:
        following = source.read(PIECE) if len(piece) == PIECE else b""
        digest.update(piece)
        size += len(piece)
        target.write(cipher.encrypt(_nonce(place, last=not following), piece, None))
        if not following:
            break
        piece, place = following, place + 1
    if digest.hexdigest() != sha256:
        raise ChangedError
    return size


def opened(key: bytes, sha256: str, source: BinaryIO, broken: Callable[[], VaultError]) -> Iterator[bytes]:
    """What `seal` sealed, piece by piece; raises what ``broken`` gives where a bit of it differs."""
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    digest, place = hashlib.sha256(), 0
    if source.read(len(_HEAD)) != _HEAD:
        raise broken()
    cipher = AESGCM(_own_key(key, source.read(_SALT)))
    piece = source.read(PIECE + _TAG)
    while True:
        following = source.read(PIECE + _TAG)
        try:
            clear = cipher.decrypt(_nonce(place, last=not following), piece, None)
        except (InvalidTag, ValueError) as error:
            raise broken() from error
        digest.update(clear)
        if not following and digest.hexdigest() != sha256:
            raise broken()
        yield clear
        if not following:
            return
        piece, place = following, place + 1


class ChangedError(Exception):
    """What was read is not what was to be sealed."""


def sha256_of(source: BinaryIO) -> str:
    """The SHA-256 of a file, hexadecimal."""
    digest = hashlib.sha256()
    while piece := source.read(PIECE):
        digest.update(piece)
    return digest.hexdigest()


def _own_key(key: bytes, salt: bytes) -> bytes:
    return derive(key, f"content {salt.hex()}")


def _nonce(place: int, *, last: bool) -> bytes:
    return place.to_bytes(11, "big") + (b"\1" if last else b"\0")
