"""What is done with a probability: merged without asking, asked about, or left open. The policy is data."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from sekisho.errors import UsageError
from sekisho.wording import Text

AUTO, ASK, UNRESOLVED = OUTCOMES = ("auto", "ask", "unresolved")


@dataclass(frozen=True, slots=True)
class Policy:
    """``wrong``: the share of automatic merges that may be wrong; ``ask_from``: the least probability to ask about.

    ``shown``: the most candidates that are named for one record.
    """

    wrong: float = 1e-4
    ask_from: float = 0.05
    shown: int = 5

    def __post_init__(self) -> None:
        if not (0.0 < self.wrong < 1.0 and 0.0 < self.ask_from < 1.0 and self.shown > 0):
            raise UsageError(
                Text("The policy's shares must lie between 0 and 1.", "方針の割合は0と1の間でなければなりません。"),
                Text("As in --wrong 0.0001 --ask-from 0.05.", "例: --wrong 0.0001 --ask-from 0.05"),
            )


def decided(candidates: pl.DataFrame, policy: Policy) -> pl.DataFrame:
    """``candidates`` (record, holder, probability, ...) with ``rank`` (1 the best) and ``outcome``, best first.

    The best candidates are merged as long as the mean of what is expected to be wrong stays within the policy; the
    others of a merged record are unresolved. To ask, and to leave open, holds for all candidates of a record.
    """
    ranked = candidates.sort("record", "probability", "holder", descending=[False, True, False]).with_columns(
        rank=pl.int_range(1, pl.len() + 1, dtype=pl.Int32).over("record")
    )
    best = ranked.filter(rank=1).sort("probability", descending=True)
    outcomes = best.select("record", outcome=outcome(policy))
    shown = ranked.filter(pl.col("rank") <= policy.shown)
    told = shown.join(outcomes, on="record", how="left", maintain_order="left")
    passed = (pl.col("outcome") == AUTO) & (pl.col("rank") > 1)
    return told.with_columns(outcome=pl.when(passed).then(pl.lit(UNRESOLVED)).otherwise("outcome"))


def outcome(policy: Policy) -> pl.Expr:
    """Of best candidates by their ``probability``, which stands from the highest down."""
    wrong = (1.0 - pl.col("probability")).clip(0.0)
    return (
        pl.when(wrong.cum_sum() <= policy.wrong * pl.int_range(1, pl.len() + 1))
        .then(pl.lit(AUTO))
        .when(pl.col("probability") >= policy.ask_from)
        .then(pl.lit(ASK))
        .otherwise(pl.lit(UNRESOLVED))
    )
