"""Which questions are open, and what each is worth; what a clerk is shown of one."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from sekisho.persons.asking import letters
from sekisho.persons.asking.standing import (
    ASK,
    AUTO,
    CANNOT,
    NO,
    YES,
    Standing,
    State,
    could_not_tell,
    from_json,
    is_clerk,
    likely,
)
from sekisho.persons.asking.states import current
from sekisho.persons.linkage import people
from sekisho.vault import Kept, Merges
from sekisho.wording import Text

UNKNOWN_MONTHS = 12.0
"""What a record counts for that does not say how long it is."""
FOR_CLERKS = (State.OPEN, State.CANNOT_TELL, State.CONFLICT, State.EVIDENCE)
FOR_LETTERS = (State.OPEN, State.CANNOT_TELL)
OPEN = {"key": pl.Int64, "best": pl.String, "worth": pl.Float64, "first": pl.Boolean, "says": pl.Boolean}
"""``best``: a number of the likeliest holder; ``worth``: months times probability; ``first``: before all others.

``says``: whether a letter can say anything of it.
"""
_TOUCHED = {"key": pl.Int64, "now": pl.String, "p": pl.Float64, "first": pl.Boolean}
_MONTH = r"^(\d{4})-(\d{2})"
_OVERLAP = 2  # the level of `people.period_level`


def for_clerks(merges: Merges) -> pl.DataFrame:
    """The questions that a clerk may be given, as `OPEN`, what is worth most first; disputed merges, too.

    Not those of which a clerk could not tell already.
    """
    return _opened(merges, [one for one in merges.touched(*FOR_CLERKS) if not _told_nothing(one, clerks=True)])


def for_letters(merges: Merges) -> pl.DataFrame:
    """The questions that a letter may ask; not those of which the person could not tell already."""
    asked = (one for one in merges.touched(*FOR_LETTERS) if one.state in FOR_LETTERS)
    return _opened(merges, [one for one in asked if not _told_nothing(one, clerks=False)])


def _told_nothing(kept: Kept, *, clerks: bool) -> bool:
    return any(is_clerk(one.by) == clerks for one in could_not_tell(from_json(kept.value), {}))


def _opened(merges: Merges, acted: Sequence[Kept]) -> pl.DataFrame:
    """Every untouched question, and those of the touched that are not given out."""
    some = [one for one in acted if one.list is None]
    again = pl.DataFrame([_of_touched(one) for one in some], schema=_TOUCHED, orient="row")
    touched = pl.Series(merges.keys(), dtype=pl.Int64)
    found = [pl.DataFrame(schema=OPEN)]
    for rows in current(merges, ("outcome", "best", "probability", "periods", "office")):
        fresh = (pl.col("outcome") == ASK) & ~pl.col("key").is_in(touched.implode())
        asked = rows.filter(fresh | pl.col("key").is_in(again["key"].implode()))
        found.append(_weighed(asked.join(again, on="key", how="left")))
    return pl.concat(found).sort("first", "worth", "key", descending=[True, True, False])


def _of_touched(kept: Kept) -> tuple[int, str | None, float, bool]:
    left = likely(from_json(kept.value), {})
    first = kept.disputed or kept.state == State.CONFLICT
    return (kept.key, left[0].holder, left[0].probability, first) if left else (kept.key, None, 0.0, first)


def _weighed(rows: pl.DataFrame) -> pl.DataFrame:
    length = months(rows.select("key", "periods"))
    told = rows.join(length, on="key", how="left").with_columns(
        best=pl.coalesce("now", "best"),
        worth=pl.coalesce("p", "probability").fill_null(0.0) * pl.col("months").fill_null(UNKNOWN_MONTHS),
        first=pl.col("first").fill_null(value=False),
        says=letters.sayable(),
    )
    return told.select(OPEN.keys())


def months(rows: pl.DataFrame) -> pl.DataFrame:
    """``key``, ``months`` of the ``periods`` (``1971-04/1975-03;...``, both ends counted) of records that have any."""
    split = rows.drop_nulls("periods").with_columns(pl.col("periods").str.split(";"))
    each = split.explode("periods", empty_as_null=True)
    ends = [pl.col("periods").str.split("/").list.get(at, null_on_oob=True) for at in (0, 1)]
    years, month = ([end.str.extract(_MONTH, part).cast(pl.Int64) for end in ends] for part in (1, 2))
    first, last = (year * 12 + of_year for year, of_year in zip(years, month, strict=True))
    length = each.select("key", months=(last - first + 1).clip(0)).drop_nulls()
    return length.group_by("key").agg(pl.col("months").sum().cast(pl.Float64))


def overlapping(pairs: pl.DataFrame) -> pl.Series:
    """Whether ``periods`` and ``periods_right`` have a month in common; one person pays once."""
    return people.period_level(pairs) == _OVERLAP


def merged_with(merges: Merges, numbers: pl.DataFrame) -> pl.DataFrame:
    """``holder``, ``other`` (a record), ``periods_right``: what is merged with, or proposed for, some holders.

    ``numbers``: ``digits`` (Int64), ``holder``.
    """
    acted = merges.touched(State.AUTO, State.MERGED, State.PROPOSED)
    kept = [(one.key, _on(from_json(one.value))) for one in acted]
    on = pl.DataFrame(kept, schema={"key": pl.Int64, "on": pl.String}, orient="row")
    touched = pl.Series(merges.keys(), dtype=pl.Int64)
    found = [pl.DataFrame(schema=dict.fromkeys(("holder", "other", "periods_right"), pl.String))]
    for rows in current(merges, ("record", "outcome", "best", "periods")):
        program = (pl.col("outcome") == AUTO) & ~pl.col("key").is_in(touched.implode())
        both = rows.join(on, on="key", how="left").with_columns(on=pl.coalesce("on", pl.when(program).then("best")))
        merged = both.with_columns(digits=_digits(pl.col("on"))).join(numbers, on="digits")
        found.append(merged.select("holder", other="record", periods_right="periods"))
    return pl.concat(found)


def _on(standing: Standing) -> str | None:
    return standing.merged or (standing.proposal.holder if standing.proposal else None)


def _digits(number: pl.Expr) -> pl.Expr:
    return number.str.replace_all("-", "", literal=True).cast(pl.Int64, strict=False)


_BY, _BY_PERSON = Text("clerk", "担当者"), Text("person", "本人")
_SAID = {YES: Text("yes", "はい"), NO: Text("no", "いいえ"), CANNOT: Text("cannot tell", "不明")}


def answers_said(standing: Standing) -> str:
    """What was answered so far, who by, as far as it counts."""
    told = ((_BY if is_clerk(one.by) else _BY_PERSON, one) for one in standing.answers)
    return "; ".join(f"{by} {one.holder}: {_SAID[one.answer]}" for by, one in told)
