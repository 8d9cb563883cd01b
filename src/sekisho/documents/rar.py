"""Reads the headers of RAR archives (versions 2 to 5) and writes plain ones, so that a helper can unpack the data.

The helper never meets a header, a name or a password of the archive: what it is given is written here anew, with the
data decrypted. Sources: technote.txt of RAR 4 and 5 (rarlab.com).
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterable
from dataclasses import dataclass

from sekisho.documents import programs
from sekisho.documents.member_names import harmless, member_name
from sekisho.documents.rar_locks import Cipher3, Cipher5
from sekisho.errors import OverLimitError, UnreadableError, WrongPasswordError
from sekisho.model import Limits, Reason

MAGIC4, MAGIC5 = b"Rar!\x1a\x07\x00", b"Rar!\x1a\x07\x01\x00"
_MAIN4, _FILE4, _END4 = 0x73, 0x74, 0x7B
_MAIN5, _FILE5, _SERVICE5, _LOCK5, _END5 = 1, 2, 3, 4, 5
_FILE_COPY = 5
_LONGEST_HEADER = 2 << 20
_OLD, _AHEAD = 15, bytes(4)  # the unpacker of the oldest version, and what the helper looks at behind its data


@dataclass(frozen=True, slots=True)
class Entry:
    """One member, and what its plain header needs."""

    name: str
    size: int
    crc: int | None  # None: not known, or known only to the password
    start: int
    packed: int
    method: int
    version: int  # of the unpacker; 5 has its own number in `info`
    info: int
    is_folder: bool = False
    is_link: bool = False
    copy_of: str = ""  # the name of the member that holds the same, where this one holds nothing
    is_split: bool = False
    is_solid: bool = False
    cipher: Cipher3 | Cipher5 | None = None

    @property
    def is_stored(self) -> bool:
        """Does it lie there as it is?"""
        return self.method == 0


@dataclass(frozen=True, slots=True)
class Directory:
    """The members of an archive. ``version``: 4 (and before) or 5; ``cut``: why there may be more, if there may."""

    version: int
    entries: tuple[Entry, ...]
    is_solid: bool
    cut: Reason = Reason.NONE


def is_header_locked(data: memoryview) -> bool:
    """Are even the names hidden?"""
    try:
        _directory(data, Limits(), None)
    except WrongPasswordError:
        return True
    except (UnreadableError, OverLimitError):
        return False
    return False


def directory(data: memoryview, limits: Limits, password: str | None) -> Directory:
    """The members. Raises UnreadableError, OverLimitError, and WrongPasswordError where the names are hidden."""
    return _directory(data, limits, password)


def _directory(data: memoryview, limits: Limits, password: str | None) -> Directory:
    start = start_of(data)
    if start < 0:
        raise UnreadableError(Reason.DAMAGED)
    try:
        if data[start : start + 8] == MAGIC5:
            return _Headers5(data, start + 8, limits, password).directory()
        return _Headers4(data, start + 7, limits, password).directory()
    except (struct.error, IndexError, ValueError) as error:
        raise UnreadableError(Reason.DAMAGED, "headers") from error


def start_of(data: memoryview) -> int:
    """Where the archive begins, behind what may stand before it; -1 where there is none."""
    head = bytes(data[: programs.LONGEST])
    return min((at for at in (head.find(MAGIC5), head.find(MAGIC4)) if at >= 0), default=-1)


class _Headers4:
    """The headers of RAR 2 to 4."""

    def __init__(self, data: memoryview, at: int, limits: Limits, password: str | None) -> None:
        self._data, self._at = data, at
        self._limits, self._password = limits, password
        self._locked = self._solid = False

    def directory(self) -> Directory:
        entries: list[Entry] = []
        cut = Reason.NONE
        while True:
            if self._at + 7 > len(self._data):
                cut = Reason.NONE if self._at == len(self._data) and entries else Reason.TRUNCATED
                break
            header = self._header()
            kind, flags = struct.unpack_from("<BH", header, 2)
            if kind == _END4:
                break
            after = self._at
            if kind == _MAIN4:
                self._locked, self._solid = bool(flags & 0x80), bool(flags & 0x08)
            elif kind == _FILE4:
                _bounded(entries, self._limits)
                entries.append(entry := self._entry(header, flags, after))
                after += entry.packed
            elif flags & 0x8000:
                after += int(struct.unpack_from("<L", header, 7)[0])
            self._at = after
            if self._at > len(self._data):
                cut = Reason.TRUNCATED
                break
        return Directory(4, tuple(entries), self._solid, cut)

    def _header(self) -> bytes:
        """The next header; ``_at`` moves behind it."""
        if not self._locked:
            size = int.from_bytes(self._data[self._at + 5 : self._at + 7], "little")
            header = bytes(self._data[self._at : self._at + size])
            self._at += size
        else:
            if self._password is None:
                raise WrongPasswordError
            salt = bytes(self._data[self._at : self._at + 8])
            cipher = Cipher3(salt)
            first = cipher.decrypt(bytes(self._data[self._at + 8 : self._at + 24]), self._password)
            size = int.from_bytes(first[5:7], "little")
            whole = -(-size // 16) * 16
            header = cipher.decrypt(bytes(self._data[self._at + 8 : self._at + 8 + whole]), self._password)[:size]
            self._at += 8 + whole
        if len(header) < 7 or not _fits4(header, strictly=self._locked):
            raise WrongPasswordError if self._locked else UnreadableError(Reason.DAMAGED, "headers")
        return header

    def _entry(self, header: bytes, flags: int, start: int) -> Entry:
        fixed = struct.unpack_from("<LLBLLBBHL", header, 7)
        packed, size, system, crc, _, version, method, name_size, attributes = fixed
        at = 32
        if flags & 0x100:
            high_packed, high_size = struct.unpack_from("<LL", header, at)
            packed, size, at = packed | high_packed << 32, size | high_size << 32, at + 8
        raw = header[at : at + name_size]
        salt = header[at + name_size : at + name_size + 8] if flags & 0x400 else b""
        return Entry(
            name=_name4(raw, unicode=bool(flags & 0x200)),
            size=size,
            crc=crc,
            start=start,
            packed=packed,
            method=method - 0x30,
            version=version,
            info=flags & 0xE0,
            is_folder=flags & 0xE0 == 0xE0,
            is_link=system == 3 and attributes & 0xF000 == 0xA000,
            is_split=bool(flags & 0x03),
            is_solid=bool(flags & 0x10),
            cipher=Cipher3(salt, version) if flags & 0x04 else None,
        )


def _fits4(header: bytes, *, strictly: bool) -> bool:
    """The checksum covers the header; in the oldest versions not a comment in it, in side blocks hardly anything."""
    if not strictly and header[2] not in (_MAIN4, _FILE4, _END4):
        return True
    covered = [len(header)] if strictly else [len(header), 13]
    if header[2] == _FILE4 and len(header) >= 32 and not strictly:
        covered.append(32 + int.from_bytes(header[26:28], "little"))
    wanted = int.from_bytes(header[:2], "little")
    return any(zlib.crc32(header[2:end]) & 0xFFFF == wanted for end in covered)


def _name4(raw: bytes, *, unicode: bool) -> str:
    """The name in the machine's code page, behind it (after a zero) how to make Unicode of it."""
    plain, zero, coded = raw.partition(b"\0")
    if not unicode or not zero:
        return member_name(plain).replace("\\", "/") if plain.isascii() else member_name(plain)
    return harmless(_unicode4(plain, coded)).replace("\\", "/")


