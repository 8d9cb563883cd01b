"""Who stands in a line between a number and a birth date is found, whatever they are called."""

from __future__ import annotations

import re
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.records.test_prose import blocks, said

from sekisho.records.block import SURE

UNKNOWN = "椥辻縹勅諚綴薊蘇芳鵺釁靉𠮷𩸽麑皝"
"""Letters of which no list of names is made."""
KANA = "ナギツジハヌヱヲルモソ"
HIRAGANA = "なぎつじぬもそる"
LATIN = ("Nguyen", "Vrbnik", "Oyelaran", "Xochitl", "Ngozi")
WIDE = str.maketrans("0123456789-()/ .", "０１２３４５６７８９－（）／　．")


def words(letters: str, least: int, most: int) -> st.SearchStrategy[str]:
    return st.text(letters, min_size=least, max_size=most)


def two(one: st.SearchStrategy[str], other: st.SearchStrategy[str], between: str = " ") -> st.SearchStrategy[str]:
    return st.tuples(one, other).map(between.join)


NAMES = st.one_of(
    two(words(UNKNOWN, 1, 4), words(UNKNOWN + HIRAGANA + KANA, 1, 4)),
    words(UNKNOWN, 2, 6),
    two(words(KANA, 2, 6), words(KANA, 2, 6)),
    two(words(HIRAGANA, 2, 4), words(HIRAGANA, 2, 4)),
    two(st.sampled_from(LATIN), st.sampled_from(LATIN)),
    two(st.sampled_from(LATIN), st.sampled_from(LATIN)).map(str.upper),
)
DAYS = st.dates(date(1927, 1, 1), date(1988, 12, 31))
NUMBERS = st.from_regex(r"[1-8][1-9][0-9]{2}-[1-9][0-9]{5}", fullmatch=True)
DATES = st.sampled_from(("showa", "S", "western", "slashes", "hyphens", "English"))


def as_written(day: date, form: str) -> str:
    showa = day.year - 1925
    return {
        "showa": f"昭和{showa}年{day.month}月{day.day}日",
        "S": f"S{showa}.{day.month}.{day.day}",
        "western": f"{day.year}年{day.month}月{day.day}日",
        "slashes": f"{day.year}/{day.month:02}/{day.day:02}",
        "hyphens": day.isoformat(),
        "English": f"{day:%B} {day.day}, {day.year}",
    }[form]


@settings(max_examples=100)
@given(
    number=NUMBERS,
    name=NAMES,
    day=DAYS,
    form=DATES,
    called=st.sampled_from(("", "", "様", "さん")),
    born=st.sampled_from(("生", "生まれ", "")),
    brackets=st.sampled_from(("（）", "()", "[]", "【】", "〔〕")),
    before=st.sampled_from(("", "・", "1. ", "　", "対象者は", "基礎年金番号 ", "再確認の結果、番号 ")),
    between=st.sampled_from((" ", "　", "  ", "：", "、", "")),
    behind=st.sampled_from(("", "。", "である。", "　要確認", "、")),
    wide=st.booleans(),
)
def test_a_number_a_name_and_a_birth_date_in_brackets_are_a_record_whatever_the_name(
    number: str,
    name: str,
    day: date,
    form: str,
    called: str,
    born: str,
    brackets: str,
    before: str,
    between: str,
    behind: str,
    wide: bool,
) -> None:
    born = born if form != "English" else ""
    line = f"{number}{between}{name}{called}{brackets[0]}{as_written(day, form)}{born}{brackets[1]}"
    line = line.translate(WIDE) if wide else line
    (record,) = said([before + line + behind])
    place, *items = record.split(" | ")
    bare = re.sub(r"\s", "", name)
    assert (place, set(items)) == (
        "L1",
        {f"basic_pension_number {number}", f"name {bare}", f"birth_date {day.isoformat()}"},
    )


