"""The key tree: a passphrase or a key file opens the root key; every other key is derived from it or wrapped by one.

A passphrase is stretched by Argon2id (RFC 9106), a key file (32 random bytes) by HKDF-SHA-256 (RFC 5869).
The root key lies in the vault's head, sealed by AES-256-GCM with the rest of the head as associated data, so
that a head whose parameters were weakened does not open.
"""

from __future__ import annotations

import json
import secrets
import unicodedata
from base64 import b64decode, b64encode
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from sekisho.errors import VaultError
from sekisho.vault.files import open_private
from sekisho.wording import Text

KEY_BYTES = 32
_NONCE_BYTES = 12
_SALT_BYTES = 16


@dataclass(frozen=True, slots=True)
class Cost:
    """What one guess at a passphrase costs: Argon2id memory in KiB, passes and lanes."""

    memory_kib: int = 256 * 1024
    passes: int = 3
    lanes: int = 4

    def is_bearable(self) -> bool:
        """Whether a machine should even try it: a head from outside must not take all its memory."""
        return 8 <= self.memory_kib <= 4 << 20 and 1 <= self.passes <= 64 and 1 <= self.lanes <= 64


@dataclass(frozen=True, slots=True)
class Secret:
    """What opens a vault; ``kind`` is ``passphrase`` or ``key file``."""

    kind: str
    value: bytes = field(repr=False)

    @classmethod
    def passphrase(cls, text: str) -> Secret:
        """A passphrase as typed; the ways to type one character are made one (NFC)."""
        return cls("passphrase", unicodedata.normalize("NFC", text).encode("utf-8", "surrogateescape"))

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
        return cls("key file", value)

    @classmethod
    def to_new_key_file(cls, path: Path) -> Secret:
        """A new random key, written to ``path``, which must not be there yet."""
        value = secrets.token_bytes(KEY_BYTES)
        try:
            with open_private(path) as file:
                file.write(b64encode(value) + b"\n")
        except OSError as error:
            raise VaultError(
                Text("The key file {path} cannot be written.", "鍵ファイル {path} に書き込めません。").fill(path=path),
                Text("Choose a new file in a folder of yours.", "書き込めるフォルダーの新しい名前を指定してください。"),
            ) from error
        return cls("key file", value)


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


def seal_root(secret: Secret, cost: Cost) -> tuple[bytes, dict[str, Any]]:
    """A new root key and the part of the vault's head that opens it again."""
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    root, salt, nonce = (secrets.token_bytes(n) for n in (KEY_BYTES, _SALT_BYTES, _NONCE_BYTES))
    head = {
        "secret": secret.kind,
        "kdf": {"name": "argon2id", **asdict(cost)} if secret.kind == "passphrase" else {"name": "hkdf-sha256"},
        "salt": _text(salt),
        "nonce": _text(nonce),
    }
    sealed = AESGCM(_key_of(secret, salt, cost)).encrypt(nonce, root, _canonical(head))
    return root, {**head, "root_key": _text(sealed)}


def open_root(secret: Secret, head: Mapping[str, Any]) -> bytes:
    """The root key; raises VaultError where the secret is wrong, KeyError, TypeError or ValueError on a broken head."""
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    if secret.kind != head["secret"]:
        raise _wrong_secret(head["secret"])
    open_part = {name: head[name] for name in ("secret", "kdf", "salt", "nonce")}
    cost = Cost(**{k: int(v) for k, v in head["kdf"].items() if k != "name"})
    if not cost.is_bearable():
        raise ValueError("kdf")
    key = _key_of(secret, b64decode(head["salt"]), cost)
    try:
        return AESGCM(key).decrypt(b64decode(head["nonce"]), b64decode(head["root_key"]), _canonical(open_part))
    except InvalidTag as error:
        raise _wrong_secret(head["secret"]) from error


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


def _key_of(secret: Secret, salt: bytes, cost: Cost) -> bytes:
    if secret.kind == "passphrase":
        from argon2.low_level import Type, hash_secret_raw

        return hash_secret_raw(
            secret.value, salt, cost.passes, cost.memory_kib, cost.lanes, hash_len=KEY_BYTES, type=Type.ID
        )
    return derive(salt + secret.value, "key file")


def _wrong_secret(kind: str) -> VaultError:
    if kind == "passphrase":
        hint = Text(
            "This vault opens with its passphrase: $SEKISHO_PASSPHRASE, or type it when asked.",
            "この保管庫はパスフレーズで開きます: $SEKISHO_PASSPHRASE または入力。",
        )
    else:
        hint = Text("This vault opens with its key file: --key-file.", "この保管庫は鍵ファイルで開きます: --key-file。")
    return VaultError(Text("The vault does not open with this secret.", "この鍵では保管庫が開きません。"), hint)


def _canonical(head: Mapping[str, Any]) -> bytes:
    return json.dumps(head, sort_keys=True, separators=(",", ":")).encode()


def _text(raw: bytes) -> str:
    return b64encode(raw).decode("ascii")
