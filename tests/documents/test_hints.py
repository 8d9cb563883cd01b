"""Passwords that lie about: where they are looked for, what is tried, and that it stays within bounds."""

from __future__ import annotations

import time

import polars as pl
import pytest

from sekisho.documents import hints
from sekisho.documents.passwords import MOST_GATHERED, MOST_HERE, Found, Gathered, Keyring, Tries, digest
from sekisho.errors import LockedError, WrongPasswordError
from sekisho.model import Blob, Content, Frame, Grid, Place, Prose, Reason, Tree

WORD = "Kx7-himitsu"
FILLER = [
    "関係者各位",
    "日頃よりお世話になっております。",
    "先日の会議の資料をお送りします。",
    "ご確認ください。",
    "以上",
    "総務課",
]


def in_contents(*contents: Content) -> list[str]:
    """All candidates of one document."""
    seen = hints.Hints()
    return [each for content in contents for each in seen.seen(content)] + list(seen.whole())


def in_lines(*lines: str) -> set[str]:
    return set(in_contents(Prose([*FILLER, *lines, *FILLER], Place(Frame.LINE))))


@pytest.mark.parametrize(
    "line",
    [
        "パスワード：Kx7-himitsu",
        "パスワードは Kx7-himitsu です。",
        "パスワードはKx7-himitsuです。",
        "パスワードは、Kx7-himitsu となります。",
        "添付ファイルのパスワードは「Kx7-himitsu」でお願いします。",
        "解凍パスワード『Kx7-himitsu』",
        "解凍ＰＷ：Kx7-himitsu",
        "PW: Kx7-himitsu",
        "pw=Kx7-himitsu",
        "pass:Kx7-himitsu",
        "Password is Kx7-himitsu",
        "The password for the file is: Kx7-himitsu",
        "Passcode = Kx7-himitsu",
        "ﾊﾟｽﾜｰﾄﾞ Kx7-himitsu",
        "開くには Kx7-himitsu がパスワードです",
        "暗証番号→Kx7-himitsu",
        "合言葉は【Kx7-himitsu】",
        "＜パスワード＞Kx7-himitsu",
        "(PW)Kx7-himitsu",
    ],
)
def test_a_line_that_says_a_password_gives_it(line: str) -> None:
    assert WORD in in_lines(line)


@pytest.mark.parametrize(
    "lines",
    [
        ["パスワード", WORD],
        ["■パスワード", "", f"　{WORD}"],
        ["パスワードは以下のとおりです。", "", WORD],
        ["Please use the following password:", f"  {WORD}  "],
    ],
)
def test_a_password_may_stand_on_the_next_line(lines: list[str]) -> None:
    assert WORD in in_lines(*lines)


def test_full_width_letters_are_tried_as_written_and_in_half_width() -> None:
    assert {"Ｋｘ７", "Kx7"} <= in_lines("パスワード：Ｋｘ７")


def test_japanese_words_can_be_passwords() -> None:
    assert "平成27年度" in in_lines("パスワードは平成27年度です。")


def test_a_text_without_the_word_gives_nothing() -> None:
    assert in_lines("明日は compass を持って passport の申請に行きます。", "電話 03-1234-5678") == set()


def test_a_file_that_is_nothing_but_a_password_gives_it() -> None:
    assert WORD in set(in_contents(Prose(["", WORD, ""], Place(Frame.LINE))))
    grid = Grid(pl.DataFrame({"0": [WORD]}), Place(Frame.CELL))
    assert WORD in set(in_contents(grid))


def test_a_short_paragraph_in_a_longer_document_is_no_password() -> None:
    parts = [Prose([line], Place(Frame.LINE)) for line in FILLER]
    assert in_contents(*parts) == []


def grid(rows: list[list[str | None]], name: str = "Sheet1", notes: dict[tuple[int, int], str] | None = None) -> Grid:
    columns = {str(i): [row[i] for row in rows] for i in range(len(rows[0]))}
    return Grid(
        pl.DataFrame(columns, schema=dict.fromkeys(columns, pl.String)), Place(Frame.CELL, name), notes=notes or {}
    )


@pytest.mark.parametrize(
    "cells",
    [
        [
            ["ファイル名", "パスワード"],
            ["名簿.xlsx", WORD],
            ["様式.xlsx", None],
            ["控え.zip", "x"],
            ["他.zip", "y"],
            ["z", "w"],
        ],
        [["ファイル名", "名簿.xlsx"], ["PW", WORD], ["作成者", "総務課"], ["日付", "2015-05-28"]],
        [["パスワード", None, WORD], ["備考", "なし", None], ["期限", "なし", None]],
        [["件名", "x"], [f"PW：{WORD}", "y"], ["a", "b"], ["c", "d"]],
    ],
)
def test_cells_beside_and_below_the_word_are_tried(cells: list[list[str | None]]) -> None:
    assert WORD in set(in_contents(grid(cells)))


