"""Files that are either wholly there or not at all, and readable by their owner only."""

from __future__ import annotations

import errno
import os
import secrets
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

from sekisho.errors import VaultError
from sekisho.wording import Text


def write_atomically(target: Path, fill: Callable[[BinaryIO], object]) -> None:
    """Have ``fill`` write ``target`` in a file without a name, then give it its name, durably.

    A kill at any moment leaves the old file or the new one. Raises OSError; nothing half-written stays behind, not even
    after a kill, but on a file system that has no files without a name. (A kill between the two names that a file gets
    leaves a whole one, until the next is written.)
    """
    temporary = target.with_name(f".{target.name}.{secrets.token_hex(4)}.new")
    try:
        with _nameless(target.parent) or open_private(temporary) as file:
            fill(file)
            file.flush()
            os.fsync(file.fileno())
            if not temporary.exists():
                temporary = target.with_name(f".{target.name}.whole.new")
                temporary.unlink(missing_ok=True)  # what a kill left there the last time
                _name(file, temporary)
        temporary.rename(target)
    except BaseException:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)
        raise
    sync_folder(target.parent)


def _name(file: BinaryIO, path: Path) -> None:
    folder = os.open(path.parent, os.O_RDONLY)  # linkat must be told of one to follow the link that /proc shows
    try:
        os.link(f"/proc/self/fd/{file.fileno()}", path.name, dst_dir_fd=folder)
    finally:
        os.close(folder)


def _nameless(folder: Path) -> BinaryIO | None:
    """A new private file that is gone when it is closed; None where the file system has none."""
    try:
        return os.fdopen(os.open(folder, os.O_WRONLY | os.O_TMPFILE | os.O_CLOEXEC, 0o600), "wb")
    except OSError as error:
        if error.errno in (errno.EOPNOTSUPP, errno.EISDIR, errno.ENOENT):
            return None
        raise


def open_private(path: Path) -> BinaryIO:
    """A new file to write that only its owner may read (mode 0600); raises FileExistsError."""
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600), "wb")


def write_new(path: Path, data: bytes) -> None:
    """Write ``data`` to a new private file, durably; raises FileExistsError, OSError, and leaves no half of it then."""
    with open_private(path) as file:
        try:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        except BaseException:
            path.unlink(missing_ok=True)
            raise
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Make the names in ``folder`` durable."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def make_folder(folder: Path) -> None:
    """Make ``folder`` and what is missing above it, private and durably; what is there stays as it is."""
    if folder.is_dir():
        return
    make_folder(folder.parent)
    folder.mkdir(mode=0o700, exist_ok=True)
    sync_folder(folder.parent)


def not_written(error: Exception) -> VaultError:
    """The error for a vault that takes nothing more: a full disk, no rights, a lost share."""
    why = getattr(error, "strerror", None) or str(error)
    return VaultError(
        Text("The vault cannot be written: {why}.", "保管庫に書き込めません: {why}。").fill(why=why),
        Text(
            "Make room or mend the disk, then call again: what was finished is kept.",
            "空き容量などを確かめて、もう一度実行してください。完了した分は保存されています。",
        ),
    )
