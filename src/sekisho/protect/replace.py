"""Puts a new content in a file's place in one moment, and only if nobody touched the file meanwhile."""

from __future__ import annotations

import contextlib
import hashlib
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from sekisho.protect.attributes import Attributes, attributes_of, give
from sekisho.protect.place import (
    Identity,
    Place,
    chunks_of,
    exchange,
    hold,
    is_held,
    is_open_in_office,
    rename_over,
    rename_to_free,
    sha256_of,
    sorted_errors,
)
from sekisho.protect.reasons import Left, LeftError


@dataclass(frozen=True, slots=True)
class Taken:
    """A file as it is held: open, looked at, and under a lease where that can be had."""

    place: Place
    descriptor: int
    identity: Identity
    attributes: Attributes
    leased: bool

    def demand(self, sha256: str) -> None:
        """Raises LeftError where its content is another one."""
        with sorted_errors():
            found = sha256_of(self.descriptor)
        if found != sha256:
            raise LeftError(Left.CHANGED)

    def chunks(self) -> Iterator[bytes]:
        """Its content; raises LeftError."""
        with sorted_errors():
            yield from chunks_of(self.descriptor)

    def look(self) -> None:
        """Raises LeftError where it is no longer what was taken, or somebody wants to open it."""
        with sorted_errors():
            there = self.place.state()
            mine = Identity.of(os.fstat(self.descriptor))
        if there is None:
            raise LeftError(Left.GONE)
        if not self.identity == mine == Identity.of(there):
            raise LeftError(Left.CHANGED)
        self.look_whether_wanted()

    def look_whether_wanted(self) -> None:
        """Raises LeftError where somebody waits to open it."""
        if self.leased and not is_held(self.descriptor):
            raise LeftError(Left.IN_USE)


@contextmanager
def taken(place: Place) -> Iterator[Taken]:
    """The file at ``place``, held as far as the file system allows; raises LeftError."""
    if is_open_in_office(place):
        raise LeftError(Left.IN_USE)
    with place.opened() as descriptor:
        leased = hold(descriptor)
        with sorted_errors():
            state = os.fstat(descriptor)
            attributes = attributes_of(descriptor)
        if state.st_nlink > 1:
            raise LeftError(Left.LINKED)
        yield Taken(place, descriptor, Identity.of(state), attributes, leased)


def put(new: Place, content: Iterable[bytes], sha256: str, attributes: Attributes) -> None:
    """Write ``content`` under a new name, durably, with the attributes; nothing is left there where that fails.

    Raises LeftError, and OSError for a full disk.
    """
    flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    with sorted_errors():
        descriptor = os.open(new.name, flags, 0o600, dir_fd=new.folder)
    try:
        with sorted_errors():
            _write(descriptor, content)
            if sha256_of(descriptor) != sha256:
                raise LeftError(Left.IO_ERROR)
            give(descriptor, attributes)
            os.fsync(descriptor)
    except BaseException:
        with contextlib.suppress(OSError):
            new.remove()
        raise
    finally:
        os.close(descriptor)


def swap_in(file: Taken, new: Place, sha256: str) -> None:
    """Have what lies at ``new`` lie in the file's place, and the file itself, whose content has ``sha256``, be gone.

    Where somebody was quicker, all is as it was before and LeftError is raised. Without the kernel's exchange (some
    network shares) the last look and the rename are two steps.
    """
    with sorted_errors():
        file.look()
        if exchange(file.place, new):
            try:
                _look_at_taken_out(file, new, sha256)
            except LeftError:
                exchange(file.place, new)
                raise
            new.remove()
        else:
            file.demand(sha256)
            rename_over(new, file.place)
        file.place.sync()


def take_out(file: Taken, aside: Place, sha256: str) -> None:
    """Have the file, whose content has ``sha256``, be gone; raises LeftError where somebody was quicker."""
    with sorted_errors():
        file.look()
        rename_to_free(file.place, aside)
        try:
            _look_at_taken_out(file, aside, sha256)
        except LeftError:
            rename_to_free(aside, file.place)
            raise
        aside.remove()
        file.place.sync()


def sha256_of_bytes(data: bytes) -> str:
    """Hexadecimal."""
    return hashlib.sha256(data).hexdigest()


def _look_at_taken_out(file: Taken, aside: Place, sha256: str) -> None:
    """What was taken out must be what was looked at, to the byte, and nobody may have come for it."""
    there = aside.state()
    if there is None or Identity.of(there) != file.identity or there.st_nlink > 1:
        raise LeftError(Left.CHANGED)
    file.demand(sha256)
    file.look_whether_wanted()


def _write(descriptor: int, content: Iterable[bytes]) -> None:
    for chunk in content:
        view = memoryview(chunk)
        while view:
            view = view[os.write(descriptor, view) :]
