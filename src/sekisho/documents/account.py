"""The account of one document: what became of it, as a value and as a row of `model.DOCUMENTS`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import pyarrow as pa

from sekisho.errors import (
    DocumentError,
    LockedError,
    OverLimitError,
    UnsupportedError,
    VanishedError,
)
from sekisho.model import DOCUMENTS, NO_LOCK, Lock, Outcome, Reason, SourceFile

_OUTCOMES: tuple[tuple[type[DocumentError], Outcome], ...] = (
    (LockedError, Outcome.LOCKED),
    (OverLimitError, Outcome.OVER_LIMIT),
    (VanishedError, Outcome.VANISHED),
    (UnsupportedError, Outcome.UNSUPPORTED),
)


@dataclass(frozen=True, slots=True)
class Examined:
    """One document, done with. ``next_id``: the first id after it and all that is nested in it.

    ``opened_by``: digests of the passwords that opened the locks on its way in (`passwords.digest`).
    """

    document_id: int
    document: str
    next_id: int
    kind: str = ""
    named_kind: str = ""
    outcome: Outcome = Outcome.READ
    reason: Reason = Reason.NONE
    detail: str = ""
    lock: Lock = NO_LOCK
    password_beside: bool = False
    opened_by: tuple[bytes, ...] = field(default=(), repr=False)
    size: int | None = None
    sha256: str | None = None
    same_as: str | None = None
    records: int = 0
    depth: int = 0  # how many containers it lies in


def outcome_of(error: DocumentError) -> Outcome:
    """What becomes of a document of which nothing could be read because of ``error``."""
    if error.reason == Reason.LINK:
        return Outcome.LEFT_OUT
    return next((outcome for kind, outcome in _OUTCOMES if isinstance(error, kind)), Outcome.UNREADABLE)


def unopened(file: SourceFile, outcome: Outcome, reason: Reason) -> Examined:
    """The account of a top-level file that nobody could or should look into."""
    return Examined(0, file.document, 1, outcome=outcome, reason=reason, size=file.size)


def document_rows(examined: Sequence[Examined], file: str) -> pa.Table:
    """Rows of `model.DOCUMENTS` for documents of the top-level ``file``; its own columns from the disk stay null."""
    columns = {
        "document_id": [e.document_id for e in examined],
        "document": [e.document for e in examined],
        "file": [file] * len(examined),
        "kind": [e.kind for e in examined],
        "named_kind": [e.named_kind for e in examined],
        "outcome": [str(e.outcome) for e in examined],
        "reason": [str(e.reason) for e in examined],
        "detail": [e.detail for e in examined],
        "protection": [e.lock.protection.name for e in examined],
        "algorithm": [e.lock.algorithm for e in examined],
        "password_beside": [e.password_beside for e in examined],
        "size": [e.size for e in examined],
        "sha256": [e.sha256 for e in examined],
        "same_as": [e.same_as for e in examined],
        "records": [e.records for e in examined],
    }
    return pa.table(
        [pa.array(columns.get(f.name, [None] * len(examined)), f.type) for f in DOCUMENTS], schema=DOCUMENTS
    )
