from __future__ import annotations

import random
from collections.abc import Mapping

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sekisho.model import HOLDERS, MATCHES, Item
from sekisho.persons.settle import settle

RECORD = pa.schema([("record_id", pa.int64()), *((str(item), pa.string()) for item in Item)])
NUMBER = "basic_pension_number"
Row = Mapping[str, str | None]


def person(number: str, name: str, kana: str, birth: str, sex: str) -> dict[str, str | None]:
    return {NUMBER: number, "name": name, "name_kana": kana, "birth_date": birth, "sex": sex}


TARO = person("2101-000001", "山田太郎", "ヤマダタロウ", "1948-04-06", "M")
HANAKO = person("2101-000777", "髙橋花子", "タカハシハナコ", "1950-01-02", "F")


def table(rows: list[Row], schema: pa.Schema) -> pa.Table:
    return pa.Table.from_pylist([dict.fromkeys(schema.names) | dict(row) for row in rows], schema=schema)


def records(*rows: Row) -> pa.Table:
    return table([{**row, "record_id": at} for at, row in enumerate(rows)], RECORD)


def settled(rows: list[Row], register: list[Row] | None = None) -> list[dict[str, object]]:
    holders = None if register is None else table(register, HOLDERS)
    return settle(records(*rows), holders, b"secret").sort_by("record_id").to_pylist()


def without(row: Row, *items: str) -> dict[str, str | None]:
    return {item: value for item, value in row.items() if item not in items}


def test_every_record_gets_exactly_one_match() -> None:
    matches = settle(records(TARO, {"name": "山田太郎"}, {NUMBER: "9999-000000"}), table([TARO], HOLDERS))
    assert matches.schema == MATCHES
    assert sorted(matches.column("record_id").to_pylist()) == [0, 1, 2]


def test_no_records_give_no_matches() -> None:
    assert settle(records(), None).num_rows == 0


def test_a_number_that_the_name_bears_out_settles() -> None:
    (match,) = settled([{NUMBER: TARO[NUMBER], "name": "山田太郎"}], [TARO, HANAKO])
    assert (match["state"], match["holder"], match["ask"], match["conflict"]) == ("settled", "2101-000001", False, "")


def test_a_number_alone_settles_on_whoever_holds_it() -> None:
    (match,) = settled([{NUMBER: TARO[NUMBER]}], [TARO])
    assert (match["state"], match["ask"]) == ("settled", False)


def test_a_certificate_number_holds_the_basic_pension_number() -> None:
    (match,) = settled([{"certificate_number": "2101-000001-1150", "name": "山田太郎"}], [TARO])
    assert (match["state"], match["holder"]) == ("settled", "2101-000001")


def test_a_mistyped_number_that_hits_a_stranger_is_not_settled_on_the_stranger() -> None:
    stranger = {NUMBER: TARO[NUMBER], "name": "鈴木一郎", "birth_date": "1970-12-31"}
    (match,) = settled([stranger], [TARO, HANAKO])
    assert (match["state"], match["holder"], match["conflict"]) == ("clustered", None, NUMBER)
    assert match["ask"]


def test_a_wrong_number_falls_to_the_holder_of_that_name_and_birth_date_and_is_asked_about_if_nobody_knows_it() -> None:
    numbers = ("2101-000771", TARO[NUMBER], "4105-765432")
    matches = settled([{**without(HANAKO, "sex"), NUMBER: number} for number in numbers], [TARO, HANAKO])
    assert [m["holder"] for m in matches] == [HANAKO[NUMBER]] * 3
    assert [m["conflict"] for m in matches] == [NUMBER] * 3
    assert [m["ask"] for m in matches] == [False, False, True]


def test_a_number_entered_for_a_twin_or_a_father_of_one_name_does_not_settle_on_them() -> None:
    twin = person("2101-654321", "山田次郎", "ヤマダジロウ", "1948-04-06", "M")
    son = {**TARO, NUMBER: "2140-123456", "birth_date": "1975-10-30"}
    matches = settled([{**twin, NUMBER: TARO[NUMBER]}, {**son, NUMBER: TARO[NUMBER]}], [TARO, twin, son])
    assert [m["holder"] for m in matches] == [twin[NUMBER], son[NUMBER]]
    assert all(m["ask"] for m in matches)


