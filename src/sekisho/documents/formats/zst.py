"""One file compressed by Zstandard."""

from __future__ import annotations

from collections.abc import Iterator

from sekisho.documents import streams
from sekisho.model import Blob, Format, Head, Limits, Piece
from sekisho.wording import Text

_SUFFIXES = (".zst", ".zstd")


def _recognise(head: Head) -> bool:
    return bytes(head.data[:4]) == b"\x28\xb5\x2f\xfd"


def _read(blob: Blob, limits: Limits) -> Iterator[Piece]:
    return streams.single(blob, limits, _SUFFIXES)


FORMAT = Format(
    kind="zst",
    title=Text("Zstandard", "Zstandard"),
    suffixes=_SUFFIXES,
    recognise=_recognise,
    read=_read,
    order=45,
)
