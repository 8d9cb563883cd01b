"""Every command begins here: the vault is opened, and whoever acts is known before anything is done or looked at."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sekisho.vault import Cost, Secret, Vault


@contextmanager
def enter(folder: Path, secret: Secret, *, write: bool = False) -> Iterator[Vault]:
    """The vault in ``folder``, open; ``write`` keeps other writers out. Raises VaultError, RightsError."""
    with Vault.open(folder, secret, write=write) as vault:
        yield vault


@contextmanager
def create(folder: Path, secret: Secret, cost: Cost | None = None) -> Iterator[Vault]:
    """A new vault in ``folder``, open to write; raises VaultError."""
    with Vault.create(folder, secret, cost) as vault:
        yield vault
