"""OLE compound files: what lies in them, and the document that an embedded object wraps."""

from __future__ import annotations

import struct
from collections.abc import Collection, Iterator, Mapping, Sequence

import olefile

from sekisho.documents import charset, compound
from sekisho.documents.seekable import Seekable
from sekisho.errors import UnreadableError
from sekisho.model import Blob, Gap, Head, Member, Piece, Reason

MAGIC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_MOST_SECTORS = 20_000
_END = 0xFFFFFFFE
_DOCUMENTS = (b"%PDF", b"PK\x03\x04", b"{\\rtf", MAGIC)
_DOCUMENT_STREAMS = frozenset(
    ("Workbook", "Book", "WordDocument", "PowerPoint Document", "__properties_version1.0", "DocumentText")
)
_BROKEN = (OSError, ValueError, IndexError, struct.error, TypeError, AttributeError, MemoryError)


def is_ole(data: bytes | memoryview) -> bool:
    """Whether the bytes begin as an OLE compound file."""
    return bytes(data[:8]) == MAGIC


def named(head: Head, *streams: str) -> bool:
    """Whether a compound file has one of the streams or storages at its top, not in something embedded.

    In a file cut short, whose directory is lost, the names are searched as they stand in the bytes.
    """
    if not is_ole(head.data):
        return False
    names = top_names(memoryview(head.data))
    if names is not None:
        return not names.isdisjoint(stream.lower() for stream in streams)
    data = bytes(head.data)
    return any(f"{name}\0".encode("utf-16-le") in data for name in streams)


def runs_in_circles(file: olefile.OleFileIO) -> bool:
    """Whether a chain of sectors comes back to where it was, which a native reader follows until memory is full."""
    try:
        starts = [file.first_dir_sector, file.first_mini_fat_sector, file.root.isectStart if file.root else _END]
        starts += [entry.isectStart for entry in file.direntries if entry and not entry.is_minifat]
        if any(_is_circle(start, file.fat) for start in starts):
            return True
        file.loadminifat()
        small = [entry.isectStart for entry in file.direntries if entry and entry.is_minifat]
        return any(_is_circle(start, file.minifat) for start in small)
    except _BROKEN:
        return True


def _is_circle(start: int, following: Sequence[int]) -> bool:
    steps = 0
    while start < len(following) and steps <= len(following):
        start, steps = following[start], steps + 1
    return steps > len(following)


def top_names(data: memoryview) -> set[str] | None:
    """The names at the top of a compound file in lower case, from its directory alone; None where it is damaged."""
    try:
        directory = b"".join(_directory(data))
    except (struct.error, OverflowError, ZeroDivisionError):
        return None
    if len(directory) < 128:
        return None
    found: set[str] = set()
    waiting, seen = [int.from_bytes(directory[76:80], "little")], set()
    while waiting:
        at = waiting.pop() * 128
        if at in seen or at + 128 > len(directory):
            continue
        seen.add(at)
        size = int.from_bytes(directory[at + 64 : at + 66], "little")
        found.add(directory[at : at + max(0, size - 2)].decode("utf-16-le", "replace").lower())
        waiting += struct.unpack_from("<2I", directory, at + 68)
    return found or None


