"""The clean process from which a child is forked for each file: everything imported, nothing worked with.

(A child forked after polars had worked hangs.) It takes orders over one connection, forks, reaps, and says how each
child ended; it starts the programs that children ask for. A child looks at hostile bytes: it opens its one file, is
shut in (`jail.py`) before the first byte is looked at, has limits of memory, time and files, no terminal and no output
but its pipe, and dies with its parent.
"""

from __future__ import annotations

import contextlib
import ctypes
import gc
import importlib
import os
import pickle
import pkgutil
import signal
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from inspect import signature
from itertools import product
from multiprocessing import reduction
from multiprocessing.connection import Connection, wait
from types import GeneratorType, NoneType

import polars as pl
import pyarrow as pa

from sekisho.documents import errand, helper, jail, opening, wire
from sekisho.documents.watch import Past, Watch
from sekisho.model import Findings, Limits, SourceFile

Work = Callable[..., Iterator[Findings]]  # work(file, watch=watch)

PRELOADED = (
    *("argon2.low_level", "backports.zstd", "bcj", "fastexcel", "inflate64", "lxml.etree", "lxml.html", "olefile"),
    *("cryptography.hazmat.decrepit.ciphers.algorithms", "cryptography.hazmat.decrepit.ciphers.modes"),
    *("cryptography.hazmat.primitives.ciphers.aead", "cryptography.hazmat.primitives.kdf.pbkdf2"),
    *("encodings.cp437", "encodings.cp932", "encodings.euc_jp", "encodings.iso2022_jp", "encodings.utf_8_sig"),
    *("encodings.utf_16", "encodings.utf_16_be", "encodings.utf_16_le", "encodings.cp1252", "_strptime"),
    *("japanese_personal_name_dataset", "msoffcrypto.format.doc97", "msoffcrypto.format.ooxml"),
    *("msoffcrypto.format.ppt97", "msoffcrypto.format.xls97", "pyarrow.compute", "pyarrow.parquet", "pycdlib"),
    *("pylhasa", "pyppmd", "pypdfium2", "pypff", "sqlcipher3", "stdnum.util"),
    *("xml.dom.expatbuilder", "xml.dom.minidom"),
)
OURS = ("sekisho.countries", "sekisho.documents", "sekisho.records")  # packages, with all that is in them
TABLES = ("sekisho.countries.", "sekisho.records.")  # whose tables (cached functions without arguments) are made here
_PR_SET_PDEATHSIG = 1
_WORDS_KEPT = 1 << 16  # a pipe holds no more; what a child says on its error output is only searched for one word


@dataclass(frozen=True, slots=True)
class Start:
    """Order: fork a child for ``file``. The pipe that it writes to follows as a handle."""

    job: int
    file: SourceFile
    past: Mapping[int, Past]


@dataclass(frozen=True, slots=True)
class Kill:
    """Order: end the child of ``job``."""

    job: int


@dataclass(frozen=True, slots=True)
class Ended:
    """Report: how a child ended (as waitpid says) and whether it said that it ran out of memory."""

    job: int
    status: int
    out_of_memory: bool


def main() -> None:
    """Serve until the keeper closes the connection."""
    connection = Connection(int(sys.argv[1]))
    jail.leave_no_core()  # it holds passwords
    sys.path[:], work, limits = pickle.loads(_introduced(connection))  # noqa: S301 - from our own parent
    prepare()
    zygote = _Zygote(connection, work, limits)
    connection.send(zygote.jail.holds())
    zygote.serve()


def prepare() -> None:
    """Import and make all that every child would have to import and make for itself."""
    for name in (*PRELOADED, *_modules_of(OURS)):
        with contextlib.suppress(ImportError):
            importlib.import_module(name)
    importlib.import_module("sekisho.documents.kinds").formats()
    _make_tables()
    _ask_ahead()
    gc.collect()
    gc.freeze()


def _modules_of(packages: tuple[str, ...]) -> Iterator[str]:
    for package in packages:
        path = importlib.import_module(package).__path__
        yield from (module.name for module in pkgutil.walk_packages(path, f"{package}."))


def _make_tables() -> None:
    """What each child would have to make for itself. None of it may be made by polars: see above."""
    for name, module in sorted(sys.modules.items()):
        if name.startswith(TABLES):
            for value in vars(module).values():
                if hasattr(value, "cache_info") and value.__module__ == name and not signature(value).parameters:
                    value()


def _ask_ahead() -> None:
    """What libraries ask themselves once, and remember the answer: whether pandas is there, and what is a sequence."""
    pa.array([""])
    kinds: tuple[type, ...] = (int, NoneType, GeneratorType, pl.Series, pl.Expr, type(pl.when(True).then(1)))
    for kind, abstract in product(kinds, (Iterable, Sequence, Mapping)):
        issubclass(kind, abstract)


