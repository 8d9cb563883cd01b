"""The state of reading one top-level file: what it may still cost, and what was learnt on the way."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Protocol

import pyarrow as pa

from sekisho.documents.account import Examined
from sekisho.documents.passwords import Key, Keyring
from sekisho.documents.watch import Watch
from sekisho.model import Content, Limits, Lock

_COPIED_BYTES = 64 << 20  # results kept for documents that may come a second time in the same file


class Tables(Protocol):
    """What the visitor makes of contents: tables of `model.RECORDS` and `model.DOUBTS`, ids still null."""

    @property
    def records(self) -> pa.Table:
        """Rows of `model.RECORDS`."""

    @property
    def doubts(self) -> pa.Table:
        """Rows of `model.DOUBTS`."""


Visit = Callable[[str, Iterable[Content]], Iterable[Tables]]


@dataclass(frozen=True, slots=True)
class Batch:
    """Some of what was found in one document; ids still null."""

    document_id: int
    records: pa.Table
    doubts: pa.Table


Step = Batch | Examined


@dataclass(frozen=True, slots=True)
class Copy:
    """What a document without members gave, for the case that its content comes again."""

    examined: Examined
    tables: tuple[Tables, ...]
    lock: Lock
    keys: tuple[Key, ...]


@dataclass
class Reading:
    """One file: its limits, the passwords for it, who watches, and the documents so far."""

    limits: Limits
    keyring: Keyring = field(default_factory=Keyring)
    watch: Watch = field(default_factory=Watch)
    next_id: int = 0
    wasted: int = 0  # bytes unpacked of documents that passed a limit
    copies: dict[str, Copy] = field(default_factory=dict)
    _first_seen: dict[str, str] = field(default_factory=dict)
    _copied_bytes: int = 0

    def take_id(self) -> int:
        """The id of the next document."""
        self.next_id += 1
        return self.next_id - 1

    def same_as(self, sha256: str, document: str) -> str | None:
        """The document that had this content first; None where it is this one."""
        first = self._first_seen.setdefault(sha256, document)
        return first if first != document else None

    def has_room(self, size: int) -> bool:
        """May a result of ``size`` bytes still be kept?"""
        return self._copied_bytes + size <= _COPIED_BYTES

    def keep(self, copy: Copy, size: int) -> None:
        """Remember a result of ``size`` bytes, as far as the bound goes."""
        if copy.examined.sha256 and self.has_room(size):
            self._copied_bytes += size
            self.copies[copy.examined.sha256] = copy
