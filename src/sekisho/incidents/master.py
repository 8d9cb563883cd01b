"""The leak master: the one table of exposed persons, in versions. What acts on an incident reads it, nothing else."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Self

import numpy as np
import polars as pl
import pyarrow as pa

from sekisho.errors import InputError
from sekisho.frames import from_arrow
from sekisho.incidents.could_be import Open, Why
from sekisho.vault.leak import Leak, Version
from sekisho.wording import Text


class Standing(StrEnum):
    """How an exposed person is known: by the register, from records only, or forgotten since."""

    SETTLED = "settled"
    CLUSTERED = "clustered"
    FORGOTTEN = "forgotten"


_day = pa.timestamp("us", tz="UTC")

MASTER = pa.schema(
    [
        ("person", pa.int64()),  # the same in all versions
        ("holder", pa.string()),  # the current number in the register; null for who is known from records only
        ("state", pa.string()),  # Standing
        ("ask", pa.bool_()),  # whether a record of theirs waits for a human
        ("number_of_items", pa.int64()),
        ("items", pa.string()),  # joined by +, all records taken together
        ("other_items", pa.string()),  # classes of other items, joined by +
        ("classes", pa.string()),  # what the law treats apart: sensitive, money, my_number; joined by +
        ("records", pa.int64()),
        ("files", pa.int64()),
        ("documents", pa.int64()),
        ("protected_records", pa.int64()),
        ("unprotected_records", pa.int64()),
        ("undetermined_records", pa.int64()),
        ("worst_protection", pa.string()),  # protected, unprotected, undetermined
        ("first_seen", _day),  # when the files in which they stand were last changed: of the oldest
        ("last_seen", _day),  # and of the newest
        ("since", pa.int64()),  # the version in which the person came
        ("grown", pa.int64()),  # the version in which their items, or the classes of these, last grew
        ("was", pa.string()),  # persons who turned out to be this one, joined by +
    ]
)

NUMBERS = pa.schema(
    [
        ("number", pa.string()),  # in its normal form
        ("person", pa.int64()),
        ("kind", pa.string()),  # holder: current; old: leads to the holder; written: in records, without a holder
    ]
)

OPEN = pa.schema(
    [
        ("scan", pa.int64()),
        ("record_id", pa.int64()),
        ("doc", pa.int64()),  # of `PLACES`
        ("person", pa.int64()),  # null where nobody can say whose it is
        ("state", pa.string()),  # settled (and asked about), clustered, unmatched
        ("ask", pa.bool_()),
        ("number", pa.string()),
        ("name", pa.string()),  # folded, as are reading and birth date
        ("kana", pa.string()),
        ("birth", pa.string()),
    ]
)
"""The records that could be somebody else's than they are taken for: who is told "not affected" must fit none."""

UNREAD = pa.schema(
    [
        ("doc", pa.int64()),
        ("scan", pa.int64()),
        ("document", pa.string()),
        ("outcome", pa.string()),
        ("reason", pa.string()),
        ("size", pa.int64()),
        ("records", pa.int64()),  # found in it all the same
        ("sha256", pa.string()),
    ]
)
"""The documents of the incident that nobody has read to the end: they may hold anybody."""

PLACES = pa.schema(
    [
        ("doc", pa.int64()),
        ("scan", pa.int64()),
        ("document_id", pa.int64()),
        ("document", pa.string()),
        ("file", pa.string()),
        ("sha256", pa.string()),
        ("outcome", pa.string()),
        ("reason", pa.string()),
        ("shield", pa.string()),
        ("records", pa.int64()),
        ("modified", _day),
    ]
)
"""The documents that belong to the incident, each once."""

PLACED = pa.schema(
    [
        ("mark", pa.int64()),  # of the record: the same in all versions, as long as the document is read alike
        ("doc", pa.int64()),
        ("person", pa.int64()),
        ("items", pa.int32()),  # a mask, as `steps.items_of` reads it
    ]
)
"""Every record of the incident's documents: where it lies and whose it is."""

UNLISTED = pa.schema(
    [
        ("person", pa.int64()),
        ("name", pa.string()),
        ("name_kana", pa.string()),
        ("birth_date", pa.string()),
        ("sex", pa.string()),
        ("postal_code", pa.string()),
        ("address", pa.string()),
        ("phone", pa.string()),
        ("email", pa.string()),
    ]
)
"""What records say of the persons who are in no register."""

TABLES = {
    "master": MASTER,
    "numbers": NUMBERS,
    "open": OPEN,
    "unread": UNREAD,
    "places": PLACES,
    "placed": PLACED,
    "unlisted": UNLISTED,
}


@dataclass(frozen=True, slots=True)
class Exposure:
    """What leaked of one person, as of a version: items and classes by name, where and how it was protected.

    ``since``: the version in which they came; ``grown``: the one in which their items last grew.
    ``was``: their numbers as persons before it turned out that they are one.
    """

    person: int
    holder: str | None
    state: Standing
    ask: bool
    items: tuple[str, ...]
    other_items: tuple[str, ...]
    classes: tuple[str, ...]
    records: int
    documents: int
    protection: str
    first_seen: datetime | None
    last_seen: datetime | None
    since: int
    grown: int
    was: tuple[int, ...] = ()


