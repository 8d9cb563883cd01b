"""Writes an OLE compound file: a storage cut out of another one (an embedded workbook) becomes a file of its own."""

from __future__ import annotations

import struct
from collections.abc import Mapping
from dataclasses import dataclass, field

_SECTOR, _MINI, _CUTOFF = 512, 64, 4096
_FREE, _END, _FAT, _NONE = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD, 0xFFFFFFFF
_STORAGE, _STREAM, _ROOT = 1, 2, 5
_PER_SECTOR = _SECTOR // 4


@dataclass(slots=True)
class _Entry:
    name: str
    kind: int
    data: bytes = b""
    children: list[int] = field(default_factory=list)
    child: int = _NONE
    left: int = _NONE
    right: int = _NONE
    start: int = _END


def written(streams: Mapping[tuple[str, ...], bytes]) -> bytes:
    """A compound file with the given streams by their path of names."""
    entries = _entries(streams)
    fat: list[int] = []
    body: list[bytes] = []
    mini, mini_fat = b"", []
    for entry in entries[1:]:
        if entry.kind == _STREAM and 0 < len(entry.data) < _CUTOFF:
            entry.start = len(mini) // _MINI
            count = -(-len(entry.data) // _MINI)
            mini_fat += [*range(entry.start + 1, entry.start + count), _END]
            mini += entry.data.ljust(count * _MINI, b"\0")
        elif entry.data:
            entry.start = _chain(entry.data, fat, body)
    entries[0].data = mini
    entries[0].start = _chain(mini, fat, body) if mini else _END
    packed = struct.pack(f"<{len(mini_fat)}I", *mini_fat).ljust(-(-len(mini_fat) // _PER_SECTOR) * _SECTOR, b"\xff")
    mini_start = _chain(packed, fat, body) if packed else _END
    directory = b"".join(map(_packed, entries))
    directory_start = _chain(directory.ljust(-(-len(directory) // _SECTOR) * _SECTOR, b"\0"), fat, body)
    return _assembled(fat, body, directory_start, mini_start, len(packed) // _SECTOR)


def _entries(streams: Mapping[tuple[str, ...], bytes]) -> list[_Entry]:
    entries = [_Entry("Root Entry", _ROOT)]
    known: dict[tuple[str, ...], int] = {(): 0}
    for path, data in streams.items():
        for length in range(1, len(path) + 1):
            place = path[:length]
            if place not in known:
                last = length == len(path)
                known[place] = len(entries)
                entries[known[place[:-1]]].children.append(len(entries))
                entries.append(_Entry(place[-1], _STREAM if last else _STORAGE, data if last else b""))
    for entry in entries:
        entry.child = _tree(entries, sorted(entry.children, key=lambda i: _rank(entries[i].name)))
    return entries


def _rank(name: str) -> tuple[int, str]:
    return len(name.encode("utf-16-le")), name.upper()


def _tree(entries: list[_Entry], sorted_children: list[int]) -> int:
    """A balanced search tree of siblings; gives its top."""
    if not sorted_children:
        return _NONE
    middle = len(sorted_children) // 2
    top = sorted_children[middle]
    entries[top].left = _tree(entries, sorted_children[:middle])
    entries[top].right = _tree(entries, sorted_children[middle + 1 :])
    return top


def _chain(data: bytes, fat: list[int], body: list[bytes]) -> int:
    """Adds the sectors of a stream; gives the first."""
    start = len(fat)
    count = -(-len(data) // _SECTOR)
    fat += [*range(start + 1, start + count), _END]
    body.append(data.ljust(count * _SECTOR, b"\0"))
    return start


def _packed(entry: _Entry) -> bytes:
    name = entry.name[:31].encode("utf-16-le")
    head = name.ljust(64, b"\0") + struct.pack("<HBB", len(name) + 2, entry.kind, 1)
    links = struct.pack("<3I", entry.left, entry.right, entry.child)
    return head + links + bytes(36) + struct.pack("<IQ", entry.start, len(entry.data))


def _assembled(fat: list[int], body: list[bytes], directory: int, mini: int, mini_sectors: int) -> bytes:
    sectors = difat_sectors = 0
    while True:
        need = -(-(len(fat) + sectors + difat_sectors) // _PER_SECTOR)
        need_difat = max(0, -(-(need - 109) // (_PER_SECTOR - 1)))
        if (need, need_difat) == (sectors, difat_sectors):
            break
        sectors, difat_sectors = need, need_difat
    first, first_difat = len(fat), len(fat) + sectors
    fat = fat + [_FAT] * sectors + [0xFFFFFFFC] * difat_sectors
    fat += [_FREE] * (sectors * _PER_SECTOR - len(fat))
    places = list(range(first, first + sectors))
    header = struct.pack("<8s16xHHHHH6xII", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", 62, 3, 0xFFFE, 9, 6, 0, sectors)
    header += struct.pack("<IIIIII", directory, 0, _CUTOFF, mini, mini_sectors, first_difat if difat_sectors else _END)
    header += struct.pack("<I", difat_sectors)
    header += struct.pack("<109I", *(places[:109] + [_FREE] * (109 - len(places[:109]))))
    more = places[109:]
    difat = b""
    for i in range(difat_sectors):
        part = more[i * 127 : (i + 1) * 127]
        following = first_difat + i + 1 if i + 1 < difat_sectors else _END
        difat += struct.pack("<128I", *(part + [_FREE] * (127 - len(part)) + [following]))
    return header + b"".join(body) + struct.pack(f"<{len(fat)}I", *fat) + difat
