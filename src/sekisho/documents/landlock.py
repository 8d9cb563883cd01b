"""Leaves a process, for good, a few folders and files to read, and nothing else of the file system (Landlock).

What a process has open stays open. From the kernel's version 4 of Landlock on TCP is taken too, from 6 on signals to
others and the sockets without a file.
"""

from __future__ import annotations

import ctypes
import os
import stat
import struct
from collections.abc import Iterable
from functools import cache

_CREATE, _ADD_RULE, _RESTRICT = 444, 445, 446  # the same on all machines
_VERSION = 1 << 0
_BENEATH = 1
_EXECUTE, _READ_FILE, _READ_DIR = 1 << 0, 1 << 2, 1 << 3
_RIGHTS = {1: 13, 2: 14, 3: 15, 5: 16}  # version -> how many rights to files it knows
_TCP, _TCP_FROM = 0b11, 4
_SCOPES, _SCOPES_FROM = 0b11, 6
_libc = ctypes.CDLL(None, use_errno=True)


@cache
def version() -> int:
    """The kernel's version of Landlock; 0 where it has none or it is switched off."""
    return max(0, int(_libc.syscall(_CREATE, None, 0, _VERSION)))


def ruleset(readable: Iterable[bytes | str], executable: Iterable[bytes | str] = ()) -> int:
    """A descriptor of what is left: ``readable`` folders (with all in them) and files, and files to become.

    What is not there is passed over. Raises OSError.
    """
    known = version()
    rights = max(count for since, count in _RIGHTS.items() if since <= known)
    parts = [(1 << rights) - 1, _TCP if known >= _TCP_FROM else 0, _SCOPES if known >= _SCOPES_FROM else 0]
    attributes = struct.pack("QQQ", *parts)[: 8 if known < _TCP_FROM else 16 if known < _SCOPES_FROM else 24]
    made = _called(_CREATE, attributes, len(attributes), 0)
    for path in readable:
        _allow(made, path, _READ_FILE)
    for path in executable:
        _allow(made, path, _READ_FILE | _EXECUTE)
    return made


def enter(made: int) -> None:
    """Hold this process, and all threads that it begins from now on, to the rules. Needs no_new_privs; OSError."""
    _called(_RESTRICT, made, 0)


def _allow(made: int, path: bytes | str, rights: int) -> None:
    try:
        descriptor = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except FileNotFoundError:
        return
    try:
        if stat.S_ISDIR(os.fstat(descriptor).st_mode):
            rights |= _READ_DIR
        _called(_ADD_RULE, made, _BENEATH, struct.pack("=Qi", rights, descriptor), 0)
    finally:
        os.close(descriptor)


def _called(number: int, *arguments: int | bytes) -> int:
    done = int(_libc.syscall(number, *(ctypes.c_long(a) if isinstance(a, int) else a for a in arguments)))
    if done < 0:
        raise OSError(ctypes.get_errno(), "landlock")
    return done
