"""How vaults were opened before they had slots: one secret, one sealed root key, every other key derived from it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sekisho.vault.acts import canonical
from sekisho.vault.keys.secret import Cost, Secret, derive, stretch, to_bytes


def open_root(secret: Secret, head: Mapping[str, Any]) -> bytes | None:
    """The root key, None where the secret is another one; raises KeyError, TypeError or ValueError on a broken head."""
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    if secret.kind != head["secret"]:
        return None
    cost = cost_of(head)
    open_part = canonical({name: head[name] for name in ("secret", "kdf", "salt", "nonce")})
    key = stretch(secret, to_bytes(head["salt"]), cost)
    try:
        return AESGCM(key).decrypt(to_bytes(head["nonce"]), to_bytes(head["root_key"]), open_part)
    except InvalidTag:
        return None


def cost_of(head: Mapping[str, Any]) -> Cost:
    """What stretching the secret costs."""
    return Cost(**{name: int(value) for name, value in head["kdf"].items() if name != "name"})


def keys_of(root: bytes, names: tuple[str, ...]) -> dict[str, bytes]:
    """The keys by the names that they have now: what was derived from the root key, and the root key itself."""
    derived = {name: derive(root, f"secret for {name}") for name in names}
    own = {name: derive(root, name) for name in ("scans", "register", "merges")}
    return {**derived, **own, "database": derive(root, "store"), "matchings": root, "secrets": root}
