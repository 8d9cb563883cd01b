"""Law 10: what undecided or unread could be a person's, so that nobody may tell them "not affected".

A record could be theirs unless what it says speaks against it: a name that is not alike, another birth date, a number
that is another one and nothing else that fits. A record that says nothing of this kind could be anybody's, and so could
whatever stands in a document that nobody has read.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

import polars as pl
import pyarrow as pa

from sekisho.countries import fold
from sekisho.countries.compare import Level, best, births, is_slip, names, numbers_are_near, readings
from sekisho.frames import from_arrow


class Kind(StrEnum):
    """Why nobody can say no."""

    UNREAD = "unread"
    UNDECIDED = "undecided"
    UNMATCHED = "unmatched"
    UNLISTED = "unlisted"


@dataclass(frozen=True, slots=True)
class Why:
    """What could be theirs: how many documents that nobody has read, or records of a kind.

    ``persons``: in the leak master, to whom the records are attributed so far.
    """

    kind: Kind
    count: int
    persons: tuple[int, ...] = ()


_KEYED = ("number", "name", "kana", "birth")
_DIGITS, _SLIP = 12, 2  # of a number, at most; that differ where two neighbours changed places
_DATED = ("birth", "their_birth")
_LONGEST = 24  # characters of a writing that may be a slip
_LONG_NAME, _LONG_READING = 4, 5  # from so many characters on, one that differs is a slip and no other name
_AT_ONCE = 50_000  # persons


class Open:
    """The open records, and the unread documents, of one version."""

    def __init__(self, records: pa.Table, unread: pa.Table) -> None:
        """``records``: `master.OPEN`, folded; ``unread``: `master.UNREAD`."""
        frame = from_arrow(records)
        self.records = frame.with_row_index("row").with_columns(kind=_kind())
        self.unread = unread.num_rows
        said = self.records.select(pl.any_horizontal(pl.col(name).is_not_null() for name in _KEYED)).to_series()
        self._mute = self.records.filter(~said)
        self._keys = _keys_of(self.records.filter(said))

    def could_be(
        self, numbers: Sequence[str], called: Sequence[tuple[str | None, str | None]], *births: str | None
    ) -> tuple[Why, ...]:
        """What could be theirs who had these numbers, names (each with its reading) and birth dates."""
        people = _people(numbers, called, births or [None])
        rows = [row for _, row in self._fitting(people).select("place", "row").unique().iter_rows()]
        found = self.records[rows] if rows else self.records.clear()
        every = pl.concat([found, self._mute]) if self._mute.height else found
        whys = [
            Why(Kind(kind), some.height, tuple(some["person"].drop_nulls().unique().sort()))
            for (kind,), some in every.group_by("kind")
        ]
        if self.unread:
            whys.append(Why(Kind.UNREAD, self.unread))
        return tuple(sorted(whys, key=lambda why: list(Kind).index(why.kind)))

    def many(self, people: pl.DataFrame) -> pl.DataFrame:
        """``place`` and ``records``: of those of ``people`` (place, number, name, kana, birth) whom a record fits."""
        found = [self._fitting(_folded(some)) for some in people.iter_slices(_AT_ONCE)]
        none = pl.DataFrame(schema={"place": people.schema["place"], "row": pl.UInt32})
        counted = pl.concat([none, *found]).group_by("place").agg(pl.col("row").n_unique().alias("records"))
        if not self._mute.height:
            return counted
        everybody = people.select("place").unique().join(counted, on="place", how="left")
        return everybody.with_columns(pl.col("records").fill_null(0) + self._mute.height)

    def _fitting(self, people: pl.DataFrame) -> pl.DataFrame:
        """Pairs of ``place`` and ``row``: nothing that the record says speaks against the person."""
        told = people.with_row_index("side")
        met = [pl.DataFrame(schema={"side": pl.UInt32, "row": pl.UInt32})]
        for kind, key in _ways(told):
            if kind in self._keys:
                asked = told.select("side", key=key.hash()).filter(told.select(key.is_not_null()).to_series())
                met.append(asked.join(self._keys[kind], on="key").select("side", "row"))
        pairs = pl.concat(met).unique()
        both = pairs.join(told.rename({name: f"their_{name}" for name in _KEYED}), on="side").join(
            self.records.select("row", *_KEYED), on="row"
        )
        numbered = pl.col("number").is_not_null() & pl.col("their_number").is_not_null()
        both = both.filter(~_dates_differ() | numbered & _may_be_near())
        if not both.height:
            return both.select("place", "row")
        fits = [_fits(one[:4], one[4:]) for one in both.select(*(f"their_{n}" for n in _KEYED), *_KEYED).iter_rows()]
        return both.filter(pl.Series(fits, dtype=pl.Boolean)).select("place", "row")


def _dates_differ() -> pl.Expr:
    """What `births` calls DIFFER, for many pairs at once: neither the same as far as known, nor one slip apart."""
    sides = [[pl.col(name).str.split("-").list.get(at, null_on_oob=True) for at in range(3)] for name in _DATED]
    pairs = list(zip(*sides, strict=True))
    known = [~(one + other).str.contains("?", literal=True).fill_null(value=True) for one, other in pairs]
    differ = [there & (one != other) for there, (one, other) in zip(known, pairs, strict=True)]
    (_, _), (month, their_month), (day, their_day) = pairs
    swapped = ~differ[0] & (month == their_day) & (day == their_month)
    slips = pl.sum_horizontal(differ)
    alike = (pl.sum_horizontal(known) > 1) & ((slips == 1) | swapped)
    apart: pl.Expr = ((slips > 0) & ~alike).fill_null(value=False)
    return apart


def _may_be_near() -> pl.Expr:
    """Numbers that are the same but for two digits at most."""
    one, other = (pl.col(name).str.replace_all("-", "", literal=True) for name in ("number", "their_number"))
    same = [one.str.slice(at, 1) == other.str.slice(at, 1) for at in range(_DIGITS)]
    differ: pl.Expr = pl.sum_horizontal(~each for each in same).fill_null(0)
    return differ <= _SLIP


def _kind() -> pl.Expr:
    state = pl.col("state")
    return (
        pl.when(state == "unmatched")
        .then(pl.lit(str(Kind.UNMATCHED)))
        .when(state == "clustered")
        .then(pl.lit(str(Kind.UNLISTED)))
        .otherwise(pl.lit(str(Kind.UNDECIDED)))
    )


def _people(
    numbers: Sequence[str], called: Sequence[tuple[str | None, str | None]], births: Sequence[str | None]
) -> pl.DataFrame:
    """One row for each number, each name and each birth date, folded."""
    every: Sequence[str | None] = numbers or [None]
    rows = [(number, *names, birth) for number in every for names in called or [(None, None)] for birth in births]
    frame = pl.DataFrame(rows, schema=dict.fromkeys(_KEYED, pl.String), orient="row")
    return _folded(frame.with_columns(pl.lit(0, pl.Int64).alias("place")))


def _folded(people: pl.DataFrame) -> pl.DataFrame:
    """Names and readings as the open records have them."""
    named, read = people["name"], people["kana"]
    return people.with_columns(fold.names(named).alias("name"), fold.readings(read, named).alias("kana")).unique()


def _keys_of(records: pl.DataFrame) -> dict[str, pl.DataFrame]:
    """By what is held against each other: ``key`` and ``row`` of the records that can be met so.

    Dates that are alike, or known in part, count only for records that say nothing else.
    """
    lone = records.filter(pl.all_horizontal(pl.col(name).is_null() for name in ("number", "name", "kana")))
    ways = [*((records, way) for way in _writings(records)), *((lone, way) for way in _of_record())]
    found: dict[str, list[pl.DataFrame]] = {}
    for some, (kind, key) in ways:
        said = some.select("row", key=key).drop_nulls().with_columns(pl.col("key").hash())
        if said.height:
            found.setdefault(kind, []).append(said)
    return {kind: pl.concat(some).unique() for kind, some in found.items()}


def _ways(people: pl.DataFrame) -> Iterator[tuple[str, pl.Expr]]:
    """The keys of persons, of which they share one with each record that could be theirs."""
    yield from _writings(people)
    y, m, d = _parts()
    yield from (("ym", _joined(y, m)), ("yd", _joined(y, d)), ("md", _joined(m, d)), ("y", y), ("m", m), ("d", d))


def _of_record() -> Iterator[tuple[str, pl.Expr]]:
    """What a date shares with those that are alike: two of its parts; one of them where not all are known."""
    y, m, d = _parts()
    whole = pl.all_horizontal(part.is_not_null() for part in (y, m, d))
    for kind, key in (("ym", _joined(y, m)), ("ym", _joined(y, d)), ("yd", _joined(y, d)), ("md", _joined(m, d))):
        yield kind, pl.when(whole).then(key)
    yield from ((kind, pl.when(~whole).then(part)) for kind, part in zip("ymd", (y, m, d), strict=True))


def _parts() -> tuple[pl.Expr, pl.Expr, pl.Expr]:
    """Year, month and day, as far as they are known."""
    split = [pl.col("birth").str.split("-").list.get(at, null_on_oob=True) for at in range(3)]
    y, m, d = (pl.when(~part.str.contains("?", literal=True)).then(part) for part in split)
    return y, m, d


def _joined(one: pl.Expr, other: pl.Expr) -> pl.Expr:
    return pl.concat_str(one, other, separator="-")


def _writings(rows: pl.DataFrame) -> Iterator[tuple[str, pl.Expr]]:
    """A writing less any one character, or a whole birth date."""
    for column in ("number", "name", "kana"):
        yield from _less_one(rows, column)
    yield "birth", pl.col("birth")


def _less_one(rows: pl.DataFrame, column: str) -> Iterator[tuple[str, pl.Expr]]:
    """Each writing, and what is left of it without any one character: two that are a slip apart share one."""
    text = pl.col(column).str.replace_all("-", "", literal=True) if column == "number" else pl.col(column)
    yield column, text
    longest = int(rows.select(text.str.len_chars().max()).item() or 0)
    for at in range(min(longest, _LONGEST)):
        shorter = pl.concat_str(text.str.slice(0, at), text.str.slice(at + 1))
        yield column, pl.when(text.str.len_chars() > max(at, 1)).then(shorter)


_Said = Sequence[str | None]


def _fits(theirs: _Said, record: _Said) -> bool:
    """Whether nothing that a record says speaks against a person; each as number, name, reading, birth date."""
    number = _numbers(theirs[0], record[0])
    if number is Level.AGREE:
        return True
    called = best(names(theirs[1], record[1]), readings(theirs[2], record[2]))
    born = births(theirs[3], record[3])
    if Level.DIFFER in (called, born):
        return number is Level.ALIKE and Level.AGREE in (called, born)
    same_day = theirs[3] is not None and theirs[3] == record[3]
    if number is Level.ALIKE:
        return True
    if called is None:  # nobody is named, or in another script
        return number is None and (same_day or not (record[1] or record[2]))
    if number is Level.DIFFER or called is Level.AGREE or same_day:
        return called is Level.AGREE or same_day
    return _is_slip(theirs, record, dated=born is not None)


def _is_slip(theirs: _Said, record: _Said, *, dated: bool) -> bool:
    """Whether a name or reading differs by one slip: in a short one, that is another name where no date fits beside."""
    name, reading = (1, 1) if dated else (_LONG_NAME, _LONG_READING)
    return is_slip(theirs[1], record[1], name) or is_slip(theirs[2], record[2], reading)


def _numbers(one: str | None, other: str | None) -> Level | None:
    if not one or not other:
        return None
    if one == other:
        return Level.AGREE
    return Level.ALIKE if numbers_are_near(one, other) else Level.DIFFER
