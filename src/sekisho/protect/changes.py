"""The four changes to a share that protecting and undoing are made of, and what to make of one that was cut short.

Each is told to the vault before it begins (`Change` holds all that is needed to go on or back) and is, at every moment,
either not done or done: a kill leaves the old file or the new one under the file's name, and beside it at most a file
with a name of ours. Whenever one does not come to its end, by a kill or by an error, `mended` says what it came to by
what lies there, and sees to the rest: an error alone does not tell whether the call that met it had its effect.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Iterable
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from sekisho.protect.attributes import Attributes, attributes_of, give
from sekisho.protect.place import Place, place_of, rename_over, rename_to_free, sorted_errors
from sekisho.protect.reasons import Left, LeftError
from sekisho.protect.replace import Taken, put, swap_in, take_out


class Kind(StrEnum):
    """What is done to a file."""

    SWAP = "swap"  # another content in its place
    MOVE = "move"
    REMOVE = "remove"
    ADD = "add"  # where nothing lies


@dataclass(frozen=True, slots=True)
class Change:
    """One change. Paths from their roots as a scan says them; contents by SHA-256, empty for none.

    ``attributes``: those that the file has before a SWAP, MOVE or REMOVE, and those that it gets by an ADD.
    ``beside``, ``landing``: names of ours that may lie in the file's folder and in the one that it moves to.
    """

    kind: Kind
    root: str
    document: str
    before: str
    after: str
    attributes: Attributes
    beside: str
    to_root: str = ""
    to: str = ""
    landing: str = ""

    def as_json(self) -> dict[str, Any]:
        """JSON-able values, for `from_json`."""
        said = asdict(self)
        said["attributes"]["extended"] = [(name, value.hex()) for name, value in self.attributes.extended]
        return said

    @classmethod
    def from_json(cls, said: dict[str, Any]) -> Change:
        """What `as_json` said."""
        had = said["attributes"]
        extended = tuple((name, bytes.fromhex(value)) for name, value in had["extended"])
        return cls(**{**said, "kind": Kind(said["kind"]), "attributes": Attributes(**{**had, "extended": extended})})


class Mended(StrEnum):
    """What a change that was cut short came to."""

    DONE = "done"
    BACK = "back"  # as if it had never begun
    UNSURE = "unsure"  # somebody changed the file since; nothing of ours lies beside it any more


def swap(change: Change, file: Taken, content: bytes | Iterable[bytes]) -> None:
    """Another content, with the attributes that the file has; raises LeftError, OSError for a full disk."""
    new = file.place.beside(change.beside.encode())
    put(new, [content] if isinstance(content, bytes) else content, change.after, change.attributes)
    swap_in(file, new, change.before)


def move(change: Change, file: Taken, attributes: Attributes | None = None) -> None:
    """To another folder, whose rights it takes where ``attributes`` are not given; to another file system by a copy.

    Raises LeftError, and OSError for a full disk.
    """
    with place_of(Path(change.to_root), change.to, make=True) as to:
        with sorted_errors():
            wanted = attributes or file.attributes.in_folder(attributes_of(to.folder))
            file.look()
        if to.state() is not None:
            raise LeftError(Left.TAKEN)
        if not _moved_at_once(file, to, wanted):
            _moved_by_copy(change, file, to, wanted)
        with sorted_errors():
            to.sync()
            file.place.sync()


def remove(change: Change, file: Taken) -> None:
    """Be gone; raises LeftError."""
    take_out(file, file.place.beside(change.beside.encode()), change.before)


def add(change: Change, place: Place, content: Iterable[bytes]) -> None:
    """Lie where nothing lies; raises LeftError, OSError for a full disk."""
    if place.state() is not None:
        raise LeftError(Left.TAKEN)
    new = place.beside(change.beside.encode())
    put(new, content, change.after, change.attributes)
    with sorted_errors():
        rename_to_free(new, place)
        place.sync()


def mended(change: Change) -> Mended:
    """See to what a change left behind that was cut short; raises LeftError where its folder cannot be reached."""
    with ExitStack() as stack:
        place = stack.enter_context(place_of(Path(change.root), change.document))
        beside = place.beside(change.beside.encode())
        with sorted_errors():
            if change.kind is Kind.MOVE:
                return _mended_move(change, place, beside, stack)
            found = _mended_in_place(change, place, beside)
            place.sync()
            return found


def _mended_in_place(change: Change, place: Place, beside: Place) -> Mended:
    """SWAP, REMOVE and ADD: what lies there now, and beside it, says how far it came."""
    there, aside = _lies(place), _lies(beside)
    if there == change.after and aside in ("", change.before, change.after):
        beside.remove()
        return Mended.DONE
    if not there and aside == change.before != "":
        rename_to_free(beside, place)
        return Mended.BACK
    if there == change.after and aside:  # somebody wrote into it at the last moment: theirs counts
        _give_back(beside, place)
        return Mended.UNSURE
    beside.remove()
    return Mended.BACK if there == change.before else Mended.UNSURE


def _lies(place: Place) -> str:
    """The SHA-256 of what lies there; empty for nothing, no hash for what is no file. Raises LeftError."""
    try:
        return place.sha256() or ""
    except LeftError as error:
        if error.reason is not Left.NOT_A_FILE:
            raise
        return str(error.reason)


def _give_back(beside: Place, place: Place) -> None:
    if place.state() is None:
        rename_to_free(beside, place)
    else:
        rename_over(beside, place)


def _mended_move(change: Change, place: Place, beside: Place, stack: ExitStack) -> Mended:
    there, aside = _lies(place), _lies(beside)
    to = _landed(change, stack)
    arrived = _lies(to) if to else ""
    if to:
        to.beside(change.landing.encode()).remove()
    if not there and aside:
        if arrived == change.before == aside:
            beside.remove()
            return Mended.DONE
        rename_to_free(beside, place)
        there = aside
    if there:
        return _stayed(change, place, to if arrived == change.before else None, there)
    return Mended.DONE if arrived == change.before else Mended.UNSURE


def _landed(change: Change, stack: ExitStack) -> Place | None:
    """Where it moved to; None where the folder for it is not made yet. Raises LeftError where nobody can tell."""
    try:
        return stack.enter_context(place_of(Path(change.to_root), change.to))
    except LeftError:
        if not Path(change.to_root).is_dir():
            raise
        return None


def _stayed(change: Change, place: Place, copy: Place | None, there: str) -> Mended:
    """It lies where it lay, perhaps with the rights of the other folder already, perhaps with a copy there."""
    if there != change.before:
        return Mended.UNSURE
    with place.opened() as descriptor:
        give(descriptor, change.attributes)
    if copy is not None:
        copy.remove()
    place.sync()
    return Mended.BACK


def _moved_at_once(file: Taken, to: Place, attributes: Attributes) -> bool:
    """By a rename, its rights first. False where it must go to another file system."""
    with sorted_errors():
        if file.identity.device != os.fstat(to.folder).st_dev:
            return False
        give(file.descriptor, attributes)
        try:
            rename_to_free(file.place, to)
        except OSError as error:
            give(file.descriptor, file.attributes)
            if error.errno == errno.EXDEV:
                return False
            raise
    return True


def _moved_by_copy(change: Change, file: Taken, to: Place, attributes: Attributes) -> None:
    landing = to.beside(change.landing.encode())
    put(landing, file.chunks(), change.before, attributes)
    with sorted_errors():
        rename_to_free(landing, to)
        to.sync()
    take_out(file, file.place.beside(change.beside.encode()), change.before)
