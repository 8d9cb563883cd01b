"""A file of the estate as made: its bytes, and what is true of every document in it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import polars as pl

from sekisho.model import NO_LOCK, Lock, Outcome, Protection, Reason


@dataclass(frozen=True, slots=True)
class Document:
    """One document: ``path`` is empty for the file itself, else ``!member`` and so on."""

    path: str
    kind: str
    layout: str
    says: pl.DataFrame = field(default_factory=pl.DataFrame)
    frame: str = ""
    outcome: Outcome = Outcome.READ
    reason: Reason = Reason.NONE
    lock: Lock = NO_LOCK
    password: str = ""
    password_beside: bool = False


@dataclass(frozen=True, slots=True)
class Made:
    """A file: its name, its bytes and its documents, the file itself first."""

    name: str
    data: bytes
    documents: tuple[Document, ...]

    def locked(self, data: bytes, lock: Lock, password: str) -> Made:
        """The same behind a lock; what lies within stands under the strongest lock on the way in."""
        behind = tuple(_behind(d, lock, password) for d in self.documents)
        return replace(self, data=data, documents=behind)


def _behind(document: Document, lock: Lock, password: str) -> Document:
    if lock.protection < document.lock.protection:
        return document
    word = password if lock.protection > Protection.EDIT_ONLY else document.password
    return replace(document, lock=lock, password=word)


def contained(name: str, data: bytes, own: Document, members: Sequence[Made]) -> Made:
    """A container around ``members``: their documents go by ``!name`` from here."""
    within = [replace(d, path=f"!{m.name}{d.path}") for m in members for d in m.documents]
    return Made(name, data, (own, *within))
