"""Field envelopes: one value, sealed under a key that can be destroyed, bound to its table, column and row.

They stand within the encrypted store, against whoever gets at its rows but not at the keys. A blind index finds a value
without being one: HMAC-SHA-256 under a key of the field, whole for numbers that only one person has; of what several
share so few bits that nobody is told by them.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping

_NONCE = 12
_BLOCK = 64  # of SHA-256
SHARED_BITS = 16
"""Of a blind index over what several persons share: some 15 of a million holders fit a value that nobody has."""


class Envelope:
    """Seals and opens what belongs to one key, as of one person or one incident."""

    def __init__(self, key: bytes) -> None:
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        self._cipher = AESGCM(key)

    def seal(self, table: str, column: str, row: object, clear: str) -> bytes:
        """``clear`` for one place only; the nonce stands in front."""
        return self.seal_all(table, row, {column: clear})[0]

    def seal_all(self, table: str, row: object, clear: Mapping[str, str | None]) -> list[bytes]:
        """The columns of a row, each for itself; nothing where there is nothing."""
        drawn = secrets.token_bytes(_NONCE * len(clear))
        sealed, encrypt = [], self._cipher.encrypt
        for at, (column, value) in enumerate(clear.items()):
            nonce = drawn[at * _NONCE : (at + 1) * _NONCE]
            place = f"{table}|{column}|{row}".encode()
            sealed.append(b"" if value is None else nonce + encrypt(nonce, value.encode(), place))
        return sealed

    def open(self, table: str, column: str, row: object, sealed: bytes) -> str:
        """What was sealed for that place; raises cryptography's InvalidTag where it was changed or moved."""
        return self._cipher.decrypt(sealed[:_NONCE], sealed[_NONCE:], f"{table}|{column}|{row}".encode()).decode()


class Blind:
    """The blind index of one field, under its key."""

    def __init__(self, key: bytes) -> None:
        padded = key.ljust(_BLOCK, b"\0")
        self._inner = hashlib.sha256(bytes(byte ^ 0x36 for byte in padded))  # HMAC, with the work for the key done once
        self._outer = hashlib.sha256(bytes(byte ^ 0x5C for byte in padded))

    def whole(self, value: str) -> bytes:
        """HMAC-SHA-256 of a value that is one person's alone."""
        inner, outer = self._inner.copy(), self._outer.copy()
        inner.update(value.encode())
        outer.update(inner.digest())
        return outer.digest()

    def shared(self, *values: str) -> int:
        """A few bits for values together that several persons may have; what they say is told by opening envelopes."""
        return int.from_bytes(self.whole("\x1f".join(values))[:4], "big") >> (32 - SHARED_BITS)
