"""Backups, holds and forgetting as a user does them."""

from __future__ import annotations

import io
import shutil
from pathlib import Path

import pytest
from tests.cli.calls import Calls


@pytest.fixture
def calls(place: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Calls:
    monkeypatch.setattr("sys.stdin", io.StringIO())
    (place / "share").mkdir()
    made = Calls(place, capsys)
    made.put("share/list.csv", "基礎年金番号,氏名,生年月日\n9876-543210,架空羅太郎,昭和23年4月6日\n")
    made.run("scan", "share")
    return made


def test_a_forgotten_incident_stays_so_after_an_older_backup_of_the_data_came_back(calls: Calls) -> None:
    calls.run("incident", "open", "a stolen laptop")
    assert calls.json("vault", "backup", "--to", "data")["number"] == 1
    calls.run("vault", "backup", "--keys", "--to", "keys")
    calls.run("vault", "forget", "incident", "1")
    assert "Nothing was destroyed yet" in calls.said
    assert calls.json("incident", "list")[0]["title"] == "a stolen laptop"
    calls.run("vault", "hold", "incident", "1", "--reason", "the police")
    calls.run("vault", "forget", "incident", "1", "--yes", code=7)
    assert "Legal hold" in calls.said
    calls.run("vault", "hold", "end", "1", "--reason", "closed")
    calls.run("vault", "forget", "incident", "1", "--yes")
    assert "Copies of keys" in calls.said
    calls.run("vault", "restore", "data", "--to", "again")
    calls.run("vault", "restore", "--keys", "keys")  # into the vault that forgot: it stays so
    assert calls.json("incident", "list")[0]["title"] is None
    (calls.folder / "vault").rename(calls.folder / "gone")
    (calls.folder / "again").rename(calls.folder / "vault")
    assert calls.json("incident", "list")[0] | {"opened": "", "changed": ""} == {
        "number": 1, "title": None, "state": "open", "opened": "", "changed": "", "held": False
    }  # fmt: skip


def test_an_older_and_an_altered_backup_are_told_from_the_last_one_by_a_checkpoint(calls: Calls) -> None:
    calls.run("vault", "backup", "--to", "data")
    calls.run("incident", "open", "a leak")
    shutil.copy(calls.folder / "vault" / "ledger" / "checkpoint", calls.folder / "witnessed")
    calls.run("vault", "restore", "data", "--to", "a", "--checkpoint", "witnessed", code=8)
    assert "is an older one" in calls.said
    assert not (calls.folder / "a").exists()
    calls.run("vault", "restore", "data", "--to", "a", "--checkpoint", "witnessed", "--older")
    assert "are lost" in calls.said
    calls.run("vault", "backup", "--to", "data")
    calls.run("vault", "restore", "data", "--to", "b", "--checkpoint", "witnessed")
    assert "everything that was witnessed" in calls.said
    (calls.folder / "vault").rename(calls.folder / "true")
    (calls.folder / "a").rename(calls.folder / "vault")  # whoever has the keys goes on from an older state
    for title in ("another", "story"):
        calls.run("incident", "open", title)
    calls.run("vault", "backup", "--to", "forged")
    calls.run("vault", "restore", "forged", "--to", "c", "--checkpoint", "witnessed", code=8)
    assert "was altered" in calls.said
    calls.run("vault", "restore", "forged", "--to", "c")
    assert "held against nothing from outside" in calls.said


def test_a_person_is_forgotten_by_any_of_their_numbers(calls: Calls) -> None:
    calls.put("h.csv", "基礎年金番号,氏名,生年月日\n4701-000001,架空太郎,1948-04-06\n4701-000002,架空花子,1950-01-02\n")
    calls.run("register", "import", "h.csv")
    mark = calls.json("vault", "forget", "person", "4701-000001")["person"]
    assert "Nothing was destroyed yet" in calls.said
    assert calls.json("vault", "hold", "person", "4701000001", "--reason", "the court")["subject"] == mark
    calls.run("vault", "forget", "person", "4701-000001", "--yes", code=7)
    calls.run("vault", "hold", "end", "1", "--reason", "over")
    assert calls.json("vault", "forget", "person", "4701-000001", "--yes")["person"] == mark
    calls.run("register", "show", "4701-000001", code=3)
    calls.run("register", "show", "4701-000002")
    calls.run("register", "check")
    calls.run("ledger", "verify")


def test_a_backup_is_looked_through_and_restored_elsewhere(calls: Calls) -> None:
    calls.run("vault", "backup", "--to", "data")
    calls.run("scan", "share")
    calls.run("vault", "backup", "--to", "data", "--keep", "1")
    assert "Backups removed: 1" in calls.said
    assert calls.json("vault", "restore", "data", "--check")["number"] == 2
    calls.run("vault", "restore", "data", code=2)
    calls.run("vault", "restore", "data", "--to", "vault", code=4)
    calls.run("vault", "restore", "data", "--to", "again")
    (calls.folder / "vault").rename(calls.folder / "gone")
    (calls.folder / "again").rename(calls.folder / "vault")
    assert len(calls.json("vault", "list")) == 2
