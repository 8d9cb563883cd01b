"""The store and its ledger held against each other, and the store's outbox drained into the ledger.

Neither can be put back, cut or changed alone: the store keeps the Merkle head of all entries that there ever were, and
the ledger together with the outbox must lead to just that.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from sekisho.errors import LedgerError
from sekisho.ledger.log import CHECKPOINT, LockedError, Log, append, locked
from sekisho.ledger.note import NoteError, Signer, Verifier
from sekisho.ledger.policy import Policy
from sekisho.ledger.tiles import TileError
from sekisho.vault import Vault
from sekisho.vault.files import not_written
from sekisho.vault.outbox import Head
from sekisho.wording import Text

FOLDER = "ledger"
KEY = "ledger signing"
_BATCH = 10_000


@dataclass(frozen=True, slots=True)
class Met:
    """The ledger as it lies there, and what the store knows: ``head`` of all entries, some of them in the outbox."""

    log: Log
    head: Head

    @property
    def waiting(self) -> int:
        """Entries that are in the outbox and not in the ledger yet."""
        return self.head.size - self.log.size


def folder_of(vault: Vault) -> Path:
    """Where the ledger of a vault lies."""
    return vault.folder / FOLDER


def signer_of(vault: Vault) -> Signer:
    """The ledger's key. Its name is made of it, so that no two ledgers bear the same."""
    seed = vault.secret_for(KEY)
    public = Ed25519PrivateKey.from_private_bytes(seed).public_key().public_bytes_raw()
    return Signer(f"sekisho/{hashlib.sha256(public).hexdigest()[:16]}", seed)


def policy_of(vault: Vault) -> Policy:
    """Whom to believe about the ledger: its own key, and the witnesses that were set."""
    written = vault.ledger_policy.written()
    return Policy.of(written) if written else Policy(logs=(signer_of(vault).verifier,))


def meet(vault: Vault) -> Met:
    """Hold the store's head against the ledger; raises LedgerError where they are not of one and the same history."""
    with whole(folder_of(vault), shared=True):
        return _held(vault, signer_of(vault).verifier)


def drain(vault: Vault) -> Log:
    """Bring what waits in the outbox into the ledger, durably; raises LedgerError, VaultError.

    Killed at any moment, it goes on the next time: entries leave the outbox when the ledger holds them.
    """
    signer = signer_of(vault)
    with whole(folder_of(vault)):
        met = _held(vault, signer.verifier)
        log = met.log
        while log.size < met.head.size:
            log = append(log, signer, _waiting(vault, log.size, met.head.size))
        vault.outbox.discard(log.size)
        return log


@contextmanager
def at_rest(vault: Vault) -> Iterator[Log]:
    """The ledger with all that was said, and nobody appends meanwhile; raises LedgerError, VaultError."""
    drain(vault)
    with whole(folder_of(vault), shared=True):
        yield Log.open(folder_of(vault), signer_of(vault).verifier)


def _held(vault: Vault, key: Verifier) -> Met:
    log = Log.open(folder_of(vault), key)
    head = vault.outbox.head()
    if log.size > head.size:
        raise _store_older(log.size, head.size)
    grown = _head_of(log)
    while grown.size < head.size:
        entries = _waiting(vault, grown.size, head.size)
        if not entries:
            raise _ledger_older(log.size, head.size)
        for one in entries:
            grown = grown.appended(one)
    if grown != head:
        raise _another()
    return Met(log, head)


def _waiting(vault: Vault, start: int, end: int) -> list[bytes]:
    """Some of the entries from ``start`` to before ``end``, in order; none where the next one is not in the outbox."""
    found = vault.outbox.pending(start, min(end - start, _BATCH))
    return [made for at, (seq, made) in enumerate(found, start) if seq == at]


def _head_of(log: Log) -> Head:
    """The full subtrees of the log, which must lead to the root that is signed; raises LedgerError, TileError."""
    roots, at = [], 0
    for level in reversed(range(log.size.bit_length())):
        if log.size >> level & 1:
            roots.append(log.tiles.node(level, at >> level))
            at += 1 << level
    head = Head(log.size, tuple(roots))
    if head.root() != log.root:
        raise damaged("tile")
    return head


@contextmanager
def whole(folder: Path, *, shared: bool = False) -> Iterator[None]:
    """Alone with the ledger, and what is wrong with it as errors for people."""
    try:
        with told(), locked(folder, shared=shared):
            yield
    except LockedError as error:
        raise LedgerError(
            Text("The ledger is in use by another process.", "証跡は別のプロセスが使用中です。"),
            Text("Try again. Nothing is lost.", "もう一度実行してください。失われたものはありません。"),
        ) from error


@contextmanager
def told() -> Iterator[None]:
    """What is wrong with the ledger as errors for people."""
    try:
        yield
    except NoteError as error:
        raise damaged(CHECKPOINT) from error
    except TileError as error:
        raise damaged(error.path) from error
    except OSError as error:
        raise not_written(error) from error


def damaged(path: str) -> LedgerError:
    """The error for a ledger that was changed, or has lost something."""
    return LedgerError(
        Text("The ledger is damaged or was changed: {path}.", "証跡が破損しているか、改変されています: {path}。").fill(
            path=path
        ),
        _HINT,
    )


_HINT = Text(
    "`sekisho ledger verify` says which entries are concerned. Keep a copy of everything as it is, then restore the "
    "vault from a backup.",
    "影響する記載は `sekisho ledger verify` で分かります。現状の写しを取ってから、保管庫を控えから戻してください。",
)


def _store_older(ledger: int, store: int) -> LedgerError:
    said = Text(
        "The ledger holds {ledger} entries, the store knows of {store}: the store was put back to an earlier state.",
        "証跡には{ledger}件の記載がありますが、データベースは{store}件までです。データベースが以前の状態に戻されています。",
    )
    return LedgerError(said.fill(ledger=ledger, store=store), _HINT)


def _ledger_older(ledger: int, store: int) -> LedgerError:
    said = Text(
        "The store knows of {store} entries, the ledger holds {ledger} and the outbox not the rest: the ledger was "
        "cut or put back to an earlier state.",
        "データベースは{store}件の記載を示しますが、証跡には{ledger}件しかなく、残りは送信待ちにもありません。"
        "証跡が切り詰められたか、以前の状態に戻されています。",
    )
    return LedgerError(said.fill(ledger=ledger, store=store), _HINT)


def _another() -> LedgerError:
    return LedgerError(
        Text(
            "The ledger is not the one of this store: their entries differ.",
            "証跡とデータベースが食い違っています。記載の内容が異なります。",
        ),
        _HINT,
    )
