"""The open keys of a vault and the head that keeps them: slots seal the root key, the root key wraps every other one.

The whole head stands under a seal of the root key (HMAC-SHA-256), so that nobody without it puts a slot in, takes a key
out or weakens a parameter; and under a plain checksum, so that a damaged head is not taken for a wrong secret.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Self

from sekisho.model import Item
from sekisho.vault.acts import canonical
from sekisho.vault.keys import version1
from sekisho.vault.keys.secret import KEY_BYTES, Cost, Secret, derive, to_bytes, to_text, unwrap, wrap
from sekisho.vault.keys.slots import Slot

FORMAT = "sekisho vault"
VERSION = 2
NAMES = (
    *("database", "scans", "register", "merges", "matchings", "evidence", "secrets"),
    *("ledger signing", "incidents", "protect", "looks", "backup"),
    *(f"blind {item}" for item in Item),
)
"""The keys that every vault has. ``scans`` wraps the data key of each scan; ``secrets`` is what others derive from."""


@dataclass(frozen=True, slots=True)
class Keyring:
    """``keys`` by name, under one root key that each of ``slots`` opens.

    ``generation`` counts the heads that a vault has had; ``opened``: the place of the slot whose secret was given, -1
    where that is gone, or the head of version 1 (``version``), which has none.
    """

    root: bytes = field(repr=False)
    keys: Mapping[str, bytes] = field(repr=False)
    slots: tuple[Slot, ...]
    generation: int = 0
    opened: int = -1
    version: int = VERSION

    @classmethod
    def to_new(cls, secret: Secret, cost: Cost) -> Self:
        """New keys, opened by one secret."""
        keys = {name: secrets.token_bytes(KEY_BYTES) for name in NAMES}
        return cls(b"", keys, ()).changed([Slot.to_new(secret, cost)], 0)

    @classmethod
    def from_head(cls, head: Mapping[str, Any], secret: Secret) -> Self | None:
        """The keys in a head; None where no slot opens with the secret.

        Raises KeyError, TypeError or ValueError where the head is not one that a vault wrote.
        """
        if head["version"] == 1:
            root = version1.open_root(secret, head)
            return None if root is None else cls(root, version1.keys_of(root, NAMES), (), version=1)
        slots = tuple(Slot.from_json(slot) for slot in head["slots"])
        for place, slot in enumerate(slots):
            root = slot.open(secret)
            if root is not None:
                _look_at_seal(head, root)
                keys = {name: _unwrapped(root, name, wrapped) for name, wrapped in head["keys"].items()}
                return cls(root, keys, slots, int(head["generation"]), place)
        return None

    def key(self, name: str) -> bytes:
        """The key of that name, 32 bytes, always the same; a name that has none of its own has one derived for it."""
        return self.keys.get(name) or derive(self.keys["secrets"], f"secret for {name}")

    def changed(self, slots: Iterable[Slot], opened: int | None = None) -> Self:
        """The same keys under a new root key, opened by ``slots`` and by nothing else.

        ``opened``: the place of the slot whose secret was given; where nothing is said, that of now if it is kept.
        """
        root, now = secrets.token_bytes(KEY_BYTES), self.slots[self.opened].public if self.opened >= 0 else b""
        sealed = tuple(slot.seal(root) for slot in slots)
        if opened is None:
            opened = next((place for place, slot in enumerate(sealed) if slot.public == now), -1)
        return type(self)(root, self.keys, sealed, self.generation + 1, opened)

    def to_head(self) -> bytes:
        """The head, as it stands in the file."""
        wrapped = {name: to_text(wrap(_wrapping(self.root), key, f"key {name}")) for name, key in self.keys.items()}
        head: dict[str, Any] = {
            "format": FORMAT,
            "version": VERSION,
            "generation": self.generation,
            "slots": [slot.to_json() for slot in self.slots],
            "keys": wrapped,
        }
        head["seal"] = _seal(head, self.root)
        return json.dumps({**head, "sha256": _checksum(head)}, indent=1).encode()


def is_whole(head: Mapping[str, Any]) -> bool:
    """Whether a head is as it was written, as far as can be told without a secret."""
    body = {name: part for name, part in head.items() if name != "sha256"}
    return head["version"] == 1 or head.get("sha256") == _checksum(body)


def _checksum(body: Mapping[str, Any]) -> str:
    return hashlib.sha256(canonical(body)).hexdigest()


def _look_at_seal(head: Mapping[str, Any], root: bytes) -> None:
    """Raises ValueError where somebody without the root key changed the head."""
    body = {name: part for name, part in head.items() if name not in ("seal", "sha256")}
    if not hmac.compare_digest(str(head["seal"]), _seal(body, root)):
        raise ValueError("seal")


def _seal(body: Mapping[str, Any], root: bytes) -> str:
    return hmac.new(derive(root, "head"), canonical(body), hashlib.sha256).hexdigest()


def _unwrapped(root: bytes, name: str, wrapped: str) -> bytes:
    from cryptography.exceptions import InvalidTag

    try:
        return unwrap(_wrapping(root), to_bytes(wrapped), f"key {name}")
    except InvalidTag as error:
        raise ValueError("keys") from error


def _wrapping(root: bytes) -> bytes:
    return derive(root, "keys")
