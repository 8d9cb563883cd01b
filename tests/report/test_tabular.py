"""What is written for people harms nobody who opens it, and is whole or not there."""

from __future__ import annotations

import csv
import errno
import gc
import io
import json
import os
import stat
import sys
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from sekisho.errors import InputError, UsageError
from sekisho.report import tabular

MAP = pa.map_(pa.string(), pa.string())
SCHEMA = pa.schema([("name", pa.string()), ("other", MAP), ("person", pa.int64()), ("ask", pa.bool_())])
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)


def table(*rows: tuple[str | None, list[tuple[str, str]] | None, int | None, bool | None]) -> pa.Table:
    return pa.Table.from_pylist([dict(zip(SCHEMA.names, row, strict=True)) for row in rows], SCHEMA)


def csv_rows(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.reader(file))


def sheets(path: Path) -> list[list[list[object]]]:
    book = CalamineWorkbook.from_path(path)
    return [book.get_sheet_by_name(name).to_python(skip_empty_area=False) for name in book.sheet_names]


ROWS = (
    ("架空太郎", [("other:備考", "a,b"), ("bank_account", '"x"')], 7, True),
    (None, None, None, None),
    ("", [], 2**60, False),
)


def test_csv_is_what_excel_wants_and_leaves_empty_what_is_absent(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    assert tabular.write(path, SCHEMA, [table(ROWS[0]), table(*ROWS[1:])]) == 3
    raw = path.read_bytes()
    assert raw.startswith(b"\xef\xbb\xbfname,other,person,ask\r\n")
    assert raw.count(b"\r\n") == 4
    first, second, third = csv_rows(path)[1:]
    assert json.loads(first[1]) == {"other:備考": "a,b", "bank_account": '"x"'}
    assert (first[0], first[2], first[3]) == ("架空太郎", "7", "true")
    assert second == [""] * 4
    assert third == ["", "", str(2**60), "false"]


def test_parquet_holds_the_values_as_they_are(tmp_path: Path) -> None:
    rows = table(*ROWS, ("=1+1\u202e", None, 1, None))
    tabular.write(tmp_path / "x.parquet", SCHEMA, [rows])
    assert pq.read_table(tmp_path / "x.parquet").equals(rows)


def test_xlsx_holds_text_as_text(tmp_path: Path) -> None:
    path = tmp_path / "x.xlsx"
    odd = ("=1+1", "+81 3", "https://example.com/", "00123", "a\x07b\u202ec", "x" * 40_000)
    tabular.write(path, SCHEMA, [table(*ROWS, *((text, None, None, None) for text in odd))])
    ((head, first, _, third, *others),) = sheets(path)
    assert head == SCHEMA.names
    assert first[0] == "架空太郎"
    assert (first[2], first[3]) == (7.0, True)
    assert third[2] == str(2**60)
    shown = [row[0] for row in others]
    assert shown[:5] == ["=1+1", "+81 3", "https://example.com/", "00123", r"a\x07b\u202ec"]
    assert shown[5] == "x" * 32_764 + "..."


def test_what_one_sheet_cannot_hold_goes_on_in_the_next(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tabular, "SHEET_ROWS", 2)
    tabular.write(tmp_path / "x.xlsx", SCHEMA, [table(*((str(i), None, i, None) for i in range(5)))])
    assert [[row[0] for row in sheet] for sheet in sheets(tmp_path / "x.xlsx")] == [
        ["name", "0", "1"],
        ["name", "2", "3"],
        ["name", "4"],
    ]


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(texts, min_size=1, max_size=5))
def test_no_cell_of_a_csv_is_a_formula_or_hides_something(tmp_path: Path, cells: list[str]) -> None:
    path = tmp_path / "x.csv"
    tabular.write(path, SCHEMA, [table(*((cell, [(cell, cell)], None, None) for cell in cells))], force=True)
    rows = csv_rows(path)[1:]
    assert len(rows) == len(cells)
    for row, cell in zip(rows, cells, strict=True):
        assert row[0] == tabular.neutral(cell)
        assert not row[0].startswith(tabular.FORMULA_BEGINS)
        assert row[0].removeprefix("'").isprintable() or not cell.isprintable()
        assert json.loads(row[1]) == {cell: cell}
        assert "\u202e" not in row[1]


