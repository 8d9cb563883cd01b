"""Streams of one compressed file (gz, bz2, xz, zst), read step by step so that a bomb is met early."""

from __future__ import annotations

import bz2
import lzma
import zlib
from collections.abc import Callable, Iterator
from functools import partial
from typing import Protocol

from backports import zstd

from sekisho.documents.metered import STEP, Meter
from sekisho.errors import UnreadableError
from sekisho.model import Blob, Limits, Member, Piece, Reason

_FED = 1 << 16
_DICTIONARY = 256 << 20


class Decoder(Protocol):
    """What bz2, lzma and zstd have in common."""

    @property
    def eof(self) -> bool: ...  # noqa: D102
    @property
    def needs_input(self) -> bool: ...  # noqa: D102
    @property
    def unused_data(self) -> bytes: ...  # noqa: D102
    def decompress(self, data: bytes, max_length: int = -1) -> bytes: ...  # noqa: D102


class Inflater:
    """zlib's decoder with the face of the others; ``bits`` as zlib has them (31 gzip, -15 bare)."""

    def __init__(self, bits: int = 31) -> None:
        self._decoder = zlib.decompressobj(bits)
        self.needs_input = True

    @property
    def eof(self) -> bool:
        """Is the stream at its end?"""
        return self._decoder.eof

    @property
    def unused_data(self) -> bytes:
        """What stands behind the stream."""
        return self._decoder.unused_data

    def decompress(self, data: bytes, max_length: int = -1) -> bytes:
        """At most ``max_length`` bytes."""
        out = self._decoder.decompress(self._decoder.unconsumed_tail + data, max_length)
        self.needs_input = not self._decoder.unconsumed_tail and len(out) < max_length
        return out


def _zstd() -> Decoder:
    return zstd.ZstdDecompressor(options={zstd.DecompressionParameter.window_log_max: 28})


_ALONE = b"]\0\0"
MAGIC: tuple[tuple[bytes, Callable[[], Decoder]], ...] = (
    (b"\x1f\x8b\x08", Inflater),
    (b"BZh", bz2.BZ2Decompressor),
    (b"\xfd7zXZ\0", partial(lzma.LZMADecompressor, memlimit=_DICTIONARY)),
    (_ALONE, partial(lzma.LZMADecompressor, lzma.FORMAT_ALONE, memlimit=_DICTIONARY)),
    (b"\x28\xb5\x2f\xfd", _zstd),
)
_DICTIONARY_TOPS = tuple((1 << n).to_bytes(4, "little")[2:] for n in range(16, 30))
_BROKEN = (zlib.error, lzma.LZMAError, zstd.ZstdError, OSError, ValueError, EOFError)


def decoder_of(data: bytes | memoryview) -> Callable[[], Decoder] | None:
    """Makes the decoders of the stream that ``data`` begins with; None where it begins with none."""
    start = bytes(data[:8])
    return next((make for magic, make in MAGIC if start.startswith(magic)), None)


def is_lzma_alone(data: bytes | memoryview) -> bool:
    """The old .lzma header: usual properties, a dictionary that is a power of two, a size that can be."""
    start = bytes(data[:13])
    size = int.from_bytes(start[5:13], "little")
    return start.startswith(_ALONE) and start[3:5] in _DICTIONARY_TOPS and (size == (1 << 64) - 1 or size < 1 << 40)


class Stream:
    """What one or several compressed streams, one after the other, hold. ``cut``: why it ends too early, if it does.

    ``read(size)`` counts what it gives on the meter and raises OverLimitError.
    """

    def __init__(self, data: bytes | memoryview, make: Callable[[], Decoder], meter: Meter) -> None:
        self._data = memoryview(data)
        self._at = 0
        self._make = make
        self._decoder = make()
        self._rest = b""
        self._meter = meter
        self.cut = Reason.NONE

    def read(self, size: int) -> bytes:
        """The next ``size`` bytes, fewer at the end."""
        parts: list[bytes] = []
        missing = size
        while missing > 0 and not self.cut and (part := self._step(missing)) is not None:
            self._meter.count(len(part))
            missing -= len(part)
            parts.append(part)
        return b"".join(parts)

    def _step(self, most: int) -> bytes | None:
        """Up to ``most`` bytes; None at the end."""
        if self._decoder.eof and not self._next_stream():
            return None
        fed = b""
        if self._decoder.needs_input:
            fed = self._rest or bytes(self._data[self._at : self._at + _FED])
            self._at += 0 if self._rest else len(fed)
            self._rest = b""
            if not fed:
                self.cut = Reason.TRUNCATED
                return None
        try:
            return self._decoder.decompress(fed, most)
        except _BROKEN:
            self.cut = Reason.DAMAGED_PART
            return None

    def _next_stream(self) -> bool:
        """Does another one follow? Padding and garbage behind a stream are no stream."""
        rest = (self._decoder.unused_data + bytes(self._data[self._at : self._at + _FED])).lstrip(b"\0")
        self._at += _FED
        if not rest or decoder_of(rest) is None:
            return False
        self._rest, self._decoder = rest, self._make()
        return True


def head(data: bytes | memoryview, size: int) -> bytes:
    """The first bytes of what a compressed file holds; empty where it is none."""
    make = decoder_of(data)
    if make is None:
        return b""
    return Stream(data[: 1 << 20], make, Meter(Limits(), len(data))).read(size)


def single(blob: Blob, limits: Limits, suffixes: tuple[str, ...]) -> Iterator[Piece]:
    """The one document that a compressed file holds, under its name without the ending."""
    make = decoder_of(blob.data)
    if make is None:
        raise UnreadableError(Reason.DAMAGED)
    yield Member(_stem(blob.name, suffixes), lambda _: _loaded(blob, limits, make))


def _loaded(blob: Blob, limits: Limits, make: Callable[[], Decoder]) -> Blob:
    stream = Stream(blob.data, make, Meter(limits, len(blob.data)))
    data = b"".join(iter(partial(stream.read, STEP), b""))
    if stream.cut and not data:
        raise UnreadableError(Reason.DAMAGED if stream.cut is Reason.DAMAGED_PART else stream.cut)
    return Blob("", data, cut=stream.cut)


def _stem(document: str, suffixes: tuple[str, ...]) -> str:
    name = document.replace("!", "/").rpartition("/")[2]
    for suffix in suffixes:
        if name.lower().endswith(suffix) and len(name) > len(suffix):
            return name[: -len(suffix)]
    return "content"
