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

Place = tuple[int, int]
"""A descriptor of a folder or file, and what may be done there."""

_libc = ctypes.CDLL(None, use_errno=True)


@cache
def version() -> int:
    """The kernel's version of Landlock; 0 where it has none or it is switched off."""
    return max(0, int(_libc.syscall(_CREATE, None, 0, _VERSION)))


def opened(readable: Iterable[str], executable: Iterable[str] = ()) -> tuple[Place, ...]:
    """Folders (with all in them) and files to read, and files to become; what is not there is passed over. OSError."""
    rights = [(path, _READ_FILE) for path in readable] + [(path, _READ_FILE | _EXECUTE) for path in executable]
    return tuple(place for path, right in rights for place in _place(path, right))


def enter(places: Iterable[Place], own: str) -> None:
    """Leave this process, and all threads that it begins from now on, these places and what is its ``own`` in /proc.

    Needs no_new_privs. Raises OSError.
    """
    known = version()
    rights = max(count for since, count in _RIGHTS.items() if since <= known)
    parts = [(1 << rights) - 1, _TCP if known >= _TCP_FROM else 0, _SCOPES if known >= _SCOPES_FROM else 0]
    attributes = struct.pack("QQQ", *parts)[: 8 if known < _TCP_FROM else 16 if known < _SCOPES_FROM else 24]
    made = _called(_CREATE, attributes, len(attributes), 0)
    for descriptor, right in (*places, *_place(f"/proc/{os.getpid()}/{own}", _READ_FILE)):
        _called(_ADD_RULE, made, _BENEATH, struct.pack("=Qi", right, descriptor), 0)
        os.close(descriptor)
    _called(_RESTRICT, made, 0)
    os.close(made)


def _place(path: str, rights: int) -> tuple[Place, ...]:
    try:
        descriptor = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except FileNotFoundError:
        return ()
    is_folder = stat.S_ISDIR(os.fstat(descriptor).st_mode)
    return ((descriptor, rights | _READ_DIR if is_folder else rights),)


def _called(number: int, *arguments: int | bytes) -> int:
    done = int(_libc.syscall(number, *(ctypes.c_long(a) if isinstance(a, int) else a for a in arguments)))
    if done < 0:
        raise OSError(ctypes.get_errno(), "landlock")
    return done
