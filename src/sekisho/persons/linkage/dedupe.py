"""The rows of one table that are about the same person: any number of rows may be, so each pair is judged for itself.

Training is plain expectation-maximisation with u known from random pairs: p = (k/N) LR / (1 + (k/N) LR), where k is how
many further rows of the same person a row has among the N others. `Model.held` holds k.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from sekisho.clock import utc_now
from sekisho.frames import from_arrow, to_arrow
from sekisho.persons.linkage import candidates
from sekisho.persons.linkage.census import Census
from sekisho.persons.linkage.clusters import clustered
from sekisho.persons.linkage.design import GROUPS, MISSING, Comparison, Design
from sekisho.persons.linkage.model import Floats, Ints, Model, Origin, reasons, weights
from sekisho.persons.linkage.train import Pairs, level_shares
from sekisho.persons.linkage.values import Dictionary
from sekisho.vault.analytics import Analytics

ROUNDS = 100
RANDOM_PAIRS = 300_000
THRESHOLD = 0.95
SMALLEST = 0.001
"""Less probable pairs are not named."""
_STILL = 1e-4
_START_FURTHER = 0.5

Shares = dict[str, list[float]]


@dataclass(frozen=True, slots=True)
class Duplicates:
    """``person`` of each row, from 0, in order of rows.

    ``pairs``: ``one`` < ``other`` (places of rows), ``probability``, ``reasons``. ``passed_over``: rows that share what
    a block looks for with too many others to be looked at by it.
    """

    person: Ints
    pairs: pl.DataFrame
    passed_over: int
    model: Model


def dedupe(
    design: Design, rows: pl.DataFrame, threshold: float = THRESHOLD, memory: str = "", *, given: Model | None = None
) -> Duplicates:
    """Which rows are the same person's: joined by pairs of at least ``threshold``; ``given``: a model to go by.

    Learned with each row taken for a person of its own, then again with those found: how rare a value is, is counted
    by persons, as a name that one man bears in ten rows is not common. The table is what ``design`` can prepare.
    """
    dictionary = Dictionary(design)
    prepared = dictionary.numbered(dictionary.keyed(dictionary.prepare(rows)))
    u = _strangers(dictionary, prepared)
    person: Ints = np.arange(rows.height)
    with Analytics(memory) as db:
        census = _find(db, dictionary, prepared)
        for _ in range(2):
            pairs = _patterns(db, design, prepared, person, census)
            model, p = (given, probabilities(design, given, pairs)) if given else train(design, u, pairs)
            one, other = pairs.record.astype(np.int64), pairs.holder.astype(np.int64)
            person = clustered(one, other, p, rows.height, threshold)
    return Duplicates(person, _named(design, pairs, p), census.passed_over(design, prepared), model)


def _find(db: Analytics, dictionary: Dictionary, prepared: pl.DataFrame) -> Census:
    """``pairs`` and their levels; both sides are the one table. Gives what was counted of it."""
    design, place = dictionary.design, pl.int_range(prepared.height, dtype=pl.Int32, eager=True)
    both = prepared.with_columns(record=place, holder=place, alias=pl.lit(0, pl.Int8))
    census = Census()
    census.add(design, [both])
    census.count(design, lambda _: [both])
    asks = census.asks(design, both)
    may = asks.rename({f"asks_{at}": f"may_{at}" for at in range(asks.width)})
    for side, told in (("records", asks), ("holders", may)):
        db.feed(side, to_arrow(both.hstack(told)))
    db.run([candidates.pairs(design, within=True)])
    candidates.compare(db, dictionary, design)
    return census


def _patterns(db: Analytics, design: Design, prepared: pl.DataFrame, person: Ints, census: Census) -> Pairs:
    known = prepared.with_columns(person=person, alias=pl.lit(0, pl.Int8))
    by_person = Census(together=census.together)
    by_person.add(design, [known], once="person")
    by_person.feed(db, design)
    table = from_arrow(db.table(f"{candidates.patterns(design)} {candidates.IN_ORDER}"))
    return Pairs.of(design, table, np.full(GROUPS, float(prepared.height)), prepared.height)


def train(design: Design, u: Shares, pairs: Pairs) -> tuple[Model, Floats]:
    """The model that fits ``pairs``, and their probabilities by it."""
    start = {one.name: [[level.start for level in one.levels]] * GROUPS for one in design.comparisons}
    model = Model(design.name, start, u, [_START_FURTHER] * GROUPS, [0.0] * GROUPS, 1.0)
    for _ in range(ROUNDS):
        p, before = probabilities(design, model, pairs), model.held[0]
        mass = np.bincount(pairs.pattern, p, minlength=len(pairs.patterns.code)).astype(np.float64)
        m = {one.name: level_shares(one, pairs.patterns, mass) for one in design.comparisons}
        further = max(2.0 * float(p.sum()) / max(pairs.holders, 1), 1e-9)
        model = Model(design.name, m, u, [further] * GROUPS, model.alias_m, model.alias_u)
        if abs(further - before) < _STILL * before:
            break
    now = utc_now()
    return model.of(design, Origin(now, pairs.holders)), probabilities(design, model, pairs)


def probabilities(design: Design, model: Model, pairs: Pairs) -> Floats:
    """Of each pair, that both rows are the same person's."""
    log_odds = weights(design, model, pairs.patterns)[pairs.pattern] + pairs.rarity
    log_odds += np.log(model.held[0] / max(pairs.holders - 1, 1))
    found: Floats = 1.0 / (1.0 + np.exp(-np.clip(log_odds, -600.0, 600.0)))
    return found


def _named(design: Design, pairs: Pairs, p: Floats) -> pl.DataFrame:
    said = pl.Series(reasons(design, pairs.patterns), dtype=pl.Categorical)
    found = pl.DataFrame({"one": pairs.record, "other": pairs.holder, "probability": p, "pattern": pairs.pattern})
    named = found.filter(pl.col("probability") >= SMALLEST)
    return named.drop("pattern").with_columns(reasons=said.gather(named["pattern"]))


def _strangers(dictionary: Dictionary, prepared: pl.DataFrame) -> Shares:
    """U of each comparison: the shares of its levels among pairs of different rows drawn at random."""
    rows, dice = max(prepared.height, 2), np.random.default_rng(1)
    one = dice.integers(0, rows, min(RANDOM_PAIRS, rows * rows))
    other = (one + dice.integers(1, rows, len(one))) % rows
    places = pl.DataFrame({"one": one, "other": other}).filter(pl.max_horizontal("one", "other") < prepared.height)
    return {each.name: _shares(dictionary, each, prepared[each.name], places) for each in dictionary.design.comparisons}


def _shares(dictionary: Dictionary, one: Comparison, ids: pl.Series, places: pl.DataFrame) -> list[float]:
    names = [one.name, f"{one.name}_right"]
    drawn = [ids.gather(places[side]).alias(name) for name, side in zip(names, places.columns, strict=True)]
    weighed = pl.DataFrame(drawn).drop_nulls().group_by(names).len("pairs")
    told = from_arrow(candidates.levels(one, dictionary, weighed.select(names)))
    counts = np.bincount(told["level"].to_numpy(), weighed["pairs"].to_numpy(), minlength=len(one.levels)) + 0.5
    counts[MISSING] = 0.0
    return [float(x) for x in counts / counts.sum()]
