"""Access databases, read by mdbtools (Debian package ``mdbtools``)."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

from sekisho.documents import delimited
from sekisho.errors import UnreadableError, UnsupportedError
from sekisho.model import Blob, Frame, Gap, Grid, Limits, Reason

JET, ACE = b"Standard Jet DB\0", b"Standard ACE DB\0"
_PRIVATE = Path("/dev/shm")  # noqa: S108  # memory: what is written there never reaches a disk
_ENVIRONMENT = {"LC_ALL": "C.UTF-8", "MDB_JET3_CHARSET": "CP932", "PATH": "/usr/bin:/bin"}


def read(blob: Blob, limits: Limits) -> Iterator[Grid | Gap]:
    """The tables of a database, column names first."""
    if shutil.which("mdb-tables", path=_ENVIRONMENT["PATH"]) is None:
        raise UnsupportedError(Reason.HELPER_MISSING, "mdbtools")
    with tempfile.TemporaryDirectory(prefix="sekisho-", dir=_PRIVATE if _PRIVATE.is_dir() else None) as folder:
        path = Path(folder, "database")
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(blob.data)
        names = [
            name for name in _run(limits, "mdb-tables", "-1", str(path)).decode("utf-8", "replace").split("\n") if name
        ]
        for name in names:
            yield from _table(path, name, limits)


def _table(path: Path, name: str, limits: Limits) -> Iterator[Grid | Gap]:
    try:
        data = _run(limits, "mdb-export", "-D", "%Y-%m-%d", "-T", "%Y-%m-%d %H:%M:%S", "-b", "strip", str(path), name)
    except UnreadableError:
        yield Gap(Reason.DAMAGED_PART, "table")
        return
    yield from delimited.grids(data, ",", Frame.CELL, name)


def _run(limits: Limits, *command: str) -> bytes:
    try:
        done = subprocess.run(
            command,
            capture_output=True,
            timeout=limits.seconds,
            check=False,
            env=_ENVIRONMENT,
            stdin=subprocess.DEVNULL,
        )
    except subprocess.TimeoutExpired as error:
        raise UnreadableError(Reason.TIME, "mdbtools") from error
    if done.returncode:
        raise UnreadableError(Reason.DAMAGED, "database")
    return done.stdout
