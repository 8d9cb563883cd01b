"""Documents in, record batches out: what one top-level file holds, as a pure function that any pool can run."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

import pyarrow as pa

from sekisho.documents import opening
from sekisho.documents.account import Examined, document_rows, outcome_of, unopened
from sekisho.documents.passwords import Found, Keyring
from sekisho.documents.reading import Batch, Reading, Step
from sekisho.documents.walk import walk
from sekisho.documents.watch import Watch
from sekisho.errors import DocumentError
from sekisho.model import DOUBTS, RECORDS, Blob, Content, Decision, Findings, Limits, Outcome, Reason, SourceFile
from sekisho.records.find import Finds, find

ROWS_AT_ONCE = 50_000
DOCUMENTS_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Wants:
    """What is asked of every file: what it may cost, what opens it, and what humans decided about doubts.

    ``passwords``: the user's bank; ``found``: candidates from a first pass (`passwords.Gathered.found`);
    ``salt``: of this run, under which the passwords that opened something are compared.
    """

    limits: Limits = field(default_factory=Limits)
    passwords: tuple[str, ...] = field(default=(), repr=False)
    found: tuple[Found, ...] = field(default=(), repr=False)
    decisions: Mapping[tuple[str, str], Decision] = field(default_factory=dict)
    salt: bytes = field(default_factory=lambda: os.urandom(32), repr=False)


def examine(file: SourceFile, wants: Wants, watch: Watch | None = None) -> Iterator[Findings]:
    """All that ``file`` holds. A large one comes in several Findings; none is lost where a document ends badly."""
    tray = _Tray(file.document)
    reading = Reading(
        wants.limits,
        Keyring(wants.passwords, wants.found, wants.salt, file.key),
        watch or Watch(),
    )
    for step in _steps(file, reading, wants):
        tray.put(step)
        if tray.is_full:
            yield tray.emptied()
    yield tray.emptied(passwords=reading.keyring.here, last=True)


def _steps(file: SourceFile, reading: Reading, wants: Wants) -> Iterator[Step]:
    if file.outcome is not None:
        yield unopened(file, file.outcome, file.reason)
        return

    def visit(document: str, contents: Iterable[Content]) -> Iterator[Finds]:
        return find(contents, document, wants.decisions)

    top: Examined | None = None
    try:
        with opening.opened(file, wants.limits, reading.watch.open) as data:
            for step in walk(Blob(file.document, data), file.document, reading, visit):
                if isinstance(step, Examined) and step.document_id == 0:
                    top = step
                else:
                    yield step
    except DocumentError as error:
        outcome, reason = outcome_of(error), Reason(error.reason)
        top = replace(top, outcome=Outcome.PARTLY_READ, reason=reason) if top else unopened(file, outcome, reason)
    if top is not None:
        yield top


class _Tray:
    """Collects steps until they are worth sending."""

    def __init__(self, file: str) -> None:
        self._file = file
        self._begin()

    def _begin(self) -> None:
        self._examined: list[Examined] = []
        self._records: list[pa.Table] = []
        self._doubts: list[pa.Table] = []
        self._rows = 0

    def put(self, step: Step) -> None:
        """One more."""
        if isinstance(step, Examined):
            self._examined.append(step)
        else:
            self._put_tables(step)

    def _put_tables(self, batch: Batch) -> None:
        self._records.append(_of_document(batch.records, batch.document_id))
        self._doubts.append(_of_document(batch.doubts, batch.document_id))
        self._rows += batch.records.num_rows

    @property
    def is_full(self) -> bool:
        """Is it time to send?"""
        return self._rows >= ROWS_AT_ONCE or len(self._examined) >= DOCUMENTS_AT_ONCE

    def emptied(self, *, passwords: tuple[str, ...] = (), last: bool = False) -> Findings:
        """What was collected."""
        findings = Findings(
            documents=document_rows(self._examined, self._file),
            records=pa.concat_tables(self._records) if self._records else RECORDS.empty_table(),
            doubts=pa.concat_tables(self._doubts) if self._doubts else DOUBTS.empty_table(),
            passwords=passwords,
            last=last,
            opened_by={e.document_id: e.opened_by for e in self._examined if e.opened_by},
        )
        self._begin()
        return findings


def _of_document(table: pa.Table, document_id: int) -> pa.Table:
    at = table.schema.get_field_index("document_id")
    return table.set_column(at, table.schema.field(at), pa.array([document_id] * table.num_rows, pa.int64()))
