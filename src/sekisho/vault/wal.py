"""The write-ahead log of a database, looked at before SQLite does: it would pass over damage, and what was committed.

SQLite reads the log up to the first frame whose checksum is wrong and takes the rest for the torn end of a write that
was never acknowledged. After a kill that is so; after a flipped bit it is the loss of acknowledged commits, in silence,
and the log is deleted when the database is closed. So a log that nobody has open is looked at first.
https://www.sqlite.org/fileformat2.html#the_write_ahead_log
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_HEADER, _FRAME = struct.Struct(">8I"), struct.Struct(">6I")
_LITTLE = 0x377F0682  # the magic number of logs whose checksums take words in little-endian order
_WORD = 0xFFFFFFFF
_LOCKS = Path("/proc/locks")
_NEAR = 2  # bits: as far as a number may be from what it was, to have been changed and not to be another one


@dataclass(frozen=True, slots=True)
class _Frame:
    commits: bool  # whether a transaction ends with it
    salts: tuple[int, int]
    stored: tuple[int, int]
    words: tuple[int, ...]  # what its checksum covers


def is_damaged(database: Path) -> bool:
    """Whether the log of a database that nobody has open has lost commits."""
    log = database.with_name(f"{database.name}-wal")
    try:
        if not log.exists() or _is_open(database):
            return False
        data = log.read_bytes()
        return not _is_open(database) and _has_lost(data)
    except OSError:
        return False  # opening the database will say so


def _is_open(database: Path) -> bool:
    """Whether a process has the database open: each holds a lock on its shared memory.

    That file itself is left alone: whoever closes it gives the locks of the whole process back.
    """
    memory = database.with_name(f"{database.name}-shm")
    if not memory.exists():
        return False
    inode = f":{memory.stat().st_ino}"
    return any(word.endswith(inode) for line in _LOCKS.read_text("ascii").splitlines() for word in line.split())


def _has_lost(data: bytes) -> bool:
    if len(data) < _HEADER.size + _FRAME.size:
        return False
    magic, _, page, _, *salts_and_sum = _HEADER.unpack_from(data)
    salts, stored = (salts_and_sum[0], salts_and_sum[1]), (salts_and_sum[2], salts_and_sum[3])
    order = "<" if magic == _LITTLE else ">"
    sums = _sum(struct.unpack_from(f"{order}6I", data), (0, 0))
    if sums != stored:  # torn, and the frames are of a log before; or damaged, and they are its own
        return _differ(_FRAME.unpack_from(data, _HEADER.size)[2:4], salts) <= _NEAR
    frames = _frames(data, page, order)
    for frame in frames:
        if frame.salts != salts or _sum(frame.words, sums) != frame.stored:
            return _is_change(frame, frames, salts, sums)
        sums = frame.stored
    return False


def _is_change(broken: _Frame, rest: Iterator[_Frame], salts: tuple[int, int], sums: tuple[int, int]) -> bool:
    """Whether the first wrong frame was changed after it was written, and is not where a write was torn."""
    if _differ(broken.salts, salts) > _NEAR:
        return False  # of a log before, which is in the database
    commits = broken.commits + sum(frame.commits for frame in rest if frame.salts == salts)
    return commits > 1 or _is_one_bit_away(broken, sums)


def _frames(data: bytes, page: int, order: str) -> Iterator[_Frame]:
    size = _FRAME.size + page
    shape = struct.Struct(f"{order}{page // 4}I")
    for at in range(_HEADER.size, len(data) - size + 1, size):
        _, pages, *salts, first, second = _FRAME.unpack_from(data, at)
        words = struct.unpack_from(f"{order}2I", data, at) + shape.unpack_from(data, at + _FRAME.size)
        yield _Frame(pages > 0, (salts[0], salts[1]), (first, second), words)


def _sum(words: tuple[int, ...], sums: tuple[int, int]) -> tuple[int, int]:
    first, second = sums
    for one, other in zip(words[::2], words[1::2], strict=True):
        first = (first + one + second) & _WORD
        second = (second + other + first) & _WORD
    return first, second


def _is_one_bit_away(frame: _Frame, sums: tuple[int, int]) -> bool:
    """Whether the frame is right but for one bit: what a torn write is not.

    The checksum is linear modulo 2^32: a word that is greater by d makes it greater by d times Fibonacci numbers.
    """
    first, second = _sum(frame.words, sums)
    missing = ((frame.stored[0] - first) & _WORD, (frame.stored[1] - second) & _WORD)
    if _differ((first, second), frame.stored) <= 1:
        return True
    low, high = 0, 1  # how much the last word counts in both sums
    for word in reversed(frame.words):
        for bit in range(32):
            step = -(1 << bit) if word >> bit & 1 else 1 << bit
            if ((step * low) & _WORD, (step * high) & _WORD) == missing:
                return True
        low, high = high, (low + high) & _WORD
    return False


def _differ(one: tuple[int, ...], other: tuple[int, ...]) -> int:
    """How many bits differ."""
    return sum((left ^ right).bit_count() for left, right in zip(one, other, strict=True))
