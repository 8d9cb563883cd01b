from __future__ import annotations

import datetime
from pathlib import Path

import polars as pl
import pytest
import xlsxwriter

from sekisho.errors import InputError
from sekisho.model import HOLDERS
from sekisho.register.read import Holders, read

TEXT = """基礎年金番号,氏名,フリガナ,生年月日,性別,郵便番号,住所,備考
4701-000001,山田　太郎,ﾔﾏﾀﾞ ﾀﾛｳ,昭和23年4月6日,男,900-0029,沖縄県那覇市旭町1-9,x
4701-000002,髙橋 花子,タカハシ ハナコ,1950-01-02,女,,,
"""
TARO = {
    "basic_pension_number": "4701-000001",
    "name": "山田太郎",
    "name_kana": "ヤマダタロウ",
    "birth_date": "1948-04-06",
    "sex": "M",
    "postal_code": "900-0029",
    "address": "沖縄県那覇市旭町1-9",
}


def read_text(folder: Path, text: str, charset: str = "utf-8") -> Holders:
    path = folder / "register.csv"
    path.write_bytes(text.encode(charset))
    return read(path)


@pytest.mark.parametrize("charset", ["utf-8", "utf-8-sig", "utf-16", "cp932", "euc_jp"])
def test_a_register_is_read_in_any_usual_charset(tmp_path: Path, charset: str) -> None:
    text = TEXT.replace("髙", "高") if charset == "euc_jp" else TEXT
    holders = read_text(tmp_path, text, charset)
    assert holders.table.schema == HOLDERS
    assert holders.table.to_pylist()[0] == TARO


@pytest.mark.parametrize("delimiter", ["\t", ";", "|"])
def test_any_usual_delimiter_will_do(tmp_path: Path, delimiter: str) -> None:
    assert read_text(tmp_path, TEXT.replace(",", delimiter)).table.num_rows == 2


def test_what_each_column_was_taken_for_is_said(tmp_path: Path) -> None:
    holders = read_text(tmp_path, TEXT)
    assert [column.item for column in holders.mapping] == HOLDERS.names
    assert holders.unused == ("備考",)
    assert "フリガナ -> name_kana" in "\n".join(line.en for line in holders.said())


def test_lines_above_the_header_are_passed_over(tmp_path: Path) -> None:
    assert read_text(tmp_path, f"台帳（令和8年）\n\n{TEXT}").table.num_rows == 2


def test_english_labels_and_split_columns_are_understood(tmp_path: Path) -> None:
    text = "姓,名,セイ,メイ,生年月日\n山田,太郎,ヤマダ,タロウ,S23.4.6\n"
    (holder,) = read_text(tmp_path, text).table.to_pylist()
    assert (holder["name"], holder["name_kana"], holder["birth_date"]) == ("山田太郎", "ヤマダタロウ", "1948-04-06")


def test_a_stray_quote_loses_no_line(tmp_path: Path) -> None:
    rows = [f'4701-{at:06},"山田{at % 10}' if at % 50 == 7 else f"4701-{at:06},山田{at % 10}" for at in range(500)]
    assert read_text(tmp_path, "基礎年金番号,氏名\n" + "\n".join(rows) + "\n").table.num_rows == 500


def test_a_line_break_within_quotes_is_part_of_the_cell(tmp_path: Path) -> None:
    text = '基礎年金番号,氏名,住所\n4701-000001,山田太郎,"沖縄県那覇市旭町1-9\nカフーナ"\n4701-000002,鈴木一,\n'
    holders = read_text(tmp_path, text).table.to_pylist()
    assert [holder["basic_pension_number"] for holder in holders] == ["4701-000001", "4701-000002"]


