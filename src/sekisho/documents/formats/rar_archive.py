"""RAR archives of versions 2 to 5. What is compressed is unpacked by ``unar`` (Debian package ``unar``)."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import IO

from sekisho.documents import helper, programs, rar, rar_locks
from sekisho.documents.metered import STEP, Meter
from sekisho.errors import LockedError, UnreadableError, UnsupportedError, WrongPasswordError
from sekisho.model import NO_LOCK, Blob, Format, Gap, Head, Limits, Lock, Member, Piece, Reason
from sekisho.wording import Text

_AT_ONCE = 64 << 20  # packed bytes from which a run ends


def _recognise(head: Head) -> bool:
    """At the start, or behind a program that unpacks it."""
    start = head.data if programs.unpacks_itself(head) else head.data[:8]
    return rar.start_of(memoryview(start)) >= 0


def _lock(blob: Blob) -> Lock:
    """Of the directory: where the names can be seen, each member has its own."""
    data = memoryview(blob.data)
    if not rar.is_header_locked(data):
        return NO_LOCK
    at = rar.start_of(data)
    return (rar_locks.Cipher5(b"", b"", 0) if data[at : at + 8] == rar.MAGIC5 else rar_locks.Cipher3(b"")).lock


def _unlock(blob: Blob, password: str) -> Blob:
    rar.directory(memoryview(blob.data), Limits(), password)
    return Blob(blob.name, blob.data, key=password)


def _read(blob: Blob, limits: Limits) -> Iterator[Piece]:
    try:
        directory = rar.directory(memoryview(blob.data), limits, blob.key)
    except WrongPasswordError as error:
        raise LockedError(Reason.PASSWORD_UNKNOWN) from error
    with ExitStack() as running:
        unpacker = _Unpacker(blob, directory, limits, running)
        for at, entry in enumerate(directory.entries):
            if not entry.is_folder:
                yield Member(entry.name, unpacker.loader(at), unpacker.lock(at))
    if directory.cut:
        yield Gap(directory.cut)


class _Unpacker:
    """Unpacks member after member in one run of the helper; one that is asked for out of turn costs another run."""

    def __init__(self, blob: Blob, directory: rar.Directory, limits: Limits, running: ExitStack) -> None:
        self._data = memoryview(blob.data)
        self._key = blob.key
        self._directory = directory
        self._limits = limits
        self._meter = Meter(limits, len(blob.data))
        self._running = running
        self._run: list[int] = []  # numbers of the members whose bytes the helper is about to give
        self._output: IO[bytes] | None = None
        self._password: str | None = None
        self._is_proven = False
        self._numbers = {entry.name: at for at, entry in enumerate(directory.entries)}
        self._originals = {entry.copy_of for entry in directory.entries if entry.copy_of}
        self._kept: dict[str, bytes] = {}  # members that others are copies of

    def loader(self, at: int) -> Callable[[str | None], Blob]:
        """Loads one member."""

        def load(password: str | None) -> Blob:
            try:
                return Blob("", self._loaded(at, self._key if password is None else password))
            except WrongPasswordError as error:
                if password is None:
                    raise LockedError(Reason.PASSWORD_UNKNOWN) from error
                raise

        return load

    def _loaded(self, at: int, password: str | None) -> bytes:
        """The member, or what it is a copy of; an original is kept as long as it is not too much."""
        name = self._directory.entries[at].copy_of
        if not name:
            return self._kept_where_copied(at, self._load(at, password))
        if (data := self._kept.get(name)) is not None:
            self._meter.count(len(data))
            return data
        original = self._numbers.get(name)
        if original is None or self._directory.entries[original].copy_of:
            raise UnreadableError(Reason.DAMAGED, "copy of nothing")
        return self._load(original, password)

    def _kept_where_copied(self, at: int, data: bytes) -> bytes:
        name = self._directory.entries[at].name
        if name in self._originals and sum(map(len, self._kept.values())) + len(data) <= _AT_ONCE:
            self._kept[name] = data
        return data

    def lock(self, at: int) -> Lock:
        """Of one member; a copy has that of its original."""
        entry = self._directory.entries[at]
        original = self._numbers.get(entry.copy_of, at)
        cipher = entry.cipher or self._directory.entries[original].cipher
        return cipher.lock if cipher and self._key is None else NO_LOCK

    def _load(self, at: int, password: str | None) -> bytes:
        entry = self._directory.entries[at]
        if entry.is_link:
            raise UnsupportedError(Reason.LINK)
        if entry.is_split:
            raise UnreadableError(Reason.TRUNCATED, "one volume of several")
        if entry.cipher and password is None:
            raise WrongPasswordError
        self._meter.admit(entry.size, entry.packed)
        data = self._plain(entry, password)[: entry.size] if entry.is_stored else self._unpacked(at, password)
        self._meter.count(len(data))
        if len(data) != entry.size or (entry.crc is not None and zlib.crc32(data) != entry.crc):
            self._end()
            is_wrong = entry.cipher and not entry.cipher.tells_wrong and not self._is_proven
            raise WrongPasswordError if is_wrong else UnreadableError(Reason.DAMAGED, "checksum differs")
        self._is_proven = self._is_proven or entry.cipher is not None
        return data

    def _plain(self, entry: rar.Entry, password: str | None) -> bytes:
        packed = bytes(self._data[entry.start : entry.start + entry.packed])
        if len(packed) < entry.packed:
            raise UnreadableError(Reason.TRUNCATED)
        return entry.cipher.decrypt(packed, password or "") if entry.cipher else packed

    def _unpacked(self, at: int, password: str | None) -> bytes:
        """The member from the run of the helper, which is begun anew where it is past it or has another password."""
        if at not in self._run or password != self._password:
            self._begin(at, password)
        while True:
            number = self._run.pop(0)
            data = self._take(self._directory.entries[number].size)
            if number == at:
                return data

    def _begin(self, at: int, password: str | None) -> None:
        self._end()
        self._password = password
        members = list(self._together(at, password))
        archive = rar.plain_archive(
            self._directory.version,
            [(self._directory.entries[number], data) for number, data in members],
            solid=self._directory.is_solid,
        )
        descriptor = self._running.enter_context(helper.in_memory(archive))
        running = helper.running("unar", descriptor=descriptor, limits=self._limits)
        self._output = self._running.enter_context(running)
        self._run = [number for number, _ in members]

    def _together(self, at: int, password: str | None) -> Iterator[tuple[int, bytes]]:
        """The members of one run, plain: from the head of the solid group on, as many as are not too much at once."""
        first = at
        while first and self._directory.entries[first].is_solid:
            first -= 1
        total = 0
        for number, entry in enumerate(self._directory.entries[first:], start=first):
            if number > at and (total > _AT_ONCE or (entry.cipher and not self._is_proven)):
                return
            if entry.is_folder or entry.is_link or entry.copy_of or entry.is_split:
                continue
            try:
                data = self._plain(entry, password)
            except (WrongPasswordError, UnreadableError):
                if number <= at:
                    raise
                return
            total += len(data)
            yield number, data

    def _take(self, size: int) -> bytes:
        parts: list[bytes] = []
        while size > 0 and self._output and (part := self._output.read(min(size, STEP))):
            size -= len(part)
            parts.append(part)
        return b"".join(parts)

    def _end(self) -> None:
        self._running.close()
        self._run, self._output = [], None


FORMAT = Format(
    kind="rar",
    title=Text("RAR archive", "RAR書庫"),
    suffixes=(".rar",),
    recognise=_recognise,
    read=_read,
    lock=_lock,
    unlock=_unlock,
    order=40,
    needs="unar",
)
