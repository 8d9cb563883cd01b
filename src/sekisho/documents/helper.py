"""The programs that read what no library reads (unar, mdbtools): fed from memory, shut in, and never left behind.

The bytes reach a program as an anonymous file in memory, so that nothing of them touches a disk; no password of a
document is among its arguments or in its environment. A reader in the sandbox may start none: it asks (`errand.py`).
"""

from __future__ import annotations

import ctypes
import os
import shutil
import signal
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from fcntl import F_DUPFD, fcntl
from typing import IO, Protocol

from sekisho.documents import jail
from sekisho.errors import OverLimitError, UnreadableError, UnsupportedError
from sekisho.model import Limits, Reason

_PATH = "/usr/local/bin:/usr/bin:/bin"
_SOURCE = 3  # the descriptor of the bytes
_ABOVE = 10  # and of those that it is given
_INPUT, _NAME = "INPUT", "NAME"  # among the arguments: where the bytes are, and a name from within them
_LONGEST_NAME = 4096
_PR_SET_PDEATHSIG = 1


@dataclass(frozen=True, slots=True)
class Program:
    """One program that may be run: how, and what it may read beside libraries. ``package``: Debian's."""

    package: str
    arguments: tuple[str, ...]
    needs: tuple[str, ...] = ()
    environment: Mapping[str, str] = field(default_factory=dict)


_MDB = {"MDB_JET3_CHARSET": "CP932"}
_GNUSTEP = ("/etc/GNUstep", "/usr/share/GNUstep", "/etc/passwd")
_DATES = ("-D", "%Y-%m-%d", "-T", "%Y-%m-%d %H:%M:%S")
ALLOWED: Mapping[str, Program] = {
    "unar": Program("unar", ("-quiet", "-output-directory", "-", _INPUT), _GNUSTEP),
    "mdb-tables": Program("mdbtools", ("-1", _INPUT), environment=_MDB),
    "mdb-export": Program("mdbtools", (*_DATES, "-b", "strip", "--", _INPUT, _NAME), environment=_MDB),
}
"""All that is ever started; a reader names one of these and gives no argument but a name."""


@dataclass(frozen=True, slots=True)
class Errand:
    """What is asked for: a program of the list, and a name from within the document. Raises ValueError."""

    program: str
    name: str = ""

    def __post_init__(self) -> None:
        if self.program not in ALLOWED or "\0" in self.name or len(self.name) > _LONGEST_NAME:
            raise ValueError

    def command(self) -> list[str]:
        """The program and its arguments."""
        meant = {_INPUT: f"/proc/self/fd/{_SOURCE}", _NAME: self.name}
        return [self.program, *(meant.get(each, each) for each in ALLOWED[self.program].arguments)]


class Running(Protocol):
    """A program at work."""

    def wait(self) -> bool:
        """Wait for its end: was it a good one?"""

    def end(self) -> None:
        """Have it ended, if it has not."""


class Starter(Protocol):
    """What starts a program whose input and output are these descriptors."""

    def __call__(self, errand: Errand, source: int, output: int, limits: Limits) -> Running:
        """Start it."""


class _Own:
    """A program that this process has started."""

    def __init__(self, errand: Errand, source: int, output: int, limits: Limits) -> None:
        self._pid: int | None = spawn(errand, source, output, limits)

    def wait(self) -> bool:
        if self._pid is None:
            return False
        status = os.waitpid(self._pid, 0)[1]
        self._pid = None
        return status == 0

    def end(self) -> None:
        if self._pid is not None:
            os.kill(self._pid, signal.SIGKILL)
            self.wait()


_starter: list[Starter] = [_Own]


def ask(starter: Starter) -> None:
    """From now on this process starts no program itself: it may not."""
    _starter[0] = starter


@contextmanager
def in_memory(data: bytes | memoryview) -> Iterator[int]:
    """``data`` as an anonymous file: its descriptor."""
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
def running(program: str, *, descriptor: int, limits: Limits) -> Iterator[IO[bytes]]:
    """The output of a program as it comes; it is ended when the block is left.

    Raises UnsupportedError where the program is not installed.
    """
    with _started(Errand(program), descriptor, limits) as (output, _):
        yield output


def output(program: str, name: str = "", *, descriptor: int, limits: Limits) -> bytes:
    """All that a program puts out. Raises UnreadableError where it fails, OverLimitError, UnsupportedError."""
    try:
        errand = Errand(program, name)
    except ValueError as error:
        raise UnreadableError(Reason.DAMAGED, "name") from error
    with _started(errand, descriptor, limits) as (stream, started):
        data = stream.read(limits.output_bytes + 1)
        if len(data) > limits.output_bytes:
            raise OverLimitError(Reason.TOO_MUCH_OUTPUT)
        if not started.wait():
            raise UnreadableError(Reason.DAMAGED, program)
    return data


@contextmanager
def _started(errand: Errand, source: int, limits: Limits) -> Iterator[tuple[IO[bytes], Running]]:
    if _path(errand.program) is None:
        raise UnsupportedError(Reason.HELPER_MISSING, ALLOWED[errand.program].package)
    reader, writer = os.pipe()
    with open(reader, "rb") as stream:
        try:
            started = _starter[0](errand, source, writer, limits)
        finally:
            os.close(writer)
        try:
            yield stream, started
        finally:
            started.end()


def spawn(errand: Errand, source: int, output: int, limits: Limits) -> int:
    """Start the program of ``errand`` in a process of its own, shut in: its id."""
    path = _path(errand.program)
    pid = os.fork()
    if pid == 0:
        try:
            if path is not None:
                _become(path, errand, source, output, limits)
        finally:
            os._exit(127)
    return pid


def _become(path: str, errand: Errand, source: int, output: int, limits: Limits) -> None:
    program = ALLOWED[errand.program]
    os.setpgid(0, 0)
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    signal.set_wakeup_fd(-1)
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    _wire(source, output)
    os.chdir("/")
    jail.bound(limits)
    jail.for_program(path, program.needs).enter()
    environment = {"PATH": _PATH, "LC_ALL": "C.UTF-8", "HOME": "/nonexistent", **program.environment}
    os.execve(path, errand.command(), environment)  # noqa: S606 - from the list above


def _wire(source: int, output: int) -> None:
    """Nothing open but input, output, and nothing twice."""
    nothing = os.open(os.devnull, os.O_RDWR)
    given = [fcntl(each, F_DUPFD, _ABOVE) for each in (nothing, output, nothing, source)]
    for target, each in enumerate(given):
        os.dup2(each, target)
    os.closerange(len(given), os.sysconf("SC_OPEN_MAX"))


def _path(program: str) -> str | None:
    return shutil.which(program, path=_PATH)
