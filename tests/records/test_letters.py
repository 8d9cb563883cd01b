from __future__ import annotations

import polars as pl

from sekisho.model import Content, Frame, Grid, Item, Place, Prose
from sekisho.records.find import find

ADDRESSED = ["〒160-0023", "東京都新宿区西新宿1-2-3", "山田 太郎 様", "", "年金記録のお知らせ", "下記のとおりです。"]


def a_text(*lines: str) -> Prose:
    return Prose(list(lines), Place(Frame.LINE))


def a_table(*rows: tuple[str, str]) -> Grid:
    return Grid(pl.DataFrame(rows, schema={"0": pl.String, "1": pl.String}, orient="row"), Place(Frame.CELL, "table 1"))


def found(*contents: Content) -> list[dict[str, str]]:
    records = [record for finds in find(contents, "letter.docx", {}) for record in finds.records.to_pylist()]
    return [{item: r[item] for item in ("locator", *map(str, Item)) if r[item]} for r in records]


def test_a_letter_and_the_table_in_it_are_one_record() -> None:
    (record,) = found(a_text(*ADDRESSED), a_table(("基礎年金番号", "1234-567890"), ("生年月日", "昭和23年4月6日")))
    assert record == {
        "locator": "L1:L3, 'table 1'!A1:B2",
        "name": "山田太郎",
        "postal_code": "160-0023",
        "address": "東京都新宿区西新宿1-2-3",
        "basic_pension_number": "1234-567890",
        "birth_date": "1948-04-06",
    }


def test_another_number_in_the_table_is_another_record() -> None:
    spoken = a_text("山田太郎様（基礎年金番号 1234-567890）の件です。")
    assert len(found(spoken, a_table(("基礎年金番号", "9876-543210"), ("生年月日", "昭和23年4月6日")))) == 2


def test_two_names_stay_two_records() -> None:
    other = a_table(("氏名", "佐藤花子"), ("生年月日", "昭和30年1月2日"))
    assert [r["name"] for r in found(a_text(*ADDRESSED), other)] == ["山田太郎", "佐藤花子"]


def test_a_letter_without_a_table_is_as_it_was() -> None:
    assert found(a_text(*ADDRESSED), a_text("架空データ")) == found(a_text(*ADDRESSED))


def test_contents_of_a_long_document_are_not_held_back() -> None:
    long = a_text(*(["あ"] * 1000))
    number = a_table(("基礎年金番号", "1234-567890"), ("生年月日", "昭和23年4月6日"))
    assert len(found(a_text(*ADDRESSED), long, number)) == 2
