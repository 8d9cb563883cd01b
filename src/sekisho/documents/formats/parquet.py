"""Parquet tables (.parquet)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import polars as pl

from sekisho.documents.columns import as_text, numbered, with_header
from sekisho.errors import LockedError, OverLimitError, UnreadableError
from sekisho.model import NO_LOCK, Blob, Format, Frame, Gap, Grid, Head, Limits, Lock, Piece, Place, Protection, Reason
from sekisho.wording import Text

_RUN = 100_000  # rows


def _recognise(head: Head) -> bool:
    return bytes(head.data[:4]) in (b"PAR1", b"PARE")


def _lock(blob: Blob) -> Lock:
    return Lock(Protection.STRONG, "AES Parquet modular encryption") if _is_locked(blob) else NO_LOCK


def _is_locked(blob: Blob) -> bool:
    """Whether the footer, or, below an open footer, a column is encrypted."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    if bytes(blob.data[-4:]) == b"PARE":
        return True
    try:
        next(pq.ParquetFile(pa.BufferReader(blob.data)).iter_batches(1, use_threads=False), None)
    except (pa.ArrowException, OSError, ValueError) as error:
        return "decrypt" in str(error).lower()
    return False


def _read(blob: Blob, limits: Limits) -> Iterator[Piece]:
    """Grids that begin with the column names; the second and later ones go on with the table."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    if _is_locked(blob):
        raise LockedError(Reason.PASSWORD_UNKNOWN)
    first, lost = 1, 0
    try:
        file = pq.ParquetFile(pa.BufferReader(blob.data))
        for batch in file.iter_batches(_RUN, use_threads=False):
            batch.validate(full=True)
            cells, unheld = _cells(batch)
            lost += unheld
            cells = with_header(cells) if first == 1 else cells
            yield Grid(numbered(cells), Place(Frame.CELL, "", first))
            first += cells.height
        if lost:
            yield Gap(Reason.UNREAD_PART, f"{lost} nested values")
    except MemoryError as error:
        raise OverLimitError(Reason.MEMORY) from error
    except (pa.ArrowException, OSError, ValueError) as error:
        raise UnreadableError(Reason.DAMAGED, "table") from error


def _cells(batch: Any) -> tuple[pl.DataFrame, int]:
    """The columns as text, and how many nested values Python cannot hold (a day beyond its years)."""
    import pyarrow as pa

    columns: dict[str, pl.Series] = {}
    lost = 0
    for name, column in zip(batch.schema.names, batch.columns, strict=True):
        column = column.storage if isinstance(column, pa.ExtensionArray) else column
        if pa.types.is_nested(column.type):
            column = pa.array([_json(value) for value in column], pa.string())
            lost += column.null_count
        while name in columns:
            name += " "
        columns[name] = pl.Series(pl.from_arrow(column))
    return as_text(pl.DataFrame(columns)), lost


def _json(value: Any) -> str | None:
    try:
        return json.dumps(value.as_py(), ensure_ascii=False, default=str)
    except (ValueError, OverflowError):
        return None


FORMAT = Format(
    kind="parquet",
    title=Text("Parquet table", "Parquet"),
    suffixes=(".parquet",),
    recognise=_recognise,
    read=_read,
    lock=_lock,
    order=20,
)
