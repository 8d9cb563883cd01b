"""A person is found by number, name or kana, birth date and town, and the look is in the ledger first."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pyarrow as pa
import pytest

from sekisho.errors import UsageError
from sekisho.flow.answering.whom import Found, Sought, find
from sekisho.flow.proving.looked import who_looked_at
from sekisho.flow.registering import register
from sekisho.flow.scanning.settle import settle
from sekisho.model import DOCUMENTS, RECORDS
from sekisho.vault import Cost, Secret, Vault

HOLDERS = """基礎年金番号,旧基礎年金番号,氏名,フリガナ,生年月日,住所
4701-000001,9901-000007,架空 太郎,カクウ タロウ,1948-04-06,沖縄県那覇市架空1-1
4701-000002,,架空 花子,カクウ ハナコ,1950-01-02,沖縄県那覇市架空1-1
4701-000003,,架空 花子,カクウ ハナコ,1951-03-04,沖縄県うるま市架空9
"""
KNOWN = {"basic_pension_number": "4701-000001", "name": "架空太郎", "birth_date": "1948-04-06"}
STRANGER = {"name": "見本次郎", "name_kana": "ミホンジロウ", "birth_date": "1960-03-04", "address": "沖縄県名護市見本3"}
NUMBERED = {"basic_pension_number": "4702-000005", "name": "仮名春子", "birth_date": "1962-05-06"}


@pytest.fixture(scope="module")
def vault(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Vault]:
    tmp_path = tmp_path_factory.mktemp("whom")
    with Vault.create(tmp_path / "vault", Secret.passphrase("x"), Cost(64, 1, 1)) as made:
        (tmp_path / "h.csv").write_text(HOLDERS, encoding="utf-8")
        register.import_file(made, tmp_path / "h.csv", shown=False)
        _scanned(made, KNOWN, STRANGER, NUMBERED)
        yield made


def _scanned(vault: Vault, *records: dict[str, str]) -> None:
    begun = vault.begin_scan("/mnt/share", "0.1.0")
    document = {"document_id": 1, "document": "a.csv", "file": "a.csv", "outcome": "READ", "reason": "", "records": 3}
    documents = _rows(DOCUMENTS, [{**document, "protection": "NONE", "password_beside": False, "size": 9}])
    told = _rows(RECORDS, [{**one, "record_id": n, "document_id": 1, "other": []} for n, one in enumerate(records)])
    begun.commit([begun.write("documents", documents), begun.write("records", told)])
    vault.finish_scan(begun)
    settle(vault, vault.scan(), vault.register(), shown=False)


def _rows(schema: pa.Schema, some: list[dict[str, object]]) -> pa.Table:
    return pa.Table.from_pylist([dict.fromkeys(schema.names) | row for row in some], schema)


def look(vault: Vault, **said: str) -> Found:
    return find(vault, Sought(**said), "register.show", scans=[1])


def numbers(found: Found) -> list[str | None]:
    return [one.person.number for one in found.persons]


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ({"number": "4701000001"}, ["4701-000001"]),
        ({"number": "9901-000007"}, ["4701-000001"]),
        ({"number": "4701-000001", "birth_date": "S23.4.6"}, ["4701-000001"]),
        ({"number": "4701-000001", "birth_date": "1948-04-07"}, []),
        ({"number": "4701-000001", "name": "架空花子"}, []),
        ({"number": "4701-000001", "name": "カクウ タロウ", "town": "那覇市"}, ["4701-000001"]),
        ({"name": "かくう はなこ", "birth_date": "昭和25年1月2日"}, ["4701-000002"]),
        ({"name": "架空花子", "town": "うるま市"}, ["4701-000003"]),
        ({"name": "カクウ ハナコ", "town": "沖縄県"}, ["4701-000002", "4701-000003"]),
        ({"birth_date": "1950-01-02", "town": "那覇 市"}, ["4701-000002"]),
        ({"birth_date": "1950-01-02", "town": "名護市"}, []),
    ],
)
def test_a_holder_is_found_by_what_a_caller_says(vault: Vault, said: dict[str, str], expected: list[str]) -> None:
    found = look(vault, **said)
    assert numbers(found) == expected
    assert found.count == len(expected)
    assert all(one.is_holder for one in found.persons)


@pytest.mark.parametrize(
    ("said", "name"),
    [
        ({"name": "見本次郎", "birth_date": "1960-03-04"}, "見本次郎"),
        ({"name": "みほん じろう", "birth_date": "1960-03-04"}, "見本次郎"),
        ({"name": "ミホンジロウ", "town": "名護市"}, "見本次郎"),
        ({"birth_date": "1960-03-04", "town": "名護"}, "見本次郎"),
        ({"number": "4702-000005"}, "仮名春子"),
    ],
)
def test_who_stands_in_records_only_is_found_in_the_scans(vault: Vault, said: dict[str, str], name: str) -> None:
    [one] = look(vault, **said).persons
    assert (one.person.name, one.is_holder, one.scan) == (name, False, 1)
    assert not find(vault, Sought(**said), "register.show").persons


@pytest.mark.parametrize(
    "said",
    [
        {},
        {"name": "架空花子"},
        {"birth_date": "1950-01-02"},
        {"town": "那覇市"},
        {"number": "47"},
        {"birth_date": "1950-13-41", "name": "架空花子"},
    ],
)
def test_too_little_finds_nobody_and_is_no_look(vault: Vault, said: dict[str, str]) -> None:
    before = vault.outbox.head().size
    with pytest.raises(UsageError):
        look(vault, **said)
    assert vault.outbox.head().size == before


def test_more_than_may_be_shown_are_counted(vault: Vault) -> None:
    found = find(vault, Sought(name="架空花子", town="沖縄県"), "register.show", most=1)
    assert (len(found.persons), found.count) == (1, 2)


def test_each_look_is_in_the_ledger_without_a_word_of_whom(vault: Vault) -> None:
    find(vault, Sought(number="4701-000001"), "register.show", incident=None)
    find(vault, Sought(number="4702-000099"), "register.show", scans=[1])
    shown, nobody = [json.loads(made) for _, made in vault.outbox.pending(0)][-2:]
    assert (shown["action"], shown["counts"]["persons"], nobody["counts"]["persons"]) == ("register.show", 1, 0)
    assert nobody["more"]["seen"]["marks"] == 1
    assert "4702-000099" not in json.dumps(nobody)
    assert "4702000099" not in json.dumps(nobody)


@pytest.mark.parametrize("number", ["4701-000001", "9901-000007"])
def test_a_holder_is_told_who_looked(vault: Vault, number: str) -> None:
    look(vault, name="架空太郎", birth_date="1948-04-06")
    assert [one.action for one in who_looked_at(vault, number, shown=False).looks if one.certain][-2] == "register.show"


def test_who_is_in_no_register_is_told_who_looked_by_their_number(vault: Vault) -> None:
    look(vault, number="4702-000005")
    found = who_looked_at(vault, "4702-000005", shown=False)
    assert "register.show" in [one.action for one in found.looks if one.certain]
