"""Who looked at whom, from the counter to the auditor, with keys of their own."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest
from tests.cli.test_actors import HOLDERS, Office

import sekisho.vault.keys.secret as keys

PERSON = "8201-000001"


@pytest.fixture
def office(place: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Office:
    monkeypatch.setattr(keys.Cost.__init__, "__defaults__", (64, 1, 1))
    made = Office(place, capsys, monkeypatch)
    made.add("", "alice", "officer")
    for name, role in (("hana", "counter"), ("aki", "auditor"), ("otto", "operator")):
        made.add("alice", name, role)
    return made


def told(answer: Any) -> list[tuple[str, str, str | None]]:
    return [(one["role"], one["purpose"], one["name"]) for one in answer["looks"]]


def test_a_person_is_told_roles_and_purposes_and_only_the_auditor_names(office: Office) -> None:
    office.by("hana", "register", "show", PERSON, code=7)  # what for?
    office.by("hana", "register", "show", PERSON, "--purpose", "inquiry")
    asked = office.by("hana", "ledger", "who-looked-at", PERSON, "--purpose", "disclosure")
    assert told(asked) == [("counter", "inquiry", None), ("counter", "disclosure", None)]
    assert "hana" not in str(asked)
    office.by("hana", "ledger", "who-looked-at", PERSON, "--purpose", "disclosure", "--names", code=7)
    office.by("otto", "ledger", "who-looked-at", PERSON, "--purpose", "operation", code=7)
    named = office.by("aki", "ledger", "who-looked-at", PERSON, "--purpose", "audit", "--names")
    assert [name for _, _, name in told(named)] == ["hana", "hana", "aki"]


def test_the_auditor_checks_the_register_and_sees_whose_evidence_there_is(office: Office) -> None:
    office.put("later.csv", HOLDERS.replace("旭町1-9", "港町2-2"))
    office.by("otto", "register", "import", "later.csv")
    checked = office.by("aki", "register", "check")
    assert (checked["acts"], checked["findings"]) == (2, [])
    asked = office.by("aki", "ledger", "evidence", "ask", "--from", "2020-01-01", "--purpose", "audit", "--names")
    done = [(one["action"], one["actor"]) for one in asked["acts"]]
    assert ("register.import", "otto") in done
    plain = office.by("aki", "ledger", "evidence", "ask", "--from", "2020-01-01", "--purpose", "audit")
    assert not {"otto", "aki"} & {one["actor"] for one in plain["acts"]}


def test_a_number_that_is_typed_stands_in_no_process_title(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    office.by("hana", "register", "show", PERSON, "--purpose", "inquiry")
    for call in (("register", "history", "-"), ("ledger", "who-looked-at", "-")):
        monkeypatch.setattr("sys.stdin", io.StringIO(f"{PERSON}\n"))
        assert office.by("hana", *call, "--purpose", "disclosure")
