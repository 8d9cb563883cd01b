from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sekisho.model import Frame, Grid, Item, Place
from sekisho.records.block import Block, records_of
from sekisho.records.choices import sex, with_era
from sekisho.records.forms import forms

SHEETS = Path(__file__).parent / "sheets"


def written() -> Iterator[tuple[str, str, list[str]]]:
    """Each sheet of the files beside: its title, its rows, and its records as they stand behind the arrow."""
    for file in sorted(SHEETS.glob("*.txt")):
        for document in re.split(r"^## ", file.read_text("utf-8"), flags=re.MULTILINE)[1:]:
            title, _, rest = document.partition("\n")
            body, _, expected = rest.partition("\n=>\n")
            yield f"{file.stem}: {title}", body.rstrip("\n"), [e for e in expected.split("\n") if e.strip()]


def a_sheet(text: str, name: str = "") -> Grid:
    rows = [[cell.strip().replace("\\n", "\n") or None for cell in line.split("|")] for line in text.split("\n")]
    width = max(map(len, rows))
    names = [str(i) for i in range(width)]
    cells = pl.DataFrame(
        [row + [None] * (width - len(row)) for row in rows], schema=dict.fromkeys(names, pl.String), orient="row"
    )
    return Grid(cells, Place(Frame.CELL, name))


def said(grid: Grid) -> list[str]:
    found = []
    for block in forms(grid):
        if isinstance(block, Block):
            for record in records_of(block).to_pylist():
                items = [f"{item} {record[item]}" for item in Item if record[item]]
                found.append(" | ".join([record["locator"], *items, *(f"{k} {v}" for k, v in record["other"] or ())]))
    return found


def in_order(record: str) -> list[str]:
    place, *items = record.split(" | ")
    return [place, *sorted(items)]


DOCUMENTS = list(written())


@pytest.mark.parametrize(("text", "expected"), [d[1:] for d in DOCUMENTS], ids=[d[0] for d in DOCUMENTS])
def test_a_form_gives_its_records_and_no_others(text: str, expected: list[str]) -> None:
    assert sorted(map(in_order, said(a_sheet(text)))) == sorted(map(in_order, expected))


@pytest.mark.parametrize(
    ("text", "chosen"),
    [
        ("☑男 □女", "男"),
        ("□男 ☑女", "女"),
        ("男 ・ ○女", "女"),
        ("男○ ・ 女", "男"),
        ("男・女○", "女"),
        ("レ男 女", "男"),
        ("(男)・女", "男"),
        ("1.男 ②女", "女"),
        ("1 男　○2 女", "女"),
        ("1.男 ○2.女", "女"),
        ("男性☑ 女性□", "男"),
        ("男　　○ 女", "女"),
        ("[x]男 [ ]女", "男"),
        ("㊛", "女"),
        ("男・女", None),
        ("①男 ②女", None),
        ("□男 □女", None),
        ("☑男 ☑女", None),
        ("男○女", None),
    ],
)
def test_the_marked_option_is_chosen(text: str, chosen: str | None) -> None:
    assert sex(text) == chosen


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("明・大・○昭・平23年4月6日", "昭和23年4月6日"),
        ("明治・大正・■昭和・平成 23年", "昭和23年"),
        ("□昭和 ☑平成 3年4月6日", "平成3年4月6日"),
        ("1.明治 2.大正 ③昭和 4.平成 23年", "昭和23年"),
        ("明・大・(昭)・平 23年", "昭和23年"),
        ("昭・平　年　月　日", "昭・平　年　月　日"),
        ("昭和23年4月6日", "昭和23年4月6日"),
    ],
)
def test_the_marked_era_stands_before_the_date(text: str, read: str) -> None:
    assert with_era(text) == read


def test_a_sheet_called_sample_shows_nobody() -> None:
    text = "氏名|山田太郎\n生年月日|昭和23年4月6日"
    assert said(a_sheet(text, "様式"))
    assert said(a_sheet(text, "記入例")) == []


@settings(deadline=None)
@given(st.lists(st.lists(st.sampled_from(["氏名", "生年月日", "", "山田太郎", "S23.4.6", "担当", "1", "住所"]), min_size=1, max_size=6), min_size=1, max_size=8))  # fmt: skip  # noqa: E501
def test_any_sheet_is_read_and_places_lie_within_it(rows: list[list[str]]) -> None:
    width = max(map(len, rows))
    for record in said(a_sheet("\n".join("|".join(row) for row in rows))):
        cells = re.findall(r"([A-Z]+)(\d+)", record.split(" | ")[0])
        assert all(ord(column) - 64 <= width and 1 <= int(row) <= len(rows) for column, row in cells)


@pytest.mark.parametrize("count", [1, 2, 5, 40])
def test_every_card_of_a_column_of_cards_is_a_record(count: int) -> None:
    card = "基礎年金番号|{n}-567890||\n氏名|山田太郎||\n生年月日|S23.4.6||\n|||"
    found = said(a_sheet("\n".join(card.format(n=1000 + i) for i in range(count))))
    assert [record.split(" | ")[0] for record in found] == [f"A{4 * i + 1}:B{4 * i + 3}" for i in range(count)]


def test_why_names_the_label_and_its_cell() -> None:
    (block,) = forms(a_sheet("氏名|山田太郎\n生年月日|S23.4.6"))
    assert isinstance(block, Block)
    assert dict(block.why)["birth_date"] == ("R2C2", "label 生年月日 beside")
