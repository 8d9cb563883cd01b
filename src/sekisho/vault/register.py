"""The register in the vault: what each act (an import, an undoing, a split) brought; nothing of it is ever changed.

As with scans, a part is on the disk before a transaction names it. All parts of an act come to count at once, and those
of an act that was undone no longer count but stay. What an import has finished so far is named apart, so that a killed
one goes on from there.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any

import pyarrow as pa

from sekisho.errors import VaultError
from sekisho.vault import tables
from sekisho.vault.acts import canonical
from sekisho.vault.files import make_folder
from sekisho.vault.index import Index
from sekisho.vault.keys.secret import derive
from sekisho.vault.looks import REGISTER, Looks
from sekisho.vault.reissues import Numbers
from sekisho.vault.seal import Broken, Finding, Seal
from sekisho.vault.shelf import Part, Shelf
from sekisho.vault.store import Store
from sekisho.wording import Text


class Kind(StrEnum):
    """What was done to the register."""

    IMPORT = "import"
    UNDO = "undo"
    SPLIT = "split"


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing done to the register: its number from 1, when (ISO 8601, UTC), by which program.

    ``file`` and ``sha256``: of an import. ``target``: the number of the act that an undoing takes back. ``reason``: why
    somebody undid or split. ``account``: which column was taken for what, and counts; JSON-able.
    """

    number: int
    file: str
    sha256: str
    when: str
    program: str
    account: Mapping[str, Any]
    kind: Kind = Kind.IMPORT
    target: int | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Span:
    """A part, the act that brought it, and the first and the last of the numbers that it is in order of."""

    part: Part
    number: int
    first: int
    last: int

    def may_hold(self, number: int) -> bool:
        """Whether the number lies between the first and the last."""
        return self.first <= number <= self.last

    def meets(self, first: int, last: int) -> bool:
        """Whether it may hold one of the numbers from ``first`` to ``last``."""
        return self.first <= last and first <= self.last


@dataclass(slots=True)
class Finished:
    """What an import on its way has finished: spans by step, and a note of what is needed to go on."""

    spans: dict[str, list[Span]] = field(default_factory=dict)
    note: dict[str, Any] = field(default_factory=dict)


