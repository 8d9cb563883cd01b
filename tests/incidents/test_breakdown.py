from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sekisho.errors import AccountError
from sekisho.figures import Breakdown, Shield
from sekisho.incidents.breakdown import DOCUMENT_COLUMNS, RECORD_COLUMNS, breakdown
from sekisho.incidents.exposures import EXPOSURES, exposures
from sekisho.model import DOCUMENTS, HOLDERS, MATCHES, RECORDS

Row = Mapping[str, Any]
NUMBER = "basic_pension_number"


def table(rows: list[Row], schema: pa.Schema, columns: tuple[str, ...] = ()) -> pa.Table:
    wanted = pa.schema([schema.field(name) for name in columns or schema.names])
    return pa.Table.from_pylist([dict.fromkeys(wanted.names) | dict(row) for row in rows], schema=wanted)


def document(at: int, file: str, protection: str = "NONE", beside: bool = False, **more: object) -> Row:
    standard = {"document": file, "outcome": "READ", "reason": "", "size": 100, "records": 0}
    return standard | {"document_id": at, "file": file, "protection": protection, "password_beside": beside} | more


def record(at: int, document_id: int, **items: object) -> Row:
    return {"record_id": at, "document_id": document_id, "other": [], **items}


def match(at: int, person: int | None, holder: str | None = None, **more: object) -> Row:
    state = "unmatched" if person is None else "settled" if holder else "clustered"
    return {"record_id": at, "person": person, "holder": holder, "state": state, "ask": False, "conflict": "", **more}


def counted(
    documents: list[Row], records: list[Row], matches: list[Row], holders: list[Row] | None = None
) -> Breakdown:
    per_document = [r["document_id"] for r in records]
    documents = [{**d, "records": per_document.count(d["document_id"])} for d in documents]
    return breakdown(
        table(documents, DOCUMENTS, DOCUMENT_COLUMNS),
        table(records, RECORDS, RECORD_COLUMNS),
        table(matches, MATCHES),
        None if holders is None else table(holders, HOLDERS),
    )


TWO_ITEMS = {NUMBER: "4701-000001", "name": "山田太郎"}
THREE_ITEMS = {**TWO_ITEMS, "birth_date": "1948-04-06"}


def test_files_records_and_persons_are_counted_apart() -> None:
    made = counted(
        [document(0, "那覇/a.csv"), document(1, "那覇/b.csv"), document(2, "東京/c.csv")],
        [record(0, 0, **TWO_ITEMS), record(1, 0, **TWO_ITEMS), record(2, 1, **TWO_ITEMS), record(3, 2, **THREE_ITEMS)],
        [match(0, 7), match(1, 7), match(2, 7), match(3, 7)],
    )
    two, three = made.table
    assert (two.counts.all.files, two.counts.all.records, two.counts.all.persons, two.counts.all.contents) == (
        2,
        3,
        1,
        1,
    )
    assert (three.items, three.counts.all.records) == ((NUMBER, "name", "birth_date"), 1)
    assert made.totals.all.persons == 1
    assert made.persons_by_number_of_items == {3: 1}
    assert {one.name: one.counts.all.records for one in made.centres} == {"那覇": 3, "東京": 1}


@pytest.mark.parametrize(
    ("protection", "beside", "shield"),
    [
        ("NONE", False, Shield.UNPROTECTED),
        ("OPEN_TO_ANYONE", False, Shield.UNPROTECTED),
        ("EDIT_ONLY", False, Shield.UNPROTECTED),
        ("WEAK", False, Shield.PROTECTED),
        ("STRONG", False, Shield.PROTECTED),
        ("STRONG", True, Shield.UNPROTECTED),
        ("UNDETERMINED", False, Shield.UNDETERMINED),
    ],
)
def test_a_lock_is_worth_what_it_keeps_out(protection: str, beside: bool, shield: Shield) -> None:
    made = counted([document(0, "a.csv", protection, beside)], [record(0, 0, **TWO_ITEMS)], [match(0, 7)])
    assert made.totals.of(shield).records == 1
    assert [(one.protection, one.password_beside, one.records) for one in made.locks] == [(protection, beside, 1)]
    assert made.worst_files == {shield: 1}


def test_both_rates_are_given_since_few_large_files_may_be_locked() -> None:
    documents = [document(0, "locked.xlsx", "STRONG"), *(document(at, f"{at}.csv") for at in range(1, 10))]
    records = [record(at, 0, **TWO_ITEMS) for at in range(91)] + [
        record(90 + at, at, **TWO_ITEMS) for at in range(1, 10)
    ]
    made = counted(documents, records, [match(at, at) for at in range(100)])
    assert (made.protected_files_rate, made.protected_records_rate) == (0.1, 0.91)


def test_a_file_is_as_weak_as_its_weakest_member_with_personal_data() -> None:
    members = [
        document(0, "a.zip", document="a.zip!x.csv", protection="STRONG"),
        document(1, "a.zip", document="a.zip!y.csv"),
        document(2, "b.zip", document="b.zip!x.csv", protection="STRONG"),
        document(3, "b.zip", document="b.zip!readme.txt"),
    ]
    records = [record(at, at, **TWO_ITEMS) for at in range(3)]
    made = counted(members, records, [match(at, at) for at in range(3)])
    assert made.worst_files == {Shield.UNPROTECTED: 1, Shield.PROTECTED: 1}


