"""Tiles and entry bundles (C2SP tlog-tiles): how a log lies on a disk, 256 hashes or entries a file.

``tile/<level>/<number>[.p/<width>]`` holds the hashes of full subtrees of 256 ** level entries each;
``tile/entries/<number>[.p/<width>]`` the entries, each after its length (two bytes, the higher first).
"""

from __future__ import annotations

import hashlib
import struct
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from pathlib import Path

from sekisho.ledger.tree import HASH_BYTES

_sha256 = hashlib.sha256
WIDTH = 256
HEIGHT = 8
ENTRIES = "entries"
MOST_ENTRY_BYTES = 0xFFFF
Tile = tuple[int | str, int]
"""Level, or `ENTRIES`; and number from the left."""
_KEPT = 64


class TileError(Exception):
    """A tile is missing or is not what it must be. ``path``: which, from the folder of the log."""

    def __init__(self, path: str, why: str) -> None:
        super().__init__(f"{path}: {why}")
        self.path = path


def path_of(level: int | str, number: int, width: int = WIDTH) -> str:
    """Where a tile of ``width`` lies.

    >>> path_of(0, 1234067), path_of("entries", 5, 8)
    ('tile/0/x001/x234/067', 'tile/entries/005.p/8')
    """
    digits = f"{number:03d}"
    digits = digits.zfill(-(-len(digits) // 3) * 3)
    *head, last = (digits[at : at + 3] for at in range(0, len(digits), 3))
    path = "/".join([f"tile/{level}", *(f"x{one}" for one in head), last])
    return path if width == WIDTH else f"{path}.p/{width}"


def width_of(level: int | str, number: int, size: int) -> int:
    """How wide the tile is in a tree of ``size`` entries: 0 where there is none, up to 256."""
    hashes = size >> (HEIGHT * level) if isinstance(level, int) else size
    return max(0, min(WIDTH, hashes - number * WIDTH))


def shape(size: int) -> Iterator[tuple[int | str, int, int]]:
    """Every tile and bundle of a tree of ``size`` entries: level, number, width."""
    for number in range(-(-size // WIDTH)):
        yield ENTRIES, number, width_of(ENTRIES, number, size)
    level = 0
    while hashes := size >> (HEIGHT * level):
        for number in range(-(-hashes // WIDTH)):
            yield level, number, width_of(level, number, size)
        level += 1


def packed(entries: Sequence[bytes]) -> bytes:
    """A bundle; raises ValueError for an entry of more than 65,535 bytes."""
    if any(len(one) > MOST_ENTRY_BYTES for one in entries):
        raise ValueError("too long an entry")
    return b"".join(part for one in entries for part in (struct.pack(">H", len(one)), one))


def unpacked(bundle: bytes) -> list[bytes]:
    """The entries of a bundle; raises ValueError where it does not end with one."""
    entries, at = [], 0
    while at < len(bundle):
        start = at + 2
        at = start + (bundle[at] << 8 | bundle[start - 1]) if start <= len(bundle) else start
        entries.append(bundle[start:at])
    if at != len(bundle):
        raise ValueError("cut off")
    return entries


def fold(hashes: Sequence[bytes]) -> bytes:
    """The root of a full subtree from its hashes, a power of two of them: `tree.node_hash`, written out for speed."""
    while len(hashes) > 1:
        both = iter(hashes)
        hashes = [_sha256(b"\1" + left + right).digest() for left, right in zip(both, both, strict=True)]
    return hashes[0]


def split(tile: bytes) -> list[bytes]:
    """The hashes of a tile."""
    return [tile[at : at + HASH_BYTES] for at in range(0, len(tile), HASH_BYTES)]


class Tiles:
    """The tiles of a log of ``size`` entries in ``folder``; ``fresh`` ones are not written yet."""

    def __init__(self, folder: Path, size: int, fresh: dict[Tile, list[bytes]] | None = None) -> None:
        self.folder = folder
        self.size = size
        self._fresh = fresh or {}
        self._kept: OrderedDict[Tile, list[bytes]] = OrderedDict()

    def node(self, level: int, index: int) -> bytes:
        """The hash of a full subtree, as `tree.NodeAt`; raises TileError."""
        tile_level, height = divmod(level, HEIGHT)
        number, at = divmod(index << height, WIDTH)
        hashes = self.hashes(tile_level, number)
        if at + (1 << height) > len(hashes):
            raise TileError(path_of(tile_level, number, len(hashes)), "narrower than asked")
        return fold(hashes[at : at + (1 << height)])

    def hashes(self, level: int, number: int) -> list[bytes]:
        """What a tile holds; raises TileError."""
        tile: Tile = (level, number)
        if tile in self._fresh:
            return self._fresh[tile]
        if tile not in self._kept:
            self._kept[tile] = self._read(level, number)
            if len(self._kept) > _KEPT:
                self._kept.popitem(last=False)
        return self._kept[tile]

    def entries(self, number: int) -> list[bytes]:
        """The entries of a bundle; raises TileError."""
        width = width_of(ENTRIES, number, self.size)
        try:
            entries = unpacked(self.raw(ENTRIES, number))
        except ValueError as error:
            raise TileError(path_of(ENTRIES, number, width), "not a bundle") from error
        if len(entries) != width:
            raise TileError(path_of(ENTRIES, number, width), f"{len(entries)} entries")
        return entries

    def entry(self, index: int) -> bytes:
        """One entry; raises TileError."""
        number, at = divmod(index, WIDTH)
        return self.entries(number)[at]

    def raw(self, level: int | str, number: int) -> bytes:
        """The bytes of a tile or bundle; raises TileError."""
        width = width_of(level, number, self.size)
        path = path_of(level, number, width)
        try:
            return (self.folder / path).read_bytes()
        except FileNotFoundError as error:
            raise TileError(path, "missing") from error
        except OSError as error:
            raise TileError(path, error.strerror or "not readable") from error

    def _read(self, level: int, number: int) -> list[bytes]:
        width = width_of(level, number, self.size)
        raw = self.raw(level, number)
        if not width or len(raw) != width * HASH_BYTES:
            raise TileError(path_of(level, number, width), f"{len(raw)} bytes")
        return split(raw)
