"""Shuts a process that looks at hostile bytes in: what it has open, the code it runs on, memory, and nothing else.

No network of any kind, no program, no other process; of the file system only the installed code, to read; scratch is
anonymous memory (`memfd_create`, which is tmpfs) alone. docs/sandbox.md says what is refused, and how that is measured.
"""

from __future__ import annotations

import ctypes
import os
import resource
import sys
import sysconfig
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise
from typing import Any

from sekisho.documents import landlock, seccomp
from sekisho.model import Limits
from sekisho.wording import Text

FILE_FACTOR = 10  # a file may take so many times what one document in it may
_OPEN_FILES = 256
_PR_SET_DUMPABLE, _PR_SET_NO_NEW_PRIVS = 4, 38
_CAPABILITIES_3 = 0x20080522
_AF_INET, _SOCK_DGRAM = 2, 2
_LIBRARIES = ("/lib", "/lib64", "/usr/lib", "/usr/lib64", "/usr/local/lib", "/etc/ld.so.cache")
_DATA = ("/etc/localtime", "/usr/share/zoneinfo", "/usr/share/fonts", "/usr/local/share/fonts")
_libc = ctypes.CDLL(None, use_errno=True)


class Part(StrEnum):
    """A part of the kernel that the sandbox is made of."""

    LANDLOCK = "landlock"  # which files may be opened
    SECCOMP = "seccomp"  # which system calls may be made


LEFT_OPEN: Mapping[Part, Text] = {
    Part.LANDLOCK: Text(
        "This kernel has no Landlock: a hostile file that takes over its reader could read other files.",
        "このカーネルにはLandlockがないため、悪意あるファイルに乗っ取られた読み取り処理が他のファイルを読むおそれがあります。",
    ),
    Part.SECCOMP: Text(
        "This kernel filters no system calls: a hostile file that takes over its reader could reach the network.",
        "このカーネルはシステムコールを制限できないため、悪意あるファイルに乗っ取られた読み取り処理が通信するおそれがあります。",
    ),
}
"""What is open to a reader that was taken over where the part is missing."""


def lacking() -> tuple[Part, ...]:
    """The parts that this kernel lacks."""
    parts = {Part.LANDLOCK: landlock.version() > 0, Part.SECCOMP: seccomp.is_known()}
    return tuple(part for part, there in parts.items() if not there)


@dataclass(frozen=True, slots=True)
class Jail:
    """Made ahead in the clean process, entered in each process that is forked from it."""

    places: tuple[landlock.Place, ...] | None
    calls: seccomp.Filter | None
    own: str = "maps"  # of what is its own in /proc: threads look there how long their stack may get

    def descriptors(self) -> tuple[int, ...]:
        """What must be open to enter."""
        return tuple(descriptor for descriptor, _ in self.places or ())

    def enter(self) -> None:
        """Shut this process in, for good. What the kernel has and does not do raises OSError: nothing goes on then."""
        give_up_rights()
        if self.places is not None:
            landlock.enter(self.places, self.own)
        if self.calls is not None:
            self.calls.enter()

    def holds(self) -> bool:
        """Whether a process that has entered is refused what it should be: one is forked and tries."""
        pid = os.fork()
        if pid == 0:
            try:
                self.enter()
                os._exit(sum(map(_can, self._attempts())))
            finally:
                os._exit(1)
        return os.waitpid(pid, 0)[1] == 0

    def _attempts(self) -> Iterator[Callable[[], object]]:
        if self.places is not None:
            yield lambda: os.listdir("/")
            yield lambda: os.open("/etc/passwd", os.O_RDONLY)
        if self.calls is not None:
            yield lambda: os.open(os.devnull, os.O_WRONLY)
            yield os.fork
            yield lambda: os.execv("/bin/false", ["false"])  # noqa: S606
            yield lambda: _done(_libc.socket(_AF_INET, _SOCK_DGRAM, 0))


def for_readers(*also: str) -> Jail:
    """For code of ours: it may read the code that is installed, which is loaded where it is needed, and ``also``."""
    there = set(Part) - set(lacking())
    places = landlock.opened([*_code(), *_LIBRARIES, *_DATA, *also]) if Part.LANDLOCK in there else None
    return Jail(places, seccomp.Filter() if Part.SECCOMP in there else None)


def for_program(program: str, needs: tuple[str, ...]) -> Jail:
    """For the process that is to become ``program``; it may read what it ``needs`` and what is its own in /proc."""
    there = set(Part) - set(lacking())
    places = None
    if Part.LANDLOCK in there:
        loaders = ("/lib64/ld-linux-x86-64.so.2", "/lib/ld-linux-aarch64.so.1")
        places = landlock.opened([*_LIBRARIES, *_DATA, *needs], [program, *loaders])
    return Jail(places, seccomp.Filter(program=True) if Part.SECCOMP in there else None, own="")


def leave_no_core() -> None:
    """Nobody may look into this process, which holds what is secret, and it leaves no core."""
    _done(_libc.prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0))
    _at_most(resource.RLIMIT_CORE, 1)  # less than any core; unlike 0 it keeps programs from being fed with one, too


def give_up_rights() -> None:
    """No right that root has over others, and none that a program could bring."""
    _done(_libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
    _done(_libc.capset((ctypes.c_uint32 * 2)(_CAPABILITIES_3, 0), (ctypes.c_uint32 * 6)()))


def leave_open(words: int, *kept: int) -> None:
    """Nothing to hear, nobody to talk to but ``words``, and nothing else of what was open but what is ``kept``."""
    nothing = os.open(os.devnull, os.O_RDWR)
    for target, source in ((0, nothing), (1, nothing), (2, words)):
        os.dup2(source, target)
    for before, after in pairwise(sorted({2, *kept, os.sysconf("SC_OPEN_MAX")} - {-1})):
        os.closerange(before + 1, after)


def bound(limits: Limits) -> None:
    """Bound what this process may take from now on: data, CPU, what it writes, open files."""
    leave_no_core()
    _at_most(resource.RLIMIT_DATA, _data() + limits.memory_bytes)
    _at_most(resource.RLIMIT_CPU, FILE_FACTOR * limits.seconds)
    _at_most(resource.RLIMIT_FSIZE, limits.output_bytes)
    _at_most(resource.RLIMIT_NOFILE, _OPEN_FILES)


def _at_most(what: int, most: int) -> None:
    hard = resource.getrlimit(what)[1]
    most = most if hard == resource.RLIM_INFINITY else min(most, hard)
    resource.setrlimit(what, (most, most))


def _data() -> int:
    """Bytes of private data that this process has by now."""
    with open("/proc/self/status", encoding="ascii") as status:
        line = next(line for line in status if line.startswith("VmData:"))
    return int(line.split()[1]) << 10


def _code() -> Iterator[str]:
    """Folders of installed code, and the files and folders of what was loaded from elsewhere."""
    folders = {sysconfig.get_path(name) for name in ("stdlib", "platstdlib", "purelib", "platlib")}
    yield from folders
    for name, module in list(sys.modules.items()):
        if "." not in name:
            yield from (place for place in _places(module) if not place.startswith(tuple(folders)))


def _places(module: Any) -> list[str]:
    spec = getattr(module, "__spec__", None)
    if spec is None or not spec.has_location:
        return []
    return list(spec.submodule_search_locations or [spec.origin])


def _can(attempt: Callable[[], object]) -> bool:
    try:
        attempt()
    except OSError:
        return False
    return True


def _done(result: int) -> None:
    if result < 0:
        raise OSError(ctypes.get_errno(), "prctl")
