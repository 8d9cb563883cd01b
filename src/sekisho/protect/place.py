"""One file on a share, reached through its folder's descriptor, so that a link put in its way leads nowhere.

Every folder on the way is opened without following links, and every step after goes through the last of them: whoever
swaps a folder for a link meanwhile moves nothing of ours elsewhere. New names are ours alone (`secrets`), and what lies
under a name is taken or swapped only with the kernel's own guarantees (renameat2).
"""

from __future__ import annotations

import contextlib
import ctypes
import errno
import fcntl
import hashlib
import os
import secrets
import signal
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from sekisho.protect.attributes import ACL, DEFAULT_ACL, attributes_of, give
from sekisho.protect.reasons import Left, LeftError

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_NOREPLACE, _EXCHANGE = 1, 2
_F_SETSIG = 10
_CHUNK = 1 << 20
_REASONS = {
    errno.ENOENT: Left.GONE,
    errno.ESTALE: Left.GONE,
    errno.ELOOP: Left.NOT_A_FILE,
    errno.ENOTDIR: Left.NOT_A_FILE,
    errno.ENXIO: Left.NOT_A_FILE,
    errno.EISDIR: Left.NOT_A_FILE,
    errno.EACCES: Left.NO_RIGHTS,
    errno.EPERM: Left.NO_RIGHTS,
    errno.EROFS: Left.READ_ONLY,
    errno.ETXTBSY: Left.IN_USE,
    errno.EBUSY: Left.IN_USE,
    errno.EAGAIN: Left.IN_USE,
    errno.EEXIST: Left.TAKEN,
    errno.ENOTEMPTY: Left.TAKEN,
}
OURS = b".sekisho-"
"""How the names begin that lie beside a file while it is being changed."""


@contextmanager
def sorted_errors() -> Iterator[None]:
    """What the file system says, as why this one file is left; a full disk stays an OSError: the run ends with it."""
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EMFILE, errno.ENFILE, errno.ENOMEM):
            raise
        raise LeftError(_REASONS.get(error.errno or 0, Left.IO_ERROR)) from error


@dataclass(frozen=True, slots=True)
class Identity:
    """Which file it is, and which state of it."""

    device: int
    inode: int
    size: int
    modified_ns: int

    @classmethod
    def of(cls, state: os.stat_result) -> Identity:
        """As the file system says it."""
        return cls(state.st_dev, state.st_ino, state.st_size, state.st_mtime_ns)


@dataclass(frozen=True, slots=True)
class Place:
    """A name in an open folder."""

    folder: int
    name: bytes

    def beside(self, name: bytes) -> Place:
        """Another name in the same folder."""
        return Place(self.folder, name)

    def ours(self) -> Place:
        """A new name in the same folder, that is nobody else's."""
        return self.beside(OURS + secrets.token_hex(8).encode())

    def state(self) -> os.stat_result | None:
        """What lies there, links not followed; None for nothing."""
        try:
            return os.stat(self.name, dir_fd=self.folder, follow_symlinks=False)
        except FileNotFoundError:
            return None

    def remove(self) -> None:
        """Have nothing lie there."""
        with contextlib.suppress(FileNotFoundError):
            os.unlink(self.name, dir_fd=self.folder)

    def sync(self) -> None:
        """Make the folder's names durable."""
        os.fsync(self.folder)

    @contextmanager
    def opened(self) -> Iterator[int]:
        """What lies there, opened to read; its time of access stays where that may be. Raises LeftError."""
        flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
        with sorted_errors():
            try:
                descriptor = os.open(self.name, flags | os.O_NOATIME, dir_fd=self.folder)
            except PermissionError:
                descriptor = os.open(self.name, flags, dir_fd=self.folder)
        try:
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                raise LeftError(Left.NOT_A_FILE)
            yield descriptor
        finally:
            os.close(descriptor)

    def sha256(self) -> str | None:
        """Of the content, hexadecimal; None where nothing lies there. Raises LeftError."""
        try:
            with self.opened() as descriptor, sorted_errors():
                return sha256_of(descriptor)
        except LeftError as error:
            if error.reason is Left.GONE:
                return None
            raise


