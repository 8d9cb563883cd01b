"""A day at the helpline, and the review of changes, as sessions on the command line."""

from __future__ import annotations

import io
import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from tests.cli.calls import Calls
from tests.flow.callers import HEAD, HELD
from tests.flow.leaked import HANA, TARO, leaked, scanned

from sekisho.flow.assessing.case import say
from sekisho.flow.assessing.count import count
from sekisho.flow.registering.register import import_file
from sekisho.vault import Cost, Secret, Vault


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A vault of two exposed holders, and the key to it."""
    folder = tmp_path_factory.mktemp("helpline")
    secret = Secret.to_new_key_file(folder / "key")
    with Vault.create(folder / "vault", secret, Cost(64, 1, 1)) as vault:
        (folder / "holders.csv").write_text("\n".join((HEAD, *HELD)), "utf-8")
        import_file(vault, folder / "holders.csv", shown=False)
        assert leaked(vault, scanned(vault, {"a.csv": [TARO, HANA]})) == 1
        say(vault, 1, "infected", at="2015-05-08T10:28")
        count(vault, 1, shown=False)
    return folder


@pytest.fixture
def calls(made: Path, place: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Calls:
    monkeypatch.setattr("sys.stdin", io.StringIO())
    shutil.copytree(made, place, dirs_exist_ok=True)
    return Calls(place, capsys)


def typed(calls: Calls, monkeypatch: pytest.MonkeyPatch, lines: str, *arguments: str) -> Any:
    monkeypatch.setattr("sys.stdin", io.StringIO(lines))
    return calls.json(*arguments)


def test_a_call_from_its_greeting_to_its_end(calls: Calls, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "never opened" in calls.run("helpline", "status")
    calls.run("helpline", "call", code=2)
    assert calls.json("helpline", "open")["version"] == 1
    assert "We never phone you" in calls.run("helpline", "call")
    turn = typed(calls, monkeypatch, "\nカクウ タロウ\nS23.4.6\n那覇市架空\n", "helpline", "find", "1")
    assert [one["name"] for one in turn["questions"]] == ["address", "former_address"]
    told = typed(calls, monkeypatch, "那覇市架空1-1\n那覇市昔9-9\n\n", "helpline", "verify", "1")
    assert (told["answer"], told["version"]) == ("affected", 1)
    said = json.dumps([turn, told], ensure_ascii=False)
    assert not any(item in said for item in ("4701", "架空", "1948", "那覇"))
    monkeypatch.setattr("sys.stdin", io.StringIO("本人から\n"))
    calls.run("helpline", "end", "1", "--note")
    status = calls.json("helpline", "status")
    assert (status["open"], status["calls"], [one["answer"] for one in status["answers"]]) == (True, 1, ["affected"])
    calls.run("helpline", "close")
    assert "Shut" in calls.run("helpline", "status")


def test_suspicious_contacts_and_answers_in_writing(calls: Calls, monkeypatch: pytest.MonkeyPatch) -> None:
    where = ("--day", "2015-06-05", "--region", "沖縄", "--way", "phone")
    assert typed(calls, monkeypatch, "還付金の話\n10万円\n", "helpline", "report", *where) == {"report": 1}
    assert calls.json("helpline", "contacts") == [{"region": "沖縄県", "day": "2015-06-05", "reports": 1}]
    assert "還付金" in calls.run("helpline", "contacts", "--list")
    calls.run("helpline", "report", "--day", "2015-06-05", "--way", "telepathy", code=2)
    calls.run("helpline", "open", "--cap", "searches_a_day=10")
    calls.run("helpline", "call", "--caller", "family")
    assert typed(calls, monkeypatch, "4701-000001\n", "helpline", "find", "1")["answer"] == "in_writing"
    calls.run("helpline", "written", "--to", "answers.csv")
    [row] = calls.rows("answers.csv")
    assert (row["number"], row["answer"], row["address"]) == ("4701-000001", "affected", "沖縄県那覇市架空1-1")


def test_changes_are_reviewed_listed_written_and_cleared(calls: Calls, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = ("9901-000007,2015/05/20 10:00,住所変更,甲", "4703-000009,2015/05/20,住所変更,乙", "4701-000001,x,口座変更,")
    calls.put("changes.csv", "\n".join(("基礎年金番号,処理日時,変更区分,変更後住所", *rows)))
    text = calls.run("incident", "review", "changes.csv")
    assert "First infection: 2015-05-08 10:28" in text
    assert "処理日時 -> processed" in calls.said
    found = calls.json("incident", "review", "1", "--list")
    assert (found["listed"], found["open"], found["rows"]) == (2, 2, 3)
    assert [one["time"] for one in found["entries"]] == ["since", "perhaps"]
    calls.run("incident", "review", "--to", "work.csv")
    assert [row["old_address"] for row in calls.rows("work.csv")] == ["沖縄県那覇市架空1-1"] * 2
    entry = found["entries"][0]["entry"]
    monkeypatch.setattr("sys.stdin", io.StringIO("訪問で確認\n"))
    calls.run("incident", "review", "1", "--entry", entry, "--outcome", "not_theirs", "--note")
    assert calls.json("incident", "review", "1")["open"] == 1
    calls.run("incident", "review", "1", "--entry", entry, code=2)
    calls.run("incident", "review", "a.csv", "b.csv", code=2)
    calls.run("incident", "review", "none.csv", code=3)
