"""New numbers against the pool, the register and who is told by letter."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import polars as pl

from benchmarks.aftermath.counted import Row, Truth


def rows(truth: Truth, given: pl.DataFrame, tellings: pl.DataFrame, master: pl.DataFrame) -> Iterator[Row]:
    """``given``: person, old, number (Int64) of all that were ever given; ``master``: the last version."""
    pool = _digits(pl.read_csv(Path(truth.folder) / "new-numbers.csv", infer_schema=False).to_series())
    numbers, persons = given["number"], given["person"]
    yield Row("new numbers given", given.height)
    yield Row("new numbers given twice", int(numbers.is_duplicated().sum()), 0)
    yield Row("persons with two new numbers", int(persons.is_duplicated().sum()), 0)
    yield Row("new numbers that are not the issuer's", int((~numbers.is_in(pool.implode())).sum()), 0)
    used = pl.concat([_digits(truth.holders[c].drop_nulls()) for c in ("basic_pension_number", "old_number")])
    yield Row("new numbers that somebody had before", int(numbers.is_in(used.implode()).sum()), 0)
    exposed = _digits(truth.exposed["holder"].drop_nulls())
    yield Row("numbers replaced that did not leak", int((~given["old"].is_in(exposed.implode())).sum()), 0)
    leaked = master.filter(pl.col("items").str.contains("basic_pension_number|certificate_number"))
    by_letter = leaked.join(tellings.filter(way="letter"), on="person")["person"]
    without = int((~by_letter.is_in(persons.implode())).sum())
    yield Row("persons told by letter whose number leaked, without a new one", without, 0)
    dead = _digits(truth.holders.filter(pl.col("deceased").is_not_null())["basic_pension_number"])
    yield Row("new numbers for the dead", int(given["old"].is_in(dead.implode()).sum()), 0)


def _digits(numbers: pl.Series) -> pl.Series:
    return numbers.str.replace("-", "").cast(pl.Int64)
