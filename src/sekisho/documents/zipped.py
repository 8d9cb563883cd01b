"""Reads zip files that nobody vouches for: archives, and the office formats that are zip files inside.

Office readers use `bounded_members`; the zip format walks the `directory` itself. Nothing is inflated that
passes a limit, members that overlap are refused, and a file whose directory is lost is read by its local headers.
"""

from __future__ import annotations

import bz2
import lzma
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import pairwise

from sekisho.documents.member_names import member_name
from sekisho.documents.metered import Meter
from sekisho.errors import DocumentError, OverLimitError, UnreadableError, UnsupportedError
from sekisho.model import Limits, Reason

LOCAL, CENTRAL, END, END64, LOCATOR64 = b"PK\3\4", b"PK\1\2", b"PK\5\6", b"PK\6\6", b"PK\6\7"
STORED, DEFLATE, DEFLATE64, BZIP2, LZMA, ZSTD, XZ, AES = 0, 8, 9, 12, 14, 93, 95, 99
ENCRYPTED, DESCRIBED_AFTER, STRONG, UTF8 = 0x1, 0x8, 0x40, 0x800
_CENTRAL_HEADER = struct.Struct("<4s6H3L5H2L")
_LOCAL_HEADER = struct.Struct("<4s5H3L2H")
DICTIONARY = 256 << 20  # bytes that an LZMA decoder may take
_UNICODE_PATH, _ZIP64, _AES = 0x7075, 0x0001, 0x9901

Data = bytes | memoryview


@dataclass(frozen=True, slots=True)
class Entry:
    """One member as the directory names it. ``method`` of an AES member is the one under the lock."""

    raw_name: bytes
    flags: int
    method: int
    modified: int
    crc: int
    packed: int
    size: int
    offset: int
    is_link: bool = False
    aes_version: int = 0
    aes_strength: int = 0
    unicode_name: bytes | None = None
    overlaps: bool = False

    @property
    def name(self) -> str:
        """The name as text."""
        return member_name(self.unicode_name if self.unicode_name is not None else self.raw_name)

    @property
    def is_folder(self) -> bool:
        """Does it only name a folder?"""
        return self.raw_name.endswith((b"/", b"\\")) and self.size == 0

    @property
    def is_encrypted(self) -> bool:
        """Does it need a password?"""
        return bool(self.flags & ENCRYPTED)


@dataclass(frozen=True, slots=True)
class Directory:
    """The members of a zip file; ``salvaged`` where they had to be searched for."""

    entries: tuple[Entry, ...]
    salvaged: bool = False


class Members:
    """The members of a zip-based document by name, each inflated when asked for."""

    def __init__(self, data: Data, directory: Directory, meter: Meter) -> None:
        self._data = data
        self._meter = meter
        self._entries = {e.name.removeprefix("/").replace("\\", "/"): e for e in directory.entries if not e.is_folder}
        self.salvaged = directory.salvaged

    def __contains__(self, name: str) -> bool:
        return name in self._entries

    def __iter__(self) -> Iterator[str]:
        return iter(self._entries)

    def __len__(self) -> int:
        return len(self._entries)

    def size(self, name: str) -> int:
        """Unpacked bytes of the member as the directory says. Raises KeyError."""
        return self._entries[name].size

    def read(self, name: str) -> bytes:
        """The member's bytes. Raises KeyError where there is none, and DocumentError."""
        return read(self._data, self._entries[name], self._meter)

    def get(self, name: str) -> bytes | None:
        """The member's bytes, None where there is none. Raises DocumentError where it is damaged or over a limit."""
        return self.read(name) if name in self._entries else None


def bounded_members(data: Data, limits: Limits) -> Members:
    """The members of a zip-based document (OOXML, ODF), for readers: never more output than ``limits`` allow.

    ``members = bounded_members(blob.data, limits)``; ``for name in members``; ``members.read("word/document.xml")``.
    Raises UnreadableError where it is no zip file, OverLimitError where it has too many members.
    A library that opens the zip by itself is guarded by `hold_ratio`.
    """
    return Members(data, directory(data, limits), Meter(limits, len(data)))


