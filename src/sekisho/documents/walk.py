"""Walks through a document and all that is nested in it: kind, locks, contents, members, and one outcome each."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Generator, Iterator
from dataclasses import replace
from itertools import chain

from sekisho.documents import hints
from sekisho.documents.account import Examined
from sekisho.documents.gate import Gate
from sekisho.documents.member_names import harmless
from sekisho.documents.metered import Meter
from sekisho.documents.passwords import Key, Tries
from sekisho.documents.reading import Batch, Copy, Reading, Step, Tables, Visit
from sekisho.documents.verdict import Verdict
from sekisho.documents.watch import Past
from sekisho.documents.way import Inside, Way, holds, seen_through
from sekisho.errors import DocumentError, OverLimitError
from sekisho.model import NO_LOCK, Blob, Content, Gap, Limits, Lock, Member, Outcome, Piece, Reason

_BOMBS = 4  # how often a limit may be passed at the cost of unpacking, until a file is given up as made to annoy


def walk(blob: Blob, document: str, reading: Reading, visit: Visit) -> Iterator[Step]:
    """Everything found in ``blob``, known as ``document``, and in what is nested in it (``document!member``).

    Each document comes once as Examined, after its batches; a container after its members.
    """
    meter = Meter(reading.limits, len(blob.data))
    yield from _Document(document, Way(), reading, visit, meter).examine(lambda: (blob, None), NO_LOCK)


class _Document:
    """One document at work."""

    def __init__(self, document: str, way: Way, reading: Reading, visit: Visit, meter: Meter) -> None:
        self.document = document
        self.reading = reading
        self.visit = visit
        self.meter = meter
        self.id = reading.take_id()
        self.past = reading.watch.past.get(self.id, Past())
        self.gate = Gate(document, way)
        self.verdict = Verdict()
        self.hints = hints.Hints()
        self.size: int | None = None
        self.sha256: str | None = None
        self.same_as: str | None = None
        self.records = self.doubts = 0
        self.tables: list[Tables] = []
        self.tables_bytes = 0
        self.has_contents = False
        self.deferred: list[Member] = []
        self.inside: list[Inside] = []
        self.names: dict[str, int] = {}
        self.tries = Tries(reading.limits.tries_seconds)

    def examine(self, load: Callable[[], tuple[Blob, Key | None]], lock: Lock) -> Generator[Step, None, Inside]:
        """All of it, from loading its bytes to its account. ``lock``: the one that its container put on it."""
        if self.past.next_id is not None:
            self.reading.next_id = self.past.next_id
            return Inside(lock, self.past.records)
        self.gate.way = self.gate.way.to(lock)
        self._tell()
        key = None
        with self.verdict.settled():
            blob, key = load()
            self.gate.way = self.gate.way.through(lock, key)
            yield from self._of(blob)
        examined = self._account()
        yield examined
        records = self.records + sum(each.records for each in self.inside)
        return Inside(lock, records, examined.outcome, (key,) if key else ())

    def _of(self, blob: Blob) -> Iterator[Step]:
        if blob.cut:
            self.verdict.note(Gap(blob.cut))
        self.size = len(blob.data)
        self.sha256 = hashlib.sha256(blob.data).hexdigest()
        self.same_as = self.reading.same_as(self.sha256, self.document)
        self.reading.keyring.add(hints.in_name(self.document))
        copy = self.reading.copies.get(self.sha256)
        if copy is not None:
            yield from self._again(copy)
        elif self.size == 0:
            self.gate.kind = self.gate.named
            self.verdict.end(Outcome.READ, Reason.EMPTY)
        else:
            fmt, opened = self.gate.opened(blob, self.reading.keyring, self.tries)
            self._tell()
            yield from self._pieces(iter(fmt.read(opened, self._limits())))

    def _again(self, copy: Copy) -> Iterator[Step]:
        """The same content stood elsewhere in this file: its results count here too."""
        first = copy.examined
        self.gate.kind = first.kind
        self.gate.way = self.gate.way.to(copy.lock)
        for key in copy.keys:
            self.gate.way = self.gate.way.through(copy.lock, key)
        self.verdict.end(first.outcome, first.reason, first.detail)
        for tables in copy.tables:
            yield from self._batch(tables)

    def _limits(self) -> Limits:
        """What is left of what the whole file may unpack to."""
        return replace(self.reading.limits, output_bytes=max(0, self.meter.left))

    def _pieces(self, pieces: Iterator[Piece]) -> Iterator[Step]:
        """Members that come before any content are examined at once, so that an archive is never held whole."""
        for piece in pieces:
            if isinstance(piece, Member):
                yield from self._member(piece)
            elif isinstance(piece, Gap):
                self.verdict.note(piece)
            else:
                yield from self._contents(chain([piece], pieces))
        for member in self.deferred:
            yield from self._member(member)

    def _contents(self, pieces: Iterator[Piece]) -> Iterator[Step]:
        contents = self._content(pieces)
        with self.verdict.settled():
            for tables in self.visit(self.document, contents):
                yield from self._batch(tables)
        for _ in contents:  # what the visitor left: its members count all the same
            pass

    def _content(self, pieces: Iterator[Piece]) -> Iterator[Content]:
        """The contents alone; members are put off until the contents are done."""
        with self.verdict.settled():
            for piece in pieces:
                if isinstance(piece, Member):
                    self.deferred.append(piece)
                elif isinstance(piece, Gap):
                    self.verdict.note(piece)
                else:
                    self.has_contents = True
                    self.reading.keyring.add(self.hints.seen(piece))
                    yield piece
        self.reading.keyring.add(self.hints.whole())

    def _batch(self, tables: Tables) -> Iterator[Batch]:
        """``tables`` without what an earlier reading already gave."""
        fresh = Batch(
            self.id,
            tables.records.slice(max(0, self.past.records - self.records)),
            tables.doubts.slice(max(0, self.past.doubts - self.doubts)),
        )
        self.records += tables.records.num_rows
        self.doubts += tables.doubts.num_rows
        self._keep(tables)
        if fresh.records.num_rows or fresh.doubts.num_rows:
            yield fresh

    def _keep(self, tables: Tables) -> None:
        """Until the document is done it may turn out to be too much to remember."""
        self.tables_bytes += tables.records.nbytes + tables.doubts.nbytes
        if self.reading.has_room(self.tables_bytes):
            self.tables.append(tables)
        else:
            self.tables.clear()

    def _member(self, member: Member) -> Iterator[Step]:
        if self.reading.next_id > self.reading.limits.members:
            raise OverLimitError(Reason.TOO_MANY_MEMBERS)
        name = f"{self.document}!{self._unique(member.name)}"
        nested = _Document(name, self.gate.way.deeper(), self.reading, self.visit, self.meter)
        inside = yield from nested.examine(lambda: self._loaded(member, nested), member.lock)
        self.inside.append(inside)
        self.reading.watch.tell(self.told)
        self._stop_where_told()

    def _stop_where_told(self) -> None:
        if self.past.stop is not None and self.reading.next_id > self.past.stop[0]:
            reason = self.past.stop[1]
            raise OverLimitError(reason) if reason is not Reason.PARSER_FAILED else DocumentError(reason)

    def _loaded(self, member: Member, nested: _Document) -> tuple[Blob, Key | None]:
        if nested.gate.way.depth > self.reading.limits.depth:
            raise OverLimitError(Reason.TOO_DEEP)
        if self.reading.wasted > _BOMBS * self.reading.limits.ratio_from_bytes:
            raise OverLimitError(Reason.TOO_MUCH_OUTPUT)
        key, size = None, 0
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

    def _account(self) -> Examined:
        is_archive = bool(self.inside) and not self.has_contents
        outcome, reason, detail = self.verdict.outcome(
            some=self.has_contents or bool(self.inside),
            all_locked=is_archive and all(each.outcome is Outcome.LOCKED for each in self.inside),
        )
        way = seen_through(self.gate.way, self.inside) if is_archive else self.gate.way
        examined = replace(self._so_far(way), outcome=outcome, reason=reason, detail=detail)
        if not self.inside:
            copy = Copy(examined, tuple(self.tables), self.gate.lock, tuple(self.gate.keys))
            self.reading.keep(copy, self.tables_bytes)
        return examined

    def _so_far(self, way: Way) -> Examined:
        return Examined(
            document_id=self.id,
            document=self.document,
            next_id=self.reading.next_id,
            kind=self.gate.kind or self.gate.named or "unknown",
            named_kind=self.gate.named,
            lock=way.lock,
            password_beside=way.password_beside,
            opened_by=way.opened_by,
            size=self.size,
            sha256=self.sha256,
            same_as=self.same_as,
            records=self.records,
            depth=way.depth,
        )

    def _tell(self) -> None:
        self.told = self._so_far(self.gate.way)
        self.reading.watch.tell(self.told)
