"""One file compressed by gzip."""

from __future__ import annotations

from collections.abc import Iterator

from sekisho.documents import streams
from sekisho.model import Blob, Format, Head, Limits, Piece
from sekisho.wording import Text

_SUFFIXES = (".gz",)


def _recognise(head: Head) -> bool:
    return bytes(head.data[:3]) == b"\x1f\x8b\x08"


def _read(blob: Blob, limits: Limits) -> Iterator[Piece]:
    return streams.single(blob, limits, _SUFFIXES)


FORMAT = Format(
    kind="gz",
    title=Text("gzip", "gzip"),
    suffixes=_SUFFIXES,
    recognise=_recognise,
    read=_read,
    order=45,
)
