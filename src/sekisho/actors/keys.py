"""The key of an actor: Ed25519, sealed under a secret of the actor's own, apart from the vault's.

A passphrase is stretched by Argon2id (RFC 9106), a key file (32 random bytes) by HKDF-SHA-256 (RFC 5869). The sealed
key is bound to whom it is for and to the cost of a guess (AES-256-GCM), so that none can be put in another's place.
"""

from __future__ import annotations

import hashlib
import secrets
from base64 import b64decode, b64encode
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from sekisho.errors import RightsError
from sekisho.vault.acts import canonical
from sekisho.vault.keys.secret import KEY_BYTES, Cost, Secret, derive
from sekisho.wording import Text

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

ID_BYTES = 16
_NONCE_BYTES, _SALT_BYTES = 12, 16
_SIGNED = b"sekisho/1/statement of an actor\n"
"""In front of all that actors sign: no signature over anything else is taken for one of theirs."""


@dataclass(frozen=True, slots=True)
class Key:
    """A private key and what is known of it publicly."""

    private: Ed25519PrivateKey = field(repr=False)

    @classmethod
    def new(cls) -> Key:
        """A new random key."""
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

        return cls(Ed25519PrivateKey.generate())

    @property
    def public(self) -> bytes:
        """The public key, 32 bytes."""
        return self.private.public_key().public_bytes_raw()

    @property
    def id(self) -> str:
        """What the ledger calls its holder."""
        return key_id(self.public)

    def sign(self, statement: bytes) -> bytes:
        """A signature (64 bytes) over a statement."""
        return self.private.sign(_SIGNED + statement)


def key_id(public: bytes) -> str:
    """The id of a public key: the first half of its SHA-256, hexadecimal."""
    return hashlib.sha256(public).digest()[:ID_BYTES].hex()


def is_signed(public: bytes, statement: bytes, signature: bytes) -> bool:
    """Whether the holder of ``public`` signed the statement."""
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, _SIGNED + statement)
    except (InvalidSignature, ValueError):
        return False
    return True


def seal(key: Key, secret: Secret, cost: Cost) -> dict[str, Any]:
    """The private key as the vault keeps it, JSON-able."""
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    salt, nonce = secrets.token_bytes(_SALT_BYTES), secrets.token_bytes(_NONCE_BYTES)
    head = {
        "actor": key.id,
        "secret": secret.kind,
        "kdf": {"name": "argon2id", **asdict(cost)} if secret.kind == "passphrase" else {"name": "hkdf-sha256"},
        "salt": _text(salt),
        "nonce": _text(nonce),
    }
    sealed = AESGCM(_stretched(secret, salt, cost)).encrypt(nonce, key.private.private_bytes_raw(), canonical(head))
    return {**head, "key": _text(sealed)}


def unseal(sealed: Mapping[str, Any], secret: Secret, actor: str) -> Key:
    """The key of ``actor``; raises RightsError where the secret is wrong or the key is another's."""
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    if sealed["secret"] != secret.kind:
        raise _wrong(str(sealed["secret"]))
    head = {name: value for name, value in sealed.items() if name != "key"}
    cost = Cost(**{name: value for name, value in sealed["kdf"].items() if name != "name"})
    if not cost.is_bearable():
        raise _wrong(secret.kind)
    stretched = _stretched(secret, b64decode(sealed["salt"]), cost)
    try:
        private = AESGCM(stretched).decrypt(b64decode(sealed["nonce"]), b64decode(sealed["key"]), canonical(head))
    except InvalidTag as error:
        raise _wrong(secret.kind) from error
    key = Key(Ed25519PrivateKey.from_private_bytes(private))
    if key.id != actor:
        raise _wrong(secret.kind)
    return key


def _stretched(secret: Secret, salt: bytes, cost: Cost) -> bytes:
    if secret.kind == "passphrase":
        from argon2.low_level import Type, hash_secret_raw

        return hash_secret_raw(
            secret.value, salt, cost.passes, cost.memory_kib, cost.lanes, hash_len=KEY_BYTES, type=Type.ID
        )
    return derive(salt + secret.value, "key file of an actor")


def _wrong(kind: str) -> RightsError:
    passphrase = Text(
        "This actor signs in with a passphrase: $SEKISHO_ACTOR_PASSPHRASE, or type it when asked.",
        "この利用者はパスフレーズでサインインします: $SEKISHO_ACTOR_PASSPHRASE または入力。",
    )
    file = Text(
        "This actor signs in with a key file: --actor-key-file, or $SEKISHO_ACTOR_KEY_FILE.",
        "この利用者は鍵ファイルでサインインします: --actor-key-file または $SEKISHO_ACTOR_KEY_FILE。",
    )
    return RightsError(
        Text("The actor's key does not open with this secret.", "この秘密では利用者の鍵が開きません。"),
        passphrase if kind == "passphrase" else file,
        "secret",
    )


def _text(raw: bytes) -> str:
    return b64encode(raw).decode("ascii")
