"""Strangers who resemble somebody more than chance has it: twins, families at one address, persons listed twice.

They are counted among the holders: whoever a holder drawn at random meets beside themselves is a stranger. A pair of
strangers of some kind comes with the chance that its very values have, or with the share ``d`` of persons who have such
a double; d is what makes the pairs that were seen likeliest: the sum of 1 / (d + chance) over them is the number drawn.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import product

import numpy as np
import polars as pl

from sekisho.persons.linkage.design import MISSING, Comparison, Design, Level
from sekisho.persons.linkage.model import Floats, Ints, Model, Patterns

_PAIRS, _PERSONS = 0.01, 1_000.0
"""Known beforehand of every kind: so many pairs among so many persons."""
_BINS = 4
"""Chances are told apart by the quarter of e."""
_HALVINGS = 60
_ALL = slice(None)
_LETTERS = UNKNOWN, AGREES, NEARLY, DIFFERS = "0", "1", "2", "3"


def kinds(design: Design, patterns: Patterns) -> list[str]:
    """Of each pattern its kind: a letter a comparison, in the order of the design."""
    codes = np.zeros(len(patterns.code), dtype=np.int64)
    for one in design.comparisons:
        codes = codes * len(_LETTERS) + _letters(one)[patterns.level[one.name]]
    distinct, place = np.unique(codes, return_inverse=True)
    written = [np.base_repr(code, len(_LETTERS)).zfill(len(design.comparisons)) for code in distinct.tolist()]
    return [written[at] for at in place.tolist()]


def _letters(one: Comparison) -> Ints:
    """The place in `_LETTERS` of each level."""
    return np.array([_LETTERS.index(_letter(one, at, level)) for at, level in enumerate(one.levels)])


def _letter(one: Comparison, at: int, level: Level) -> str:
    if at == MISSING:
        return UNKNOWN
    if level.differs or at == len(one.levels) - 1:
        return DIFFERS
    return AGREES if level.rare or at == MISSING + 1 else NEARLY


def counted(design: Design, model: Model, patterns: Patterns, pairs: pl.DataFrame, drawn: int) -> dict[str, float]:
    """Kind -> the share of persons who have such a double.

    ``pairs``: ``pattern`` (place in ``patterns``), ``rarity`` and the number of ``holders`` of pairs that ``drawn``
    holders make with others. What says nothing in a record is left out of the kinds that are counted, too.
    """
    told_of = kinds(design, patterns)
    letters = [_by_letter(one, model) for one in design.comparisons]
    chance = [sum(of[letter] for of, letter in zip(letters, kind, strict=True)) for kind in told_of]
    told = pairs.with_columns(
        kind=pl.Series(told_of, dtype=pl.String).gather(pairs["pattern"]),
        chance=pl.Series(chance, dtype=pl.Float64).gather(pairs["pattern"])
        - pl.col("rarity")
        + pl.col("holders").log(),
    )
    few = told.group_by("kind", bin=(pl.col("chance") * _BINS).round()).len("pairs")
    found: dict[str, float] = {}
    for silent in _silences(design):
        forgotten = few
        for at in silent:
            forgotten = _without(forgotten, at, _by_letter(design.comparisons[at], model))
        forgotten = forgotten.sort("kind", "bin", "pairs")  # the same sums at every call
        for (kind,), some in forgotten.group_by("kind", maintain_order=True):
            seen, log_chance = some["pairs"].to_numpy(), some["bin"].to_numpy() / _BINS
            found[str(kind)] = _likeliest(seen.astype(np.float64), np.exp(log_chance), drawn)
    return found


def _by_letter(one: Comparison, model: Model) -> dict[str, float]:
    """The log chance of each letter among strangers; where a very value counts, its rarity tells that."""
    letters = [_letter(one, at, level) for at, level in enumerate(one.levels)]
    share = dict.fromkeys(letters, 0.0)
    for letter, u in zip(letters, model.u[one.name], strict=True):
        share[letter] += u
    rare = {letter for letter, level in zip(letters, one.levels, strict=True) if level.rare}
    return {letter: 0.0 if letter in {UNKNOWN, *rare} else float(np.log(max(u, 1e-12))) for letter, u in share.items()}


def _silences(design: Design) -> Iterator[tuple[int, ...]]:
    """Which comparisons, of those that do not count how rare a value is, may be left out; at first all of them.

    Later ones overwrite, so that what is known of more is told by more.
    """
    plain = [at for at, one in enumerate(design.comparisons) if not one.counts_rarity]
    for out in product((True, False), repeat=len(plain)):
        yield tuple(at for at, left_out in zip(plain, out, strict=True) if left_out)


def _without(pairs: pl.DataFrame, at: int, chances: Mapping[str, float]) -> pl.DataFrame:
    """``kind`` and ``bin`` as if the comparison in place ``at`` told nothing."""
    letter = pl.col("kind").str.slice(at, 1).replace_strict(chances, return_dtype=pl.Float64)
    kind = pl.col("kind").str.slice(0, at) + UNKNOWN + pl.col("kind").str.slice(at + 1)
    return pairs.with_columns(kind=kind, bin=pl.col("bin") - (letter * _BINS).round())


def _likeliest(pairs: Floats, chance: Floats, drawn: int) -> float:
    low, high = np.log(_PAIRS / (_PERSONS + drawn)), np.log(1.0 + pairs.sum())
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        share = np.exp(middle)
        too_low = (pairs / (share + chance)).sum() + _PAIRS / share > drawn + _PERSONS
        low, high = (middle, high) if too_low else (low, middle)
    return float(np.exp(low))


def limited(
    design: Design, model: Model, patterns: Patterns, log_ratio: Floats, holders: int, place: Ints | slice = _ALL
) -> Floats:
    """``log_ratio`` of pairs, by ``place`` in ``patterns``, no higher than doubles among the ``holders`` let it be."""
    if not model.doubles:
        return log_ratio
    least = _least(design, model, patterns)[place] - np.log(holders)
    found: Floats = -np.logaddexp(-log_ratio, least)
    return found


def _least(design: Design, model: Model, patterns: Patterns) -> Floats:
    """Of each pattern the log of d over m: what 1 / (the likelihood ratio) is at least, times the number of holders."""
    shares: Mapping[str, float] = model.doubles
    told = kinds(design, patterns)
    found = np.log(np.array([shares.get(kind, _PAIRS / _PERSONS) for kind in told], dtype=np.float64))
    for one in design.comparisons:
        letters, m = _letters(one), np.array(model.m[one.name])
        share = np.column_stack([m[:, letters == letter].sum(axis=1) for letter in range(len(_LETTERS))])
        row = patterns.group if one.apart else np.zeros_like(patterns.group)
        level = patterns.level[one.name]
        logs = np.log(np.maximum(share[row, letters[level]], 1e-12))
        found -= np.where(level == MISSING, 0.0, logs)
    return found
