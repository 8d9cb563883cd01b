"""Examines each file in a child process of its own, several at once; a child that dies costs one document, not the run.

The parent keeps the time, keeps what was sent, and has the rest of a file read on in a new child. It never holds more
than the message that it is handing on.
"""

from __future__ import annotations

import os
import pickle
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from fcntl import fcntl
from multiprocessing import Pipe, reduction
from multiprocessing.connection import wait
from typing import Any

import pyarrow.compute as pc

from sekisho.documents.account import Examined, document_rows
from sekisho.documents.opening import MAPPED_FROM
from sekisho.documents.watch import Past
from sekisho.documents.wire import Inbox, Message, WireError
from sekisho.documents.zygote import FILE_FACTOR, Ended, Kill, Start, Work
from sekisho.model import DOUBTS, RECORDS, Findings, Limits, Outcome, Reason, SourceFile

MOST_DEATHS = 8  # of children over one file; then it is given up, and what was begun is accounted for
_PIPE_BYTES, _F_SETPIPE_SZ = 1 << 20, 1031
_ENTRY = "from sekisho.documents.zygote import main; main()"
SINGLE_THREADED = {
    "POLARS_MAX_THREADS": "1",
    "RAYON_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "ARROW_IO_THREADS": "1",
    "ARROW_DEFAULT_MEMORY_POOL": "system",
}


def examined(
    files: Iterable[SourceFile], work: Work, limits: Limits, at_once: int | None = None
) -> Iterator[tuple[SourceFile, Findings]]:
    """What each file holds, in parts, as they come; the parts of several files are mixed, ``last`` ends a file.

    ``work(file, watch=watch)`` runs in the child and must be picklable (`functools.partial(examine, wants=wants)`).
    ``at_once``: how many children; as many as there are cores where not given.
    """
    keeper = _Keeper(work, limits, at_once or len(os.sched_getaffinity(0)))
    try:
        yield from keeper.run(iter(files))
    finally:
        keeper.close()


class ZygoteError(RuntimeError):
    """The process that children are forked from is gone: killed from outside, or it could not import the work."""


@dataclass
class _Job:
    """One file at work: the pipe of its present child, and all that is known from it and those before."""

    number: int
    file: SourceFile
    pipe: int
    inbox: Inbox
    started: float = field(default_factory=time.monotonic)
    heard: float = field(default_factory=time.monotonic)
    begun: dict[int, Examined] = field(default_factory=dict)
    done: set[int] = field(default_factory=set)
    stops: dict[int, Reason] = field(default_factory=dict)  # containers that end a child when asked for more
    records: Counter[int] = field(default_factory=Counter)
    doubts: Counter[int] = field(default_factory=Counter)
    at_work: int = 0
    deaths: int = 0
    out_of_time: bool = False

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

    def unfinished(self) -> list[Examined]:
        """What was begun and not done, members before their containers."""
        return [self.begun[i] for i in sorted(self.begun, reverse=True) if i not in self.done]


