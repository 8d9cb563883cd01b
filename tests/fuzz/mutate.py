"""Broken copies of good files: bits, blocks, lengths, ends; also within members of a package, whose sums then hold."""

from __future__ import annotations

import io
import random
import zipfile
from collections.abc import Callable, Sequence

_ODD = (0, 1, 0x7F, 0x80, 0xFF, 0x7FFF, 0x8000, 0xFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF)


def flipped(data: bytearray, dice: random.Random) -> None:
    for _ in range(dice.choice((1, 1, 4, 32))):
        data[dice.randrange(len(data))] ^= 1 << dice.randrange(8)


def cut(data: bytearray, dice: random.Random) -> None:
    del data[dice.randrange(len(data)) :]


def numbered(data: bytearray, dice: random.Random) -> None:
    """Numbers that lengths and offsets should not be."""
    for _ in range(dice.choice((1, 3))):
        width, at = dice.choice((1, 2, 4, 8)), dice.randrange(len(data))
        value = dice.choice(_ODD) & ((1 << 8 * width) - 1)
        data[at : at + width] = value.to_bytes(width, dice.choice(("little", "big")))


def moved(data: bytearray, dice: random.Random) -> None:
    start, length = dice.randrange(len(data)), dice.choice((1, 8, 64, 512, 4096))
    block = data[start : start + length]
    if dice.random() < 0.5:
        del data[start : start + length]
    at = dice.randrange(len(data) + 1)
    data[at:at] = block * dice.choice((1, 1, 2, 50))


WAYS: Sequence[Callable[[bytearray, random.Random], None]] = (flipped, cut, numbered, moved)


def broken(data: bytes, dice: random.Random) -> bytes:
    """A broken copy of ``data``; the member of a zip in every second case, so that what is within is reached."""
    if data[:2] == b"PK" and dice.random() < 0.5:
        return _within(data, dice)
    copy = bytearray(data or b"\0")
    for _ in range(dice.choice((1, 1, 2, 3))):
        if copy:
            dice.choice(WAYS)(copy, dice)
    return bytes(copy)


def _within(data: bytes, dice: random.Random) -> bytes:
    out = io.BytesIO()
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as package, zipfile.ZipFile(out, "w") as made:
            entries = package.infolist()
            chosen = dice.choice(entries)
            for entry in entries:
                inside = package.read(entry)
                made.writestr(entry.filename, broken(inside, dice) if entry is chosen else inside)
    except (RuntimeError, zipfile.BadZipFile, NotImplementedError, ValueError, IndexError):  # locked, or odd
        return data[: dice.randrange(len(data))]
    return out.getvalue()
