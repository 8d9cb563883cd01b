"""`sekisho incident`: incidents, as far as the vault keeps them apart, each under a key of its own."""

from __future__ import annotations

from sekisho.vault import Vault
from sekisho.vault.incidents import Incident


def begin(vault: Vault, title: str) -> Incident:
    """A new incident; raises RightsError, VaultError."""
    return vault.incidents().open(title)


def end(vault: Vault, number: int) -> Incident:
    """Say that an incident is over; raises InputError, RightsError."""
    return vault.incidents().close(number)


def every(vault: Vault) -> list[Incident]:
    """All incidents, oldest first."""
    return vault.incidents().all()
