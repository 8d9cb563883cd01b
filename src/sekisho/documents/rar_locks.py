"""The locks of RAR archives: AES-128 under many rounds of SHA-1 (RAR 3 and 4), AES-256 under PBKDF2 (RAR 5).

Sources: technote.txt of RAR 5 (rarlab.com); for RAR 3 the free readers, as there is no other.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from functools import lru_cache

from sekisho.errors import LockedError, OverLimitError, WrongPasswordError
from sekisho.model import Lock, Protection, Reason

_ROUNDS3 = 1 << 18
_RUN3 = _ROUNDS3 >> 4  # one byte of the initial vector is taken at the head of each run
_MOST_ROUNDS5 = 24  # as a power of two
_FIRST_AES = 29  # version of the unpacker


@dataclass(frozen=True, slots=True)
class Cipher3:
    """Of RAR 3 and 4, and the older ones that are known but not opened."""

    salt: bytes = field(repr=False)
    version: int = _FIRST_AES

    @property
    def lock(self) -> Lock:
        """What it is worth."""
        if self.version < _FIRST_AES:
            return Lock(Protection.WEAK, f"RAR {self.version / 10}")
        return Lock(Protection.STRONG, "AES-128")

    @property
    def tells_wrong(self) -> bool:
        """Does decrypting tell a wrong password?"""
        return False

    def decrypt(self, packed: bytes, password: str) -> bytes:
        """Raises LockedError for the oldest locks. Nothing in here tells that the password is wrong."""
        if self.version < _FIRST_AES:
            raise LockedError(Reason.PASSWORD_UNKNOWN, self.lock.algorithm)
        key, iv = _key3(password, self.salt)
        return _aes(key, iv, packed)


@dataclass(frozen=True, slots=True)
class Cipher5:
    """Of RAR 5. ``check``: eight bytes that tell a wrong password; empty where there are none."""

    salt: bytes = field(repr=False)
    iv: bytes = field(repr=False)
    rounds: int
    check: bytes = field(default=b"", repr=False)
    hides_checksum: bool = False

    @property
    def lock(self) -> Lock:
        """What it is worth."""
        return Lock(Protection.STRONG, "AES-256")

    @property
    def tells_wrong(self) -> bool:
        """Does decrypting tell a wrong password?"""
        return bool(self.check)

    def decrypt(self, packed: bytes, password: str, iv: bytes | None = None) -> bytes:
        """Raises WrongPasswordError as far as the check tells, OverLimitError for a key that takes too long."""
        if self.rounds > _MOST_ROUNDS5:
            raise OverLimitError(Reason.TIME, "key rounds")
        if self.check and _check5(password, self.salt, self.rounds) != self.check:
            raise WrongPasswordError
        return _aes(_derived5(password, self.salt, 1 << self.rounds), iv or self.iv, packed)


def _aes(key: bytes, iv: bytes, packed: bytes) -> bytes:
    from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

    whole = len(packed) // 16 * 16
    decryptor = Cipher(algorithms.AES(key), modes.CBC(iv)).decryptor()
    return decryptor.update(packed[:whole]) + decryptor.finalize()


@lru_cache(maxsize=64)
def _derived5(password: str, salt: bytes, rounds: int) -> bytes:
    return hashlib.pbkdf2_hmac("sha256", password.encode("utf-8", "surrogatepass"), salt, rounds)


def _check5(password: str, salt: bytes, rounds: int) -> bytes:
    """The 32 bytes of 32 more rounds, folded to eight."""
    full = _derived5(password, salt, (1 << rounds) + 32)
    folded = bytearray(8)
    for at, byte in enumerate(full):
        folded[at % 8] ^= byte
    return bytes(folded)


@lru_cache(maxsize=64)
def _key3(password: str, salt: bytes) -> tuple[bytes, bytes]:
    """SHA-1 over password, salt and a counter of three bytes, 2^18 times, written out in runs."""
    seed = password.encode("utf-16-le", "surrogatepass") + salt
    stride, at = len(seed) + 3, len(seed)
    digest, iv = hashlib.sha1(usedforsecurity=False), bytearray()
    run = bytearray((seed + bytes(3)) * _RUN3)
    run[at::stride] = (bytes(range(256)) * (_RUN3 >> 8))[:_RUN3]
    for number in range(16):
        first = number * _RUN3 >> 8
        run[at + 1 :: stride] = b"".join(bytes((first + n & 0xFF,)) * 256 for n in range(_RUN3 >> 8))
        run[at + 2 :: stride] = bytes((first >> 8,)) * _RUN3
        digest.update(run[:stride])
        iv.append(digest.copy().digest()[19])
        digest.update(run[stride:])
    words = digest.digest()[:16]
    return b"".join(words[n : n + 4][::-1] for n in range(0, 16, 4)), bytes(iv)
