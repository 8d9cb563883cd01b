"""A function run apart: in a child of its own, shut in like one that reads, which is given bytes and gives bytes back.

For work on one untrusted document that is no reading. The process that children are forked from never sees a document:
what a child works on reaches it through a pipe of its own, and what it says is taken as bytes, never as code.
"""

from __future__ import annotations

import contextlib
import ctypes
import importlib
import os
import pickle
import select
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from multiprocessing import Pipe, reduction
from multiprocessing.connection import Connection
from typing import NoReturn, Self

from sekisho.documents import jail
from sekisho.documents.child import environment, not_shut_in
from sekisho.model import Limits

_ENTRY = "from sekisho.documents.apart import main; main()"
_RANDOM = "/dev/urandom"  # where qpdf takes its keys from
_DONE, _REFUSED = b"+", b"-"
_PR_SET_PDEATHSIG = 1
_CHUNK = 1 << 20
_LONGEST_REASON = 64


class ApartError(Exception):
    """The function gave nothing: ``reason`` is that of what it raised, empty where its process died or took too long.

    The process was in the hands of the document: ``reason`` is only as good as that.
    """

    def __init__(self, reason: str = "") -> None:
        super().__init__(reason)
        self.reason = reason


class Apart:
    """Where functions are run apart; a context. ``needed``: modules that they need, imported once, before any child."""

    def __init__(self, needed: tuple[str, ...], limits: Limits) -> None:
        self._limits = limits
        self._asking = threading.Lock()
        self._server, theirs = Pipe()
        command = [sys.executable, "-P", "-c", _ENTRY, str(theirs.fileno())]
        self._process = subprocess.Popen(
            command, pass_fds=[theirs.fileno()], start_new_session=True, env=environment(os.environ)
        )
        theirs.close()
        self._server.send(sys.path)
        self._server.send((needed, limits))
        if not self._server.recv():
            raise not_shut_in()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._server.close()
        self._process.wait()

    def run(self, function: Callable[..., bytes], *arguments: object) -> bytes:
        """What ``function`` gives, a function of one of the needed modules. Raises ApartError.

        May be called from several threads at once.
        """
        theirs_in, ours_in = os.pipe()
        ours_out, theirs_out = os.pipe()
        try:
            child = self._forked(theirs_in, theirs_out)
            with contextlib.suppress(BrokenPipeError):
                self._give(ours_in, child, pickle.dumps((function, arguments), protocol=5))
            os.close(ours_in)
            ours_in = -1
            said = self._heard(ours_out, child)
        finally:
            for descriptor in (ours_in, ours_out):
                if descriptor >= 0:
                    os.close(descriptor)
        if said[:1] == _DONE:
            return said[1:]
        raise ApartError(said[1 : 1 + _LONGEST_REASON].decode("ascii", "replace") if said[:1] == _REFUSED else "")

    def _forked(self, theirs_in: int, theirs_out: int) -> int:
        try:
            with self._asking:
                for descriptor in (theirs_in, theirs_out):
                    reduction.send_handle(self._server, descriptor, self._process.pid)
                child: int = self._server.recv()
                return child
        finally:
            os.close(theirs_in)
            os.close(theirs_out)

    def _give(self, pipe: int, child: int, data: bytes) -> None:
        """Write it all, as long as the child has time."""
        os.set_blocking(pipe, False)
        view, until = memoryview(data), time.monotonic() + self._limits.seconds
        while view:
            if not select.select([], [pipe], [], max(0.0, until - time.monotonic()))[1]:
                _end(child)
                return
            view = view[os.write(pipe, view[:_CHUNK]) :]

    def _heard(self, pipe: int, child: int) -> bytes:
        """All that the child says; nothing counts of one that takes too long or says too much."""
        said, until = bytearray(), time.monotonic() + self._limits.seconds
        while True:
            if not select.select([pipe], [], [], max(0.0, until - time.monotonic()))[0]:
                _end(child)
                return b""
            got = os.read(pipe, _CHUNK)
            if not got:
                return bytes(said)
            said += got
            if len(said) > self._limits.output_bytes:
                _end(child)
                return b""


def main() -> None:
    """Fork a child for each pair of pipes, until the caller is gone."""
    connection = Connection(int(sys.argv[1]))
    sys.path[:] = connection.recv()
    needed, limits = connection.recv()
    jail.leave_no_core()
    for name in needed:
        importlib.import_module(name)
    made = jail.for_readers(_RANDOM)
    connection.send(made.holds())
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody asks how a child ended: its pipe says all
    with contextlib.suppress(EOFError, OSError):
        while True:
            pipes = reduction.recv_handle(connection), reduction.recv_handle(connection)
            child = os.fork()
            if child == 0:
                connection.close()
                _work(made, limits, *pipes)
            for pipe in pipes:
                os.close(pipe)
            connection.send(child)


def _work(made: jail.Jail, limits: Limits, given: int, out: int) -> NoReturn:
    """Shut in, do what is asked, say what comes of it, and be gone."""
    try:
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        jail.leave_open(os.open(os.devnull, os.O_RDWR), given, out, *made.descriptors())
        jail.bound(limits)
        made.enter()
        _send(out, _answer(given))
    finally:
        os._exit(0)


def _answer(given: int) -> bytes:
    with open(given, "rb") as pipe:
        function, arguments = pickle.loads(pipe.read())  # noqa: S301 - from our own parent
    try:
        return _DONE + bytes(function(*arguments))
    except Exception as error:  # noqa: BLE001 - whatever it was, this process has nothing more to say
        return _REFUSED + str(getattr(error, "reason", "")).encode("ascii", "replace")


def _send(out: int, said: bytes) -> None:
    view = memoryview(said)
    while view:
        view = view[os.write(out, view[:_CHUNK]) :]


def _end(child: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(child, signal.SIGKILL)
