"""The ways in which a program falls: killed at a moment, or a call to the system that fails, by strace."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.faults.world import PATIENCE, Done, command, environment, run

STRACE = shutil.which("strace")
ERRORS = {
    "write": ("ENOSPC", "EIO"),
    "pwrite64": ("ENOSPC", "EIO"),
    "fsync": ("EIO",),
    "fdatasync": ("EIO",),
    "rename": ("EIO", "ENOSPC"),
    "linkat": ("EIO",),
    "openat": ("ENOSPC", "EMFILE", "EIO"),
    "mkdir": ("ENOSPC",),
    "unlink": ("EIO",),
    "ftruncate": ("EIO",),
    "read": ("EIO",),
    "pread64": ("EIO",),
    "getdents64": ("EIO",),
    "flock": ("ENOLCK",),
    "fcntl": ("ENOLCK",),
    "close": ("EIO",),
}
"""Calls to the system, and what they fail with in turn."""
CHANGING = ("write", "pwrite64", "fsync", "fdatasync", "rename", "linkat", "openat", "mkdir", "unlink", "ftruncate")
_LOOKS = 5  # seconds
_HERE = re.compile(r"AT_FDCWD<[^>]*>")
_PATH = re.compile(r"(?:openat|rename|mkdir|unlink)\((?:, )?\"([^\"]+)\"")
_FASTER = "--seccomp-bpf"
"""Stops at the calls that are looked at only; strace 6.1 sends no signals then."""
_MAY_GO = re.compile(r"-shm$|-wal$|/lock$|/\.export\.|/index/|/\.backup\b")
"""What may be gone after a power cut: it is made anew. (SQLite syncs the folder of a log before it counts.)"""
_UNFINISHED = "<unfinished ...>"
_DESCRIPTOR = re.compile(r"\(\d+<([^>]*)>")
_NAMED = re.compile(r"\d+<([^>]*)>, \"")
_QUOTED = re.compile(r"\"([^\"]*)\"")
_LINE = re.compile(r"^(\d+) +(\w+)")


@dataclass(frozen=True, slots=True)
class Spot:
    """The ``nth`` call of one kind that a thread makes, one that touches the place."""

    call: str
    nth: int


def spots(folder: Path, *arguments: str, calls: tuple[str, ...] = tuple(ERRORS)) -> list[Spot]:
    """Every spot of a run that ends well; the run changes ``folder``."""
    log = folder.with_name(f"{folder.name}.log")
    done = run(folder, *arguments, before=_strace(log, ",".join(calls)))
    assert done.code == 0, done
    return [Spot(call, nth) for call, nth in sorted(_touching(log, folder))]


def failed(folder: Path, *arguments: str, spot: Spot, error: str) -> Done | None:
    """A run in which the call at ``spot`` fails; None where it turned out to be none of ours."""
    return _injected(folder, *arguments, spot=spot, what=f"error={error}")


def killed_at(folder: Path, *arguments: str, spot: Spot) -> Done | None:
    """A run that is killed as it makes the call at ``spot``; None where that was none of ours."""
    return _injected(folder, *arguments, spot=spot, what="signal=SIGKILL")


def killed_after(folder: Path, *arguments: str, seconds: float) -> Done:
    """A run that is killed after some time, unless it was done by then. What runs for it ends too."""
    with subprocess.Popen(
        command(*arguments), cwd=folder, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        try:
            out, err = process.communicate(timeout=seconds)
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
            out, err = process.communicate()
    return Done(process.returncode, out, err)


def seconds_of(folder: Path, *arguments: str) -> float:
    """How long a run takes that nobody disturbs."""
    begun = time.monotonic()
    done = run(folder, *arguments)
    assert done.code == 0, done
    return time.monotonic() - begun


def _injected(folder: Path, *arguments: str, spot: Spot, what: str) -> Done | None:
    log = folder.with_name(f"{folder.name}.log")
    inject = ("-e", f"inject={spot.call}:{what}:when={spot.nth}")
    tracing = [one for one in _strace(log, spot.call) if one != _FASTER or what.startswith("error")]
    log.unlink(missing_ok=True)
    done = _watched(log, folder, command(*arguments, before=(*tracing, *inject)))
    return done if done and _hits(log) and not _is_elsewhere(log, folder) else None


def _watched(log: Path, folder: Path, call: list[str]) -> Done | None:
    """How a call ended; None where it still ran when something else had fallen than a call of ours.

    A library may then wait for ever, as for an event that no system refuses.
    """
    until = time.monotonic() + PATIENCE
    pipes: dict[str, Any] = dict.fromkeys(("stdout", "stderr"), subprocess.PIPE)
    with subprocess.Popen(call, cwd=folder, env=environment(), text=True, start_new_session=True, **pipes) as process:
        while True:
            try:
                out, err = process.communicate(timeout=_LOOKS)
            except subprocess.TimeoutExpired:
                elsewhere = _is_elsewhere(log, folder)
                if not elsewhere and time.monotonic() < until:
                    continue
                os.killpg(process.pid, signal.SIGKILL)
                if not elsewhere:
                    raise
                return None
            else:
                return Done(process.returncode, out, err)


def _is_elsewhere(log: Path, folder: Path) -> bool:
    """Whether a call fell that is none of ours."""
    return not all(_touches(line, folder) for line in _hits(log))


def _hits(log: Path) -> list[str]:
    said = log.read_text(errors="replace").splitlines() if log.exists() else []
    return [line for line in said if "INJECTED" in line or line.endswith("= ?")]


def _strace(log: Path, calls: str) -> tuple[str, ...]:
    assert STRACE
    return (STRACE, "-f", "-qq", "-y", _FASTER, "-e", "signal=none", "-o", str(log), "-e", f"trace={calls}")


def unsynced(folder: Path, *arguments: str) -> set[str]:
    """The files and folders that a power cut right after a run could take from what it wrote; it changes ``folder``."""
    log = folder.with_name(f"{folder.name}.log")
    there = {str(path) for path in folder.rglob("*")}
    done = run(folder, *arguments, before=_strace(log, "openat,mkdir,rename,linkat,write,pwrite64,fsync,fdatasync"))
    assert done.code == 0, done
    open_to: set[str] = set()
    for line in _whole(log):
        _follow(line, folder, open_to, there)
    return open_to


def _whole(log: Path) -> Iterator[str]:
    """The lines of a log; those of a call that another thread interrupted are one, where it came back."""
    begun: dict[str, str] = {}
    for line in log.read_text(errors="replace").splitlines():
        thread = line.partition(" ")[0]
        if line.endswith(_UNFINISHED):
            begun[thread] = line.removesuffix(_UNFINISHED)
        elif " resumed>" in line:
            yield begun.pop(thread, "") + line.partition(" resumed>")[2]
        else:
            yield line
    yield from begun.values()


def _follow(line: str, folder: Path, open_to: set[str], there: set[str]) -> None:
    call = _LINE.match(line)
    if call is None or not re.search(r"= \d", line):
        return
    synced = _DESCRIPTOR.search(line)
    if call[2] in ("fsync", "fdatasync") and synced:
        open_to.discard(synced[1])
    elif call[2] in ("write", "pwrite64") and synced and _is_kept(synced[1], folder):
        open_to.add(synced[1])
    elif call[2] in ("mkdir", "rename", "linkat") or "O_CREAT" in line:
        made = folder / _QUOTED.findall(line)[-1] if call[2] != "linkat" else Path(_NAMED.findall(line)[-1]) / "x"
        if _is_kept(str(made), folder) and not (call[2] == "openat" and str(made) in there):
            open_to.add(str(made.parent))


def _is_kept(path: str, folder: Path) -> bool:
    return path.startswith(f"{folder}/") and not _MAY_GO.search(path)


def _touches(line: str, folder: Path) -> bool:
    """Whether a call is about a file of the place: by its path, which may be relative, or by its descriptor."""
    said = _HERE.sub("", line)
    return str(folder) in said or any(not path.startswith("/") for path in _PATH.findall(said))


def _touching(log: Path, folder: Path) -> set[tuple[str, int]]:
    count: Counter[tuple[str, str]] = Counter()
    found = set()
    for line in _whole(log):
        match = _LINE.match(line)
        if match is None:
            continue
        thread, call = match.groups()
        count[thread, call] += 1
        if _touches(line, folder):
            found.add((call, count[thread, call]))
    return found
