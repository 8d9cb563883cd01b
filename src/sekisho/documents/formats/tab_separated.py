"""Tables in text, divided by tabs (.tsv)."""

from __future__ import annotations

from collections.abc import Iterator

from sekisho.documents import delimited
from sekisho.model import Blob, Format, Head, Limits, Piece
from sekisho.wording import Text


def _recognise(head: Head) -> bool:
    return delimited.told(head) == "\t"


def _read(blob: Blob, limits: Limits) -> Iterator[Piece]:
    return delimited.grids(blob.data, "\t")


FORMAT = Format(
    kind="tsv",
    title=Text("Text table divided by tabs", "タブ区切りテキスト（TSV）"),
    suffixes=(".tsv", ".tab"),
    recognise=_recognise,
    read=_read,
    order=80,
)
