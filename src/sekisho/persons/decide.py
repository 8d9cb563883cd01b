"""Of the holders whom a profile may mean the probable one, and whether a human must decide."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from sekisho.model import Item
from sekisho.persons import weigh
from sekisho.persons.weigh import DIFFER, MISSING, SAME, Floats, Population, Weights

WRONG = 1e-4
"""Of all that is settled and not asked about at most this share is expected to be wrong."""
SURE_FROM = 0.95
SETTLED_FROM = 0.5
"""Of all together who fit in name and birth date, or share the number."""
DOUBT_FROM = 0.05
"""From this probability on a human is asked."""
_HELD = np.array([0.8, 0.5, 0.9])  # no number, one that no holder has, one of another holder
_HELD_COUNTS = 4.0
_ELSEWHERE = 1e5  # somebody of that name and birth date is in no register: as odds
_SAID = pl.concat_str(
    "holder", *(f"{item}_right" for item in ("name", "kana", "birth", "sex")), separator=" ", ignore_nulls=True
)
"""What tells holders who fit alike apart, in whatever order they stand."""
_SUREST = 1 - 1e-6
_ROUNDS = 30
_STILL = 1e-5


@dataclass(frozen=True, slots=True)
class Posterior:
    """Of each person whom a profile met the ``probability``; ``alone``: by the number, if nobody else were met."""

    probability: Floats
    alone: Floats


@dataclass(frozen=True, slots=True)
class Decided:
    """``profiles``: what is decided of each that met somebody: ``person``, ``holder`` (number), ``probability``,
    ``settled``, ``ask``, ``conflict``, ``refused`` (the holder of its number is not taken for the person).

    ``sure``: the probability of records that agree as written, by what they tell (``birth``, ``sex``, ``called``).
    """

    profiles: pl.DataFrame
    sure: pl.DataFrame


def decided(pairs: pl.DataFrame, profiles: pl.DataFrame, agreeing: pl.DataFrame, population: Population) -> Decided:
    """From ``pairs`` (`meet.met` with ``address_right``), ``profiles`` (`meet.whoever`), and how many records agree as
    written (``records``), by what they tell.
    """
    profiles = profiles.sort("profile")
    pairs = pairs.join(profiles.select("profile", "group"), on="profile").with_columns(own=pl.col("way") == "number")
    pairs = pairs.with_columns(birth_level=pl.Series(weigh.births(pairs)))
    under, others = pairs.filter("own"), pairs.filter(~pl.col("own"))
    levels = weigh.levels_under_a_number(under)
    weights = weigh.learn(levels, _agree(agreeing))
    weighed = [
        under.with_columns(
            log_odds=weights.log_odds(levels),
            nothing=np.max(list(levels.values()), axis=0) == MISSING,
            wholly=(levels["family"] == DIFFER) & (levels["given"] == DIFFER) & weigh.nothing_in_common(under),
        ),
        others.with_columns(
            log_odds=weigh.by_chance(others, weights, population),
            nothing=pl.lit(value=False),
            wholly=pl.lit(value=False),
        ),
    ]
    sure = _sure(agreeing, weights)
    persons = by_person(pl.concat(weighed))
    return Decided(_taken(persons, posterior(persons, profiles), int(sure["records"].sum())), sure)


def _told(probability: Floats) -> Floats:
    """As it is told: nothing is surer than one in a million, and what rounding may do is left out."""
    told: Floats = np.minimum(probability, _SUREST).round(9)
    return told


_TELLS = {"family": "called", "given": "called", "birth": "birth", "sex": "sex"}


def _agree(agreeing: pl.DataFrame) -> dict[str, float]:
    return {name: float(agreeing.filter(told)["records"].sum()) for name, told in _TELLS.items()}


def _sure(agreeing: pl.DataFrame, weights: Weights) -> pl.DataFrame:
    levels = {name: np.where(agreeing[told].to_numpy(), SAME, MISSING) for name, told in _TELLS.items()}
    return agreeing.with_columns(probability=_told(1 / (1 + np.exp(-weights.log_odds(levels)))))


def _taken(persons: pl.DataFrame, of: Posterior, certain: int) -> pl.DataFrame:
    """The most probable person of each profile. ``certain``: records that are settled besides, as good as certainly."""
    own, way, p = persons["own"].to_numpy(), persons["way"].to_numpy(), of.probability
    first = np.flatnonzero(np.diff(persons["profile"].to_numpy(), prepend=-1))
    length = np.diff(np.r_[first, persons.height])
    alike = {kind: np.repeat(np.add.reduceat(p * (way == kind), first), length) for kind in ("number", "named")}
    together = np.where(own, alike["number"], np.where(way == "named", alike["named"], p))
    place_of = np.repeat(first, length)
    most = np.repeat(np.maximum.reduceat(p, first), length)
    place = np.flatnonzero(p == most)
    place = place[np.lexsort((persons["said"].to_numpy()[place], place_of[place]))]
    place = place[np.unique(place_of[place], return_index=True)[1]]
    alone, numbered = (np.maximum.reduceat(each, first) for each in (of.alone, own))
    best = persons[place].with_columns(
        probability=_told(p[place]),
        together=together[place],
        alone=alone,
        numbered=numbered,
        conflict=_conflict(),
    )
    return _judged(best, certain)


def _judged(best: pl.DataFrame, certain: int) -> pl.DataFrame:
    """Whether it is settled on the ``best`` person of each profile, and whether a human is asked."""
    probability, nothing = pl.col("probability"), pl.col("nothing")
    expected = pl.when(nothing).then(0.0).otherwise(1 - probability).cum_sum()
    within = (expected <= WRONG * (certain + pl.int_range(1, pl.len() + 1))) & (probability >= SURE_FROM)
    unknown_number = (pl.col("group") == 1) & ~pl.col("near")
    twin = ~pl.col("own") & (pl.col("alone") >= DOUBT_FROM)
    moved = (pl.col("address") == pl.col("address_right")).fill_null(value=False).not_()
    name_alone = pl.col("way").is_in(["name", "kana"]) & (pl.col("birth_level") == MISSING) & moved & ~pl.col("near")
    doubt = ~within | pl.col("wholly") | twin | unknown_number | name_alone
    far_off = unknown_number & ~pl.col("way").is_in(["number", "named", "learned"])
    settled = ~far_off & (pl.col("together") > SETTLED_FROM)
    told = best.sort("probability", "profile", descending=[True, False]).with_columns(settled=settled, doubt=doubt)
    number_alone = nothing & (probability > SETTLED_FROM)
    return told.select(
        "profile", "person", "holder", "probability", "settled", "conflict",
        ask=pl.when("settled").then(pl.col("doubt") & ~number_alone).otherwise(probability >= DOUBT_FROM),
        refused=pl.col("numbered") & ~(pl.col("own") & pl.col("settled")),
    )  # fmt: skip


def _conflict() -> pl.Expr:
    """The items that disagree, comma-joined, in the order of `Item`."""
    number = ~pl.col("own") & (pl.col("number") != pl.col("holder"))
    birth = pl.col("birth_level") > weigh.PARTLY
    disagreeing = {
        Item.BASIC_PENSION_NUMBER: number,
        Item.NAME: _differ("name"),
        Item.NAME_KANA: _differ("kana"),
        Item.BIRTH_DATE: birth,
        Item.SEX: pl.col("sex") != pl.col("sex_right"),
    }
    said = [pl.when(differs).then(pl.lit(str(item))) for item, differs in disagreeing.items()]
    return pl.concat_str(said, separator=",", ignore_nulls=True)


def _differ(item: str) -> pl.Expr:
    """A name in Latin letters and one in kanji cannot be held against each other."""
    one, other = pl.col(item), pl.col(f"{item}_right")
    return (one != other) & (one.str.contains(weigh.LATIN) == other.str.contains(weigh.LATIN))


def by_person(pairs: pl.DataFrame) -> pl.DataFrame:
    """The best pair of each profile and person, in order; one under the number counts before others."""
    order = {"profile": False, "person_row": False, "own": True, "log_odds": True, "said": False}
    rows = pairs.with_columns(said=_SAID.hash()).sort(*order, descending=list(order.values()))
    both = rows["profile"].to_numpy(), rows["person_row"].to_numpy()
    return rows.filter(pl.lit(np.logical_or(*(np.diff(each, prepend=-1) != 0 for each in both))))


def posterior(persons: pl.DataFrame, profiles: pl.DataFrame) -> Posterior:
    """Of each of ``persons`` (`by_person`), whose profiles are among ``profiles``, which stand in order."""
    place = np.searchsorted(profiles["profile"].to_numpy(), persons["profile"].to_numpy())
    own = persons["own"].to_numpy()
    odds = np.exp(np.minimum(persons["log_odds"].to_numpy(), 600.0))
    number, others = (
        np.bincount(place, odds * these, minlength=profiles.height).astype(np.float64) for these in (own, ~own)
    )
    group = profiles["group"].to_numpy()
    strange = profiles["elsewhere"].to_numpy() * _ELSEWHERE
    held = _held(group, number, others, strange)[group]
    looked_for = profiles["open"].to_numpy()
    total = number + held * others + (1 - held * looked_for) + held * strange
    return Posterior(np.where(own, odds, odds * held[place]) / total[place], np.where(own, odds / (1 + odds), 0.0))


def _held(group: NDArray[np.int64], number: Floats, others: Floats, strange: Floats) -> Floats:
    """The share of each group that has a holder, if the number is not the holder's."""
    held = _HELD
    for _ in range(_ROUNDS):
        h = held[group]
        rest = h * others + (1 - h) + h * strange
        total = number + rest
        mass = np.bincount(group, h * others / total, minlength=len(_HELD)) + _HELD_COUNTS * _HELD
        again = mass / (np.bincount(group, rest / total, minlength=len(_HELD)) + _HELD_COUNTS)
        if np.abs(again - held).max() < _STILL:
            break
        held = again
    return held
