from __future__ import annotations

import re
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sekisho.model import Frame, Item, Place, Prose
from sekisho.records.block import Block, records_of
from sekisho.records.fixed_width import fixed_width
from sekisho.records.prose import prose

TEXTS = Path(__file__).parent / "texts"


def written() -> Iterator[tuple[str, list[str], list[str]]]:
    """Each document of the files beside: its title, its lines, and its records as they stand behind the arrow."""
    for file in sorted(TEXTS.glob("*.txt")):
        for document in re.split(r"^## ", file.read_text("utf-8"), flags=re.MULTILINE)[1:]:
            title, _, rest = document.partition("\n")
            body, _, expected = rest.partition("\n=>\n")
            yield f"{file.stem}: {title}", body.rstrip("\n").split("\n"), [e for e in expected.split("\n") if e.strip()]


def blocks(lines: list[str]) -> list[Block]:
    content = Prose(lines, Place(Frame.LINE))
    found = list(fixed_width(content)) or list(prose(content))
    return [one for one in found if isinstance(one, Block)]


def said(lines: list[str]) -> list[str]:
    found = []
    for block in blocks(lines):
        for record in records_of(block).to_pylist():
            items = [f"{item} {record[item]}" for item in Item if record[item]]
            found.append(" | ".join([record["locator"], *items, *(f"{k} {v}" for k, v in record["other"] or ())]))
    return found


def in_order(record: str) -> list[str]:
    place, *items = record.split(" | ")
    return [place, *sorted(items)]


DOCUMENTS = list(written())


@pytest.mark.parametrize(("lines", "expected"), [d[1:] for d in DOCUMENTS], ids=[d[0] for d in DOCUMENTS])
def test_a_text_gives_its_records_and_no_others(lines: list[str], expected: list[str]) -> None:
    assert sorted(map(in_order, said(lines))) == sorted(map(in_order, expected))


JAPANESE = st.text("山田太郎様殿さん氏名生年月日昭和平成住所電話番号基礎年金：:（）()、。・ 　-－/.0123456789０１２ｱｲｳﾔﾏﾀﾞヤマダABab@男女〒|│\t", max_size=60)  # fmt: skip  # noqa: E501


@settings(deadline=None)
@given(st.lists(JAPANESE, max_size=12))
def test_any_text_is_read_without_failing_and_what_is_found_stands_where_it_says(lines: list[str]) -> None:
    for block in blocks(lines):
        for record in records_of(block).to_pylist():
            numbers = [int(n) for n in re.findall(r"L(\d+)", record["locator"])]
            place = "\n".join(lines[numbers[0] - 1 : numbers[-1]])
            written = [record[f"{item}_as_written"] for item in Item if record[f"{item}_as_written"]]
            assert all(letters(text) <= letters(place) for text in written)


def letters(text: str) -> set[str]:
    return set("".join(text.split()))


@settings(deadline=None)
@given(st.lists(st.text("あいうえおかきくけこ、。　です\n", max_size=40), max_size=20))
def test_a_text_without_names_and_numbers_gives_nothing(lines: list[str]) -> None:
    assert said(lines) == []


WRITTEN = [d for d in DOCUMENTS if d[2]]


@pytest.mark.parametrize("lines", [d[1] for d in WRITTEN], ids=[d[0] for d in WRITTEN])
def test_what_is_kept_as_written_stands_at_its_place(lines: list[str]) -> None:
    for block in blocks(lines):
        for record in records_of(block).to_pylist():
            numbers = [int(n) for n in re.findall(r"L(\d+)", record["locator"])]
            place = "".join("".join(lines[numbers[0] - 1 : numbers[-1]]).split())
            for item in Item:
                text = record[f"{item}_as_written"]
                assert not text or all(part in place for part in text.split()), item


@pytest.mark.parametrize("lines", [d[1] for d in WRITTEN], ids=[d[0] for d in WRITTEN])
def test_lines_before_a_text_only_move_its_places(lines: list[str]) -> None:
    moved = said(["", "----", "", *lines])
    assert [re.sub(r"^[^|]*", "", record) for record in moved] == [re.sub(r"^[^|]*", "", r) for r in said(lines)]


@pytest.mark.parametrize("lines", [d[1] for d in DOCUMENTS if not d[2]], ids=[d[0] for d in DOCUMENTS if not d[2]])
def test_a_decoy_beside_a_person_adds_nothing(lines: list[str]) -> None:
    person = ["山田太郎様（昭和23年4月6日生、基礎年金番号9876-543210）の届出を受け付けた。"]
    found = said([*lines, "", "", *person])
    assert [sorted(record.split(" | ")[1:]) for record in found] == [
        ["basic_pension_number 9876-543210", "birth_date 1948-04-06", "name 山田太郎"]
    ]


def test_many_lines_of_a_log_are_passed_over_quickly() -> None:
    lines = [f"2015-05-08 10:{i % 60:02d}:01 INFO user=sato id={1234567890 + i} ok" for i in range(20_000)]
    assert said(lines) == []


def test_why_names_the_line_and_the_word() -> None:
    (block,) = blocks(["氏名：山田太郎", "生年月日：昭和23年4月6日"])
    assert dict(block.why) == {"name": ("line 1", "label 氏名"), "birth_date": ("line 2", "label 生年月日")}


def test_a_very_long_line_is_read_in_pieces() -> None:
    sentences = [f"山田太郎様（昭和23年4月6日生、基礎年金番号1234-{i:06d}）から電話。" for i in range(100, 400)]
    found = said(["".join(sentences)])
    assert len(found) == 300
    assert {record.split(" | ")[0] for record in found} == {"L1"}


@pytest.mark.parametrize(
    "text", ["東京都新宿区山田太郎様", "1234567890", "氏名 ", "（", "a: b: 氏名: ", "ﾔﾏﾀﾞ ﾀﾛｳ ", "Dolor Sit "]
)
def test_no_line_takes_long_however_long_it_is(text: str) -> None:
    started = time.process_time()
    said([text * 3000 + "様"])
    assert time.process_time() - started < 5
