"""One file at work in a child: what was said of it, and what the next child is told where this one dies."""

from __future__ import annotations

import os
import time
from collections import Counter
from dataclasses import dataclass, field, replace

import pyarrow as pa
import pyarrow.compute as pc

from sekisho.documents.account import Examined
from sekisho.documents.watch import Past
from sekisho.documents.wire import Inbox, Message, WireError
from sekisho.model import Outcome, Reason, SourceFile

MOST_DOCUMENTS = 1 << 24  # of one file, more than its limits allow


@dataclass
class Child:
    """A child as its keeper sees it: its number, and the pipe it writes to."""

    number: int
    pipe: int
    inbox: Inbox
    out_of_time: bool = False
    made_no_sense: bool = False

    def close(self) -> None:
        """It is not listened to any more."""
        os.close(self.pipe)


@dataclass
class Job:
    """One file, the child it is with, and all that is known of it from this child and those before."""

    file: SourceFile
    child: Child
    started: float = field(default_factory=time.monotonic)
    heard: float = field(default_factory=time.monotonic)
    begun: dict[int, Examined] = field(default_factory=dict)
    done: set[int] = field(default_factory=set)
    stops: dict[int, Reason] = field(default_factory=dict)  # containers that end a child when asked for more
    records: Counter[int] = field(default_factory=Counter)
    doubts: Counter[int] = field(default_factory=Counter)
    at_work: int = 0
    deaths: int = 0

    def note(self, message: Message) -> None:
        """Keep account of what the child says. Raises WireError where it speaks of what it was not given."""
        self._hold_against(message)
        self.heard = time.monotonic()
        if isinstance(message, Examined):
            self.at_work = message.document_id
            self.begun[message.document_id] = message
            return
        self.done.update(message.documents["document_id"].to_pylist())
        for counter, table in ((self.records, message.records), (self.doubts, message.doubts)):
            for counted in pc.value_counts(table["document_id"]).to_pylist():
                counter[counted["values"]] += counted["counts"]

    def _hold_against(self, message: Message) -> None:
        """A child that was taken over speaks of its own file all the same."""
        if isinstance(message, Examined):
            names, ids = pa.array([message.document]), [pa.array([message.document_id])]
        else:
            tables = (message.documents, message.records, message.doubts)
            names, ids = message.documents["document"], [table["document_id"] for table in tables]
            if not _all(pc.equal(message.documents["file"], self.file.document)):
                raise WireError
        if not _all(pc.starts_with(names, self.file.document)):
            raise WireError
        for column in ids:
            if not _all(pc.and_(pc.greater_equal(column, 0), pc.less(column, MOST_DOCUMENTS))):
                raise WireError

    def goes_to(self, child: Child) -> None:
        """Another child goes on with it."""
        self.child, self.at_work, self.heard = child, 0, time.monotonic()

    def past(self) -> dict[int, Past]:
        """What the next child is to pass over."""
        ids = sorted(self.begun)
        return {i: self._done(i, ids) if i in self.done else self._open(i, ids) for i in ids}

    def _done(self, document_id: int, ids: list[int]) -> Past:
        after = self._after(document_id, ids)
        return Past(sum(self.records[i] for i in ids if document_id <= i < after), next_id=after)

    def _open(self, document_id: int, ids: list[int]) -> Past:
        reason = self.stops.get(document_id)
        stop = (self._after(document_id, ids) - 1, reason) if reason else None
        return Past(self.records[document_id], self.doubts[document_id], stop=stop)

    def _after(self, document_id: int, ids: list[int]) -> int:
        """The first id after a document and all that is nested in it."""
        depth = self.begun[document_id].depth
        later = (i for i in ids if i > document_id and self.begun[i].depth <= depth)
        return next(later, ids[-1] + 1)

    def lost(self, outcome: Outcome, reason: Reason, *, given_up: bool) -> list[Examined]:
        """The accounts of the documents that a death ends; all that are open where the file is ``given_up``.

        None where a container died when it was asked for its next member: it ends by itself before that one.
        """
        self.begun.setdefault(0, Examined(0, self.file.document, 1, size=self.file.size))
        if given_up:
            open_ones = [self.begun[i] for i in sorted(self.begun, reverse=True) if i not in self.done]
        elif self.at_work < max(self.begun):
            self.stops[self.at_work] = reason
            open_ones = []
        else:
            open_ones = [self.begun[self.at_work]]
        self.done.update(each.document_id for each in open_ones)
        return [self._ended_badly(each, outcome, reason) for each in open_ones]

    def _ended_badly(self, known: Examined, outcome: Outcome, reason: Reason) -> Examined:
        records = self.records[known.document_id]
        if outcome is Outcome.UNREADABLE and (records or known.document_id < max(self.begun)):
            outcome = Outcome.PARTLY_READ
        return replace(known, outcome=outcome, reason=reason, records=records)


def _all(column: pa.Array) -> bool:
    """Is every value true, and none null?"""
    return pc.all(column.fill_null(False), min_count=0).as_py() is True
