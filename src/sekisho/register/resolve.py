"""Which holder is each row of a file: by its number, by what its number was before, and by what is known already.

Most rows have a number that nothing else leads to: they are looked up range by range, in the order of numbers. Only
those that old numbers concern are taken together.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
import polars as pl

from sekisho.register.known import AT_ONCE, Known, Ranges, ranges
from sekisho.register.roots import looked_up

_LONGEST_CHAIN = 16


@dataclass(frozen=True, slots=True)
class Resolved:
    """``holder`` (Int32) of each row and ``last``, the number (or key) that its own one leads to.

    ``led``: in order, the rows whose own number leads to another, and ``own`` theirs. ``several``: in order, the rows
    whose holder has other rows, too, and ``places`` theirs, the others being 0. ``leading``: ``number``, ``holder`` of
    those that old numbers concern. ``joined``: ``holder``, ``into``: known holders who are one. ``contested``: old
    numbers that two holders claim, of whom the first keeps it, or that lead in a circle, which say nothing;
    ``refused``: those that were split from the holder who claims them. ``count``: holders that there are now.
    """

    holder: np.ndarray
    last: np.ndarray
    led: np.ndarray
    own: np.ndarray
    several: np.ndarray
    places: np.ndarray
    leading: pl.DataFrame
    joined: pl.DataFrame
    contested: int
    refused: int
    count: int
    _first_new: int = 0
    _ranges: Ranges = field(default_factory=list, repr=False)

    def keys(self, rows: np.ndarray) -> np.ndarray:
        """The own numbers (or keys) of some rows."""
        own = looked_up(self.led, self.own, rows)
        return np.where(own != -1, own, self.last[rows])

    def numbers(self, known: Known) -> Iterator[pl.DataFrame]:
        """``number``, ``holder`` of the numbers that lead elsewhere than before, in order, in frames."""
        before = known.find(self.leading["number"].to_numpy())
        told = self.leading.filter(pl.Series(before, dtype=pl.Int64) != pl.col("holder"))
        named = self.leading["number"].implode()
        for first, last in self._ranges:
            at = np.flatnonzero((self.last >= first) & (self.last <= last) & (self.holder >= self._first_new))
            new = pl.DataFrame({"number": self.last[at], "holder": self.holder[at].astype(np.int64)})
            new = new.filter(~pl.col("number").is_in(named)).unique("number", keep="first")
            yield pl.concat([new, told.filter(pl.col("number").is_between(first, last))]).sort("number")


def resolve(keys: np.ndarray, olds: pl.DataFrame, known: Known) -> Resolved:
    """``keys`` (`states.keys`, by row, which are overwritten) and ``olds`` (``row``, ``old``) -> who each row is."""
    leads, contested, refused = _believed(keys, olds, known)
    concerned = _concerned(leads)
    chosen, joined = _chosen(concerned, known)
    bounds = ranges(keys)
    led, own = _lead_on(keys, leads, bounds)
    last = keys
    holder = _found(last, chosen, joined, known, bounds)
    count = _numbered(holder, known.count)
    several = _several(holder, count)
    places = _places(several, holder[several], ~np.isin(several, led))
    leading = _leading(concerned, leads, holder)
    return Resolved(
        holder, last, led, own, several, places, leading, joined, contested, refused, count, known.count, bounds
    )


def _believed(keys: np.ndarray, olds: pl.DataFrame, known: Known) -> tuple[pl.DataFrame, int, int]:
    """``old``, ``number``, ``row``: which number leads to which; how many are contested, and how many refused."""
    said = olds.with_columns(number=pl.Series(keys[olds["row"].to_numpy()], dtype=pl.Int64))
    believed, refused = _without_splits(said.filter(pl.col("old") != pl.col("number")), olds, known)
    claims = believed.unique(["old", "number"], keep="first", maintain_order=True)
    leads = _ending(claims.unique("old", keep="first", maintain_order=True).select("old", "number", "row"))
    return leads, claims.height - leads.height, refused


def _without_splits(claims: pl.DataFrame, olds: pl.DataFrame, known: Known) -> tuple[pl.DataFrame, int]:
    """The claims but those of a number that was split from the very holder whom the row's other numbers lead to."""
    splits = known.splits().unique("number", keep="last")
    doubted = claims.join(splits.select(old="number", source="source"), on="old")
    if not doubted.height:
        return claims, 0
    others = pl.concat(
        [
            doubted.select("row", "source", "old", other="number"),
            doubted.select("row", "source", "old").join(olds.select("row", other="old"), on="row"),
        ]
    ).filter(~pl.col("other").is_in(splits["number"].implode()))
    source = known.roots.now(others["source"].to_numpy())
    theirs = others.filter(pl.Series(known.find(others["other"].to_numpy()) == source))
    believed = claims.join(theirs.select("row", "old"), on=["row", "old"], how="anti", maintain_order="left")
    return believed, claims.height - believed.height


def _ends(leads: pl.DataFrame) -> np.ndarray:
    """What each number of ``leads`` (``old``, ``number``) leads to, old ones of old ones too."""
    order = leads.sort("old")
    old, new = order["old"].to_numpy(), order["number"].to_numpy()
    last = leads["number"].to_numpy()
    for _ in range(_LONGEST_CHAIN):
        further = looked_up(old, new, last)
        if (found := further != -1).any():
            last = np.where(found, further, last)
        else:
            break
    return last


