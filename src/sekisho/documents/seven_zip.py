"""Reads 7z archives: the directory, and the folders of compressed bytes behind it, step by step and within limits.

Source: 7zFormat.txt of the 7-Zip SDK. A library of its own is not used, as none can be stopped on its way or tried with
many passwords at a bearable cost.
"""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field

from sekisho.documents import programs
from sekisho.documents.metered import Meter
from sekisho.documents.seven_zip_coders import AES, BROKEN, Coder, chained
from sekisho.errors import OverLimitError, UnreadableError, UnsupportedError, WrongPasswordError
from sekisho.model import Limits, Reason

MAGIC = b"7z\xbc\xaf\x27\x1c"
_START = 32
_END, _HEADER, _ARCHIVE, _ADDITIONAL, _MAIN, _FILES, _PACK, _UNPACK, _SUBSTREAMS, _SIZE, _CRC, _FOLDER = range(12)
_UNPACK_SIZE, _PER_FOLDER, _EMPTY_STREAM, _EMPTY_FILE, _ANTI, _NAMES = range(12, 18)
_ATTRIBUTES, _ENCODED = 0x15, 0x17
_MOST_CODERS = 32


@dataclass(slots=True)
class Folder:
    """Streams that are compressed together: the chain of coders from the packed bytes to the plain ones."""

    coders: list[tuple[Coder, int]] = field(default_factory=list)  # from the packed bytes on, with which output
    packed_streams: int = 1
    sizes: list[int] = field(default_factory=list)  # of what each coder gives, in the order of the archive
    size: int = 0
    crc: int | None = None
    start: int = 0
    packed: int = 0
    substreams: list[tuple[int, int | None]] | None = None  # size and checksum; None: all of it is one

    @property
    def streams(self) -> list[tuple[int, int | None]]:
        """Size and checksum of each stream."""
        return [(self.size, self.crc)] if self.substreams is None else self.substreams

    @property
    def is_encrypted(self) -> bool:
        """Does it need a password?"""
        return any(coder.method == AES for coder, _ in self.coders)


@dataclass(frozen=True, slots=True)
class Entry:
    """One member: ``folder`` is None where it is empty; ``index``: which of the folder's streams it is."""

    name: str
    folder: Folder | None
    index: int
    is_folder: bool
    is_link: bool

    @property
    def size(self) -> int:
        """Unpacked bytes."""
        return self.folder.streams[self.index][0] if self.folder else 0


def start_of(data: memoryview) -> int:
    """Where the archive begins, behind what may stand before it; -1 where there is none."""
    head, at = bytes(data[: programs.LONGEST]), -1
    while (at := head.find(MAGIC, at + 1)) > 0:
        if zlib.crc32(data[at + 12 : at + _START]) == int.from_bytes(data[at + 8 : at + 12], "little"):
            break
    return at


class Archive:
    """An archive whose directory lies in the clear, or is opened by ``password``.

    Raises UnreadableError, OverLimitError, WrongPasswordError (a directory that is locked and stays so).
    """

    def __init__(self, data: bytes | memoryview, limits: Limits, password: str | None) -> None:
        self._data = memoryview(data)
        self._limits = limits
        self._meter = Meter(limits, len(data))
        self._readers: dict[int, FolderReader] = {}
        self._was_locked = False
        header = _next_header(self._data)
        try:
            self.entries = self._entries(_Reader(self._plain(header, password)))
        except (UnreadableError, OverLimitError) as error:
            if self._was_locked:  # not every program puts a checksum on the directory
                raise WrongPasswordError from error
            raise

    def read(self, entry: Entry, password: str | None) -> bytes:
        """The bytes of a member. Raises DocumentError, WrongPasswordError."""
        if entry.folder is None:
            return b""
        reader = self._readers.get(id(entry.folder))
        if reader is None or not reader.can_give(entry.index, password):
            reader = FolderReader(self._data, entry.folder, password, self._meter)
            self._readers = {id(entry.folder): reader}
        return reader.read(entry.index)

    def _plain(self, header: bytes, password: str | None) -> bytes:
        """The directory after unpacking it as often as it is packed."""
        for _ in range(4):
            reader = _Reader(header)
            kind = reader.byte()
            if kind != _ENCODED:
                return header
            folders = _streams(reader, self._limits)
            if len(folders) != 1:
                raise UnreadableError(Reason.DAMAGED, "directory")
            self._was_locked = self._was_locked or folders[0].is_encrypted
            header = FolderReader(self._data, folders[0], password, self._meter).read(0)
        raise UnreadableError(Reason.DAMAGED, "directory")

    def _entries(self, reader: _Reader) -> list[Entry]:
        folders: list[Folder] = []
        if reader.byte() != _HEADER:
            raise UnreadableError(Reason.DAMAGED, "directory")
        while (kind := reader.byte()) != _END:
            if kind == _MAIN:
                folders = _streams(reader, self._limits)
            elif kind == _ADDITIONAL:
                _streams(reader, self._limits)
            elif kind == _ARCHIVE:
                while reader.byte() != _END:
                    reader.take(reader.number())
            elif kind == _FILES:
                return list(_files(reader, folders, self._limits))
            else:
                raise UnreadableError(Reason.DAMAGED, "directory")
        return []