def test_a_birth_date_entered_for_many_says_nothing() -> None:
    names = [f"{chr(0x4E00 + at)}{chr(0x5E00 + at)}{chr(0x6E00 + at)}" for at in range(60)]
    holders = [{NUMBER: f"2101-{at:06}", "name": name, "birth_date": "1948-04-06"} for at, name in enumerate(names)]
    matches = settled([{**holder, "birth_date": "1900-01-01"} for holder in holders], holders)
    assert {(m["state"], m["ask"]) for m in matches} == {("settled", False)}


def test_a_mistyped_number_falls_to_the_only_holder_of_that_name_whose_number_is_near() -> None:
    other = {**TARO, NUMBER: "4105-765432", "birth_date": "1960-02-03"}
    swapped, office, far = (
        {NUMBER: number, "name": "山田太郎"} for number in ("2101-000010", "2102-000001", "3333-123456")
    )
    matches = settled([swapped, office, far], [TARO, other, HANAKO])
    assert [m["holder"] for m in matches] == [TARO[NUMBER], TARO[NUMBER], None]
    assert [(m["conflict"], m["ask"]) for m in matches[:2]] == [(NUMBER, False)] * 2


def test_a_married_name_settles_with_a_conflict_and_is_known_from_then_on() -> None:
    married = {**HANAKO, "name": "鈴木花子", "name_kana": "スズキハナコ"}
    matches = settled([married, without(married, NUMBER)], [TARO, HANAKO])
    assert [m["holder"] for m in matches] == [HANAKO[NUMBER]] * 2
    assert [m["conflict"] for m in matches] == ["name,name_kana", ""]


def test_a_number_whose_name_differs_wholly_is_asked_about() -> None:
    (match,) = settled([{**without(TARO, "name_kana"), "name": "佐藤一"}], [TARO])
    assert (match["state"], match["conflict"], match["ask"]) == ("settled", "name", True)


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("variant kanji", "高橋花子"),
        ("plain kanji", "髙橋花子"),
        ("latin", "TAKAHASHIHANAKO"),
        ("kana", "タカハシハナコ"),
    ],
)
def test_ways_to_write_a_name_do_not_disagree(written: str, name: str) -> None:
    (match,) = settled([{NUMBER: HANAKO[NUMBER], "name": name}], [HANAKO])
    assert (match["state"], match["conflict"], match["ask"]) == ("settled", "", False)


def test_readings_of_old_hosts_are_the_same_reading() -> None:
    holder = {**TARO, "name": "大野京子", "name_kana": "オオノキョーコ"}
    (match,) = settled([{"name_kana": "オオノキヨコ", "birth_date": TARO["birth_date"]}], [holder])
    assert match["state"] == "settled"


def test_a_name_and_birth_date_without_a_number_settle_on_the_only_holder() -> None:
    (match,) = settled([{"name": "高橋花子", "birth_date": "1950-01-02"}], [TARO, HANAKO])
    assert (match["holder"], match["ask"]) == (HANAKO[NUMBER], False)


def test_several_holders_of_one_name_and_date_are_asked_about_unless_the_address_tells() -> None:
    twice = [{**TARO, "address": "那覇市旭町1-9"}, {**TARO, NUMBER: "2101-000002", "address": "浦添市安波茶1-1-1"}]
    bare = without(TARO, NUMBER)
    asked, told = settled([bare, {**bare, "address": "浦添市安波茶一丁目1番1号 アパート101"}], twice)
    assert asked["ask"]
    assert (told["holder"], told["ask"]) == ("2101-000002", False)


def test_a_partial_birth_date_settles_only_on_the_only_one_it_fits() -> None:
    other = {**TARO, NUMBER: "2101-000002", "birth_date": "1948-05-01"}
    month, year = {"name": "山田太郎", "birth_date": "1948-04-??"}, {"name": "山田太郎", "birth_date": "1948-??-??"}
    fits, open_ = settled([month, year], [TARO, other])
    assert (fits["state"], fits["holder"]) == ("settled", TARO[NUMBER])
    assert open_["state"] == "clustered"


def test_too_little_to_say_whose_is_unmatched() -> None:
    rows = [{"name": "山田太郎"}, {"name": "山田太郎", "postal_code": "900-0029"}, {"birth_date": "1948-04-06"}, {}]
    assert {m["state"] for m in settled(rows, [TARO, HANAKO])} == {"unmatched"}
    assert {m["person"] for m in settled(rows)} == {None}


