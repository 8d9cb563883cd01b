"""LZH (LHA) archives, the common archive of old Japanese offices; names in Shift_JIS."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import Any

from sekisho.documents import programs
from sekisho.documents.member_names import member_name
from sekisho.documents.metered import STEP, Meter
from sekisho.errors import OverLimitError, UnreadableError, UnsupportedError
from sekisho.model import Blob, Format, Gap, Head, Limits, Member, Piece, Reason
from sekisho.wording import Text

_CHECKED = 32 << 20  # bytes; a checksum in Python of more takes too long
_METHODS = (b"-lh", b"-lz", b"-pm")
_METHOD = re.compile(rb"-(?:lh[0-7d]|lz[s45]|pm[0-2])-")
_HEADER = 257  # bytes of the longest header whose size is one byte


def _recognise(head: Head) -> bool:
    """At the start, or behind a program that unpacks it."""
    return _is_header(head.data) or (programs.unpacks_itself(head) and _start_of(head.data) >= 0)


def _is_header(data: bytes | memoryview) -> bool:
    method = bytes(data[2:7])
    return method[:3] in _METHODS and method[4:5] == b"-" and data[0] >= 20


def _start_of(data: bytes | memoryview) -> int:
    """Where the archive begins, behind what may stand before it; -1 where there is none."""
    if _is_header(data):
        return 0
    starts = (found.start() - 2 for found in _METHOD.finditer(bytes(data[: programs.LONGEST])))
    return next((at for at in starts if at > 0 and _is_sound(bytes(data[at : at + _HEADER]))), -1)


def _is_sound(header: bytes) -> bool:
    """Does its checksum fit, or, in the second level, which has none at hand, what is the same in all?"""
    if len(header) < _HEADER:
        return False
    if header[20] == 2:
        return header[19] == 0x20
    return header[20] < 2 and _is_header(header) and sum(header[2 : 2 + header[0]]) & 0xFF == header[1]


def _read(blob: Blob, limits: Limits) -> Iterator[Piece]:
    import pylhasa

    try:
        data = blob.data[_start_of(blob.data) :]
        archive = pylhasa.open_bytes(bytes(data))
    except (pylhasa.PylhasaError, ValueError, OSError) as error:
        raise UnreadableError(Reason.DAMAGED) from error
    meter = Meter(limits, len(blob.data))
    for count, entry in enumerate(archive):
        if count == limits.members:
            raise OverLimitError(Reason.TOO_MANY_MEMBERS)
        if not entry.is_dir:
            yield Member(_name(entry), lambda _, entry=entry: _loaded(entry, meter))  # type: ignore[misc]
    if not _is_whole(data):
        yield Gap(Reason.TRUNCATED)


def _name(entry: Any) -> str:
    """The path from the archive's bytes; 0xFF is the separator of the header for folders."""
    return member_name(bytes(entry.raw_path_bytes).replace(b"\xff", b"/"))


def _loaded(entry: Any, meter: Meter) -> Blob:
    import pylhasa

    if entry.is_symlink:
        raise UnsupportedError(Reason.LINK)
    meter.admit(entry.size, entry.compressed_size)
    parts: list[bytes] = []
    try:
        with entry.open() as file:
            while part := file.read(STEP):
                meter.count(len(part))
                parts.append(part)
    except (pylhasa.PylhasaError, ValueError, OSError, EOFError) as error:
        raise UnreadableError(Reason.DAMAGED) from error
    data = b"".join(parts)
    if len(data) != entry.size:
        return Blob("", data, cut=Reason.TRUNCATED)
    if entry.crc is not None and len(data) <= _CHECKED and _crc16(data) != entry.crc:
        raise UnreadableError(Reason.DAMAGED, "checksum differs")
    return Blob("", data)


def _crc16(data: bytes) -> int:
    """CRC-16/ARC."""
    crc, table = 0, _crc_table()
    for byte in data:
        crc = table[(crc ^ byte) & 0xFF] ^ (crc >> 8)
    return crc


@cache
def _crc_table() -> tuple[int, ...]:
    table = []
    for crc in range(256):
        for _ in range(8):
            crc = (crc >> 1) ^ (0xA001 if crc & 1 else 0)
        table.append(crc)
    return tuple(table)


def _is_whole(data: bytes | memoryview) -> bool:
    """Do headers and members follow each other to the very end?"""
    at = 0
    while at < len(data) and data[at]:
        if len(data) - at < 26:
            return False
        packed = int.from_bytes(data[at + 7 : at + 11], "little")
        header = {2: int.from_bytes(data[at : at + 2], "little"), 3: int.from_bytes(data[at + 24 : at + 28], "little")}
        at += header.get(data[at + 20], data[at] + 2) + packed
    return at <= len(data)


FORMAT = Format(
    kind="lzh",
    title=Text("LZH archive", "LZH書庫"),
    suffixes=(".lzh", ".lha"),
    recognise=_recognise,
    read=_read,
    order=40,
)
