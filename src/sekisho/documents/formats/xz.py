"""One file compressed by xz, or by its forerunner lzma."""

from __future__ import annotations

from collections.abc import Iterator

from sekisho.documents import streams
from sekisho.model import Blob, Format, Head, Limits, Piece
from sekisho.wording import Text

_SUFFIXES = (".xz", ".lzma")


def _recognise(head: Head) -> bool:
    return bytes(head.data[:6]) == b"\xfd7zXZ\0" or streams.is_lzma_alone(head.data)


def _read(blob: Blob, limits: Limits) -> Iterator[Piece]:
    return streams.single(blob, limits, _SUFFIXES)


FORMAT = Format(
    kind="xz",
    title=Text("xz", "xz"),
    suffixes=_SUFFIXES,
    recognise=_recognise,
    read=_read,
    order=45,
)
