"""Which holder is each row of a file: by its number, by what its number was before, and by what is known already.

Most rows have a number that nothing else leads to: they are looked up as whole columns. Only those that old numbers
concern are taken together first.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from sekisho.register.states import Known

_LONGEST_CHAIN = 16


@dataclass(frozen=True, slots=True)
class Resolved:
    """``holder`` (Int64) and ``place`` (Int32) of each row; ``numbers``: ``number``, ``holder`` of those not known yet.

    ``joined``: ``holder``, ``into``: known holders who are one. ``contested``: old numbers that two holders claim, of
    whom the first keeps it, or that lead in a circle, which say nothing. ``count``: holders that there are now.
    ``several``: rows whose holder has other rows, too.
    """

    holder: np.ndarray
    place: np.ndarray
    numbers: pl.DataFrame
    joined: pl.DataFrame
    contested: int
    count: int
    several: np.ndarray


def resolve(keys: np.ndarray, olds: pl.DataFrame, known: Known) -> Resolved:
    """``keys`` (`states.keys`, by row) and ``olds`` (``row``, ``old``) -> who each row is."""
    claims = olds.with_columns(number=pl.Series(keys[olds["row"].to_numpy()])).filter(pl.col("old") != pl.col("number"))
    claims = claims.select("old", "number").unique(maintain_order=True)
    leads = _ending(claims.unique("old", keep="first", maintain_order=True))
    last = _last(keys, leads)
    concerned = _concerned(leads)
    chosen, joined = _chosen(concerned, known)
    holder = known.find(last)
    unknown = np.flatnonzero(holder < 0)
    if chosen.height:
        holder[unknown] = _looked_up(last[unknown], chosen)
    if joined.height:
        holder = _last(holder, joined.rename({"holder": "old", "into": "number"}))
    fresh = np.flatnonzero(holder < 0)
    holder[fresh], new = _numbered(last[fresh], known.count)
    count = known.count + new.height
    several = np.bincount(holder, minlength=count)[holder] > 1
    leading = _leading(concerned, chosen, joined, new)
    known_now = pl.concat([new.filter(~pl.col("number").is_in(leading["number"].implode())), leading])
    place = _places(holder, keys == last, several)
    return Resolved(holder, place, known_now, joined, claims.height - leads.height, count, several)


def _last(numbers: np.ndarray, leads: pl.DataFrame) -> np.ndarray:
    """What each number leads to by ``leads`` (``old``, ``number``), old ones of old ones too."""
    if not leads.height:
        return numbers
    order = leads.sort("old")
    old, new = order["old"].to_numpy(), order["number"].to_numpy()
    last = numbers
    for _ in range(_LONGEST_CHAIN):
        at = np.minimum(np.searchsorted(old, last), len(old) - 1)
        further = np.where(old[at] == last, new[at], last)
        if (further == last).all():
            break
        last = further
    return last


def _ending(leads: pl.DataFrame) -> pl.DataFrame:
    """The leads that come to an end."""
    last = pl.Series(_last(leads["number"].to_numpy(), leads), dtype=pl.Int64)
    return leads.filter(~last.is_in(leads["old"].implode()))


def _concerned(leads: pl.DataFrame) -> pl.DataFrame:
    """``number`` and ``last``, the one that it leads to: old numbers, and those that they lead to."""
    last = pl.Series(_last(leads["number"].to_numpy(), leads), dtype=pl.Int64)
    old = pl.DataFrame({"number": leads["old"], "last": last})
    return pl.concat([old, old.select(number="last", last="last")]).unique("number", keep="last", maintain_order=True)


def _chosen(concerned: pl.DataFrame, known: Known) -> tuple[pl.DataFrame, pl.DataFrame]:
    """``last``, ``holder`` of those known already, and ``holder``, ``into``: who is joined into whom.

    Whom the last number leads to already is the holder, else whom one of the others does.
    """
    found = concerned.with_columns(holder=pl.Series(known.find(concerned["number"].to_numpy()), dtype=pl.Int64))
    own = pl.col("number") == pl.col("last")
    met = found.filter(pl.col("holder") >= 0).sort(own, "holder", descending=[True, False])
    chosen = met.unique("last", keep="first", maintain_order=True).select("last", "holder")
    pairs = met.join(chosen, on="last", suffix="_chosen").filter(pl.col("holder") != pl.col("holder_chosen"))
    joined = pairs.select("holder", into="holder_chosen").unique("holder", keep="first", maintain_order=True)
    return chosen, _without_circles(joined)


def _without_circles(joined: pl.DataFrame) -> pl.DataFrame:
    """Each holder joined into the last one of their chain; those who would be joined into each other stay apart."""
    into = _last(joined["into"].to_numpy(), joined.rename({"holder": "old", "into": "number"}))
    last = joined.with_columns(into=pl.Series(into, dtype=pl.Int64))
    return last.filter(~pl.col("into").is_in(joined["holder"].implode()))


def _looked_up(last: np.ndarray, chosen: pl.DataFrame) -> np.ndarray:
    """The holder of each last number in ``chosen``, -1 where it is not there."""
    order = chosen.sort("last")
    there, holders = order["last"].to_numpy(), order["holder"].to_numpy()
    at = np.minimum(np.searchsorted(there, last), len(there) - 1)
    return np.where(there[at] == last, holders[at], -1)


def _numbered(last: np.ndarray, first: int) -> tuple[np.ndarray, pl.DataFrame]:
    """New holders from ``first`` on, in the order of the rows: of each row, and ``number``, ``holder`` of each once."""
    ordered = np.sort(last)
    if (ordered[1:] != ordered[:-1]).all():
        ids = np.arange(first, first + len(last))
        return ids, pl.DataFrame({"number": last, "holder": ids}, schema={"number": pl.Int64, "holder": pl.Int64})
    rows = pl.DataFrame({"number": last})
    once = rows.unique(maintain_order=True).with_row_index("holder", first)
    new = once.select("number", pl.col("holder").cast(pl.Int64))
    return rows.join(new, on="number", how="left", maintain_order="left")["holder"].to_numpy(), new


def _leading(concerned: pl.DataFrame, chosen: pl.DataFrame, joined: pl.DataFrame, new: pl.DataFrame) -> pl.DataFrame:
    """``number``, ``holder`` of the numbers that old ones concern."""
    told = concerned.join(chosen, on="last", how="left").join(
        new.select(last="number", fresh="holder"), on="last", how="left"
    )
    leads = joined.rename({"holder": "old", "into": "number"})
    holder = _last(told.select(pl.coalesce("holder", "fresh")).to_series().to_numpy(), leads)
    return told.select("number", holder=pl.Series(holder, dtype=pl.Int64))


def _places(holder: np.ndarray, own: np.ndarray, several: np.ndarray) -> np.ndarray:
    """The row of the last number comes first, the others as they stand in the file."""
    place = np.zeros(len(holder), np.int32)
    at = np.flatnonzero(several)
    rows = pl.DataFrame({"at": at, "holder": holder[at], "own": own[at]}).sort(
        "own", descending=True, maintain_order=True
    )
    places = rows.with_columns(place=pl.int_range(pl.len()).over("holder"))
    place[places["at"].to_numpy()] = places["place"].to_numpy()
    return place
