"""Who turned out to be whom."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import polars as pl

from sekisho.frames import from_arrow
from sekisho.register.states import JOINED, empty
from sekisho.vault import Register


def looked_up(table: np.ndarray, values: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    """By ``table``, which is in order, and its ``values``: the value of each wanted one, -1 where it is not there."""
    if not len(table):
        return np.full(len(wanted), -1, np.int64)
    at = np.minimum(np.searchsorted(table, wanted), len(table) - 1)
    return np.where(table[at] == wanted, values[at], -1)


class Roots:
    """Who turned out to be whom, now or after act ``until``."""

    def __init__(self, register: Register, until: int | None = None) -> None:
        told = [from_arrow(register.rows_of(span.part)) for span in register.spans("joined", until)]
        joined = pl.concat([empty(JOINED), *told]).unique("holder", keep="last")
        joined = joined.filter(pl.col("holder") != pl.col("into")).sort("holder")
        self.holders, self.into = joined["holder"].to_numpy(), joined["into"].to_numpy()
        self._first_into = self.into
        while ((further := looked_up(self.holders, self.into, self.into)) >= 0).any():
            self.into = np.where(further >= 0, further, self.into)

    def now(self, holders: np.ndarray) -> np.ndarray:
        """Who each is; -1 stays."""
        if not len(self.holders):
            return holders
        into = looked_up(self.holders, self.into, holders)
        return np.where(into >= 0, into, holders)

    def before(self, holder: int, root: int) -> int:
        """Who ``holder`` had turned out to be before they turned out to be ``root``."""
        into = int(looked_up(self.holders, self._first_into, np.array([holder]))[0])
        return holder if into in (root, -1) else self.before(into, root)

    def all_of(self, holders: Iterable[int]) -> list[int]:
        """These, and everybody who turned out to be one of them."""
        wanted = list(holders)
        return sorted({*wanted, *self.holders[np.isin(self.into, wanted)].tolist()})
