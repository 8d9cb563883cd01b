"""Rich Text Format (.rtf): body, tables, headers, notes, comments, boxes, deletions, embedded objects."""

from __future__ import annotations

from collections.abc import Iterator

from sekisho.documents.blocks import Flow
from sekisho.documents.rtf import Reader
from sekisho.model import Blob, Format, Gap, Head, Limits, Piece, Reason
from sekisho.wording import Text

_AFTER_BODY = ("note", "comment", "box", "footer")


def _recognise(head: Head) -> bool:
    return bytes(head.data[:64]).lstrip(b"\xef\xbb\xbf \r\n\t").startswith(b"{\\rt")


def _read(blob: Blob, limits: Limits) -> Iterator[Piece]:
    reader, flow = Reader(bytes(blob.data)), Flow()
    for name in ("header", "", *_AFTER_BODY):
        yield from flow.contents(reader.blocks.get(name, ()), name)
    yield from flow.contents(reader.deleted, "deleted")
    yield from Flow().contents(reader.blocks.get("properties", ()), "properties")
    if not reader.whole:
        yield Gap(Reason.TRUNCATED)
    if reader.damaged:
        yield Gap(Reason.DAMAGED_PART, "embedded object")
    if flow.empty and reader.pictures:
        yield Gap(Reason.NO_TEXT)
    yield from reader.objects


FORMAT = Format(
    kind="rtf",
    title=Text("Rich Text Format", "リッチテキスト"),
    suffixes=(".rtf",),
    recognise=_recognise,
    read=_read,
)
