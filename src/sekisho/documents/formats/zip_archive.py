"""Zip archives: also broken ones, with locked members, with names of old Windows machines."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from sekisho.documents import zip_locks, zipped
from sekisho.documents.metered import Meter
from sekisho.errors import LockedError, UnsupportedError
from sekisho.model import Blob, Format, Gap, Head, Limits, Member, Piece, Reason
from sekisho.wording import Text

_TAIL = 1 << 16
_SPANNED = b"PK\7\x08"  # before the first member where an archive lies in several files


def _recognise(head: Head) -> bool:
    """A local header at the start, or an end of a directory where it belongs.

    So a program that unpacks itself is told, and the last of several files of one archive.
    """
    start = bytes(head.data[:4])
    if start in (zipped.LOCAL, zipped.END, _SPANNED):
        return True
    may_follow = start[:2] == b"MZ" or head.name.lower().endswith(".zip")
    return may_follow and zipped.END in bytes(head.data[-_TAIL:])


def _read(blob: Blob, limits: Limits) -> Iterator[Piece]:
    directory = zipped.directory(blob.data, limits)
    meter = Meter(limits, len(blob.data))
    for entry in directory.entries:
        if not entry.is_folder:
            yield Member(entry.name, _loader(blob, entry, meter), zip_locks.lock_of(entry))
    if directory.salvaged:
        yield Gap(Reason.TRUNCATED)


def _loader(blob: Blob, entry: zipped.Entry, meter: Meter) -> Callable[[str | None], Blob]:
    def load(password: str | None) -> Blob:
        if entry.is_link:
            raise UnsupportedError(Reason.LINK)
        if not entry.is_encrypted:
            return Blob("", zipped.read(blob.data, entry, meter))
        if password is None:
            raise LockedError(Reason.PASSWORD_UNKNOWN)
        return Blob("", zip_locks.opened(blob.data, entry, password, meter))

    return load


FORMAT = Format(
    kind="zip",
    title=Text("zip archive", "zip書庫"),
    suffixes=(".zip",),
    recognise=_recognise,
    read=_read,
    order=80,
)
