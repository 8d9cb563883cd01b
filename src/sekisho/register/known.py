"""The register as the last act left it, as far as an import must know it: read range by range, in flat memory."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import polars as pl

from sekisho.frames import from_arrow
from sekisho.register.current import current, total
from sekisho.register.roots import Roots, looked_up
from sekisho.register.states import NUMBER, NUMBERS, SPLITS, WHO, dialect, empty, keys, marks
from sekisho.vault import Register

AT_ONCE = 2_000_000
"""Rows that are told apart at once."""
LEAST, MOST = -(2**63), 2**63 - 1
Ranges = list[tuple[int, int]]


def ranges(values: np.ndarray, each: int = AT_ONCE) -> Ranges:
    """First and last of ranges that hold so many of the values each, nearly; together all of Int64."""
    sample = np.sort(values[:: max(1, len(values) // 100_000)])
    count = -(-len(values) // each)
    cuts = sorted({int(sample[len(sample) * at // count]) for at in range(1, count)})
    return list(zip([LEAST, *cuts], [*(cut - 1 for cut in cuts), MOST], strict=True))


class Known:
    """Numbers and holders of the register; ``count``: holders that ever were, the next new one gets this number."""

    def __init__(self, register: Register) -> None:
        self._register = register
        self.roots = Roots(register)
        self.count = total(register)
        self._spans = register.spans("numbers")
        cuts = sorted({span.first for span in self._spans})[1:]  # so few at once stay near the processor
        self._ranges = list(zip([LEAST, *cuts], [*(cut - 1 for cut in cuts), MOST], strict=True))
        self._is_foreign = any(act.account["hash"] != dialect() for act in register.imports())
        self._nameless = self._keys_anew()

    def find(self, numbers: np.ndarray) -> np.ndarray:
        """The holder of each number as `keys` make it, -1 where nobody has it."""
        found = np.full(len(numbers), -1, np.int64)
        least, most = (numbers.min(), numbers.max()) if len(numbers) else (0, -1)
        for first, last in self._ranges:
            if first <= most and least <= last:
                at = np.flatnonzero((numbers >= first) & (numbers <= last))
                listed = self._within(first, last) if len(at) else empty(NUMBERS)
                found[at] = looked_up(listed["number"].to_numpy(), listed["holder"].to_numpy(), numbers[at])
        return self.roots.now(found)

    def differ(self, now: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """By holder: whether they have no state of the mark ``now`` (UInt64), and whether they are in the register."""
        differs, there = np.ones(self.count, bool), np.zeros(self.count, bool)
        for holders, marked in self._marks_anew() if self._is_foreign else self._marks():
            differs[holders] = now[holders] != marked
            there[holders] = True
        there[self.roots.holders] = False
        return differs, there

    def _marks(self) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """Holders and the marks of their states, part by part."""
        for rows in current(self._register, ["holder", "place", "mark"], "holders"):
            main = rows.filter(place=0)
            yield main["holder"].to_numpy(), main["mark"].to_numpy()

    def _marks_anew(self) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """The same by this version of the library, from what the states say."""
        found, there = np.zeros(self.count, np.uint64), np.zeros(self.count, bool)
        for rows in current(self._register):
            np.add.at(found, rows["holder"].to_numpy(), marks(rows))
            there[rows["holder"].to_numpy()] = True
        yield np.flatnonzero(there), found[there]

    def splits(self) -> pl.DataFrame:
        """`SPLITS`: numbers of which no file is believed that they are the source's."""
        told = (from_arrow(self._register.rows_of(span.part)) for span in self._register.spans("splits"))
        return pl.concat([empty(SPLITS), *told])

    def _within(self, first: int, last: int) -> pl.DataFrame:
        """``number`` and ``holder``, in order, of the numbers between two."""
        told = [from_arrow(self._register.rows_of(s.part)) for s in self._spans if s.meets(first, last)]
        listed = pl.concat([empty(NUMBERS), *told, self._nameless])
        listed = listed.filter(pl.col("number").is_between(first, last))
        in_order = (listed["number"].diff() > 0).all()
        return listed if in_order else listed.unique("number", keep="last").sort("number")

    def _keys_anew(self) -> pl.DataFrame:
        """Those who have no number, by keys that this version of the library makes."""
        found = [empty(NUMBERS)]
        for rows in current(self._register, ["holder", *map(str, WHO), NUMBER]) if self._is_foreign else ():
            nameless = rows.filter(pl.col(NUMBER).is_null())
            found.append(pl.DataFrame({"number": keys(nameless), "holder": nameless["holder"]}))
        return pl.concat(found)
