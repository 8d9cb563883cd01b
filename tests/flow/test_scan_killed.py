"""kill -9 at any moment loses nothing that was finished, leaves nothing in clear, and the next scan goes on."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from sekisho.flow.scanning.scan import Wishes, scan
from sekisho.model import RECORDS
from sekisho.vault import Secret, Vault

FILES = 30
KILLS = 3

SCAN = """
import runpy, sys
from functools import partial
from pathlib import Path
import sekisho.flow.scanning.scan as flow
from sekisho.vault import Secret, Vault

tiny = runpy.run_path(sys.argv[1])["TinyReader"]()
flow.reading_settings = lambda limits: "the same reader"
flow.Intake = partial(flow.Intake, part_rows=3, part_seconds=0)

def slowly(files, wants):
    for file, findings in tiny(files, wants):
        if findings.last:
            print(file.document, flush=True)
        yield file, findings

with Vault.open(Path(sys.argv[2]), Secret.passphrase("a long enough passphrase"), write=True) as vault:
    flow.scan(vault, flow.Wishes(Path(sys.argv[3]), shown=False), slowly)
print("finished", flush=True)
"""


def scan_until(vault: Path, share: Path, lines: int) -> list[str]:
    """What a scan has read when it is killed after so many lines, or all of it."""
    here = Path(__file__).with_name("conftest.py")
    command = [sys.executable, "-c", SCAN, str(here), str(vault), str(share)]
    said: list[str] = []
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as run:
        assert run.stdout is not None
        for line in run.stdout:
            said.append(line.strip())
            if len(said) == lines:
                run.send_signal(signal.SIGKILL)
    return said


def test_a_scan_that_is_killed_again_and_again_still_comes_to_its_end(
    share: Any, vault: Vault, reader: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sekisho.flow.scanning.scan.reading_settings", lambda limits: "the same reader")
    vault.close()
    for i in range(FILES):
        share.put(f"{i:02}.txt", *(f"record 架空{i:02}番{k}" for k in range(1 + i % 5)))
    dice = random.Random(1)
    read: list[str] = []
    for _ in range(KILLS):
        read += scan_until(vault.folder, share.root, dice.randrange(1, 12))
        raw = b"".join(path.read_bytes() for path in vault.folder.rglob("*") if path.is_file())
        assert "架空".encode() not in raw
    read += scan_until(vault.folder, share.root, 10_000)
    assert read.pop() == "finished"
    assert set(read) == {f"{i:02}.txt" for i in range(FILES)}
    assert len(read) <= FILES + 2 * KILLS  # a kill costs at most what was in hand
    with Vault.open(vault.folder, Secret.passphrase("a long enough passphrase"), write=True) as opened:
        again = scan(opened, Wishes(share.root, shown=False), reader)
        found = again.read("records", RECORDS)["name"].to_pylist()
        assert sorted(found) == sorted(f"架空{i:02}番{k}" for i in range(FILES) for k in range(1 + i % 5))
        assert [about.scan for about in opened.scans() if not about.finished] == []
    assert reader.read == []