def hold_ratio(data: Data, limits: Limits) -> None:
    """Would all members together pass the limits? For a document that a library is going to open by itself.

    Raises OverLimitError by what the directory says, and UnreadableError where members overlap.
    """
    meter = Meter(limits, len(data))
    for entry in directory(data, limits).entries:
        if entry.overlaps:
            raise UnreadableError(Reason.DAMAGED, "members overlap")
        meter.admit(entry.size, entry.packed)
        meter.count(entry.size)


def directory(data: Data, limits: Limits) -> Directory:
    """The members that ``data`` names. Raises UnreadableError where there is no zip file to be seen."""
    try:
        entries = _central(data, limits)
        salvaged = False
    except (struct.error, UnreadableError, ValueError):
        entries = _salvage(data, limits)
        salvaged = True
    if salvaged and not entries:
        raise UnreadableError(Reason.DAMAGED, "no directory and no members")
    return Directory(_marked_overlaps(entries), salvaged)


def read(data: Data, entry: Entry, meter: Meter) -> bytes:
    """The bytes of an unencrypted ``entry``. Raises DocumentError."""
    meter.admit(entry.size, entry.packed)
    return inflate(packed_bytes(data, entry), entry, meter)


def packed_bytes(data: Data, entry: Entry) -> Data:
    """The bytes of ``entry`` as they lie in the file. Raises UnreadableError."""
    if entry.overlaps:
        raise UnreadableError(Reason.DAMAGED, "members overlap")
    start = _data_start(data, entry.offset)
    packed = data[start : start + entry.packed]
    if len(packed) < entry.packed:
        raise UnreadableError(Reason.TRUNCATED)
    return packed


def inflate(packed: Data, entry: Entry, meter: Meter, *, check: bool = True) -> bytes:
    """Decompress; the result has the size and (unless ``check`` is off) the checksum that the directory promised.

    Raises UnreadableError, UnsupportedError or OverLimitError.
    """
    try:
        out = _decompress(packed, entry)
    except (zlib.error, OSError, EOFError, lzma.LZMAError, ValueError, struct.error) as error:
        raise UnreadableError(Reason.DAMAGED, "damaged compression") from error
    meter.count(len(out))
    if len(out) != entry.size or (check and zlib.crc32(out) != entry.crc):
        raise UnreadableError(Reason.DAMAGED, "checksum differs")
    return out


def _decompress(packed: Data, entry: Entry) -> bytes:
    room = entry.size + 1  # one byte more than promised shows that the promise was a lie
    match entry.method:
        case 0:
            return bytes(packed[:room])
        case 8:
            return zlib.decompressobj(-15).decompress(packed, room)
        case 12:
            return bz2.BZ2Decompressor().decompress(packed, room)
        case 14:
            return _lzma(packed).decompress(packed[4 + packed[2] + 256 * packed[3] :], room)
        case 95:
            return lzma.LZMADecompressor(memlimit=DICTIONARY).decompress(packed, room)
        case 93:
            from backports import zstd

            return zstd.ZstdDecompressor().decompress(packed, room)
        case 9:
            return _deflate64(packed, room)
    raise UnsupportedError(Reason.NO_READER, f"zip method {entry.method}")


def _lzma(packed: Data) -> lzma.LZMADecompressor:
    """A decoder set to the properties that stand before the data (APPNOTE 5.8.8)."""
    properties = bytes(packed[4 : 4 + packed[2] + 256 * packed[3]])
    coded, dictionary = properties[0], int.from_bytes(properties[1:5], "little")
    spec = {
        "id": lzma.FILTER_LZMA1,
        "dict_size": max(4096, min(dictionary, DICTIONARY)),
        "lc": coded % 9,
        "lp": coded // 9 % 5,
        "pb": coded // 45,
    }
    return lzma.LZMADecompressor(lzma.FORMAT_RAW, filters=[spec])


