"""One file compressed by bzip2."""

from __future__ import annotations

from collections.abc import Iterator

from sekisho.documents import streams
from sekisho.model import Blob, Format, Head, Limits, Piece
from sekisho.wording import Text

_SUFFIXES = (".bz2",)


def _recognise(head: Head) -> bool:
    return bytes(head.data[:3]) == b"BZh" and bytes(head.data[4:10]) in (b"1AY&SY", b"\x17rE8P\x90")


def _read(blob: Blob, limits: Limits) -> Iterator[Piece]:
    return streams.single(blob, limits, _SUFFIXES)


FORMAT = Format(
    kind="bz2",
    title=Text("bzip2", "bzip2"),
    suffixes=_SUFFIXES,
    recognise=_recognise,
    read=_read,
    order=45,
)
