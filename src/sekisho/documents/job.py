"""One file at work in a child: what was said of it, and what the next child is told where this one dies."""

from __future__ import annotations

import os
import time
from collections import Counter
from dataclasses import dataclass, field, replace
from multiprocessing.connection import Connection

import pyarrow.compute as pc

from sekisho.documents.account import Examined
from sekisho.documents.watch import Past
from sekisho.documents.wire import Inbox, Message
from sekisho.model import Outcome, Reason, SourceFile


@dataclass
class Child:
    """A child as its keeper sees it: the pipe it writes to, the orders it reads, how many files it was given."""

    number: int
    pipe: int
    orders: Connection
    inbox: Inbox
    given: int = 1
    out_of_time: bool = False

    def close(self) -> None:
        """It gets nothing more to do, and is not listened to any more."""
        self.orders.close()
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
        """Keep account of what the child says."""
        self.heard = time.monotonic()
        if isinstance(message, Examined):
            self.at_work = message.document_id
            self.begun[message.document_id] = message
            return
        self.done.update(message.documents["document_id"].to_pylist())
        for counter, table in ((self.records, message.records), (self.doubts, message.doubts)):
            for counted in pc.value_counts(table["document_id"]).to_pylist():
                counter[counted["values"]] += counted["counts"]

    def goes_to(self, child: Child) -> None:
        """Another child goes on with it."""
        self.child, self.at_work, self.heard = child, 0, time.monotonic()

    # --- where the next child goes on

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

    # --- what a death costs

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
