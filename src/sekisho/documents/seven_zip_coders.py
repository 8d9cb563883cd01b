"""The coders of 7z archives: each gives the plain bytes of what the one before it gives, as far as it is asked."""

from __future__ import annotations

import bz2
import hashlib
import lzma
import struct
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from sekisho.documents.streams import Decoder, Inflater
from sekisho.errors import OverLimitError, UnreadableError, UnsupportedError, WrongPasswordError
from sekisho.model import Reason

Source = Callable[[int], bytes]  # the next bytes, about as many as asked for; none at the end

COPY, LZMA2, LZMA, DELTA = b"\0", b"\x21", b"\3\1\1", b"\3"
PPMD, DEFLATE, DEFLATE64, BZIP2 = b"\3\4\1", b"\4\1\x08", b"\4\1\x09", b"\4\2\2"
ZSTD, AES = b"\4\xf7\x11\1", b"\6\xf1\7\1"
_BRANCHES = {
    b"\4": "BCJDecoder",
    b"\3\3\1\3": "BCJDecoder",
    b"\5": "PPCDecoder",
    b"\3\3\2\5": "PPCDecoder",
    b"\7": "ARMDecoder",
    b"\3\3\5\1": "ARMDecoder",
    b"\x08": "ARMTDecoder",
    b"\3\3\7\1": "ARMTDecoder",
    b"\x09": "SparcDecoder",
    b"\3\3\x08\5": "SparcDecoder",
}
BROKEN = (zlib.error, lzma.LZMAError, OSError, EOFError, ValueError, struct.error, IndexError, SystemError)
_FED = 1 << 16
_MOST_DICTIONARY = 1 << 29
_MOST_ROUNDS = 24  # as a power of two; 63 stands for none


@dataclass(frozen=True, slots=True)
class Coder:
    """One step: its method and its properties."""

    method: bytes
    properties: bytes = field(repr=False)


def chained(packed: memoryview, coders: list[tuple[Coder, int]], password: str | None) -> Source:
    """The plain bytes behind the coders, each with the size of what it gives.

    Raises UnsupportedError, OverLimitError (a dictionary too large), WrongPasswordError (no password at all).
    """
    source = _bytes(packed)
    delta: list[dict[str, int]] = []
    for at, (coder, size) in enumerate(coders):
        if coder.method == DELTA and at and coders[at - 1][0].method in (LZMA, LZMA2):
            continue  # done together with the coder before it
        if at + 1 < len(coders) and coders[at + 1][0].method == DELTA:
            delta = [{"id": lzma.FILTER_DELTA, "dist": (coders[at + 1][0].properties or b"\0")[0] + 1}]
        source = _step(source, coder, size, delta, password)
        delta = []
    return source


def _step(source: Source, coder: Coder, size: int, delta: list[dict[str, int]], password: str | None) -> Source:
    method = coder.method
    if method in (LZMA, LZMA2):
        spec = _lzma1(coder.properties) if method == LZMA else _lzma2(coder.properties)
        return _decoded(source, lzma.LZMADecompressor(lzma.FORMAT_RAW, filters=[*delta, spec]))
    if method == AES:
        return _decrypted(source, coder.properties, size, password)
    if method == PPMD:
        return _ppmd(source, coder.properties)
    if method in _BRANCHES:
        return _branch(source, _BRANCHES[method], size)
    return _plain(source, method)


def _plain(source: Source, method: bytes) -> Source:
    """The coders that have no properties."""
    if method == COPY:
        return source
    if method == BZIP2:
        return _decoded(source, bz2.BZ2Decompressor(), bz2.BZ2Decompressor)
    if method == DEFLATE:
        return _decoded(source, Inflater(-15))
    if method == DEFLATE64:
        from inflate64 import Inflater as Inflater64

        return _buffered(source, Inflater64().inflate)
    if method == ZSTD:
        from backports import zstd

        return _decoded(source, zstd.ZstdDecompressor(), zstd.ZstdDecompressor)
    raise UnsupportedError(Reason.NO_READER, f"7z coder {method.hex()}")


def _bytes(packed: memoryview) -> Source:
    at = 0

    def read(size: int) -> bytes:
        nonlocal at
        part = bytes(packed[at : at + size])
        at += len(part)
        return part

    return read


def _decoded(source: Source, decoder: Decoder, again: Callable[[], Decoder] | None = None) -> Source:
    """``again``: makes the decoder of a stream that follows directly (bzip2 in several threads)."""

    def read(size: int) -> bytes:
        nonlocal decoder
        rest = b""
        while True:
            if decoder.eof:
                rest = decoder.unused_data or source(_FED)
                if again is None or not rest:
                    return b""
                decoder = again()
            fed = rest or (source(_FED) if decoder.needs_input else b"")
            if decoder.needs_input and not fed:
                return b""
            rest = b""
            if out := decoder.decompress(fed, size):
                return out

    return read