def test_comments_and_sheet_names_are_looked_at() -> None:
    rows: list[list[str | None]] = [["氏名", "住所"]] + [[f"山田{n}", f"那覇市{n}"] for n in range(9)]
    assert WORD in set(in_contents(grid(rows, notes={(0, 0): f"PWは{WORD}"})))
    assert WORD in set(in_contents(grid(rows, name=f"一覧(PW_{WORD})")))


def test_nested_values_under_the_word_are_tried() -> None:
    tree = Tree({"zip": {"name": "a.zip", "password": WORD}, "note": [f"pw: {WORD}2"]}, Place(Frame.PATH, "$"))
    assert {WORD, WORD + "2"} <= set(in_contents(tree))


@pytest.mark.parametrize(
    "name",
    [
        f"share/名簿（PW：{WORD}）.xlsx",
        f"share/PW_{WORD}.txt",
        f"share/pass={WORD}.zip",
        f"パスワード{WORD}/名簿.zip",
        f"a.zip!名簿_PW-{WORD}.csv",
    ],
)
def test_names_of_files_and_folders_are_looked_at(name: str) -> None:
    assert WORD in set(hints.in_name(name))


def test_names_without_the_word_give_nothing() -> None:
    assert list(hints.in_name("share/compass/平成27年度名簿_0123.xlsx")) == []


def test_what_comes_out_is_bounded_in_number_and_length() -> None:
    lines = [f"パスワード: {'x' * 500} y{n}" for n in range(5000)]
    found = in_contents(Prose(lines, Place(Frame.LINE)))
    assert 0 < len(found) <= hints.MOST_IN_CONTENT
    assert all(0 < len(each) <= 64 for each in found)
    ring = Keyring()
    ring.add(f"w{n}" for n in range(10 * MOST_HERE))
    assert len(ring.here) == MOST_HERE
    gathered = Gathered(b"salt")
    gathered.add("a", (f"w{n}" for n in range(2 * MOST_GATHERED)))
    assert len(gathered.found()) == MOST_GATHERED


def test_a_large_table_costs_little() -> None:
    rows = pl.DataFrame({str(i): [f"山田太郎{n}" for n in range(20_000)] for i in range(8)})
    start = time.process_time()
    assert list(in_contents(Grid(rows, Place(Frame.CELL, "Sheet1")))) == []
    assert time.process_time() - start < 1.0


# --- the ring


def attempts(right: str) -> tuple[list[str], object]:
    tried: list[str] = []

    def attempt(password: str) -> Blob:
        tried.append(password)
        if password != right:
            raise WrongPasswordError
        return Blob("a", b"opened")

    return tried, attempt


def test_what_is_near_is_tried_first() -> None:
    found = [Found("far", "other/memo.txt"), Found("near", "share/tokyo/memo.txt"), Found("between", "share/memo.txt")]
    ring = Keyring(["bank"], found, b"salt")
    ring.add(["here"])
    tried, attempt = attempts("nothing fits")
    with pytest.raises(LockedError) as refused:
        ring.open(attempt, "share/tokyo/list.zip", Tries(10))  # type: ignore[arg-type]
    assert refused.value.reason == Reason.PASSWORD_UNKNOWN
    assert tried == ["here", "bank", "near", "between", "far", ""]


def test_what_worked_once_is_the_first_the_next_time() -> None:
    ring = Keyring([f"w{n}" for n in range(50)], (), b"salt")
    ring.open(attempts("w40")[1], "a", Tries(10))  # type: ignore[arg-type]
    tried, attempt = attempts("w40")
    ring.open(attempt, "b", Tries(10))  # type: ignore[arg-type]
    assert tried == ["w40"]


def test_the_empty_password_opens_but_is_nothing_that_was_found() -> None:
    _, key = Keyring((), [Found("x", "a")], b"salt").open(attempts("")[1], "a", Tries(10))  # type: ignore[arg-type]
    assert not key.lies_beside


def test_a_digest_tells_equal_passwords_of_one_run_and_no_others() -> None:
    assert digest(WORD, b"one") == digest(WORD, b"one")
    assert digest(WORD, b"one") != digest(WORD, b"two")
    assert WORD.encode() not in digest(WORD, b"one")
    assert digest("\udc80", b"one")
