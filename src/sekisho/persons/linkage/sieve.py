"""Which rows of a large table may meet some records at all: those that share what a block looks for, and few others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import polars as pl
from numpy.typing import NDArray

from sekisho.persons.linkage.design import Design

Numbers = NDArray[np.uint32]

_SPARSE = 128
"""Places of a table for each key that it holds: one in so many rows that share nothing passes by chance."""
_FEWEST, _MOST = 16, 30  # bits of a place
_SLICE = 1 << 16
"""Rows that are looked at together: what is computed of them stays in the processor's cache."""
_FACTORS = tuple(np.uint32(factor) for factor in (0x9E3779B1, 0x85EBCA77, 0xC2B2AE3D, 0x27D4EB2F, 0x165667B1))
_UNKNOWN = -1
_BYTE, _IN_BYTE, _ONE = np.uint32(3), np.uint32(7), np.uint8(1)


class Sieve:
    """Made of records with ``asks_<block>`` (`Census.asks`); a row that a block would bring to one of them passes."""

    def __init__(self, design: Design, records: pl.DataFrame) -> None:
        self._blocks = []
        for at, block in enumerate(design.blocks):
            asking = records.filter(f"asks_{at}")
            bits = min(max(_FEWEST, (asking.height * _SPARSE).bit_length()), _MOST)
            there = np.zeros(1 << bits, dtype=bool)
            there[_places(_numbers(asking, block.on), block.on, bits)] = True
            self._blocks.append((block.on, bits, np.packbits(there, bitorder="little")))
        self._columns = tuple(dict.fromkeys(column for block in design.blocks for column in block.on))

    def passing(self, rows: pl.DataFrame) -> pl.DataFrame:
        """The rows that may meet a record, with ``may_<block>``: by which blocks."""
        numbers, passes = _numbers(rows, self._columns), np.empty((len(self._blocks), rows.height), dtype=bool)
        for start in range(0, rows.height, _SLICE):
            some = {column: of_all[start : start + _SLICE] for column, of_all in numbers.items()}
            for may, (on, bits, table) in zip(passes, self._blocks, strict=True):
                places = _places(some, on, bits)
                may[start : start + _SLICE] = (table[places >> _BYTE] >> (places & _IN_BYTE).astype(np.uint8)) & _ONE
        told = rows.with_columns(pl.Series(f"may_{at}", may) for at, may in enumerate(passes))
        return told.filter(pl.Series(passes.any(axis=0)))


def _numbers(rows: pl.DataFrame, columns: Sequence[str]) -> dict[str, Numbers]:
    return {column: rows[column].cast(pl.Int32).fill_null(_UNKNOWN).to_numpy().view(np.uint32) for column in columns}


def _places(numbers: Mapping[str, Numbers], on: Sequence[str], bits: int) -> Numbers:
    """Where in a table of 2**bits places the values of each row lead, the same for the same values."""
    mixed = numbers[on[0]] * _FACTORS[0]
    for at, column in enumerate(on[1:], 1):
        mixed += numbers[column] * _FACTORS[at % len(_FACTORS)]
    mixed ^= mixed >> np.uint32(15)
    mixed *= _FACTORS[-1]
    places: Numbers = mixed >> np.uint32(32 - bits)
    return places
