"""Every look at a person's data, in the ledger before the answer is given; and who looked at whom.

The ledger's entry says how many were looked at, and commits to their marks. A mark is a keyed hash of a subject (a
holder, a number, a record), so that neither the ledger nor the store says who it was to whoever cannot ask the vault.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sekisho.vault.acts import Draft, Seen, commitment, of_marks
from sekisho.vault.store import Store

MOST_FORGOTTEN = 5_000
"""Looks that one entry can say to be forgotten."""
REGISTER, MERGES, SCAN, LEAK = "register", "merges", "scan", "leak"
"""What somebody may look at as a whole."""
_MARK_BYTES = 16
_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Look:
    """One look: its place in the ledger; ``scope`` and ``upto`` where it was at everybody in a thing."""

    seq: int
    scope: str = ""
    upto: int = 0


def holder(number: int) -> str:
    """A holder of the register as a subject."""
    return f"holder:{number}"


def number(written: str) -> str:
    """A number that leads to a holder as a subject, in its normal form."""
    return f"number:{written}"


def record(name: str) -> str:
    """A record of matching as a subject."""
    return f"record:{name}"


def person(scan: int, number: int) -> str:
    """A person whom a scan knows from records only, as a subject."""
    return f"person:{scan}.{number}"


class Looks:
    """The looks of one vault; ``key``: the one that marks are made with."""

    def __init__(self, store: Store, key: bytes) -> None:
        self._store = store
        self._key = key

    def demand(self, action: str) -> None:
        """Raises RightsError, and says so in the ledger, where a look is not theirs who act: before any work for it."""
        self._store.demand(action)

    def mark(self, subject: str) -> bytes:
        """What stands for a subject."""
        return hmac.digest(self._key, subject.encode("utf-8", "surrogateescape"), "sha256")[:_MARK_BYTES]

    def at(self, subjects: Iterable[str]) -> Seen:
        """A look at single persons, to be said in an act."""
        return Seen(tuple(map(self.mark, dict.fromkeys(subjects))))

    def see(self, action: str, subjects: Iterable[str], counts: Mapping[str, int] | None = None, **said: Any) -> Draft:
        """Say durably that somebody looks at single persons; what else `Store.act` takes.

        Raises RightsError, VaultError: then nothing may be shown.
        """
        return self._store.log(action, counts=counts, seen=self.at(subjects), **said)

    def see_all(
        self, action: str, scope: str, upto: int, counts: Mapping[str, int] | None = None, **said: Any
    ) -> Draft:
        """Say durably that somebody looks at everybody in a thing: the register, the merges, a scan."""
        return self._store.log(action, counts=counts, seen=Seen(scope=scope, upto=upto), **said)

    def of(self, subjects: Iterable[str]) -> list[Look]:
        """The looks at any of some subjects, oldest first; those at all are not among them."""
        marks = [self.mark(subject) for subject in dict.fromkeys(subjects)]
        found: set[int] = set()
        for some in (marks[at : at + _AT_ONCE] for at in range(0, len(marks), _AT_ONCE)):
            sql = f"SELECT DISTINCT seq FROM looks WHERE mark IN ({', '.join('?' * len(some))})"  # noqa: S608
            found.update(seq for (seq,) in self._store.rows(sql, some))
        return [Look(seq) for seq in sorted(found)]

    def forget(self, subjects: Iterable[str]) -> list[int]:
        """Within an act: forget looks at one person alone, and what opens the ledger's commitments; gives their places.

        Of looks at several persons the marks stay: without them nothing could be told of the others.
        """
        alone = []
        for one in self.of(subjects)[-MOST_FORGOTTEN:]:
            if self._store.rows("SELECT COUNT(*) FROM looks WHERE seq = ?", (one.seq,))[0][0] == 1:
                alone.append(one.seq)
                self._store.run("DELETE FROM looks WHERE seq = ?", (one.seq,))
                self._store.outbox.forget(one.seq)
        return alone

    def at_all(self) -> list[Look]:
        """The looks at everybody in a thing, oldest first."""
        return [Look(*row) for row in self._store.rows("SELECT seq, scope, upto FROM looks_at_all ORDER BY seq")]

    def is_true(self, seq: int, told: Mapping[str, Any]) -> bool:
        """Whether what is kept of a look is what its entry says (``told``: ``seen`` of the entry)."""
        if "scope" in told:
            rows = self._store.rows("SELECT scope, upto FROM looks_at_all WHERE seq = ?", (seq,))
            return rows == [(told["scope"], told["upto"])]
        marks = [bytes(mark) for (mark,) in self._store.rows("SELECT mark FROM looks WHERE seq = ?", (seq,))]
        if told.get("marks") == 0:
            return not marks  # nobody was there to be seen, so nothing is kept that opens the commitment
        blind = self._store.outbox.blind(seq)
        return blind is not None and commitment(blind, of_marks(marks)) == told.get("commitment")