@contextmanager
def place_of(root: Path, document: str, *, make: bool = False) -> Iterator[Place]:
    """Where ``document`` lies, as a scan of ``root`` calls it; ``make``: folders on the way that are missing.

    Raises LeftError where it cannot be reached without following a link.
    """
    *folders, name = document.split("/")
    with sorted_errors():
        at = os.open(root, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        for folder in folders:
            with sorted_errors():
                below = _below(at, folder, make)
            os.close(at)
            at = below
        yield Place(at, _called(at, name))
    finally:
        os.close(at)


def exchange(one: Place, other: Place) -> bool:
    """Swap what lies at two names in one moment. False where the file system cannot; raises OSError."""
    return _renamed(one, other, _EXCHANGE)


def rename_to_free(one: Place, other: Place) -> None:
    """Move to a name under which nothing lies; raises OSError (EXDEV: on another file system)."""
    if _renamed(one, other, _NOREPLACE):
        return
    os.link(one.name, other.name, src_dir_fd=one.folder, dst_dir_fd=other.folder, follow_symlinks=False)
    one.remove()


def rename_over(one: Place, other: Place) -> None:
    """Move to a name, whatever lies there; raises OSError."""
    os.rename(one.name, other.name, src_dir_fd=one.folder, dst_dir_fd=other.folder)


def hold(descriptor: int) -> bool:
    """Take a lease on an open file: as long as it lasts, nobody else has the file open, and whoever opens it waits.

    False where the file system or its owner does not allow one. Raises LeftError where somebody has the file open.
    """
    try:
        fcntl.fcntl(descriptor, _F_SETSIG, signal.SIGURG)  # in place of SIGIO, which would end us
        fcntl.fcntl(descriptor, fcntl.F_SETLEASE, fcntl.F_WRLCK)
    except OSError as error:
        if error.errno == errno.EAGAIN:
            raise LeftError(Left.IN_USE) from error
        return False
    return True


def is_held(descriptor: int) -> bool:
    """Whether a lease still stands: nobody has tried to open the file meanwhile."""
    return fcntl.fcntl(descriptor, fcntl.F_GETLEASE) == fcntl.F_WRLCK


def is_open_in_office(place: Place) -> bool:
    """Whether Office or LibreOffice left the mark beside it that somebody has it open."""
    marks = (b"~$" + place.name, b"~$" + _from_third(place.name), b".~lock." + place.name + b"#")
    return any(place.beside(mark).state() is not None for mark in marks)


def sha256_of(descriptor: int) -> str:
    """Of all of an open file's content, hexadecimal; raises OSError."""
    digest = hashlib.sha256()
    for chunk in chunks_of(descriptor):
        digest.update(chunk)
    return digest.hexdigest()


def chunks_of(descriptor: int) -> Iterator[bytes]:
    """All of an open file's content, a piece at a time; raises OSError."""
    at = 0
    while data := os.pread(descriptor, _CHUNK, at):
        yield data
        at += len(data)


def _from_third(name: bytes) -> bytes:
    """Word's mark takes the place of the first two letters of a long name."""
    return "".join(name.decode("utf-8", "surrogateescape")[2:]).encode("utf-8", "surrogateescape")


def _below(at: int, folder: str, make: bool) -> int:
    name = _called(at, folder)
    if make and Place(at, name).state() is None:
        _make_like(at, name)
    return os.open(name, _FOLDER, dir_fd=at)


def _make_like(at: int, name: bytes) -> None:
    """A folder with the owner and the rights of the one that it lies in. It has nobody's before it has theirs."""
    os.mkdir(name, 0o700, dir_fd=at)
    made = os.open(name, _FOLDER, dir_fd=at)
    try:
        above, mine = attributes_of(at), attributes_of(made)
        rights = tuple(one for one in above.extended if one[0] in (ACL, DEFAULT_ACL))
        give(made, replace(mine, uid=above.uid, gid=above.gid, mode=above.mode, extended=rights))
        os.fsync(made)
        os.fsync(at)
    finally:
        os.close(made)


def _called(at: int, name: str) -> bytes:
    r"""A name's bytes. One that is no UTF-8 is shown with ``\xNN`` and found again by that."""
    plain = name.encode("utf-8", "surrogateescape")
    if "\\x" in name and Place(at, plain).state() is None:
        listed = [os.fsencode(one) for one in os.listdir(at)]
        return next((one for one in listed if one.decode("utf-8", "backslashreplace") == name), plain)
    return plain


def _renamed(one: Place, other: Place, flags: int) -> bool:
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.renameat2(one.folder, one.name, other.folder, other.name, flags) == 0:
        return True
    code = ctypes.get_errno()
    if code in (errno.EINVAL, errno.ENOSYS):
        return False
    raise OSError(code, os.strerror(code))
