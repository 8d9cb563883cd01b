"""From a scan in the vault to the report, by the flows that the commands call."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pytest

from sekisho.cli._main import main
from sekisho.errors import AccountError, UsageError
from sekisho.flow.scanning.report import for_the_public, report, write
from sekisho.flow.scanning.settle import settle
from sekisho.model import DOCUMENTS, MATCHES, RECORDS
from sekisho.protect.rules import Rules
from sekisho.vault import Cost, Scan, Secret, Vault
from sekisho.wording import speak

NUMBER = "basic_pension_number"
REGISTER = "基礎年金番号,氏名,生年月日,住所\n4701-000001,山田太郎,1948-04-06,沖縄県那覇市旭町1-9\n"
TARO = {NUMBER: "4701-000001", "name": "山田太郎", "birth_date": "1948-04-06"}


def rows(schema: pa.Schema, some: list[dict[str, object]]) -> pa.Table:
    return pa.Table.from_pylist([dict.fromkeys(schema.names) | row for row in some], schema)


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    speak("en")
    yield
    speak("en")


@pytest.fixture
def vault(tmp_path: Path) -> Iterator[Vault]:
    with Vault.create(tmp_path / "vault", Secret.passphrase("x"), Cost(memory_kib=64, passes=1, lanes=1)) as made:
        yield made


@pytest.fixture
def scan(vault: Vault) -> Scan:
    begun = vault.begin_scan("/mnt/share", "0.1.0")
    document = {"outcome": "READ", "reason": "", "protection": "NONE", "password_beside": False, "size": 9}
    documents = [
        {**document, "document_id": 1, "document": "那覇/山田太郎.csv", "file": "那覇/山田太郎.csv", "records": 2},
        {**document, "document_id": 2, "document": "b.xlsx", "file": "b.xlsx", "records": 1, "protection": "STRONG"},
        {**document, "document_id": 3, "document": "c.xls", "file": "c.xls", "records": 0, "outcome": "LOCKED"},
    ]
    records = [
        {"record_id": 1, "document_id": 1, "other": [], **TARO},
        {"record_id": 2, "document_id": 1, "other": [("health", "x")], "name": "鈴木花子", "birth_date": "1950-01-02"},
        {"record_id": 3, "document_id": 2, "other": [], **TARO},
    ]
    begun.commit([begun.write("documents", rows(DOCUMENTS, documents)), begun.write("records", rows(RECORDS, records))])
    vault.finish_scan(begun)
    return vault.scan()


@pytest.fixture
def register(tmp_path: Path) -> Path:
    path = tmp_path / "register.csv"
    path.write_text(REGISTER, encoding="utf-8")
    return path


def test_a_register_that_was_read_before_is_taken_from_the_vault(
    vault: Vault, scan: Scan, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "register.csv"
    path.write_text(REGISTER, encoding="utf-8")
    first = settle(vault, scan, path)
    before = report(scan, Rules()).made.as_json()
    monkeypatch.setattr("sekisho.flow.scanning.settle.read", lambda *_: pytest.fail("it was read again"))
    again = settle(vault, scan, path)
    assert first is not None
    assert again is not None
    assert [str(line) for line in again.said()] == [str(line) for line in first.said()]
    assert report(scan, Rules()).made.as_json() == before


def test_a_later_scan_takes_the_register_from_an_earlier_one(
    vault: Vault, scan: Scan, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "register.csv"
    path.write_text(REGISTER, encoding="utf-8")
    settle(vault, scan, path)
    later = vault.begin_scan("/mnt/share", "0.1.0")
    later.commit(
        [later.write(name, scan.read(name, of)) for name, of in (("documents", DOCUMENTS), ("records", RECORDS))]
    )
    monkeypatch.setattr("sekisho.flow.scanning.settle.read", lambda *_: pytest.fail("it was read again"))
    settle(vault, later, path)
    assert report(later, Rules()).made.as_json() == report(scan, Rules()).made.as_json()


def test_another_content_under_the_same_name_is_another_register(vault: Vault, scan: Scan, tmp_path: Path) -> None:
    path = tmp_path / "register.csv"
    path.write_text(REGISTER, encoding="utf-8")
    settle(vault, scan, path)
    path.write_text(REGISTER.replace("4701-000001", "4701-000002"), encoding="utf-8")
    again = settle(vault, scan, path)
    assert again is not None
    assert again.table["basic_pension_number"].to_pylist() == ["4701-000002"]


def test_a_scan_is_settled_and_counted(vault: Vault, scan: Scan, register: Path) -> None:
    holders = settle(vault, scan, register)
    assert holders is not None
    assert holders.table.num_rows == 1
    made = report(scan, Rules()).made
    assert (made.totals.all.files, made.totals.all.records, made.totals.all.persons, made.holders) == (2, 3, 2, 1)
    assert {one.code: one.persons for one in made.residences} == {"沖縄県": 1, "": 1}


def test_without_a_register_the_same_persons_are_clusters(vault: Vault, scan: Scan) -> None:
    assert settle(vault, scan, None) is None
    made = report(scan, Rules()).made
    assert (made.totals.all.persons, made.holders) == (2, None)


def test_settling_again_replaces_the_matches_and_keeps_the_numbers_of_persons(
    vault: Vault, scan: Scan, register: Path
) -> None:
    settle(vault, scan, register)
    first = scan.read("matches", MATCHES).sort_by("record_id")
    settle(vault, scan, register)
    assert scan.read("matches", MATCHES).sort_by("record_id").to_pylist() == first.to_pylist()


def test_a_scan_that_was_never_settled_gives_no_report(scan: Scan) -> None:
    with pytest.raises(UsageError) as raised:
        report(scan, Rules())
    assert "sekisho settle" in raised.value.hint.en


def test_a_document_that_hides_a_record_gives_no_report(vault: Vault, scan: Scan) -> None:
    settle(vault, scan, None)
    documents = scan.read("documents", DOCUMENTS).to_pylist()
    documents[0]["records"] = 5
    scan.replace({"documents": [scan.write("documents", rows(DOCUMENTS, documents))]})
    with pytest.raises(AccountError, match="difference 3"):
        report(scan, Rules())


def test_paths_stay_in_unless_asked_for(vault: Vault, scan: Scan) -> None:
    settle(vault, scan, None)
    made = report(scan, Rules())
    assert "山田" not in made.as_page() + made.as_text() + json.dumps(made.as_json(), ensure_ascii=False)
    assert "/mnt/share" not in json.dumps(made.as_json())
    assert "那覇/山田太郎.csv" in report(scan, Rules(), with_paths=True).as_page()


def test_the_public_variant_shows_no_number_of_a_few(vault: Vault, scan: Scan) -> None:
    settle(vault, scan, None)
    public = for_the_public(report(scan, Rules()))
    assert public.as_json()["public"]["persons"] is None
    assert "fewer than 10" in public.as_text()
    assert "fewer than 10" in public.as_page()


def test_a_page_that_cannot_be_written_is_an_error_with_a_hint(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot be written"):
        write(tmp_path / "absent" / "report.html", "x")


def test_the_commands_settle_and_report(
    vault: Vault,
    scan: Scan,
    register: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    vault.close()
    monkeypatch.setenv("SEKISHO_PASSPHRASE", "x")
    monkeypatch.setenv("SEKISHO_VAULT", str(tmp_path / "vault"))
    assert main(["settle", "--register", str(register), "--json"]) == 0
    said = capsys.readouterr()
    assert {one["state"]: one["records"] for one in json.loads(said.out)["standings"]}["settled"] == 2
    assert "基礎年金番号 -> basic_pension_number" in said.err
    page = tmp_path / "report.html"
    assert main(["report", "--to", str(page), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["breakdown"]["totals"]["all"]["persons"] == 2
    assert page.read_text().startswith("<!doctype html>")
    assert main(["report", "--public", "--below", "2", "--lang", "ja"]) == 0
    assert "実人数" in capsys.readouterr().out
