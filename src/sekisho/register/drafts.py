"""The rows of a file on disk, not yet anybody's, batch by batch: a killed import goes on from what it had read."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np
import polars as pl
import pyarrow as pa

from sekisho.frames import from_arrow, to_arrow
from sekisho.model import Item
from sekisho.register.replaced import Replaced
from sekisho.register.rows import Rows
from sekisho.register.states import ITEMS, NUMBER, RECURRING, keys, marks, old_numbers
from sekisho.vault import Finished, Register, Span
from sekisho.wording import Tell, Text

DRAFT = pa.schema([(name, pa.string()) for name in ITEMS])
KEYS = pa.schema([("key", pa.int64()), ("mark", pa.uint64()), ("olds", pa.list_(pa.int64()))])
READ = "read"
"""The step of an import that reads the file."""
READING = Text("reading, rows", "読み込み（行）")


@dataclass(slots=True)
class Counts:
    """What became of the rows: each is ``kept``, ``repeated`` (the very same row again) or names ``nobody``.

    ``strays``: left out too, of another width than the header. Of the holders in the file some are ``new``, some
    ``changed``, some the ``same``; ``absent``: holders whom the file does not name, who stay as they are; ``joined``:
    known holders who turned out to be another one.

    Kept all the same: ``shared_number``: rows of a number that stands on several rows; ``no_number``, ``no_name``;
    ``replaced``: rows of a number that was replaced, which count under the new one;
    ``unreadable``: by column, values that are none that can be; ``contested``: old numbers that several holders claim
    or that lead in a circle; ``refused``: old numbers that were split from this holder.
    """

    rows: int = 0
    kept: int = 0
    repeated: int = 0
    nobody: int = 0
    strays: int = 0
    holders: int = 0
    new: int = 0
    changed: int = 0
    same: int = 0
    absent: int = 0
    joined: int = 0
    shared_number: int = 0
    no_number: int = 0
    no_name: int = 0
    contested: int = 0
    refused: int = 0
    replaced: int = 0
    unreadable: dict[str, int] = field(default_factory=dict)


class Drafts:
    """The rows of one file: `read` them all first."""

    def __init__(self, register: Register, finished: Finished) -> None:
        self._register = register
        self._spans = finished.spans.get(READ, [])
        self._batches = int(finished.note.get("batches", 0))
        self.counts = Counts(**finished.note.get("counts", {}))
        self._replaced = Replaced(register.new_numbers)
        self.note: dict[str, Any] = finished.note
        """What is needed to go on."""

    def read(self, file: Rows, tell: Tell) -> None:
        """Read what is not read yet."""
        file.unreadable.update(self.counts.unreadable)
        total = file.about
        for batch in file.batches(skipped=self._batches):
            spans = self._drafted(batch.select(ITEMS))
            self._spans += spans
            self._batches += 1
            self.counts.unreadable = dict(file.unreadable)
            self.note = {"batches": self._batches, "counts": asdict(self.counts)}
            self._register.finish(READ, spans, self.note)
            tell(READING, self.counts.rows, total)
        self.counts.strays = file.strays
        self.counts.rows += file.strays

    @property
    def heights(self) -> list[int]:
        """How many rows each draft has."""
        return [span.part.rows for span in self._spans[::2]]

    def rows(self, draft: int) -> pl.DataFrame:
        """The rows of one draft."""
        return from_arrow(self._register.rows_of(self._spans[2 * draft].part))

    def keys(self) -> tuple[np.ndarray, np.ndarray, pl.DataFrame]:
        """By row: `states.keys` and `states.marks`; and ``row``, ``old`` (Int64) of every old number."""
        count = sum(self.heights)
        key, mark = np.empty(count, np.int64), np.empty(count, np.uint64)
        olds = [pl.DataFrame(schema={"row": pl.Int64, "old": pl.Int64})]
        start = 0
        for some in self._key_frames():
            here = slice(start, start + some.height)
            key[here], mark[here] = some["key"].to_numpy(), some["mark"].to_numpy()
            named = some.select("olds").with_row_index("row", start).drop_nulls().explode("olds", empty_as_null=True)
            olds.append(named.select(pl.col("row").cast(pl.Int64), old="olds").drop_nulls())
            start += some.height
        return key, mark, pl.concat(olds)

    def discard(self) -> None:
        """Remove them: what they said is kept elsewhere, or does not count."""
        self._register.discard(span.part for span in self._spans)

    def _key_frames(self) -> Iterator[pl.DataFrame]:
        for span in self._spans[1::2]:
            yield from_arrow(self._register.rows_of(span.part))

    def _drafted(self, batch: pl.DataFrame) -> list[Span]:
        number, name = pl.col(NUMBER), pl.coalesce(Item.NAME, Item.NAME_KANA)
        written = batch.filter(~pl.all_horizontal(pl.all().is_null()))
        somebody = written.filter(number.is_not_null() | (name.is_not_null() & pl.col(Item.BIRTH_DATE).is_not_null()))
        counts = self.counts
        somebody, led = self._replaced.led_on(somebody, self._register.next_number())
        counts.replaced += led
        counts.rows += written.height
        counts.nobody += written.height - somebody.height
        counts.no_number += somebody[NUMBER].null_count()
        counts.no_name += int(somebody.select(name.is_null().sum()).item())
        if not somebody.height:
            return []
        told = pl.DataFrame({"key": keys(somebody), "mark": marks(somebody), "olds": old_numbers(somebody)})
        rows, named = to_arrow(somebody, DRAFT), to_arrow(told, KEYS)
        parts = (
            self._register.write("drafts", rows, RECURRING),
            self._register.write("draft_keys", named, ()),
        )
        return [Span(part, 0, 0, 0) for part in parts]
