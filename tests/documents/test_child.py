"""Children that crash, hang, eat memory or lie: each costs one document, and nothing is left behind."""

from __future__ import annotations

import importlib.util
import os
import signal
import sys
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from types import ModuleType

import pytest

from sekisho.documents import child
from sekisho.documents.child import examined
from sekisho.documents.passwords import Gathered
from sekisho.estate.writers import archives
from sekisho.flow.scanning.examine import Wants, examine
from sekisho.model import DOCUMENTS, RECORDS, Findings, Limits, SourceFile
from sekisho.sources import folder

LIST = "氏名,生年月日\r\n山田太郎,1948-04-06\r\n鈴木花子,1951-12-24\r\n".encode("cp932")
WORD = "himitsu-27"


@pytest.fixture
def hostile(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The module beside this one, as the zygote will import it too."""
    monkeypatch.syspath_prepend(str(Path(__file__).parent))
    spec = importlib.util.spec_from_file_location("hostile_work", Path(__file__).with_name("hostile_work.py"))
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, "hostile_work", module)
    spec.loader.exec_module(module)
    return module


def written(path: Path, **files: str | bytes) -> list[SourceFile]:
    """Files of a folder; text stands for a hostile document."""
    for name, content in files.items():
        data = content if isinstance(content, bytes) else b"HOSTILE " + content.encode()
        path.joinpath(name).write_bytes(data)
    return list(folder.files(path, folder.Rules()))


class Run:
    """What a run over files gave, by document."""

    def __init__(self, parts: Iterator[tuple[SourceFile, Findings]]) -> None:
        self.rows: dict[str, dict[str, object]] = {}
        self.records: dict[str, int] = {}
        self.last: list[str] = []
        self.passwords: list[str] = []
        ids: dict[tuple[str, int], int] = {}
        for file, findings in parts:
            for row in findings.documents.to_pylist():
                assert row["document"] not in self.rows, "a document came twice"
                self.rows[row["document"]] = row
            for document_id in findings.records["document_id"].to_pylist():
                key = (file.document, document_id)
                ids[key] = ids.get(key, 0) + 1
            self.passwords += findings.passwords
            self.last += [file.document] if findings.last else []
        for row in self.rows.values():
            self.records[str(row["document"])] = ids.get((str(row["file"]), int(str(row["document_id"]))), 0)

    def outcomes(self) -> dict[str, tuple[object, object]]:
        return {name: (row["outcome"], row["reason"]) for name, row in self.rows.items()}


READ = ("READ", "")
FAILED = ("UNREADABLE", "parser_failed")


def test_a_whole_folder_comes_back_with_its_account(tmp_path: Path) -> None:
    files = written(
        tmp_path,
        a=LIST,
        b=archives.plain_zip([("inner.csv", LIST), ("memo.txt", f"PW:{WORD}\r\n".encode())]),
        c=archives.aes_zip([("list.csv", LIST)], WORD),
        d=b"",
    )
    wants = Wants()
    run = Run(examined(files, partial(examine, wants=wants), wants.limits, at_once=2))
    assert run.outcomes() == {
        "a": READ,
        "b": READ,
        "b!inner.csv": READ,
        "b!memo.txt": READ,
        "c": ("LOCKED", "password_unknown"),
        "c!list.csv": ("LOCKED", "password_unknown"),
        "d": ("READ", "empty"),
    }
    assert sorted(run.last) == ["a", "b", "c", "d"]
    assert all(row["records"] == run.records[name] for name, row in run.rows.items())
    assert WORD in run.passwords

    gathered = Gathered(wants.salt)
    gathered.add("b", run.passwords)
    again = Wants(found=gathered.found(), salt=wants.salt)
    second = Run(examined([files[2]], partial(examine, wants=again), again.limits))
    assert second.rows["c!list.csv"]["outcome"] == "READ"
    assert second.rows["c!list.csv"]["password_beside"] is True


@pytest.mark.parametrize("way", ["exit", "crash"])
def test_a_reader_that_dies_costs_its_document_and_no_other(hostile: ModuleType, tmp_path: Path, way: str) -> None:
    files = written(tmp_path, a="page", b=way, c="page polars", d=f"page {way}")
    run = Run(examined(files, hostile.work, Limits()))
    assert run.outcomes() == {"a": READ, "b": FAILED, "c": READ, "d": ("PARTLY_READ", "parser_failed")}
    assert run.rows["b"]["kind"] == "hostile"
    assert run.records["d"] == run.rows["d"]["records"] == 1
    assert sorted(run.last) == ["a", "b", "c", "d"]


@pytest.mark.parametrize("how", ["work", "lazy_work"])
def test_what_stands_beside_a_deadly_member_is_read_all_the_same(hostile: ModuleType, tmp_path: Path, how: str) -> None:
    files = written(tmp_path, a="page +one=page +two=page,exit +three=page +four=+x=page +five=crash +six=page")
    run = Run(examined(files, getattr(hostile, how), Limits()))
    assert run.outcomes() == {
        "a": READ,
        "a!one": READ,
        "a!two": ("PARTLY_READ" if how == "work" else "UNREADABLE", "parser_failed"),
        "a!three": READ,
        "a!four": READ,
        "a!four!x": READ,
        "a!five": FAILED,
        "a!six": READ,
    }
    assert all(row["records"] == run.records[name] for name, row in run.rows.items())
    assert run.records["a"] == run.records["a!one"] == run.records["a!six"] == 1
    assert run.last == ["a"]


def test_a_member_whose_bytes_cannot_be_loaded_without_dying_is_passed_over(
    hostile: ModuleType, tmp_path: Path
) -> None:
    run = Run(examined(written(tmp_path, a="+one=page +two=load-crash +three=page"), hostile.work, Limits()))
    assert run.outcomes() == {"a": READ, "a!one": READ, "a!two": FAILED, "a!three": READ}


def test_a_container_that_dies_when_asked_for_more_keeps_what_it_gave(hostile: ModuleType, tmp_path: Path) -> None:
    run = Run(examined(written(tmp_path, a="+one=page +two=page crash +three=page"), hostile.work, Limits()))
    assert run.outcomes() == {"a": ("PARTLY_READ", "parser_failed"), "a!one": READ, "a!two": READ}


def test_a_file_that_kills_child_after_child_is_given_up_and_accounted_for(hostile: ModuleType, tmp_path: Path) -> None:
    words = " ".join(f"+m{n}=exit" for n in range(20))
    run = Run(examined(written(tmp_path, a=words, b="page"), hostile.work, Limits()))
    assert run.outcomes()["a"] == ("PARTLY_READ", "parser_failed")
    assert run.outcomes()["b"] == READ
    assert len(run.rows) == child.MOST_DEATHS + 2
    assert sorted(run.last) == ["a", "b"]


@pytest.mark.parametrize("way", ["hang", "spin"])
def test_a_reader_that_hangs_is_ended_in_time_while_the_others_go_on(
    hostile: ModuleType, tmp_path: Path, way: str
) -> None:
    files = written(tmp_path, a=f"+one=page +two={way} +three=page", b="page", c="page")
    start = time.monotonic()
    run = Run(examined(files, hostile.work, Limits(seconds=2), at_once=2))
    assert time.monotonic() - start < 30
    late = ("OVER_LIMIT", "time")
    assert run.outcomes() == {"a": READ, "a!one": READ, "a!two": late, "a!three": READ, "b": READ, "c": READ}


def test_a_reader_that_eats_memory_ends_at_its_limit(hostile: ModuleType, tmp_path: Path) -> None:
    files = written(tmp_path, a="+one=page +two=memory +three=page", b="page")
    run = Run(examined(files, hostile.work, Limits(memory_bytes=256 << 20)))
    over = ("OVER_LIMIT", "memory")
    assert run.outcomes() == {"a": READ, "a!one": READ, "a!two": over, "a!three": READ, "b": READ}


def test_nothing_that_a_child_says_comes_out_anywhere(
    hostile: ModuleType, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    run = Run(examined(written(tmp_path, a="page"), hostile.gossip, Limits()))
    assert run.outcomes() == {"a": READ}
    assert capfd.readouterr() == ("", "")


def test_no_child_and_no_zygote_is_left_when_the_caller_stops_early(hostile: ModuleType, tmp_path: Path) -> None:
    before = children()
    parts = examined(written(tmp_path, a="page", b="hang", c="hang"), hostile.work, Limits(), at_once=3)
    next(parts)
    assert children() - before
    parts.close()  # type: ignore[attr-defined]
    deadline = time.monotonic() + 5
    while children() - before and time.monotonic() < deadline:
        time.sleep(0.05)
    assert children() - before == set()


def children() -> set[int]:
    """Processes that work for this one, however far down."""
    parents = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                stat = entry.joinpath("stat").read_text()
            except OSError:
                continue
            state, parent = stat.rpartition(")")[2].split()[:2]
            if state != "Z":
                parents[int(entry.name)] = int(parent)
    found, more = {os.getpid()}, True
    while more:
        new = {pid for pid, parent in parents.items() if parent in found} - found
        found, more = found | new, bool(new)
    return found - {os.getpid()}


def test_a_zygote_that_is_gone_is_an_error_and_not_a_wait_for_ever(hostile: ModuleType, tmp_path: Path) -> None:
    parts = examined(written(tmp_path, a="page", b="hang", c="hang"), hostile.work, Limits(), at_once=1)
    next(parts)
    ours = f"PPid:\t{os.getpid()}\n"  # the zygote's own children bear its name too
    (zygote,) = [
        pid
        for pid in children()
        if b"sekisho.documents.zygote" in Path(f"/proc/{pid}/cmdline").read_bytes()
        and ours in Path(f"/proc/{pid}/status").read_text()
    ]
    os.kill(zygote, signal.SIGKILL)
    with pytest.raises(RuntimeError):
        list(parts)


# --- files that are not what they were


def test_files_that_cannot_be_opened_are_outcomes(tmp_path: Path) -> None:
    files = written(tmp_path, gone=LIST, pipe_later=LIST, big=LIST)
    tmp_path.joinpath("gone").unlink()
    tmp_path.joinpath("pipe_later").unlink()
    os.mkfifo(tmp_path / "pipe_later")
    wants = Wants(limits=Limits(file_bytes=10))
    run = Run(examined(files, partial(examine, wants=wants), wants.limits))
    assert run.outcomes() == {
        "gone": ("VANISHED", "gone"),
        "pipe_later": ("UNREADABLE", "not_a_file"),
        "big": ("OVER_LIMIT", "too_large"),
    }


def test_what_the_folder_already_ruled_out_is_accounted_for_without_a_look(tmp_path: Path) -> None:
    written(tmp_path, a=LIST)
    tmp_path.joinpath("link").symlink_to("a")
    files = list(folder.files(tmp_path, folder.Rules()))
    wants = Wants()
    run = Run(examined(files, partial(examine, wants=wants), wants.limits))
    assert run.outcomes()["link"] == ("LEFT_OUT", "link")
    assert run.outcomes()["a"] == READ


def test_a_large_file_that_shrinks_while_it_is_read_has_changed(hostile: ModuleType, tmp_path: Path) -> None:
    files = written(tmp_path, a="bus")
    large = SourceFile(files[0].path, "a", size=200 << 20)
    run = Run(examined([large], hostile.work, Limits()))
    assert run.outcomes() == {"a": ("UNREADABLE", "changed")}


def test_findings_keep_their_columns_on_the_way(tmp_path: Path) -> None:
    wants = Wants()
    for _, findings in examined(written(tmp_path, a=LIST), partial(examine, wants=wants), wants.limits):
        assert findings.documents.schema == DOCUMENTS
        assert findings.records.schema == RECORDS
        assert findings.records["document_id"].to_pylist() == [0, 0]
