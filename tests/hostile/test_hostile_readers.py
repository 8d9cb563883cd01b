"""Readers that crash, hang or eat memory: the document pays, the neighbours do not."""

from __future__ import annotations

import time
from functools import partial
from pathlib import Path

import pytest
from tests.hostile.hostile_files import LIST, zipped
from tests.hostile.hostile_run import scanned

from sekisho.documents.child import examined
from sekisho.flow.scanning.examine import Wants, examine
from sekisho.model import Limits
from sekisho.sources.folder import Rules, files

READER = """
import ctypes, os, signal, sys, time
from sekisho.model import Format, Place, Frame, Prose
from sekisho.wording import Text

def read(blob, limits):
    word = bytes(blob.data)[6:].decode()
    if word == "crash": ctypes.string_at(0)
    if word == "abort": os.abort()
    if word == "leave": os._exit(0)
    if word == "exit": sys.exit(0)
    if word == "kill": os.kill(os.getpid(), signal.SIGKILL)
    if word == "hang": signal.pthread_sigmask(signal.SIG_BLOCK, range(1, 32)) ; time.sleep(1000)
    if word == "eat":
        eaten = []
        while True: eaten.append(bytearray(64 << 20))
    if word == "dig": read(blob, limits)
    if word == "raise": raise RuntimeError("架空羅太郎 9876-543210")
    yield Prose(["done"], Place(Frame.LINE))

def recognise(head): return bytes(head.data[:6]) == b"EVIL: "

FORMAT = Format("hostile", Text("hostile", "hostile"), (), recognise, read, order=0)
"""
FATES = {
    "crash": "UNREADABLE parser_failed",
    "abort": "UNREADABLE parser_failed",
    "leave": "UNREADABLE parser_failed",
    "exit": "UNREADABLE parser_failed",
    "kill": "OVER_LIMIT memory",  # as the kernel does where memory runs out
    "raise": "UNREADABLE parser_failed",
    "eat": "OVER_LIMIT memory",
}


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """An installed package that brings a reader of its own."""
    at = tmp_path / "package"
    about = at / "hostile_reader-1.dist-info"
    about.mkdir(parents=True)
    (at / "hostile_reader.py").write_text(READER)
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: hostile-reader\nVersion: 1\n")
    (about / "entry_points.txt").write_text("[sekisho.documents.formats]\nhostile = hostile_reader:FORMAT\n")
    return at


@pytest.fixture
def share(tmp_path: Path) -> Path:
    folder = tmp_path / "share"
    folder.mkdir()
    (folder / "list.csv").write_text(LIST)
    return folder


def test_readers_that_die_cost_their_document_alone(share: Path, package: Path) -> None:
    for word in FATES:
        (share / word).write_text(f"EVIL: {word}")
    (share / "all.zip").write_bytes(zipped(("a.csv", LIST), ("crash", "EVIL: crash"), ("z.csv", LIST + "z")))
    run = scanned(share.parent, path=str(package))
    assert run.code == 0, run.complained
    assert {word: run.ends[word] for word in FATES} == FATES
    assert run.ends["all.zip!crash"] == "UNREADABLE parser_failed"
    assert {run.ends[name] for name in ("list.csv", "all.zip!a.csv", "all.zip!z.csv")} == {"READ "}
    assert len(run.records) == 6
    assert "架空羅" not in run.complained


def test_a_reader_that_hangs_is_ended_in_time(share: Path, package: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (share / "hang").write_text("EVIL: hang")
    monkeypatch.syspath_prepend(str(package))
    limits = Limits(seconds=4)
    start = time.monotonic()
    ends = {}
    work = partial(examine, wants=Wants(limits=limits))
    for _, findings in examined(files(share, Rules()), work, limits, at_once=2):
        for row in findings.documents.to_pylist():
            ends[row["document"]] = f"{row['outcome']} {row['reason']}"
    assert ends == {"hang": "OVER_LIMIT time", "list.csv": "READ "}
    assert time.monotonic() - start < 60
