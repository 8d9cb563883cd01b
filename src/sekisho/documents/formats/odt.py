"""OpenDocument texts (.odt, .ott, .fodt): body, headers, notes, comments, boxes, deletions, form controls."""

from __future__ import annotations

from collections.abc import Iterator

from sekisho.documents import odf_locks, opendocument
from sekisho.model import Blob, Format, Head, Limits, Piece
from sekisho.wording import Text


def _recognise(head: Head) -> bool:
    return opendocument.is_kind(head, b"text")


def _read(blob: Blob, limits: Limits) -> Iterator[Piece]:
    return opendocument.read(blob, limits)


FORMAT = Format(
    kind="odt",
    title=Text("OpenDocument text", "OpenDocumentテキスト"),
    suffixes=(".odt", ".ott", ".fodt"),
    recognise=_recognise,
    read=_read,
    lock=odf_locks.lock_of,
    unlock=odf_locks.unlocked,
    order=20,
)
