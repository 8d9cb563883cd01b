"""Registers of any size, cheaply: some persons as `generate` invents them, and strangers drawn from them.

A stranger has the surname of one person, given name, sex, former surname and about the birth date of another. What is
true of single persons and of pairs of values stays as it was made; families and twins do not.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import polars as pl

BATCH = 500_000
COLUMNS = ("name", "name_kana", "former_name", "former_name_kana", "birth_date", "sex")
_HALF_A_YEAR = 182  # days


def register(base: Path, holders: int, seed: int = 1) -> Iterator[pl.DataFrame]:
    """Frames of `COLUMNS` with so many rows in all: the register in ``base`` in its order, then strangers."""
    known = pl.read_parquet(base / "register" / "part-*.parquet", columns=list(COLUMNS)).head(holders)
    yield from known.iter_slices(BATCH)
    persons, dice = _apart(known), np.random.default_rng(seed)
    for start in range(known.height, holders, BATCH):
        yield _strangers(persons, min(BATCH, holders - start), dice)


def _apart(known: pl.DataFrame) -> pl.DataFrame:
    """Names in two parts, birth dates as dates."""
    names = [
        pl.col(name).str.splitn(" ", 2).struct.rename_fields([f"{name}_family", f"{name}_given"]).struct.unnest()
        for name in ("name", "name_kana")
    ]
    return known.select(*names, "former_name", "former_name_kana", "sex", born=pl.col("birth_date").str.to_date())


def _strangers(persons: pl.DataFrame, count: int, dice: np.random.Generator) -> pl.DataFrame:
    families, rest = (persons[dice.integers(0, persons.height, count)] for _ in range(2))
    days = pl.Series(dice.integers(-_HALF_A_YEAR, _HALF_A_YEAR, count))
    return pl.select(
        name=families["name_family"] + " " + rest["name_given"],
        name_kana=families["name_kana_family"] + " " + rest["name_kana_given"],
        former_name=rest["former_name"],
        former_name_kana=rest["former_name_kana"],
        birth_date=pl.lit(rest["born"]).dt.offset_by(pl.format("{}d", pl.lit(days))).dt.to_string("%Y-%m-%d"),
        sex=rest["sex"],
    )
