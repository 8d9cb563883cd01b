"""What breaks the rules is put right from the command line, by several people, and a new scan shows it."""

from __future__ import annotations

import io
import json
import os
import zipfile
from pathlib import Path
from typing import Any

import pytest
from tests.cli.calls import Calls
from tests.protect.documents import a_workbook

import sekisho.vault.keys.secret as keys

PERSONS = [["基礎年金番号", "氏名", "生年月日"], ["9876-543210", "架空羅太郎", "昭和23年4月6日"]]
RULES = """
[mending]
move_to = "業務限定"

[[restricted]]
folder = "業務限定"
readers = ["owner"]
"""


class Office(Calls):
    """A share of three files with the same person, and actors who each have the passphrase "NAME's own"."""

    def __init__(self, folder: Path, capture: pytest.CaptureFixture[str], patch: pytest.MonkeyPatch) -> None:
        super().__init__(folder, capture)
        self.patch = patch
        patch.setenv("SEKISHO_NEW_ACTOR_PASSPHRASE", "alice's own")
        self.run("vault", "init")
        self.json("actor", "add", "alice", "--role", "officer")
        for name, role in (("olga", "operator"), ("bob", "officer")):
            patch.setenv("SEKISHO_NEW_ACTOR_PASSPHRASE", f"{name}'s own")
            self.by("alice", "actor", "add", name, "--role", role)
        share = folder / "share"
        share.mkdir()
        (share / "名簿.xlsx").write_bytes(a_workbook(PERSONS))
        (share / "名簿.csv").write_text("\n".join(",".join(row) for row in PERSONS), encoding="utf-8")
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w") as archive:
            archive.writestr("list.csv", "\n".join(",".join(row) for row in PERSONS))
        (share / "古い.zip").write_bytes(packed.getvalue())
        self.put("rules.toml", RULES)

    def by(self, name: str, *arguments: str, code: int = 0) -> Any:
        self.patch.setenv("SEKISHO_ACTOR_PASSPHRASE", f"{name}'s own")
        out = self.run(*arguments, "--as", name, "--json", code=code)
        return json.loads(out) if out else json.loads(self.said.splitlines()[-1])["error"]


@pytest.fixture
def office(place: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Office:
    monkeypatch.setattr(keys.Cost.__init__, "__defaults__", (64, 1, 1))
    return Office(place, capsys, monkeypatch)


def test_a_share_is_put_right_and_put_back(office: Office) -> None:
    share = office.folder / "share"
    before = {path.name: (path.read_bytes(), path.stat().st_mtime_ns, path.stat().st_mode) for path in share.iterdir()}
    office.by("olga", "scan", "share", "--rules", "rules.toml")
    made = office.by("olga", "protect", "plan", "--rules", "rules.toml")
    assert made["measures"] == {"encrypt": 1, "move": 2}
    assert "approve" in office.by("olga", "protect", "do", "1", code=7)["hint"]
    assert office.by("olga", "proposal", "approve", made["proposal"], code=7)
    shown = office.by("bob", "protect", "show", "1")
    assert [(one["document"], one["measure"]) for one in shown] == [
        ("古い.zip", "move"),
        ("名簿.csv", "move"),
        ("名簿.xlsx", "encrypt"),
    ]
    office.by("bob", "proposal", "approve", made["proposal"])
    assert office.by("olga", "protect", "do", "1")["files"] == {"done": 3}
    assert sorted(p.relative_to(share).as_posix() for p in share.rglob("*") if p.is_file()) == [
        "名簿.xlsx",
        "業務限定/古い.zip",
        "業務限定/名簿.csv",
    ]
    assert {p.stat().st_mode & 0o777 for p in (share / "業務限定").iterdir()} == {0o600}

    scanned = office.by("olga", "scan", "share", "--rules", "rules.toml")
    assert scanned["breakdown"]["totals"]["all"]["records"] == 3  # the encrypted one is read with its own password
    found = office.by("olga", "protect", "status", "1", "--rules", "rules.toml")
    assert (found["before"]["breaking"], found["after"]["breaking"]) == (3, 0)
    assert "-> 0 files, 0 records" in office.run("protect", "status", "1", "--rules", "rules.toml", "--as", "olga")

    refused = office.by("olga", "protect", "release", "名簿.xlsx", code=7)
    assert refused["message"]
    given = office.by("bob", "protect", "release", "名簿.xlsx", "--to", "olga", "--purpose", "inspection")
    assert len(given["password"]) == 15
    assert office.by("olga", "protect", "undo", "1")["files"] == {"undone": 3}
    (share / "業務限定").rmdir()
    after = {path.name: (path.read_bytes(), path.stat().st_mtime_ns, path.stat().st_mode) for path in share.iterdir()}
    assert after == before


def test_one_file_is_undone_and_the_rest_stays(office: Office) -> None:
    office.by("olga", "scan", "share")
    made = office.by("olga", "protect", "plan", "--rules", "rules.toml")
    office.by("bob", "proposal", "approve", made["proposal"])
    office.by("olga", "protect", "do", "1")
    assert office.by("olga", "protect", "undo", "1", "--document", "名簿.csv")["files"] == {"done": 2, "undone": 1}
    assert (office.folder / "share" / "名簿.csv").exists()
    assert office.by("olga", "protect", "do", "1", code=2)["message"] == "Plan 1 is carried out."
    assert office.by("olga", "protect", "undo", "9", code=2)["message"] == "There is no plan 9."
    assert os.listdir(office.folder / "share" / "業務限定") == ["古い.zip"]


def test_a_share_without_violations_needs_no_plan(office: Office) -> None:
    office.put("rules.toml", '[protection]\ncounts = ["NONE"]\n')
    office.by("olga", "scan", "share")
    assert "breaks the rules" in office.by("olga", "protect", "plan", "--rules", "rules.toml", code=2)["message"]
