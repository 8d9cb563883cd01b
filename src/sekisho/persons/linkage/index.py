"""The holders, prepared once for a design: parts of whole numbers, the dictionary, and what was counted of them."""

from __future__ import annotations

import io
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Protocol

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from sekisho.frames import from_arrow, to_arrow
from sekisho.persons.linkage import census
from sekisho.persons.linkage.census import Census
from sekisho.persons.linkage.design import Design
from sekisho.persons.linkage.values import Dictionary

PART = 1 << 20  # rows
SAMPLE = 50_000
"""Holders that are kept apart, drawn at random, to draw strangers from."""
HOLDERS, RETIRED, DRAWN, ABOUT = "holders", "retired", "sample", "about"
_MIX = np.uint64(0xBF58476D1CE4E5B9)


class Storage(Protocol):
    """Tables by name, each in parts; what was not committed does not count the next time."""

    def add(self, table: str, rows: pa.Table) -> None:
        """One more part of ``table``."""

    def put(self, table: str, rows: pa.Table) -> None:
        """``table`` is ``rows`` from now on."""

    def batches(self, table: str, columns: Sequence[str] | None = None) -> Iterator[pa.Table]:
        """``table`` part by part, or some columns of it."""

    def commit(self) -> None:
        """Have everything count, all at once."""


class Memory:
    """Parts in memory, as compressed columns: of a register that is a file, for whose index there is no key."""

    def __init__(self) -> None:
        self._parts: dict[str, list[bytes]] = {}

    def add(self, table: str, rows: pa.Table) -> None:
        """One more part of ``table``."""
        sink = io.BytesIO()
        pq.write_table(rows, sink, compression="zstd", compression_level=1, write_statistics=False)
        self._parts.setdefault(table, []).append(sink.getvalue())

    def put(self, table: str, rows: pa.Table) -> None:
        """``table`` is ``rows`` from now on."""
        self._parts.pop(table, None)
        self.add(table, rows)

    def batches(self, table: str, columns: Sequence[str] | None = None) -> Iterator[pa.Table]:
        """``table`` part by part, or some columns of it."""
        for part in self._parts.get(table, ()):
            yield pq.read_table(pa.BufferReader(part), columns=None if columns is None else list(columns))

    def commit(self) -> None:
        """Nothing stays."""


