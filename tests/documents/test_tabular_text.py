"""Delimited and plain text: which it is, that no line is lost, and that large files come in runs."""

from __future__ import annotations

import csv
import io
import random
from collections.abc import Sequence

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sekisho.documents import delimited, lines
from sekisho.documents.formats import comma_separated, plain_text, tab_separated
from sekisho.model import Blob, Frame, Gap, Grid, Head, Limits, Piece, Prose, Reason

PERSONS = [f"{i:010},山田{i}郎,1948-04-06,東京都千代田区霞が関1-2-{i}" for i in range(1000)]


def rows(text: str, mark: str = ",") -> list[tuple[str | None, ...]]:
    return delimited.table(text.encode(), mark)[0].rows()


def read(data: bytes, name: str = "list.csv") -> list[Piece]:
    return list(comma_separated.FORMAT.read(Blob(name, data), Limits()))


def kind(text: str, name: str = "file") -> str:
    head = Head(text.encode(), name)
    parts = (tab_separated.FORMAT, comma_separated.FORMAT, plain_text.FORMAT)
    return next((part.kind for part in parts if part.recognise(head)), "")


def filled(row: Sequence[str | None]) -> list[str | None]:
    """A row without the empty cells at its end."""
    cells = list(row)
    while cells and cells[-1] is None:
        cells.pop()
    return cells


# a line within a cell that has the marks of a row is taken for a row: that is what saves the rows behind a stray quote
cells = st.text('山田ｱ1 -,;\t|"', max_size=6) | st.text('山田ｱ1 -"\n', max_size=6)


@settings(max_examples=200, deadline=None)
@given(
    st.integers(2, 5).flatmap(lambda width: st.lists(st.lists(cells, min_size=width, max_size=width), min_size=2)),
    st.sampled_from([",", ";", "\t", "|"]),
    st.sampled_from([csv.QUOTE_ALL, csv.QUOTE_MINIMAL]),
)
def test_what_is_quoted_as_it_should_be_reads_back(table: list[list[str]], mark: str, quoting: int) -> None:
    out = io.StringIO()
    csv.writer(out, delimiter=mark, quoting=quoting, lineterminator="\n").writerows(table)
    found = rows(out.getvalue().removesuffix("\n"), mark)
    assert [filled(row) for row in found] == [filled([cell or None for cell in row]) for row in table]


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 999), st.integers(0, 30), st.sampled_from(['"', '""', '"""'])), max_size=40))
def test_stray_quotes_cost_no_line(strays: list[tuple[int, int, str]]) -> None:
    broken = list(PERSONS)
    for line, at, quotes in strays:
        broken[line] = broken[line][:at] + quotes + broken[line][at:]
    found = rows("\n".join(broken))
    assert len(found) == len(PERSONS)
    hit = {line for line, _, _ in strays}
    assert [row for i, row in enumerate(found) if i not in hit] == [
        tuple(line.split(",")) for i, line in enumerate(PERSONS) if i not in hit
    ]


def test_stray_quotes_and_cells_over_several_lines_may_stand_in_one_file() -> None:
    choose = random.Random(5)
    broken = list(PERSONS)
    strayed, folded = choose.sample(range(500), 20), choose.sample(range(500, 1000), 50)
    for at in strayed:
        broken[at] = broken[at].replace("山田", '"山田')
    for at in folded:
        broken[at] = broken[at].replace("東京都", '"東京都\n') + '"'
    found = rows("\n".join(broken))
    assert len(found) == 1000
    assert all(found[at][1] == f'"山田{at}郎' for at in strayed)
    assert all(found[at][3] == f"東京都\n千代田区霞が関1-2-{at}" for at in folded)


def test_quotes_within_a_cell_stay_text() -> None:
    assert rows('a,5" x 3",c\nd,"e" f,g\n h , "i, j" ,k') == [
        ("a", '5" x 3"', "c"),
        ("d", '"e" f', "g"),
        (" h ", "i, j", "k"),
    ]


def test_blank_lines_keep_the_count_and_ragged_rows_their_cells() -> None:
    found = rows("対象者一覧\n\n番号,氏名\n1,山田\n2,鈴木,備考,電話\n3")
    assert found == [
        ("対象者一覧", None, None, None),
        (None, None, None, None),
        ("番号", "氏名", None, None),
        ("1", "山田", None, None),
        ("2", "鈴木", "備考", "電話"),
        ("3", None, None, None),
    ]