class Register(Shelf):
    """The tables of the register, by name; they only grow."""

    def __init__(self, store: Store, folder: Path, key: bytes, looks: Looks) -> None:
        super().__init__(folder, key)
        self._store = store
        self.looks = looks

    @property
    def new_numbers(self) -> Numbers:
        """What replaced numbers that leaked."""
        return Numbers(self._store)

    def see_all(self, action: str, **said: Any) -> None:
        """Say durably that somebody looks at everybody in it; raises RightsError, VaultError."""
        self.looks.see_all(action, REGISTER, self.next_number() - 1, **said)

    def acts(self) -> list[Entry]:
        """Everything that was ever done, oldest first."""
        rows = self._store.rows(
            "SELECT import, file, sha256, at, program, account, kind, target, reason FROM imports ORDER BY import"
        )
        return [
            Entry(number, file, sha256, when, program, json.loads(account), Kind(kind), target, reason)
            for number, file, sha256, when, program, account, kind, target, reason in rows
        ]

    def imports(self) -> list[Entry]:
        """Every import that counts, oldest first."""
        undone = self.undone()
        return [act for act in self.acts() if act.kind is Kind.IMPORT and act.number not in undone]

    def undone(self, until: int | None = None) -> dict[int, int]:
        """Acts that were taken back, up to act ``until``, and the acts that did so."""
        undoings = self._store.rows("SELECT target, import FROM imports WHERE kind = ?", (str(Kind.UNDO),))
        return {target: number for target, number in undoings if until is None or number <= until}

    def next_number(self) -> int:
        """The number of the next act."""
        return int(self._store.rows("SELECT COALESCE(MAX(import), 0) + 1 FROM imports")[0][0])

    def spans(self, table: str, until: int | None = None, *, undone_too: bool = False) -> list[Span]:
        """The parts of a table that count now, or counted after act ``until``; oldest act first."""
        rows = self._store.rows(
            "SELECT name, table_name, row_count, sha256, import, first_number, last_number FROM register_parts "
            "WHERE table_name = ? ORDER BY part",
            (table,),
        )
        undone = {} if undone_too else self.undone(until)
        spans = [Span(Part(*row[:4]), *row[4:]) for row in rows]
        return [s for s in spans if s.number not in undone and (until is None or s.number <= until)]

    def last(self, table: str) -> int:
        """The last of the numbers that a table was ever in order of, -1 where it is empty."""
        found = self._store.rows("SELECT MAX(last_number) FROM register_parts WHERE table_name = ?", (table,))[0][0]
        return -1 if found is None else int(found)

    def parts(self, table: str | None = None) -> list[Part]:
        """The parts that are named, in the order of their commits; of one table or of all."""
        rows = self._store.rows("SELECT name, table_name, row_count, sha256 FROM register_parts ORDER BY part")
        return [part for part in (Part(*row) for row in rows) if table in (None, part.table)]

    def index(self, kind: str) -> Index:
        """What matching of a kind made of the holders, to be opened as a context; ``kind`` names a folder."""
        return Index(self.folder.with_name("index") / kind, derive(self._key, f"index {kind}"))

    def begin(self, sha256: str, program: str) -> Finished:
        """Make room for an import of a file: what one of it had finished when it was killed; else nothing.

        What no transaction names goes.
        """
        make_folder(self.folder)
        kept = self._store.rows("SELECT note FROM import_progress WHERE sha256 = ? AND program = ?", (sha256, program))
        self._store.demand("register.import")
        if not kept:
            with self._store.transaction():
                self._forget_progress()
                said = (sha256, program, "{}")
                self._store.run("INSERT INTO import_progress (sha256, program, note) VALUES (?, ?, ?)", said)
        found = Finished(note=json.loads(kept[0][0]) if kept else {})
        for step, *part, first, last in self._store.rows(
            "SELECT step, name, table_name, row_count, sha256, first_number, last_number FROM import_parts "
            "ORDER BY part"
        ):
            found.spans.setdefault(step, []).append(Span(Part(*part), self.next_number(), first, last))
        self.sweep()
        return found

    def sweep(self) -> None:
        """Remove what no transaction names."""
        progress = {name for (name,) in self._store.rows("SELECT name FROM import_parts")}
        named = {part.name for part in self.parts()} | progress
        for path in self.folder.iterdir():
            if path.name not in named:
                shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)

    def finish(self, step: str, spans: Sequence[Span], note: Mapping[str, Any]) -> None:
        """Say what an import on its way has finished, durably; it does not count yet."""
        rows = ((step, s.part.name, s.part.table, s.part.rows, s.part.sha256, s.first, s.last) for s in spans)
        with self._store.transaction():
            self._store.run(
                "INSERT INTO import_parts (step, name, table_name, row_count, sha256, first_number, last_number) "
                "VALUES (?, ?, ?, ?, ?, ?, ?)",
                *rows,
            )
            self._store.run("UPDATE import_progress SET note = ?", (json.dumps(note, ensure_ascii=False),))

    def give_up(self) -> None:
        """Forget what an import on its way has finished."""
        with self._store.transaction():
            self._forget_progress()

    def commit(self, act: Entry, spans: Sequence[Span]) -> None:
        """Have an act count, with all its parts; what an import had on its way is over."""
        with self._acting(act):
            parts = ((s.part.name, s.part.table, s.part.rows, s.part.sha256, s.number, s.first, s.last) for s in spans)
            self._store.run(
                "INSERT INTO register_parts (name, table_name, row_count, sha256, import, first_number, last_number) "
                "VALUES (?, ?, ?, ?, ?, ?, ?)",
                *parts,
            )

    @contextmanager
    def _acting(self, act: Entry) -> Iterator[None]:
        said = json.dumps(act.account, ensure_ascii=False)
        row = (act.number, act.file, act.sha256, act.when, act.program, said, str(act.kind), act.target, act.reason)
        with self._store.act(f"register.{act.kind}", counts={"act": act.number}, about=canonical(row)) as draft:
            self._store.run(
                "INSERT INTO imports (import, file, sha256, at, program, account, kind, target, reason) "
                "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                row,
            )
            yield
            self._forget_progress()
            draft.more = {**draft.more, "sealed": self.seal().now(act.number)}

    def replace(self, parts: Iterable[tuple[Part, Part]]) -> None:
        """Within an act: have other parts stand in the place of some, without the rows of somebody to be forgotten."""
        rows = [(new.name, new.rows, new.sha256, old.name) for old, new in parts]
        self._store.run("UPDATE register_parts SET name = ?, row_count = ?, sha256 = ? WHERE name = ?", *rows)

    def seal(self) -> Seal:
        """What acts left behind, to be held against what the ledger says of them."""
        return Seal(self._store, derive(self._key, "seal"))

    def files(self) -> Iterator[Finding]:
        """Files of parts, of every act that ever was, that are not those which the store names."""
        for table in sorted({part.table for part in self.parts()}):
            for span in self.spans(table, undone_too=True):
                path = self.folder / span.part.name
                if not tables.is_intact(path, span.part.sha256):
                    broken = Broken.FILE_CHANGED if path.exists() else Broken.FILE_GONE
                    yield Finding(broken, span.number, span.part.name, table)

    def _forget_progress(self) -> None:
        self._store.run("DELETE FROM import_parts", ())
        self._store.run("DELETE FROM import_progress", ())

    def put(self, table: str, rows: pa.Table, number: int, by: str, recurring: Sequence[str] = ()) -> Span:
        """Put rows, in order of the column ``by``, on disk for act ``number``; ``recurring`` columns repeat values."""
        part = self.write(table, rows, recurring)
        return Span(part, number, rows[by][0].as_py(), rows[by][-1].as_py())

    def look(self) -> None:
        """Raises VaultError where the register was written by a development version that kept less of it."""
        if self.last("states") >= 0 and not self.spans("holders", undone_too=True):
            raise VaultError(
                Text("The register in the vault is of an earlier form.", "保管庫の台帳は以前の形式です。"),
                Text("Import its files into a new vault.", "新しい保管庫に台帳のファイルを取り込み直してください。"),
            )
