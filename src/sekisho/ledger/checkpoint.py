"""Checkpoints (C2SP tlog-checkpoint): the state of a log in three lines, signed."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from sekisho.ledger.note import Note, NoteError, Verifier, decode64, encode64
from sekisho.ledger.tree import HASH_BYTES

_SIZE = re.compile(r"0|[1-9][0-9]{0,18}")


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """How many entries the log ``origin`` had, and the root of their tree. ``extensions``: lines of other people's."""

    origin: str
    size: int
    root: bytes
    extensions: tuple[str, ...] = ()

    def __str__(self) -> str:
        return "".join(f"{line}\n" for line in (self.origin, self.size, encode64(self.root), *self.extensions))

    @classmethod
    def of(cls, text: str) -> Checkpoint:
        """The checkpoint that the note ``text`` is; raises NoteError."""
        lines = text.split("\n")
        if lines.pop() or len(lines) < 3 or not all(lines):
            raise NoteError("not a checkpoint")
        origin, size, root, *extensions = lines
        return cls(origin, whole_number(size), hash_of(root), tuple(extensions))


@dataclass(frozen=True, slots=True)
class Signed:
    """A checkpoint whose log signed it; ``by``: everybody known who signed it, and when, as far as they said."""

    checkpoint: Checkpoint
    note: Note
    by: dict[Verifier, int | None]


def read(raw: bytes, log: Verifier, witnesses: Iterable[Verifier] = ()) -> Signed:
    """The checkpoint in ``raw``; raises NoteError unless ``log`` signed it, and all known signatures hold."""
    note = Note.of(raw)
    checkpoint = Checkpoint.of(note.text)
    if checkpoint.origin != log.name:
        raise NoteError(f"a checkpoint of {checkpoint.origin}")
    by = note.signed_by([log, *witnesses])
    if log not in by:
        raise NoteError(f"not signed by {log.name}")
    return Signed(checkpoint, note, by)


def whole_number(written: str) -> int:
    """A number as these formats write it; raises NoteError."""
    if not _SIZE.fullmatch(written):
        raise NoteError("not a whole number")
    return int(written)


def hash_of(written: str) -> bytes:
    """A hash in base 64; raises NoteError."""
    raw = decode64(written)
    if len(raw) != HASH_BYTES:
        raise NoteError("not a hash")
    return raw
