"""Contribution periods: the stints of work that the register knows, and the gaps that orphans fill.

Months are integers, 12 * year + month - 1.
"""

from __future__ import annotations

from functools import cache

import polars as pl

from benchmarks.linkage import shares
from sekisho.estate.dice import Dice

BEGIN = 12 * 1942 + 5  # the first month of the employees' pension: 1942-06
NOW = 12 * 2026 + 9
_MONTHS_OF_WORK = 12 * 40
_SHORTEST = 24  # months of working life below which nothing is known
# the longest of each part of a working life, in parts of the whole: early jobs are short; assumed
_CUTS = {"first": 400, "gap": 400, "middle": 1000, "second_gap": 600, "last": 1500}
_LATER = 0.4  # of orphans come from the second gap; assumed: one record in eight is then older than the marriage


@cache
def _names() -> pl.Series:
    """Months as text, from `BEGIN` on."""
    return pl.Series([f"{m // 12}-{m % 12 + 1:02d}" for m in range(BEGIN, NOW + 1)])


def month(number: pl.Series) -> pl.Series:
    """``YYYY-MM``."""
    return _names().gather(number - BEGIN)


def working_lives(birth: pl.Series, dice: Dice) -> pl.DataFrame:
    """Known stints and a gap: periods (text), gap_from, gap_to (months, both included); null where there are none.

    A working life of up to 40 years is cut into stint, gap, stint, gap, stint. The gap is one of the two.
    """
    n = len(birth)
    born = birth.dt.year().cast(pl.Int64) * 12 + birth.dt.month().cast(pl.Int64) - 1
    school = (3 * (birth.dt.year().cast(pl.Int64) - 1926) // 30).clip(0, 5)  # years longer than in 1926; assumed
    start = (born + (15 + school) * 12 + dice.stream("start").column(n, 48)).clip(BEGIN, NOW)
    length = (NOW - start).clip(0, _MONTHS_OF_WORK)
    parts = pl.DataFrame({c: dice.stream(c).column(n, longest) + 1 for c, longest in _CUTS.items()})
    ends = parts.select(pl.cum_fold(0, lambda a, b: a + b, pl.all()).alias("s")).unnest("s")
    frame = ends.select(start=start, length=length, **{c: start + length * pl.col(c) // pl.col("last") for c in _CUTS})
    some = (pl.col("length") >= _SHORTEST) & ~dice.stream("none").chances(n, shares.NO_PERIODS)
    stints = (("start", "first"), ("gap", "middle"), ("second_gap", "last"))
    known = [
        _stint(frame.select(a=pl.when(some & ~missing).then(pl.col(a)), b=pl.col(b) - 1))
        for (a, b), missing in zip(stints, _missing(n, dice), strict=True)
    ]
    text = pl.select(pl.concat_str(*known, separator=";", ignore_nulls=True)).to_series()
    later = pl.lit(dice.stream("later").chances(n, _LATER))
    gap_from = pl.when(later).then(pl.col("middle")).otherwise(pl.col("first"))
    gap_to = pl.when(later).then(pl.col("second_gap")).otherwise(pl.col("gap"))
    return frame.select(
        periods=pl.when(text != "").then(text),
        gap_from=pl.when(gap_to > gap_from).then(gap_from),
        gap_to=pl.when(gap_to > gap_from).then(gap_to - 1),
    )


def _missing(n: int, dice: Dice) -> list[pl.Series]:
    return [dice.stream("missing", i).chances(n, share) for i, share in enumerate(shares.STINT_MISSING)]


def _stint(months: pl.DataFrame) -> pl.Series:
    """``YYYY-MM/YYYY-MM``, null where empty."""
    a, b = months["a"], months["b"]
    a = a.set(b < a, None)
    return month(a) + "/" + month(b.clip(lower_bound=BEGIN))


def within(gaps: pl.DataFrame, dice: Dice) -> pl.DataFrame:
    """A period inside each gap (gap_from, gap_to): begin, end (months, null where there is no gap)."""
    n = gaps.height
    length = pl.col("gap_to") - pl.col("gap_from") + 1
    begin = pl.col("gap_from") + dice.stream("begin").column(n, 1 << 30) % length
    more = dice.stream("end").column(n, 1 << 30) % (pl.col("gap_to") - pl.col("begin") + 1)
    return gaps.with_columns(begin=begin).select("begin", end=pl.col("begin") + more)
