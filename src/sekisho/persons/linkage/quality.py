"""How good a matching is: what its probabilities promise, and what came true where the holder is known."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import polars as pl

from sekisho.errors import AccountError
from sekisho.matching import Bin, Group, LevelShare, Matching, Moved, Reach, Tally
from sekisho.persons.linkage.design import MISSING, Design
from sekisho.persons.linkage.model import Model
from sekisho.persons.linkage.policy import AUTO, OUTCOMES, Policy, outcome
from sekisho.wording import Text

NONE = "none"
EDGES = (0.0, 0.05, 0.2, 0.5, 0.8, 0.9, 0.95, 0.99, 0.995, 0.999, 0.9999, 1.0)
FROM = (0.5, 0.8, 0.9, 0.95, 0.98, 0.99, 0.995, 0.998, 0.999, 0.9995, 0.9999, 0.99999)
SHARES = (0.00001, 0.00003, 0.0001, 0.0003, 0.001, 0.003, 0.01)
DIMENSIONS = ("sex", "cohort", "name", "script")


def standing(facts: pl.DataFrame, ranked: pl.DataFrame, labels: pl.DataFrame | None) -> pl.DataFrame:
    """One row a record: what became of it and what is known of it.

    ``facts``: ``record`` and the columns of `DIMENSIONS` but ``name``. ``ranked``: as `policy.decided` gives it, with
    ``name``: under which name the pair met. ``labels``: ``record``, ``holder`` (null: none of the register).
    """
    share = ranked.group_by("record").agg(expected=pl.col("probability").sum())
    best = ranked.filter(rank=1).select("record", "holder", "probability", "outcome", "name")
    known = (ranked.clear() if labels is None else labels).select("record", true="holder", labelled=pl.lit(value=True))
    rows = facts.join(best, on="record", how="left").join(share, on="record", how="left")
    rows = rows.join(known, on="record", how="left").with_columns(
        pl.col("outcome").fill_null(NONE),
        pl.col("name").cast(pl.String).fill_null(NONE),
        pl.col("labelled").fill_null(value=False),
        pl.col("expected").fill_null(0.0),
    )
    return rows.with_columns(
        came_true=pl.col("labelled") & (pl.col("holder") == pl.col("true")).fill_null(value=False),
        held=pl.col("labelled") & pl.col("true").is_not_null(),
    )


def measured(rows: pl.DataFrame, design: Design, model: Model, policy: Policy, holders: int) -> Matching:
    """``rows`` as `standing` gives them; raises AccountError where the outcomes do not add up to the records."""
    outcomes, none = _outcomes(rows["outcome"])
    if rows["record"].n_unique() != sum(outcomes.values()) + none:
        raise _not_closed(rows["record"].n_unique(), sum(outcomes.values()) + none)
    return Matching(
        records=rows.height,
        holders=holders,
        outcomes=outcomes,
        none=none,
        wrong=policy.wrong,
        ask_from=policy.ask_from,
        labels=int(rows["labelled"].sum()),
        tally=_tally(rows, pl.col("outcome") == AUTO),
        bins=tuple(_bins(rows)),
        reaches=tuple(Reach(p, _tally(rows, pl.col("probability") >= p)) for p in FROM),
        groups=tuple(_groups(rows)),
        policies=tuple(_moved(rows, policy)),
        levels=tuple(_levels(design, model)),
        held=tuple(model.held),
    )


def _outcomes(column: pl.Series) -> tuple[dict[str, int], int]:
    counts = dict(column.value_counts().iter_rows())
    return {name: counts.get(name, 0) for name in OUTCOMES}, counts.get(NONE, 0)


def _tally(rows: pl.DataFrame, taken: pl.Expr) -> Tally:
    taken = taken.fill_null(value=False)
    counted = rows.select(
        records=pl.len(),
        taken=taken.sum(),
        right=pl.col("probability").filter(taken).sum(),
        expected=pl.col("expected").sum(),
        labelled=(taken & pl.col("labelled")).sum(),
        came_true=(taken & pl.col("came_true")).sum(),
        held=pl.col("held").sum(),
    )
    return Tally(**counted.row(0, named=True))


def _bins(rows: pl.DataFrame) -> Iterator[Bin]:
    p = pl.col("probability")
    for low, high in pairwise(EDGES):
        inside = (p >= low) & ((p < high) | (high == EDGES[-1]))
        yield Bin(low, high, _tally(rows, inside))


def _groups(rows: pl.DataFrame) -> Iterator[Group]:
    for dimension in DIMENSIONS:
        for (name,), some in rows.sort(dimension).group_by(dimension, maintain_order=True):
            outcomes, none = _outcomes(some["outcome"])
            yield Group(dimension, str(name), outcomes, none, _tally(some, pl.col("outcome") == AUTO))


def _moved(rows: pl.DataFrame, policy: Policy) -> Iterator[Moved]:
    """The same matching under other shares of wrong merges, from the strictest."""
    best = rows.sort("probability", descending=True, nulls_last=True)
    for wrong in sorted({*SHARES, policy.wrong}):
        other = Policy(wrong=wrong, ask_from=policy.ask_from, shown=policy.shown)
        told = pl.when(pl.col("probability").is_null()).then(pl.lit(NONE)).otherwise(outcome(other))
        moved = best.with_columns(outcome=told)
        yield Moved(wrong, _outcomes(moved["outcome"])[0], _tally(moved, pl.col("outcome") == AUTO))


def _levels(design: Design, model: Model) -> Iterator[LevelShare]:
    for one in design.comparisons:
        rows = model.m[one.name] if one.apart else model.m[one.name][:1]
        for place, level in enumerate(one.levels):
            if place != MISSING:
                m = tuple(row[place] for row in rows)
                yield LevelShare(one.title, level.said, m, model.u[one.name][place], level.rare)


def _not_closed(records: int, counted: int) -> AccountError:
    return AccountError(
        Text(
            "The account does not close: {records} {records|record|records}, but {counted} with an outcome.",
            "合計が一致しません: 記録{records}件に対し、結果は{counted}件です。",
        ).fill(records=records, counted=counted),
        Text("Please report it.", "ご報告ください。"),
    )