@settings(max_examples=20)
@given(st.lists(NAMES, min_size=2, max_size=6, unique=True), st.sampled_from(("\n", "、", "　", "\n\n")))
def test_each_of_several_has_what_is_their_own(names: list[str], between: str) -> None:
    days = [date(1948, 4, 6) + timedelta(days=400 * at) for at in range(len(names))]
    rows = [f"4701-{at:06} {name}（{as_written(days[at], 'showa')}生）" for at, name in enumerate(names)]
    found = {frozenset(record.split(" | ")[1:]) for record in said(between.join(rows).split("\n"))}
    assert found == {
        frozenset((f"basic_pension_number 4701-{at:06}", f"name {''.join(name.split())}", f"birth_date {days[at]}"))
        for at, name in enumerate(names)
    }


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ("4701-000001 被保険者椥辻縹（昭和57年9月25日生）", "椥辻縹"),
        ("4701-000001 妻 椥辻 縹（昭和57年9月25日生）", "椥辻縹"),
        ("4701-000001 夫馬 縹（昭和57年9月25日生）", "夫馬縹"),
        ("4701-000001 の方は椥辻 縹さん（昭和57年9月25日生）です。", "椥辻縹"),
        ("4701-000001 国民年金加入者山田太郎（昭和57年9月25日生）", "山田太郎"),
        ("4701-000001 椥辻 縹（女、昭和57年9月25日生）", "椥辻縹"),
        ("4701-000001 椥辻 縹（ナギツジ ハナダ）（昭和57年9月25日生）", "椥辻縹"),
        ("4701-000001 椥辻 縹（ナギツジ ハナダ、昭和57年9月25日生）", "椥辻縹"),
        ("4701-000001 椥辻 縹 昭和57年9月25日生", "椥辻縹"),
        ("4701-000001,椥辻 縹,昭和57年9月25日生", "椥辻縹"),
        ("4701000001 椥辻 縹（昭和57年9月25日生）", "椥辻縹"),
        ("4701−000001 椥辻 縹（昭和57年9月25日）", "椥辻縹"),
        ("4701-000001 椥辻 縹（19820925）", "椥辻縹"),
        ("4701-000001 椥辻 縹（5570925生）", "椥辻縹"),
    ],
)
def test_what_stands_beside_the_name_is_none_of_it(line: str, name: str) -> None:
    (record,) = said([line])
    assert {f"name {name}", "basic_pension_number 4701-000001", "birth_date 1982-09-25"} <= set(record.split(" | "))


@pytest.mark.parametrize(
    "line",
    [
        "4701-000001 住所変更届（令和5年3月2日受付）",
        "4701-000001 死亡（平成27年5月8日）",
        "4701-000001 還付済（2015/5/8）",
        "4701-000001 資格喪失（2015-05-08）",
        "4701-000001 年金証書（平成27年5月8日）",
        "4701-000001 那覇年金事務所（平成27年5月8日）",
        "4701-000001 第3回督促（2015/5/8）",
        "4701-000001 受給者（昭和57年9月25日）",
        "4701-000001 生年月日（昭和57年9月25日）",
        "1234567890 山田商店（2015/5/8）",
        "注文番号 1234-567890 ボールペン（2015/5/8）",
        "03-1234-5678 椥辻 縹（2015/5/8）",
    ],
)
def test_what_was_done_on_a_day_and_what_things_are_called_are_nobody(line: str) -> None:
    assert said([line]) == []


def test_the_number_of_a_thing_is_none_of_the_person_behind_it() -> None:
    assert said(["受付番号 0843-594181 椥辻 縹（昭和57年9月25日生）"]) == ["L1 | name 椥辻縹 | birth_date 1982-09-25"]


def test_where_nothing_calls_the_date_one_of_birth_somebody_is_asked() -> None:
    born, perhaps = (blocks([f"4701-000001 椥辻 縹（昭和57年9月25日{word}）"])[0] for word in ("生", ""))
    assert perhaps.confidence < SURE <= born.confidence
