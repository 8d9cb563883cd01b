"""Layouts as offices make them; `layouts/*.txt` holds each as a grid and, below the arrow, the records in it.

A cell ends at ``|``; ``⏎`` is a line break in a cell. A record is its place and its items; ``?`` is a doubt.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pytest

from sekisho.model import Frame, Grid, Item, Place
from sekisho.records.decided import SURE_OF
from sekisho.records.find import find


def cases() -> Iterator[object]:
    for path in sorted((Path(__file__).parent / "layouts").glob("*.txt")):
        for case in path.read_text("utf-8").split("## ")[1:]:
            title, _, rest = case.partition("\n")
            grid, _, records = rest.partition("=>\n")
            yield pytest.param(grid, records, id=f"{path.stem}: {title}")


def a_grid(text: str, base: str = "") -> Grid:
    rows = [
        [cell.strip().replace("⏎", "\n") or None for cell in line.split("|")] for line in text.strip("\n").split("\n")
    ]
    width = max(map(len, rows))
    schema = {str(i): pl.String for i in range(width)}
    filled = [row + [None] * (width - len(row)) for row in rows]
    return Grid(pl.DataFrame(filled, schema=schema, orient="row"), Place(Frame.CELL, base))


def found_in(grid: Grid) -> list[str]:
    lines = []
    for finds in find([grid], "", {}):
        for record in finds.records.to_pylist():
            items = [f"{item} {record[item]}" for item in Item if record[item] is not None]
            others = [f"{key} {value}".replace("\n", "⏎") for key, value in record["other"]]
            lines.append(" | ".join([record["locator"], *items, *others]))
        lines += [
            f"? {d['doubt']} {d['subject']} {d['guess']}".rstrip()
            for d in finds.doubts.to_pylist()
            if d["doubt"] not in SURE_OF
        ]
    return lines


@pytest.mark.parametrize(("grid", "records"), cases())
def test_the_records_of_a_layout_are_found(grid: str, records: str) -> None:
    assert found_in(a_grid(grid)) == [line.rstrip() for line in records.strip().splitlines() if line.strip()]


def test_rows_alone_above_the_title_of_a_page_belong_to_the_table_of_the_page_before() -> None:
    head = "氏名変更届||1頁|\n基礎年金番号1|基礎年金番号2|氏名|生年月日\n"
    first = head + "7823|073623|中山 規美江|平成3年7月28日\n0649|849628|鎌田 善彰|昭和21年1月17日"
    second = "7150|575467|庄司 絵莉那|昭和60年8月28日\n" + first.replace("1頁", "2頁")
    pages = [a_grid(text, base) for text, base in ((first, "1"), (second, "2"))]
    numbers = [n for found in find(pages, "list.pdf", {}) for n in found.records["basic_pension_number"].to_pylist()]
    assert sorted(numbers) == ["0649-849628", "0649-849628", "7150-575467", "7823-073623", "7823-073623"]
