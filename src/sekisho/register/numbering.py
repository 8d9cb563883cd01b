"""Numbers the rows of a register: rows of one pension number are one holder, however many rows lie between them.

It takes some ten bytes a row and the rows whose number may have come before, so that a nation fits into memory.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np
import polars as pl

from sekisho.countries import known
from sekisho.register.states import DIGITS, NUMBER, as_number

ROW = "row "
"""Before the number of a row of the file, as it is said of a holder without a number: ``row 17``."""
MOST_WAITING = 2_000_000
"""Rows whose number may have come before, and that wait to be told apart at once."""


class Numbering:
    """Use `numbered` once; then the holders can be named."""

    def __init__(self) -> None:
        self._keys = [pl.Series("key", dtype=pl.Int64)]  # by holder: the number; below zero: without one, -1 - row
        self._own = [pl.DataFrame(schema={"holder": pl.Int32, "record": pl.String})]
        self._sieve = _Sieve()
        self._waiting: list[pl.DataFrame] = []
        self._rows = 0
        self._count = 0

    def numbered(self, batches: Iterable[pl.DataFrame]) -> Iterator[pl.DataFrame]:
        """The rows with ``holder`` (Int32, from 0) and ``again``: whether it is not the first row of its number.

        Rows whose number may have come before come later than they stand.
        """
        for batch in batches:
            keyed = self._keyed(batch)
            again = pl.Series(self._sieve.may_have_seen(keyed["key"].to_numpy())) | ~keyed["key"].is_first_distinct()
            yield self._first(keyed.filter(~again))
            self._waiting.append(keyed.filter(again))
            if sum(rows.height for rows in self._waiting) > MOST_WAITING:
                yield self._told_apart()
        if self._waiting:
            yield self._told_apart()

    def named(self, holders: pl.Series) -> pl.Series:
        """What each holder is called: the number, else the file's own id, if nobody shares it, else the row."""
        key = pl.concat(self._keys).gather(holders)
        digits = key.cast(pl.String).str.zfill(DIGITS)
        number = known.normalise(NUMBER, digits.set(key < 0, None))
        asked = pl.DataFrame({"holder": holders.cast(pl.Int32), "number": number, "row": (-key).cast(pl.String)})
        told = asked.join(self._ids(), on="holder", how="left", maintain_order="left")
        return told.select(holder=pl.coalesce("number", "record", ROW + pl.col("row"))).to_series()

    def places(self, names: pl.Series) -> pl.Series:
        """The holder whom each name, as `named` gives it or as people write the number, is of; null where nobody is."""
        row = names.str.strip_prefix(ROW).set(~names.str.starts_with(ROW), None).cast(pl.Int64, strict=False)
        number = known.normalise(NUMBER, names).to_frame("number").select(as_number(pl.col("number"))).to_series()
        asked = pl.DataFrame({"record": names, "key": pl.select(pl.coalesce(number, -row)).to_series()})
        found = asked.join(self._holders(asked["key"]), on="key", how="left", maintain_order="left")
        own = found.join(self._ids().rename({"holder": "own"}), on="record", how="left", maintain_order="left")
        return own.select(pl.coalesce("holder", "own")).to_series()

    def _keyed(self, batch: pl.DataFrame) -> pl.DataFrame:
        row = pl.int_range(self._rows, self._rows + pl.len(), dtype=pl.Int64)
        self._rows += batch.height
        return batch.with_columns(key=pl.coalesce(as_number(pl.col(NUMBER)), -1 - row))

    def _first(self, rows: pl.DataFrame) -> pl.DataFrame:
        """Rows of new holders."""
        place = pl.int_range(self._count, self._count + pl.len(), dtype=pl.Int32)
        numbered = rows.with_columns(holder=place, again=pl.lit(value=False))
        self._count += rows.height
        self._keys.append(rows["key"])
        self._own.append(numbered.filter(pl.col("key") < 0, pl.col("record").is_not_null()).select("holder", "record"))
        return numbered.drop("key")

    def _told_apart(self) -> pl.DataFrame:
        """The waiting rows: further ones of a holder, and those who only seemed to have come before."""
        rows = pl.concat(self._waiting).with_columns(first=pl.col("key").is_first_distinct())
        self._waiting = []
        found = rows.join(self._holders(rows["key"]), on="key", how="left", maintain_order="left")
        is_new = pl.col("first") & pl.col("holder").is_null()
        new = self._first(found.filter(is_new).drop("first", "holder"))
        again = found.filter(~is_new).drop("first", "holder")
        known_now = self._holders(again["key"])
        further = again.join(known_now, on="key", how="left", maintain_order="left").drop("key")
        return pl.concat([new, further.with_columns(again=pl.lit(value=True))], how="diagonal")

    def _holders(self, keys: pl.Series) -> pl.DataFrame:
        """``key`` and ``holder`` of those of the ``keys`` that somebody has."""
        every = pl.concat(self._keys)
        places = every.is_in(keys.drop_nulls().unique().implode()).arg_true()
        return pl.DataFrame({"key": every.gather(places), "holder": places.cast(pl.Int32)})

    def _ids(self) -> pl.DataFrame:
        """``holder`` and ``record``: own ids that are one holder's and look like no other name."""
        own = pl.concat(self._own).filter(pl.col("record").is_unique(), ~pl.col("record").str.starts_with(ROW))
        return own.filter(known.normalise(NUMBER, own["record"]).is_null())


class _Sieve:
    """Which numbers came before: never no for one that did, wrongly yes for one in thirty where there are 100 million.

    A Bloom filter of two marks a number.
    """

    _BITS = 30
    _FACTORS = (0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F)  # odd: each spreads the numbers in another way

    def __init__(self) -> None:
        self._marks = np.zeros(1 << (self._BITS - 3), np.uint8)

    def may_have_seen(self, keys: np.ndarray) -> np.ndarray:
        """Of each of the keys (Int64), which are taken in; those below zero never came before."""
        seen = np.zeros(len(keys), bool)
        told = np.flatnonzero(keys >= 0)
        numbers, found = keys[told].astype(np.uint64), np.ones(len(told), bool)
        for factor in self._FACTORS:
            place = (numbers * np.uint64(factor)) >> np.uint64(64 - self._BITS)
            byte, bit = (place >> np.uint64(3)).astype(np.int64), (1 << (place & np.uint64(7))).astype(np.uint8)
            found &= (self._marks[byte] & bit) > 0
            np.bitwise_or.at(self._marks, byte, bit)
        seen[told] = found
        return seen
