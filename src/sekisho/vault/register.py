"""The register in the vault: what each import of a file of holders brought; nothing of it is ever changed afterwards.

As with scans, a part is on the disk before a transaction names it. All parts of an import come to count at once.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sekisho.vault.index import Index
from sekisho.vault.keys import derive
from sekisho.vault.shelf import Part, Shelf
from sekisho.vault.store import Store


@dataclass(frozen=True, slots=True)
class Import:
    """One import: its number from 1, the file's path and SHA-256, when (ISO 8601, UTC), by which program.

    ``account``: which column was taken for what, and counts; JSON-able.
    """

    number: int
    file: str
    sha256: str
    when: str
    program: str
    account: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Span:
    """A part, the import that brought it, and the first and the last of the numbers that it is in order of."""

    part: Part
    number: int
    first: int
    last: int

    def may_hold(self, number: int) -> bool:
        """Whether the number lies between the first and the last."""
        return self.first <= number <= self.last


class Register(Shelf):
    """The tables of the register, by name; they only grow."""

    def __init__(self, store: Store, folder: Path, key: bytes) -> None:
        super().__init__(folder, key)
        self._store = store

    def imports(self) -> list[Import]:
        """Every import that came to its end, oldest first."""
        rows = self._store.rows("SELECT import, file, sha256, at, program, account FROM imports ORDER BY import")
        return [
            Import(number, file, sha256, when, program, json.loads(account))
            for number, file, sha256, when, program, account in rows
        ]

    def spans(self, table: str) -> list[Span]:
        """The parts of a table, oldest import first."""
        rows = self._store.rows(
            "SELECT name, table_name, row_count, sha256, import, first_number, last_number FROM register_parts "
            "WHERE table_name = ? ORDER BY part",
            (table,),
        )
        return [Span(Part(*row[:4]), *row[4:]) for row in rows]

    def parts(self, table: str | None = None) -> list[Part]:
        """The parts that count, in the order of their commits; of one table or of all."""
        rows = self._store.rows("SELECT name, table_name, row_count, sha256 FROM register_parts ORDER BY part")
        return [part for part in (Part(*row) for row in rows) if table in (None, part.table)]

    def index(self) -> Index:
        """What matching made of the holders, to be opened as a context."""
        return Index(self.folder.with_name("index"), derive(self._key, "index"))

    def begin(self) -> None:
        """Make room for an import: what a killed one left behind goes."""
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        named = {part.name for part in self.parts()}
        for path in self.folder.iterdir():
            if path.name not in named:
                shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)

    def commit(self, made: Import, spans: Sequence[Span]) -> None:
        """Have an import count, with all its parts."""
        said = json.dumps(made.account, ensure_ascii=False)
        with self._store.transaction():
            row = (made.number, made.file, made.sha256, made.when, made.program, said)
            self._store.run(
                "INSERT INTO imports (import, file, sha256, at, program, account) VALUES (?, ?, ?, ?, ?, ?)", row
            )
            parts = ((s.part.name, s.part.table, s.part.rows, s.part.sha256, s.number, s.first, s.last) for s in spans)
            self._store.run(
                "INSERT INTO register_parts (name, table_name, row_count, sha256, import, first_number, last_number) "
                "VALUES (?, ?, ?, ?, ?, ?, ?)",
                *parts,
            )
