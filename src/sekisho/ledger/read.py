"""Every entry of the ledger, in order, each held against the hashes of the log; and what still waits in the outbox."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sekisho.ledger.log import CHECKPOINT, Log
from sekisho.ledger.meet import damaged, folder_of, meet, signer_of, told
from sekisho.ledger.tiles import WIDTH, TileError
from sekisho.ledger.tree import leaf_hash
from sekisho.vault import Vault
from sekisho.vault.outbox import Head, refer_to


@dataclass(frozen=True, slots=True)
class Said:
    """One entry: its place from 0, what it says, and the ``head`` of all entries before it."""

    seq: int
    entry: dict[str, Any]
    head: Head

    @property
    def action(self) -> str:
        """What was done."""
        return str(self.entry["action"])

    @property
    def more(self) -> dict[str, Any]:
        """What only this action says."""
        more = self.entry.get("more")
        return more if isinstance(more, dict) else {}


def said(vault: Vault) -> Iterator[Said]:
    """All that was said until now, oldest first; raises LedgerError where an entry, or the whole, was changed."""
    met = meet(vault)
    until, head = met.head, Head()
    while head.size < until.size:
        before = head.size
        for made in _next(vault, met.log, head.size):
            yield Said(head.size, json.loads(made), head)
            head = head.appended(made)
            if head.size == until.size:
                break
        if head.size == met.log.size and head.root() != met.log.root:
            raise damaged(CHECKPOINT)
        met = meet(vault)
        if head.size == before and met.log.size == before:
            raise damaged(f"entry {before}")
    if head.root() != until.root():
        raise damaged(CHECKPOINT)


def naming(vault: Vault, hash_: str) -> Iterator[dict[str, Any]]:
    """The entries that refer to the proposal of that hash; raises LedgerError.

    Without the lock of the ledger: an act asks, which keeps others from taking entries out of the outbox meanwhile.
    """
    with told():
        log = _log(vault)
        while True:
            try:
                found = list(refer_to(hash_, _whole(log)))
                break
            except TileError:
                log, before = _log(vault), log
                if log.size == before.size:  # else the tile grew meanwhile
                    raise
    yield from found
    yield from vault.outbox.naming(hash_, log.size)


def _log(vault: Vault) -> Log:
    return Log.open(folder_of(vault), signer_of(vault).verifier)


def _whole(log: Log) -> Iterator[bytes]:
    """All entries of a log, which must lead to the root that is signed."""
    head = Head()
    for made in log.entries(0, log.size):
        head = head.appended(made)
        yield made
    if head.root() != log.root:
        raise damaged(CHECKPOINT)


def _next(vault: Vault, log: Log, start: int) -> Iterator[bytes]:
    """Some entries from ``start`` on: those in the log, then those that wait; none where another process moved them."""
    at = start
    try:
        for made in log.entries(start, log.size):
            if leaf_hash(made) != log.tiles.hashes(0, at // WIDTH)[at % WIDTH]:
                raise damaged(f"entry {at}")
            yield made
            at += 1
    except TileError as error:
        if meet(vault).log.size == log.size:  # else the tile grew meanwhile
            raise damaged(error.path) from error
        return
    for seq, made in vault.outbox.pending(at):
        if seq != at:
            return
        yield made
        at += 1