def test_items_are_announced_without_telling_readings_from_names() -> None:
    kana = {NUMBER: "4701-000001", "name_kana": "ヤマダタロウ"}
    made = counted(
        [document(0, "a.csv")], [record(0, 0, **TWO_ITEMS), record(1, 0, **kana)], [match(0, 1), match(1, 1)]
    )
    assert len(made.table) == 2
    assert [(row.items, row.counts.all.records) for row in made.announced] == [(("number", "name"), 2)]


def test_other_items_are_noted_beside_the_row() -> None:
    rows = [
        record(0, 0, **TWO_ITEMS, other=[("bank_account", "普通 1234567")]),
        record(1, 0, **TWO_ITEMS, other=[("other:備考", "転居"), ("health", "障害")]),
        record(2, 0, **TWO_ITEMS),
    ]
    made = counted([document(0, "a.csv")], rows, [match(at, at) for at in range(3)])
    assert made.table[0].notes == {"bank_account": 1, "health": 1, "other": 1}


def test_persons_are_told_apart_by_issuer_and_by_residence() -> None:
    holders: list[Row] = [{NUMBER: "8201-000001", "name": "山田太郎", "address": "沖縄県那覇市旭町1-9"}]
    rows = [
        record(0, 0, **{**TWO_ITEMS, NUMBER: "8201-000001"}),
        record(1, 0, name="鈴木花子", address="東京都千代田区1-1"),
        record(2, 0, name="佐藤一", postal_code="900-0029"),
        record(3, 0, name="田中一"),
    ]
    made = counted(
        [document(0, "a.csv")], rows, [match(0, 1, "8201-000001"), match(1, 2), match(2, 3), match(3, 4)], holders
    )
    assert {one.code: one.persons for one in made.issuers} == {"82": 1, "": 3}
    assert {one.code: one.persons for one in made.residences} == {"沖縄県": 2, "東京都": 1, "": 1}


def test_what_waits_for_a_human_and_what_disagrees_is_counted() -> None:
    matches = [
        match(0, 1, "4701-000001", conflict="name,birth_date"),
        match(1, 1, "4701-000001", ask=True),
        match(2, None),
    ]
    made = counted([document(0, "a.csv")], [record(at, 0, **TWO_ITEMS) for at in range(3)], matches)
    assert made.conflicts == {"birth_date": 1, "name": 1}
    states = {one.state: (one.records, one.persons, one.ask_records, one.ask_persons) for one in made.standings}
    assert states == {"settled": (2, 1, 1, 1), "clustered": (0, 0, 0, 0), "unmatched": (1, 0, 0, 0)}


def test_nothing_found_is_a_breakdown_too() -> None:
    made = counted([document(0, "a.csv")], [], [])
    assert made.totals.all.records == 0
    assert made.protected_files_rate is None
    json.dumps(made.as_json())


def test_a_record_without_a_match_is_an_error_that_names_the_difference() -> None:
    with pytest.raises(AccountError, match="difference 1"):
        counted([document(0, "a.csv")], [record(0, 0, **TWO_ITEMS)], [])


def test_a_record_in_no_document_is_an_error() -> None:
    with pytest.raises(AccountError):
        counted([document(0, "a.csv")], [record(0, 5, **TWO_ITEMS)], [match(0, 1)])


def test_exposures_are_one_row_a_person() -> None:
    documents = [document(0, "a.csv", "STRONG", records=1), document(1, "b.csv", records=1)]
    records = [record(0, 0, **TWO_ITEMS), record(1, 1, birth_date="1948-04-06", other=[("health", "障害")])]
    found = exposures(
        table(documents, DOCUMENTS, DOCUMENT_COLUMNS),
        table(records, RECORDS, RECORD_COLUMNS),
        table([match(0, 7), match(1, 7, ask=True)], MATCHES),
    )
    assert found.schema == EXPOSURES
    (one,) = found.to_pylist()
    assert one["items"] == "basic_pension_number+name+birth_date"
    assert (one["number_of_items"], one["records"], one["protected_records"], one["other_items"]) == (3, 2, 1, "health")
    assert (one["worst_protection"], one["first_document"], one["ask"]) == ("unprotected", "a.csv", True)


PROTECTIONS = st.sampled_from(["NONE", "OPEN_TO_ANYONE", "EDIT_ONLY", "UNDETERMINED", "WEAK", "STRONG"])
ITEM = st.sampled_from([None, "x"])
SOME = st.lists(st.tuples(st.integers(0, 5), st.tuples(ITEM, ITEM, ITEM, ITEM), st.integers(0, 6)), max_size=25)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.tuples(PROTECTIONS, st.booleans()), min_size=6, max_size=6), SOME)
def test_the_account_closes_for_any_records(
    locks: list[tuple[str, bool]], some: list[tuple[int, tuple[str | None, ...], int]]
) -> None:
    documents = [document(at, f"{at % 2}/{at % 4}.zip", lock, beside) for at, (lock, beside) in enumerate(locks)]
    items = (NUMBER, "name", "birth_date", "address")
    records = [record(at, doc, **dict(zip(items, values, strict=True))) for at, (doc, values, _) in enumerate(some)]
    made = counted(documents, records, [match(at, person or None) for at, (*_, person) in enumerate(some)])
    persons = {person for *_, person in some if person}
    assert made.totals.all.persons == len(persons) == sum(made.persons_by_number_of_items.values())
    assert sum(row.counts.all.records for row in made.table) == len(some)