def _directory(data: memoryview) -> Iterator[bytes]:
    """The sectors of the directory, by the allocation table."""
    shift, sector = struct.unpack_from("<H", data, 30)[0], struct.unpack_from("<I", data, 48)[0]
    size = 1 << shift
    tables = struct.unpack_from("<109I", data, 76)
    for _ in range(_MOST_SECTORS):
        place = (sector + 1) << shift
        if sector >= 0xFFFFFFFA or place >= len(data):
            return
        yield bytes(data[place : place + size])
        index, entry = divmod(sector, size // 4)
        if index >= len(tables):
            return
        sector = struct.unpack_from("<I", data, ((tables[index] + 1) << shift) + 4 * entry)[0]


def open_ole(data: bytes | memoryview) -> olefile.OleFileIO:
    """The compound file. Raises UnreadableError."""
    try:
        return olefile.OleFileIO(Seekable(data))
    except _BROKEN as error:
        raise UnreadableError(Reason.DAMAGED, "compound file") from error


Tree = Mapping[tuple[str, ...], Collection[str]]


def children(ole: olefile.OleFileIO) -> Tree:
    """The names in each storage, by its path."""
    tree: dict[tuple[str, ...], set[str]] = {}
    for entry in ole.listdir(storages=True):
        tree.setdefault(tuple(entry[:-1]), set()).add(entry[-1])
    return tree


def stream(ole: olefile.OleFileIO, *path: str) -> bytes:
    """The bytes of one stream; raises UnreadableError where it is missing or damaged."""
    try:
        data: bytes = ole.openstream(list(path)).read()
    except _BROKEN as error:
        raise UnreadableError(Reason.DAMAGED, "compound file") from error
    return data


def member(name: str, data: bytes | memoryview) -> Member:
    """A nested document whose bytes are at hand."""
    return Member(name, lambda _: Blob(name, data))


def unwrapped(name: str, data: bytes) -> Iterator[Member]:
    """The document inside an embedded object: a package, a file dragged in, or the object's own bytes.

    Objects that hold no document (equations, pictures, controls) give nothing.
    """
    if not is_ole(data):
        yield member(name, data)
        return
    with open_ole(data) as ole:
        top = {entry[0] for entry in ole.listdir(streams=True, storages=True)}
        if "\x01Ole10Native" in top:
            yield from native(stream(ole, "\x01Ole10Native"), name)
        elif wrapped := next((s for s in ("Package", "package_stream", "EmbeddedOdf", "CONTENTS") if s in top), None):
            inner = stream(ole, wrapped)
            if wrapped != "CONTENTS" or inner.startswith(_DOCUMENTS):
                yield member(name, inner)
        elif top & _DOCUMENT_STREAMS:
            yield member(name, data)


def native(data: bytes, fallback: str) -> Iterator[Member]:
    """The file in an Ole10Native stream, under the name it was dragged in with."""
    if int.from_bytes(data[4:6], "little") != 2:
        if data[4:].startswith(_DOCUMENTS):
            yield member(fallback, data[4:])
        return
    label, at = _text(data, 6)
    source, at = _text(data, at)
    _, at = _text(data, at + 8)
    size = int.from_bytes(data[at : at + 4], "little")
    name = (label or source).replace("\\", "/").rpartition("/")[2]
    yield member(name or fallback, data[at + 4 : at + 4 + size])


def _text(data: bytes, at: int) -> tuple[str, int]:
    end = data.find(b"\0", at)
    if end < 0:
        raise UnreadableError(Reason.DAMAGED, "embedded object")
    return data[at:end].decode("cp932", "replace"), end + 1


def objects(ole: olefile.OleFileIO, pool: str) -> Iterator[Piece]:
    """The documents embedded below the storage ``pool``, each as a file of its own."""
    names = dict.fromkeys(e[1] for e in ole.listdir(storages=True) if len(e) > 1 and e[0] == pool)
    for number, name in enumerate(names, start=1):
        try:
            yield from unwrapped(f"object {number}", packed(ole, [pool, name]))
        except UnreadableError as error:
            yield Gap(Reason.DAMAGED_PART, error.detail)


def packed(ole: olefile.OleFileIO, path: list[str]) -> bytes:
    """The storage at ``path`` as a compound file of its own."""
    inner = [entry for entry in ole.listdir() if entry[: len(path)] == path]
    return compound.written({tuple(entry[len(path) :]): stream(ole, *entry) for entry in inner})


def properties(ole: olefile.OleFileIO) -> Iterator[str]:
    """Title, subject, keywords and comment; not who wrote it, nor counts and dates."""
    name = "\x05SummaryInformation"
    if not ole.exists(name):
        return
    try:
        values = ole.getproperties(name)
    except _BROKEN:
        return
    for number in (2, 3, 5, 6):
        value = values.get(number)
        if isinstance(value, bytes) and value.strip(b"\0 "):
            yield charset.decode(value.rstrip(b"\0"), _page(values.get(1))).text
        elif isinstance(value, str) and value.strip("\0 "):
            yield value.rstrip("\0")


def _page(value: object) -> str | None:
    return f"cp{value & 0xFFFF}" if isinstance(value, int) and value & 0xFFFF not in (0, 1200) else None