def test_a_row_of_a_hundred_thousand_cells_costs_no_width() -> None:
    text = "\n".join([*PERSONS[:50], "x," * 100_000 + "末尾", *PERSONS[50:100]])
    table = delimited.table(text.encode(), ",")[0]
    assert table.height == 101
    assert table.width <= 300
    assert "".join(cell or "" for cell in table.row(50)).endswith("末尾")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("番号,氏名\n1,山田\n2,鈴木\n", "csv"),
        ("番号;氏名;金額\n1;山田;1,5\n2;鈴木;2,5\n", "csv"),
        ("番号|氏名|住所\n1|山田|東京\n2|鈴木|沖縄\n", "csv"),
        ("番号\t氏名\n1\t山田, 太郎\n2\t鈴木, 花子\n", "tsv"),
        ("年金受給者一覧\n平成27年5月\n\n番号,氏名,住所\n1,山田,東京\n2,鈴木,沖縄\n3,高橋,和歌山\n合計 3件\n", "csv"),
        ('"1","山田, 太郎","x"\n"2","鈴木","y, z"\n', "csv"),
        ("本日はお忙しいところ、誠にありがとうございます。\nさて、年金の件です。\n", "text"),
        (
            "Dear Mr. Yamada,\n\nThank you, as always, for your letter.\nPlease write, or call.\n\nYours,\nSuzuki\n",
            "text",
        ),
        ("0123456789ﾔﾏﾀﾞ ﾀﾛｳ      4230406\n0123456790ｽｽﾞｷ ﾊﾅｺ      4261224\n", "text"),
        ("氏名：山田太郎\n電話：03-0000-0000\n", "text"),
        ("3110164729 ｺｼﾞﾏ ｾﾂｺ   1,652,958\r\n3303740067 ｱﾗｶｷ ﾏﾘ      26,735\r\n", "text"),
        ("Hello, Bob, see you\n", "text"),
        ("2015-05-08 10:28:01 INFO started\n2015-05-08 10:28:02 INFO ended, took 1, 2\n", "text"),
    ],
)
def test_tables_are_told_from_text_by_their_marks(text: str, told: str) -> None:
    assert kind(text) == told


def test_one_line_is_a_table_only_where_its_name_says_so() -> None:
    line = "1,山田太郎,東京都,03-0000-0000\n"
    assert kind(line, "memo.csv") == "csv"
    assert kind("山田、鈴木\n", "memo.csv") == "text"


def test_bytes_that_are_no_text_are_neither() -> None:
    noise = random.Random(1).randbytes(3000)
    assert not any(
        part.recognise(Head(noise, "x.csv"))
        for part in (tab_separated.FORMAT, comma_separated.FORMAT, plain_text.FORMAT)
    )


@pytest.mark.parametrize("encoding", ["cp932", "utf-8", "utf-8-sig", "utf-16", "utf-16-be", "euc_jp", "iso2022_jp"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r", "\r\r\n"])
def test_every_encoding_and_line_end_gives_the_same_rows(encoding: str, end: str) -> None:
    data = end.join([*PERSONS[:50], ""]).encode(encoding)
    (grid,) = read(data)
    assert isinstance(grid, Grid)
    assert grid.cells.rows() == [tuple(line.split(",")) for line in PERSONS[:50]]


@pytest.mark.parametrize("encoding", ["cp932", "utf-16-le", "utf-16-be", "utf-8"])
@pytest.mark.parametrize("size", [1000, 4096, 1 << 20])
def test_a_large_file_comes_in_runs_of_whole_lines(encoding: str, size: int) -> None:
    data = "\r\n".join(PERSONS).encode(encoding)
    chunks = list(lines.chunks(data, size))
    assert [chunk.last for chunk in chunks] == [False] * (len(chunks) - 1) + [True]
    assert "\n".join(chunk.text for chunk in chunks).split("\n") == PERSONS
    at = 1
    for chunk in chunks:
        assert chunk.first == at
        at += chunk.text.count("\n") + 1


def test_the_runs_of_a_large_table_bear_one_place_and_their_line(monkeypatch: pytest.MonkeyPatch) -> None:
    folded = [line.replace("東京都", '"東京都\n') + '"' for line in PERSONS]
    whole = delimited.table("\n".join(folded).encode(), ",")[0]
    monkeypatch.setattr(lines.chunks, "__defaults__", (5000,))
    grids = [piece for piece in read("\n".join(folded).encode("cp932")) if isinstance(piece, Grid)]
    assert len(grids) > 5
    assert {(grid.place.frame, grid.place.base) for grid in grids} == {(Frame.LINE, "")}
    assert pl.concat([grid.cells for grid in grids]).equals(whole)
    at = 1
    for grid in grids:
        assert grid.place.first == at
        at += 2 * grid.cells.height


def test_what_cannot_be_decoded_is_said_and_the_rest_is_kept() -> None:
    data = "\n".join(PERSONS).encode("cp932").replace("山田7郎".encode("cp932"), b"\x81\x20\xff", 1)
    grid, gap = read(data)
    assert isinstance(grid, Grid)
    assert grid.cells.height == 1000
    assert gap == Gap(Reason.UNDECODED, "1 places")


def test_a_cell_that_is_a_formula_for_text_is_that_text() -> None:
    (grid,) = read('番号,氏名\n="0123456789",山田\n"=""0123456790""",鈴木\n=1+1,高橋\n'.encode("cp932"))
    assert isinstance(grid, Grid)
    assert grid.cells["0"].to_list() == ["番号", "0123456789", "0123456790", "=1+1"]


def test_text_keeps_its_lines_and_their_numbers() -> None:
    data = "一行目\r\n\r\n  三行目　\r\n\x1a".encode("cp932")
    (prose,) = plain_text.FORMAT.read(Blob("memo.txt", data), Limits())
    assert isinstance(prose, Prose)
    assert list(prose.lines) == ["一行目", "", "  三行目　"]
    assert prose.place.first == 1
