"""Laws that hold for every table: nothing depends on the order of columns, on pages, or on what stands between rows."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sekisho.model import Decision, Frame, Grid, Item, Place
from sekisho.records.decided import SURE_OF
from sekisho.records.find import find

Rows = list[list[str | None]]
Records = list[dict[str, str]]

SURNAMES = ["山田", "鈴木", "佐藤", "髙橋", "比嘉", "伊藤"]
GIVEN = ["太郎", "花子", "一郎", "良子", "次郎", "さくら"]
FIELDS = {
    "基礎年金番号": st.integers(1_000_000_000, 4_799_999_999).map(lambda n: f"{n // 10**6:04d}-{n % 10**6:06d}"),
    "氏名": st.tuples(st.sampled_from(SURNAMES), st.sampled_from(GIVEN)).map(" ".join),
    "生年月日": st.tuples(st.integers(2, 63), st.integers(1, 12), st.integers(1, 28)).map(
        lambda d: f"昭和{d[0]}年{d[1]}月{d[2]}日"
    ),
    "性別": st.sampled_from(["男", "女"]),
    "住所": st.integers(1, 99).map(lambda n: f"沖縄県那覇市泉崎{n}-1"),
    "備考": st.sampled_from(["転居", "要確認", None]),
}
PERSONS = st.lists(st.fixed_dictionaries(FIELDS), min_size=2, max_size=8)
settings.register_profile("tables", max_examples=20, deadline=None)
settings.load_profile("tables")


@dataclass(frozen=True)
class Found:
    records: Records
    doubts: Records


def a_grid(rows: Rows, first: int = 1, base: str = "S") -> Grid:
    width = max(map(len, rows))
    filled = [row + [None] * (width - len(row)) for row in rows]
    schema = {str(i): pl.String for i in range(width)}
    return Grid(pl.DataFrame(filled, schema=schema, orient="row"), Place(Frame.CELL, base, first))


def found_in(*grids: Grid, decisions: dict[tuple[str, str], Decision] | None = None) -> Found:
    records: Records = []
    doubts: Records = []
    for finds in find(grids, "", decisions or {}):
        records += finds.records.to_pylist()
        doubts += [doubt for doubt in finds.doubts.to_pylist() if doubt["doubt"] not in SURE_OF]
    return Found(records, doubts)


def items(records: Records) -> list[tuple[object, ...]]:
    return [(*tuple(record[item] for item in Item), record["other"]) for record in records]


def table(persons: list[dict[str, str]], order: list[str]) -> Rows:
    return [list(order), *([person[name] for name in order] for person in persons)]


@given(PERSONS, st.permutations(list(FIELDS)))
def test_the_order_of_columns_changes_no_record(persons: list[dict[str, str]], order: list[str]) -> None:
    straight = found_in(a_grid(table(persons, list(FIELDS))))
    shuffled = found_in(a_grid(table(persons, order)))
    assert items(straight.records) == items(shuffled.records)
    assert len(straight.records) == len(persons)


@given(PERSONS)
def test_what_is_written_is_kept_as_it_is(persons: list[dict[str, str]]) -> None:
    records = found_in(a_grid(table(persons, list(FIELDS)))).records
    assert [r["name_as_written"] for r in records] == [p["氏名"] for p in persons]
    assert [r["birth_date_as_written"] for r in records] == [p["生年月日"] for p in persons]


@given(PERSONS, st.data())
def test_rows_are_records_or_blank_headers_totals_and_notes(persons: list[dict[str, str]], data: st.DataObject) -> None:
    rows = table(persons, list(FIELDS))
    between: Rows = [[None] * 6, list(FIELDS), ["合計", "3名"], ["※取扱注意"], ["小計", None, None, "2名"]]
    for extra in data.draw(st.lists(st.sampled_from(between), max_size=4)):
        rows.insert(data.draw(st.integers(2, len(rows))), list(extra))
    records = found_in(a_grid(rows)).records
    assert [r["name_as_written"] for r in records] == [p["氏名"] for p in persons]


@given(PERSONS, st.integers(1, 2))
def test_a_last_row_behind_a_gap_is_a_record_though_the_header_stands_again_below_it(
    persons: list[dict[str, str]], again: int
) -> None:
    rows = [*table(persons[:-1], list(FIELDS)), [None] * 6, *table(persons[-1:], list(FIELDS))[1:]]
    records = found_in(a_grid([*rows, *[list(FIELDS)] * again])).records
    assert [r["name_as_written"] for r in records] == [p["氏名"] for p in persons]


@given(PERSONS, st.integers(2, 8))
def test_a_table_in_chunks_gives_the_same_records_at_the_same_places(persons: list[dict[str, str]], cut: int) -> None:
    rows = table(persons, list(FIELDS))
    whole = found_in(a_grid(rows)).records
    chunks = [a_grid(rows[:cut])] + ([a_grid(rows[cut:], first=cut + 1)] if rows[cut:] else [])
    parts = found_in(*chunks).records
    assert items(parts) == items(whole)
    assert [r["locator"] for r in parts] == [r["locator"] for r in whole]


def test_a_table_goes_on_on_the_next_page_without_its_header() -> None:
    head: Rows = [["氏名", "生年月日", "住所"], ["山田太郎", "S23.4.6", "那覇市泉崎1-2"]]
    more: Rows = [["鈴木花子", "S25.12.1", "浦添市安波茶1-1"]]
    records = found_in(a_grid(head, base="1"), a_grid(more, base="2")).records
    assert [r["name"] for r in records] == ["山田太郎", "鈴木花子"]


STAFF: Rows = [["部署", "氏名", "内線"], ["業務課", "山田 太郎", "1234"], ["総務課", "鈴木 花子", "1235"]]
UNNAMED: Rows = [
    ["氏名", "生年月日", None],
    ["山田太郎", "S23.4.6", "taro@example.jp"],
    ["鈴木花子", "S25.12.1", "jiro@example.jp"],
]


def decision(block: str, subject: str, answer: str) -> dict[tuple[str, str], Decision]:
    return {(block, subject): Decision(block, subject, answer, "tester", "2026-01-01T00:00:00Z")}


def test_a_table_taken_for_no_data_is_asked_about_and_counted_once_decided() -> None:
    (doubt,) = found_in(a_grid(STAFF)).doubts
    assert (doubt["doubt"], doubt["rows"]) == ("no_person_table", 2)
    decided = found_in(a_grid(STAFF), decisions=decision(doubt["block"], "", "person"))
    assert [r["name"] for r in decided.records] == ["山田太郎", "鈴木花子"]
    assert not decided.doubts


def test_a_decision_that_rows_are_no_persons_takes_them_out() -> None:
    (record, _) = found_in(a_grid(UNNAMED)).records
    assert not found_in(a_grid(UNNAMED), decisions=decision(record["block"], "", "no_person")).records


def test_a_decision_names_a_column() -> None:
    rows: Rows = [["氏名", "照会番号"], ["山田太郎", "1234-567890"], ["鈴木花子", "1234-567891"]]
    (record, _) = found_in(a_grid(rows)).records
    assert record["basic_pension_number"] is None
    answer = decision(record["block"], "照会番号", "basic_pension_number")
    assert [r["basic_pension_number"] for r in found_in(a_grid(rows), decisions=answer).records] == [
        "1234-567890",
        "1234-567891",
    ]


def test_like_documents_have_the_same_layout_and_no_value_goes_into_its_name() -> None:
    other: Rows = [STAFF[0], ["年金課", "比嘉 一郎", "9999"], ["経理課", "宮城 良子", "8888"]]
    assert found_in(a_grid(STAFF)).doubts[0]["block"] == found_in(a_grid(other)).doubts[0]["block"]


@pytest.mark.parametrize("frame", list(Frame))
def test_every_frame_has_places(frame: Frame) -> None:
    grid = a_grid([["氏名", "生年月日"], ["山田太郎", "S23.4.6"]])
    placed = Grid(grid.cells, Place(frame, "1", 1))
    (record,) = found_in(placed).records
    assert record["locator"] == {"cell": "'1'!A2:B2", "line": "L2", "page": "p1:L2", "path": "1[1]"}[str(frame)]