@pytest.mark.parametrize("ending", tabular.ENDINGS)
def test_a_file_is_private_and_never_overwritten_unasked(tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"x{ending}"
    tabular.write(path, SCHEMA, [table(*ROWS)])
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    before = path.read_bytes()
    with pytest.raises(UsageError, match="there already"):
        tabular.write(path, SCHEMA, [table(("new", None, None, None))])
    assert path.read_bytes() == before
    tabular.write(path, SCHEMA, [table(("new", None, None, None))], force=True)
    assert [row["name"] for _, row in tabular.read(path, ["name"])] == ["new"]
    assert os.listdir(tmp_path) == [path.name]


@pytest.mark.parametrize("ending", tabular.ENDINGS)
def test_a_failure_on_the_way_leaves_nothing_behind(tmp_path: Path, ending: str) -> None:
    def failing() -> Iterator[pa.Table]:
        yield table(*ROWS)
        raise RuntimeError

    with pytest.raises(RuntimeError):
        tabular.write(tmp_path / f"x{ending}", SCHEMA, failing())
    assert os.listdir(tmp_path) == []


class Full(io.BytesIO):
    """A file on a disk that takes no more."""

    def write(self, _: object) -> int:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


@pytest.mark.parametrize("ending", tabular.ENDINGS)
def test_a_full_disk_is_said_once_and_nothing_complains_later(
    tmp_path: Path, ending: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    complaints: list[object] = []
    monkeypatch.setattr(sys, "unraisablehook", complaints.append)
    monkeypatch.setattr(tabular, "write_atomically", lambda _, fill: fill(Full()))
    with pytest.raises(UsageError, match="No space left on device"):
        tabular.write(tmp_path / f"x{ending}", SCHEMA, [table(*ROWS)])
    gc.collect()
    assert complaints == []
    assert list(tmp_path.iterdir()) == []


def test_an_unknown_ending_or_folder_is_said(tmp_path: Path) -> None:
    for path in (tmp_path / "x.pdf", tmp_path / "x"):
        with pytest.raises(UsageError, match="ends in none"):
            tabular.write(path, SCHEMA, [])
    with pytest.raises(UsageError, match="cannot be written"):
        tabular.write(tmp_path / "nowhere" / "x.csv", SCHEMA, [])


def test_a_table_filled_in_by_hand_is_read_with_its_row_numbers(tmp_path: Path) -> None:
    for encoding in ("utf-8", "utf-8-sig", "cp932"):
        (tmp_path / "x.csv").write_bytes("a,b\r\n1,はい\r\n\r\n2\r\n".encode(encoding))
        assert list(tabular.read(tmp_path / "x.csv", ["a", "b"])) == [
            (2, {"a": "1", "b": "はい"}),
            (4, {"a": "2", "b": ""}),
        ]


@pytest.mark.parametrize("content", [b"", b"a,c\r\n1,2\r\n", b"PK\x03\x04nonsense", b"PAR1nonsense", b"\x81"])
def test_what_is_no_such_table_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "x.csv").write_bytes(content)
    for path in (tmp_path / "x.csv", tmp_path / "nowhere", tmp_path):
        with pytest.raises(InputError, match=r"columns a b|no file|cannot be read"):
            list(tabular.read(path, ["a", "b"]))


def test_what_goes_on_on_further_sheets_is_read_back_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tabular, "SHEET_ROWS", 3)
    rows = pa.table({"question": [f"Q-{n}" for n in range(8)], "answer": ["name", None] * 4})
    tabular.write(tmp_path / "q.xlsx", rows.schema, [rows])
    read = [row for _, row in tabular.read(tmp_path / "q.xlsx", ["question", "answer"])]
    assert [row["question"] for row in read] == rows["question"].to_pylist()
    assert [row["answer"] for row in read] == ["name", ""] * 4
