"""Why a record is, or is not, a holder's: the weights of one pair, which add up to its probability."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from math import exp, log, log1p

import numpy as np
import polars as pl

from sekisho.frames import from_arrow
from sekisho.persons.linkage.candidates import IN_ORDER, patterns
from sekisho.persons.linkage.design import Block, Comparison, Design
from sekisho.persons.linkage.doubles import limited
from sekisho.persons.linkage.model import Model, Patterns, one_weight, told_apart, weights
from sekisho.persons.linkage.train import Pairs, probabilities
from sekisho.vault.analytics import Analytics, Step
from sekisho.wording import Text

_NOTHING = 1e-4
"""Smaller weights are roundings."""
ALIAS, TOGETHER, DOUBLES = "alias", "together", "doubles"
_NAME = Text("name", "氏名")
_OWN = Text("the name of the register", "台帳の氏名どおり")
_OTHER = Text("under another name", "別の氏名で一致")
_TOGETHER = Text("surname and given name together", "姓と名の組合せ")
_OFTEN = Text("seen together more often than apart", "別々に見るより多く現れる組合せ")
_DOUBLES = Text("doubles", "よく似た別人")
_RESEMBLE = Text("twins, families and the like resemble each other so", "双子・家族などにもこの程度の一致がある")


@dataclass(frozen=True, slots=True)
class Weight:
    """What one comparison adds: ``weight``, the natural log of how much likelier it is of the holder than a stranger.

    ``said``: the level in words. ``share``: of the holders (of the same ``cohort``, if true) who bear the very value,
    where that counts.
    """

    name: str
    title: Text
    said: Text
    weight: float
    share: float | None = None
    cohort: bool = False


@dataclass(frozen=True, slots=True)
class Waterfall:
    """From what is known before a look at the pair to its probability, in log odds.

    ``prior``: of this holder against none, before anything is compared: ``held`` (the share of such records that have
    a holder) over ``holders``. ``weights`` are added to it, ``shared`` takes off what the ``others``, the record's
    other candidates, lay claim to (holder -> probability). ``none``: the probability that it is none of them.
    ``met``: whether a block brought the pair together; if not, `match` gives it no probability, and this one is what
    it would have been.
    """

    held: float
    holders: int
    prior: float
    weights: tuple[Weight, ...]
    shared: float
    others: tuple[tuple[int, float], ...]
    none: float
    probability: float
    met: bool

    @property
    def log_odds(self) -> float:
        """The sum; the probability follows from it alone."""
        return self.prior + sum(one.weight for one in self.weights) + self.shared


def by_holder(design: Design) -> Design:
    """``design`` with one block: a record and the holder whom its column ``holder`` names."""
    return replace(design, blocks=(Block(("holder",)),))


def explained(db: Analytics, design: Design, model: Model, pairs: Pairs, rivals: Pairs, holder: int) -> Waterfall:
    """The waterfall of ``holder``, one of the ``pairs`` of one record, beside the other holders of ``rivals``.

    Call after the steps that made ``pairs``: the very same steps tell how rare each value is.
    """
    held = model.held[int(pairs.patterns.group[0])]
    prior = log(held / pairs.holders) - log1p(-held)
    added = tuple(_weights(db, design, model, holder, pairs.holders))
    odds = exp(prior + sum(one.weight for one in added))
    others = _odds(design, model, rivals).filter(pl.col("holder") != holder)
    against = 1.0 + float(others["odds"].sum())
    none = 1.0 / (against + odds)
    return Waterfall(
        held=held,
        holders=pairs.holders,
        prior=prior,
        weights=added,
        shared=-log(against),
        others=tuple(others.select("holder", pl.col("odds") * none).rows()),
        none=none,
        probability=odds * none,
        met=bool((rivals.holder == holder).any()),
    )


def _odds(design: Design, model: Model, pairs: Pairs) -> pl.DataFrame:
    """``holder`` and its ``odds`` against none of them, the likeliest first."""
    p, none = probabilities(design, model, pairs)
    found = pl.DataFrame({"holder": pairs.holder, "odds": p / none[0] if len(none) else p})
    return found.group_by("holder").agg(pl.col("odds").sum()).sort("odds", "holder", descending=[True, False])


def _weights(db: Analytics, design: Design, model: Model, holder: int, holders: int) -> Iterator[Weight]:
    """Of the holder's row that counts: a pair may meet under several names, and the best stands for it."""
    rows = _numbered(db, design, holder)
    told = told_apart(design, rows["pattern"].to_numpy().astype(np.int64))
    rarity = rows["rarity"].to_numpy().astype(np.float64)
    whole = weights(design, model, told)
    ratio = limited(design, model, told, whole + rarity, holders)
    best = int(np.argmax(ratio))
    compared, rare = 0.0, 0.0
    for one in design.comparisons:
        own, seldom = float(one_weight(design, model, told, one.name)[best]), _rarity(db, design, one, rows, best)
        compared, rare = compared + own, rare + seldom
        yield _said(one, told, best, own + seldom, seldom)
    name = _OTHER if told.alias[best] else _OWN
    yield Weight(ALIAS, _NAME, name, float(whole[best]) - compared)
    if abs(together := float(rarity[best]) - rare) > _NOTHING:
        yield Weight(TOGETHER, _TOGETHER, _OFTEN, together, exp(-float(rarity[best])))
    less = float(ratio[best] - whole[best] - rarity[best])
    if abs(less) > _NOTHING:
        yield Weight(DOUBLES, _DOUBLES, _RESEMBLE, less)


def _numbered(db: Analytics, design: Design, holder: int) -> pl.DataFrame:
    """``pattern`` and ``rarity`` of the holder's rows, each with a number of its own as ``record``."""
    db.run([Step("pairs", f"SELECT * REPLACE (row_number() OVER () AS record) FROM pairs WHERE holder = {holder}")])
    return from_arrow(db.table(f"{patterns(design)} {IN_ORDER}"))


def _rarity(db: Analytics, design: Design, one: Comparison, rows: pl.DataFrame, best: int) -> float:
    if not one.counts_rarity:
        return 0.0
    alone = replace(design, comparisons=(one,), together=())
    found = from_arrow(db.table(f"{patterns(alone)} {IN_ORDER}"))
    return float(found.filter(record=rows["record"][best])["rarity"].item())


def _said(one: Comparison, told: Patterns, best: int, weight: float, seldom: float) -> Weight:
    level = one.levels[told.level[one.name][best]]
    share = exp(-seldom) if level.rare and seldom else None
    return Weight(one.name, one.title, level.said, weight, share, bool(one.cohort))
