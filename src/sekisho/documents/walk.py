"""Walks through a document and all that is nested in it: kind, locks, contents, members, and one outcome each."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from itertools import chain
from pathlib import PurePath
from typing import Protocol

import pyarrow as pa

from sekisho.documents import hints, kinds
from sekisho.documents.account import Examined, outcome_of
from sekisho.documents.member_names import harmless
from sekisho.documents.metered import Meter
from sekisho.documents.passwords import Key, Keyring, Tries
from sekisho.documents.watch import Past, Watch
from sekisho.errors import DocumentError, LockedError, OverLimitError, UnsupportedError, WrongPasswordError
from sekisho.model import (
    NO_LOCK,
    Blob,
    Content,
    Format,
    Gap,
    Limits,
    Lock,
    Member,
    Outcome,
    Piece,
    Protection,
    Reason,
)

_LAYERS = 4  # a lock around a lock around...: more than this in one document is made to annoy
_BOMBS = 4  # how often a limit may be passed at the cost of unpacking, until a file is given up as made to annoy
_COPIED_BYTES = 64 << 20  # results kept for documents that may come a second time in the same file


class Tables(Protocol):
    """What the visitor makes of contents: tables of `model.RECORDS` and `model.DOUBTS`, ids still null."""

    @property
    def records(self) -> pa.Table:
        """Rows of `model.RECORDS`."""

    @property
    def doubts(self) -> pa.Table:
        """Rows of `model.DOUBTS`."""


Visit = Callable[[str, Iterable[Content]], Iterable[Tables]]


@dataclass(frozen=True, slots=True)
class Batch:
    """Some of what was found in one document; ids still null."""

    document_id: int
    records: pa.Table
    doubts: pa.Table


Step = Batch | Examined


@dataclass(frozen=True, slots=True)
class Way:
    """How one gets to a document: the strongest lock on the way in, what opened the locks, and how deep it lies."""

    lock: Lock = NO_LOCK
    keys: tuple[Key, ...] = ()
    depth: int = 0

    def through(self, lock: Lock, key: Key | None = None) -> Way:
        """The way on through ``lock``, opened by ``key``."""
        strongest = max(self.lock, lock, key=lambda each: each.protection)
        return replace(self, lock=strongest, keys=(*self.keys, key) if key else self.keys)


def holds(lock: Lock) -> bool:
    """Does it keep anybody out?"""
    return lock.protection >= Protection.UNDETERMINED


@dataclass(frozen=True, slots=True)
class _Copy:
    """What a document without members gave, for the case that its content comes again."""

    examined: Examined
    tables: tuple[Tables, ...]
    own_lock: Lock
    own_keys: tuple[Key, ...]


@dataclass
class Reading:
    """The state of reading one top-level file: what it may still cost and what was learnt on the way."""

    limits: Limits
    keyring: Keyring = field(default_factory=Keyring)
    watch: Watch = field(default_factory=Watch)
    next_id: int = 0
    copies: dict[str, _Copy] = field(default_factory=dict)
    first_seen: dict[str, str] = field(default_factory=dict)
    copied_bytes: int = 0
    wasted: int = 0  # bytes unpacked of documents that passed a limit

    def hints(self, found: Iterable[str]) -> None:
        """Password candidates were seen."""
        self.keyring.add(found)

    def keep(self, copy: _Copy, size: int) -> None:
        """Remember a result of ``size`` bytes, as far as the bound goes."""
        if copy.examined.sha256 and self.copied_bytes + size <= _COPIED_BYTES:
            self.copied_bytes += size
            self.copies[copy.examined.sha256] = copy


@dataclass(frozen=True, slots=True)
class _Inside:
    """What a member means for its container: its lock there and what opened it, records in it and below."""

    lock: Lock
    records: int = 0
    outcome: Outcome = Outcome.READ
    keys: tuple[Key, ...] = ()

    @property
    def telling(self) -> bool:
        """Does it hold records, or could it, as nobody could look?"""
        return bool(self.records) or self.outcome in _UNSEEN


_UNSEEN = frozenset((Outcome.LOCKED, Outcome.UNREADABLE, Outcome.OVER_LIMIT))


def walk(blob: Blob, document: str, reading: Reading, visit: Visit) -> Iterator[Step]:
    """Everything found in ``blob``, known as ``document``, and in what is nested in it (``document!member``).

    Each document comes once as Examined, after its batches; a container after its members.
    """
    meter = Meter(reading.limits, len(blob.data))
    yield from _Document(document, Way(), reading, visit, meter).examine(lambda: (blob, None), NO_LOCK)


Load = Callable[[], tuple[Blob, Key | None]]


class _Document:
    """One document at work."""

    def __init__(self, document: str, way: Way, reading: Reading, visit: Visit, meter: Meter) -> None:
        self.document = document
        self.way = way
        self.reading = reading
        self.visit = visit
        self.meter = meter
        self.id = reading.next_id
        reading.next_id += 1
        self.past = reading.watch.past.get(self.id, Past())
        self.kind = self.named = ""
        self.size: int | None = None
        self.sha256: str | None = None
        self.same_as: str | None = None
        self.own_lock = NO_LOCK
        self.own_keys: list[Key] = []
        self.shut = False
        self.ended: tuple[Outcome, Reason, str] | None = None
        self.gap: Gap | None = None
        self.tables: list[Tables] = []
        self.tables_bytes = 0
        self.records = 0
        self.doubts = 0
        self.has_contents = False
        self.deferred: list[Member] = []
        self.inside: list[_Inside] = []
        self.names: dict[str, int] = {}
        self.tries = Tries(reading.limits.tries_seconds)

    def examine(self, load: Load, lock: Lock) -> Generator[Step, None, _Inside]:
        """All of it, from loading its bytes to its account. ``lock``: the one that its container put on it."""
        if self.past.next_id is not None:
            self.reading.next_id = self.past.next_id
            return _Inside(lock, self.past.records)
        self._tell()
        self.way = self.way.through(lock)
        self.shut = holds(lock)
        self.named = kinds.named_kind(self.document)
        key = None
        with self._settled():
            blob, key = load()
            self._pass(lock, key)
            self.size = len(blob.data)
            yield from self._of(blob)
        examined = self._account()
        yield examined
        records = self.records + sum(i.records for i in self.inside)
        return _Inside(lock, records, examined.outcome, (key,) if key else ())

    def _of(self, blob: Blob) -> Iterator[Step]:
        if blob.cut:
            self._note(Gap(blob.cut))
        self.sha256 = hashlib.sha256(blob.data).hexdigest()
        first = self.reading.first_seen.setdefault(self.sha256, self.document)
        self.same_as = first if first != self.document else None
        self.reading.hints(hints.in_name(self.document))
        copy = self.reading.copies.get(self.sha256)
        if copy is not None:
            yield from self._again(copy)
        elif self.size == 0:
            self.kind = self.named
            self._end(Outcome.READ, Reason.EMPTY)
        else:
            fmt, opened = self._unlocked(blob)
            self._tell()
            yield from self._pieces(iter(fmt.read(opened, self._limits())))

    def _again(self, copy: _Copy) -> Iterator[Step]:
        """The same content stood elsewhere in this file: its results count here too."""
        first = copy.examined
        self.kind = first.kind
        self._end(first.outcome, first.reason, first.detail)
        self.way = self.way.through(copy.own_lock)
        self.shut = first.outcome is Outcome.LOCKED
        for key in copy.own_keys:
            self.way = self.way.through(NO_LOCK, key)
        for tables in copy.tables:
            yield from self._batch(tables)

    def _limits(self) -> Limits:
        """What is left of what the whole file may unpack to."""
        return replace(self.reading.limits, output_bytes=max(0, self.meter.left))

    # --- locks

    def _unlocked(self, blob: Blob) -> tuple[Format, Blob]:
        """The format that can read it, and the bytes with all locks opened. Raises LockedError."""
        for layer in range(_LAYERS):
            fmt = self._recognised(blob)
            lock = fmt.lock(blob)
            if layer and not holds(lock):
                lock = NO_LOCK  # Excel locks a protected workbook for anyone: one lock, named for the outer
            self.way = self.way.through(lock)
            self.own_lock = max(self.own_lock, lock, key=lambda each: each.protection)
            opened = self._open(fmt, blob, lock)
            if opened is None or opened.data is blob.data:
                return fmt, opened or blob
            blob = opened
        raise UnsupportedError(Reason.TOO_DEEP, "locks around locks")

    def _recognised(self, blob: Blob) -> Format:
        fmt = kinds.recognised(blob)
        if fmt is None:
            self.kind = kinds.without_reader(blob.data) or "unknown"
            if self.kind in kinds.SEALED:
                self.way = self.way.through(Lock(Protection.UNDETERMINED, kinds.SEALED[self.kind]))
                raise LockedError(Reason.PASSWORD_UNKNOWN)
            raise UnsupportedError(Reason.UNKNOWN_KIND if self.kind == "unknown" else Reason.NO_READER)
        self.kind = self.named if self.named in fmt.wraps else fmt.kind
        return fmt

    def _open(self, fmt: Format, blob: Blob, lock: Lock) -> Blob | None:
        """The opened bytes; None where nothing stands in the way of reading them as they are."""
        unlock = fmt.unlock
        if unlock is not None and lock.protection is Protection.OPEN_TO_ANYONE:
            try:
                return unlock(blob, "")
            except WrongPasswordError:
                return None
        if not holds(lock):
            return None
        self.shut = True
        opened, key = self.reading.keyring.open(
            lambda password: _refused(password) if unlock is None else unlock(blob, password), self.document, self.tries
        )
        self.own_keys.append(key)
        self._pass(lock, key)
        return opened

    def _pass(self, lock: Lock, key: Key | None) -> None:
        self.way = self.way.through(lock, key)
        self.shut = False

    # --- contents

    def _pieces(self, pieces: Iterator[Piece]) -> Iterator[Step]:
        """Members that come before any content are examined at once, so that an archive is never held whole."""
        for piece in pieces:
            if isinstance(piece, Member):
                yield from self._member(piece)
            elif isinstance(piece, Gap):
                self._note(piece)
            else:
                yield from self._contents(chain([piece], pieces))
        for member in self.deferred:
            yield from self._member(member)

    def _contents(self, pieces: Iterator[Piece]) -> Iterator[Step]:
        contents = self._content(pieces)
        with self._settled():
            for tables in self.visit(self.document, contents):
                yield from self._batch(tables)
        for _ in contents:  # what the visitor left: its members count all the same
            pass

    def _content(self, pieces: Iterator[Piece]) -> Iterator[Content]:
        """The contents alone; members are put off until the contents are done."""
        with self._settled():
            for piece in pieces:
                if isinstance(piece, Member):
                    self.deferred.append(piece)
                elif isinstance(piece, Gap):
                    self._note(piece)
                else:
                    self.has_contents = True
                    self.reading.hints(hints.in_content(piece))
                    yield piece

    def _batch(self, tables: Tables) -> Iterator[Batch]:
        """``tables`` without what an earlier reading already gave."""
        fresh = Batch(
            self.id,
            tables.records.slice(max(0, self.past.records - self.records)),
            tables.doubts.slice(max(0, self.past.doubts - self.doubts)),
        )
        self.records += tables.records.num_rows
        self.doubts += tables.doubts.num_rows
        self.tables_bytes += tables.records.nbytes + tables.doubts.nbytes
        if self.reading.copied_bytes + self.tables_bytes <= _COPIED_BYTES:
            self.tables.append(tables)
        else:
            self.tables.clear()
        if fresh.records.num_rows or fresh.doubts.num_rows:
            yield fresh

    # --- members

    def _member(self, member: Member) -> Iterator[Step]:
        if self.reading.next_id > self.reading.limits.members:
            raise OverLimitError(Reason.TOO_MANY_MEMBERS)
        way = replace(self.way, depth=self.way.depth + 1)
        name = f"{self.document}!{self._unique(member.name)}"
        nested = _Document(name, way, self.reading, self.visit, self.meter)
        inside = yield from nested.examine(lambda: self._loaded(member, nested), member.lock)
        self.inside.append(inside)
        self.reading.watch.tell(self.told)
        self._stop_where_told()

    def _stop_where_told(self) -> None:
        if self.past.stop is not None and self.reading.next_id > self.past.stop[0]:
            reason = self.past.stop[1]
            raise OverLimitError(reason) if reason is not Reason.PARSER_FAILED else DocumentError(reason)

    def _loaded(self, member: Member, nested: _Document) -> tuple[Blob, Key | None]:
        if nested.way.depth > self.reading.limits.depth:
            raise OverLimitError(Reason.TOO_DEEP)
        if self.reading.wasted > _BOMBS * self.reading.limits.ratio_from_bytes:
            raise OverLimitError(Reason.TOO_MUCH_OUTPUT)
        key = None
        size = 0
        try:
            if holds(member.lock):
                blob, key = self.reading.keyring.open(member.load, nested.document, self.tries)
            else:
                blob = member.load(None)
            size = len(blob.data)
            self.meter.admit(size, self.meter.packed)
        except OverLimitError as error:
            self.reading.wasted += error.wasted + size
            raise
        self.meter.spent += size
        return replace(blob, name=nested.document), key

    def _unique(self, name: str) -> str:
        name = harmless(name) or "-"
        count = self.names[name] = self.names.get(name, 0) + 1
        return name if count == 1 else f"{name}#{count}"

    # --- the account

    @contextmanager
    def _settled(self) -> Iterator[None]:
        """Whatever a parser or the visitor raises becomes the outcome of this document, and of no other."""
        try:
            yield
        except DocumentError as error:
            self._end(outcome_of(error), Reason(error.reason), error.detail)
        except ModuleNotFoundError as error:
            self._end(Outcome.UNSUPPORTED, Reason.HELPER_MISSING, error.name or "")
        except MemoryError:
            self._end(Outcome.OVER_LIMIT, Reason.MEMORY)
        except (GeneratorExit, KeyboardInterrupt, SystemExit):
            raise
        except BaseException as error:  # noqa: BLE001 - hostile bytes: any error, Rust panics too
            self._end(Outcome.UNREADABLE, Reason.PARSER_FAILED, _where(error))

    def _end(self, outcome: Outcome, reason: Reason, detail: str = "") -> None:
        if self.ended is None:
            self.ended = (outcome, reason, detail)

    def _note(self, gap: Gap) -> None:
        self.gap = self.gap or gap

    def _verdict(self) -> tuple[Outcome, Reason, str]:
        if self.ended is None:
            return self._unhindered()
        outcome, reason, detail = self.ended
        some = self.has_contents or bool(self.inside)
        if some and outcome in (Outcome.UNREADABLE, Outcome.UNSUPPORTED, Outcome.LOCKED):
            outcome = Outcome.PARTLY_READ
        return outcome, reason, detail

    def _unhindered(self) -> tuple[Outcome, Reason, str]:
        if self.gap is not None:
            return Outcome.PARTLY_READ, self.gap.reason, self.gap.detail
        if self.inside and not self.has_contents and all(i.outcome is Outcome.LOCKED for i in self.inside):
            return Outcome.LOCKED, Reason.PASSWORD_UNKNOWN, ""
        return Outcome.READ, Reason.NONE, ""

    def _account(self) -> Examined:
        outcome, reason, detail = self._verdict()
        examined = replace(
            self._so_far(),
            outcome=outcome,
            reason=reason,
            detail=detail,
        )
        if not self.inside:
            copy = _Copy(examined, tuple(self.tables), self.own_lock, tuple(self.own_keys))
            self.reading.keep(copy, self.tables_bytes)
        return examined

    def _so_far(self) -> Examined:
        lock, keys, shut = self._seen_through()
        return Examined(
            document_id=self.id,
            document=self.document,
            next_id=self.reading.next_id,
            kind=self.kind or self.named or "unknown",
            named_kind=self.named,
            lock=lock,
            password_beside=bool(keys) and not shut and all(key.lies_beside for key in keys),
            opened_by=() if shut else tuple(key.digest for key in keys),
            size=self.size,
            sha256=self.sha256,
            same_as=self.same_as,
            records=self.records,
            depth=self.way.depth,
        )

    def _seen_through(self) -> tuple[Lock, tuple[Key, ...], bool]:
        """The strongest lock on the way in, what opened the way, and whether it stayed shut.

        An archive is as weak as its weakest member with personal data. A member that nobody could look into may hold
        some; where none holds any, all count.
        """
        if self.has_contents or not self.inside:
            return self.way.lock, self.way.keys, self.shut
        telling = [i for i in self.inside if i.telling] or self.inside
        weakest = min(telling, key=lambda i: i.lock.protection).lock
        keys = tuple(dict.fromkeys(key for i in telling if holds(weakest) for key in i.keys))
        shut = holds(weakest) and not all(i.keys for i in telling)
        return self.way.through(weakest).lock, self.way.keys + keys, self.shut or shut

    def _tell(self) -> None:
        self.told = self._so_far()
        self.reading.watch.tell(self.told)


def _refused(password: str) -> Blob:
    raise WrongPasswordError


def _where(error: BaseException) -> str:
    """The class of an error and the line it came from: never its text, which may quote the document."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    place = f" at {PurePath(trace.tb_frame.f_code.co_filename).name}:{trace.tb_lineno}" if trace else ""
    return type(error).__name__ + place