class Master:
    """One version in memory. Persons are found by their number here, or any number that ever led to them."""

    def __init__(self, about: Version, tables: dict[str, pa.Table]) -> None:
        """``tables``: by the names of `TABLES`: master, numbers, open and unread."""
        self.about = about
        self.table = tables["master"]
        self.open = Open(tables["open"], tables["unread"])
        self.unread = tables["unread"]
        self._persons = self.table["person"].to_numpy()
        numbers = from_arrow(tables["numbers"])
        self._numbers = numbers.with_columns(mark=pl.col("number").hash()).sort("mark")
        self._marks = self._numbers["mark"].to_numpy()
        self._was = _was(self.table)

    @classmethod
    def load(cls, leak: Leak, version: int | None = None) -> Self:
        """That version, else the last; raises InputError where there is none, VaultError."""
        about = version_of(leak, version)
        of = leak.of(about.number)
        return cls(about, {name: of.read(name, TABLES[name]) for name in ("master", "numbers", "open", "unread")})

    @property
    def version(self) -> int:
        """Its number, from 1."""
        return self.about.number

    @property
    def at(self) -> str:
        """When it was made (ISO 8601, UTC)."""
        return self.about.at

    def of_person(self, person: int) -> Exposure | None:
        """The exposure of a person, also by a number that they had before they turned out to be another."""
        person = self._was.get(person, person)
        place = int(np.searchsorted(self._persons, person))
        if place >= len(self._persons) or self._persons[place] != person:
            return None
        return _exposure(self.table.slice(place, 1).to_pylist()[0])

    def of_holder(self, numbers: Iterable[str]) -> Exposure | None:
        """The exposure of whom any of these numbers ever led to (normal form); one of the register's before others."""
        found = self.persons_of(numbers)
        return self.of_person(found[0]) if found else None

    def persons_of(self, numbers: Iterable[str]) -> list[int]:
        """All persons to whom any of these numbers led or under whom it was written, those of the register first."""
        hits = self._hits(pl.Series(list(numbers), dtype=pl.String))
        rank = hits.with_columns(rank=pl.col("kind").replace_strict(_RANKS, default=9)).sort("rank", "person")
        return rank["person"].unique(maintain_order=True).to_list()

    def exposed(self, persons: pl.Series) -> pl.Series:
        """Boolean: which of some persons are in it."""
        now = persons.replace(self._was) if self._was else persons
        return now.is_in(pl.Series(self._persons).implode())

    def by_numbers(self, numbers: pl.Series) -> pl.DataFrame:
        """``number`` and ``person`` of those among some numbers that lead to an exposed person, at full scale."""
        wanted = pl.DataFrame({"number": numbers.cast(pl.String)}).unique()
        return wanted.join(self._numbers, on="number").select("number", "person", "kind")

    def could_be(
        self, numbers: Iterable[str], name: str | None = None, kana: str | None = None, birth: str | None = None
    ) -> tuple[Why, ...]:
        """What undecided or unread could be theirs, for all of which nobody may say "not affected" (law 10).

        ``numbers``: all they ever had, in normal form; ``birth`` ISO. Empty only where nothing could.
        """
        return self.could_be_any(numbers, [(name, kana)], birth)

    def could_be_any(
        self, numbers: Iterable[str], called: Sequence[tuple[str | None, str | None]], *births: str | None
    ) -> tuple[Why, ...]:
        """The same for somebody with several names, each with its reading, and birth dates: former ones, too."""
        return self.open.could_be(list(numbers), called, *births)

    def could_be_many(self, people: pl.DataFrame) -> pl.DataFrame:
        """``place`` of those of ``people`` whose an undecided record could be, with ``records``: how many.

        ``people``: number, name, kana, birth; one row for each number and name of somebody, with ``place``, who it is.
        Unread documents are not counted: where there is one, it could be anybody's (`unread`).
        """
        return self.open.many(people)

    def _hits(self, numbers: pl.Series) -> pl.DataFrame:
        marks = numbers.hash().to_numpy()
        low, high = np.searchsorted(self._marks, marks, "left"), np.searchsorted(self._marks, marks, "right")
        rows = [row for a, b in zip(low, high, strict=True) for row in range(int(a), int(b))]
        return self._numbers[rows].filter(pl.col("number").is_in(numbers.implode()))


_RANKS = {"holder": 0, "old": 1, "written": 2}


def version_of(leak: Leak, version: int | None = None) -> Version:
    """What is said of a version, of the last one where none is named; raises InputError."""
    there = leak.versions()
    found = [one for one in there if version in (None, one.number)]
    if found:
        return found[-1]
    if not there:
        raise InputError(
            Text(
                "Nobody has counted yet who is exposed by incident {n}.", "事案{n}の対象者はまだ集計されていません。"
            ).fill(n=leak.incident),
            Text("Count them: `sekisho incident count {n}`.", "`sekisho incident count {n}` で集計してください。").fill(
                n=leak.incident
            ),
        )
    raise InputError(
        Text("Incident {n} has no version {v}.", "事案{n}に第{v}版はありません。").fill(n=leak.incident, v=version),
        Text("It has 1 to {last}.", "あるのは第1版から第{last}版までです。").fill(last=there[-1].number),
    )


def _was(table: pa.Table) -> dict[int, int]:
    """Who turned out to be whom."""
    merged = from_arrow(table.select(["person", "was"])).filter(pl.col("was") != "")
    listed = merged.with_columns(was=pl.col("was").str.split("+")).explode("was").select("was", "person")
    return {int(was): person for was, person in listed.iter_rows()}


def parted(joined: str | None) -> tuple[str, ...]:
    """The parts of a text that is joined by +."""
    return tuple(joined.split("+")) if joined else ()


def _exposure(row: dict[str, Any]) -> Exposure:
    return Exposure(
        row["person"],
        row["holder"],
        Standing(row["state"]),
        row["ask"],
        parted(row["items"]),
        parted(row["other_items"]),
        parted(row["classes"]),
        row["records"],
        row["documents"],
        row["worst_protection"],
        row["first_seen"],
        row["last_seen"],
        row["since"],
        row["grown"],
        tuple(map(int, parted(row["was"]))),
    )
