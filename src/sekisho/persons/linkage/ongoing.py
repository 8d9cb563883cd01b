"""A matching that goes on: what is known of every record, so that only what is new or touched is looked at again.

The candidates of a record depend on its values, on the holders whom some block brings together with it, and on what the
matching stands on: the model and the statistics of the last time that everything was looked at. As long as these stay,
looking at new records, and again at those who meet a holder who came, changed or went, gives what matching all of them
would give.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Any
from zlib import crc32

import numpy as np
import polars as pl
import pyarrow as pa

from sekisho.frames import from_arrow, to_arrow
from sekisho.persons.linkage import census
from sekisho.persons.linkage.census import Census, packed
from sekisho.persons.linkage.design import Design
from sekisho.persons.linkage.index import Index, Storage
from sekisho.persons.linkage.values import Dictionary

Rows = Callable[[pl.DataFrame], pl.DataFrame]
"""Records as they are kept -> as `Linker.link` takes them, numbered from 0 in their order."""
Link = Callable[[pl.DataFrame, int, int], pl.DataFrame]
"""Rows as `Linker.link` takes them, how many records came before and how many there are in all -> what it gives."""
RECORDS, DROPPED, MET_BY, FOUND, ABOUT, STOOD = "records", "dropped", "met_by", "found", "about", "stood_"
FOUND_COLUMNS: dict[str, pl.DataType] = {
    "record": pl.Int32(),
    "holder": pl.Int32(),
    "probability": pl.Float64(),
    "reasons": pl.Categorical(),
}
PART = 1_000_000
"""Records that are kept, and looked at, at once."""


@dataclass(frozen=True, slots=True)
class Taken:
    """What a table of records brought: ``fresh``, the numbers of those who are ``new`` or ``changed``.

    The others were ``known``. ``gone``: the numbers that changed ones had.
    """

    fresh: pl.Series = field(default_factory=lambda: pl.Series("record", dtype=pl.Int32))
    gone: pl.Series = field(default_factory=lambda: pl.Series("record", dtype=pl.Int32))
    new: int = 0
    changed: int = 0
    known: int = 0


class Ongoing:
    """The records of a matching, their values and candidates, in a storage; nothing counts before `commit`.

    A record has a number of its own, from 0, and another one once its values changed.
    """

    def __init__(self, storage: Storage, columns: Sequence[str]) -> None:
        """``columns``: of the values by which records are matched."""
        self._storage, self._columns = storage, list(columns)
        told = next(storage.batches(ABOUT), None)
        self.about: dict[str, Any] = json.loads(told["told"][0].as_py()) if told is not None else {}
        dropped = (from_arrow(part)["record"] for part in storage.batches(DROPPED))
        self._dropped = pl.concat([pl.Series("record", dtype=pl.Int32), *dropped])
        self._next = int(self.about.get("records", 0))

    def __len__(self) -> int:
        return self._next - len(self._dropped)

    def take(self, rows: pl.DataFrame) -> Taken:
        """Take in records: ``id``, each once, and the columns.

        A record whose values are others than before counts in place of the earlier one.
        """
        told = rows.select("id", *self._columns).with_columns(mark=_marks(rows.select(self._columns)))
        known, gone = [pl.Series("id", dtype=pl.String)], [pl.Series("record", dtype=pl.Int32)]
        for part in self.living(["record", "id", "mark"]):
            met = part.join(told.select("id", now="mark"), on="id")
            same = met["mark"] == met["now"]
            known.append(met.filter(same)["id"])
            gone.append(met.filter(~same)["record"])
        fresh = told.filter(~pl.col("id").is_in(pl.concat(known).implode())).with_row_index("record", self._next)
        fresh = fresh.with_columns(pl.col("record").cast(pl.Int32))
        replaced = pl.concat(gone)
        self._next += fresh.height
        self._dropped = pl.concat([self._dropped, replaced])
        for some in fresh.iter_slices(PART):
            self._storage.add(RECORDS, to_arrow(some))
        new = fresh.height - len(replaced)
        return Taken(fresh["record"], replaced, new, len(replaced), rows.height - fresh.height)

    def living(self, columns: Sequence[str] | None = None) -> Iterator[pl.DataFrame]:
        """The records that count, part by part: ``record`` (the number), ``id``, ``mark`` and the values."""
        for part in self._storage.batches(RECORDS, columns):
            yield from_arrow(part).filter(~pl.col("record").is_in(self._dropped.implode()))

    def numbers(self) -> pl.Series:
        """Of all records that count, in order."""
        return pl.concat([_no_records(), *(part["record"] for part in self.living(["record"]))]).sort()

    def ids(self) -> pl.DataFrame:
        """``record`` and ``id`` of all records that count."""
        none = pl.DataFrame(schema={"record": pl.Int32, "id": pl.String})
        return pl.concat([none, *self.living(["record", "id"])])

    def rows_of(self, numbers: pl.Series) -> pl.DataFrame:
        """Some records that count, in order of their numbers."""
        wanted = numbers.implode()
        return pl.concat([part.filter(pl.col("record").is_in(wanted)) for part in self.living()]).sort("record")

    def found(self) -> pl.DataFrame:
        """The candidates of all records, in order: `FOUND_COLUMNS`."""
        parts = [pl.DataFrame(schema=FOUND_COLUMNS), *(from_arrow(part) for part in self._storage.batches(FOUND))]
        return pl.concat([_cast(part) for part in parts])

    def stood_on(self, design: Design) -> Census:
        """The statistics of the last time that everything was looked at."""
        return census.read(design, lambda name: _whole(self._storage.batches(STOOD + name)))

    def go_on(self, index: Index, stood: Census, taken: Taken, touched: pl.Series, rows: Rows, link: Link) -> pl.Series:
        """Look at what was `take`n in, and again at who meets a holder who was ``touched``; gives all their numbers.

        ``link`` goes by the statistics ``stood`` and by the ``index``, which knows the holders as they are now.
        """
        self._note(index, taken.fresh, rows)
        met = self._meeting(index, stood, touched)
        looked_at = pl.concat([taken.fresh, met]).unique().sort()
        away = pl.concat([looked_at, taken.gone])
        if len(away):
            found = self._linked(looked_at, rows, link)
            self._keep(pl.concat([self.found().filter(~pl.col("record").is_in(away.implode())), found]))
        return looked_at

    def all_again(self, index: Index, rows: Rows, link: Link) -> None:
        """Look at every record; from now on this stands on the statistics of the index, by which ``link`` goes."""
        numbers = self.numbers()
        nothing = pl.DataFrame(schema={"id": pl.String, **dict.fromkeys(self._columns, pl.String)})
        self._storage.put(MET_BY, to_arrow(_met_by(index, nothing.with_columns(record=_no_records()), rows)))
        self._note(index, numbers, rows)
        self._keep(self._linked(numbers, rows, link))
        for name, table in census.tables(index.census):
            self._storage.put(STOOD + name, to_arrow(table))

    def commit(self, **about: Any) -> None:
        """Have everything count, with what is told of it (JSON-able)."""
        self.about = about | {"records": self._next}
        self._storage.put(DROPPED, to_arrow(self._dropped.to_frame()))
        self._storage.put(ABOUT, to_arrow(pl.DataFrame({"told": [json.dumps(self.about)]})))
        self._storage.commit()

    def _linked(self, numbers: pl.Series, rows: Rows, link: Link) -> pl.DataFrame:
        """What the records of these numbers have for candidates: `FOUND_COLUMNS`."""
        found, done = [pl.DataFrame(schema=FOUND_COLUMNS)], 0
        for some in self._some(numbers):
            met = link(rows(some), done, len(numbers))
            found.append(_cast(met.with_columns(record=some["record"].gather(met["record"]))))
            done += some.height
        return pl.concat(found)

    def _some(self, numbers: pl.Series) -> Iterator[pl.DataFrame]:
        """The records of these numbers, so many at once as go into memory."""
        wanted, waiting = numbers.implode(), list[pl.DataFrame]()
        for part in self.living() if len(numbers) else ():
            waiting.append(part.filter(pl.col("record").is_in(wanted)))
            if sum(some.height for some in waiting) >= PART:
                yield pl.concat(waiting)
                waiting.clear()
        if some := [some for some in waiting if some.height]:
            yield pl.concat(some)

    def _keep(self, found: pl.DataFrame) -> None:
        self._storage.put(FOUND, to_arrow(found.sort("record", "holder")))

    def _note(self, index: Index, numbers: pl.Series, rows: Rows) -> None:
        """Keep by what some records can be met."""
        for some in self._some(numbers):
            self._storage.add(MET_BY, to_arrow(_met_by(index, some, rows)))

    def _meeting(self, index: Index, stood: Census, holders: pl.Series) -> pl.Series:
        """The records that some block may bring together with a row that one of these holders has, or ever had.

        What too many share to be looked at is as ``stood`` says. A few records that meet none of them may be there too.
        """
        design, looked_for = index.design, [pl.Series(dtype=pl.UInt32) for _ in index.design.blocks]
        for some in index.ever(holders) if len(holders) else ():
            marks, asks = block_marks(design, index.dictionary, some), stood.asks(design, some)
            for at, known in enumerate(looked_for):
                looked_for[at] = pl.concat([known, marks.filter(asks[f"asks_{at}"])[f"block_{at}"]]).unique()
        met = [_no_records()]
        for part in self._storage.batches(MET_BY) if len(holders) else ():
            marked = from_arrow(part).filter(~pl.col("record").is_in(self._dropped.implode()))
            shares = [pl.col(f"block_{at}").is_in(some.implode()) for at, some in enumerate(looked_for)]
            met.append(marked.filter(pl.any_horizontal(shares))["record"].unique())
        return pl.concat(met).unique().sort()


def _met_by(index: Index, some: pl.DataFrame, rows: Rows) -> pl.DataFrame:
    """``record`` and `block_marks` of kept records, under each of their names."""
    told = rows(some)
    marks = block_marks(index.design, index.dictionary, index.dictionary.keyed(index.dictionary.prepare(told)))
    return marks.with_columns(record=some["record"].gather(told["record"]))


def block_marks(design: Design, dictionary: Dictionary, keyed: pl.DataFrame) -> pl.DataFrame:
    """``block_<place>`` (UInt32, null where a block cannot ask): equal for rows that the block brings together.

    Made of the values' texts, so that they hold whatever whole numbers a dictionary gives. Two in four billion are
    equal by chance.
    """
    columns = dict.fromkeys(column for block in design.blocks for column in block.on)
    hashed = pl.DataFrame({column: _hashed(design, dictionary, keyed, column) for column in columns})
    marks = {}
    for at, block in enumerate(design.blocks):
        known, keys = packed(hashed, block.on)
        marks[f"block_{at}"] = pl.Series((keys >> np.uint64(32)).astype(np.uint32)).set(pl.Series(~known), None)
    return pl.DataFrame(marks)


def _hashed(design: Design, dictionary: Dictionary, keyed: pl.DataFrame, column: str) -> pl.Series:
    """UInt32 of each row's value; of an extra the number that it is."""
    one = next((one for one in design.comparisons if column in (one.name, one.looked_up_by)), None)
    if one is None:
        return keyed[column]
    table = dictionary.values[one.name].table
    used = keyed[one.name].drop_nulls().unique()
    texts = table.select(one.columns if column == one.name else ["key"])[used]
    said = texts.select(pl.concat_str(pl.all().fill_null(""), separator="\x1f")).to_series()
    marks = pl.Series([crc32(text.encode()) for text in said], dtype=pl.UInt32)
    return keyed[one.name].replace_strict(used, marks, return_dtype=pl.UInt32)


def _marks(values: pl.DataFrame) -> pl.Series:
    """UInt64 of what each row says."""
    said = pl.concat_str(pl.all().fill_null("\x00"), separator="\x1f")
    texts = (text for some in values.iter_slices(PART) for text in some.select(said).to_series())
    digests = b"".join(blake2b(text.encode(), digest_size=8).digest() for text in texts)
    return pl.Series(np.frombuffer(digests, np.uint64))


def _cast(found: pl.DataFrame) -> pl.DataFrame:
    return found.select(pl.col(name).cast(kind) for name, kind in FOUND_COLUMNS.items())


def _no_records() -> pl.Series:
    return pl.Series("record", dtype=pl.Int32)


def _whole(parts: Iterable[pa.Table]) -> pl.DataFrame:
    return pl.concat([from_arrow(part) for part in parts])
