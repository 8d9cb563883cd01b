"""Documents in, record batches out, for one file."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from sekisho.documents import opening
from sekisho.errors import DocumentError
from sekisho.estate.writers import archives
from sekisho.flow.scanning import examine as module
from sekisho.flow.scanning.examine import Wants, examine
from sekisho.model import DOCUMENTS, DOUBTS, RECORDS, Findings, Limits, Outcome, Reason, SourceFile

NAMES = [
    last + first
    for last in ("山田", "鈴木", "髙橋", "佐藤", "田中")
    for first in ("太郎", "花子", "一郎", "恵子", "健", "誠")
]
PERSONS = [f"{name},19{n + 20}-04-06" for n, name in enumerate(NAMES)]
LIST = "\r\n".join(["氏名,生年月日", *PERSONS, ""]).encode("cp932")


def source(path: Path, data: bytes) -> SourceFile:
    path.write_bytes(data)
    return SourceFile(os.fsencode(path), path.name, size=len(data))


def rows(parts: list[Findings]) -> list[dict[str, object]]:
    return [row for part in parts for row in part.documents.to_pylist()]


def test_what_comes_out_has_the_declared_columns_and_ids_that_fit(tmp_path: Path) -> None:
    file = source(tmp_path / "a.zip", archives.plain_zip([("one.csv", LIST), ("two.csv", LIST[:-20])]))
    (findings,) = examine(file, Wants())
    assert findings.last
    assert findings.documents.schema == DOCUMENTS
    assert findings.records.schema == RECORDS
    assert findings.doubts.schema == DOUBTS
    records = {row["document_id"]: row["records"] for row in findings.documents.to_pylist()}
    ids = findings.records["document_id"].to_pylist()
    assert {i: ids.count(i) for i in records} == records
    assert {row["file"] for row in findings.documents.to_pylist()} == {"a.zip"}


def test_a_large_file_comes_in_parts_and_its_documents_after_their_records(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "ROWS_AT_ONCE", 40)
    members = [(f"{n}.csv", LIST + f"渡辺次郎,1950-01-{n + 10}\r\n".encode("cp932")) for n in range(6)]
    parts = list(examine(source(tmp_path / "a.zip", archives.plain_zip(members)), Wants()))
    assert len(parts) > 2
    assert [part.last for part in parts] == [False] * (len(parts) - 1) + [True]
    seen: set[int] = set()
    for part in parts:
        assert not seen & set(part.records["document_id"].to_pylist())
        seen |= set(part.documents["document_id"].to_pylist())
    assert seen == set(range(7))


def test_a_file_that_was_ruled_out_is_accounted_for(tmp_path: Path) -> None:
    file = SourceFile(b"nowhere", "a", outcome=Outcome.LEFT_OUT, reason=Reason.BY_RULE)
    (row,) = rows(list(examine(file, Wants())))
    assert (row["outcome"], row["reason"]) == ("LEFT_OUT", "by_rule")


@pytest.mark.parametrize(
    ("make", "outcome", "reason"),
    [
        (lambda path: None, "VANISHED", "gone"),
        (lambda path: path.mkdir(), "UNREADABLE", "not_a_file"),
        (lambda path: os.mkfifo(path), "UNREADABLE", "not_a_file"),
        (lambda path: path.symlink_to("/etc/hostname"), "UNREADABLE", "not_a_file"),
    ],
)
def test_what_is_no_file_any_more_is_an_outcome(tmp_path: Path, make: object, outcome: str, reason: str) -> None:
    path = tmp_path / "a"
    make(path)  # type: ignore[operator]
    (row,) = rows(list(examine(SourceFile(os.fsencode(path), "a"), Wants())))
    assert (row["outcome"], row["reason"]) == (outcome, reason)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_without_rights_is_an_outcome(tmp_path: Path) -> None:
    file = source(tmp_path / "a", LIST)
    (tmp_path / "a").chmod(0)
    (row,) = rows(list(examine(file, Wants())))
    assert (row["outcome"], row["reason"]) == ("UNREADABLE", "no_rights")


def test_a_mapped_file_that_changes_while_it_is_read_keeps_what_was_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(opening, "MAPPED_FROM", 0)
    file = source(tmp_path / "a.zip", archives.plain_zip([("one.csv", LIST), ("two.csv", LIST[:-20])]))
    monkeypatch.setattr(module, "DOCUMENTS_AT_ONCE", 1)
    parts = []
    for part in examine(file, Wants()):
        parts.append(part)
        if len(parts) == 1:
            with open(file.path, "ab") as more:
                more.write(b" ")
    found = {row["document"]: (row["outcome"], row["reason"]) for row in rows(parts)}
    assert found["a.zip!one.csv"] == ("READ", "")
    assert found["a.zip"] == ("PARTLY_READ", "changed")
    assert len(found) == 3


def test_a_small_file_that_does_not_come_to_rest_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = source(tmp_path / "a.csv", LIST)

    def growing(descriptor: int) -> os.stat_result:
        with open(file.path, "ab") as more:
            more.write(b"x,1950-01-01\r\n")
        return os.fstat(descriptor)

    monkeypatch.setattr(opening, "_state", growing)
    (row,) = rows(list(examine(file, Wants())))
    assert (row["outcome"], row["reason"]) == ("UNREADABLE", "changed")


def test_a_file_that_changed_once_is_read_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = source(tmp_path / "a.csv", LIST)
    real = opening._state
    asked = 0

    def once(descriptor: int) -> os.stat_result:
        nonlocal asked
        asked += 1
        if asked == 3:
            with open(file.path, "ab") as more:
                more.write("鈴木花子,1951-12-24\r\n".encode("cp932"))
        return real(descriptor)

    monkeypatch.setattr(opening, "_state", once)
    (row,) = rows(list(examine(file, Wants())))
    assert (row["outcome"], row["records"]) == ("READ", len(PERSONS) + 1)


def test_a_file_over_the_limit_is_not_opened_at_all(tmp_path: Path) -> None:
    file = source(tmp_path / "a.csv", LIST)
    with pytest.raises(DocumentError), opening.opened(file, Limits(file_bytes=10)):
        pytest.fail("opened")


def test_no_password_is_shown_by_what_travels() -> None:
    wants = Wants(passwords=("himitsu-27",))
    assert "himitsu" not in repr(wants)
    assert wants.salt.hex() not in repr(wants)
