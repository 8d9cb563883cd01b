"""SQL dumps (.sql): the rows that they fill tables with."""

from __future__ import annotations

from collections.abc import Iterator

from sekisho.documents import charset, sql_dump
from sekisho.model import Blob, Format, Head, Limits, Piece
from sekisho.wording import Text


def _recognise(head: Head) -> bool:
    start = bytes(head.data[: charset.SAMPLE])
    return charset.is_text(start) and sql_dump.is_dump(charset.decode(start).text)


def _read(blob: Blob, limits: Limits) -> Iterator[Piece]:
    return sql_dump.read(blob.data)


FORMAT = Format(
    kind="sql",
    title=Text("SQL dump", "SQLダンプ"),
    suffixes=(".sql", ".dump"),
    recognise=_recognise,
    read=_read,
    order=70,
)
