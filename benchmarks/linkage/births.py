"""Birth dates: cohorts as large as they were, heaped days, and slices of dates with a nation's density."""

from __future__ import annotations

from functools import cache

import polars as pl

from benchmarks.linkage.draw import Groups, everywhere
from sekisho.estate.dice import Dice

# live births of Japan in thousands, 1926-2005 (vital statistics; 1944-1946 were not counted: estimates)
BIRTHS = (
    2104, 2061, 2136, 2077, 2085, 2103, 2183, 2121, 2044, 2191, 2102, 2181, 1928, 1902, 2116, 2277, 2234, 2254, 2000,
    1700, 1580, 2679, 2682, 2697, 2338, 2138, 2005, 1868, 1770, 1731, 1665, 1567, 1653, 1626, 1606, 1589, 1619, 1660,
    1717, 1824, 1361, 1936, 1872, 1890, 1934, 2001, 2039, 2092, 2030, 1901, 1833, 1755, 1709, 1643, 1577, 1529, 1515,
    1509, 1490, 1432, 1383, 1347, 1314, 1247, 1222, 1223, 1209, 1188, 1238, 1187, 1207, 1192, 1203, 1178, 1191, 1171,
    1154, 1124, 1111, 1063,
)  # fmt: skip
FIRST_YEAR = 1926
LAST_YEAR = FIRST_YEAR + len(BIRTHS) - 1
_GROWN_UP = (0.78, 0.99)  # share that reached 20: of those born in 1926, from 1960 on; linear between (life tables)
_HEAPED_UNTIL = 1950  # days that nobody knew, and births kept for the new year, were written on two days; assumed
_HEAPS = {(1, 1): 0.006, (7, 1): 0.001}  # share of the year's births that moved there
SLICE_YEARS = (6, 7, 8)  # last digits of the years of a slice: of average size, and most years off by 1 or 10 inside
_SLICE_AT_MOST = 0.2  # larger slices take every year


@cache
def days() -> pl.DataFrame:
    """Every birth date with its share of all persons: date, share."""
    low, high = _GROWN_UP
    years = pl.DataFrame({"year": range(FIRST_YEAR, LAST_YEAR + 1), "births": BIRTHS}).with_columns(
        births=pl.col("births")
        * (low + (high - low) * ((pl.col("year") - FIRST_YEAR) / (1960 - FIRST_YEAR)).clip(0, 1))
    )
    dates = pl.date_range(pl.date(FIRST_YEAR, 1, 1), pl.date(LAST_YEAR, 12, 31), eager=True)
    year = pl.col("date").dt.year()
    moved = pl.lit(0.0)
    for (month, day), share in _HEAPS.items():
        at = (pl.col("date").dt.month() == month) & (pl.col("date").dt.day() == day)
        moved = pl.when(at).then(share).otherwise(moved)
    heaped = pl.when(year < _HEAPED_UNTIL).then((1 - sum(_HEAPS.values())) / pl.len().over("year") + moved)
    return (
        pl.DataFrame({"date": dates})
        .with_columns(year=year)
        .join(years, on="year", maintain_order="left")
        .with_columns(share=pl.col("births") * heaped.otherwise(1 / pl.len().over("year")))
        .select("date", share=pl.col("share") / pl.col("share").sum())
    )


def slice_of(share: float, dice: Dice) -> pl.DataFrame:
    """As many of `days` as hold ``share`` of all persons: some days in a row, in years from all cohorts.

    The years come in threes and every decade (`SLICE_YEARS`), so that most wrong dates lead to a day that has its
    strangers too.
    """
    if share >= 1:
        return days()
    year = pl.col("date").dt.year()
    within = days().filter(year.mod(10).is_in(SLICE_YEARS)) if share <= _SLICE_AT_MOST else days()
    width = int(share * days().height / within["date"].dt.year().n_unique()) + 2
    start = dice.between(1, max(366 - width, 1))
    ordered = (
        within.with_columns(turn=(pl.col("date").dt.ordinal_day() - start) % 366)
        .sort("turn", "date")
        .with_columns(reached=pl.col("share").cum_sum() - pl.col("share") / 2)
    )
    return ordered.filter(pl.col("reached") <= share).select("date", "share").sort("date")


class Births:
    """Birth dates to draw from: all days, or a slice of them."""

    def __init__(self, dates: pl.DataFrame) -> None:
        """``dates``: date and share, as `slice_of` gives them."""
        self._dates = dates["date"]
        self._draw = Groups([(pl.int_range(dates.height, eager=True), dates["share"])])

    def draw(self, n: int, dice: Dice) -> pl.Series:
        """``n`` dates."""
        return self._dates.gather(self._draw.draw(everywhere(n), dice))
