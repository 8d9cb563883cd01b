"""One bit of a vault, or of its backups, turned over, and what the program says of it then."""

from __future__ import annotations

import random
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.faults.laws import differences
from tests.faults.world import ask, said

KINDS = {
    "head": r"vault/vault\.json",
    "copy of the head": r"vault/vault\.json\.copy",
    "store": r"vault/\w+\.db",
    "log of the store": r"vault/\w+\.db-wal",
    "index of that log": r"vault/\w+\.db-shm",
    "part of a scan": r"vault/scans/.*\.parquet",
    "part of the register": r"vault/register/.*\.parquet",
    "part of a leak master": r"vault/incidents/\d+/.*\.parquet",
    "file of changes": r"vault/incidents/\d+-changes/.*\.parquet",
    "part of the merges": r"vault/merges/.*\.parquet",
    "evidence": r"vault/evidence/.*\.parquet",
    "matching": r"vault/matchings/.*\.(parquet|json)",
    "index of the register": r"vault/index/.*\.(parquet|json)",
    "checkpoint": r"vault/ledger/(checkpoint|witnessed.*)",
    "tile": r"vault/ledger/tile/\d/.*",
    "bundle": r"vault/ledger/tile/entries/.*",
    "lock": r"(vault|backups)/(.*/)?lock",
    "account of a backup": r"backups/.*\.backup",
    "piece of a backup": r"backups/objects/.*",
}
"""Every kind of file in a vault and in its backups, by its path in the place."""
HARMLESS = {
    "copy of the head": "it is read by nobody but people; a check says so, and whoever writes next makes it anew",
    "index of that log": "SQLite makes it anew, from the log, where no process has the store open",
    "log of the store": "what it lost from its end is no act: the store's head is the ledger's, which was looked at",
    "lock": "only its being locked counts; what stands in it is told to people",
    "index of the register": "damaged, it is made anew from the register",
}
"""Kinds of which a bit may be flipped without a word, and why: the answers are the same, as is looked at."""


DAMAGED = (4, 5, 8)
"""Exit codes of what is damaged: the vault, what must add up, the ledger."""


@dataclass(frozen=True, slots=True)
class Flip:
    """Bit ``bit`` of a file, by its path in the place."""

    path: str
    bit: int


def kind_of(path: str) -> str:
    """The kind of a file: each has one."""
    kinds = [kind for kind, pattern in KINDS.items() if re.fullmatch(pattern, path)]
    assert len(kinds) == 1, path
    return kinds[0]


def by_kind(folder: Path) -> dict[str, list[Path]]:
    """The files of the vault in ``folder``, and of its backups, that hold anything, each under its kind."""
    found: dict[str, list[Path]] = {}
    for path in sorted(path for name in ("vault", "backups") for path in (folder / name).rglob("*")):
        if path.is_file() and path.stat().st_size:
            here = path.relative_to(folder)
            found.setdefault(kind_of(str(here)), []).append(here)
    return found


def some(dice: random.Random, folder: Path, kind: str) -> Iterator[Flip]:
    """Bits of files of one kind, at random, without end."""
    files = by_kind(folder)[kind]
    while True:
        path = dice.choice(files)
        yield Flip(str(path), dice.randrange((folder / path).stat().st_size * 8))


@dataclass(frozen=True, slots=True)
class Found:
    """``silent``: answers that are other ones, without a word. ``told``: whether anything was said of damage at all."""

    silent: dict[str, Any]
    told: bool


def after(flip: Flip, kept: Path, truth: dict[str, Any], trial: Path) -> Found:
    """What the program says of a copy of ``kept`` with one bit turned over; ``truth``: what it says without."""
    with flipped(flip, kept, trial) as folder:
        checked = [ask(folder, *call) for call in (("ledger", "verify"), ("vault", "check"))]
        assert all(done.is_clean for done in checked), (flip, checked)
        differing = differences(said(folder), truth)
        silent = {name: both for name, both in differing.items() if not _is_refusal(both[0])}
        return Found(silent, bool(differing) or any(done.code in DAMAGED for done in checked))


@contextmanager
def flipped(flip: Flip, kept: Path, trial: Path) -> Iterator[Path]:
    """A copy with one bit turned over."""
    shutil.rmtree(trial, ignore_errors=True)
    shutil.copytree(kept, trial)
    turn_over(trial / flip.path, flip.bit)
    yield trial


def turn_over(path: Path, bit: int) -> None:
    """Turn one bit of a file over."""
    with path.open("r+b") as file:
        file.seek(bit // 8)
        byte = file.read(1)[0]
        file.seek(bit // 8)
        file.write(bytes([byte ^ 1 << bit % 8]))


def is_written_anew(flip: Flip, place: Path) -> bool:
    """Whether the bit lies in a page of a database that its log holds newer: nobody reads it, it is written anew."""
    log = place / f"{flip.path}-wal"
    if kind_of(flip.path) != "store" or not log.exists():
        return False
    raw = log.read_bytes()
    page, frames = int.from_bytes(raw[8:12], "big"), range(32, len(raw), 24 + int.from_bytes(raw[8:12], "big"))
    newer = {int.from_bytes(raw[at : at + 4], "big") for at in frames if raw[at + 8 : at + 16] == raw[16:24]}
    return flip.bit // 8 // page + 1 in newer


def _is_refusal(answer: Any) -> bool:
    return isinstance(answer, tuple) and answer[0] == "refused"
