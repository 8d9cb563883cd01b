"""Learns a model without labels: a record has one holder at most, which keeps strangers from posing as matches.

Plain EM takes each pair for itself. Where strangers outnumber the true pairs of a block it learns the strangers.
Here the candidates of one record share one probability: p_i = (h/N) LR_i / ((1-h) + sum_j (h/N) LR_j), with h the
share of records that have a holder among the N of the register.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace

import numpy as np
import polars as pl
from numpy.typing import NDArray

from sekisho.frames import from_arrow
from sekisho.persons.linkage.candidates import levels
from sekisho.persons.linkage.design import GROUPS, MISSING, Comparison, Design
from sekisho.persons.linkage.doubles import limited
from sekisho.persons.linkage.model import Floats, Ints, Model, Patterns, told_apart, weights
from sekisho.persons.linkage.values import Dictionary

ROUNDS = 60
_STILL = 1e-4
_START_HELD = 0.7
_START_ALIAS = 0.02
_PRIOR = 2.0
_RANDOM_SIDE = 1500


@dataclass(frozen=True, slots=True)
class Pairs:
    """Pairs in order of record and holder: where each record begins (``first``), patterns and rarities."""

    record: NDArray[np.int32]
    holder: NDArray[np.int32]
    pattern: Ints  # place in ``patterns``
    patterns: Patterns
    rarity: NDArray[np.float32]
    asked: Floats  # records of each group that say enough to be looked up, also those without a candidate
    holders: int
    labelled: NDArray[np.int8] | None = None  # from labels: 1 the record's holder, 0 not, -1 not told; None: no labels

    @classmethod
    def of(cls, design: Design, table: pl.DataFrame, asked: Floats, holders: int) -> Pairs:
        """From the columns ``record``, ``holder``, ``pattern``, ``rarity``."""
        codes, place = _distinct(table["pattern"].to_numpy())
        return cls(
            table["record"].to_numpy(), table["holder"].to_numpy(), place.astype(np.int64),
            told_apart(design, codes.astype(np.int64)), table["rarity"].to_numpy(), asked, holders,
        )  # fmt: skip


_FEW = 1 << 24


def _distinct(codes: NDArray[np.integer]) -> tuple[NDArray[np.integer], NDArray[np.integer]]:
    """`numpy.unique` with the inverse; without sorting where the codes are small."""
    if not len(codes) or codes.max() >= _FEW:
        return np.unique(codes, return_inverse=True)
    there = np.zeros(int(codes.max()) + 1, dtype=bool)
    there[codes] = True
    return np.flatnonzero(there), (np.cumsum(there) - 1)[codes]


def probabilities(design: Design, model: Model, pairs: Pairs) -> tuple[Floats, Floats]:
    """Of each pair, and of each record with candidates that none of them is its holder.

    A holder who stands there under several names counts once, by the best.
    """
    if not len(pairs.record):
        return np.zeros(0), np.zeros(0)
    log_ratio = ratios(design, model, pairs)
    held = np.array(model.held)
    prior = np.log(held / pairs.holders)[pairs.patterns.group][pairs.pattern]
    same = np.r_[False, (pairs.record[1:] == pairs.record[:-1]) & (pairs.holder[1:] == pairs.holder[:-1])]
    if same.any():
        log_ratio = _best_of_each_holder(log_ratio, same)
    odds = np.exp(np.minimum(log_ratio + prior, 600.0))
    first = np.flatnonzero(np.r_[True, pairs.record[1:] != pairs.record[:-1]])
    none = (1.0 - held)[pairs.patterns.group[pairs.pattern[first]]]
    total = np.add.reduceat(odds, first) + none
    counts = np.diff(np.r_[first, len(odds)])
    return odds / np.repeat(total, counts), none / total


def ratios(design: Design, model: Model, pairs: Pairs) -> Floats:
    """The log likelihood ratio of each pair; no more than what resembles it among strangers lets it be."""
    alone: Floats = weights(design, model, pairs.patterns)[pairs.pattern] + pairs.rarity
    return limited(design, model, pairs.patterns, alone, pairs.holders, pairs.pattern)


def _best_of_each_holder(log_ratio: Floats, same: NDArray[np.bool_]) -> Floats:
    starts = np.flatnonzero(~same)
    best = np.maximum.reduceat(log_ratio, starts)
    group = np.cumsum(~same) - 1
    is_best = log_ratio >= best[group]
    place = np.flatnonzero(is_best)
    firsts = place[np.unique(group[place], return_index=True)[1]]
    kept = np.full(len(log_ratio), -np.inf)
    kept[firsts] = log_ratio[firsts]
    return kept


def first_guess(
    design: Design, dictionary: Dictionary, sides: tuple[pl.DataFrame, pl.DataFrame], other_names: float
) -> Model:
    """A model before any training; ``sides``: rows of records and holders from which strangers are drawn.

    ``other_names``: how many rows a holder has under another name; those of the records are added.
    """
    own = (sides[0].filter(alias=0), sides[1].filter(alias=0))
    other_names += float((sides[0]["alias"] > 0).sum()) / max(own[0].height, 1)
    u = {one.name: strangers(one, dictionary, own) for one in design.comparisons}
    start = {one.name: [[level.start for level in one.levels]] * GROUPS for one in design.comparisons}
    return Model(design.name, start, u, [_START_HELD] * GROUPS, [_START_ALIAS] * GROUPS, other_names)


def train(design: Design, model: Model, pairs: Pairs, known: Collection[str] = ()) -> Model:
    """The model that fits ``pairs``, beginning with ``model``, of which the m of the ``known`` comparisons stay."""
    for _ in range(ROUNDS):
        before = model.held
        model = _again(design, model, pairs, known)
        if max(abs(now - then) for now, then in zip(model.held, before, strict=True)) < _STILL:
            break
    return model


def _again(design: Design, model: Model, pairs: Pairs, known: Collection[str]) -> Model:
    p, _ = probabilities(design, model, pairs)
    if pairs.labelled is not None:
        p = np.where(pairs.labelled < 0, p, (pairs.labelled == 1) & (p > 0))
    mass: Floats = np.bincount(pairs.pattern, p, minlength=len(pairs.patterns.code)).astype(np.float64)
    m = {
        c.name: model.m[c.name] if c.name in known else level_shares(c, pairs.patterns, mass)
        for c in design.comparisons
    }
    group = pairs.patterns.group
    met = np.bincount(group, mass * (pairs.patterns.alias > 0), minlength=GROUPS)
    everybody = np.bincount(group, mass, minlength=GROUPS)
    usual = (met.sum() + _PRIOR * _START_ALIAS) / (everybody.sum() + _PRIOR)
    if design.renamed in known:
        return replace(model, m=m)
    aliases = (met + _PRIOR * usual) / (everybody + _PRIOR)
    share = (everybody.sum() + _PRIOR * _START_HELD) / (pairs.asked.sum() + _PRIOR)
    held = (everybody + _PRIOR * share) / (pairs.asked + _PRIOR)
    return replace(model, m=m, held=held.tolist(), alias_m=aliases.tolist())


def level_shares(one: Comparison, patterns: Patterns, mass: Floats) -> list[list[float]]:
    """The m of one comparison, a row for each group, where ``mass`` is how many true pairs each pattern stands for."""
    size = len(one.levels)
    group = patterns.group if one.apart else np.zeros_like(patterns.group)
    place = group * size + patterns.level[one.name]
    found = np.bincount(place, mass, minlength=GROUPS * size).reshape(GROUPS, size)
    guess = np.array([level.start for level in one.levels])
    everybody = found.sum(axis=0) + _PRIOR * guess / guess.sum()
    found = found + _PRIOR * everybody / everybody.sum()
    found[:, MISSING] = 0.0
    return [[float(x) for x in row] for row in found / found.sum(axis=1, keepdims=True)]


def labelled(pairs: Pairs, labels: pl.DataFrame | None) -> Pairs:
    """``pairs`` with what ``labels`` (``record``, ``holder``; null: nobody of the register) tell of them."""
    if labels is None:
        return pairs
    told = pl.DataFrame({"record": pairs.record, "holder": pairs.holder}).join(
        labels.select("record", true="holder", told=pl.lit(value=True)),
        on="record",
        how="left",
        maintain_order="left",
    )
    right = (pl.col("holder") == pl.col("true")).fill_null(value=False).cast(pl.Int8)
    said = told.select(pl.when("told").then(right).otherwise(pl.lit(-1, pl.Int8))).to_series()
    return replace(pairs, labelled=said.to_numpy())


def strangers(one: Comparison, dictionary: Dictionary, sides: tuple[pl.DataFrame, pl.DataFrame]) -> list[float]:
    """The shares of the levels among pairs drawn at random, of one cohort where frequencies are told by cohort."""
    cohort = [extra for extra in one.cohort if extra != "alias"]
    columns = [one.name, *cohort]
    drawn = [_drawn(side.select(columns).drop_nulls(), at) for at, side in enumerate(sides)]
    how = {"on": cohort} if cohort else {"how": "cross"}
    crossed = drawn[0].join(drawn[1], suffix="_right", **how)
    weighed = crossed.group_by(one.name, f"{one.name}_right").len("pairs")
    told = from_arrow(levels(one, dictionary, weighed.select(one.name, f"{one.name}_right")))
    counts = np.bincount(told["level"].to_numpy(), weighed["pairs"].to_numpy(), minlength=len(one.levels)) + 0.5
    counts[MISSING] = 0.0
    return [float(x) for x in counts / counts.sum()]


def _drawn(values: pl.DataFrame, seed: int) -> pl.DataFrame:
    size = _RANDOM_SIDE * (3 if values.width > 1 else 1)
    return values.sample(size, with_replacement=True, seed=seed) if values.height else values