def _deflate64(packed: Data, room: int) -> bytes:
    from inflate64 import Inflater

    decoder = Inflater()
    out = bytearray()
    for start in range(0, len(packed), 1 << 14):
        out += decoder.inflate(bytes(packed[start : start + (1 << 14)]))
        if len(out) >= room:
            break
    return bytes(out[:room])


def _data_start(data: Data, offset: int) -> int:
    header = data[offset : offset + _LOCAL_HEADER.size]
    if len(header) < _LOCAL_HEADER.size or header[:4] != LOCAL:
        raise UnreadableError(Reason.DAMAGED, "no local header")
    fields = _LOCAL_HEADER.unpack(header)
    return offset + _LOCAL_HEADER.size + int(fields[9]) + int(fields[10])


def _central(data: Data, limits: Limits) -> list[Entry]:
    count, size, start, shift = _end(data)
    if count > limits.members:
        raise OverLimitError(Reason.TOO_MANY_MEMBERS)
    entries: list[Entry] = []
    at, stop = start, start + size
    while at < stop:
        if len(entries) == limits.members:
            raise OverLimitError(Reason.TOO_MANY_MEMBERS)
        entry, at = _central_entry(data, at, shift)
        entries.append(entry)
    if len(entries) < count & 0xFFFF:
        raise UnreadableError(Reason.DAMAGED, "directory too short")
    return entries


def _end(data: Data) -> tuple[int, int, int, int]:
    """Number of entries, size and start of the directory, and by how much all offsets are shifted."""
    tail_start = max(0, len(data) - 65557)
    at = bytes(data[tail_start:]).rfind(END)
    if at < 0:
        raise UnreadableError(Reason.TRUNCATED, "no end of the directory")
    at += tail_start
    _, _, _, _, count, size, offset, _ = struct.unpack("<4s4H2LH", data[at : at + 22])
    end = at
    if at >= 20 and data[at - 20 : at - 16] == LOCATOR64:
        at64 = int.from_bytes(data[at - 12 : at - 4], "little")
        if data[at64 : at64 + 4] != END64:
            at64 = at - 76
        if data[at64 : at64 + 4] == END64:
            count, size, offset = struct.unpack("<3Q", data[at64 + 32 : at64 + 56])
            end = at64
    start = end - size
    if start < 0 or (count and data[start : start + 4] != CENTRAL):
        start = offset
    return count, size, start, start - offset


def _central_entry(data: Data, at: int, shift: int) -> tuple[Entry, int]:
    fields = _CENTRAL_HEADER.unpack(data[at : at + _CENTRAL_HEADER.size])
    if fields[0] != CENTRAL:
        raise UnreadableError(Reason.DAMAGED, "directory")
    made_by, _, flags, method, time, date, crc, packed, size = fields[1:10]
    name_at = at + _CENTRAL_HEADER.size
    extra_at = name_at + fields[10]
    comment_at = extra_at + fields[11]
    entry = Entry(
        raw_name=bytes(data[name_at:extra_at]),
        flags=flags,
        method=method,
        modified=date << 16 | time,
        crc=crc,
        packed=packed,
        size=size,
        offset=fields[16],
        is_link=made_by >> 8 == 3 and fields[15] >> 28 == 0xA,
    )
    entry = _with_extra(entry, bytes(data[extra_at:comment_at]))
    return replace(entry, offset=entry.offset + shift), comment_at + int(fields[12])


def _with_extra(entry: Entry, extra: bytes) -> Entry:
    while len(extra) >= 4:
        kind, length = struct.unpack("<2H", extra[:4])
        body, extra = extra[4 : 4 + length], extra[4 + length :]
        if kind == _ZIP64:
            entry = _zip64(entry, body)
        elif kind == _AES and len(body) >= 7:
            version, strength, method = struct.unpack("<HxxBH", body[:7])
            entry = replace(entry, aes_version=version, aes_strength=strength, method=method)
        elif kind == _UNICODE_PATH and body[1:5] == zlib.crc32(entry.raw_name).to_bytes(4, "little"):
            entry = replace(entry, unicode_name=body[5:])
    return entry


