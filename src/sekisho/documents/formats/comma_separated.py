"""Tables in text, divided by commas, semicolons, bars or control characters (.csv)."""

from __future__ import annotations

from collections.abc import Iterator

from sekisho.documents import delimited
from sekisho.model import Blob, Format, Head, Limits, Piece
from sekisho.wording import Text


def _recognise(head: Head) -> bool:
    return delimited.told(head) not in ("", "text", "\t")


def _read(blob: Blob, limits: Limits) -> Iterator[Piece]:
    mark = delimited.told(Head(blob.data, blob.name))
    return delimited.grids(blob.data, mark if mark in delimited.DELIMITERS else ",")


FORMAT = Format(
    kind="csv",
    title=Text("Text table divided by commas or the like", "区切り文字付きテキスト（CSV）"),
    suffixes=(".csv",),
    recognise=_recognise,
    read=_read,
    order=80,
)
