"""The program as a user runs it: from a folder to the table, again, and out to files; nothing leaks on the way."""

from __future__ import annotations

import io
import json
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from tests.cli.calls import Calls

from sekisho.cli._main import main

CANARIES = ("架空羅太郎", "9876-543210", "himitsu-no-kotoba")
LIST = (
    "基礎年金番号,氏名,生年月日\r\n9876-543210,架空羅太郎,昭和23年4月6日\r\n9876-543211,架空羅花子,昭和25年1月2日\r\n"
)


class Session(Calls):
    """A place to work in, with its own temporary folder; ``said``: what all calls said beside their results."""

    def __init__(self, folder: Path, capture: pytest.CaptureFixture[str]) -> None:
        super().__init__(folder, capture)
        self.share = folder / "share"
        self.share.mkdir()

    def run(self, *arguments: str, code: int = 0) -> str:
        before = self.said
        out = super().run(*arguments, code=code)
        self.said = before + self.said
        return out


@pytest.fixture
def session(place: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Session:
    (place / "tmp").mkdir()
    monkeypatch.setenv("TMPDIR", str(place / "tmp"))
    monkeypatch.setattr("tempfile.tempdir", None)
    monkeypatch.setattr("sys.stdin", io.StringIO())
    return Session(place, capsys)


def test_from_a_folder_to_the_table_and_out(session: Session) -> None:
    (session.share / "名簿.csv").write_bytes(LIST.encode("cp932"))
    (session.share / "控え").mkdir()
    (session.share / "控え" / "名簿.csv").write_bytes(LIST.encode("cp932"))
    with zipfile.ZipFile(session.share / "backup.zip", "w") as archive:
        archive.writestr("inner/list.csv", LIST)
    (session.share / "broken.xlsx").write_bytes(b"PK\x03\x04 broken")
    (session.folder / "bank").write_text("himitsu-no-kotoba\n")

    made = json.loads(session.run("scan", "share", "--passwords", "bank", "--json"))
    assert made["scan"]["scan"] == 1
    assert (session.folder / "report.html").stat().st_size > 1000

    session.run("export", "documents", "--to", "d.csv")
    documents = {row["document"]: row for row in session.rows("d.csv")}
    assert documents.keys() == {
        "名簿.csv",
        "控え/名簿.csv",
        "backup.zip",
        "backup.zip!inner/list.csv",
        "broken.xlsx",
    }
    assert documents["broken.xlsx"]["outcome"] == "UNREADABLE"
    session.run("export", "records", "--to", "r.csv")
    records = session.rows("r.csv")
    assert len(records) == 6
    assert {(row["basic_pension_number"], row["name"], row["birth_date"]) for row in records} == {
        ("9876-543210", "架空羅太郎", "1948-04-06"),
        ("9876-543211", "架空羅花子", "1950-01-02"),
    }
    session.run("export", "persons", "--to", "p.csv")
    assert len(session.rows("p.csv")) == 2

    again = json.loads(session.run("scan", "share", "--passwords", "bank", "--json"))
    assert again["scan"]["scan"] == 2
    assert again["breakdown"] == made["breakdown"]

    session.run("review", "sample", "-n", "3", "--to", "s.csv")
    session.run("export", "records", "--to", "r.csv", code=2)

    clear = {session.folder / name for name in ("d.csv", "r.csv", "p.csv", "s.csv", "bank")}
    looked_at = 0
    for path in session.folder.rglob("*"):
        if path.is_file() and path not in clear and session.share not in path.parents:
            looked_at += 1
            raw = path.read_bytes()
            for canary in CANARIES:
                for encoding in ("utf-8", "cp932", "utf-16-le"):
                    assert canary.encode(encoding) not in raw, path
    assert looked_at > 10
    assert not any(canary in session.said for canary in CANARIES)
    assert list((session.folder / "tmp").iterdir()) == []


def test_a_passphrase_opens_the_vault_and_another_does_not(
    session: Session, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SEKISHO_PASSPHRASE", "right one")
    assert main(["scan", "share", "--json"]) == 0
    assert main(["report", "--json"]) == 0
    capsys.readouterr()
    for wrong in ("wrong one", ""):
        monkeypatch.setenv("SEKISHO_PASSPHRASE", wrong)
        assert main(["report"]) == 4
        out, err = capsys.readouterr()
        assert out == ""
        assert "SEKISHO_PASSPHRASE" in err


def test_the_program_runs_as_it_is_installed(session: Session) -> None:
    program = Path(sys.executable).with_name("sekisho")
    done = subprocess.run([program, "--version"], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("sekisho ")