class _Keeper:
    """Runs the children of many files."""

    def __init__(self, work: Work, limits: Limits, at_once: int) -> None:
        self._limits = limits
        self._at_once = at_once
        self._jobs: dict[int, _Job] = {}  # pipe -> job
        self._number = 0
        self._ended: dict[int, Ended] = {}
        self._zygote, theirs = Pipe()
        command = [sys.executable, "-P", "-c", _ENTRY, str(theirs.fileno())]
        self._process = subprocess.Popen(
            command, pass_fds=[theirs.fileno()], start_new_session=True, env={**os.environ, **SINGLE_THREADED}
        )
        theirs.close()
        self._zygote.send(sys.path)
        self._zygote.send_bytes(pickle.dumps((sys.path, work, limits)))
        self._receive()  # it is ready: no child's time runs before

    def run(self, files: Iterator[SourceFile]) -> Iterator[tuple[SourceFile, Findings]]:
        """All files, ``at_once`` at a time."""
        while True:
            while len(self._jobs) < self._at_once and (file := next(files, None)) is not None:
                self._start(file)
            if not self._jobs:
                return
            for ready in wait([self._zygote, *self._jobs], self._seconds_to_next_deadline()):
                if isinstance(ready, int):
                    yield from self._heard(self._jobs[ready])
                else:
                    self._read_report()
            self._end_late_ones()

    def close(self) -> None:
        """Leave nothing running."""
        self._zygote.close()
        for pipe in self._jobs:
            os.close(pipe)
        self._jobs.clear()
        self._process.wait()

    def _start(self, file: SourceFile) -> None:
        self._number += 1
        pipe = self._fork(Start(self._number, file, {}))
        self._jobs[pipe] = _Job(self._number, file, pipe, Inbox(pipe))

    def _order(self, order: Start | Kill) -> None:
        try:
            self._zygote.send(order)
        except OSError as error:
            raise ZygoteError from error

    def _fork(self, order: Start) -> int:
        reader, writer = os.pipe()
        fcntl(reader, _F_SETPIPE_SZ, _PIPE_BYTES)
        os.set_blocking(reader, False)
        self._order(order)
        reduction.send_handle(self._zygote, writer, self._process.pid)
        os.close(writer)
        return reader

    def _heard(self, job: _Job) -> Iterator[tuple[SourceFile, Findings]]:
        try:
            for message in job.inbox.messages():
                job.note(message)
                if isinstance(message, Findings):
                    if message.last:
                        self._forget(job)
                    yield job.file, message
                    if message.last:
                        return
        except WireError:
            self._order(Kill(job.number))
            yield from self._died(job)
        except EOFError:
            yield from self._died(job)

    def _forget(self, job: _Job) -> None:
        del self._jobs[job.pipe]
        os.close(job.pipe)

    # --- deadlines

    def _deadline(self, job: _Job) -> float:
        return min(job.heard + self._limits.seconds, job.started + FILE_FACTOR * self._limits.seconds)

    def _seconds_to_next_deadline(self) -> float:
        return max(0.0, min(map(self._deadline, self._jobs.values())) - time.monotonic())

    def _end_late_ones(self) -> None:
        now = time.monotonic()
        for job in self._jobs.values():
            if now >= self._deadline(job) and not wait([job.pipe], 0):
                job.out_of_time = True
                job.heard = now
                self._order(Kill(job.number))

    # --- deaths

    def _died(self, job: _Job) -> Iterator[tuple[SourceFile, Findings]]:
        """The document at work gets its outcome; the rest of the file is read on by another child."""
        outcome, reason = self._cause(job)
        self._forget(job)
        job.deaths += 1
        spent = time.monotonic() - job.started >= FILE_FACTOR * self._limits.seconds
        rows = self._lost(job, outcome, reason, given_up=spent or job.deaths >= MOST_DEATHS)
        job.done.update(row.document_id for row in rows)
        finished = 0 in job.done
        if rows:
            yield job.file, _only(rows, job.file.document, last=finished)
        if not finished:
            self._resume(job)

    def _resume(self, job: _Job) -> None:
        self._number += 1
        job.number, job.out_of_time, job.at_work = self._number, False, 0
        job.pipe = self._fork(Start(job.number, job.file, job.past()))
        job.inbox, job.heard = Inbox(job.pipe), time.monotonic()
        self._jobs[job.pipe] = job

    def _lost(self, job: _Job, outcome: Outcome, reason: Reason, *, given_up: bool) -> list[Examined]:
        """The accounts of the documents that this death ends."""
        job.begun.setdefault(0, Examined(0, job.file.document, 1, size=job.file.size))
        last_begun = max(job.begun)
        if given_up:
            return [self._ended_badly(job, each, outcome, reason) for each in job.unfinished()]
        if job.at_work < last_begun:  # a container died when asked for its next member
            job.stops[job.at_work] = reason
            return []
        return [self._ended_badly(job, job.begun[job.at_work], outcome, reason)]

    def _ended_badly(self, job: _Job, known: Examined, outcome: Outcome, reason: Reason) -> Examined:
        records = job.records[known.document_id]
        if outcome is Outcome.UNREADABLE and (records or known.document_id < max(job.begun)):
            outcome = Outcome.PARTLY_READ
        return replace(known, outcome=outcome, reason=reason, records=records)

    def _cause(self, job: _Job) -> tuple[Outcome, Reason]:
        """What a child died of, as an outcome of the document at work."""
        ended = self._report_on(job.number)
        signalled = os.WTERMSIG(ended.status) if os.WIFSIGNALED(ended.status) else 0
        if job.out_of_time or signalled == signal.SIGXCPU:
            return Outcome.OVER_LIMIT, Reason.TIME
        if ended.out_of_memory or signalled == signal.SIGKILL:
            return Outcome.OVER_LIMIT, Reason.MEMORY
        if signalled == signal.SIGBUS and job.file.size >= MAPPED_FROM:
            return Outcome.UNREADABLE, Reason.CHANGED
        return Outcome.UNREADABLE, Reason.PARSER_FAILED

    def _report_on(self, number: int) -> Ended:
        while number not in self._ended:
            self._read_report()
        return self._ended.pop(number)

    def _receive(self) -> Any:
        try:
            return self._zygote.recv()
        except (EOFError, OSError) as error:
            raise ZygoteError from error

    def _read_report(self) -> None:
        """How a child ended; of one that had said all it had to say nobody asks."""
        ended = self._receive()
        if any(job.number == ended.job for job in self._jobs.values()):
            self._ended[ended.job] = ended


def _only(rows: list[Examined], file: str, *, last: bool) -> Findings:
    return Findings(document_rows(rows, file), RECORDS.empty_table(), DOUBTS.empty_table(), last=last)
