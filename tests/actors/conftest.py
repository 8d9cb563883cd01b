from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sekisho import actors
from sekisho.actors import Proposal, Who
from sekisho.vault import Cost, Secret, Vault

CHEAP = Cost(64, 1, 1)


def secret_of(name: str) -> Secret:
    return Secret.passphrase(f"{name}'s own passphrase")


class House:
    """A vault with Alice and Bob, officers; Olga, operator; Kay, counter; Carl and Cleo, clerks; Aude, auditor."""

    PEOPLE = (("Bob", "officer"), ("Olga", "operator"), ("Kay", "counter"), ("Carl", "clerk"), ("Cleo", "clerk"))

    def __init__(self, vault: Vault) -> None:
        self.vault = vault
        actors.sign_in(vault, None)
        actors.enlist(vault, "Alice", "officer", secret_of("Alice"), CHEAP)
        self.enter("Alice")
        for name, role in (*self.PEOPLE, ("Aude", "auditor")):
            self.add(name, role)

    def add(self, name: str, role: str) -> None:
        """Alice adds somebody; Bob, as soon as he is there, approves."""
        made = actors.enlist(self.vault, name, role, secret_of(name), CHEAP)
        if isinstance(made, Proposal):
            self.enter("Bob")
            actors.approve(self.vault, made.hash)
            self.enter("Alice")
            actors.carry_out(self.vault, made)

    def enter(self, name: str, purpose: str = "") -> None:
        actors.sign_in(self.vault, Who(name, secret_of(name), purpose))

    def id(self, name: str) -> str:
        return actors.roster_of(self.vault).named(name, enabled=False).id

    def entries(self, action: str = "") -> list[dict[str, Any]]:
        made = [json.loads(entry) for _, entry in self.vault.outbox.pending(0)]
        return [one for one in made if action in ("", one["action"])]

    def last(self) -> tuple[str, dict[str, Any]]:
        """The action of the last entry, and what else it says."""
        one = self.entries()[-1]
        return one["action"], one["more"]


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[Vault]:
    with Vault.create(tmp_path / "vault", Secret.passphrase("the vault's own"), CHEAP) as made:
        yield made


@pytest.fixture
def house(empty: Vault) -> House:
    return House(empty)