def test_twins_are_two_persons() -> None:
    both = {"birth_date": "1948-04-06", "address": "那覇市旭町1-9"}
    ichiro, jiro = settled([{**both, "name": "山田一郎"}, {**both, "name": "山田二郎"}])
    assert ichiro["person"] != jiro["person"]
    assert not ichiro["ask"]


def test_father_and_son_of_one_name_are_two_persons() -> None:
    one = {"name": "山田太郎", "address": "那覇市旭町1-9"}
    father, son = settled([{**one, "birth_date": "1948-04-06"}, {**one, "birth_date": "1975-10-30"}])
    assert father["person"] != son["person"]


def test_the_same_unknown_person_in_five_files_is_one_person() -> None:
    rows = [
        TARO,
        {NUMBER: TARO[NUMBER], "name": "山田太郎"},
        {"name": "山田太郎", "birth_date": "1948-04-06"},
        {"name_kana": "ヤマダタロウ", "birth_date": "1948-04-06"},
        {NUMBER: TARO[NUMBER]},
    ]
    matches = settled(rows, [HANAKO])
    assert len({m["person"] for m in matches}) == 1
    assert {m["state"] for m in matches} == {"clustered"}


def test_two_names_and_dates_under_one_number_are_two_persons_in_conflict() -> None:
    one, other = settled([TARO, {NUMBER: TARO[NUMBER], "name": "鈴木一", "birth_date": "1970-12-31"}])
    assert one["person"] != other["person"]
    assert one["ask"]
    assert other["ask"]
    assert "birth_date" in str(other["conflict"])


def test_one_name_and_date_under_two_numbers_is_one_person_only_if_the_numbers_are_near() -> None:
    near = settled([TARO, {**TARO, NUMBER: "2101-000010"}, {**TARO, NUMBER: "4105-765432"}])
    assert near[0]["person"] == near[1]["person"]
    assert near[0]["person"] != near[2]["person"]
    assert all(m["ask"] for m in near)


def test_a_placeholder_number_ties_nobody_together() -> None:
    names = (f"{chr(0x4E00 + at)}{chr(0x5E00 + at)}{chr(0x6E00 + at)}" for at in range(400))
    rows = [
        {NUMBER: "0000-000000", "name": name, "birth_date": f"19{at % 90 + 10}-01-01"} for at, name in enumerate(names)
    ]
    assert len({m["person"] for m in settled(rows)}) == 400


def test_two_register_rows_of_one_number_are_one_holder_with_a_former_name() -> None:
    former = {**HANAKO, "name": "鈴木花子", "name_kana": "スズキハナコ"}
    (match,) = settled([{NUMBER: HANAKO[NUMBER], "name": "鈴木花子"}], [HANAKO, former])
    assert (match["ask"], match["conflict"]) == (False, "")


def test_a_number_that_the_register_gives_to_two_persons_is_told_by_the_rest_or_asked_about() -> None:
    register = [TARO, {**HANAKO, NUMBER: TARO[NUMBER]}]
    taro, hanako, number = settled([TARO, {**HANAKO, NUMBER: TARO[NUMBER]}, {NUMBER: TARO[NUMBER]}], register)
    assert taro["person"] != hanako["person"]
    assert (taro["ask"], hanako["ask"], number["ask"]) == (False, False, True)


def test_the_same_secret_gives_the_same_numbers_and_another_one_others() -> None:
    taro, holders = records(TARO), table([TARO], HOLDERS)
    person = {key: settle(taro, holders, key)["person"].to_pylist() for key in (b"one", b"two")}
    assert person[b"one"] == settle(taro, holders, b"one")["person"].to_pylist()
    assert person[b"one"] != person[b"two"]


def pick(*values: str | None) -> st.SearchStrategy[str | None]:
    return st.sampled_from(values)


