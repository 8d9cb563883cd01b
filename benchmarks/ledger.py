"""What the ledger costs: ``python -m benchmarks.ledger [FOLDER]``, entries a second, durable, against bare fsyncs.

Rounds of all kinds take turns in one process, so that each sees the same disk and the same load; medians of rounds.
An act is acknowledged when its transaction in the store is durable; it comes into the tiles with the next drain.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from sekisho.ledger.log import Log, append, locked
from sekisho.ledger.meet import drain, signer_of
from sekisho.ledger.verify import verify
from sekisho.vault import Cost, Secret, Vault
from sekisho.vault.acts import OWNER, Draft, entry

ROUNDS = 9
BATCH = 1_000


def main() -> None:
    """Measure and print a table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.ledger", description=__doc__)
    parser.add_argument("folder", type=Path, nargs="?", help="where to measure (default: a new temporary folder)")
    parser.add_argument("--large", type=int, default=100_000, metavar="ENTRIES", help="of the log that is verified")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=arguments.folder) as folder:
        sys.stdout.write(table(Path(folder), arguments.large))


def table(folder: Path, large: int) -> str:
    """The measured table, in Markdown."""
    with Vault.create(folder / "vault", Secret.passphrase("measured"), Cost(64, 1, 1)) as vault:
        kinds = _kinds(folder, vault)
        log = _large(folder, vault, large)
        kinds["verify"] = (log.size, lambda: _sound(log))
        rates: dict[str, list[float]] = {name: [] for name in kinds}
        costs: dict[str, list[float]] = {name: [] for name in kinds}
        for _ in range(ROUNDS):
            for name, (count, work) in kinds.items():
                begun = _processor()
                rates[name].append(count / _seconds(work))
                costs[name].append((_processor() - begun) / count)
    medians = {name: statistics.median(found) for name, found in rates.items()}
    bare = medians["bare fsyncs"]
    lines = ["| what, durable | a second | x bare fsyncs | CPU, microseconds each |", "|---|---|---|---|"]
    for name, found in medians.items():
        lines.append(f"| {name} | {found:,.0f} | {found / bare:.2f} | {statistics.median(costs[name]) * 1e6:,.1f} |")
    times = medians["verify"] / medians["append, batches of 1,000"]
    return "\n".join([*lines, "", f"Verify {times:.1f} x append in batches, of a log of {log.size:,} entries.", ""])


def _kinds(folder: Path, vault: Vault) -> dict[str, tuple[int, Callable[[], object]]]:
    """What is measured: how many entries one round makes, and the round."""
    made = entry(Draft("register.show", {"holders": 1}, b"x"), OWNER, "2026-01-01T00:00:00.000000+00:00", bytes(32))
    entries = [made] * BATCH
    signer = signer_of(vault)
    logs = {name: Log(folder / name, None) for name in ("single", "batch")}
    for log in logs.values():
        log.folder.mkdir()

    def grow(name: str, times: int, count: int) -> None:
        for _ in range(times):
            with locked(logs[name].folder):
                logs[name] = append(logs[name], signer, entries[:count])

    def act() -> object:
        return vault.log("register.show", counts={"holders": 1}, about=b"x")

    return {
        "bare fsyncs": (200, lambda: _fsyncs(folder / "bare", 200, made)),
        "acts, one at a time": (BATCH, lambda: [act() for _ in range(BATCH)]),
        "drain of those 1,000 into tiles": (BATCH, lambda: drain(vault)),
        "append, one at a time": (50, lambda: grow("single", 50, 1)),
        "append, batches of 1,000": (10 * BATCH, lambda: grow("batch", 10, BATCH)),
    }


def _fsyncs(path: Path, count: int, made: bytes) -> None:
    """Append ``count`` times what an entry has in bytes, durable each time."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    for _ in range(count):
        os.write(descriptor, made)
        os.fsync(descriptor)
    os.close(descriptor)


def _large(folder: Path, vault: Vault, size: int) -> Log:
    log = Log(folder / "large", None)
    log.folder.mkdir()
    while log.size < size:
        said = [
            entry(Draft("register.show", {"holders": number}, b"x"), OWNER, "2026-01-01T00:00:00", bytes(32))
            for number in range(log.size, min(size, log.size + 10_000))
        ]
        log = append(log, signer_of(vault), said)
    return log


def _sound(log: Log) -> None:
    if not verify(log).sound:
        raise RuntimeError("not sound")


def _processor() -> float:
    """Seconds of CPU that this process and its children have had."""
    return sum(os.times()[:4])


def _seconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


if __name__ == "__main__":
    main()
