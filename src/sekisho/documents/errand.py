"""How a reader that may start no program has one started: it asks the clean process that it was forked from.

A line is a pair of Unix sockets between the two. An order is one message, a program of the list and a name, with three
descriptors: input, output and the lifeline, over which the end of the program is told and which ends it when it is let
go of. So a program never outlives the reader that asked for it. Who asks may have been taken over: what comes is
bounded and checked, and what is wrong is answered by a lifeline that is cut.
"""

from __future__ import annotations

import contextlib
import json
import os
import socket
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from functools import partial

from sekisho.documents import helper
from sekisho.documents.helper import Errand
from sekisho.errors import UnreadableError
from sekisho.model import Limits, Reason

AT_ONCE = 12  # programs of one reader: one a level of nesting and some
_LONGEST, _DESCRIPTORS = 1 << 15, 3  # of an order
_GOOD, _BAD = b"+", b"-"


Line = socket.socket


def line() -> tuple[Line, Line]:
    """A line: the end of the clean process and that of the reader."""
    return socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)


def asked_over(end: Line) -> helper.Starter:
    """What the reader starts programs with, once it is shut in."""

    def start(errand: Errand, source: int, output: int, limits: Limits) -> _Asked:
        lifeline, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            descriptors = [source, output, theirs.fileno()]
            socket.send_fds(end, [json.dumps(asdict(errand)).encode()], descriptors)
        return _Asked(lifeline)

    return start


class _Asked:
    """A program that the clean process runs for us."""

    def __init__(self, lifeline: Line) -> None:
        self._lifeline = lifeline

    def wait(self) -> bool:
        try:
            return os.read(self._lifeline.fileno(), 1) == _GOOD
        except OSError as error:
            raise UnreadableError(Reason.DAMAGED, "program") from error

    def end(self) -> None:
        self._lifeline.close()


@dataclass
class _Program:
    """One at work; ``lifeline`` is None once it was let go of."""

    reader: int
    lifeline: Line | None


class Desk:
    """The side of the clean process: takes orders, starts programs, tells and brings about their ends."""

    def __init__(self, limits: Limits, kill: Callable[[int], None]) -> None:
        self._limits = limits
        self._kill = kill
        self._lines: dict[int, Line] = {}  # pid of the reader -> line
        self._programs: dict[int, _Program] = {}  # pid -> program

    def opens(self, reader: int, end: Line) -> None:
        """A new reader, and our end of the line to it."""
        self._lines[reader] = end

    def closes(self, reader: int) -> None:
        """A reader is gone, and so are its programs."""
        self._hang_up(reader)
        for pid, program in self._programs.items():
            if program.reader == reader:
                self._cut(pid, program)

    def wires(self) -> Mapping[Line, Callable[[], None]]:
        """What is to be watched, and what is to be called when something comes over it."""
        lines = {end: partial(self._order, reader) for reader, end in self._lines.items()}
        programs = self._programs.items()
        return lines | {p.lifeline: partial(self._cut, pid, p) for pid, p in programs if p.lifeline is not None}

    def ended(self, pid: int, status: int) -> bool:
        """A process has ended: was it a program of ours?"""
        program = self._programs.pop(pid, None)
        if program is not None and program.lifeline is not None:
            with contextlib.suppress(OSError), program.lifeline as lifeline:
                lifeline.send(_BAD if status else _GOOD, socket.MSG_DONTWAIT | socket.MSG_NOSIGNAL)
        return program is not None

    def pids(self) -> tuple[int, ...]:
        """The programs at work."""
        return tuple(self._programs)

    def _hang_up(self, reader: int) -> None:
        if (end := self._lines.pop(reader, None)) is not None:
            end.close()

    def _cut(self, pid: int, program: _Program) -> None:
        if self._programs.get(pid) is not program:  # it has ended meanwhile
            return
        if program.lifeline is not None:
            program.lifeline.close()
            program.lifeline = None
        self._kill(pid)

    def _order(self, reader: int) -> None:
        if (end := self._lines.get(reader)) is None:
            return None
        flags = socket.MSG_DONTWAIT | socket.MSG_CMSG_CLOEXEC
        try:
            message, descriptors, _, _ = socket.recv_fds(end, _LONGEST, _DESCRIPTORS, flags)
        except OSError:
            return None
        if not message:
            return self._hang_up(reader)
        try:
            self._start(reader, message, descriptors)
        except (ValueError, TypeError, LookupError, RecursionError, OSError):  # nothing that a reader of ours says
            pass
        finally:
            for descriptor in descriptors:
                os.close(descriptor)

    def _start(self, reader: int, message: bytes, descriptors: list[int]) -> None:
        if sum(program.reader == reader for program in self._programs.values()) >= AT_ONCE:
            return
        source, output, theirs = descriptors
        told = json.loads(message)
        errand = Errand(str(told["program"]), str(told["name"]))
        lifeline = socket.socket(fileno=theirs)
        descriptors.remove(theirs)  # it is the lifeline's to close
        self._programs[helper.spawn(errand, source, output, self._limits)] = _Program(reader, lifeline)
