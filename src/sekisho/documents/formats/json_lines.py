"""JSON lines (.ndjson, .jsonl): one value a line."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sekisho.documents import charset, json_values, lines
from sekisho.model import Blob, Format, Frame, Gap, Head, Limits, Piece, Place, Prose, Reason, Tree
from sekisho.wording import Text

_RUN = 4 << 20  # bytes of text whose values go out together


def _recognise(head: Head) -> bool:
    some = [line for line in json_values.beginning(head).split("\n") if line.strip()]
    if len(head.data) > charset.SAMPLE:
        some = some[:-1]
    if not some or not all(line.lstrip()[0] in "{[" for line in some[:5]):
        return False
    read = [json_values.value(line) is not json_values.NOTHING for line in some[:50]]
    return len(read) > 1 and read[0] and sum(read) * 10 >= len(read) * 9


def _read(blob: Blob, limits: Limits) -> Iterator[Piece]:
    """Runs of lines as Trees: a list whose element i stands in line ``place.first + i``, null for a blank line.

    Lines that hold no JSON are Prose.
    """
    replaced = 0
    for chunk in lines.chunks(blob.data, _RUN):
        replaced += chunk.replaced
        yield from _values(chunk)
    if replaced:
        yield Gap(Reason.UNDECODED, f"{replaced} places")


def _values(chunk: lines.Chunk) -> Iterator[Piece]:
    values: list[Any] = []
    others = 0
    for index, line in enumerate(chunk.text.split("\n")):
        found = json_values.value(line) if line.strip() else None
        if found is json_values.NOTHING:
            others += 1
            yield Prose([line], Place(Frame.LINE, "", chunk.first + index))
            found = None
        values.append(found)
    yield Tree(values, Place(Frame.PATH, "$", chunk.first))
    if others:
        yield Gap(Reason.TRUNCATED if others == 1 and chunk.last else Reason.DAMAGED_PART, f"{others} lines")


FORMAT = Format(
    kind="ndjson",
    title=Text("JSON lines", "JSON Lines"),
    suffixes=(".ndjson", ".jsonl"),
    recognise=_recognise,
    read=_read,
    order=60,
)
