"""Merges in the vault: what each matching that was taken up said of the records, and every act on them since.

What the program said lies in encrypted parts, of which nothing is changed afterwards. What people did is a row an act
in the store; where the acts of a record have led stands beside them and changes in the same transaction.
"""

from __future__ import annotations

import json
import shutil
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from sekisho.vault.acts import canonical
from sekisho.vault.files import make_folder
from sekisho.vault.keys.secret import derive
from sekisho.vault.looks import MERGES, Looks
from sekisho.vault.register import Span
from sekisho.vault.seal import MergesSeal
from sekisho.vault.shelf import Part, Shelf
from sekisho.vault.store import Store

_KEPT = "record, key, said, state, disputed, list, proposal, value"
_AT_ONCE = 500  # values in one question to the store


@dataclass(frozen=True, slots=True)
class Take:
    """One matching that was taken up: its number from 1, files with their SHA-256, when (ISO 8601, UTC), by what.

    ``account``: policy, model, columns and counts; JSON-able.
    """

    number: int
    records_file: str
    records_sha256: str
    matches_file: str
    matches_sha256: str
    when: str
    program: str
    account: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Act:
    """Something that happened to a record. ``who``: as stated, empty for the program; ``value``: JSON-able."""

    record: str
    kind: str
    who: str
    when: str
    value: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Kept:
    """Where the acts of a record have led: ``value`` is all of it, the rest is what is looked for."""

    record: str
    key: int
    said: str
    state: str
    disputed: bool
    list: int | None
    proposal: str | None
    value: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Change:
    """Acts on one record, in order, and where they lead."""

    acts: Sequence[Act]
    kept: Kept


@dataclass(frozen=True, slots=True)
class List:
    """Questions given out together: to a ``clerk``, or (``kind`` letters) to the persons themselves.

    ``questions``: records in it; ``out``: those that are still out.
    """

    number: int
    kind: str
    clerk: str
    when: str
    questions: int
    out: int


@dataclass(frozen=True, slots=True)
class Asked:
    """One question as it was given out, by its ``code``: is this record this holder's?"""

    code: str
    list: int
    place: int
    record: str
    holder: str
    kind: str
    clerk: str


