"""Opens a top-level file read-only and sees to it that what is read is one state of it, not two halves."""

from __future__ import annotations

import errno
import mmap
import os
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from sekisho.errors import DocumentError, OverLimitError, UnreadableError, VanishedError
from sekisho.model import Limits, Reason, SourceFile

MAPPED_FROM = 64 << 20  # bytes; smaller files are read in, larger ones mapped
_TRIES = 2


def open_file(path: bytes) -> int:
    """A descriptor of what lies at ``path``, be it a file or not. Raises OSError, also for a link."""
    return os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)


@contextmanager
def opened(
    file: SourceFile, limits: Limits, open_it: Callable[[bytes], int] = open_file
) -> Iterator[bytes | memoryview]:
    """The bytes of ``file``. Raises a DocumentError, also at the end where the file changed while it was read."""
    try:
        descriptor = open_it(file.path)
    except OSError as error:
        raise _refused(error) from error
    try:
        state = _state(descriptor)
        _admit(state, limits)
        if state.st_size < MAPPED_FROM:
            yield _read_whole(descriptor)
        else:
            yield from _mapped(descriptor, state)
    finally:
        os.close(descriptor)


def _state(descriptor: int) -> os.stat_result:
    try:
        return os.fstat(descriptor)
    except OSError as error:
        raise _refused(error) from error


def _admit(state: os.stat_result, limits: Limits) -> None:
    if not stat.S_ISREG(state.st_mode):
        raise UnreadableError(Reason.NOT_A_FILE)
    if state.st_size > limits.file_bytes:
        raise OverLimitError(Reason.TOO_LARGE)


def _read_whole(descriptor: int) -> bytes:
    """Read in, once more where it changed meanwhile; raises UnreadableError where it does not come to rest."""
    with open(descriptor, "rb", buffering=0, closefd=False) as file:
        for _ in range(_TRIES):
            before = _state(descriptor)
            try:
                file.seek(0)
                data = file.readall()
            except OSError as error:
                raise _refused(error) from error
            if _same(before, _state(descriptor)) and len(data) == before.st_size:
                return data
    raise UnreadableError(Reason.CHANGED)


def _mapped(descriptor: int, before: os.stat_result) -> Iterator[memoryview]:
    """A view of the file; where it is cut short while it is looked at, the process dies of SIGBUS."""
    try:
        view = memoryview(mmap.mmap(descriptor, 0, prot=mmap.PROT_READ, flags=mmap.MAP_PRIVATE))
    except (OSError, ValueError) as error:
        raise UnreadableError(Reason.IO_ERROR) from error
    yield view
    if not _same(before, _state(descriptor)):
        raise UnreadableError(Reason.CHANGED)


def _same(one: os.stat_result, other: os.stat_result) -> bool:
    return (one.st_size, one.st_mtime_ns, one.st_ino) == (other.st_size, other.st_mtime_ns, other.st_ino)


def _refused(error: OSError) -> DocumentError:
    if error.errno in (errno.ENOENT, errno.ESTALE):
        return VanishedError(Reason.GONE)
    if error.errno in (errno.EACCES, errno.EPERM):
        return UnreadableError(Reason.NO_RIGHTS)
    if error.errno in (errno.ELOOP, errno.ENXIO, errno.ENODEV, errno.EISDIR):
        return UnreadableError(Reason.NOT_A_FILE)
    return UnreadableError(Reason.IO_ERROR)