def is_header_locked(data: bytes | memoryview, limits: Limits) -> bool:
    """Are even the names hidden?"""
    reader = _Reader(_next_header(memoryview(data)))
    return reader.byte() == _ENCODED and any(f.is_encrypted for f in _streams(reader, limits))


class FolderReader:
    """The streams of one folder, one after the other."""

    def __init__(self, data: memoryview, folder: Folder, password: str | None, meter: Meter) -> None:
        if folder.packed_streams != 1:
            raise UnsupportedError(Reason.NO_READER, "7z coder of several streams")
        meter.admit(folder.size, folder.packed)
        packed = data[folder.start : folder.start + folder.packed]
        if len(packed) < folder.packed:
            raise UnreadableError(Reason.TRUNCATED)
        self._folder = folder
        self._meter = meter
        self._password = password
        coders = [(coder, folder.sizes[output]) for coder, output in folder.coders]
        try:
            self._source = chained(packed, coders, password)
        except BROKEN as error:
            raise UnreadableError(Reason.DAMAGED, "coder") from error
        self._next = 0
        self._sound = False

    def can_give(self, index: int, password: str | None) -> bool:
        """Is it still ahead, under the same password?"""
        return index >= self._next and password == self._password

    def read(self, index: int) -> bytes:
        """The bytes of a stream; those before it are passed over."""
        data = b""
        while self._next <= index:
            size, crc = self._folder.streams[self._next]
            self._next += 1
            data = self._take(size)
            self._meter.count(len(data))
            self._check(data, size, crc)
        return data

    def _check(self, data: bytes, size: int, crc: int | None) -> None:
        """A first stream that is broken behind a lock means that the password was wrong."""
        if len(data) == size and (crc is None or zlib.crc32(data) == crc):
            self._sound = True
            return
        self._next = len(self._folder.streams)
        if self._folder.is_encrypted and not self._sound:
            raise WrongPasswordError
        raise UnreadableError(Reason.DAMAGED, "checksum differs")

    def _take(self, size: int) -> bytes:
        """The next ``size`` bytes; fewer where the stream ends or is damaged."""
        parts: list[bytes] = []
        try:
            while size > 0 and (part := self._source(size)):
                parts.append(part[:size])
                size -= len(parts[-1])
        except BROKEN:
            pass  # what is missing shows in the size
        return b"".join(parts)