def _zip64(entry: Entry, body: bytes) -> Entry:
    wide = iter(struct.unpack(f"<{len(body) // 8}Q", body[: len(body) // 8 * 8]))
    size = next(wide, entry.size) if entry.size == 0xFFFFFFFF else entry.size
    packed = next(wide, entry.packed) if entry.packed == 0xFFFFFFFF else entry.packed
    offset = next(wide, entry.offset) if entry.offset == 0xFFFFFFFF else entry.offset
    return replace(entry, size=size, packed=packed, offset=offset)


def _marked_overlaps(entries: list[Entry]) -> tuple[Entry, ...]:
    """Members of an honest file lie one after the other; one that runs into the next is part of a bomb."""
    by_place = sorted(range(len(entries)), key=lambda i: entries[i].offset)
    for one, following in pairwise(by_place):
        entry = entries[one]
        if entry.offset + _LOCAL_HEADER.size + entry.packed > entries[following].offset:
            entries[one] = replace(entry, overlaps=True)
    return tuple(entries)


def _salvage(data: Data, limits: Limits) -> list[Entry]:
    """The members by their local headers, one after the other, for a file whose directory is lost."""
    entries: list[Entry] = []
    whole = bytes(data)
    at = whole.find(LOCAL)
    while at >= 0:
        if len(entries) == limits.members:
            raise OverLimitError(Reason.TOO_MANY_MEMBERS)
        try:
            entry, after = _local_entry(whole, at, limits)
            entries.append(entry)
        except (struct.error, DocumentError):
            after = at + 4
        at = whole.find(LOCAL, after)
    return entries


def _local_entry(data: bytes, at: int, limits: Limits) -> tuple[Entry, int]:
    fields = _LOCAL_HEADER.unpack(data[at : at + _LOCAL_HEADER.size])
    _, _, flags, method, time, date, crc, packed, size, name_length, extra_length = fields
    name_at = at + _LOCAL_HEADER.size
    extra_at = name_at + name_length
    start = extra_at + extra_length
    if start > len(data):
        raise UnreadableError(Reason.TRUNCATED)
    entry = Entry(data[name_at:extra_at], flags, method, date << 16 | time, crc, packed, size, at)
    entry = _with_extra(entry, data[extra_at:start])
    if flags & DESCRIBED_AFTER and not entry.packed:
        entry = _measured(data, entry, start, limits)
    return entry, start + entry.packed


def _measured(data: bytes, entry: Entry, start: int, limits: Limits) -> Entry:
    """``entry`` with the sizes that its header leaves to a descriptor behind the data."""
    if entry.method != DEFLATE or entry.is_encrypted:
        stop = data.find(b"PK\7\x08", start)
        if stop < 0:
            return _cut_off(data, entry, start)
        crc, _, size = struct.unpack("<3L", data[stop + 4 : stop + 16])
        return replace(entry, crc=crc, packed=stop - start, size=size)
    meter = Meter(limits, len(data))
    decoder = zlib.decompressobj(-15)
    crc = size = 0
    fed: bytes = memoryview(data)[start:]  # type: ignore[assignment]
    while not decoder.eof and len(fed):
        part = decoder.decompress(fed, 1 << 20)
        meter.count(len(part))
        crc, size = zlib.crc32(part, crc), size + len(part)
        fed = decoder.unconsumed_tail
    if not decoder.eof:
        return _cut_off(data, entry, start)
    return replace(entry, crc=crc, packed=len(data) - start - len(decoder.unused_data), size=size)


def _cut_off(data: bytes, entry: Entry, start: int) -> Entry:
    """``entry`` as one whose data runs past the end of the file, which reading it will find."""
    return replace(entry, packed=len(data) - start + 1)
