"""Records that fit a holder only nearly: a former surname, a slip in a date, in a register of many."""

from __future__ import annotations

from collections.abc import Mapping

import pyarrow as pa
import pytest

from sekisho.model import HOLDERS, Item
from sekisho.persons.settle import settle

RECORD = pa.schema([("record_id", pa.int64()), *((str(item), pa.string()) for item in Item)])
NUMBER = "basic_pension_number"
Row = Mapping[str, str | None]


def person(number: str, name: str, kana: str, birth: str, sex: str) -> dict[str, str | None]:
    return {NUMBER: number, "name": name, "name_kana": kana, "birth_date": birth, "sex": sex}


SACHIE = person("2101-000001", "小禄幸枝", "オロクサチエ", "1948-04-06", "F")
OTHERS = [
    person(f"27{at % 90:02}-{at * 7919 % 10**6:06}", f"{'佐鈴高田中'[at % 5]}{'藤木橋'[at % 3]}一郎", "サトウイチロウ",
           f"19{30 + at % 60}-{at % 12 + 1:02}-{at % 28 + 1:02}", "M")
    for at in range(1000)
]  # fmt: skip


def settled(*rows: Row, register: list[dict[str, str | None]]) -> list[dict[str, object]]:
    records = [dict.fromkeys(RECORD.names) | dict(row) | {"record_id": at} for at, row in enumerate(rows)]
    holders = [dict.fromkeys(HOLDERS.names) | row for row in register]
    tables = pa.Table.from_pylist(records, RECORD), pa.Table.from_pylist(holders, HOLDERS)
    return settle(*tables, b"secret").sort_by("record_id").to_pylist()


@pytest.mark.parametrize(
    ("written", "conflict"),
    [
        ({"name": "小禄幸枝", "birth_date": "1948-04-16"}, "birth_date"),
        ({"name": "小禄幸枝", "birth_date": "1948-06-04"}, "birth_date"),
        ({"name": "金城幸枝", "birth_date": "1948-04-06"}, "name"),
        ({"name_kana": "オロクユキエ", "birth_date": "1948-04-06"}, "name_kana"),
        ({"name": "小禄幸絵", "birth_date": "1948-04-06"}, "name"),
        (
            {"name": "小禄幸枝", "birth_date": "1948-04-16", NUMBER: OTHERS[3][NUMBER]},
            "basic_pension_number,birth_date",
        ),
    ],
)
def test_what_fits_only_one_nearly_is_theirs_and_asked_about(written: Row, conflict: str) -> None:
    (match,) = settled(written, register=[SACHIE, *OTHERS])
    assert (match["holder"], match["ask"], match["conflict"]) == (SACHIE[NUMBER], True, conflict)


def test_a_number_that_nearly_fits_too_need_not_be_asked_about() -> None:
    (match,) = settled(
        {NUMBER: "2101-000010", "name": "金城幸枝", "birth_date": "1948-04-06"}, register=[SACHIE, *OTHERS]
    )
    assert (match["holder"], match["ask"]) == (SACHIE[NUMBER], False)


def test_a_common_name_that_only_nearly_fits_is_nobodys() -> None:
    common = {"name": OTHERS[0]["name"], "birth_date": "1931-01-01"}
    (match,) = settled(common, register=[SACHIE, *OTHERS])
    assert match["holder"] is None


def test_who_has_a_number_of_their_own_is_not_taken_for_a_holder_of_like_name() -> None:
    other = {NUMBER: "4105-765432", "name": "小禄幸枝", "birth_date": "1948-04-16"}
    bare = {"name": "小禄幸枝", "birth_date": "1948-04-16"}
    matches = settled(other, bare, register=[SACHIE, *OTHERS])
    assert [m["holder"] for m in matches] == [None, None]
    assert len({m["person"] for m in matches}) == 1


def test_a_number_of_the_other_sex_under_which_only_the_surname_agrees_is_anothers() -> None:
    husband = person("2101-654321", "小禄朝栄", "オロクチョウエイ", "1944-02-03", "M")
    (match,) = settled({NUMBER: SACHIE[NUMBER], "name": "小禄朝栄", "sex": "M"}, register=[SACHIE, husband, *OTHERS])
    assert match["holder"] != SACHIE[NUMBER]


def test_a_twin_who_is_in_no_register_is_known_by_a_number_of_their_own() -> None:
    twin = person("4105-765432", "小禄幸代", "オロクサチヨ", "1948-04-06", "F")
    matches = settled(twin, {**twin, NUMBER: SACHIE[NUMBER]}, without_reading(twin), register=[SACHIE, *OTHERS])
    assert [m["holder"] for m in matches] == [None, None, None]


def without_reading(row: Row) -> Row:
    return {item: value for item, value in row.items() if item != "name_kana"}
