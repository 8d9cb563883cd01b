"""The contents of files as their SHA-256, read in the parent and parsed by nobody: to tell which ones lie twice."""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor

from sekisho.model import SourceFile


def sha256(files: Sequence[SourceFile]) -> Iterator[tuple[SourceFile, str]]:
    """The SHA-256 of each file, in order; empty where it cannot be read or is no longer what was listed."""
    with ThreadPoolExecutor() as pool:
        yield from zip(files, pool.map(_sha256, files), strict=True)


def _sha256(file: SourceFile) -> str:
    try:
        descriptor = os.open(file.path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        with open(descriptor, "rb") as opened:
            found = os.fstat(descriptor)
            if not stat.S_ISREG(found.st_mode) or found.st_size != file.size:
                return ""
            return hashlib.file_digest(opened, "sha256").hexdigest()
    except OSError:
        return ""
