"""Runs a command and says what its whole tree of processes cost: wall, CPU, and peak memory."""

from __future__ import annotations

import ctypes
import os
import subprocess
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

PR_SET_CHILD_SUBREAPER = 36


@dataclass(frozen=True, slots=True)
class Cost:
    """Seconds of wall and CPU (user + system, all processes), peak of the tree's proportional memory in bytes."""

    wall: float
    cpu: float
    peak: int
    code: int


def run(command: Sequence[str], env: dict[str, str] | None = None, log: Path | None = None) -> Cost:
    """The cost of ``command`` with every process that it starts; orphans are waited for too."""
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    started, before = time.monotonic(), os.times()
    with (log or Path(os.devnull)).open("wb") as sink:
        process = subprocess.Popen(command, env={**os.environ, **(env or {})}, stdout=sink, stderr=subprocess.STDOUT)
        watch = Watch(process.pid)
        watch.start()
        code = process.wait()
        wall = time.monotonic() - started
        watch.done.set()
        watch.join()
        _wait_for_orphans()
    after = os.times()
    cpu = (after.children_user - before.children_user) + (after.children_system - before.children_system)
    return Cost(wall, cpu, watch.peak, code)


def _wait_for_orphans() -> None:
    while True:
        try:
            os.waitpid(-1, 0)
        except ChildProcessError:
            return


class Watch(threading.Thread):
    """Adds up the proportional set sizes of a process and its descendants, a few times a second: ``peak``."""

    def __init__(self, root: int) -> None:
        super().__init__(daemon=True)
        self.root, self.peak, self.done = root, 0, threading.Event()

    def run(self) -> None:
        while not self.done.wait(0.25):
            self.look()

    def look(self) -> None:
        """Once more, now."""
        self.peak = max(self.peak, sum(map(_pss, _descendants(self.root))))


def _descendants(root: int) -> list[int]:
    parents: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                fields = (entry / "stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue
            parents.setdefault(int(fields[1]), []).append(int(entry.name))
    found, todo = [], [root]
    while todo:
        found.append(pid := todo.pop())
        todo += parents.get(pid, [])
    return found


def _pss(pid: int) -> int:
    try:
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) * 1024
    except OSError:
        return 0
    return 0
