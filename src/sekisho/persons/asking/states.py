"""What matching said of every record, in encrypted parts by the record's key: the last state of each, range by range.

A key is taken from the record id's MD5, below 2**62: it spreads records evenly, and is not for secrecy.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any

import polars as pl
import pyarrow as pa

from sekisho.frames import from_arrow, to_arrow
from sekisho.persons.asking.standing import Candidate, Said, Standing, untouched
from sekisho.vault import Merges, Span
from sekisho.vault.analytics import Analytics

ITEMS = (
    *("basic_pension_number", "name", "name_kana", "birth_date", "sex", "postal_code", "address"),
    *("former_name", "former_name_kana", "office", "periods"),
)
"""What a record says of its person, as matching reads it."""
WHO = ("basic_pension_number", "name", "name_kana", "birth_date")
"""Those that name the person: if they differ for most, an id stands for another record."""
_string = pa.string()
CANDIDATE = pa.struct([("holder", _string), ("probability", pa.float64()), ("reasons", _string)])
STATES = pa.schema(
    [
        ("key", pa.int64()),
        ("record", _string),
        *((item, _string) for item in ITEMS),
        ("more", pa.list_(pa.struct([("label", _string), ("text", _string)]))),  # other columns, as written
        ("outcome", _string),
        ("candidates", pa.list_(CANDIDATE)),  # from the best; holder: the number that matching gave
        ("best", _string),  # holder and probability of the first of them
        ("probability", pa.float64()),
        ("since", pa.int32()),  # the taking up that first merged it with this holder
    ]
)
COMPARED = tuple(name for name in STATES.names if name not in ("key", "best", "probability", "since"))
TABLE = "states"
KEY_BITS = 62
_KEYED = f"SELECT *, (md5_number_lower(record) >> {64 - KEY_BITS})::BIGINT AS key FROM rows"


def keyed(rows: pl.DataFrame) -> pl.DataFrame:
    """``rows`` in any order with ``key``, by their ``record``."""
    with Analytics() as analytics:
        analytics.feed("rows", to_arrow(rows))
        return from_arrow(analytics.table(_KEYED))


def key_of(record: str) -> int:
    """The key of one record id, as `keyed` has it."""
    digest = hashlib.md5(record.encode(), usedforsecurity=False).digest()
    return int.from_bytes(digest[8:], "little") >> (64 - KEY_BITS)


def current(
    merges: Merges, columns: Sequence[str] = tuple(STATES.names), keys: pl.Series | None = None
) -> Iterator[pl.DataFrame]:
    """The last state of every record, or of those with some ``keys`` (in order), range by range of keys.

    ``columns`` of `STATES`; only parts that may hold a key are opened.
    """
    reader = Reader(merges, columns)
    for first, last in reader.ranges():
        wanted = None
        if keys is not None:
            low, high = (int(keys.search_sorted(edge, side="left")) for edge in (first, last + 1))
            if low == high:
                continue
            wanted = keys.slice(low, high - low)
        rows = reader.between(first, last, wanted)
        if rows.height:
            yield rows


class Reader:
    """Reads ranges of keys; a part that several of them lie in is read once."""

    def __init__(self, merges: Merges, columns: Sequence[str] = tuple(STATES.names)) -> None:
        self._merges = merges
        self._columns = list(dict.fromkeys(["key", *columns]))
        self._spans = merges.spans(TABLE)
        self._last: dict[str, pl.DataFrame] = {}

    def ranges(self) -> list[tuple[int, int]]:
        """The finest ranges that parts lie in: halves of halves of all keys, so that each part holds whole ones."""
        edges = sorted({edge for span in self._spans for edge in (span.first, span.last + 1)})
        return [(low, high - 1) for low, high in pairwise(edges)]

    def between(self, first: int, last: int, keys: pl.Series | None = None) -> pl.DataFrame:
        """The last state of each record whose key lies there, and is one of ``keys``, by record."""
        spans = [span for span in self._spans if span.first <= last and first <= span.last]
        self._last = {span.part.name: self._rows(span) for span in spans}
        found = [rows.filter(pl.col("key").is_between(first, last)) for rows in self._last.values()]
        if keys is not None:
            found = [rows.filter(pl.col("key").is_in(keys.implode())) for rows in found]
        if not found:
            return from_arrow(STATES.empty_table()).select(self._columns)
        return pl.concat(found).unique("key", keep="last", maintain_order=True)

    def _rows(self, span: Span) -> pl.DataFrame:
        known = self._last.get(span.part.name)
        return from_arrow(self._merges.rows_of(span.part, self._columns)) if known is None else known


def rows_of(merges: Merges, records: Sequence[str]) -> dict[str, dict[str, Any]]:
    """The last states of some records, as far as they were taken up; for tens, not for millions."""
    if not records:
        return {}
    keys = pl.Series([key_of(record) for record in records], dtype=pl.Int64).unique().sort()
    found = [rows.filter(pl.col("record").is_in(list(records))) for rows in current(merges, keys=keys)]
    return {row["record"]: row for rows in found for row in rows.to_dicts()}


def told(merges: Merges, record: str) -> list[tuple[int, dict[str, Any]]]:
    """Every state that a record was taken up with, with the number of the taking up, oldest first."""
    key = key_of(record)
    spans = [span for span in merges.spans(TABLE) if span.may_hold(key)]
    found = [(span.number, from_arrow(merges.rows_of(span.part)).filter(record=record)) for span in spans]
    return [(number, row) for number, rows in found for row in rows.to_dicts()]


def said(row: Mapping[str, Any], ask_from: float) -> Said:
    """What matching said, of a row of `STATES`."""
    candidates = (Candidate(one["holder"], one["probability"]) for one in row["candidates"])
    return Said(row["outcome"], ask_from, tuple(candidates))


def as_taken_up(row: Mapping[str, Any], ask_from: float) -> Standing:
    """The standing of a record that nothing happened to, of a row of `STATES`."""
    return untouched(row["record"], said(row, ask_from))
