"""Examines files in child processes, several at once; a child that dies costs one document, not the run.

A child is given one file and sees no other, so that one that is taken over by what it reads has nothing to tell. The
parent keeps the time, keeps what was sent, and has the rest of a file read on by a new child where one dies. It never
holds more than the message that it is handing on.
"""

from __future__ import annotations

import contextlib
import os
import pickle
import signal
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator, Mapping
from fcntl import fcntl
from multiprocessing import Pipe, reduction
from multiprocessing.connection import wait
from typing import Any

from sekisho.documents.account import Examined, document_rows, unopened
from sekisho.documents.jail import FILE_FACTOR
from sekisho.documents.job import Child, Job
from sekisho.documents.opening import MAPPED_FROM
from sekisho.documents.watch import Past
from sekisho.documents.wire import Inbox, WireError
from sekisho.documents.zygote import Ended, Kill, Start, Work
from sekisho.errors import MissingPartError
from sekisho.model import DOUBTS, RECORDS, Findings, Limits, Outcome, Reason, SourceFile
from sekisho.wording import Text

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
    ``at_once``: how many children; as many as there are cores where not given. Raises ZygoteError, and
    MissingPartError where the kernel says that it shuts readers in and does not.
    """
    keeper = _Keeper(work, limits, at_once or len(os.sched_getaffinity(0)))
    try:
        yield from keeper.run(iter(files))
    finally:
        keeper.close()


class ZygoteError(RuntimeError):
    """The process that children are forked from is gone: killed from outside, or it could not import the work."""


class _Keeper:
    """Runs the children of many files."""

    def __init__(self, work: Work, limits: Limits, at_once: int) -> None:
        self._limits = limits
        self._at_once = at_once
        self._jobs: dict[int, Job] = {}  # pipe -> job
        self._put_by: list[Ended] = []
        self._number = 0
        self._zygote, theirs = Pipe()
        command = [sys.executable, "-P", "-c", _ENTRY, str(theirs.fileno())]
        self._process = subprocess.Popen(
            command, pass_fds=[theirs.fileno()], start_new_session=True, env=environment(os.environ)
        )
        theirs.close()
        self._zygote.send(sys.path)
        self._zygote.send_bytes(pickle.dumps((sys.path, work, limits)))
        if not self._receive():  # it is ready: no child's time runs before
            raise not_shut_in()

    def run(self, files: Iterator[SourceFile]) -> Iterator[tuple[SourceFile, Findings]]:
        """All files, ``at_once`` at a time."""
        self._files = files
        while True:
            yield from self._filled()
            if not self._jobs:
                return
            for ready in wait([self._zygote, *self._jobs], self._seconds_to_next_deadline()):
                if ready in self._jobs:
                    yield from self._heard(self._jobs[ready])
                else:
                    self._put_by.append(self._receive())
            while self._put_by:
                yield from self._reported(self._put_by.pop())
            self._end_late_ones()

    def close(self) -> None:
        """Leave nothing running."""
        self._zygote.close()
        for job in self._jobs.values():
            job.child.close()
        self._jobs.clear()
        self._process.wait()

    def _filled(self) -> Iterator[tuple[SourceFile, Findings]]:
        """Give every free place a file. One that is not to be opened at all needs no child."""
        while len(self._jobs) < self._at_once and (file := next(self._files, None)) is not None:
            if file.outcome is not None:
                yield file, _only([unopened(file, file.outcome, file.reason)], file.document, last=True)
            else:
                child = self._forked(file, {})
                self._jobs[child.pipe] = Job(file, child)

    def _forked(self, file: SourceFile, past: Mapping[int, Past]) -> Child:
        self._number += 1
        reader, writer = os.pipe()
        fcntl(reader, _F_SETPIPE_SZ, _PIPE_BYTES)
        os.set_blocking(reader, False)
        self._order(Start(self._number, file, past))
        reduction.send_handle(self._zygote, writer, self._process.pid)
        os.close(writer)
        return Child(self._number, reader, Inbox(reader))

    def _heard(self, job: Job) -> Iterator[tuple[SourceFile, Findings]]:
        try:
            yield from self._said(job)
        except WireError:
            job.child.made_no_sense = True
            self._order(Kill(job.child.number))
            yield from self._died(job, self._report_on(job.child.number))
        except EOFError:
            yield from self._died(job, self._report_on(job.child.number))

    def _said(self, job: Job) -> Iterator[tuple[SourceFile, Findings]]:
        for message in job.child.inbox.messages():
            job.note(message)
            if isinstance(message, Examined):
                continue
            if message.last:
                self._forget(job)
            yield job.file, message
            if message.last:
                return

    def _reported(self, ended: Ended) -> Iterator[tuple[SourceFile, Findings]]:
        """A child has ended. If it was in the middle of something, it died, whoever still holds its pipe."""
        for job in [job for job in self._jobs.values() if job.child.number == ended.job]:
            with contextlib.suppress(EOFError, WireError):
                yield from self._said(job)
            if self._jobs.get(job.child.pipe) is job:
                yield from self._died(job, ended)

    def _report_on(self, number: int) -> Ended:
        """How a child ended; reports on others are put by."""
        while not (found := [ended for ended in self._put_by if ended.job == number]):
            self._put_by.append(self._receive())
        self._put_by.remove(found[0])
        return found[0]

    def _receive(self) -> Any:
        try:
            return self._zygote.recv()
        except (EOFError, OSError) as error:
            raise ZygoteError from error

    def _order(self, order: Start | Kill) -> None:
        try:
            self._zygote.send(order)
        except OSError as error:
            raise ZygoteError from error

    def _forget(self, job: Job) -> None:
        del self._jobs[job.child.pipe]
        job.child.close()

    def _deadline(self, job: Job) -> float:
        return min(job.heard + self._limits.seconds, job.started + FILE_FACTOR * self._limits.seconds)

    def _seconds_to_next_deadline(self) -> float:
        return max(0.0, min(map(self._deadline, self._jobs.values())) - time.monotonic())

    def _end_late_ones(self) -> None:
        now = time.monotonic()
        for job in self._jobs.values():
            if now >= self._deadline(job) and not wait([job.child.pipe], 0):
                job.child.out_of_time = True
                job.heard = now
                self._order(Kill(job.child.number))

    def _died(self, job: Job, ended: Ended) -> Iterator[tuple[SourceFile, Findings]]:
        """The document at work gets its outcome; the rest of the file is read on by another child."""
        self._forget(job)
        outcome, reason = _cause(job, ended)
        job.deaths += 1
        spent = time.monotonic() - job.started >= FILE_FACTOR * self._limits.seconds
        rows = job.lost(outcome, reason, given_up=spent or job.deaths >= MOST_DEATHS)
        finished = 0 in job.done
        if rows:
            yield job.file, _only(rows, job.file.document, last=finished)
        if not finished:
            job.goes_to(self._forked(job.file, job.past()))
            self._jobs[job.child.pipe] = job


def not_shut_in() -> MissingPartError:
    """The error for a kernel whose sandbox does not hold."""
    return MissingPartError(
        Text("The sandbox of this kernel does not hold.", "このカーネルのサンドボックスは機能していません。"),
        Text(
            "Nothing was read. Run on a host that lets Landlock and seccomp be used (docs/sandbox.md).",
            "何も読み取っていません。Landlockとseccompを使える環境で実行してください（docs/sandbox.md）。",
        ),
    )


def _cause(job: Job, ended: Ended) -> tuple[Outcome, Reason]:
    """What a child died of, as an outcome of the document at work."""
    if job.child.made_no_sense:
        return Outcome.UNREADABLE, Reason.PARSER_FAILED
    signalled = os.WTERMSIG(ended.status) if os.WIFSIGNALED(ended.status) else 0
    if job.child.out_of_time or signalled == signal.SIGXCPU:
        return Outcome.OVER_LIMIT, Reason.TIME
    if ended.out_of_memory or signalled == signal.SIGKILL:
        return Outcome.OVER_LIMIT, Reason.MEMORY
    if signalled == signal.SIGBUS and job.file.size >= MAPPED_FROM:
        return Outcome.UNREADABLE, Reason.CHANGED
    return Outcome.UNREADABLE, Reason.PARSER_FAILED


def _only(rows: list[Examined], file: str, *, last: bool) -> Findings:
    return Findings(document_rows(rows, file), RECORDS.empty_table(), DOUBTS.empty_table(), last=last)


def environment(own: Mapping[str, str]) -> dict[str, str]:
    """Ours, without what a captured reader could use: the vault's passphrase and the like."""
    return {**{k: v for k, v in own.items() if not k.startswith("SEKISHO_")}, **SINGLE_THREADED}