class _Reader:
    """Reads the numbers of a directory. Raises UnreadableError at its end."""

    def __init__(self, data: bytes) -> None:
        self._file = io.BytesIO(data)
        self._size = len(data)

    def take(self, count: int) -> bytes:
        data = self._file.read(count) if 0 <= count <= self._size else b""
        if len(data) != count:
            raise UnreadableError(Reason.DAMAGED, "directory")
        return data

    def rest(self) -> bytes:
        return self._file.read()

    def byte(self) -> int:
        return self.take(1)[0]

    def number(self) -> int:
        """Up to eight bytes, as many as the first one has leading ones."""
        first = self.byte()
        for more in range(8):
            mask = 0x80 >> more
            if not first & mask:
                return int.from_bytes(self.take(more), "little") | (first & (mask - 1)) << 8 * more
        return int.from_bytes(self.take(8), "little")

    def bits(self, count: int) -> list[bool]:
        data = self.take(-(-count // 8))
        return [bool(data[at // 8] & 0x80 >> at % 8) for at in range(count)]

    def optional_bits(self, count: int) -> list[bool]:
        """As ``bits``, after a byte that may say: all."""
        return [True] * count if self.byte() else self.bits(count)

    def digests(self, count: int) -> list[int | None]:
        return [struct.unpack("<L", self.take(4))[0] if there else None for there in self.optional_bits(count)]


def _next_header(data: memoryview) -> bytes:
    if len(data) < _START:
        raise UnreadableError(Reason.TRUNCATED)
    offset, size, crc = struct.unpack("<QQL", data[12:32])
    header = bytes(data[_START + offset : _START + offset + size])
    if not size:
        return bytes((_HEADER, _END))
    if len(header) < size:
        raise UnreadableError(Reason.TRUNCATED)
    if zlib.crc32(header) != crc:
        raise UnreadableError(Reason.DAMAGED, "directory")
    return header


def _streams(reader: _Reader, limits: Limits) -> list[Folder]:
    folders: list[Folder] = []
    position = 0
    packed: list[int] = []
    while (kind := reader.byte()) != _END:
        if kind == _PACK:
            position, packed = _pack_info(reader, limits)
        elif kind == _UNPACK:
            folders = _unpack_info(reader, limits)
        elif kind == _SUBSTREAMS:
            _substreams(reader, folders, limits)
        else:
            raise UnreadableError(Reason.DAMAGED, "directory")
    _place(folders, _START + position, packed)
    return folders


def _place(folders: list[Folder], at: int, packed: list[int]) -> None:
    """Where the packed bytes of each folder lie."""
    sizes = iter(packed)
    for folder in folders:
        own = [next(sizes, 0) for _ in range(folder.packed_streams)]
        folder.start, folder.packed = at, sum(own)
        at += folder.packed


def _pack_info(reader: _Reader, limits: Limits) -> tuple[int, list[int]]:
    position, count = reader.number(), _bounded(reader.number(), limits)
    sizes: list[int] = []
    while (kind := reader.byte()) != _END:
        if kind == _SIZE:
            sizes = [reader.number() for _ in range(count)]
        elif kind == _CRC:
            reader.digests(count)
    return position, sizes


def _unpack_info(reader: _Reader, limits: Limits) -> list[Folder]:
    if reader.byte() != _FOLDER:
        raise UnreadableError(Reason.DAMAGED, "directory")
    count = _bounded(reader.number(), limits)
    if reader.byte():
        raise UnreadableError(Reason.DAMAGED, "directory")
    folders = [_folder(reader) for _ in range(count)]
    while (kind := reader.byte()) != _END:
        if kind == _UNPACK_SIZE:
            for folder in folders:
                folder.sizes = [reader.number() for _ in folder.sizes]
                folder.size = folder.sizes[folder.size]
        elif kind == _CRC:
            for folder, crc in zip(folders, reader.digests(count), strict=True):
                folder.crc = crc
    return folders


def _folder(reader: _Reader) -> Folder:
    count = reader.number()
    if not 0 < count <= _MOST_CODERS:
        raise UnreadableError(Reason.DAMAGED, "directory")
    coders, ins, outs = [], 0, 0
    for _ in range(count):
        flags = reader.byte()
        method = reader.take(flags & 0x0F)
        into, out = (reader.number(), reader.number()) if flags & 0x10 else (1, 1)
        properties = reader.take(reader.number()) if flags & 0x20 else b""
        coders.append((Coder(method, properties), into, out))
        ins, outs = ins + into, outs + out
    if ins > _MOST_CODERS or outs > _MOST_CODERS:
        raise UnreadableError(Reason.DAMAGED, "directory")
    bound = dict((reader.number(), reader.number())[::-1] for _ in range(outs - 1))  # out -> in
    packed = ins - len(bound)
    free = [i for i in range(ins) if i not in bound.values()]
    first = [reader.number() for _ in range(packed)] if packed > 1 else free
    folder = Folder(packed_streams=packed, sizes=[0] * outs)
    if packed == len(first) == 1 and ins == outs == count:
        folder.coders, folder.size = _in_order([coder for coder, _, _ in coders], bound, first[0])
    else:  # several streams into one coder: known, but not read
        folder.coders = [(coder, 0) for coder, _, _ in coders]
        folder.packed_streams = max(2, packed)
        folder.size = next((o for o in range(outs) if o not in bound), 0)
    return folder


def _in_order(coders: list[Coder], bound: dict[int, int], at: int) -> tuple[list[tuple[Coder, int]], int]:
    """The coders as the bytes pass them, each with the number of its output, and which one is the last."""
    chain = []
    for _ in coders:
        if at >= len(coders):
            break
        chain.append((coders[at], at))
        if at not in bound:
            return chain, at
        at = bound[at]
    raise UnreadableError(Reason.DAMAGED, "directory")


def _substreams(reader: _Reader, folders: list[Folder], limits: Limits) -> None:
    counts = [1] * len(folders)
    kind = reader.byte()
    if kind == _PER_FOLDER:
        counts = [_bounded(reader.number(), limits) for _ in folders]
        _bounded(sum(counts), limits)
        kind = reader.byte()
    has_sizes = kind == _SIZE
    sizes: list[list[int]] = []
    for folder, count in zip(folders, counts, strict=True):
        own = [reader.number() for _ in range(count - 1)] if has_sizes else []
        sizes.append([*own, folder.size - sum(own)] if count else [])
    if has_sizes:
        kind = reader.byte()
    crcs: list[list[int | None]] = [
        [folder.crc] if count == 1 and folder.crc is not None else [None] * count
        for folder, count in zip(folders, counts, strict=True)
    ]
    while kind != _END:
        if kind == _CRC:
            missing = [i for i, own in enumerate(crcs) for crc in own if crc is None]
            digests = iter(reader.digests(len(missing)))
            crcs = [[crc if crc is not None else next(digests) for crc in own] for own in crcs]
        kind = reader.byte()
    for folder, own_sizes, own_crcs in zip(folders, sizes, crcs, strict=True):
        if any(size < 0 for size in own_sizes):
            raise UnreadableError(Reason.DAMAGED, "directory")
        folder.substreams = list(zip(own_sizes, own_crcs, strict=True))


def _files(reader: _Reader, folders: list[Folder], limits: Limits) -> Iterator[Entry]:
    count = _bounded(reader.number(), limits)
    names, attributes = [""] * count, [0] * count
    empty, no_folder = [False] * count, [False] * count
    while (kind := reader.byte()) != _END:
        body = _Reader(reader.take(reader.number()))
        if kind == _EMPTY_STREAM:
            empty = body.bits(count)
        elif kind == _EMPTY_FILE:
            flags = iter(body.bits(sum(empty)))
            no_folder = [next(flags) if each else False for each in empty]
        elif kind == _NAMES:
            names = _names(body, count)
        elif kind == _ATTRIBUTES:
            attributes = _attributes(body, count)
    streams = iter([(folder, index) for folder in folders for index in range(len(folder.streams))])
    for name, is_empty, is_file, attribute in zip(names, empty, no_folder, attributes, strict=True):
        folder, index = (None, 0) if is_empty else next(streams, (None, 0))
        yield Entry(name, folder, index, is_empty and not is_file, attribute >> 28 == 0xA and bool(attribute & 0x8000))


def _names(body: _Reader, count: int) -> list[str]:
    if body.byte():
        raise UnreadableError(Reason.DAMAGED, "directory")
    names = body.rest().decode("utf-16-le", "backslashreplace").split("\0")[:count]
    return names + [""] * (count - len(names))


def _attributes(body: _Reader, count: int) -> list[int]:
    there = body.optional_bits(count)
    if body.byte():
        return [0] * count
    return [int.from_bytes(body.take(4), "little") if each else 0 for each in there]


def _bounded(count: int, limits: Limits) -> int:
    if count > limits.members:
        raise OverLimitError(Reason.TOO_MANY_MEMBERS)
    return count
