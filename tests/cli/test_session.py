"""The program as a user runs it: from a folder to the table, again, and out to files; nothing leaks on the way."""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

CANARIES = ("架空羅太郎", "9876-543210", "himitsu-no-kotoba")
LIST = (
    "基礎年金番号,氏名,生年月日\r\n9876-543210,架空羅太郎,昭和23年4月6日\r\n9876-543211,架空羅花子,昭和25年1月2日\r\n"
)


class Session:
    """A place to work in, with its own temporary folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.share = folder / "share"
        self.share.mkdir()
        (folder / "tmp").mkdir()
        self.said = ""

    def run(self, *arguments: str, code: int = 0) -> str:
        surroundings = {k: v for k, v in os.environ.items() if not k.startswith("SEKISHO")}
        surroundings |= {"TMPDIR": str(self.folder / "tmp"), "LC_ALL": "C.UTF-8"}
        command = [sys.executable, "-m", "sekisho.cli._main", *arguments, "--key-file", "key", "--vault", "vault"]
        done = subprocess.run(
            command, cwd=self.folder, env=surroundings, capture_output=True, text=True, stdin=subprocess.DEVNULL
        )
        assert done.returncode == code, done.stderr
        self.said += done.stderr
        return done.stdout

    def rows(self, name: str) -> list[dict[str, str]]:
        with (self.folder / name).open(encoding="utf-8-sig", newline="") as file:
            return list(csv.DictReader(file))


@pytest.fixture
def session(tmp_path: Path) -> Session:
    return Session(tmp_path)


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


def test_a_passphrase_opens_the_vault_and_another_does_not(tmp_path: Path) -> None:
    (tmp_path / "share").mkdir()

    def run(passphrase: str | None, *arguments: str) -> subprocess.CompletedProcess[str]:
        surroundings = {k: v for k, v in os.environ.items() if not k.startswith("SEKISHO")} | {"LC_ALL": "C.UTF-8"}
        if passphrase is not None:
            surroundings["SEKISHO_PASSPHRASE"] = passphrase
        command = [sys.executable, "-m", "sekisho.cli._main", *arguments]
        return subprocess.run(
            command, cwd=tmp_path, env=surroundings, capture_output=True, text=True, stdin=subprocess.DEVNULL
        )

    assert run("right one", "scan", "share").returncode == 0
    assert run("right one", "report", "--json").returncode == 0
    for wrong in ("wrong one", None):
        done = run(wrong, "report")
        assert (done.returncode, done.stdout) == (4, "")
        assert "SEKISHO_PASSPHRASE" in done.stderr
