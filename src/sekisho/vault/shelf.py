"""A folder of encrypted tables in parts, which somebody else lists: parts that nobody lists do not count."""

from __future__ import annotations

import secrets
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from sekisho.vault import tables


@dataclass(frozen=True, slots=True)
class Part:
    """One file of a table: its name, the table it belongs to, its rows and its SHA-256."""

    name: str
    table: str
    rows: int
    sha256: str


class Shelf(ABC):
    """Tables by name, each in parts in the order in which they were made to count."""

    def __init__(self, folder: Path, key: bytes) -> None:
        self.folder = folder
        self._key = key

    @abstractmethod
    def parts(self, table: str | None = None) -> list[Part]:
        """The parts that count, in the order of their commits; of one table or of all."""

    def write(self, table: str, rows: pa.Table, recurring: Sequence[str] | None = None) -> Part:
        """Put ``rows`` on disk as a part of ``table``; it does not count before it is listed.

        ``recurring``: the columns whose values recur within a part; None where that is not known.
        """
        name = f"{table}-{secrets.token_hex(8)}.parquet"
        sha256 = tables.write(self.folder / name, rows, self._key, recurring)
        return Part(name, table, rows.num_rows, sha256)

    def discard(self, parts: Iterable[Part]) -> None:
        """Remove parts that do not count; one that cannot be removed now counts no more for that."""
        for part in parts:
            with suppress(OSError):
                (self.folder / part.name).unlink(missing_ok=True)

    def size(self) -> int:
        """Bytes on the disk."""
        return sum((self.folder / part.name).stat().st_size for part in self.parts())

    def rows_of(self, part: Part, columns: Sequence[str] | None = None) -> pa.Table:
        """One part; raises VaultError where it was changed."""
        return tables.read(self.folder / part.name, self._key, part.sha256, columns)

    def batches(self, table: str, columns: Sequence[str] | None = None) -> Iterator[pa.Table]:
        """``table`` part by part, so that memory stays flat; raises VaultError where a part was changed."""
        for part in self.parts(table):
            yield self.rows_of(part, columns)

    def read(self, table: str, schema: pa.Schema, columns: Sequence[str] | None = None) -> pa.Table:
        """All of ``table``, or some columns of it; an empty one of ``schema`` where it has no part.

        A column that the parts of an earlier version lack is null.
        """
        wanted = schema if columns is None else pa.schema([schema.field(name) for name in columns])
        parts = [wanted.empty_table(), *self.batches(table, columns)]
        return pa.concat_tables(parts, promote_options="default").unify_dictionaries()