class Index:
    """The holders of a register as matching needs them; memory stays flat however many there are.

    ``told``: what its owner wants to know of it the next time (JSON-able): of which state it is. ``carried``: further
    columns of the holders, kept to be asked for by `carried`.
    """

    def __init__(self, design: Design, storage: Storage | None = None, carried: Sequence[str] = ()) -> None:
        self.design, self.dictionary, self.census = design, Dictionary(design), Census()
        self.parts = 0
        self.told: Mapping[str, object] = {}
        self._storage, self._carried = storage or Memory(), list(carried)
        self._sample = pl.DataFrame()
        self._retired = pl.DataFrame(schema={"holder": pl.Int32, "before": pl.Int32})

    @classmethod
    def load(cls, design: Design, storage: Storage, carried: Sequence[str] = ()) -> Index | None:
        """The index that was last committed there, None where there is none."""
        about = next(storage.batches(ABOUT), None)
        if about is None:
            return None
        told = json.loads(about["told"][0].as_py())
        if told.pop("design") != _written(design, carried):
            return None
        found = cls(design, storage, carried)
        found.parts, found.told = told["parts"], told["told"]
        for name, values in found.dictionary.values.items():
            values.know(_whole(storage, f"dictionary_{name}"))
        found.census = census.read(design, lambda name: _whole(storage, name))
        found._sample, found._retired = _whole(storage, DRAWN), _whole(storage, RETIRED)
        return found

    def save(self, told: Mapping[str, object]) -> None:
        """Commit all there is, with what its owner tells of it."""
        self.told = told
        for name, values in self.dictionary.values.items():
            self._put(f"dictionary_{name}", values.table)
        for name, table in census.tables(self.census):
            self._put(name, table)
        self._put(DRAWN, self._sample)
        self._put(RETIRED, self._retired)
        said = {"design": _written(self.design, self._carried), "parts": self.parts, "told": told}
        self._put(ABOUT, pl.DataFrame({"told": [json.dumps(said)]}))
        self._storage.commit()

    def add(self, rows: Iterable[pl.DataFrame]) -> None:
        """Take in further holders (see `Linker.know`) as parts of their own, and count them."""
        self.census.add(self.design, self._kept(rows))

    def retire(self, holders: pl.Series) -> None:
        """The rows that these holders have now count no more: what `add` brings of them afterwards does."""
        gone = holders.cast(pl.Int32).unique()
        old = (rows.filter(pl.col("holder").is_in(gone.implode())) for rows in self.batches())
        self.census.add(self.design, old, sign=-1)
        now = gone.to_frame("holder").with_columns(before=pl.lit(self.parts, pl.Int32))
        self._retired = pl.concat([self._retired, now]).unique("holder", keep="last")

    def count(self) -> None:
        """Count anew what too many holders share and which names go together, of all that are here now."""
        self.census.count(self.design, self.columns)

    @property
    def stale(self) -> float:
        """The share of the rows by which the holders changed since `count`."""
        return self.census.moved / max(self.census.rows, 1)

    def batches(self, since: int = 0) -> Iterator[pl.DataFrame]:
        """The rows, `Dictionary.keyed`, with ``holder`` and ``alias``; of the parts from number ``since`` on."""
        return self.columns(self._sample.columns, since)

    def columns(self, only: Sequence[str], since: int = 0) -> Iterator[pl.DataFrame]:
        """As `batches`, with these columns and what they are made of alone."""
        keys = {one.looked_up_by: one.name for one in self.design.comparisons if not one.many}
        for rows in self._batches(list(dict.fromkeys(keys.get(column, column) for column in only)), since):
            yield self.dictionary.keyed(rows)

    def sample(self) -> pl.DataFrame:
        """Rows of holders drawn at random, under their own names, `Dictionary.keyed`."""
        return self.dictionary.keyed(self._sample)

    def rows_of(self, holder: int) -> pl.DataFrame:
        """All rows of one holder, as `batches` has them."""
        return pl.concat([rows.filter(holder=holder) for rows in self.batches()])

    def ever(self, holders: pl.Series) -> Iterator[pl.DataFrame]:
        """All rows that some holders have, or had before they were retired, as `batches` has them."""
        wanted = holders.cast(pl.Int32).implode()
        for table in self._storage.batches(HOLDERS):
            rows = from_arrow(table).filter(pl.col("holder").is_in(wanted))
            yield self.dictionary.keyed(rows.drop(self._carried))

    def carried(self, which: pl.Expr) -> pl.DataFrame:
        """``holder``, ``alias`` and the carried columns of the rows of which ``which`` is true."""
        columns = ["holder", "alias", *self._carried]
        return pl.concat([rows.filter(which) for rows in self._batches(columns, 0)])

    def _batches(self, columns: Sequence[str], since: int) -> Iterator[pl.DataFrame]:
        wanted = columns if self._retired.is_empty() else list(dict.fromkeys(["holder", *columns]))
        for number, table in enumerate(self._storage.batches(HOLDERS, wanted)):
            if number < since:
                continue
            rows = from_arrow(table)
            dead = self._retired.filter(pl.col("before") > number)["holder"]
            yield rows.filter(~pl.col("holder").is_in(dead.implode())) if len(dead) else rows

    def _kept(self, rows: Iterable[pl.DataFrame]) -> Iterator[pl.DataFrame]:
        for some in of_size(self._prepared(rows), PART):
            self._storage.add(HOLDERS, to_arrow(some))
            self.parts += 1
            bare = some.drop(self._carried)
            self._sample = _drawn([self._sample, bare.filter(alias=0)])
            yield self.dictionary.keyed(bare)

    def _prepared(self, rows: Iterable[pl.DataFrame]) -> Iterator[pl.DataFrame]:
        for some in rows:
            own = some.select("holder", "alias", *self._carried)
            yield pl.concat([own, self.dictionary.prepare(some)], how="horizontal")

    def _put(self, name: str, table: pl.DataFrame) -> None:
        self._storage.put(name, to_arrow(table))


def of_size(frames: Iterable[pl.DataFrame], rows: int) -> Iterator[pl.DataFrame]:
    """The frames, as many put together as have so many rows or a little more."""
    waiting: list[pl.DataFrame] = []
    for frame in frames:
        waiting.append(frame)
        if sum(one.height for one in waiting) >= rows:
            yield pl.concat(waiting, rechunk=True)
            waiting = []
    if waiting:
        yield pl.concat(waiting, rechunk=True)


def _drawn(rows: Sequence[pl.DataFrame]) -> pl.DataFrame:
    """So many of the rows, always the same, whatever parts they come in."""
    whole = pl.concat([some for some in rows if some.width])
    mixed = (whole["holder"].to_numpy().astype(np.uint64) + np.uint64(1)) * _MIX
    mixed = (mixed ^ (mixed >> np.uint64(31))) * _MIX
    if whole.height <= SAMPLE:
        return whole
    return whole[np.sort(np.argpartition(mixed ^ (mixed >> np.uint64(29)), SAMPLE)[:SAMPLE])]


def _written(design: Design, carried: Sequence[str]) -> list[object]:
    compared = [[one.name, list(one.columns)] for one in design.comparisons]
    return [design.name, compared, [[list(b.on), b.most] for b in design.blocks], list(design.extras), list(carried)]


def _whole(storage: Storage, name: str) -> pl.DataFrame:
    return from_arrow(pa.concat_tables(storage.batches(name)))
