"""A folder becomes documents and records in the vault; the next scan reads only what is new."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Generator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from sekisho.errors import AccountError, InputError
from sekisho.flow.scanning.examine import Wants
from sekisho.flow.scanning.scan import Wishes, scan
from sekisho.model import DOCUMENTS, RECORDS, Decision, Findings, SourceFile
from sekisho.sources.folder import Rules
from sekisho.vault import Scan, Vault
from sekisho.vault.intake import Intake


def documents(made: Scan) -> dict[str, dict[str, Any]]:
    rows = made.read("documents", DOCUMENTS).to_pylist()
    assert len({row["document_id"] for row in rows}) == len(rows)
    return {row["document"]: row for row in rows}


def names(made: Scan) -> dict[str, list[str]]:
    """The names by document."""
    called = {row["document_id"]: name for name, row in documents(made).items()}
    rows = made.read("records", RECORDS).to_pylist()
    assert len({row["record_id"] for row in rows}) == len(rows)
    found: dict[str, list[str]] = {}
    for row in rows:
        found.setdefault(called[row["document_id"]], []).append(row["name"])
    return found


@pytest.fixture
def again(vault: Vault, share: Any, reader: Any) -> Any:
    """Scans the share once more and says what was read for it."""

    def once(**wishes: Any) -> tuple[Scan, list[str]]:
        reader.read.clear()
        made = scan(vault, Wishes(share.root, shown=False, **wishes), reader)
        return made, list(reader.read)

    return once


def test_every_file_is_counted_with_its_outcome_and_its_records(share: Any, again: Any) -> None:
    share.put("a/list.txt", "record 山田", "record 佐藤")
    share.put("empty.txt")
    (share.root / "link").symlink_to("a")
    made, read = again()
    assert sorted(read) == ["a/list.txt", "empty.txt"]
    assert {name: row["outcome"] for name, row in documents(made).items()} == {
        "a/list.txt": "READ",
        "empty.txt": "READ",
        "link": "LEFT_OUT",
    }
    assert names(made) == {"a/list.txt": ["山田", "佐藤"]}
    one = documents(made)["a/list.txt"]
    assert (one["mode"], one["owner"]) == (0o644, documents(made)["empty.txt"]["owner"])
    assert one["modified"].timestamp() == pytest.approx(os.stat(share.root / "a/list.txt").st_mtime, abs=1e-3)


def test_the_next_scan_reads_only_what_changed(share: Any, again: Any) -> None:
    share.put("same.txt", "record 山田")
    share.put("changed.txt", "record 佐藤")
    share.put("gone.txt", "record 鈴木")
    again()
    share.put("changed.txt", "record 佐藤", "record 高橋")
    share.put("new.txt", "record 田中")
    (share.root / "gone.txt").unlink()
    (share.root / "same.txt").chmod(0o600)
    made, read = again()
    assert sorted(read) == ["changed.txt", "new.txt"]
    assert names(made) == {"same.txt": ["山田"], "changed.txt": ["佐藤", "高橋"], "new.txt": ["田中"]}
    assert documents(made)["same.txt"]["mode"] == 0o600
    _, read = again()
    assert read == []


def test_the_same_content_is_read_once_and_counted_at_each_place(share: Any, again: Any) -> None:
    share.put("a.txt", "record 山田", "doubt X")
    for name in ("b.txt", "c/d.txt"):
        share.put(name, "record 山田", "doubt X")
    made, read = again()
    assert read == ["a.txt"]
    assert names(made) == {"a.txt": ["山田"], "b.txt": ["山田"], "c/d.txt": ["山田"]}
    assert {n: row["same_as"] for n, row in documents(made).items()} == {
        "a.txt": None,
        "b.txt": "a.txt",
        "c/d.txt": "a.txt",
    }
    share.put("a.txt", "record 佐藤")
    made, read = again()
    assert read == ["a.txt"]
    assert names(made) == {"a.txt": ["佐藤"], "b.txt": ["山田"], "c/d.txt": ["山田"]}
    assert {n: row["same_as"] for n, row in documents(made).items()} == {
        "a.txt": None,
        "b.txt": None,
        "c/d.txt": "b.txt",
    }


def test_a_locked_file_is_read_again_with_the_passwords_of_the_others(share: Any, again: Any) -> None:
    share.put("a.txt", "locked himitsu", "record 山田", "password second")
    share.put("b.txt", "locked second", "record 佐藤")
    share.put("c.txt", "locked unknown", "record 鈴木")
    share.put("memo.txt", "password himitsu")
    made, read = again()
    assert Counter(read) == {"a.txt": 2, "b.txt": 3, "c.txt": 3, "memo.txt": 1}
    said = {name: (row["outcome"], row["password_beside"]) for name, row in documents(made).items()}
    assert said["a.txt"] == said["b.txt"] == ("READ", True)
    assert said["c.txt"] == ("LOCKED", False)
    assert names(made) == {"a.txt": ["山田"], "b.txt": ["佐藤"]}
    _, read = again()
    assert read == []


def test_a_new_password_reads_what_was_locked_and_nothing_else(share: Any, again: Any) -> None:
    share.put("a.txt", "locked himitsu", "record 山田")
    share.put("b.txt", "record 佐藤")
    again()
    made, read = again(passwords=("himitsu",))
    assert read == ["a.txt"]
    assert documents(made)["a.txt"]["password_beside"] is False
    assert names(made) == {"a.txt": ["山田"], "b.txt": ["佐藤"]}


def test_a_password_of_the_bank_that_also_lies_about_is_said_to_lie_beside(share: Any, again: Any) -> None:
    share.put("a.txt", "locked himitsu", "record 山田")
    made, _ = again(passwords=("himitsu",))
    assert documents(made)["a.txt"]["password_beside"] is False
    share.put("memo.txt", "password himitsu")
    made, _ = again(passwords=("himitsu",))
    assert documents(made)["a.txt"]["password_beside"] is True
    share.put("b.txt", "locked himitsu", "record 佐藤")
    made, read = again(passwords=("himitsu",))
    assert read == ["b.txt"]
    assert {name: row["password_beside"] for name, row in documents(made).items()} == {
        "a.txt": True,
        "b.txt": True,
        "memo.txt": False,
    }


def test_a_decision_reads_the_documents_of_its_block_again(vault: Vault, share: Any, again: Any) -> None:
    share.put("x.txt", "record 山田", "doubt X")
    share.put("y.txt", "record 佐藤", "doubt Y")
    share.put("xlike.txt", "record 鈴木")  # its records are of block x
    again()
    vault.decide([Decision("X", "備考", "other", "who", "2026-01-01T00:00:00+00:00")])
    _, read = again()
    assert read == ["x.txt"]
    vault.decide([Decision("x", "備考", "other", "who", "2026-01-01T00:00:00+00:00")])
    _, read = again()
    assert sorted(read) == ["x.txt", "xlike.txt"]
    _, read = again()
    assert read == []


def test_another_limit_reads_everything_again(share: Any, again: Any) -> None:
    from sekisho.model import Limits

    share.put("a.txt", "record 山田")
    again()
    _, read = again(limits=Limits(seconds=1))
    assert read == ["a.txt"]


def test_left_out_files_are_counted_and_come_back(share: Any, again: Any) -> None:
    share.put("a.tmp", "record 山田")
    made, read = again(rules=Rules(leave_out=("*.tmp",)))
    assert read == []
    assert documents(made)["a.tmp"]["reason"] == "by_rule"
    _, read = again()
    assert read == ["a.tmp"]


def test_a_large_file_goes_to_disk_before_it_is_finished(
    share: Any, vault: Vault, reader: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sekisho.flow.scanning.scan.Intake", partial(Intake, part_rows=50, part_seconds=3600))
    reader.at_once = 30
    share.put("large.txt", *(f"record {i}" for i in range(130)))
    share.put("small.txt", "record 山田")
    made = scan(vault, Wishes(share.root, shown=False), reader)
    assert sorted(part.rows for part in made.parts("records")) == [11, 60, 60]
    assert len(names(made)["large.txt"]) == 130


def test_the_vault_within_the_folder_is_not_scanned(vault: Vault, reader: Any) -> None:
    made = scan(vault, Wishes(vault.folder.parent, shown=False), reader)
    assert documents(made)["vault/"]["outcome"] == "LEFT_OUT"
    assert reader.read == []


def test_a_missing_folder_makes_no_scan(vault: Vault, tmp_path: Path, reader: Any) -> None:
    with pytest.raises(InputError):
        scan(vault, Wishes(tmp_path / "nowhere"), reader)
    assert vault.scans() == []


def test_a_file_that_the_reader_forgets_does_not_go_unnoticed(vault: Vault, share: Any, reader: Any) -> None:
    share.put("a.txt", "record 山田")
    share.put("b.txt", "record 佐藤")

    def forgetful(files: Sequence[SourceFile], wants: Wants) -> Generator[tuple[SourceFile, Findings]]:
        yield from reader(files[:1], wants)

    with pytest.raises(AccountError, match="difference 1"):
        scan(vault, Wishes(share.root, shown=False), forgetful)
    assert [about.finished for about in vault.scans()] == [None]


def test_records_that_the_account_does_not_know_do_not_go_unnoticed(vault: Vault, share: Any, reader: Any) -> None:
    share.put("a.txt", "record 山田")

    def boastful(files: Sequence[SourceFile], wants: Wants) -> Generator[tuple[SourceFile, Findings]]:
        for file, findings in reader(files, wants):
            wrong = findings.documents.to_pylist()
            rows = [{**row, "records": 7} for row in wrong]
            table = type(findings.documents).from_pylist(rows, DOCUMENTS)
            yield file, Findings(table, findings.records, findings.doubts, last=findings.last)

    with pytest.raises(AccountError, match=r"7.*1.*difference 6"):
        scan(vault, Wishes(share.root, shown=False), boastful)


def test_stopped_by_hand_it_keeps_what_was_finished(vault: Vault, share: Any, reader: Any) -> None:
    for i in range(4):
        share.put(f"{i}.txt", f"record {'x' * (9 - i)}")

    def stopped(files: Sequence[SourceFile], wants: Wants) -> Generator[tuple[SourceFile, Findings]]:
        yield from reader(files[:3], wants)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        scan(vault, Wishes(share.root, shown=False), stopped)
    reader.read.clear()
    made = scan(vault, Wishes(share.root, shown=False), reader)
    assert reader.read == ["3.txt"]
    assert len(names(made)) == 4
    assert len(vault.scans()) == 1
