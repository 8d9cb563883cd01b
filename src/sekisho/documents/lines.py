"""Text files as runs of whole lines, so that memory stays flat however large the file is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sekisho.documents import charset

CHUNK = 16 << 20  # bytes

_NEWLINES = {"utf-16-le": b"\n\0", "utf-16-be": b"\0\n", "utf-32-le": b"\n\0\0\0", "utf-32-be": b"\0\0\0\n"}


@dataclass(frozen=True, slots=True)
class Chunk:
    """Whole lines divided by ``\\n`` (none after the last), the number of the first, and what could not be decoded."""

    text: str
    first: int
    replaced: int
    last: bool


def chunks(data: bytes | memoryview, size: int = CHUNK) -> Iterator[Chunk]:
    """The text of ``data`` in runs of whole lines, decoded by one encoding."""
    encoding = charset.detect(data)
    newline = _NEWLINES.get(encoding) or (b"\n" if b"\n" in bytes(data[:size]) else b"\r")
    start, first = 0, 1
    while start < len(data) or first == 1:
        end = _end_of_line(data, start, size, newline)
        decoded = charset.decode_as(data[start:end], encoding)
        last = end >= len(data)
        text = _lines(decoded.text)
        if last:
            text = text.rstrip("\x1a")
        text = text.removesuffix("\n")
        yield Chunk(text, first, decoded.replaced, last)
        first += text.count("\n") + 1
        start = end


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


def _lines(text: str) -> str:
    if "\r" not in text:
        return text
    text = text.replace("\r\n", "\n")
    while "\r\n" in text:
        text = text.replace("\r\n", "\n")
    return text if "\n" in text else text.replace("\r", "\n")
