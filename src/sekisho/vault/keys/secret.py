"""The secrets that open a vault, and the arithmetic of its keys: stretched, derived, wrapped.

A passphrase is stretched by Argon2id (RFC 9106), what is random already (a key file, shares put together) by
HKDF-SHA-256 (RFC 5869). Keys are wrapped by AES-256-GCM.
"""

from __future__ import annotations

import secrets
import unicodedata
from base64 import b64decode, b64encode
from dataclasses import dataclass, field
from pathlib import Path

from sekisho.errors import NoMemoryError, VaultError
from sekisho.vault.files import write_new
from sekisho.wording import Text

KEY_BYTES = 32
_NONCE_BYTES = 12
SALT_BYTES = 16
PASSPHRASE, KEY_FILE, SHARES = KINDS = ("passphrase", "key file", "shares")


@dataclass(frozen=True, slots=True)
class Cost:
    """What one guess at a passphrase costs: Argon2id memory in KiB, passes and lanes."""

    memory_kib: int = 256 * 1024
    passes: int = 3
    lanes: int = 4

    def is_bearable(self) -> bool:
        """Whether a machine should even try it: a head from outside must not take all its memory."""
        return 1 <= self.lanes <= 64 and 8 * self.lanes <= self.memory_kib <= 4 << 20 and 1 <= self.passes <= 64


@dataclass(frozen=True, slots=True)
class Secret:
    """What opens a vault; ``kind`` is one of `KINDS`."""

    kind: str
    value: bytes = field(repr=False)

    @classmethod
    def passphrase(cls, text: str) -> Secret:
        """A passphrase as typed; the ways to type one character are made one (NFC)."""
        return cls(PASSPHRASE, unicodedata.normalize("NFC", text).encode("utf-8", "surrogateescape"))

    @classmethod
    def from_key_file(cls, path: Path) -> Secret:
        """The key in a key file; raises VaultError where it is none."""
        try:
            value = b64decode(path.read_bytes().strip(), validate=True)
        except FileNotFoundError as error:
            raise _key_file_gone(path) from error
        except (OSError, ValueError) as error:
            raise _no_key_file(path) from error
        if len(value) != KEY_BYTES:
            raise _no_key_file(path)
        return cls(KEY_FILE, value)

    @classmethod
    def to_new_key_file(cls, path: Path) -> Secret:
        """A new random key, written to ``path``, which must not be there yet."""
        value = secrets.token_bytes(KEY_BYTES)
        try:
            write_new(path, b64encode(value) + b"\n")
        except OSError as error:
            raise VaultError(
                Text("The key file {path} cannot be written.", "鍵ファイル {path} に書き込めません。").fill(path=path),
                Text("Choose a new file in a folder of yours.", "書き込めるフォルダーの新しい名前を指定してください。"),
            ) from error
        return cls(KEY_FILE, value)


def _key_file_gone(path: Path) -> VaultError:
    return VaultError(
        Text("There is no key file {path}.", "鍵ファイル {path} がありません。").fill(path=path),
        Text(
            "Name the one that was written when the vault was made, or a copy of it.",
            "保管庫の作成時に書き出されたもの、またはその控えを指定してください。",
        ),
    )


def _no_key_file(path: Path) -> VaultError:
    return VaultError(
        Text("{path} is not a key file.", "{path} は鍵ファイルではありません。").fill(path=path),
        Text(
            "A key file is one line of base64 that sekisho wrote when the vault was made.",
            "鍵ファイルは、保管庫の作成時に sekisho が書き出した1行の base64 です。",
        ),
    )


def _no_memory(cost: Cost) -> NoMemoryError:
    return NoMemoryError(
        Text(
            "The passphrase needs {n} MiB of memory to be tried, which are not to be had.",
            "パスフレーズの確認には {n} MiB のメモリーが必要ですが、確保できません。",
        ).fill(n=cost.memory_kib // 1024),
        Text("End other programs, or allow more.", "他のプログラムを終了するか、上限を上げてください。"),
    )


def derive(key: bytes, purpose: str) -> bytes:
    """The key for one purpose, one way from ``key`` (HKDF-SHA-256)."""
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.kdf.hkdf import HKDF

    return HKDF(SHA256(), KEY_BYTES, salt=None, info=f"sekisho/1/{purpose}".encode()).derive(key)


def wrap(wrapping: bytes, key: bytes, purpose: str) -> bytes:
    """``key`` sealed under ``wrapping`` for one purpose (AES-256-GCM, nonce in front)."""
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    nonce = secrets.token_bytes(_NONCE_BYTES)
    return nonce + AESGCM(wrapping).encrypt(nonce, key, purpose.encode())


def unwrap(wrapping: bytes, wrapped: bytes, purpose: str) -> bytes:
    """The key that `wrap` sealed; raises cryptography's InvalidTag where anything differs."""
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    return AESGCM(wrapping).decrypt(wrapped[:_NONCE_BYTES], wrapped[_NONCE_BYTES:], purpose.encode())


def stretch(secret: Secret, salt: bytes, cost: Cost) -> bytes:
    """32 bytes made of a secret and a salt: slowly of a passphrase (Argon2id), at once of what is random already.

    Raises ValueError where the salt is none, or the cost is not bearable; NoMemoryError where it is, but not here.
    """
    if len(salt) != SALT_BYTES or not cost.is_bearable():
        raise ValueError("kdf")
    if secret.kind == PASSPHRASE:
        from argon2.exceptions import HashingError
        from argon2.low_level import Type, hash_secret_raw

        try:
            return hash_secret_raw(
                secret.value, salt, cost.passes, cost.memory_kib, cost.lanes, hash_len=KEY_BYTES, type=Type.ID
            )
        except HashingError as error:  # the rest was looked at
            raise _no_memory(cost) from error
    return derive(salt + secret.value, secret.kind)


def to_text(raw: bytes) -> str:
    """Bytes as they stand in JSON: base64."""
    return b64encode(raw).decode("ascii")


def to_bytes(text: str) -> bytes:
    """What `to_text` wrote; raises ValueError where it is something else."""
    return b64decode(text, validate=True)
