"""Which holder is each row of a file: by its number, by what its number was before, and by what is known already."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from sekisho.register.states import Known

_LONGEST_CHAIN = 16


@dataclass(frozen=True, slots=True)
class Resolved:
    """``rows``: ``holder`` and ``place`` of each row, in order; ``numbers``: ``number``, ``holder``, all in the file.

    ``joined``: ``holder``, ``into``: known holders who are one. ``contested``: old numbers that two holders claim; the
    first keeps it. ``count``: holders that there are now.
    """

    rows: pl.DataFrame
    numbers: pl.DataFrame
    joined: pl.DataFrame
    contested: int
    count: int


def resolve(keys: np.ndarray, olds: pl.DataFrame, known: Known) -> Resolved:
    """``keys`` (`states.keys`, by row) and ``olds`` (``row``, ``old``) -> who each row is."""
    claims = olds.with_columns(number=pl.Series(keys[olds["row"].to_numpy()])).filter(pl.col("old") != pl.col("number"))
    claims = claims.select("old", "number").unique(maintain_order=True)
    leads = claims.unique("old", keep="first", maintain_order=True)
    last = _last(keys, leads)
    numbers = _numbers(keys, last, leads)
    holders, joined, count = _holders(numbers, known)
    rows = pl.DataFrame({"last": last, "own": keys == last}).join(holders, on="last", how="left", maintain_order="left")
    found = numbers.join(holders, on="last").select("number", "holder")
    return Resolved(_placed(rows, holders.height), found, joined, claims.height - leads.height, count)


def _placed(rows: pl.DataFrame, holders: int) -> pl.DataFrame:
    """``holder`` and ``place``: the row of the last number comes first, the others as they stand in the file."""
    if holders == rows.height:
        return rows.select("holder", place=pl.lit(0, pl.Int32))
    ordered = rows.with_row_index("row").sort("own", descending=True, maintain_order=True)
    placed = ordered.with_columns(place=pl.int_range(pl.len()).over("holder").cast(pl.Int32))
    return placed.sort("row").select("holder", "place")


def _last(keys: np.ndarray, leads: pl.DataFrame) -> np.ndarray:
    """The number that each number leads to, old ones of old ones too."""
    if not leads.height:
        return keys
    order = leads.sort("old")
    old, new = order["old"].to_numpy(), order["number"].to_numpy()
    last = keys
    for _ in range(_LONGEST_CHAIN):
        at = np.minimum(np.searchsorted(old, last), len(old) - 1)
        further = np.where(old[at] == last, new[at], last)
        if (further == last).all():
            break
        last = further
    return last


def _numbers(keys: np.ndarray, last: np.ndarray, leads: pl.DataFrame) -> pl.DataFrame:
    """``number`` and ``last``, the one that it leads to: of every number in the file once."""
    own = pl.DataFrame({"number": keys, "last": last})
    before = pl.DataFrame({"number": leads["old"], "last": _last(leads["number"].to_numpy(), leads)})
    return pl.concat([own, before]).unique("number", keep="first", maintain_order=True)


def _holders(numbers: pl.DataFrame, known: Known) -> tuple[pl.DataFrame, pl.DataFrame, int]:
    """``last`` -> ``holder``; who were joined; how many holders there are now.

    Whom the last number leads to already is the holder, else whom one of the others does, else somebody new.
    """
    found = numbers.with_columns(holder=pl.Series(known.find(numbers["number"].to_numpy())))
    mine = pl.col("number") == pl.col("last")
    met = found.filter(pl.col("holder") >= 0).sort(mine, "holder", descending=[True, False])
    old = met.unique("last", keep="first", maintain_order=True).select("last", "holder")
    fresh = found.select("last").unique(maintain_order=True).join(old, on="last", how="anti", maintain_order="left")
    new = fresh.with_row_index("holder", known.count).select("last", pl.col("holder").cast(pl.Int64))
    pairs = met.join(old, on="last", suffix="_chosen").filter(pl.col("holder") != pl.col("holder_chosen"))
    joined = _without_circles(
        pairs.select("holder", into="holder_chosen").unique("holder", keep="first", maintain_order=True)
    )
    leads = joined.rename({"holder": "old", "into": "number"})
    holders = pl.concat([old, new])
    holders = holders.with_columns(holder=pl.Series(_last(holders["holder"].to_numpy(), leads), dtype=pl.Int64))
    return holders, joined, known.count + new.height


def _without_circles(joined: pl.DataFrame) -> pl.DataFrame:
    """Each holder joined into the last one of their chain; those who would be joined into each other stay apart."""
    into = _last(joined["into"].to_numpy(), joined.rename({"holder": "old", "into": "number"}))
    return joined.with_columns(into=pl.Series(into, dtype=pl.Int64)).filter(
        ~pl.col("into").is_in(joined["holder"].implode())
    )