def _introduced(connection: Connection) -> bytes:
    """The path to import from comes first, as what follows is unpickled with it."""
    sys.path[:] = connection.recv()
    return connection.recv_bytes()


class _Zygote:
    """Forks, reaps, reports."""

    def __init__(self, connection: Connection, work: Work, limits: Limits) -> None:
        self.connection = connection
        self.work = work
        self.limits = limits
        self.jail = jail.for_readers()
        self.desk = errand.Desk(limits, _kill)
        self.jobs: dict[int, int] = {}  # pid -> job
        self.words: dict[int, int] = {}  # pid -> what it says on its error output
        self.wake_reader, self.wake_writer = os.pipe()
        os.set_blocking(self.wake_reader, False)
        os.set_blocking(self.wake_writer, False)

    def serve(self) -> None:
        """Until there are no more orders; then nothing of ours is left running."""
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.set_wakeup_fd(self.wake_writer, warn_on_full_buffer=False)
        while True:
            wires = self.desk.wires()
            for ready in wait([self.connection, self.wake_reader, *wires]):
                if ready in wires:
                    wires[ready]()  # type: ignore[index]
                elif not self._did(self._reap if ready is self.wake_reader else self._follow):
                    return self._end_all()

    def _did(self, step: Callable[[], None]) -> bool:
        """Do it; false where the keeper is gone."""
        try:
            step()
        except (EOFError, OSError):
            return False
        return True

    def _follow(self) -> None:
        order = self.connection.recv()
        if isinstance(order, Start):
            self._start(order)
        elif isinstance(order, Kill):
            for pid in [pid for pid, job in self.jobs.items() if job == order.job]:
                _kill(pid)

    def _start(self, order: Start) -> None:
        out = reduction.recv_handle(self.connection)
        words_reader, words_writer = os.pipe()
        os.set_blocking(words_reader, False)
        os.set_blocking(words_writer, False)
        ours, theirs = errand.line()
        pid = os.fork()
        if pid == 0:
            self._become_child(order, out, theirs, words_writer)
        os.close(out)
        os.close(words_writer)
        theirs.close()
        self.jobs[pid] = order.job
        self.words[pid] = words_reader
        self.desk.opens(pid, ours)

    def _become_child(self, order: Start, out: int, line: errand.Line, words: int) -> None:
        """Work on the file, and be gone; never comes back."""
        code = 70
        try:
            signal.set_wakeup_fd(-1)
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            os.setpgid(0, 0)
            ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
            opened = _Opened(order.file)
            jail.leave_open(words, out, line.fileno(), opened.descriptor, *self.jail.descriptors())
            jail.bound(self.limits)
            self.jail.enter()
            helper.ask(errand.asked_over(line))
            for findings in self.work(order.file, watch=Watch(partial(wire.send_told, out), order.past, opened)):
                wire.send_findings(out, findings)
            code = 0
        except BaseException as error:  # noqa: BLE001 - the end of this process, whatever it was
            os.write(words, type(error).__name__.encode())
        finally:
            os._exit(code)

    def _reap(self) -> None:
        with contextlib.suppress(BlockingIOError):
            os.read(self.wake_reader, 1 << 12)
        while self.jobs or self.desk.pids():
            dead = os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
            if dead is None:
                return
            pid = dead.si_pid
            _kill(pid)  # what it may have left, while its id is still its own
            status = os.waitpid(pid, 0)[1]
            if not self.desk.ended(pid, status):
                self._report(pid, status)

    def _report(self, pid: int, status: int) -> None:
        self.desk.closes(pid)
        words = self.words.pop(pid)
        said = b""
        with contextlib.suppress(BlockingIOError):
            said = os.read(words, _WORDS_KEPT)
        os.close(words)
        self.connection.send(Ended(self.jobs.pop(pid), status, _is_out_of_memory(said)))

    def _end_all(self) -> None:
        for pid in (*self.jobs, *self.desk.pids()):
            _kill(pid)


class _Opened:
    """A file that was opened while that could be done, or the error that opening it met."""

    def __init__(self, file: SourceFile) -> None:
        self.descriptor = -1
        self._error: OSError | None = None
        try:
            self.descriptor = opening.open_file(file.path)
        except OSError as error:
            self._error = error

    def __call__(self, path: bytes) -> int:
        if self._error is not None:
            raise self._error
        return self.descriptor


def _is_out_of_memory(said: bytes) -> bool:
    return any(words in said for words in (b"memory allocation of", b"bad_alloc", b"MemoryError", b"out of memory"))


def _kill(pid: int) -> None:
    """End a child and all that it started. It may not have had the time to lead its group yet."""
    for end in (os.killpg, os.kill):
        with contextlib.suppress(ProcessLookupError, PermissionError):
            end(pid, signal.SIGKILL)
