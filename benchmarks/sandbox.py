"""What the sandbox and the encryption cost a scan: ``python -m benchmarks.sandbox ESTATE [--rounds N]``.

The same scan in turns: (1) as it is; (2) a child for each file, not shut in; (3) as many processes as cores that read
file after file, nothing shut in, and a vault whose tables are not encrypted. CPU of all processes and wall, medians.
(3) prepares each of its processes, where a scan prepares one: what that costs stands beside. Without ESTATE: an empty
child alone, forked, shut in, gone.
"""

from __future__ import annotations

import argparse
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import AbstractContextManager, contextmanager, nullcontext
from multiprocessing import get_context
from pathlib import Path
from unittest.mock import patch

from sekisho.documents import jail, zygote
from sekisho.documents.child import SINGLE_THREADED, examined
from sekisho.documents.watch import Watch
from sekisho.flow.scanning.examine import Wants, examine
from sekisho.flow.scanning.scan import Reader, Wishes, in_children, scan
from sekisho.model import RECORDS, Findings, Limits, SourceFile
from sekisho.vault import Cost, Secret, Vault

EMPTY = 200
Found = Generator[tuple[SourceFile, Findings]]


class Unjailed:
    """Examines, and takes the sandbox away in the clean process that loads it."""

    def __init__(self, wants: Wants) -> None:
        self.wants = wants

    def __setstate__(self, state: dict[str, Wants]) -> None:
        self.__dict__.update(state)
        patch.object(jail.Jail, "enter", lambda _: None).start()
        patch.object(jail.Jail, "holds", lambda _: True).start()

    def __call__(self, file: SourceFile, watch: Watch) -> Iterator[Findings]:
        return examine(file, self.wants, watch)


def not_shut_in(files: Sequence[SourceFile], wants: Wants) -> Found:
    """A child for each file."""
    yield from examined(files, Unjailed(wants), wants.limits)


def together(files: Sequence[SourceFile], wants: Wants) -> Found:
    """File after file in a few processes."""
    with ProcessPoolExecutor(os.cpu_count(), get_context("spawn"), zygote.prepare) as pool:
        for file, parts in zip(files, pool.map(_whole, files, [wants] * len(files)), strict=True):
            for part in parts:
                yield file, part


def _whole(file: SourceFile, wants: Wants) -> list[Findings]:
    return list(examine(file, wants))


@contextmanager
def in_clear() -> Iterator[None]:
    """Tables of a vault are not encrypted."""
    made = "sekisho.vault.tables.pe.create_{}cryption_properties"
    with patch(made.format("en"), lambda *_, **__: None), patch(made.format("de"), lambda *_, **__: None):
        yield


def cost(estate: Path, read: Reader) -> tuple[float, float, int]:
    """CPU and wall seconds of one scan, and the records that it found."""
    passwords = tuple((estate / "passwords.txt").read_text().split())
    secret = Secret.passphrase("measured")
    with (
        tempfile.TemporaryDirectory() as folder,
        Vault.create(Path(folder) / "vault", secret, Cost(64, 1, 1)) as vault,
    ):
        before, start = _cpu(), time.monotonic()
        made = scan(vault, Wishes(estate / "estate", passwords=passwords, shown=False), read)
        return _cpu() - before, time.monotonic() - start, made.read("records", RECORDS).num_rows


def _cpu() -> float:
    both = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(used.ru_utime + used.ru_stime for used in both)


def empty_children() -> str:
    """Milliseconds of CPU and wall of a child that does nothing, shut in and not."""
    rows = []
    zygote.prepare()
    for title, shut in (("empty child", False), ("empty child, shut in", True)):
        cell = jail.for_readers()
        before, start = _cpu(), time.monotonic()
        for _ in range(EMPTY):
            pid = os.fork()
            if pid == 0:
                if shut:
                    jail.bound(Limits())
                    cell.enter()
                os._exit(0)
            os.waitpid(pid, 0)
        spent, wall = 1000 * (_cpu() - before) / EMPTY, 1000 * (time.monotonic() - start) / EMPTY
        rows.append(f"| {title} | {spent:.1f} ms CPU | {wall:.1f} ms wall |\n")
    return "".join(rows)


def preparation() -> float:
    """CPU seconds of a clean process that gets ready."""
    before = _cpu()
    subprocess.run([sys.executable, "-c", "from sekisho.documents.zygote import prepare; prepare()"], check=True)
    return _cpu() - before


def main() -> None:
    """Measure and print tables."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.sandbox", description=__doc__)
    parser.add_argument("estate", type=Path, nargs="?")
    parser.add_argument("--rounds", type=int, default=3)
    call = parser.parse_args()
    if not SINGLE_THREADED.items() <= os.environ.items():  # libraries read it when they are loaded
        os.execve(sys.executable, sys.orig_argv, {**os.environ, **SINGLE_THREADED})
    if call.estate is None:
        sys.stdout.write(empty_children())
        return
    ways: dict[str, tuple[Reader, Callable[[], AbstractContextManager[None]]]] = {
        "as it is": (in_children, nullcontext),
        "a child a file, not shut in": (not_shut_in, nullcontext),
        "file after file, not shut in, not encrypted": (together, in_clear),
    }
    spent: dict[str, list[tuple[float, float, int]]] = {title: [] for title in ways}
    for _ in range(call.rounds):
        for title, (read, around) in ways.items():
            with around():
                spent[title].append(cost(call.estate, read))
            sys.stdout.write(f"{title}: {spent[title][-1]}\n")
            sys.stdout.flush()
    sys.stdout.write(f"| a preparation | {preparation():.1f} | | |\n")
    for title, rounds in spent.items():
        cpu, wall = (statistics.median(each[i] for each in rounds) for i in (0, 1))
        sys.stdout.write(f"| {title} | {cpu:.1f} | {wall:.1f} | {rounds[0][2]:,} |\n")


if __name__ == "__main__":
    from benchmarks.sandbox import main as by_name  # what the clean process loads has to have a name

    by_name()