class Merges(Shelf):
    """The tables and acts; they only grow."""

    def __init__(self, store: Store, folder: Path, key: bytes, looks: Looks) -> None:
        super().__init__(folder, key)
        self._store = store
        self._looks = looks

    def see_all(self, action: str, **said: Any) -> None:
        """Say durably that somebody looks at everybody in them; raises RightsError, VaultError."""
        last = self.last_take()
        self._looks.see_all(action, MERGES, last.number if last else 0, **said)

    @contextmanager
    def snapshot(self) -> Iterator[None]:
        """Everything asked inside is answered from one state."""
        with self._store.snapshot():
            yield

    def takes(self) -> list[Take]:
        """Every matching that was taken up, oldest first."""
        rows = self._store.rows(
            "SELECT take, records_file, records_sha256, matches_file, matches_sha256, at, program, account FROM takes "
            "ORDER BY take"
        )
        return [
            Take(number, records, records_sha256, matches, matches_sha256, when, program, json.loads(account))
            for number, records, records_sha256, matches, matches_sha256, when, program, account in rows
        ]

    def last_take(self) -> Take | None:
        """The last matching that was taken up."""
        return next(iter(self.takes()[-1:]), None)

    def spans(self, table: str) -> list[Span]:
        """The parts of a table with the keys between which their rows lie, oldest first."""
        rows = self._store.rows(
            "SELECT name, table_name, row_count, sha256, take, first_key, last_key FROM merge_parts "
            "WHERE table_name = ? ORDER BY part",
            (table,),
        )
        return [Span(Part(*row[:4]), *row[4:]) for row in rows]

    def parts(self, table: str | None = None) -> list[Part]:
        """The parts that count, in the order of their commits; of one table or of all."""
        rows = self._store.rows("SELECT name, table_name, row_count, sha256 FROM merge_parts ORDER BY part")
        return [part for part in (Part(*row) for row in rows) if table in (None, part.table)]

    def begin(self) -> None:
        """Make room for a matching: what a killed one left behind goes."""
        make_folder(self.folder)
        named = {part.name for part in self.parts()}
        for path in self.folder.iterdir():
            if path.name not in named:
                shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)

    def commit(self, made: Take, spans: Sequence[Span], changes: Iterable[Change]) -> None:
        """Have a matching count, with its parts and what it changes about records that acts have touched."""
        with self._store.act("merges.take", counts={"take": made.number}, more={"matches": made.matches_sha256}):
            row = (
                *(made.number, made.records_file, made.records_sha256, made.matches_file, made.matches_sha256),
                *(made.when, made.program, json.dumps(made.account, ensure_ascii=False)),
            )
            self._store.run(
                "INSERT INTO takes (take, records_file, records_sha256, matches_file, matches_sha256, at, program, "
                "account) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                row,
            )
            parts = ((s.part.name, s.number, s.part.table, s.part.rows, s.part.sha256, s.first, s.last) for s in spans)
            self._store.run(
                "INSERT INTO merge_parts (name, take, table_name, row_count, sha256, first_key, last_key) "
                "VALUES (?, ?, ?, ?, ?, ?, ?)",
                *parts,
            )
            self._change(changes)

    def do(self, action: str, changes: Sequence[Change], inside: Callable[[], None] | None = None) -> None:
        """Have acts count, all at once; ``action``: what the ledger calls them. Without changes nothing was done.

        ``inside`` is called within the same act.
        """
        if not changes:
            return
        with self._store.act(action, counts=_counted(changes), about=canonical([_told(c) for c in changes])):
            self._change(changes)
            if inside:
                inside()

    def give(self, given: List, asked: Iterable[Asked], changes: Iterable[Change]) -> None:
        """Give a list of questions out."""
        counts = {"list": given.number, "questions": given.questions}
        with self._store.act("merges.worklist" if given.clerk else "merges.letters", counts=counts):
            row = (given.number, given.kind, given.clerk, given.when)
            self._store.run("INSERT INTO lists (list, kind, clerk, at) VALUES (?, ?, ?, ?)", row)
            rows = ((one.code, one.list, one.place, one.record, one.holder) for one in asked)
            self._store.run("INSERT INTO asked (code, list, place, record, holder) VALUES (?, ?, ?, ?, ?)", *rows)
            self._change(changes)

    def lists(self) -> list[List]:
        """Every list, oldest first."""
        rows = self._store.rows(
            "SELECT list, kind, clerk, at, (SELECT COUNT(DISTINCT record) FROM asked WHERE asked.list = lists.list), "
            "(SELECT COUNT(*) FROM standings WHERE standings.list = lists.list) FROM lists ORDER BY list"
        )
        return [List(*row) for row in rows]

    def asked(self, number: int) -> list[Asked]:
        """The questions of a list, in their order."""
        rows = self._store.rows(
            "SELECT code, list, place, record, holder, kind, clerk FROM asked JOIN lists USING (list) WHERE list = ? "
            "ORDER BY place, code",
            (number,),
        )
        return [Asked(*row) for row in rows]

    def codes(self, wanted: Iterable[str]) -> dict[str, Asked]:
        """Questions by their codes, as far as there are such."""
        sql = "SELECT code, list, place, record, holder, kind, clerk FROM asked JOIN lists USING (list) WHERE code IN "
        return {row[0]: Asked(*row) for row in self._of(sql, wanted)}

    def acts(self, record: str) -> list[Act]:
        """Everything that happened to a record since it was taken up, in order."""
        sql = "SELECT record, kind, who, at, value FROM acts WHERE record = ? ORDER BY act"
        return [
            Act(about, kind, who, when, json.loads(value))
            for about, kind, who, when, value in self._store.rows(sql, (record,))
        ]

    def kept(self, records: Iterable[str]) -> dict[str, Kept]:
        """Where some records stand, as far as acts have touched them."""
        rows = self._of(f"SELECT {_KEPT} FROM standings WHERE record IN ", records)  # noqa: S608
        return {row[0]: _kept(row) for row in rows}

    def proposals(self, hashes: Iterable[str] | None = None) -> list[Kept]:
        """The records that wait for a second clerk; or those that do with one of some hashes."""
        sql = f"SELECT {_KEPT} FROM standings WHERE proposal "  # noqa: S608
        rows = (
            self._store.rows(f"{sql} IS NOT NULL ORDER BY record") if hashes is None else self._of(f"{sql} IN ", hashes)
        )
        return [_kept(row) for row in rows]

    def touched(self, *states: str) -> list[Kept]:
        """The records that acts have touched, in order; of some states, and those that are disputed, or of all."""
        marks = ", ".join("?" * len(states))
        where = f"WHERE state IN ({marks}) OR disputed = 1" if states else ""
        sql = f"SELECT {_KEPT} FROM standings {where} ORDER BY record"  # noqa: S608
        return [_kept(row) for row in self._store.rows(sql, states)]

    def keys(self) -> list[int]:
        """The keys of all records that acts have touched."""
        return [key for (key,) in self._store.rows("SELECT key FROM standings")]

    def out(self, number: int) -> list[Kept]:
        """The records of a list that are still out."""
        sql = f"SELECT {_KEPT} FROM standings WHERE list = ? ORDER BY record"  # noqa: S608
        return [_kept(row) for row in self._store.rows(sql, (number,))]

    def counts(self) -> list[tuple[str, str, bool, int]]:
        """How many of the touched records: what the program said, state, whether disputed, count."""
        rows = self._store.rows("SELECT said, state, disputed, COUNT(*) FROM standings GROUP BY said, state, disputed")
        return [(said, state, bool(disputed), count) for said, state, disputed, count in rows]

    def seal(self) -> MergesSeal:
        """What happened to records, to be held against what the ledger says of it."""
        return MergesSeal(self._store, derive(self._key, "seal"))

    def _change(self, changes: Iterable[Change]) -> None:
        seal, draft = self.seal(), self._store.draft
        first = seal.next()
        self._put(changes)
        if seal.next() != first:
            draft.more = {**draft.more, "sealed_merges": seal.now(first)}

    def _put(self, changes: Iterable[Change]) -> None:
        for one in changes:
            acts = ((a.record, a.when, a.who, a.kind, json.dumps(a.value, ensure_ascii=False)) for a in one.acts)
            self._store.run("INSERT INTO acts (record, at, who, kind, value) VALUES (?, ?, ?, ?, ?)", *acts)
            k = one.kept
            said = json.dumps(k.value, ensure_ascii=False)
            self._store.run("DELETE FROM standings WHERE record = ?", (k.record,))
            row = (k.record, k.key, k.said, k.state, int(k.disputed), k.list, k.proposal, said)
            self._store.run(f"INSERT INTO standings ({_KEPT}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)", row)  # noqa: S608

    def _of(self, sql: str, values: Iterable[str]) -> Iterator[tuple[Any, ...]]:
        wanted = list(dict.fromkeys(values))
        for start in range(0, len(wanted), _AT_ONCE):
            some = wanted[start : start + _AT_ONCE]
            yield from self._store.rows(f"{sql} ({', '.join('?' * len(some))})", some)


def _counted(changes: Sequence[Change]) -> dict[str, int]:
    """How many records, and how many acts of each kind."""
    kinds = Counter(act.kind for change in changes for act in change.acts)
    return {"records": len(changes), **kinds}


def _told(change: Change) -> list[Any]:
    """All that a change says, for the ledger to commit to."""
    return [[json.dumps(asdict(act), sort_keys=True)] for act in change.acts]


def _kept(row: Sequence[Any]) -> Kept:
    record, key, said, state, disputed, given, proposal, value = row
    return Kept(record, key, said, state, bool(disputed), given, proposal, json.loads(value))
