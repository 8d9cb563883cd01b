"""What a version says is shown to who may see it, once the look is in the ledger; lists are held against it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pytest
from tests.flow.leaked import HANA, HOLDERS, JIRO, TARO, belongs, held, leaked, scanned

from sekisho.errors import InputError
from sekisho.flow.assessing.count import count
from sekisho.flow.assessing.exposure import diff, hold_list, reconcile, versions, who, write_persons
from sekisho.flow.keeping.keep import older
from sekisho.flow.proving.looked import who_looked_at
from sekisho.incidents.could_be import Kind
from sekisho.vault import Cost, Secret, Vault
from sekisho.vault.tellings import Way


@pytest.fixture
def vault(tmp_path: Path) -> Iterator[Vault]:
    with Vault.create(tmp_path / "vault", Secret.passphrase("a long enough one"), Cost(64, 1, 1)) as made:
        held(made, tmp_path, *HOLDERS)
        yield made


def test_what_leaked_of_a_person_is_shown_after_the_look(vault: Vault) -> None:
    incident = leaked(vault, scanned(vault, {"a.csv": [TARO, HANA], "b.csv": [TARO]}))
    count(vault, incident, shown=False)
    told = who(vault, incident, "9901-000007")
    assert told.exposure is not None
    assert told.exposure.holder == "4701-000001"
    assert told.places == (("a.csv", 1), ("b.csv", 1))
    assert "incident.who" in {one.action for one in who_looked_at(vault, "4701-000001", shown=False).looks}
    assert who(vault, incident, "台帳三郎").exposure is None
    with pytest.raises(InputError):
        who(vault, incident, "nobody at all")


def test_nobody_says_no_while_something_unread_or_undecided_could_be_theirs(vault: Vault) -> None:
    nameless = {"name": "台帳三郎"}
    scan = scanned(
        vault, {"a.csv": [TARO, nameless], "b.zip": []}, b={"outcome": "LOCKED", "reason": "password_unknown"}
    )
    incident = leaked(vault, scan)
    count(vault, incident, shown=False)
    told = who(vault, incident, "4703-000009")
    assert told.exposure is None
    assert {why.kind for why in told.doubts.could_be} == {Kind.UNMATCHED, Kind.UNREAD}
    assert {why.kind for why in who(vault, incident, "4702-000005").doubts.could_be} == {Kind.UNREAD}


def test_a_list_is_held_against_the_master_and_every_fault_is_named(vault: Vault, tmp_path: Path) -> None:
    incident = leaked(vault, scanned(vault, {"a.csv": [TARO, HANA, JIRO]}))
    count(vault, incident, shown=False)
    rows = ("基礎年金番号,氏名,生年月日", "4701-000001,架空太郎,1948-04-07", "4703-000009,台帳三郎,1970-05-06")
    (tmp_path / "list.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    found = hold_list(vault, incident, tmp_path / "list.csv", tmp_path / "faults.csv")
    told = set(found.select("row", "number", "fault", "differs").iter_rows())
    assert told == {
        (2, "4701-000001", "wrong", "birth_date"),
        (3, "4703-000009", "stranger", ""),
        (None, "4702-000005", "missing", ""),
        (None, None, "missing", ""),
    }
    assert "4702-000005" in (tmp_path / "faults.csv").read_text("utf-8-sig")


def test_a_row_of_a_list_that_cannot_be_read_is_named_and_not_passed_over(vault: Vault, tmp_path: Path) -> None:
    incident = leaked(vault, scanned(vault, {"a.csv": [TARO, HANA]}))
    count(vault, incident, shown=False)
    rows = ["基礎年金番号,備考", "4701-000001,", ",", "47O2-000005,x"]
    path = tmp_path / "list.csv"
    path.write_text("\n".join(rows) + "\n", encoding="utf-8")
    found = hold_list(vault, incident, path)
    assert set(found.select("row", "number", "fault").iter_rows()) == {
        (4, None, "no_number"),
        (None, "4702-000005", "missing"),
    }
    path.write_text("\n".join([*rows, "4701-000001,x,y"]) + "\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"1 row of .* has another number of columns"):
        hold_list(vault, incident, path)


def test_who_has_no_number_is_named_as_the_records_call_them(vault: Vault, tmp_path: Path) -> None:
    incident = leaked(vault, scanned(vault, {"a.csv": [TARO, JIRO]}))
    count(vault, incident, shown=False)
    (tmp_path / "list.csv").write_text("基礎年金番号,氏名\n", encoding="utf-8")
    hold_list(vault, incident, tmp_path / "list.csv", tmp_path / "faults.csv")
    write_persons(vault, incident, tmp_path / "persons.csv")
    with vault.act("incident.count", incident=incident):
        vault.tellings(incident).put([(77, Way.PUBLICATION, "", 1)], "2026-01-01")
    reconcile(vault, incident, tmp_path / "differs.csv")
    for name, of in (("faults", "number"), ("persons", "basic_pension_number"), ("differs", "number")):
        told = pl.read_csv(tmp_path / f"{name}.csv", infer_schema=False).filter(pl.col("person") != "77")
        assert set(told.select(of, "name", "birth_date").iter_rows()) == {
            ("4701-000001", None, None),
            (None, "見本次郎", "1960-03-04"),
        }, name
    write_persons(vault, incident, tmp_path / "again.csv")
    assert hold_list(vault, incident, tmp_path / "again.csv").is_empty()


def test_on_a_list_of_nobody_everybody_is_missing(vault: Vault, tmp_path: Path) -> None:
    incident = leaked(vault, scanned(vault, {"a.csv": [TARO, HANA]}))
    count(vault, incident, shown=False)
    (tmp_path / "list.csv").write_text("基礎年金番号,氏名\n", encoding="utf-8")
    assert hold_list(vault, incident, tmp_path / "list.csv")["fault"].to_list() == ["missing", "missing"]


def test_a_look_at_all_exposed_persons_is_a_look_at_each(vault: Vault, tmp_path: Path) -> None:
    incident = leaked(vault, scanned(vault, {"a.csv": [TARO]}))
    count(vault, incident, shown=False)
    belongs(vault, incident, scanned(vault, {"b.csv": [HANA]}))
    count(vault, incident, shown=False)
    assert diff(vault, incident, (1, 2), tmp_path / "d.csv").counts()["new"] == 1
    assert reconcile(vault, incident, tmp_path / "r.csv").persons == 2
    assert [one.account["persons"] for one in versions(vault, incident)] == [1, 2]
    looks = who_looked_at(vault, "4702-000005", shown=False).looks
    assert [one.certain for one in looks if one.action == "incident.persons"] == [True, True]


def test_who_is_in_no_register_is_found_on_a_list_by_name_and_birth_date(vault: Vault, tmp_path: Path) -> None:
    incident = leaked(vault, scanned(vault, {"a.csv": [TARO, JIRO]}))
    count(vault, incident, shown=False)
    rows = (
        "基礎年金番号,氏名,生年月日",
        "4701-000001,架空太郎,1948-04-06",
        ",見本次郎,1960-03-04",
        ",見本三郎,1960-03-04",
    )
    (tmp_path / "list.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    assert hold_list(vault, incident, tmp_path / "list.csv").select("row", "fault").rows() == [(4, "no_number")]


def test_a_scan_whose_documents_belong_to_an_incident_is_not_dropped(vault: Vault) -> None:
    first = scanned(vault, {"a.csv": [TARO]})
    scanned(vault, {"a.csv": [TARO]})
    assert [one.about.scan for one in older(vault, 1)] == [first.about.scan]
    leaked(vault, first)
    assert older(vault, 1) == []


def test_a_copy_of_the_master_is_held_against_it_person_by_person(vault: Vault, tmp_path: Path) -> None:
    incident = leaked(vault, scanned(vault, {"a.csv": [TARO, HANA, JIRO]}))
    count(vault, incident, shown=False)
    assert write_persons(vault, incident, tmp_path / "all.csv") == 3
    assert hold_list(vault, incident, tmp_path / "all.csv").is_empty()
    rows = pl.read_csv(tmp_path / "all.csv", infer_schema=False)
    number = pl.col("basic_pension_number")
    slipped = pl.when(number == "4701-000001").then(pl.lit("4701-000010")).otherwise(number)
    fewer = pl.when(number == "4702-000005").then(pl.lit("name")).otherwise(pl.col("items")).alias("items")
    copy = rows.filter(number.is_not_null()).with_columns(fewer, slipped.alias("basic_pension_number"))
    copy.write_csv(tmp_path / "copy.csv")
    told = hold_list(vault, incident, tmp_path / "copy.csv").select("number", "fault", "differs").rows()
    assert sorted(told, key=str) == [
        ("4701-000010", "wrong", "basic_pension_number"),
        ("4702-000005", "wrong", "items"),
        (None, "missing", ""),
    ]
