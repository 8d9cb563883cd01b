"""Files that are either wholly there or not at all, and readable by their owner only."""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO


def write_atomically(target: Path, fill: Callable[[BinaryIO], object]) -> None:
    """Have ``fill`` write ``target`` under a temporary name beside it, then move it into place, durably.

    A kill at any moment leaves the old file or the new one. Raises OSError; nothing half-written stays behind.
    """
    temporary = target.with_name(f".{target.name}.{secrets.token_hex(4)}.new")
    try:
        with open_private(temporary) as file:
            fill(file)
            file.flush()
            os.fsync(file.fileno())
        temporary.rename(target)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    sync_folder(target.parent)


def open_private(path: Path) -> BinaryIO:
    """A new file to write that only its owner may read (mode 0600); raises FileExistsError."""
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600), "wb")


def sync_folder(folder: Path) -> None:
    """Make the names in ``folder`` durable."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
