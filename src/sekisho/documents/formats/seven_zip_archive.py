"""7z archives, plain or under AES-256, with names to be seen or hidden."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from sekisho.documents import programs, seven_zip
from sekisho.documents.member_names import harmless
from sekisho.errors import DocumentError, LockedError, UnsupportedError, WrongPasswordError
from sekisho.model import NO_LOCK, Blob, Format, Head, Limits, Lock, Member, Piece, Protection, Reason
from sekisho.wording import Text

_AES = Lock(Protection.STRONG, "AES-256")


def _recognise(head: Head) -> bool:
    """At the start, or behind a program that unpacks it."""
    start = head.data if programs.unpacks_itself(head) else head.data[:6]
    return seven_zip.start_of(memoryview(start)) >= 0


def _archive(blob: Blob) -> memoryview:
    data = memoryview(blob.data)
    return data[seven_zip.start_of(data) :]


def _lock(blob: Blob) -> Lock:
    """Of the directory: where the names can be seen, each member has its own."""
    try:
        return _AES if seven_zip.is_header_locked(_archive(blob), Limits()) else NO_LOCK
    except DocumentError:
        return NO_LOCK


def _unlock(blob: Blob, password: str) -> Blob:
    seven_zip.Archive(_archive(blob), Limits(), password)
    return Blob(blob.name, blob.data, key=password)


def _read(blob: Blob, limits: Limits) -> Iterator[Piece]:
    try:
        archive = seven_zip.Archive(_archive(blob), limits, blob.key)
    except WrongPasswordError as error:
        raise LockedError(Reason.PASSWORD_UNKNOWN) from error
    for entry in archive.entries:
        if not entry.is_folder:
            is_open = blob.key is not None or entry.folder is None or not entry.folder.is_encrypted
            lock = NO_LOCK if is_open else _AES
            yield Member(harmless(entry.name), _loader(archive, entry, blob.key), lock)


def _loader(archive: seven_zip.Archive, entry: seven_zip.Entry, key: str | None) -> Callable[[str | None], Blob]:
    def load(password: str | None) -> Blob:
        if entry.is_link:
            raise UnsupportedError(Reason.LINK)
        word = password if password is not None else key
        try:
            return Blob("", archive.read(entry, word))
        except WrongPasswordError as error:
            if password is None:
                raise LockedError(Reason.PASSWORD_UNKNOWN) from error
            raise

    return load


FORMAT = Format(
    kind="7z",
    title=Text("7z archive", "7z書庫"),
    suffixes=(".7z",),
    recognise=_recognise,
    read=_read,
    lock=_lock,
    unlock=_unlock,
    order=40,
)
