"""Carries one measure out on one file, and takes it back; what the vault must know first is told through a `Desk`."""

from __future__ import annotations

import io
import os
import secrets
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor, Future, wait
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO, Protocol, Self

from sekisho.protect import changes
from sekisho.protect.changes import Change, Kind
from sekisho.protect.locking import MOST_BYTES, locked, new_password, proof
from sekisho.protect.place import OURS, Place, place_of
from sekisho.protect.plan import Measure
from sekisho.protect.reasons import Left, LeftError
from sekisho.protect.replace import Taken, put, sha256_of_bytes, taken

Apart = Callable[..., bytes]
"""``apart(function, *arguments)``: what the function gives, run where a document can do no harm; raises LeftError."""
_NOT_BY_ITS_FORMAT = {
    *(Left.SIGNED, Left.LOCKED, Left.DAMAGED, Left.TOO_LARGE, Left.NO_OWN_LOCK, Left.NOT_PROVEN, Left.FAILED),
}


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be done with one file, in state ``sha256``; ``otherwise``: where its format does not take a lock."""

    root: str
    document: str
    sha256: str
    kind: str
    measure: Measure
    otherwise: Measure
    move_to: str


class Desk(Protocol):
    """What the vault does for one file."""

    def keep(self, original: BinaryIO, sha256: str) -> None:
        """Keep the original; raises LeftError where it is another one by now."""

    def begin(self, change: Change, password: str | None) -> None:
        """Know of the change, durably, before it is made."""


class Work:
    """One ordered file, held from the moment that its work begins; a context, which lets it go.

    What takes long, sealing it anew, is done by ``pool`` meanwhile, so that several files can be on their way.
    """

    def __init__(self, order: Order, apart: Apart, pool: Executor) -> None:
        self._order = order
        self._held = ExitStack()
        self._file: Taken | None = None
        self._sealed: Future[tuple[bytes, str]] | None = None
        self._left: LeftError | None = None
        try:
            place = self._held.enter_context(place_of(Path(order.root), order.document))
            self._file = self._held.enter_context(taken(place))
            self._file.demand(order.sha256)
            if order.measure is Measure.ENCRYPT:
                self._sealed = pool.submit(sealed_anew, order.kind, self._file, apart)
        except LeftError as left:
            self._left = left

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let the file go."""
        if self._sealed is not None and not self._sealed.cancel():
            wait([self._sealed])
        self._held.close()

    def finish(self, desk: Desk) -> Change:
        """Change the file; raises LeftError where it stays as it is, OSError for a full disk."""
        if self._file is None or self._left is not None:
            raise self._left or LeftError(Left.GONE)
        order = self._order
        if self._sealed is None:
            return (_move if order.measure is Measure.MOVE else _delete)(order, self._file, desk)
        try:
            sealed, password = self._sealed.result()
        except LeftError as left:
            if left.reason not in _NOT_BY_ITS_FORMAT or order.otherwise is not Measure.MOVE:
                raise
            return _move(order, self._file, desk)
        return _encrypt(order, self._file, desk, sealed, password)


def sealed_anew(kind: str, file: Taken, apart: Apart) -> tuple[bytes, str]:
    """The file's content under a new password, proven to open again, and the password; raises LeftError."""
    if file.identity.size > MOST_BYTES:
        raise LeftError(Left.TOO_LARGE)
    data, password = b"".join(file.chunks()), new_password()
    sealed = apart(locked, kind, data, password)
    if not apart(proof, kind, sealed, data, password):
        raise LeftError(Left.NOT_PROVEN)
    return sealed, password


def take_back(change: Change, original: Iterable[bytes], desk: Desk) -> Change:
    """Undo a change: what it had comes back, to the byte and the nanosecond.

    Raises LeftError where the file is not as it was left, OSError for a full disk.
    """
    back = _reversed(change)
    with place_of(Path(back.root), back.document) as place:
        if back.kind is Kind.ADD:
            desk.begin(back, None)
            changes.add(back, place, original)
            return back
        with taken(place) as file:
            file.demand(back.before)
            if back.kind is Kind.MOVE:
                back = replace(back, attributes=file.attributes)
            desk.begin(back, None)
            if back.kind is Kind.SWAP:
                changes.swap(back, file, original)
            else:
                changes.move(back, file, change.attributes)
            return back


def leave_note(change: Change, text: str) -> None:
    """Say, where a moved file lay, what became of it; whatever lies there already stays. Raises LeftError."""
    data = text.encode() + b"\n"
    with place_of(Path(change.root), change.document) as place:
        note = _note(place)
        if note.state() is None:
            put(note, [data], sha256_of_bytes(data), change.attributes)


def take_note_away(change: Change, text: str) -> None:
    """Remove a note that `leave_note` left, if it is still the same; raises LeftError."""
    with place_of(Path(change.to_root), change.to) as place:
        note = _note(place)
        if note.sha256() == sha256_of_bytes(text.encode() + b"\n"):
            note.remove()


def _note(place: Place) -> Place:
    return place.beside(place.name + b".moved.txt")


def _encrypt(order: Order, file: Taken, desk: Desk, sealed: bytes, password: str) -> Change:
    change = _change(Kind.SWAP, order, file, sha256_of_bytes(sealed))
    _keep(desk, file, order.sha256)
    desk.begin(change, password)
    changes.swap(change, file, sealed)
    return change


def _move(order: Order, file: Taken, desk: Desk) -> Change:
    change = _change(Kind.MOVE, order, file, "", to_root=order.move_to, to=order.document)
    desk.begin(change, None)
    changes.move(change, file)
    return change


def _delete(order: Order, file: Taken, desk: Desk) -> Change:
    change = _change(Kind.REMOVE, order, file, "")
    _keep(desk, file, order.sha256)
    desk.begin(change, None)
    changes.remove(change, file)
    return change


def _change(kind: Kind, order: Order, file: Taken, after: str, to_root: str = "", to: str = "") -> Change:
    return Change(
        kind=kind,
        root=order.root,
        document=order.document,
        before=order.sha256,
        after=after,
        attributes=file.attributes,
        beside=_our_name(),
        to_root=to_root,
        to=to,
        landing=_our_name(),
    )


def _reversed(change: Change) -> Change:
    """The change that takes another one back."""
    kind = {Kind.SWAP: Kind.SWAP, Kind.MOVE: Kind.MOVE, Kind.REMOVE: Kind.ADD}[change.kind]
    moved = kind is Kind.MOVE
    return Change(
        kind=kind,
        root=change.to_root if moved else change.root,
        document=change.to if moved else change.document,
        before=change.before if moved else change.after,
        after="" if moved else change.before,
        attributes=change.attributes,
        beside=_our_name(),
        to_root=change.root if moved else "",
        to=change.document if moved else "",
        landing=_our_name(),
    )


def _our_name() -> str:
    return OURS.decode() + secrets.token_hex(8)


def _keep(desk: Desk, file: Taken, sha256: str) -> None:
    with _rewound(file) as source:
        desk.keep(source, sha256)
    file.look()


@contextmanager
def _rewound(file: Taken) -> Iterator[BinaryIO]:
    """The file to read from its beginning, without a second opening: that would break the lease."""
    descriptor = os.dup(file.descriptor)
    os.lseek(descriptor, 0, io.SEEK_SET)
    with os.fdopen(descriptor, "rb") as source:
        yield source
