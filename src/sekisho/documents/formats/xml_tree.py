"""XML (.xml): elements as nested values. Nothing outside the file is loaded."""

from __future__ import annotations

import re
from collections.abc import Iterator

from sekisho.documents import charset, xml_values
from sekisho.model import Blob, Format, Gap, Head, Limits, Piece, Reason
from sekisho.wording import Text

_BEGINS = re.compile(
    r"\s*(?:<\?xml[\s?]|(?:<!--.*?-->\s*|<!DOCTYPE[^>]*>\s*)*<[A-Za-z_][\w.:-]*(?:\s+[\w.:-]+\s*=|\s*/?>))", re.S
)


def _recognise(head: Head) -> bool:
    start = bytes(head.data[:4096])
    if b"<" not in start[:400] or not charset.is_text(start[: len(start) - len(start) % 4]):
        return False
    return _BEGINS.match(charset.decode(start).text) is not None


def _read(blob: Blob, limits: Limits) -> Iterator[Piece]:
    """A large document comes in Trees of one base path: `place.first` - 1 is the index of the first element."""
    data, replaced = xml_values.as_utf8(blob.data)
    yield from xml_values.trees(data)
    if replaced:
        yield Gap(Reason.UNDECODED, f"{replaced} places")


FORMAT = Format(
    kind="xml",
    title=Text("XML", "XML"),
    suffixes=(".xml",),
    recognise=_recognise,
    read=_read,
    order=66,
)
