"""Actors at the command line: a name alone proves nothing, and four eyes are two people."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from tests.cli.calls import Calls

import sekisho.vault.keys.secret as keys

HOLDERS = """基礎年金番号,氏名,生年月日,住所
8201-000001,架空 太郎,1948-04-06,沖縄県那覇市旭町1-9
"""


class Office(Calls):
    """A vault with actors; each has the passphrase "NAME's own"."""

    def __init__(self, folder: Path, capture: pytest.CaptureFixture[str], patch: pytest.MonkeyPatch) -> None:
        super().__init__(folder, capture)
        self.patch = patch
        self.put("holders.csv", HOLDERS)
        self.run("register", "import", "holders.csv")

    def by(self, name: str, *arguments: str, code: int = 0, secret: str = "") -> Any:
        self.patch.setenv("SEKISHO_ACTOR_PASSPHRASE", secret or f"{name}'s own")
        out = self.run(*arguments, "--as", name, "--json", code=code)
        return json.loads(out) if out else json.loads(self.said.splitlines()[-1])["error"]

    def add(self, by: str, name: str, role: str) -> Any:
        self.patch.setenv("SEKISHO_NEW_ACTOR_PASSPHRASE", f"{name}'s own")
        call = ("actor", "add", name, "--role", role)
        return self.by(by, *call) if by else self.json(*call)


@pytest.fixture
def office(place: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Office:
    monkeypatch.setattr(keys.Cost.__init__, "__defaults__", (64, 1, 1))
    return Office(place, capsys, monkeypatch)


def test_with_the_first_actor_the_owners_rights_end(office: Office) -> None:
    office.run("incident", "open", "a lost list")
    assert office.add("", "alice", "officer")["role"] == "officer"
    office.run("incident", "open", "a stolen laptop", code=7)
    assert "Nobody is signed in" in office.said
    office.by("alice", "incident", "open", "a stolen laptop")
    for call in (("vault", "list"), ("merges", "status"), ("incident", "list"), ("ledger", "show")):
        office.run(*call, code=7)
    for call in (("actor", "list"), ("vault", "status"), ("ledger", "status"), ("ledger", "verify")):
        office.run(*call)
    office.add("alice", "carl", "clerk")
    assert (
        "clerk does not do this: open an incident (incident.open)"
        in office.by("carl", "incident", "open", "another", code=7)["message"]
    )


def test_a_name_without_its_secret_is_nobody(office: Office) -> None:
    office.add("", "alice", "officer")
    assert "does not open" in office.by("alice", "actor", "list", code=7, secret="a guess")["message"]
    assert office.by("mallory", "actor", "list", code=2)["message"].startswith("There is no actor mallory")
    office.patch.delenv("SEKISHO_ACTOR_PASSPHRASE")
    office.run("vault", "list", "--as", "alice", code=7)


def test_officers_add_each_other_by_four_eyes(office: Office) -> None:
    office.add("", "alice", "officer")
    assert office.add("alice", "bob", "officer")["name"] == "bob"
    proposed = office.add("alice", "carl", "clerk")["proposal"]
    assert office.by("alice", "proposal", "approve", proposed[:16], code=7)
    assert office.add("alice", "carl", "clerk")["state"] == "open"
    assert office.by("bob", "proposal", "list")[0]["proposer"] == "alice"
    assert office.by("bob", "proposal", "show", proposed[:8])["payload"]["name"] == "carl"
    office.by("bob", "proposal", "approve", proposed[:16])
    assert "approved, not carried out yet" in office.run("proposal", "list", "--as", "bob")
    assert office.add("alice", "carl", "clerk")["name"] == "carl"
    assert [one["role"] for one in office.by("carl", "actor", "list")] == ["officer", "officer", "clerk"]
    assert office.by("carl", "proposal", "list", "--all")[-1]["state"] == "done"


def test_roles_change_and_actors_are_disabled_and_enabled(office: Office) -> None:
    for by, name, role in (("", "alice", "officer"), ("alice", "bob", "officer")):
        office.add(by, name, role)
    proposed = office.by("alice", "actor", "roles", "bob", "operator")
    assert proposed["role"] == "operator"  # with bob himself concerned, nobody else could approve it
    office.by("bob", "actor", "disable", "alice", code=7)
    assert not office.by("alice", "actor", "disable", "bob")["enabled"]
    assert "disabled" in office.by("bob", "actor", "list", code=7)["message"]
    assert office.by("alice", "actor", "enable", "bob")["enabled"]
    said = office.by("alice", "actor", "show", "bob")["history"]
    assert [one["do"] for one in said] == ["add", "role", "disable", "enable"]
    assert "last officer" in office.by("alice", "actor", "disable", "alice", code=2)["message"]


def test_a_service_signs_in_with_a_key_file_and_anybody_changes_their_own_secret(office: Office) -> None:
    office.add("", "alice", "officer")
    office.by("alice", "actor", "add", "scanner", "--role", "operator", "--new-key-file", "scanner.key")
    office.patch.delenv("SEKISHO_ACTOR_PASSPHRASE")
    office.run("register", "import", "holders.csv", "--as", "scanner", "--actor-key-file", "scanner.key")
    office.patch.setenv("SEKISHO_NEW_ACTOR_PASSPHRASE", "short")
    assert "too short" in office.by("alice", "actor", "passphrase", code=2)["message"]
    office.patch.setenv("SEKISHO_NEW_ACTOR_PASSPHRASE", "quite another")
    office.by("alice", "actor", "passphrase")
    office.by("alice", "actor", "list", code=7)
    office.by("alice", "actor", "list", secret="quite another")


def test_forgetting_an_incident_takes_two_officers(office: Office) -> None:
    for by, name in (("", "alice"), ("alice", "bob")):
        office.add(by, name, "officer")
    office.by("alice", "incident", "open", "a stolen laptop")
    proposed = office.by("alice", "vault", "forget", "incident", "1", "--yes")["proposal"]
    assert office.by("alice", "incident", "list")[0]["state"] == "open"
    office.by("bob", "proposal", "approve", proposed)
    assert office.by("alice", "vault", "forget", "incident", "1", "--yes")["incident"] == 1
    assert office.by("alice", "incident", "list")[0]["state"] == "forgotten"


def test_what_is_done_for_an_incident_names_it(office: Office) -> None:
    office.add("", "alice", "officer")
    office.by("alice", "incident", "open", "a stolen laptop")
    office.by("alice", "register", "show", "8201-000001", "--purpose", "incident:1")
    said = [one for one in office.by("alice", "ledger", "show") if one["action"] == "register.show"]
    assert [(one["purpose"], one["incident"]) for one in said] == [("incident", 1)]
    assert "no incident" in office.by("alice", "vault", "list", "--purpose", "incident:7", code=3)["message"]
    office.by("alice", "vault", "list", "--purpose", "incident:x", code=2)


def test_a_proposal_of_what_changed_since_is_void(office: Office) -> None:
    for by, name in (("", "alice"), ("alice", "bob")):
        office.add(by, name, "officer")
    office.by("alice", "incident", "open", "a stolen laptop")
    proposed = office.by("alice", "vault", "forget", "incident", "1", "--yes")["proposal"]
    office.by("bob", "proposal", "approve", proposed)
    office.by("alice", "incident", "add", "measure", "1", "locks", "--owner", "IT", "--due", "2026-01-31")
    office.by("alice", "incident", "close", "1")
    assert office.by("alice", "vault", "forget", "incident", "1", "--yes")["proposal"] != proposed


def test_the_roles_are_shown_to_everybody(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    calls = Calls(place, capsys)
    assert set(calls.json("actor", "roles")["roles"]) == {"officer", "operator", "counter", "clerk", "auditor"}
    assert "purposes:" in calls.run("actor", "roles")
    calls.run("actor", "roles", "bob", code=2)