def _ending(leads: pl.DataFrame) -> pl.DataFrame:
    """The leads that come to an end."""
    last = pl.Series(_ends(leads), dtype=pl.Int64)
    return leads.filter(~last.is_in(leads["old"].implode()))


def _concerned(leads: pl.DataFrame) -> pl.DataFrame:
    """``number`` and ``last``, the one that it leads to: old numbers, and those that they lead to."""
    old = pl.DataFrame({"number": leads["old"], "last": pl.Series(_ends(leads), dtype=pl.Int64)})
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
    return chosen.sort("last"), _without_circles(joined).sort("holder")


def _without_circles(joined: pl.DataFrame) -> pl.DataFrame:
    """Each holder joined into the last one of their chain; those who would be joined into each other stay apart."""
    into = _ends(joined.rename({"holder": "old", "into": "number"}))
    last = joined.with_columns(into=pl.Series(into, dtype=pl.Int64))
    return last.filter(~pl.col("into").is_in(joined["holder"].implode()))


def _lead_on(keys: np.ndarray, leads: pl.DataFrame, bounds: Ranges) -> tuple[np.ndarray, np.ndarray]:
    """Put the number that each one leads to in its place; in order, the rows of which it is another, and their own."""
    order = leads.select("old", end=pl.Series(_ends(leads), dtype=pl.Int64)).sort("old")
    old, end = order["old"].to_numpy(), order["end"].to_numpy()
    found: list[tuple[np.ndarray, np.ndarray, np.ndarray]] = []
    for first, until in bounds if leads.height else ():
        at = np.flatnonzero((keys >= first) & (keys <= until))
        here = slice(np.searchsorted(old, first), np.searchsorted(old, until, "right"))
        last = looked_up(old[here], end[here], keys[at])
        rows = at[last != -1]
        found.append((rows, keys[rows], last[last != -1]))
    none = np.zeros(0, np.int64)
    rows, own, last = (np.concatenate([none, *some]) for some in zip(*found, strict=True)) if found else [none] * 3
    keys[rows] = last
    order_of_rows = np.argsort(rows)
    return rows[order_of_rows], own[order_of_rows]


def _found(last: np.ndarray, chosen: pl.DataFrame, joined: pl.DataFrame, known: Known, bounds: Ranges) -> np.ndarray:
    """By row: the holder who is known, else -1 - the first row of the same number."""
    holder = np.empty(len(last), np.int32)
    for first, until in bounds:
        at = np.flatnonzero((last >= first) & (last <= until))
        numbers = last[at]
        found = known.find(numbers)
        if chosen.height:
            other = looked_up(chosen["last"].to_numpy(), chosen["holder"].to_numpy(), numbers)
            found = np.where(found < 0, other, found)
        into = looked_up(joined["holder"].to_numpy(), joined["into"].to_numpy(), found)
        found = np.where(into >= 0, into, found)
        fresh = np.flatnonzero(found < 0)
        found[fresh] = -1 - _first_rows(numbers[fresh], at[fresh])
        holder[at] = found
    return holder


def _first_rows(numbers: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """By place: the first of the ``rows``, which are in order, that has the same number."""
    if not len(numbers):
        return rows
    order = np.argsort(numbers, kind="stable")
    ordered = numbers[order]
    begins = np.concatenate([[True], ordered[1:] != ordered[:-1]])
    first = rows[order[begins]][np.cumsum(begins) - 1]
    found = np.empty_like(rows)
    found[order] = first
    return found


def _numbered(holder: np.ndarray, count: int) -> int:
    """Give those who are not known numbers from ``count`` on, in the order of the rows; how many there are then."""
    for start in range(0, len(holder), AT_ONCE):
        here = holder[start : start + AT_ONCE]
        rows = np.arange(start, start + len(here))
        first = here == -1 - rows
        again = (here < 0) & ~first
        here[first] = np.arange(count, count + int(first.sum()))
        count += int(first.sum())
        here[again] = holder[-1 - here[again]]
    return count


def _several(holder: np.ndarray, count: int) -> np.ndarray:
    """The rows whose holder has other rows, too."""
    seen, twice = np.zeros(count, bool), np.zeros(count, bool)
    for start in range(0, len(holder), AT_ONCE):
        here = holder[start : start + AT_ONCE]
        twice[here[seen[here]]] = True
        ordered = np.sort(here)
        twice[ordered[1:][ordered[1:] == ordered[:-1]]] = True
        seen[here] = True
    return np.flatnonzero(twice[holder])


def _places(rows: np.ndarray, holder: np.ndarray, own: np.ndarray) -> np.ndarray:
    """The row of the last number comes first, the others as they stand in the file."""
    told = pl.DataFrame({"at": np.arange(len(rows)), "holder": holder, "own": own})
    told = told.sort("own", descending=True, maintain_order=True)
    return told.with_columns(place=pl.int_range(pl.len()).over("holder")).sort("at")["place"].to_numpy()


def _leading(concerned: pl.DataFrame, leads: pl.DataFrame, holder: np.ndarray) -> pl.DataFrame:
    """``number``, ``holder`` of the numbers that old ones concern."""
    rows = leads.unique("number", keep="first")
    of_last = pl.DataFrame({"last": rows["number"], "holder": holder[rows["row"].to_numpy()].astype(np.int64)})
    return concerned.join(of_last, on="last", how="left").select("number", "holder")
