"""Which rows of a large table may meet some records at all: those that share what a block looks for, and few others."""

from __future__ import annotations

import numpy as np
import polars as pl
from numpy.typing import NDArray

from sekisho.persons.linkage.census import Keys, packed
from sekisho.persons.linkage.design import Design

_SPARSE = 64
"""Places of a table for each key that it holds: so many rows in a hundred that share nothing pass by chance, as 1.6."""
_FEWEST, _MOST = 16, 28


class Sieve:
    """Made of records with ``asks_<block>`` (`Census.asks`); a row that a block would bring to one of them passes."""

    def __init__(self, design: Design, records: pl.DataFrame) -> None:
        self._looked_for = [
            (block.on, _table(packed(records.filter(f"asks_{at}"), block.on)[1]))
            for at, block in enumerate(design.blocks)
        ]

    def passing(self, rows: pl.DataFrame) -> pl.DataFrame:
        """The rows that may meet a record."""
        passes = np.zeros(rows.height, dtype=bool)
        for on, (table, shift) in self._looked_for:
            known, keys = packed(rows, on)
            passes |= table[keys >> shift] & known
        return rows.filter(pl.Series(passes))


def _table(keys: Keys) -> tuple[NDArray[np.bool_], np.uint64]:
    """Where the first bits of a key lead to true if it may be one of ``keys``; by how many bits to shift it."""
    bits = min(max(_FEWEST, (len(keys) * _SPARSE).bit_length()), _MOST)
    shift = np.uint64(64 - bits)
    table = np.zeros(1 << bits, dtype=bool)
    table[keys >> shift] = True
    return table, shift
