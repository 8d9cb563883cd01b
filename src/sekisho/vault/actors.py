"""The rows of actors, their sealed keys, proposals and approvals: bytes as they were signed. What they mean, and
whether they count, `sekisho.actors` says.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sekisho.clock import utc_now
from sekisho.vault.store import Store

OPEN, DONE, REFUSED = "open", "done", "refused"
_COLUMNS = "hash, action, at, proposer, statement, signature, payload, payload_hash, state"


@dataclass(frozen=True, slots=True)
class ProposalRow:
    """A proposal as it lies here. ``payload``: what is to be done, JSON-able; ``state``: open, done or refused."""

    hash: str
    action: str
    at: str
    proposer: str
    statement: bytes = field(repr=False)
    signature: bytes = field(repr=False)
    payload: Mapping[str, Any] = field(repr=False)
    payload_hash: str
    state: str = OPEN


class Actors:
    """Statements only grow; what is put or settled here is so inside an act."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def now(self) -> str:
        """The time (ISO 8601, UTC), but never before that of the last entry of the ledger."""
        return max(utc_now("microseconds"), self._store.outbox.last())

    def statements(self) -> list[tuple[bytes, bytes]]:
        """Who is an actor: each statement with its signature, oldest first."""
        rows = self._store.rows("SELECT statement, signature FROM actors ORDER BY seq")
        return [(bytes(statement), bytes(signature)) for statement, signature in rows]

    def state(self, statement: bytes, signature: bytes) -> None:
        """Add a statement."""
        self._store.run("INSERT INTO actors (statement, signature) VALUES (?, ?)", (statement, signature))

    def sealed(self, actor: str) -> dict[str, Any] | None:
        """The sealed key of an actor."""
        rows = self._store.rows("SELECT sealed FROM actor_keys WHERE actor = ?", (actor,))
        return dict(json.loads(rows[0][0])) if rows else None

    def keep_sealed(self, actor: str, sealed: Mapping[str, Any]) -> None:
        """Keep the sealed key of an actor, in place of an earlier one."""
        self._store.run("DELETE FROM actor_keys WHERE actor = ?", (actor,))
        self._store.run("INSERT INTO actor_keys (actor, sealed) VALUES (?, ?)", (actor, json.dumps(sealed)))

    def propose(self, row: ProposalRow) -> None:
        """Put a proposal, which is open."""
        payload = json.dumps(row.payload, ensure_ascii=False)
        signed = (row.statement, row.signature, payload, row.payload_hash, row.state)
        self._store.run(
            f"INSERT INTO proposals ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",  # noqa: S608
            (row.hash, row.action, row.at, row.proposer, *signed),
        )

    def proposals(self, state: str | None = None) -> list[ProposalRow]:
        """Proposals, oldest first; of one state or of all."""
        where = "" if state is None else "WHERE state = ?"
        return self._proposals(f"{where} ORDER BY at, hash", () if state is None else (state,))

    def proposal(self, hash_: str) -> ProposalRow | None:
        """A proposal by its hash."""
        return next(iter(self._proposals("WHERE hash = ?", (hash_,))), None)

    def proposed(self, payload_hash: str, state: str = OPEN) -> list[ProposalRow]:
        """The proposals of one state with a payload of that hash, oldest first."""
        return self._proposals("WHERE payload_hash = ? AND state = ? ORDER BY at, hash", (payload_hash, state))

    def beginning(self, start: str) -> list[ProposalRow]:
        """The proposals whose hashes begin so."""
        return self._proposals("WHERE substr(hash, 1, ?) = ?", (len(start), start)) if start else []

    def settle(self, hash_: str, state: str) -> None:
        """Have an open proposal be done or refused."""
        self._store.run("UPDATE proposals SET state = ? WHERE hash = ? AND state = ?", (state, hash_, OPEN))

    def approve(self, proposal: ProposalRow, approver: str, statement: bytes, signature: bytes) -> None:
        """Put what another actor said of a proposal; the store itself refuses the proposer."""
        self._store.run(
            "INSERT INTO approvals (proposal, proposer, approver, statement, signature) VALUES (?, ?, ?, ?, ?)",
            (proposal.hash, proposal.proposer, approver, statement, signature),
        )

    def approvals(self, hash_: str) -> list[tuple[str, bytes, bytes]]:
        """Who said something of a proposal, with statement and signature, in order."""
        sql = "SELECT approver, statement, signature FROM approvals WHERE proposal = ? ORDER BY seq"
        rows = self._store.rows(sql, (hash_,))
        return [(approver, bytes(statement), bytes(signature)) for approver, statement, signature in rows]

    def _proposals(self, where: str, values: tuple[object, ...]) -> list[ProposalRow]:
        rows = self._store.rows(f"SELECT {_COLUMNS} FROM proposals {where}", values)  # noqa: S608
        return [_proposal(*row) for row in rows]


def _proposal(*row: Any) -> ProposalRow:
    hash_, action, at, proposer, statement, signature, payload, payload_hash, state = row
    return ProposalRow(hash_, action, at, proposer, statement, signature, json.loads(payload), payload_hash, state)
