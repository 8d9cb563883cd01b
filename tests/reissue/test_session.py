"""A session on the command line: from the issuer's file to a new number in force, and an alert for the old one."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pytest
from tests.reissue.conftest import NEW, OLD, PEOPLE, SECRET, Office
from tests.sinks.receivers import certificate

from sekisho.cli._main import main


class Session:
    def __init__(self, folder: Path, capture: pytest.CaptureFixture[str]) -> None:
        self.folder, self._capture, self.said = folder, capture, ""

    def __call__(self, *call: str, code: int = 0) -> str:
        assert main([*call, "--vault", str(self.folder / "vault")]) == code
        out, self.said = self._capture.readouterr()
        return out

    def json(self, *call: str, code: int = 0) -> Any:
        return json.loads(self(*call, "--json", code=code))


@pytest.fixture
def run(office: Office, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Session:
    office.told()
    office.vault.close()
    monkeypatch.setenv("SEKISHO_PASSPHRASE", SECRET.value.decode())
    return Session(office.folder, capsys)


def test_numbers_are_replaced_from_the_pool_to_the_alert(run: Session) -> None:
    folder = run.folder
    (folder / "core").mkdir()
    (folder / "shop").mkdir()
    cert, _ = certificate(folder)
    (folder / "pool.csv").write_text("\n".join(["新番号", *NEW, OLD[0], ""]), encoding="utf-8")
    run("reissue", "pool", str(folder / "pool.csv"), code=3)
    assert "Rows 8" in run.said
    assert OLD[0] not in run.said
    assert run.json("reissue", "pool", str(folder / "pool.csv"), "--leave-out")["taken"] == PEOPLE
    assert "reachable" in run("reissue", "plan")
    assert run.json("reissue", "give")["counts"] == {"ready": PEOPLE}
    run("sinks", "set", "core", f"path={folder / 'core'}", "--kind", "folder")
    run("sinks", "set", "shop", f"path={folder / 'shop'}", f"certificate={cert}", "--kind", "print_shop")
    assert str(cert) not in run("sinks", "list")
    assert run.json("reissue", "export", "--sink", "core")["numbers"] == PEOPLE
    assert run.json("sinks", "send")["received"] == 1
    with (folder / "core" / "reissue-1-0001" / "numbers.csv").open(encoding="utf-8") as file:
        pairs = list(csv.DictReader(file))
    rows = [f"{one['old_number']},{one['new_number']},済" for one in pairs]
    (folder / "answers.csv").write_text("\n".join(["旧番号,新番号,結果", *rows[1:], "x,y,済", ""]), encoding="utf-8")
    done = run.json("reissue", "acknowledge", str(folder / "answers.csv"), code=5)
    assert (done["in_force"], done["waiting"], done["unreadable"]) == (PEOPLE - 1, 1, [PEOPLE + 1])
    (folder / "wrong.csv").write_text(f"旧番号,新番号,結果\n{OLD[0]},4709-000777,済\n", encoding="utf-8")
    assert "1" in run("reissue", "acknowledge", str(folder / "wrong.csv"), code=5)
    assert run.json("letters", "send", "1", "--sink", "shop", "--capacity", "100")["queued"] == PEOPLE
    assert run.json("reissue", "notices", "--sink", "shop")["notices"] == PEOPLE - 1
    assert run.json("sinks", "send")["received"] == 2
    assert (folder / "shop" / "notices-0001-001" / "notices-0001-001.zip.p7m").exists()
    run("register", "show", OLD[1], "--purpose", "inquiry")
    assert "ALERT: 1 number turned up" in run.said
    (alert,) = run.json("reissue", "alerts")
    assert (alert["place"], alert["times"]) == ("person", 1)
    assert run.json("reissue", "status")["counts"] == {"in_force": PEOPLE - 1, "exported": 1, "free": 0}
    assert {one["state"] for one in run.json("sinks", "status")} == {"received"}