ROWS = st.lists(
    st.fixed_dictionaries(
        {
            NUMBER: pick(None, "2101-000001", "2101-000002", "2101-000012", "4101-999999"),
            "name": pick(None, "山田太郎", "山田花子", "鈴木花子", "髙橋一", "高橋一"),
            "name_kana": pick(None, "ヤマダタロウ", "ヤマダハナコ"),
            "birth_date": pick(None, "1948-04-06", "1948-04-??", "1948-05-06", "1970-01-01"),
            "sex": pick(None, "M", "F"),
            "address": pick(None, "那覇市旭町1-9", "浦添市安波茶1-1-1"),
        }
    ),
    min_size=1,
    max_size=14,
)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(ROWS, ROWS, st.booleans(), st.randoms())
def test_the_order_of_records_and_holders_changes_nothing(
    rows: list[Row], holders: list[Row], known: bool, chance: random.Random
) -> None:
    register = table(holders, HOLDERS) if known else None
    given_, mixed = records(*rows), list(range(len(rows)))
    chance.shuffle(mixed)
    chance.shuffle(holders)
    again = table(holders, HOLDERS) if known else None
    one = settle(given_, register, b"s").sort_by("record_id")
    other = settle(given_.take(mixed), again, b"s").sort_by("record_id")
    assert one.drop(["person"]).to_pylist() == other.drop(["person"]).to_pylist()
    assert parts_of(one) == parts_of(other)


def parts_of(matches: pa.Table) -> set[frozenset[int]]:
    """Which records are one person's, whatever the persons are called."""
    persons: dict[object, set[int]] = {}
    for row in matches.to_pylist():
        persons.setdefault(row["person"], set()).add(row["record_id"])
    return {frozenset(records) for records in persons.values()}


def test_a_name_in_kana_is_held_against_the_reading_even_where_the_number_is_right() -> None:
    in_kana = {NUMBER: TARO[NUMBER], "name": "サトウイチロウ"}
    (match,) = settled([in_kana], [{**without(TARO, "name"), "name_kana": "ヤマダタロウ"}])
    assert (match["state"], match["conflict"]) == ("clustered", NUMBER)


def test_what_is_written_alike_and_what_only_folds_alike_give_the_same_match() -> None:
    register = [{**TARO, "name": "高橋太郎", "name_kana": "タカハシショウヘイ"}]
    alike = {**register[0]}
    folded = {**register[0], "name": "髙橋太郎", "name_kana": "タカハシシヨウヘイ"}
    one, other = settled([alike, folded], register)
    assert {**one, "record_id": 1} == other


def test_two_former_names_that_records_bring_are_both_known_from_then_on() -> None:
    names = (("鈴木花子", "スズキハナコ"), ("佐藤花子", "サトウハナコ"))
    under_number = [{**HANAKO, "name": name, "name_kana": kana} for name, kana in names]
    matches = settled([*under_number, *(without(row, NUMBER) for row in under_number)], [TARO, HANAKO])
    assert [m["holder"] for m in matches] == [HANAKO[NUMBER]] * 4


def test_the_probability_is_that_of_the_holder_and_of_nobody_else() -> None:
    nobody = person("4105-765432", "比嘉次郎", "ヒガジロウ", "1960-02-03", "M")
    right, number, bare, other = settled([TARO, {NUMBER: TARO[NUMBER]}, without(TARO, NUMBER), nobody], [TARO, HANAKO])
    assert right["probability"] > 0.9999  # type: ignore[operator]
    assert 0.9 < number["probability"] < 0.9999  # type: ignore[operator]
    assert 0.9 < bare["probability"] < 1  # type: ignore[operator]
    assert other["probability"] is None


def test_one_name_and_date_under_thousands_of_numbers_ends() -> None:
    born = {"name": "山田太郎", "birth_date": "1948-04-06"}
    rows = [{NUMBER: f"2101-{at * 37 % 10**6:06}", **born} for at in range(3000)]
    states = [match["state"] for match in settled(rows, [HANAKO])]
    assert states == ["clustered"] * 3000


def test_a_register_of_nonsense_is_settled_against_as_far_as_it_goes() -> None:
    odd = [
        {**TARO, "birth_date": "1948-02-31"},
        {**TARO, "birth_date": ""},
        {NUMBER: "", "name": "", "birth_date": "9999-99-99"},
        {NUMBER: "x", "name": None, "birth_date": None},
        HANAKO,
        HANAKO,
    ]
    taro, hanako = settled([TARO, HANAKO], odd)
    assert (taro["holder"], hanako["holder"]) == (TARO[NUMBER], HANAKO[NUMBER])
