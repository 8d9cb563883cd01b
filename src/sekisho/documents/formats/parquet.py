"""Parquet tables (.parquet)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import polars as pl

from sekisho.documents.columns import as_text, numbered, with_header
from sekisho.errors import LockedError, UnreadableError
from sekisho.model import Blob, Format, Frame, Grid, Head, Limits, Lock, Piece, Place, Protection, Reason
from sekisho.wording import Text

_RUN = 100_000  # rows


def _recognise(head: Head) -> bool:
    return bytes(head.data[:4]) in (b"PAR1", b"PARE")


def _lock(blob: Blob) -> Lock:
    if bytes(blob.data[-4:]) == b"PARE":
        return Lock(Protection.STRONG, "AES Parquet modular encryption")
    return Lock()


def _read(blob: Blob, limits: Limits) -> Iterator[Piece]:
    """Grids that begin with the column names; the second and later ones go on with the table."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    if _lock(blob).protection:
        raise LockedError(Reason.PASSWORD_UNKNOWN)
    first = 1
    try:
        file = pq.ParquetFile(pa.BufferReader(blob.data))
        for batch in file.iter_batches(_RUN, use_threads=False):
            batch.validate(full=True)
            cells = _cells(batch)
            cells = with_header(cells) if first == 1 else cells
            yield Grid(numbered(cells), Place(Frame.CELL, "", first))
            first += cells.height
    except (pa.ArrowException, OSError, ValueError) as error:
        raise UnreadableError(Reason.DAMAGED, "table") from error


def _cells(batch: Any) -> pl.DataFrame:
    frame = pl.from_arrow(batch)
    assert isinstance(frame, pl.DataFrame)
    return as_text(frame)


FORMAT = Format(
    kind="parquet",
    title=Text("Parquet table", "Parquet"),
    suffixes=(".parquet",),
    recognise=_recognise,
    read=_read,
    lock=_lock,
    order=20,
)