def _unicode4(plain: bytes, coded: bytes) -> str:
    """RAR's own packing of UTF-16 names."""
    out: list[int] = []
    high, at, flags, bits = coded[0] << 8, 1, 0, 0
    while at < len(coded):
        if not bits:
            flags, bits, at = coded[at], 8, at + 1
        bits -= 2
        kind = flags >> bits & 3
        if kind < 2:
            out.append(coded[at] | (high if kind else 0))
            at += 1
        elif kind == 2:
            out.append(coded[at] | coded[at + 1] << 8)
            at += 2
        else:
            at = _run4(plain, coded, at, high, out)
    return struct.pack(f"<{len(out)}H", *out).decode("utf-16-le", "backslashreplace")


def _run4(plain: bytes, coded: bytes, at: int, high: int, out: list[int]) -> int:
    """A run taken over from the plain name, with or without a correction."""
    length = coded[at]
    correction = coded[at + 1] if length & 0x80 else None
    for _ in range((length & 0x7F) + 2):
        if len(out) >= len(plain):
            break
        byte = plain[len(out)]
        out.append(byte if correction is None else (byte + correction & 0xFF) | high)
    return at + (1 if correction is None else 2)


class _Headers5:
    """The headers of RAR 5."""

    def __init__(self, data: memoryview, at: int, limits: Limits, password: str | None) -> None:
        self._data, self._at = data, at
        self._limits, self._password = limits, password
        self._lock: Cipher5 | None = None
        self._solid = False

    def directory(self) -> Directory:
        entries: list[Entry] = []
        cut = Reason.NONE
        while True:
            if self._at + 7 > len(self._data):
                cut = Reason.TRUNCATED
                break
            kind, flags, packed, body, extra = self._header()
            after = self._at + packed
            if kind == _END5:
                break
            if kind == _MAIN5:
                self._solid = bool(body.number() & 0x04)
            elif kind == _LOCK5:
                self._lock = _archive_lock(body)
            elif kind == _FILE5:
                _bounded(entries, self._limits)
                entries.append(self._entry(flags, packed, body, extra))
            self._at = after
            if self._at > len(self._data):
                cut = Reason.TRUNCATED
                break
        return Directory(5, tuple(entries), self._solid, cut)

    def _header(self) -> tuple[int, int, int, _Numbers, bytes]:
        """Type, flags, size of the data, what is its own, and the extra records; ``_at`` moves behind it."""
        plain = self._plain_header()
        numbers = _Numbers(plain)
        kind, flags = numbers.number(), numbers.number()
        extra_size = numbers.number() if flags & 0x01 else 0
        packed = numbers.number() if flags & 0x02 else 0
        extra = plain[len(plain) - extra_size :] if extra_size else b""
        return kind, flags, packed, numbers, extra

    def _plain_header(self) -> bytes:
        """A header behind its checksum and size."""
        if self._lock is None:
            whole = bytes(self._data[self._at : self._at + 7])
            size = _Numbers(whole[4:])
            length = size.number()
            start = self._at + 4 + size.at
            self._at = start + length
            return _checked(bytes(self._data[self._at - length - size.at : self._at]), whole[:4], size.at)
        if self._password is None:
            raise WrongPasswordError
        iv = bytes(self._data[self._at : self._at + 16])
        first = self._lock.decrypt(bytes(self._data[self._at + 16 : self._at + 32]), self._password, iv)
        size = _Numbers(first[4:])
        length = size.number()
        if length > _LONGEST_HEADER:
            raise WrongPasswordError
        whole_size = -(-(4 + size.at + length) // 16) * 16
        plain = self._lock.decrypt(bytes(self._data[self._at + 16 : self._at + 16 + whole_size]), self._password, iv)
        self._at += 16 + whole_size
        return _checked(plain[4 : 4 + size.at + length], plain[:4], size.at)

    def _entry(self, flags: int, packed: int, body: _Numbers, extra: bytes) -> Entry:
        file_flags, size, _ = body.number(), body.number(), body.number()
        if file_flags & 0x02:
            body.take(4)
        crc = int.from_bytes(body.take(4), "little") if file_flags & 0x04 else None
        info, _, length = body.number(), body.number(), body.number()
        raw = body.take(length)
        cipher, is_link, copy_of = _extras(extra)
        if file_flags & 0x08:
            raise UnreadableError(Reason.NO_READER, "size not known")
        return Entry(
            name=member_name(raw),
            size=size,
            crc=None if cipher and cipher.hides_checksum else crc,
            start=self._at,
            packed=packed,
            method=info >> 7 & 7,
            version=5,
            info=info,
            is_folder=bool(file_flags & 0x01),
            is_link=is_link,
            copy_of=copy_of,
            is_split=bool(flags & 0x18),
            is_solid=bool(info & 0x40),
            cipher=cipher,
        )


class _Numbers:
    """Reads the numbers of RAR 5: seven bits a byte, the highest bit for more."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self.at = 0

    def number(self) -> int:
        value = shift = 0
        while True:
            byte = self._data[self.at]
            self.at += 1
            value |= (byte & 0x7F) << shift
            shift += 7
            if not byte & 0x80:
                return value
            if shift > 63:
                raise ValueError

    def take(self, count: int) -> bytes:
        part = self._data[self.at : self.at + count]
        if len(part) != count:
            raise ValueError
        self.at += count
        return part

    @property
    def ended(self) -> bool:
        return self.at >= len(self._data)


def _checked(sized: bytes, crc: bytes, size_length: int) -> bytes:
    if zlib.crc32(sized) != int.from_bytes(crc, "little"):
        raise UnreadableError(Reason.DAMAGED, "headers")
    return sized[size_length:]


def _archive_lock(body: _Numbers) -> Cipher5:
    body.number()
    flags, rounds, salt = body.number(), body.take(1)[0], body.take(16)
    return Cipher5(salt, b"", rounds, body.take(8) if flags & 1 else b"")


def _extras(extra: bytes) -> tuple[Cipher5 | None, bool, str]:
    """The lock of a file, whether it only points at another one, and the name of the one that it is a copy of."""
    cipher, is_link, copy_of = None, False, ""
    records = _Numbers(extra)
    while not records.ended:
        size = records.number()
        record = _Numbers(records.take(size))
        kind = record.number()
        if kind == 1:
            record.number()
            flags, rounds, salt, iv = record.number(), record.take(1)[0], record.take(16), record.take(16)
            check = record.take(8) if flags & 1 else b""
            cipher = Cipher5(salt, iv, rounds, check, hides_checksum=bool(flags & 2))
        elif kind == 5:
            is_link = record.number() != _FILE_COPY
            record.number()
            copy_of = "" if is_link else member_name(record.take(record.number()))
    return cipher, is_link, copy_of


def _bounded(entries: list[Entry], limits: Limits) -> None:
    if len(entries) >= limits.members:
        raise OverLimitError(Reason.TOO_MANY_MEMBERS)


def plain_archive(version: int, members: Iterable[tuple[Entry, bytes]], *, solid: bool) -> bytes:
    """An archive of the given members, their data decrypted, under names that say nothing."""
    if version == 5:
        parts = [MAGIC5, _block5(_MAIN5, b"\x04" if solid else b"\0")]
        parts += [part for at, (entry, data) in enumerate(members) for part in (_file5(at, entry, data), data)]
        return b"".join([*parts, _block5(_END5, b"\0")])
    main = struct.pack("<BHH6x", _MAIN4, 0x08 if solid else 0, 13)
    parts = [MAGIC4, _crc4(main)]
    for at, (entry, data) in enumerate(members):
        padded = data + _AHEAD if entry.version == _OLD else data
        parts += [_file4(at, entry, padded), padded]
    return b"".join([*parts, _crc4(struct.pack("<BHH", _END4, 0x4000, 7))])


def _file4(at: int, entry: Entry, data: bytes) -> bytes:
    name = f"{at}".encode()
    flags = 0x8000 | entry.info | (0x10 if entry.is_solid else 0) | 0x100
    fixed = struct.pack(
        "<BHHLLBLLBBHL",
        *(_FILE4, flags, 40 + len(name), len(data) & 0xFFFFFFFF, entry.size & 0xFFFFFFFF, 3, entry.crc or 0, 0),
        *(entry.version, entry.method + 0x30, len(name), 0o100600),
    )
    return _crc4(fixed + struct.pack("<LL", len(data) >> 32, entry.size >> 32) + name)


def _crc4(header: bytes) -> bytes:
    return struct.pack("<H", zlib.crc32(header) & 0xFFFF) + header


def _file5(at: int, entry: Entry, data: bytes) -> bytes:
    name = f"{at}".encode()
    flags = 0 if entry.crc is None else 4
    crc = b"" if entry.crc is None else struct.pack("<L", entry.crc)
    body = b"".join(map(_number5, (flags, entry.size, 0o100600))) + crc
    body += b"".join(map(_number5, (entry.info, 1, len(name)))) + name
    return _block5(_FILE5, body, len(data))


def _block5(kind: int, body: bytes, data_size: int | None = None) -> bytes:
    flags = _number5(0) if data_size is None else _number5(2) + _number5(data_size)
    header = _number5(kind) + flags + body
    sized = _number5(len(header)) + header
    return struct.pack("<L", zlib.crc32(sized)) + sized


def _number5(value: int) -> bytes:
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*out, value])
