"""Takes one person out of everything that the register ever said: parts that say something of them are written anew."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from sekisho.frames import from_arrow
from sekisho.register import enter, looks
from sekisho.register.current import numbers
from sekisho.register.lookup import lives, numbers_said
from sekisho.register.roots import Roots
from sekisho.register.states import RECURRING
from sekisho.vault import Part, Register

_ABOUT = {
    "states": ("holder",),
    "looks": ("holder",),
    "holders": ("holder",),
    "numbers": ("holder",),
    "joined": ("holder", "into"),
    "splits": ("holder", "source"),
}
"""The tables that say something of persons, and their columns that say of whom."""
_RECURRING = {"states": RECURRING, "looks": looks.RECURRING, "holders": enter.LISTED_RECURRING}


@dataclass(frozen=True, slots=True)
class Gone:
    """Whom to forget: the ``holders`` that are they, and the ``numbers`` that ever led to them."""

    holders: tuple[int, ...]
    numbers: tuple[int, ...]


def whom(register: Register, holder: int) -> Gone:
    """Who a holder is, with everybody who turned out to be them, and every number that they ever had."""
    [life] = lives(register, [int(Roots(register).now(np.array([holder]))[0])])
    group = list(life.group)
    led = (from_arrow(register.rows_of(span.part)) for span in register.spans("numbers", undone_too=True))
    every = {number for rows in led for number in rows.filter(pl.col("holder").is_in(group))["number"]}
    every |= numbers_said(life)
    return Gone(tuple(group), tuple(sorted(number for number in every if number >= 0)))


def without(register: Register, holders: Sequence[int]) -> list[tuple[Part, Part]]:
    """Parts that say something of some holders, each with what is to stand in its place; those do not count yet."""
    return list(_rewritten(register, holders))


def led(register: Register) -> Iterator[tuple[int, int]]:
    """Every number, and the holder whom it leads to."""
    for rows in numbers(register):
        yield from rows.iter_rows()


def _rewritten(register: Register, holders: Sequence[int]) -> Iterator[tuple[Part, Part]]:
    for table, columns in _ABOUT.items():
        theirs = pl.any_horizontal(pl.col(name).is_in(list(holders)) for name in columns)
        for span in register.spans(table, undone_too=True):
            rows = register.rows_of(span.part)
            keep = ~from_arrow(rows).select(theirs).to_series()
            if not keep.all():
                kept = rows.filter(keep.to_arrow())
                yield span.part, register.write(table, kept, _RECURRING.get(table, ()))
