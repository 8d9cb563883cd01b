"""Law 10: what undecided or unread could be a person's, so that nobody may tell them "not affected".

A record could be theirs unless what it says speaks against it: a name that is not alike, another birth date, a number
that is another one and nothing else that fits. A record that says nothing of this kind could be anybody's, and so could
whatever stands in a document that nobody has read.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import polars as pl
import pyarrow as pa

from sekisho.countries import fold
from sekisho.countries.compare import Level, best, births, names, numbers_are_near, readings


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
_LONGEST = 24  # characters of a writing that may be a slip
_LONG_NAME, _LONG_READING = 4, 6  # from so many characters on, one that differs is a slip and no other name
_AT_ONCE = 50_000  # persons


class Open:
    """The open records, and the unread documents, of one version."""

    def __init__(self, records: pa.Table, unread: pa.Table) -> None:
        """``records``: `master.OPEN`, folded; ``unread``: `master.UNREAD`."""
        frame = pl.DataFrame(pl.from_arrow(records))
        self.records = frame.with_row_index("row").with_columns(kind=_kind())
        self.unread = unread.num_rows
        said = self.records.select(pl.any_horizontal(pl.col(name).is_not_null() for name in _KEYED)).to_series()
        self._mute = self.records.filter(~said)
        self._keys = _keys(self.records.filter(said), "row").sort("key")
        self._marks = self._keys["key"]

    def could_be(
        self, numbers: Sequence[str], called: Sequence[tuple[str | None, str | None]], birth: str | None
    ) -> tuple[Why, ...]:
        """What could be theirs who had these numbers and names, each with its reading."""
        people = _people(numbers, called, birth)
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
        pairs = _keys(told, "side").join(self._keys, on="key").select("side", "row").unique()
        both = pairs.join(told.rename({name: f"their_{name}" for name in _KEYED}), on="side").join(
            self.records.select("row", *_KEYED), on="row"
        )
        if not both.height:
            return both.select("place", "row")
        fits = [_fits(one[:4], one[4:]) for one in both.select(*(f"their_{n}" for n in _KEYED), *_KEYED).iter_rows()]
        return both.filter(pl.Series(fits, dtype=pl.Boolean)).select("place", "row")


def _kind() -> pl.Expr:
    state = pl.col("state")
    return (
        pl.when(state == "unmatched")
        .then(pl.lit(str(Kind.UNMATCHED)))
        .when(state == "clustered")
        .then(pl.lit(str(Kind.UNLISTED)))
        .otherwise(pl.lit(str(Kind.UNDECIDED)))
    )


def _people(numbers: Sequence[str], called: Sequence[tuple[str | None, str | None]], birth: str | None) -> pl.DataFrame:
    """One row for each number and each name, folded."""
    rows = [(number, name, kana) for number in (*numbers, None) for name, kana in called or [(None, None)]]
    frame = pl.DataFrame(rows, schema={"number": pl.String, "name": pl.String, "kana": pl.String}, orient="row")
    return _folded(frame.with_columns(pl.lit(birth, pl.String).alias("birth"), pl.lit(0, pl.Int64).alias("place")))


def _folded(people: pl.DataFrame) -> pl.DataFrame:
    """Names and readings as the open records have them."""
    named, read = people["name"], people["kana"]
    return people.with_columns(fold.names(named).alias("name"), fold.readings(read, named).alias("kana")).unique()


def _keys(rows: pl.DataFrame, place: str) -> pl.DataFrame:
    """``key``: two of whom one could be the other share one: a writing less any one character, or a birth date.

    Dates that are alike, or known in part, count only for records that say nothing else.
    """
    bare = rows.with_columns(pl.col("number").str.replace_all("-", "", literal=True))
    found = [_less_one(bare, place, name) for name in ("number", "name", "kana")]
    found.append(rows.select(place, key=pl.concat_str(pl.lit("birth "), "birth")))
    lone = pl.all_horizontal(pl.col(name).is_null() for name in ("number", "name", "kana"))
    found.append(_of_dates(rows.filter(lone) if place == "row" else rows, place))
    return pl.concat(found).drop_nulls().with_columns(pl.col("key").hash()).unique()


def _less_one(rows: pl.DataFrame, place: str, column: str) -> pl.DataFrame:
    """Each writing, and what is left of it without any one character: two that are a slip apart share one."""
    text = rows.select(place, text=column).drop_nulls().filter(pl.col("text").str.len_chars() > 1)
    longest = int(text.select(pl.col("text").str.len_chars().max()).item() or 0)
    shorter = [
        text.filter(pl.col("text").str.len_chars() > at).select(
            place, key=pl.concat_str(pl.col("text").str.slice(0, at), pl.col("text").str.slice(at + 1))
        )
        for at in range(min(longest, _LONGEST))
    ]
    every = pl.concat([text.select(place, key="text"), *shorter])
    return every.select(place, key=pl.concat_str(pl.lit(f"{column} "), "key"))


def _of_dates(rows: pl.DataFrame, place: str) -> pl.DataFrame:
    """Any two parts that are known of a date, and the year: what dates share that are alike or known in part."""
    dated = rows.select(place, date="birth").drop_nulls()
    split = [pl.col("date").str.split("-").list.get(at, null_on_oob=True) for at in range(3)]
    told = {
        name: pl.when(~part.str.contains("?", literal=True)).then(part) for name, part in zip("ymd", split, strict=True)
    }
    parts = dated.select(place, **told)
    keys = (("y", "m"), ("y", "d"), ("m", "d"), ("y",))
    return pl.concat(
        [parts.select(place, key=pl.concat_str(pl.lit("".join(key)), *key, separator="-")) for key in keys]
    )


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
    if called is Level.ALIKE and born is None and number is not Level.ALIKE:
        return _is_slip(theirs[1], record[1], _LONG_NAME) or _is_slip(theirs[2], record[2], _LONG_READING)
    if number is Level.DIFFER:
        return Level.AGREE in (called, born) and called is not None
    return True


def _is_slip(one: str | None, other: str | None, long: int) -> bool:
    """Whether two long enough writings are alike all over: a common part alone makes no slip of a whole name."""
    return bool(one and other) and min(len(one or ""), len(other or "")) >= long


def _numbers(one: str | None, other: str | None) -> Level | None:
    if not one or not other:
        return None
    if one == other:
        return Level.AGREE
    return Level.ALIKE if numbers_are_near(one, other) else Level.DIFFER
