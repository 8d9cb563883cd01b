"""The rows of a file are counted as a spreadsheet counts them, whatever stands between them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pytest
import xlsxwriter

from sekisho.register.sheets import BLOCK_BYTES, ROW, Sheet, sheets

HEAD = ["番号", "氏名"]


def the_sheet(path: Path) -> Sheet:
    (found,) = sheets(path, lambda labels: list(labels) == HEAD)
    return found


def rows(sheet: Sheet) -> Iterator[tuple[int, str, str]]:
    for batch in sheet.numbered([0, 1]):
        yield from batch.filter(pl.any_horizontal(pl.exclude(ROW) != "")).iter_rows()


@pytest.mark.parametrize("charset", ["utf-8-sig", "cp932", "utf-16"])
def test_titles_blank_torn_and_broken_lines_count_as_the_rows_they_are(tmp_path: Path, charset: str) -> None:
    path = tmp_path / "list.csv"
    lines = ["名簿", "番号,氏名", "1,甲", "", "2", '3,"乙\n丙"', "4,丁,戊", ",", "5,己", ""]
    path.write_bytes("\r\n".join(lines).encode(charset))
    sheet = the_sheet(path)
    assert list(rows(sheet)) == [(3, "1", "甲"), (6, "3", "乙\n丙"), (9, "5", "己")]
    assert sheet.strays == [5, 7]


def test_a_stray_quote_moves_no_row(tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_text('番号,氏名\n1,"甲\n2\n\n3,丙\n', "utf-8")
    sheet = the_sheet(path)
    assert list(rows(sheet)) == [(2, "1", '"甲'), (5, "3", "丙")]
    assert sheet.strays == [3]


def test_a_row_far_down_is_counted_on(tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    line = f"{7:>100},{'x' * 100}\n"
    many = BLOCK_BYTES // len(line)
    path.write_text("番号,氏名\ntorn\n" + line * many + "\n1,2,3\n" + line * many + "last,one\n", "utf-8")
    sheet = the_sheet(path)
    *_, last = (batch.row(-1) for batch in sheet.numbered([0, 1]))
    assert last == (2 * many + 5, "last", "one")
    assert sheet.strays == [2, many + 4]


def test_a_workbook_counts_what_stands_above_its_header_and_blank_rows(tmp_path: Path) -> None:
    path = tmp_path / "list.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet()
        for row, cells in ((2, HEAD), (3, ["1", "甲"]), (6, ["2", "乙"])):
            sheet.write_row(row, 0, cells)
    assert list(rows(the_sheet(path))) == [(4, "1", "甲"), (7, "2", "乙")]
