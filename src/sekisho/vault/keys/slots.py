"""A slot: the root key, sealed to one secret; each secret of a vault has its own and opens it alone.

A secret, stretched, is the seed of a pair of keys (ML-KEM-768 with X25519), whose public half stands in the slot. So a
new root key is sealed to every slot by who holds one secret only, and whoever knew the old root key, or a secret whose
slot is gone, opens nothing that was sealed later. Sealing is HPKE (RFC 9180) with HKDF-SHA-256 and AES-256-GCM; what
the slot says of itself is bound to it.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any, Self

from sekisho.clock import utc_now
from sekisho.vault.acts import canonical
from sekisho.vault.keys.secret import KINDS, PASSPHRASE, SALT_BYTES, Cost, Secret, derive, stretch, to_bytes, to_text

if TYPE_CHECKING:
    from cryptography.hazmat.primitives import hpke

_MLKEM_BYTES = 1184  # of a public key; X25519's 32 follow


@dataclass(frozen=True, slots=True)
class Slot:
    """``about``: its ``kind``, when it was ``made``, ``salt``, ``kdf``; of shares ``set``, ``need`` and ``of``.

    ``public``: the key that the root key is sealed to. ``sealed``: the root key, empty before it was sealed.
    """

    about: Mapping[str, Any]
    public: bytes
    sealed: bytes = field(default=b"", repr=False)

    @classmethod
    def to_new(cls, secret: Secret, cost: Cost, **more: object) -> Self:
        """A slot for a secret, with nothing in it yet."""
        salt = secrets.token_bytes(SALT_BYTES)
        slow = {"name": "argon2id", **asdict(cost)} if secret.kind == PASSPHRASE else {"name": "hkdf-sha256"}
        made = utc_now()
        about = {"kind": secret.kind, "made": made, "kdf": slow, "salt": to_text(salt), **more}
        return cls(about, _public_bytes(*_pair(stretch(secret, salt, cost))))

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Self:
        """What `to_json` gave; raises KeyError, TypeError or ValueError where it is something else."""
        about = {name: part for name, part in value.items() if name not in ("public", "root")}
        slot = cls(about, to_bytes(value["public"]), to_bytes(value["root"]))
        if slot.kind not in KINDS:
            raise ValueError("kind")
        return slot

    def to_json(self) -> dict[str, Any]:
        """The slot as it stands in the head."""
        return {**self.about, "public": to_text(self.public), "root": to_text(self.sealed)}

    @property
    def kind(self) -> str:
        """What kind of secret opens it."""
        return str(self.about["kind"])

    def cost(self) -> Cost:
        """What one try costs; the usual cost where the secret needs no stretching."""
        return Cost(**{name: int(value) for name, value in self.about["kdf"].items() if name != "name"})

    def seal(self, root: bytes) -> Slot:
        """The slot with this root key in it."""
        from cryptography.hazmat.primitives import hpke
        from cryptography.hazmat.primitives.asymmetric import mlkem, x25519

        public = hpke.MLKEM768X25519PublicKey(
            mlkem.MLKEM768PublicKey.from_public_bytes(self.public[:_MLKEM_BYTES]),
            x25519.X25519PublicKey.from_public_bytes(self.public[_MLKEM_BYTES:]),
        )
        return Slot(self.about, self.public, _suite().encrypt(root, public, self._bound()))

    def open(self, secret: Secret) -> bytes | None:
        """The root key; None where the secret is another one. Raises ValueError where what is sealed was changed."""
        from cryptography.exceptions import InvalidTag
        from cryptography.hazmat.primitives import hpke

        if secret.kind != self.kind:
            return None
        pair = _pair(stretch(secret, to_bytes(self.about["salt"]), self.cost()))
        if _public_bytes(*pair) != self.public:
            return None
        try:
            return _suite().decrypt(self.sealed, hpke.MLKEM768X25519PrivateKey(*pair), self._bound())
        except InvalidTag as error:
            raise ValueError("root") from error

    def _bound(self) -> bytes:
        return b"sekisho/2/slot/" + canonical(dict(self.about))


def _suite() -> hpke.Suite:
    from cryptography.hazmat.primitives import hpke

    return hpke.Suite(hpke.KEM.MLKEM768_X25519, hpke.KDF.HKDF_SHA256, hpke.AEAD.AES_256_GCM)


def _pair(seed: bytes) -> tuple[Any, Any]:
    """The private keys, ML-KEM-768 and X25519, of one seed."""
    from cryptography.hazmat.primitives.asymmetric import mlkem, x25519

    lattice = derive(seed, "slot ml-kem d") + derive(seed, "slot ml-kem z")
    curve = derive(seed, "slot x25519")
    return mlkem.MLKEM768PrivateKey.from_seed_bytes(lattice), x25519.X25519PrivateKey.from_private_bytes(curve)


def _public_bytes(lattice: Any, curve: Any) -> bytes:
    return bytes(lattice.public_key().public_bytes_raw() + curve.public_key().public_bytes_raw())
