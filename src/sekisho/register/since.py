"""What became of the holders since an act: who is new, changed or gone, so that an index can keep in step."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import polars as pl

from sekisho.frames import from_arrow
from sekisho.register.current import total
from sekisho.register.roots import Roots
from sekisho.register.states import JOINED, as_text
from sekisho.vault import Register

NEW, CHANGED, GONE = "new", "changed", "gone"
CHANGES = {"holder": pl.Int64, "change": pl.String, "number": pl.String, "before": pl.String}
"""``holder`` is never given to anybody else; ``number``: the current one now, ``before``: the one after that act.

Null where there is none, or nobody. Who is gone turned out to be somebody else, or the import was undone.
"""
AT_ONCE = 1_000_000
"""Holders that are looked at at once."""
_NOBODY, _NO_NUMBER = -2, -1


def since(register: Register, number: int) -> Iterator[pl.DataFrame]:
    """Frames of `CHANGES`: each holder whom something after act ``number`` concerns, once, in order."""
    then, now = _Then(register, number), _Then(register, None)
    joined = _joined(register, number)
    for first in range(0, total(register), AT_ONCE):
        touched = _touched(register, number, first)
        touched[joined[(joined >= first) & (joined < first + AT_ONCE)] - first] = True
        if touched.any():
            was, is_now = then.numbers(first)[touched], now.numbers(first)[touched]
            told = pl.DataFrame({"holder": first + np.flatnonzero(touched), "was": was, "is": is_now})
            yield _said(told)


def wanted_since(register: Register, number: int) -> np.ndarray:
    """Boolean by holder: those whose rows an index must read again, as they are new or changed."""
    found = np.zeros(total(register), bool)
    for some in since(register, number):
        found[some.filter(pl.col("change") != GONE)["holder"].to_numpy()] = True
    return found


def _said(told: pl.DataFrame) -> pl.DataFrame:
    was, is_now = (pl.col(name) != _NOBODY for name in ("was", "is"))
    change = pl.when(was & is_now).then(pl.lit(CHANGED)).when(is_now).then(pl.lit(NEW)).otherwise(pl.lit(GONE))
    number, before = (pl.when(pl.col(name) >= 0).then(as_text(pl.col(name))) for name in ("is", "was"))
    return told.filter(was | is_now).select("holder", change=change, number=number, before=before)


class _Then:
    """Who was there after act ``until``, or is now, and under which number."""

    def __init__(self, register: Register, until: int | None) -> None:
        self._register = register
        self._spans = register.spans("holders", until)
        self._joined = Roots(register, until).holders

    def numbers(self, first: int) -> np.ndarray:
        """By holder from ``first`` on: the current number, or that there is none, or nobody."""
        found = np.full(AT_ONCE, _NOBODY, np.int64)
        for span in self._spans:
            if span.meets(first, first + AT_ONCE - 1):
                rows = from_arrow(self._register.rows_of(span.part, ["holder", "place", "number"])).filter(
                    pl.col("place") == 0, pl.col("holder").is_between(first, first + AT_ONCE - 1)
                )
                found[rows["holder"].to_numpy() - first] = rows["number"].fill_null(_NO_NUMBER).to_numpy()
        found[self._joined[(self._joined >= first) & (self._joined < first + AT_ONCE)] - first] = _NOBODY
        return found


def _later(register: Register, number: int) -> set[int]:
    """Acts after ``number``, and those that were undone since."""
    undone = {target for target, by in register.undone().items() if by > number}
    return undone | {act.number for act in register.acts() if act.number > number}


def _touched(register: Register, number: int, first: int) -> np.ndarray:
    """Boolean by holder from ``first`` on: of whom something was said since."""
    found = np.zeros(AT_ONCE, bool)
    later = _later(register, number)
    for span in register.spans("holders", undone_too=True):
        if span.number in later and span.meets(first, first + AT_ONCE - 1):
            holders = from_arrow(register.rows_of(span.part, ["holder"]))["holder"].to_numpy() - first
            found[holders[(holders >= 0) & (holders < AT_ONCE)]] = True
    return found


def _joined(register: Register, number: int) -> np.ndarray:
    """Everybody who was joined or parted since, and into whom."""
    later = _later(register, number)
    spans = [span for span in register.spans("joined", undone_too=True) if span.number in later]
    told = [from_arrow(register.rows_of(span.part, JOINED.names)) for span in spans]
    pairs = np.concatenate([np.zeros(0, np.int64), *(some[name].to_numpy() for some in told for name in JOINED.names)])
    return np.unique(np.concatenate([Roots(register, number).now(pairs), Roots(register).now(pairs), pairs]))
