"""Plain text: memos, letters, logs, fixed-width dumps of hosts (.txt, .log, .dat)."""

from __future__ import annotations

from collections.abc import Iterator

from sekisho.documents import delimited, lines
from sekisho.model import Blob, Format, Frame, Gap, Head, Limits, Piece, Place, Prose, Reason
from sekisho.wording import Text


def _recognise(head: Head) -> bool:
    return delimited.told(head) != ""


def _read(blob: Blob, limits: Limits) -> Iterator[Piece]:
    """A large file comes in several Proses, each placed by the number of its first line."""
    replaced = 0
    for chunk in lines.chunks(blob.data):
        replaced += chunk.replaced
        yield Prose(chunk.text.split("\n"), Place(Frame.LINE, "", chunk.first))
    if replaced:
        yield Gap(Reason.UNDECODED, f"{replaced} places")


FORMAT = Format(
    kind="text",
    title=Text("Plain text", "プレーンテキスト"),
    suffixes=(".txt", ".log", ".dat", ".md", ".asc"),
    recognise=_recognise,
    read=_read,
    order=90,
)
