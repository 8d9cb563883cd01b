"""The invented persons: who they are, what they were called before, where they live, when they worked."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from itertools import pairwise

import polars as pl

from benchmarks.linkage import foreign, given, shares, surnames
from benchmarks.linkage.births import FIRST_YEAR, Births
from benchmarks.linkage.draw import Groups, everywhere
from benchmarks.linkage.homes import homes
from benchmarks.linkage.periods import NOW, working_lives
from sekisho.estate.dice import Dice
from sekisho.estate.people import VARIANTS

# by year of birth, linear between: who ever marries, and the mean age then (censuses, vital statistics, projections)
_MARRY = ((1926, 0.96), (1955, 0.95), (1975, 0.80), (1990, 0.70), (2005, 0.65))
_AGE = ((1926, 23.0), (1950, 24.5), (1975, 28.0), (1990, 29.5), (2005, 30.0))
_AGE_SPREAD = 6 * 12  # months to either side
RARER = {"辺": "邊", "斎": "齊", "崎": "嵜", "島": "嶋", "沢": "澤", "広": "廣"}  # variants beside `VARIANTS`
_FATHER_OLDER = (20, 45)  # years between father and son


@dataclass(frozen=True, slots=True)
class Tables:
    """The names that persons point at by row (kanji, kana), and how they are drawn."""

    last: pl.DataFrame
    first: pl.DataFrame
    draw_last: Groups
    draw_first: Groups
    draw_foreign_last: Groups
    draw_foreign_first: Groups


@cache
def tables() -> Tables:
    """All names: the Japanese ones, then the foreign ones."""
    last = surnames.surnames()
    first, draw_first = given.given()
    foreign_last, draw_foreign_last = foreign.surnames(last.height)
    foreign_first, draw_foreign_first = foreign.given(first.height)
    return Tables(
        last=pl.concat([last.select("kanji", "kana"), foreign_last]),
        first=pl.concat([first, foreign_first]),
        draw_last=Groups([(pl.int_range(last.height, eager=True), last["weight"])]),
        draw_first=draw_first,
        draw_foreign_last=draw_foreign_last,
        draw_foreign_first=draw_foreign_first,
    )


def _named(woman: pl.Series, birth: pl.Series, dice: Dice) -> pl.DataFrame:
    """Names at birth: born_last, first (rows of `tables`), foreign, alias_last, alias_first (null for most)."""
    n, names = len(birth), tables()
    last = names.draw_last.draw(everywhere(n), dice.stream("last"))
    first = names.draw_first.draw(given.group(woman, birth), dice.stream("first"))
    nation = foreign.draw_nation().draw(everywhere(n), dice.stream("nation"))
    is_foreign = pl.lit(dice.stream("foreign").chances(n, shares.FOREIGN))
    foreign_last = names.draw_foreign_last.draw(nation, dice.stream("foreign last"))
    foreign_first = names.draw_foreign_first.draw(nation * 2 + (~woman).cast(pl.Int32), dice.stream("foreign first"))
    nations = foreign.nations().with_row_index().filter(pl.col("nation").is_in(foreign.WITH_ALIAS))
    more = shares.ALIAS * 100 / int(nations["percent"].sum())
    alias = is_foreign & nation.is_in(nations["index"].implode()) & dice.stream("alias").chances(n, more)
    return pl.select(
        born_last=pl.when(is_foreign).then(foreign_last).otherwise(last),
        first=pl.when(is_foreign).then(foreign_first).otherwise(first),
        foreign=is_foreign,
        alias_last=pl.when(alias).then(last),
        alias_first=pl.when(alias).then(first),
    )


@cache
def _neighbours() -> pl.Series:
    """For each given name the row of one that is next in the order of kana and reads otherwise: 一枝, 一夫."""
    kana = tables().first.with_row_index("row").with_columns(turn=pl.col("kana").rle_id())
    first = kana.group_by("turn").agg(pl.col("row").first()).sort("turn")["row"].cast(pl.Int32)
    return first.gather((kana["turn"].cast(pl.Int64) + 1).clip(upper_bound=first.len() - 1))


def _with_relatives(people: pl.DataFrame, dice: Dice) -> pl.DataFrame:
    """Some persons become the twin of the one before them, some the son who bears the name of the one before."""
    n = people.height
    home = ("origin", "prefecture", "town", "chome", "banchi", "go", "building")
    older = pl.col("birth").dt.year() - pl.col("birth").shift(1).dt.year()
    both = ~pl.col("foreign") & ~pl.col("foreign").shift(1)
    men = ~pl.col("woman") & ~pl.col("woman").shift(1)
    marked = people.select(
        twin=both & dice.stream("twin").chances(n, shares.TWIN / 2),
        son=both & men & older.is_between(*_FATHER_OLDER) & dice.stream("son").chances(n, shares.NAMESAKE),
        alike=(pl.col("woman") == pl.col("woman").shift(1)) & dice.stream("alike").chances(n, shares.TWIN_ALIKE),
    ).with_columns(pl.all().fill_null(value=False))
    kana = tables().first["kana"].gather(people["first"])
    alike = pl.lit(marked["alike"] | (kana == kana.shift(1)))  # twins never bear one name
    near = pl.lit(_neighbours().gather(people["first"])).shift(1)
    twin, son = (pl.lit(marked[c]) for c in ("twin", "son"))
    return people.with_columns(
        *(pl.when(twin | son).then(pl.col(c).shift(1)).otherwise(c).alias(c) for c in ("born_last", *home)),
        birth=pl.when(twin).then(pl.col("birth").shift(1)).otherwise("birth"),
        first=pl.when(son).then(pl.col("first").shift(1)).when(twin & alike).then(near).otherwise("first"),
    )


def _by_year(points: tuple[tuple[int, float], ...], year: pl.Series) -> pl.Series:
    """What ``points`` (year, value) give for each birth ``year``, linear between them."""
    values = [low + (high - low) * (y - a) / (b - a) for (a, low), (b, high) in pairwise(points) for y in range(a, b)]
    return pl.Series([*values, points[-1][1]]).gather(year - FIRST_YEAR)


def _married(people: pl.DataFrame, dice: Dice) -> pl.DataFrame:
    """Last (row of `tables`: the name of today) and changed (month in which it changed; null where it did not)."""
    n, birth = people.height, people["birth"]
    year = birth.dt.year().cast(pl.Int64)
    takes = pl.when("woman").then(shares.WOMAN_TAKES_HIS_NAME).otherwise(shares.MAN_TAKES_HER_NAME)
    luck = dice.stream("marry").column(n, 1 << 30) / (1 << 30)
    spread = dice.stream("early").column(n, _AGE_SPREAD) + dice.stream("late").column(n, _AGE_SPREAD) - _AGE_SPREAD
    age = (_by_year(_AGE, year) * 12).cast(pl.Int64) + spread
    month = year * 12 + birth.dt.month().cast(pl.Int64) - 1 + age
    changes = (pl.lit(luck) < pl.lit(_by_year(_MARRY, year)) * takes) & (month < NOW) & ~pl.col("foreign")
    other = tables().draw_last.draw(everywhere(n), dice.stream("new name"))
    return people.select(last=pl.when(changes).then(other).otherwise("born_last"), changed=pl.when(changes).then(month))


def persons(n: int, births: Births, dice: Dice) -> pl.DataFrame:
    """``n`` persons, one a row; names and towns as rows of their tables.

    woman, birth, born_last, first, foreign, alias_last, alias_first, last, changed, the columns of `homes` and
    of `working_lives`, variant (their family register has the variant character), former_known, alias_known
    (to the register).
    """
    woman, birth = dice.stream("woman").chances(n, 0.51), births.draw(n, dice.stream("birth"))
    people = (
        _named(woman, birth, dice.stream("name"))
        .with_columns(woman=woman, birth=birth)
        .hstack(homes(n, dice.stream("home")))
    )
    people = _with_relatives(people, dice.stream("relatives"))
    return people.hstack(_married(people, dice.stream("married"))).hstack(
        working_lives(people["birth"], dice.stream("work"))
    ).with_columns(
        variant=dice.stream("variant").chances(n, shares.VARIANT),
        former_known=dice.stream("former").chances(n, shares.FORMER_KNOWN),
        alias_known=dice.stream("alias").chances(n, shares.ALIAS_KNOWN),
    )  # fmt: skip


@cache
def _varied() -> pl.Series:
    """All surnames with variant characters; every second one with the rarer variants."""
    names = tables().last["kanji"]
    usual, rarer = names.str.replace_many(VARIANTS), names.str.replace_many(VARIANTS | RARER)
    return pl.select(pl.when(pl.int_range(len(names)) % 2 == 0).then(usual).otherwise(rarer)).to_series()


def surname(rows: pl.Series, variant: pl.Series) -> pl.Series:
    """Surnames in kanji, with the variant character where ``variant``; of two variants the row says which."""
    plain = tables().last["kanji"].gather(rows)
    varied = _varied().gather(rows)
    return pl.select(pl.when(variant).then(varied).otherwise(plain)).to_series()
