"""Where persons live and where their number was issued; the numbers themselves."""

from __future__ import annotations

from functools import cache

import polars as pl

from benchmarks.linkage import shares
from benchmarks.linkage.draw import Groups, everywhere
from sekisho.estate.dice import Dice
from sekisho.estate.places import BUILDINGS, PREFECTURES, towns

# thousands of inhabitants by prefecture in the order of `PREFECTURES` (census of 2020)
INHABITANTS = (
    5225, 1238, 1211, 2302, 960, 1068, 1833, 2867, 1933, 1939, 7345, 6284, 14048, 9237, 2201, 1035, 1133, 767, 810,
    2048, 1979, 3633, 7542, 1770, 1414, 2578, 8838, 5465, 1324, 923, 553, 671, 1888, 2800, 1342, 720, 950, 1335, 692,
    5135, 811, 1312, 1738, 1124, 1070, 1588, 1467,
)  # fmt: skip
_OFFICES = 60  # a prefecture's office codes: PP01 to PP60
_SERIALS = _OFFICES * 1_000_000  # numbers of a prefecture
_STEP = 37_139_213  # has no factor in common with _SERIALS: steps through all of them
_APART = 1_234_567  # so that prefectures do not go through the same serials at the same time


@cache
def _prefectures() -> Groups:
    return Groups([(pl.int_range(len(PREFECTURES), eager=True), pl.Series(INHABITANTS))])


@cache
def _towns() -> Groups:
    """The draw of a row of `towns` by prefecture; every town of a prefecture weighs the same."""
    of = towns().with_row_index("row").with_columns(pl.lit(1.0).alias("weight"))
    parts = of.partition_by("prefecture", as_dict=True)
    return Groups([(parts[(name,)]["row"], parts[(name,)]["weight"]) for name in PREFECTURES])


def prefectures(n: int, dice: Dice) -> pl.Series:
    """``n`` prefectures (0..46), as many as live there."""
    return _prefectures().draw(everywhere(n), dice)


def homes(n: int, dice: Dice) -> pl.DataFrame:
    """``n`` homes: origin, prefecture, town, chome, banchi, go, building.

    ``origin`` is the prefecture of the first job, ``town`` a row of `towns`, ``building`` a place in `BUILDINGS`;
    ``chome`` to ``go`` are integers.
    """
    origin, anywhere = prefectures(n, dice.stream("origin")), prefectures(n, dice.stream("moved"))
    stayed = dice.stream("stayed").chances(n, shares.STAYED)
    home = pl.select(pl.when(stayed).then(origin).otherwise(anywhere)).to_series()
    flat, building = dice.stream("flat").chances(n, shares.BUILDING), dice.stream("building").column(n, 5) + 5
    return pl.select(
        origin=origin,
        prefecture=home,
        town=_towns().draw(home, dice.stream("town")),
        chome=dice.stream("chome").column(n, 8) + 1,
        banchi=dice.stream("banchi").column(n, 40) + 1,
        go=dice.stream("go").column(n, 30) + 1,
        building=pl.when(flat).then(building).otherwise(0),
    )


def written(homes: pl.DataFrame) -> pl.DataFrame:
    """postal_code and address (NFKC, without postal code) of `homes`."""
    lines = _lines()
    at = homes["town"]
    house = pl.concat_str("chome", "banchi", "go", separator="-")
    address = pl.concat_str(lines["line"].gather(at), house, pl.Series(BUILDINGS).gather(homes["building"]))
    return homes.select(postal_code=lines["postal_code"].gather(at), address=address)


@cache
def _lines() -> pl.DataFrame:
    return towns().select("postal_code", line=pl.concat_str("prefecture", "city", "town"))


class Numbers:
    """Gives out basic pension numbers, each once; the first four digits are an office of the prefecture."""

    def __init__(self, dice: Dice) -> None:
        self._given = pl.DataFrame({"origin": range(len(PREFECTURES)), "given": [0] * len(PREFECTURES)})
        self._start = dice.between(0, _SERIALS - 1)

    def give(self, origin: pl.Series) -> pl.Series:
        """A new number ``NNNN-NNNNNN`` for each prefecture (0..46) of ``origin``."""
        asked = pl.DataFrame({"origin": origin.cast(pl.Int64)})
        turn = asked.join(self._given, on="origin", maintain_order="left").select(
            "origin", turn=pl.col("given") + pl.int_range(pl.len()).over("origin")
        )
        counts = asked.group_by("origin").agg(more=pl.len().cast(pl.Int64))
        self._given = self._given.join(counts, on="origin", how="left", maintain_order="left").select(
            "origin", given=pl.col("given") + pl.col("more").fill_null(0)
        )
        serial = ((pl.col("turn") + pl.col("origin") * _APART) * _STEP + self._start) % _SERIALS
        code = (pl.col("origin") + 1) * 100 + serial // 1_000_000 + 1
        return turn.select(pl.concat_str(_padded(code, 4), pl.lit("-"), _padded(serial % 1_000_000, 6))).to_series()


def offices(prefecture: pl.Series, dice: Dice) -> pl.Series:
    """An office code (four digits) of each prefecture."""
    code = (prefecture.cast(pl.Int64) + 1) * 100 + dice.column(len(prefecture), _OFFICES) + 1
    return code.cast(pl.String).str.zfill(4)


def _padded(number: pl.Expr, width: int) -> pl.Expr:
    return number.cast(pl.String).str.zfill(width)
