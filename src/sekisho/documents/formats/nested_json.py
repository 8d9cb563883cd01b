"""JSON (.json): one value, nested to any depth."""

from __future__ import annotations

from collections.abc import Iterator

from sekisho.documents import charset, json_values
from sekisho.model import Blob, Format, Gap, Head, Limits, Piece, Reason
from sekisho.wording import Text


def _recognise(head: Head) -> bool:
    text = json_values.beginning(head)
    return bool(text) and json_values.begins_value(text, whole=len(head.data) <= charset.SAMPLE)


def _read(blob: Blob, limits: Limits) -> Iterator[Piece]:
    """A large array comes in several Trees of one base path: `place.first` - 1 is the index of the first element."""
    decoded = charset.decode(blob.data)
    yield from json_values.trees(decoded.text)
    if decoded.replaced:
        yield Gap(Reason.UNDECODED, f"{decoded.replaced} places")


FORMAT = Format(
    kind="json",
    title=Text("JSON", "JSON"),
    suffixes=(".json", ".geojson"),
    recognise=_recognise,
    read=_read,
    order=62,
)
