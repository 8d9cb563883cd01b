"""Forgetting an incident and ending a hold need two officers, as soon as there are actors."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from sekisho import actors
from sekisho.actors import Proposal, Who
from sekisho.errors import ApprovalError, HeldError, RightsError
from sekisho.flow.keeping.custody import Forgotten, end_hold, forget_incident, hold_incident
from sekisho.vault import Cost, Secret, Vault
from sekisho.vault.incidents import State

CHEAP = Cost(64, 1, 1)


def secret(name: str) -> Secret:
    return Secret.passphrase(f"the passphrase of {name}")


def sign_in(vault: Vault, name: str) -> None:
    actors.sign_in(vault, Who(name, secret(name), "legal"))


def approve_all(vault: Vault) -> None:
    for one in actors.proposals(vault):
        actors.approve(vault, one.hash)


@pytest.fixture
def staffed(tmp_path: Path):
    with Vault.create(tmp_path / "vault", Secret.passphrase("x"), CHEAP) as vault:
        vault.incidents().open("a leak")
        actors.enlist(vault, "alice", "officer", secret("alice"), CHEAP)
        sign_in(vault, "alice")
        for name, role in (("bob", "officer"), ("carol", "counter")):
            made = actors.enlist(vault, name, role, secret(name), CHEAP)
            if isinstance(made, Proposal):
                sign_in(vault, "bob")
                approve_all(vault)
                sign_in(vault, "alice")
                actors.carry_out(vault, made)
        yield vault


def actions(vault: Vault) -> list[str]:
    return [json.loads(entry)["action"] for _, entry in vault.outbox.pending(0)]


def test_an_incident_is_forgotten_once_a_second_officer_has_approved_it(staffed: Vault) -> None:
    asked = forget_incident(staffed, 1)
    assert isinstance(asked, Proposal)
    assert isinstance(forget_incident(staffed, 1), Proposal)  # it waits
    with pytest.raises(ApprovalError):
        staffed.forget_incident(1)
    assert staffed.incidents().incident(1).state is State.OPEN
    sign_in(staffed, "bob")
    approve_all(staffed)
    sign_in(staffed, "alice")
    assert isinstance(forget_incident(staffed, 1), Forgotten)
    assert staffed.incidents().incident(1).title is None
    said = actions(staffed)
    assert said.count("vault.forget") == 1
    assert "refused" in said


def test_whoever_is_no_officer_forgets_nothing(staffed: Vault) -> None:
    sign_in(staffed, "carol")
    with pytest.raises(RightsError):
        forget_incident(staffed, 1)
    assert staffed.incidents().incident(1).title == "a leak"


def test_a_hold_that_was_placed_since_stands_against_an_approved_forgetting(staffed: Vault) -> None:
    forget_incident(staffed, 1)
    sign_in(staffed, "bob")
    approve_all(staffed)
    hold = hold_incident(staffed, 1, "the police")
    sign_in(staffed, "alice")
    with pytest.raises(HeldError):
        forget_incident(staffed, 1)
    with pytest.raises(HeldError):
        staffed.forget_incident(1)
    assert isinstance(end_hold(staffed, hold.number, "over"), Proposal)
    assert staffed.holds().stands(hold.number)
