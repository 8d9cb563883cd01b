"""Runs the programs that read what no library reads (unar, mdbtools): fed from memory, bounded, and never left behind.

The bytes reach the program as an anonymous file in memory, so that nothing of them touches a disk; its arguments hold
neither a name nor a password of the documents.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO

from sekisho.errors import OverLimitError, UnreadableError, UnsupportedError
from sekisho.model import Limits, Reason

ALLOWED = {"unar": "unar", "mdb-tables": "mdbtools", "mdb-export": "mdbtools"}  # program -> Debian package
_PATH = "/usr/local/bin:/usr/bin:/bin"
_ENVIRONMENT = {"PATH": _PATH, "LC_ALL": "C.UTF-8", "HOME": "/nonexistent"}


@contextmanager
def in_memory(data: bytes | memoryview) -> Iterator[int]:
    """``data`` as an anonymous file: its descriptor, which a program opens as ``/proc/self/fd/<descriptor>``."""
    descriptor = os.memfd_create("document", os.MFD_CLOEXEC)
    try:
        rest = memoryview(data)
        while rest:
            rest = rest[os.write(descriptor, rest) :]
        os.lseek(descriptor, 0, os.SEEK_SET)
        yield descriptor
    finally:
        os.close(descriptor)


@contextmanager
def running(program: str, *arguments: str, descriptor: int, **environment: str) -> Iterator[IO[bytes]]:
    """The output of a program as it comes; it is ended when the block is left.

    ``environment``: variables beside the bare ones. Raises UnsupportedError where the program is not installed.
    """
    with _started(program, arguments, descriptor, environment) as process:
        assert process.stdout is not None
        yield process.stdout


def output(program: str, *arguments: str, descriptor: int, limits: Limits, **environment: str) -> bytes:
    """All that a program puts out. Raises UnreadableError where it fails, OverLimitError, UnsupportedError."""
    with _started(program, arguments, descriptor, environment) as process:
        assert process.stdout is not None
        data = process.stdout.read(limits.output_bytes + 1)
        if len(data) > limits.output_bytes:
            raise OverLimitError(Reason.TOO_MUCH_OUTPUT)
        if process.wait():
            raise UnreadableError(Reason.DAMAGED, program)
    return data


@contextmanager
def _started(
    program: str, arguments: tuple[str, ...], descriptor: int, environment: dict[str, str]
) -> Iterator[subprocess.Popen[bytes]]:
    package = ALLOWED[program]
    path = shutil.which(program, path=_PATH)
    if path is None:
        raise UnsupportedError(Reason.HELPER_MISSING, package)
    process = subprocess.Popen(
        (path, *arguments),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        pass_fds=(descriptor,),
        env={**_ENVIRONMENT, **environment},
        cwd="/",
    )
    try:
        yield process
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        with process:
            pass
