"""OpenDocument presentations (.odp, .otp, .fodp) and drawings (.odg): slides, notes, tables, comments."""

from __future__ import annotations

from collections.abc import Iterator

from sekisho.documents import odf_locks, opendocument
from sekisho.model import Blob, Format, Head, Limits, Piece
from sekisho.wording import Text


def _recognise(head: Head) -> bool:
    return opendocument.is_kind(head, b"presentation", b"graphics")


def _read(blob: Blob, limits: Limits) -> Iterator[Piece]:
    return opendocument.read(blob, limits)


FORMAT = Format(
    kind="odp",
    title=Text("OpenDocument presentation", "OpenDocumentプレゼンテーション"),
    suffixes=(".odp", ".otp", ".fodp", ".odg"),
    recognise=_recognise,
    read=_read,
    lock=odf_locks.lock_of,
    unlock=odf_locks.unlocked,
    order=20,
)
