"""Text files as runs of whole lines in UTF-8, so that memory stays flat however large the file is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sekisho.documents import charset

CHUNK = 16 << 20  # bytes

_WIDE = frozenset(("utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"))


@dataclass(frozen=True, slots=True)
class Chunk:
    """Whole lines in UTF-8, divided by ``\\n`` or ``\\r\\n``, no newline after the last.

    ``first``: the number of the first line; ``replaced``: how many places could not be decoded.
    """

    data: bytes
    first: int
    replaced: int
    last: bool

    @property
    def text(self) -> str:
        """The lines as a string, divided by ``\\n``."""
        return self.data.decode().replace("\r\n", "\n")


def chunks(data: bytes | memoryview, size: int = CHUNK) -> Iterator[Chunk]:
    """The text of ``data`` in runs of whole lines, decoded by one encoding."""
    encoding = charset.detect(data)
    beginning = bytes(data[: charset.SAMPLE])
    line_feed, carriage_return = (c.encode(encoding if encoding in _WIDE else "ascii") for c in "\n\r")
    newline = line_feed if line_feed in beginning or carriage_return not in beginning else carriage_return
    start, first = 0, 1
    while start < len(data) or first == 1:
        end = _end_of_line(data, start, size, newline)
        text, replaced = _as_utf8(bytes(data[start:end]), encoding)
        if newline == carriage_return:
            text = text.replace(b"\r", b"\n")
        while b"\r\r\n" in text[: charset.SAMPLE]:
            text = text.replace(b"\r\r\n", b"\r\n")
        last = end >= len(data)
        text = (text.rstrip(b"\x1a") if last else text).removesuffix(b"\n").removesuffix(b"\r")
        yield Chunk(text, first, replaced, last)
        first += text.count(b"\n") + 1
        start = end


def _as_utf8(data: bytes, encoding: str) -> tuple[bytes, int]:
    if encoding == "utf-8" and data.isascii():
        return data, 0
    decoded = charset.decode_as(data, encoding)
    if encoding == "utf-8" and not decoded.replaced:
        return data.removeprefix(b"\xef\xbb\xbf"), 0
    return decoded.text.encode("utf-8", "replace"), decoded.replaced


def _end_of_line(data: bytes | memoryview, start: int, size: int, newline: bytes) -> int:
    """Where the run that begins at ``start`` ends: after its last newline within ``size``, or a longer line's end."""
    if len(data) - start <= size:
        return len(data)
    width = len(newline)
    run = bytes(data[start : start + size - size % width])
    at = run.rfind(newline)
    while at > 0 and at % width:
        at = run.rfind(newline, 0, at)
    if at >= 0:
        return start + at + width
    return _end_of_line(data, start, size * 2, newline)
