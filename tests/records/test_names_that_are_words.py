"""Persons whose names are words of headers, totals and samples are persons: 金子 計, 古沢 日和 (カナ), Anna Sample."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import polars as pl
import pytest

from sekisho.countries import dictionary, headers
from sekisho.countries.scripts import KATAKANA_OF
from sekisho.model import Frame, Grid, Place
from sekisho.records.find import find

Person = Mapping[str, str]
HEADERS = {
    "in pieces": "氏 名 セイ メイ 誕生日 郵便番号 住所１ 住所２ 電話 基礎年金番号1 基礎年金番号2",
    "eras": "基礎年金番号 氏名（姓） 氏名（名） 性別 元号 年 月 日",
    "names in two columns": "姓 名 性別 都道府県",
    "names and readings": "姓 名 セイ メイ",
    "readings beside": "基礎年金番号 氏名 フリガナ 生年月日",
}
PLACES = {"in the first rows": 4, "far below": 55}


def ordinary(n: int) -> Person:
    family, given = ("山田", "鈴木", "佐藤", "比嘉")[n % 4], ("太郎", "花子", "一郎", "良子")[n % 4]
    reading = ("ヤマダ タロウ", "スズキ ハナコ", "サトウ イチロウ", "ヒガ リョウコ")[n % 4]
    return person(family, given, *reading.split(), n)


def person(family: str, given: str, family_kana: str, given_kana: str, n: int = 7) -> Person:
    year, month, day = 3 + n % 60, 1 + n % 12, 1 + n % 28
    number = f"{1000 + n:04d}-{123400 + n:06d}"
    return {
        **dict.fromkeys(("氏", "姓", "氏名（姓）"), family), **dict.fromkeys(("名", "氏名（名）"), given),
        "セイ": family_kana, "メイ": given_kana, "氏名": f"{family}{given}", "フリガナ": f"{family_kana} {given_kana}",
        **dict.fromkeys(("誕生日", "生年月日"), f"昭和{year}年{month}月{day}日"), "元号": "昭和", "年": str(year),
        "月": str(month), "日": str(day), "性別": ("男", "女")[n % 2], "郵便番号": f"90000{n % 90 + 10}",
        "都道府県": "沖縄県", "住所１": "沖縄県", "住所２": f"那覇市泉崎{n}-1", "電話": f"098-000-{1000 + n}",
        "基礎年金番号": number, "基礎年金番号1": number[:4], "基礎年金番号2": number[5:],
    }  # fmt: skip


def found(titles: Sequence[str], people: Sequence[Person], *, header: bool = True) -> list[str | None]:
    rows = [*([list(titles)] if header else []), *([one[title] for title in titles] for one in people)]
    schema = {str(i): pl.String for i in range(len(titles))}
    grid = Grid(pl.DataFrame(rows, schema=schema, orient="row"), Place(Frame.CELL, "S"))
    records = [record for finds in find([grid], "", {}) for record in finds.records.to_pylist()]
    return sorted("".join((record["name"] or record["name_kana"] or "?").split()) for record in records)


def awkward() -> list[tuple[str, str]]:
    """Given names and readings that are also words of headers or totals."""
    words = {
        name
        for name in dictionary.given_names()
        if headers.meaning(name) != headers.UNKNOWN or headers.normal(name) in headers.listed("totals")
    }
    return sorted((name, name.translate(KATAKANA_OF)) for name in words)


def reading_of(reading: str) -> str:
    return reading if "ァ" <= reading[0] <= "ヺ" else "カナ"


@pytest.mark.parametrize("title", HEADERS.values(), ids=HEADERS)
def test_everybody_in_a_list_is_found_whatever_they_are_called(title: str) -> None:
    names = [(family, *both) for family in ("金子", "前") for both in awkward()]
    called = [person(family, given, "カネコ", reading_of(kana)) for family, given, kana in names]
    people = [one for n, other in enumerate(called) for one in (ordinary(2 * n), ordinary(2 * n + 1), other)]
    assert len(called) > 100
    assert found(title.split(), people) == sorted("".join((p["氏"], p["名"])) for p in people)


@pytest.mark.parametrize("place", PLACES.values(), ids=PLACES)
@pytest.mark.parametrize("given", ["日和", "計", "かな", "せい", "めい", "前"])
@pytest.mark.parametrize("title", HEADERS.values(), ids=HEADERS)
def test_one_person_who_is_called_as_a_label_does_not_hide_the_others(title: str, given: str, place: int) -> None:
    people = [ordinary(n) for n in range(60)]
    people.insert(place, person("前", given, "マエ", reading_of(given.translate(KATAKANA_OF))))
    assert found(title.split(), people) == sorted("".join((p["氏"], p["名"])) for p in people)


@pytest.mark.parametrize("place", PLACES.values(), ids=PLACES)
def test_a_list_without_a_header_does_not_get_one_from_a_name(place: int) -> None:
    people = [ordinary(n) for n in range(60)]
    people.insert(place, person("古沢", "日和", "フルサワ", "カナ"))
    titles = HEADERS["in pieces"].split()
    without = found(titles, [one for one in people if one["名"] != "日和"], header=False)
    assert len(without) == 60
    assert len(found(titles, people, header=False)) == 61


@pytest.mark.parametrize("family", ["Sample", "Summa", "Malli", "Total"])
def test_a_family_may_be_called_as_samples_and_totals_are(family: str) -> None:
    lines = [("Smith", "Anna"), ("Miller", "John"), (family, "Maria"), ("Baker", "Eva")]
    rows = [["Last name", "First name", "Date of birth", "Email"]]
    rows += [[last, first, f"1970-01-0{n + 1}", f"p{n}@example.org"] for n, (last, first) in enumerate(lines)]
    grid = Grid(pl.DataFrame(rows, schema={str(i): pl.String for i in range(4)}, orient="row"), Place(Frame.CELL, "S"))
    assert sum(finds.records.num_rows for finds in find([grid], "", {})) == len(lines)


@pytest.mark.parametrize("title", ["基礎年金番号", "基礎年金番号1 基礎年金番号2", "生年月日"])
def test_somebody_whose_whole_name_is_a_word_of_totals_is_known_by_their_number_or_birth_date(title: str) -> None:
    titles = ["氏名", "フリガナ", *title.split()]
    people = [*(ordinary(n) for n in range(8)), person("平", "均", "ヒラ", "ヒトシ")]
    average = dict(zip(titles, ("平均", *("12",) * (len(titles) - 1)), strict=True))
    assert found(titles, [*people, average]) == sorted("".join((p["氏"], p["名"])) for p in people)


@pytest.mark.parametrize("mark", ["←記入例", "記入例", "(例)", ""])
def test_a_line_to_copy_is_nobody_though_its_name_stands_in_two_columns(mark: str) -> None:
    titles = [*HEADERS["in pieces"].split(), ""]
    people = [{**person("年金", "太郎", "ネンキン", "タロウ"), "": mark}, *({**ordinary(n), "": ""} for n in range(8))]
    assert len(found(titles, people)) == 8


def test_persons_side_by_side_are_found_though_their_number_stands_in_two_rows() -> None:
    rows = {
        "年金番号（課所符号）": "基礎年金番号1",
        "年金番号（一連番号）": "基礎年金番号2",
        "漢字氏名": "氏名",
        "生年月日": "生年月日",
    }
    people = [ordinary(n) for n in range(8)]
    columns = [list(rows), *([one[title] for title in rows.values()] for one in people)]
    schema = {str(i): pl.String for i in range(len(columns))}
    grid = Grid(pl.DataFrame(columns, schema=schema, orient="col"), Place(Frame.CELL, "S"))
    assert sum(finds.records.num_rows for finds in find([grid], "", {})) == len(people)


def test_a_line_of_totals_and_a_line_to_copy_are_nobody_though_names_stand_in_two_columns() -> None:
    titles = HEADERS["names in two columns"].split()
    people = [*(ordinary(n) for n in range(8)), dict(zip(titles, ("合計", "8名", "", "沖縄県"), strict=True))]
    people.append(dict(zip(titles, ("計", "8", "", ""), strict=True)))
    people.insert(0, dict(zip(titles, ("見本", "太郎", "男", "沖縄県"), strict=True)))
    assert len(found(titles, people)) == 8
