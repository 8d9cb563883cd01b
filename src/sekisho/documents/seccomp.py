"""Takes from a process, for good, the system calls that it has no need of (seccomp), by a list of those that it has.

A call that is not in ``syscalls.toml`` fails with EPERM: no socket, no program, no other process, no io_uring, nothing
that the kernel may learn to do later. Some are allowed with certain arguments only: `RULES`.
"""

from __future__ import annotations

import ctypes
import errno
import os
import struct
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources

Test = tuple[int, int, int]
"""(argument, mask, value): its low 32 bits under the mask are the value; `HIGH` + argument: its high ones."""

Ways = tuple[tuple[Test, ...], ...]
"""A call is allowed where all tests of one of its ways hold."""

HIGH = 8
_ALL = 0xFFFFFFFF
_THREAD = 0x00010000 | 0x00000100  # CLONE_THREAD, CLONE_VM
_UNIX = 1
_F_DUPFD_TO_F_SETLKW = range(8)  # copies, flags and locks of descriptors
_F_DUPFD_CLOEXEC, _F_GETPIPE_SZ, _F_ADD_SEALS, _F_GET_SEALS = 1030, 1032, 1033, 1034
_FIONREAD, _FIONBIO, _FIONCLEX, _FIOCLEX = 0x541B, 0x5421, 0x5450, 0x5451
_PR_GET_NAME, _PR_SET_NAME, _PR_SET_VMA = 16, 15, 0x53564D41
_WRITES = 0o1 | 0o2 | 0o100 | 0o1000  # O_WRONLY, O_RDWR, O_CREAT, O_TRUNC


def _one_of(argument: int, *values: int) -> Ways:
    return tuple(((argument, _ALL, value),) for value in values)


RULES: Mapping[str, Ways] = {
    "clone": (((0, _THREAD, _THREAD),),),  # a thread, never a process
    "fcntl": _one_of(
        1, *_F_DUPFD_TO_F_SETLKW, _F_DUPFD_CLOEXEC, _F_GETPIPE_SZ, _F_ADD_SEALS, _F_GET_SEALS
    ),  # never whom to send signals to
    "ioctl": _one_of(1, _FIONREAD, _FIONBIO, _FIONCLEX, _FIOCLEX),
    "open": (((1, _WRITES, 0),),),
    "openat": (((2, _WRITES, 0),),),
    "prctl": _one_of(0, _PR_GET_NAME, _PR_SET_NAME, _PR_SET_VMA),
    "prlimit64": (((0, _ALL, 0), (2, _ALL, 0), (HIGH + 2, _ALL, 0)),),  # look at one's own, never set
    "socketpair": _one_of(0, _UNIX),  # a pipe to oneself, which the runtime of polars wants
}
"""Calls that are allowed with these arguments only."""

ANSWERS = {"clone3": errno.ENOSYS, "openat2": errno.ENOSYS}
"""As an older kernel answers, so that libraries take the calls above, whose arguments can be told."""

PROGRAM = "execve"
"""Allowed to what is to become a program; Landlock says which."""

PROGRAM_ANSWERS = {"getuid": 0, "geteuid": 0}
"""Whose a program is it is not told: it would look the user up over the network, but root is listed everywhere."""

_LOAD, _AND, _EQUAL, _RETURN = 0x20, 0x54, 0x15, 0x06
_KILL_PROCESS, _ERRNO, _ALLOW = 0x80000000, 0x00050000, 0x7FFF0000
_NUMBER, _MACHINE, _ARGUMENTS = 0, 4, 16
_PR_SET_SECCOMP, _SECCOMP_MODE_FILTER = 22, 2
_SECCOMP_GET_ACTION_AVAIL = 2
_SYS_SECCOMP = {"x86_64": 317, "aarch64": 277}
_libc = ctypes.CDLL(None, use_errno=True)


@dataclass(frozen=True, slots=True)
class Table:
    """The calls of this machine: what the kernel calls it, number by name."""

    audit: int
    numbers: Mapping[str, int]


@cache
def table() -> Table | None:
    """The calls of the machine that we run on; None where nobody has listed them."""
    listed = tomllib.loads(resources.files("sekisho.documents").joinpath("syscalls.toml").read_text("ascii"))
    numbers = listed.get(os.uname().machine)
    return Table(numbers.pop("audit"), numbers) if numbers else None


@cache
def is_known() -> bool:
    """Does the kernel filter system calls, and do we know those of this machine?"""
    call = _SYS_SECCOMP.get(os.uname().machine)
    action = ctypes.c_uint32(_KILL_PROCESS)
    asked = call is not None and table() is not None
    return asked and _libc.syscall(call, _SECCOMP_GET_ACTION_AVAIL, 0, ctypes.byref(action)) == 0


class Filter:
    """A filter, made once and entered by many. ``program``: the process is to become a program."""

    def __init__(self, *, program: bool = False) -> None:
        calls = table()
        assert calls is not None
        self._numbers = calls.numbers
        answers = {**ANSWERS, **(PROGRAM_ANSWERS if program else {})}
        apart = {*answers, "kill", "tgkill", *(() if program else (PROGRAM,))}
        listed = [*self._answered(answers), *self._allowed(apart)]
        self._head = b"".join([*_machine(calls.audit), *listed])

    def enter(self) -> None:
        """Hold this process, and all threads that it begins from now on, to the filter. Needs no_new_privs; OSError."""
        own = (((0, _ALL, os.getpid()),),)
        rules = [*_rule(self._numbers["kill"], own), *_rule(self._numbers["tgkill"], own), _answer(errno.EPERM)]
        code = self._head + b"".join(rules)
        buffer = ctypes.create_string_buffer(code, len(code))
        program = struct.pack("HP", len(code) // 8, ctypes.addressof(buffer))
        if _libc.prctl(_PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, ctypes.c_char_p(program), 0, 0):
            raise OSError(ctypes.get_errno(), "seccomp")

    def _allowed(self, apart: set[str]) -> Iterator[bytes]:
        for name, number in self._numbers.items():
            if name not in apart:
                yield from _rule(number, RULES.get(name, ((),)))

    def _answered(self, answers: Mapping[str, int]) -> Iterator[bytes]:
        for name, error in answers.items():
            yield _step(_EQUAL, self._numbers[name], 0, 1)
            yield _answer(error)


def _machine(audit: int) -> Iterator[bytes]:
    """Calls that are numbered for another machine mean something else: the end."""
    yield _step(_LOAD, _MACHINE)
    yield _step(_EQUAL, audit, 1, 0)
    yield _step(_RETURN, _KILL_PROCESS)
    yield _step(_LOAD, _NUMBER)


def _rule(number: int, ways: Ways) -> Iterator[bytes]:
    """Allow the call in one of these ways, refuse it otherwise; go on where it is another call."""
    body = b"".join(map(_way, ways)) + (_answer(errno.EPERM) if ways[0] else b"")
    yield _step(_EQUAL, number, 0, len(body) // 8)
    yield body


def _way(tests: tuple[Test, ...]) -> bytes:
    steps = [_step(_RETURN, _ALLOW)]
    for argument, mask, value in reversed(tests):
        offset = _ARGUMENTS + 8 * (argument % HIGH) + (4 if argument >= HIGH else 0)
        steps[:0] = [_step(_LOAD, offset), _step(_AND, mask), _step(_EQUAL, value, 0, len(steps))]
    return b"".join(steps)


def _answer(error: int) -> bytes:
    return _step(_RETURN, _ERRNO | error)


def _step(code: int, value: int, if_so: int = 0, if_not: int = 0) -> bytes:
    return struct.pack("HBBI", code, if_so, if_not, value)