def test_what_is_wrong_is_counted_and_said_and_stops_nothing(tmp_path: Path) -> None:
    text = (
        "基礎年金番号,氏名,生年月日\n"
        "4701-000001,山田太郎,1948-04-06\n"
        "4701-000001,鈴木花子,1950-01-02\n"
        ",佐藤一,1960-02-31\n"
        "なし,,1960-02-03\n"
        "4701-000002,田中一,1970-01-01,余分\n"
    )
    holders = read_text(tmp_path, text)
    faults = holders.faults
    assert holders.table.num_rows == 4
    assert (faults.shared_number, faults.no_number, faults.bad_number) == (2, 1, 1)
    assert (faults.no_name, faults.bad_date, faults.strays) == (1, 1, 1)
    assert any("2 rows share" in line.en for line in holders.said())


def test_a_workbook_gives_back_the_zeros_that_a_number_lost(tmp_path: Path) -> None:
    path = tmp_path / "register.xlsx"
    with xlsxwriter.Workbook(path) as book:
        for rows in (
            (["余白"],),
            (["基礎年金番号", "氏名", "生年月日"], [147000001, "山田太郎", datetime.date(1948, 4, 6)]),
        ):
            sheet = book.add_worksheet()
            for at, row in enumerate(rows):
                sheet.write_row(at, 0, row[:2])
                if at and len(row) > 2:
                    sheet.write_datetime(at, 2, row[2], book.add_format({"num_format": "yyyy-mm-dd"}))
                elif len(row) > 2:
                    sheet.write(at, 2, row[2])
    (holder,) = read(path).table.to_pylist()
    assert (holder["basic_pension_number"], holder["birth_date"]) == ("0147-000001", "1948-04-06")


def test_parquet_is_read_with_its_own_types(tmp_path: Path) -> None:
    path = tmp_path / "register.parquet"
    pl.DataFrame(
        {"基礎年金番号": [4701000001], "氏名": ["山田太郎"], "生年月日": [datetime.date(1948, 4, 6)]}
    ).write_parquet(path)
    (holder,) = read(path).table.to_pylist()
    assert (holder["basic_pension_number"], holder["birth_date"]) == ("4701-000001", "1948-04-06")


def test_a_register_without_any_holder_is_empty(tmp_path: Path) -> None:
    assert read_text(tmp_path, "基礎年金番号,氏名\n").table.num_rows == 0


@pytest.mark.parametrize(
    "data", [b"", b"\x00\x01\x02", b"PK\x03\x04broken", b"PAR1broken", "品番,数量\n1,2\n".encode()]
)
def test_a_file_that_is_no_register_is_an_error_with_a_hint(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "register.csv"
    path.write_bytes(data)
    with pytest.raises(InputError) as raised:
        read(path)
    assert raised.value.hint.en


def test_a_missing_file_is_an_error_with_a_hint(tmp_path: Path) -> None:
    with pytest.raises(InputError):
        read(tmp_path / "absent.csv")


def test_columns_that_are_no_item_change_nothing(tmp_path: Path) -> None:
    wide = "備考1,生年月日,備考2,基礎年金番号,備考3,氏名\nあ,1948-04-06,い,4701-000001,う,山田太郎\n"
    (holder,) = read_text(tmp_path, wide).table.to_pylist()
    assert (holder["basic_pension_number"], holder["name"], holder["birth_date"]) == (
        "4701-000001",
        "山田太郎",
        "1948-04-06",
    )


def test_a_kana_name_beside_a_kana_surname_is_the_given_name(tmp_path: Path) -> None:
    holders = read_text(tmp_path, "カナ姓,カナ名,漢字姓,漢字名,生年月日\nヤマダ,タロウ,山田,太郎,S23.4.6\n")
    row = holders.table.to_pylist()[0]
    assert (row["name"], row["name_kana"]) == ("山田太郎", "ヤマダタロウ")
    holders = read_text(tmp_path, "姓,氏名,カナ名,生年月日\n山田,山田　太郎,ヤマダ　タロウ,S23.4.6\n")
    row = holders.table.to_pylist()[0]
    assert (row["name"], row["name_kana"]) == ("山田太郎", "ヤマダタロウ")
