"""How well two writings of one item agree, and what follows for two sets of items under one number.

All writings are folded (see `fold`). Levels: AGREE, ALIKE (a slip, a new surname), DIFFER; None where one is absent
or they cannot be held against each other (a name in Latin letters and one in kanji).
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from enum import IntEnum
from functools import lru_cache

from sekisho.countries import fold

_UNVOICED = str.maketrans(fold.UNVOICED)
_PART_OF_A_NAME = 2  # characters of a surname or given name in kanji that two names must share
_PART_OF_A_READING = 3


class Level(IntEnum):
    """How well two writings agree."""

    DIFFER = 0
    ALIKE = 1
    AGREE = 2


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether two sets of items under one number are one person, and whether a human must decide."""

    same: bool
    ask: bool


_VERDICTS: dict[tuple[Level | None, Level | None], Verdict] = {
    (None, None): Verdict(same=True, ask=False),  # the number alone: whoever holds it is affected
    (Level.AGREE, None): Verdict(same=True, ask=False),
    (None, Level.AGREE): Verdict(same=True, ask=False),
    (Level.AGREE, Level.AGREE): Verdict(same=True, ask=False),
    (Level.AGREE, Level.ALIKE): Verdict(same=True, ask=False),  # a slip in the date
    (Level.ALIKE, Level.AGREE): Verdict(same=True, ask=False),  # a new surname, a slip in the name
    (Level.AGREE, Level.DIFFER): Verdict(same=True, ask=True),
    (Level.DIFFER, Level.AGREE): Verdict(same=True, ask=True),
    (Level.ALIKE, None): Verdict(same=True, ask=True),
    (Level.ALIKE, Level.ALIKE): Verdict(same=True, ask=True),
    (None, Level.ALIKE): Verdict(same=True, ask=True),
}
_STRANGERS = Verdict(same=False, ask=True)


def verdict(name: Level | None, birth: Level | None) -> Verdict:
    """What the levels of name (or reading) and birth date say about two sets of items under one number.

    Where nothing agrees the number is taken for a mistyped one that hits a stranger.
    """
    return _VERDICTS.get((name, birth), _STRANGERS)


@lru_cache(maxsize=1 << 16)
def names(one: str | None, other: str | None) -> Level | None:
    """Two names in kanji or Latin letters."""
    if not one or not other or one.isascii() != other.isascii():
        return None
    return _texts(one, other, _PART_OF_A_NAME)


@lru_cache(maxsize=1 << 16)
def readings(one: str | None, other: str | None) -> Level | None:
    """Two readings; voiced and unvoiced kana are alike (トヨダ, トヨタ)."""
    if not one or not other or one.isascii() != other.isascii():
        return None
    if one != other and one.translate(_UNVOICED) == other.translate(_UNVOICED):
        return Level.ALIKE
    return _texts(one, other, _PART_OF_A_READING)


def is_slip(one: str | None, other: str | None, long: int) -> bool:
    """Whether two writings of at least ``long`` characters are the same but for one slip."""
    return (
        bool(one and other)
        and min(len(one or ""), len(other or "")) >= long
        and _one_slip_apart(one or "", other or "")
    )


def births(one: str | None, other: str | None) -> Level | None:
    """Two birth dates in ISO, unknown parts as ``??``: a part that is unknown agrees with any."""
    if not one or not other:
        return None
    pairs = [(a, b) for a, b in zip(one.split("-"), other.split("-"), strict=False) if "?" not in a + b]
    if not pairs:
        return None
    differing = [(a, b) for a, b in pairs if a != b]
    if not differing:
        return Level.AGREE
    swapped = len(differing) == 2 and differing[0] == differing[1][::-1]
    return Level.ALIKE if len(pairs) > 1 and (len(differing) == 1 or swapped) else Level.DIFFER


def numbers_are_near(one: str, other: str) -> bool:
    """Whether one number is the other mistyped: one digit differs, or two neighbours are swapped."""
    if len(one) != len(other):
        return False
    differing = [i for i, (a, b) in enumerate(zip(one, other, strict=True)) if a != b]
    if len(differing) == 1:
        return True
    if len(differing) != 2:
        return False
    first, second = differing
    apart = one[first + 1 : second].strip("-")
    return not apart and one[first] == other[second] and one[second] == other[first]


def best(*levels: Level | None) -> Level | None:
    """The highest level that is there."""
    there = [level for level in levels if level is not None]
    return max(there) if there else None


def _texts(one: str, other: str, part: int) -> Level:
    if one == other:
        return Level.AGREE
    shared = max(_shared_start(one, other), _shared_start(one[::-1], other[::-1]))
    alike = shared >= part or Counter(one) == Counter(other) or _one_slip_apart(one, other)
    return Level.ALIKE if alike else Level.DIFFER


def _shared_start(one: str, other: str) -> int:
    length = 0
    for a, b in zip(one, other, strict=False):
        if a != b:
            break
        length += 1
    return length


def _one_slip_apart(one: str, other: str) -> bool:
    """One character too many, too few, wrong or swapped, in a name of three or more."""
    if min(len(one), len(other)) < 3 or abs(len(one) - len(other)) > 1:
        return False
    start = _shared_start(one, other)
    one, other = one[start:], other[start:]
    if one[:2] == other[1::-1] and one[2:] == other[2:] and len(one) > 1:
        return True
    return one[1:] == other[1:] or one[1:] == other or one == other[1:]
