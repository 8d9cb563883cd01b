"""``python -m benchmarks.backup --megabytes N``: a vault of so many megabytes backed up, again, checked and restored.

Beside it what the same files cost to hash, which each way has to do at least. All in one run, on one disk.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import shutil
import time
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa

from sekisho.vault import Cost, Secret, Vault
from sekisho.vault.backups.backup import back_up
from sekisho.vault.backups.restore import check, restoring
from sekisho.vault.people import Person

SECRET = Secret.passphrase("a benchmark's")
PART = 8 << 20


def main() -> None:
    """Measure and print a table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.backup", description=__doc__)
    parser.add_argument("--megabytes", type=int, default=300)
    parser.add_argument("--persons", type=int, default=20_000, help="sealed in the store, which is copied each time")
    parser.add_argument("--work", type=Path, default=Path("build/backup"))
    call = parser.parse_args()
    shutil.rmtree(call.work, ignore_errors=True)
    call.work.mkdir(parents=True)
    folder, to, again = (call.work / name for name in ("vault", "backups", "again"))
    with Vault.create(folder, SECRET, Cost(64, 1, 1)) as vault:
        scan = vault.begin_scan("/share", "1.0")
        for _ in range(0, call.megabytes << 20, PART):
            scan.commit([scan.write("records", pa.table({"x": [os.urandom(1 << 20) for _ in range(PART >> 20)]}))])
        vault.finish_scan(scan)
        vault.people().put(Person(n, str(n), "架空", None, "1948-04-06", None, (str(n),)) for n in range(call.persons))
        size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) / (1 << 20)
        print(f"| {size:.0f} MiB, {call.persons:,} persons sealed | CPU s | seconds | MiB/s |\n|---|---|---|---|")
        _line("SHA-256 of every file", lambda: _hash(folder), size)
        _line("first backup", lambda: back_up(vault, to, "1.0"), size)
        _line("second backup", lambda: back_up(vault, to, "1.0"), size)
    _line("check of a backup", lambda: check(to, SECRET), size)
    _line("restore", lambda: _restore(to, again), size)
    shutil.rmtree(call.work)


def _hash(folder: Path) -> None:
    for path in folder.rglob("*"):
        if path.is_file():
            with path.open("rb") as file:
                hashlib.file_digest(file, "sha256")


def _restore(folder: Path, to: Path) -> None:
    with restoring(folder, SECRET, to):
        pass


def _line(said: str, do: Callable[[], object], size: float) -> None:
    began, busy = time.perf_counter(), time.process_time()
    do()
    wall, cpu = time.perf_counter() - began, time.process_time() - busy
    print(f"| {said} | {cpu:.1f} | {wall:.1f} | {size / wall:,.0f} |")


if __name__ == "__main__":
    main()