def _buffered(source: Source, turn: Callable[[bytes], bytes], last: Callable[[], bytes] = bytes) -> Source:
    """For coders that give what they give, however much that is."""
    buffer = b""
    ended = False

    def read(size: int) -> bytes:
        nonlocal buffer, ended
        while not buffer and not ended:
            fed = source(_FED)
            ended = not fed
            buffer = turn(fed) if fed else last()
        part, buffer = buffer[:size], buffer[size:]
        return part

    return read


def _ppmd(source: Source, properties: bytes) -> Source:
    import pyppmd

    order, memory = struct.unpack("<BL", properties[:5])
    if memory > _MOST_DICTIONARY:
        raise OverLimitError(Reason.MEMORY)
    decoder = pyppmd.Ppmd7Decoder(order, memory)

    def read(size: int) -> bytes:
        fed = source(_FED) if decoder.needs_input else b""
        return bytes(decoder.decode(fed or b"\0" if decoder.needs_input else fed, size))

    return read


def _branch(source: Source, name: str, size: int) -> Source:
    import bcj

    decoder: Any = getattr(bcj, name)(size)
    return _buffered(source, decoder.decode, decoder.flush if hasattr(decoder, "flush") else bytes)


def _lzma1(properties: bytes) -> dict[str, int]:
    coded, dictionary = struct.unpack("<BL", properties[:5])
    spec = {"lc": coded % 9, "lp": coded // 9 % 5, "pb": coded // 45}
    return {"id": lzma.FILTER_LZMA1, "dict_size": _dictionary(dictionary), **spec}


def _lzma2(properties: bytes) -> dict[str, int]:
    bits = properties[0]
    if bits > 40:
        raise UnreadableError(Reason.DAMAGED, "dictionary")
    return {"id": lzma.FILTER_LZMA2, "dict_size": _dictionary((2 | bits & 1) << bits // 2 + 11)}


def _dictionary(size: int) -> int:
    if size > _MOST_DICTIONARY:
        raise OverLimitError(Reason.MEMORY)
    return max(4096, size)


def _decrypted(source: Source, properties: bytes, size: int, password: str | None) -> Source:
    from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

    if password is None:
        raise WrongPasswordError
    rounds, salt, iv = _aes_properties(properties)
    key = _key(password.encode("utf-16-le", "surrogatepass"), salt, rounds)
    decryptor = Cipher(algorithms.AES(key), modes.CBC(iv)).decryptor()
    left = size

    def read(most: int) -> bytes:
        nonlocal left
        part = decryptor.update(source(-(-most // 16) * 16))[:left]
        left -= len(part)
        return part

    return read


def _aes_properties(properties: bytes) -> tuple[int, bytes, bytes]:
    """Rounds as a power of two, salt, initial vector."""
    first = properties[0]
    rounds = first & 0x3F
    if not first & 0xC0:
        return rounds, b"", bytes(16)
    salt_size = (first >> 7 & 1) + (properties[1] >> 4)
    iv_size = (first >> 6 & 1) + (properties[1] & 0x0F)
    salt, iv = properties[2 : 2 + salt_size], properties[2 + salt_size : 2 + salt_size + iv_size]
    return rounds, salt, iv.ljust(16, b"\0")[:16]


@lru_cache(maxsize=64)
def _key(password: bytes, salt: bytes, rounds: int) -> bytes:
    """SHA-256 over salt, password and a counter of 8 bytes, 2^rounds times; written out in runs of 65,536 rounds."""
    if rounds == 63:
        return (salt + password).ljust(32, b"\0")[:32]
    if rounds > _MOST_ROUNDS:
        raise OverLimitError(Reason.TIME, "key rounds")
    start = salt + password
    stride, count = len(start) + 8, min(1 << rounds, 1 << 16)
    run = bytearray((start + bytes(8)) * count)
    at = len(start)
    run[at::stride] = (bytes(range(256)) * 256)[:count]
    run[at + 1 :: stride] = b"".join(bytes((high,)) * 256 for high in range(256))[:count]
    digest = hashlib.sha256()
    for block in range(max(1, (1 << rounds) >> 16)):
        for byte, value in enumerate(block.to_bytes(6, "little")):
            if value or byte == 0:
                run[at + 2 + byte :: stride] = bytes((value,)) * count
        digest.update(run)
    return digest.digest()
