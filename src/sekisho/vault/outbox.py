"""The outbox: entries for the ledger, each written in the transaction of the act that it speaks of.

The store keeps the head of all entries that there ever were, as the roots of their full subtrees (RFC 6962, section
2.1), so that it can be held against the ledger's own head at each opening: neither can lose or change an entry alone.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, Protocol

from sekisho.clock import utc_now
from sekisho.vault.acts import Acting, Draft, Seen, entry, new_blind

_HASH = 32
Recall = Callable[[str], Iterable[dict[str, Any]]]
"""Gives the entries that speak of a proposal, by its hash."""


class Database(Protocol):
    """As much of the store as the outbox needs."""

    def rows(self, sql: str, values: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        """What a question gives."""

    def run(self, sql: str, *rows: Sequence[object]) -> None:
        """Carry one statement out for each row, inside a transaction."""

    def add(self, columns: str, rows: Sequence[Sequence[object]]) -> None:
        """Insert rows, many at once."""

    def transaction(self) -> AbstractContextManager[None]:
        """All or nothing, durable when it ends."""


@dataclass(frozen=True, slots=True)
class Head:
    """All entries up to now: how many, and the roots of the full subtrees that they make, largest first."""

    size: int = 0
    frontier: tuple[bytes, ...] = ()

    def appended(self, made: bytes) -> Head:
        """The head with one more entry."""
        roots = [*self.frontier, leaf_hash(made)]
        size = self.size
        while size & 1:
            right = roots.pop()
            roots.append(node_hash(roots.pop(), right))
            size >>= 1
        return Head(self.size + 1, tuple(roots))

    def root(self) -> bytes:
        """The Merkle tree hash of all entries; that of the empty tree where there are none."""
        if not self.frontier:
            return hashlib.sha256().digest()
        *left, root = self.frontier
        for one in reversed(left):
            root = node_hash(one, root)
        return root


def refer_to(hash_: str, entries: Iterable[bytes]) -> Iterator[dict[str, Any]]:
    """Those of some entries that refer to the proposal of that hash, as they were said."""
    needle = hash_.encode()
    said = (json.loads(made) for made in entries if needle in made)
    return (one for one in said if one["refers"] == hash_)


def leaf_hash(made: bytes) -> bytes:
    """The hash of an entry (RFC 6962)."""
    return hashlib.sha256(b"\0" + made).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of a subtree from those of its halves (RFC 6962)."""
    return hashlib.sha256(b"\1" + left + right).digest()


class Outbox:
    """The entries that the ledger may not hold yet, and the head of all."""

    def __init__(self, store: Database) -> None:
        self._store = store

    def head(self) -> Head:
        """The head of all entries that were ever put."""
        return self._row()[0]

    def pending(self, start: int, most: int = 10_000) -> list[tuple[int, bytes]]:
        """Entries from place ``start`` on, in order."""
        sql = "SELECT seq, entry FROM outbox WHERE seq >= ? ORDER BY seq LIMIT ?"
        return [(seq, bytes(made)) for seq, made in self._store.rows(sql, (start, most))]

    def naming(self, hash_: str, start: int = 0) -> Iterator[dict[str, Any]]:
        """The entries from place ``start`` on that refer to the proposal of that hash."""
        found = self._store.rows("SELECT entry FROM outbox WHERE seq >= ? ORDER BY seq", (start,))
        return refer_to(hash_, (bytes(made) for (made,) in found))

    def discard(self, until: int) -> None:
        """Forget entries before place ``until``, which the ledger holds durably; the last one stays, for the head."""
        until = min(until, self.head().size - 1)
        if self._store.rows("SELECT 1 FROM outbox WHERE seq < ? LIMIT 1", (until,)):
            with self._store.transaction():
                kept = "SELECT seq, blind FROM outbox WHERE seq < ? AND blind IS NOT NULL"
                self._store.run(f"INSERT INTO blinds (seq, key) {kept}", (until,))
                self._store.run("DELETE FROM outbox WHERE seq < ?", (until,))

    def put(self, acting: Acting, *drafts: Draft) -> None:
        """Add the entries of acts, each one's place noted in it; inside their transaction."""
        self.put_all((acting, draft) for draft in drafts)

    def put_all(self, acts: Iterable[tuple[Acting, Draft]]) -> None:
        """Add the entries of acts of several actors."""
        head, last = self._row()
        rows, drafts = [], []
        for acting, draft in acts:
            now = utc_now("microseconds")
            if now < last:
                draft.more = {**draft.more, "clock_went_back_from": last}
            blind = new_blind()
            draft.seq = head.size
            made = entry(draft, acting, now, blind, head.root() if acting.key else b"")
            head, last = head.appended(made), now
            commits = draft.about or (draft.seen and draft.seen.marks)
            rows.append((draft.seq, made, blind if commits else None, b"".join(head.frontier), now))
            drafts.append(draft)
        self._store.add("outbox (seq, entry, blind, frontier, at)", rows)
        self._note(drafts)

    def _note(self, drafts: Iterable[Draft]) -> None:
        """Keep at whom somebody looked, so that it can be told."""
        marks, alls = [], []
        for draft in drafts:
            seen = draft.seen or Seen()
            if seen.scope:
                alls.append((draft.seq, seen.scope, seen.upto))
            marks += [(draft.seq, mark) for mark in sorted(seen.marks)]
        self._store.add("looks (seq, mark)", marks)
        self._store.add("looks_at_all (seq, scope, upto)", alls)

    def blind(self, seq: int) -> bytes | None:
        """The key of an entry's commitment; None where it was forgotten or nothing was committed to."""
        kept = "SELECT blind FROM outbox WHERE seq = ? UNION ALL SELECT key FROM blinds WHERE seq = ?"
        return next((bytes(key) for (key,) in self._store.rows(kept, (seq, seq)) if key), None)

    def forget(self, seq: int) -> None:
        """Destroy the key of an entry's commitment; inside an act."""
        self._store.run("DELETE FROM blinds WHERE seq = ?", (seq,))
        self._store.run("UPDATE outbox SET blind = NULL WHERE seq = ?", (seq,))

    def last(self) -> str:
        """The time of the last entry, empty where there is none."""
        return self._row()[1]

    def _row(self) -> tuple[Head, str]:
        found = self._store.rows("SELECT seq, frontier, at FROM outbox ORDER BY seq DESC LIMIT 1")
        if not found:
            return Head(), ""
        seq, frontier, last = found[0]
        roots = tuple(bytes(frontier[at : at + _HASH]) for at in range(0, len(frontier), _HASH))
        return Head(seq + 1, roots), last
