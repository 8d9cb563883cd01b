"""The same person keeps the same number in all versions, whatever the register or the evidence says of them later."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from itertools import count

import polars as pl

from sekisho.vault.analytics import Analytics

_BY_HOLDER, _UNCHANGED = 1 << 40, 1 << 41
"""That a person is the same holder weighs more than any number of records; the same number even more."""


@dataclass(frozen=True, slots=True)
class Continued:
    """``bodies``: ``body``, ``person`` and ``was``, the persons who turned out to be this one (a list).

    ``merged``: ``person`` and ``into``; ``split``: ``person``, new, and ``of`` whom some of their records were;
    ``gone``: persons of the version before of whom no record is left.
    """

    bodies: pl.DataFrame
    merged: pl.DataFrame
    split: pl.DataFrame
    gone: pl.Series


def continued(
    bodies: pl.DataFrame, placed: pl.DataFrame, before: pl.DataFrame, marks: pl.DataFrame, secret: bytes
) -> Continued:
    """Who each body of records is.

    ``bodies``: body, holder (current number, null for who is in no register) and ``called``, what a new person's number
    is made of; ``placed``: mark and body of each record now; ``before``: person, holder (the number before), now (the
    one that it leads to), since, lost (exposed earlier only); ``marks``: mark and person of each record before.
    ``secret`` makes the numbers.
    """
    edges = _edges(bodies, placed, before, marks)
    best = ["weight", "lost", "since", "person", "body"]
    order = [True, False, False, False, False]
    picked = edges.sort(best, descending=order).unique("person", keep="first", maintain_order=True)
    kept = picked.unique("body", keep="first", maintain_order=True).select("body", "person")
    merged = picked.join(kept, on="person", how="anti").join(kept.rename({"person": "into"}), on="body")
    merged = merged.select("person", "into").sort("person")
    fresh = bodies.join(kept, on="body", how="anti").sort("called")
    named = fresh.with_columns(person=_new(fresh["called"], secret, kept["person"]))
    split = named.join(edges.sort(best, descending=order).unique("body", keep="first"), on="body", suffix="_of")
    every = pl.concat([kept, named.select("body", "person")])
    was = merged.group_by("into").agg(pl.col("person").alias("was"))
    return Continued(
        every.join(was, left_on="person", right_on="into", how="left"),
        merged,
        split.select("person", of="person_of").sort("person"),
        before.join(picked, on="person", how="anti")["person"].sort(),
    )


def _edges(bodies: pl.DataFrame, placed: pl.DataFrame, before: pl.DataFrame, marks: pl.DataFrame) -> pl.DataFrame:
    """``person`` before, ``body`` now, and how much speaks for their being one: the register, else common records."""
    by_holder = before.drop_nulls("now").join(bodies.drop_nulls("holder"), left_on="now", right_on="holder")
    registered = by_holder.select(
        "person", "body", weight=pl.when(pl.col("now") == pl.col("holder")).then(_UNCHANGED).otherwise(_BY_HOLDER)
    )
    common = marks.drop_nulls().unique().join(placed.drop_nulls().unique(), on="mark")
    shared = common.group_by("person", "body").len("weight")
    every = pl.concat([registered.cast({"weight": pl.Int64}), shared.cast({"weight": pl.Int64})])
    summed = every.group_by("person", "body").agg(pl.col("weight").sum())
    return summed.join(before.select("person", "since", "lost"), on="person")


def _new(called: pl.Series, secret: bytes, taken: pl.Series) -> pl.Series:
    """63 bits that only ``secret`` ties to a person; again where somebody else has them already."""
    with Analytics() as db:
        db.feed("fresh", called.rename("called").to_frame().with_row_index("place").to_arrow())
        db.feed("secret", pl.DataFrame({"secret": [secret.hex()]}).to_arrow())
        number = "(('0x' || substr(sha256(secret || called), 1, 16))::UBIGINT >> 1)::BIGINT"
        found = db.table(f"SELECT place, {number} AS person FROM fresh, secret ORDER BY place")
    numbers = pl.Series(pl.from_arrow(found["person"])).cast(pl.Int64)
    met = (numbers.is_in(taken.implode()) | ~numbers.is_first_distinct()).arg_true().to_list()
    others = set(taken) | set(numbers) if met else set()
    for place in met:
        numbers = numbers.scatter(place, _another(called[place], secret, others))
    return numbers


def _another(called: str, secret: bytes, taken: set[int]) -> int:
    """A number that nobody has, for one who would have another's."""
    for turn in count(2):
        number = number_of(f"{called} {turn}", secret)
        if number not in taken:
            taken.add(number)
            return number
    raise AssertionError


def number_of(called: str, secret: bytes) -> int:
    """The number of a person, by what they are called when they first come."""
    return int.from_bytes(hashlib.sha256((secret.hex() + called).encode()).digest()[:8], "big") >> 1
