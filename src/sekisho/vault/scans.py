"""What one scan found: tables that grow part by part; a part counts from the transaction that commits it.

A part is written, made durable and renamed into place first; only then a transaction names it. Files that no
transaction names are leavings of a kill.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any

from sekisho.vault.acts import Seen
from sekisho.vault.looks import SCAN
from sekisho.vault.people import forget_all
from sekisho.vault.shelf import Part, Shelf
from sekisho.vault.store import Store


@dataclass(frozen=True, slots=True)
class About:
    """One scan: its number, the scanned folder, when (ISO 8601, UTC) and by which version of the program.

    ``incident``: under whose key it lies.
    """

    scan: int
    root: str
    begun: str
    finished: str | None
    program: str
    incident: int | None = None


@dataclass(frozen=True, slots=True)
class Dropped:
    """What is left of a scan that somebody dropped: when (ISO 8601, UTC), and how many rows its tables had."""

    about: About
    when: str
    rows: Mapping[str, int]


DROPPED = "dropped"


def drop(store: Store, numbers: Iterable[int], when: str) -> None:
    """Inside an act: forget what scans hold, their keys too; that they were, and how large, stays in a note.

    The keys of their persons are destroyed by `Vault.finish_forgetting`.
    """
    for number in numbers:
        counted = "SELECT table_name, SUM(row_count) FROM parts WHERE scan = ? GROUP BY table_name ORDER BY table_name"
        said = json.dumps({"when": when, "rows": dict(store.rows(counted, (number,)))})
        forget_all(store, number)
        for table in ("notes", "parts"):
            store.run(f"DELETE FROM {table} WHERE scan = ?", (number,))  # noqa: S608
        store.run("UPDATE scans SET data_key = x'' WHERE scan = ?", (number,))
        store.run("INSERT INTO notes (scan, name, value) VALUES (?, ?, ?)", (number, DROPPED, said))


class Scan(Shelf):
    """The tables of one scan, by name: ``files``, ``documents``, ``records``, ``doubts``, ``matches``...

    Notes are small JSON values kept with it: settings, the finished breakdown.
    """

    def __init__(self, store: Store, folder: Path, about: About, key: bytes) -> None:
        super().__init__(folder, key)
        self.about = about
        self._store = store

    def demand(self, action: str) -> None:
        """Raises RightsError, and says so in the ledger, where an action is not theirs to do who act."""
        self._store.demand(action)

    def log(self, action: str) -> None:
        """Say durably that something was done with it that shows nobody's data; raises RightsError, VaultError."""
        self._store.log(action, counts={"scan": self.about.scan})

    def see_all(self, action: str, **said: Any) -> None:
        """Say durably that somebody looks at everybody in it; raises RightsError, VaultError."""
        self._store.log(action, seen=Seen(scope=SCAN, upto=self.about.scan), **said)

    def commit(self, parts: Iterable[Part], **notes: object) -> None:
        """Make ``parts`` and ``notes`` count, all at once."""
        with self._store.transaction():
            self._add(parts)
            self._note(notes)

    def replace(self, tables: Mapping[str, Sequence[Part]], **notes: object) -> None:
        """Have those parts be all of each of ``tables`` from now on, all at once; for tables that are worked out anew.

        Until then, and where it fails, what was there before stands.
        """
        old = [part for part in self.parts() if part.table in tables]
        parts = list(chain.from_iterable(tables.values()))
        counts = {"scan": self.about.scan, **{name: sum(one.rows for one in some) for name, some in tables.items()}}
        with self._store.act("scan.settle", counts=counts, more={"parts": [part.sha256 for part in parts]}):
            gone = ((self.about.scan, name) for name in tables)
            self._store.run("DELETE FROM parts WHERE scan = ? AND table_name = ?", *gone)
            self._add(parts)
            self._note(notes)
        self.discard(old)
        with suppress(OSError):
            for half in self.folder.glob(".*.new"):  # what a killed one left
                half.unlink(missing_ok=True)

    def parts(self, table: str | None = None) -> list[Part]:
        """The parts that count, in the order of their commits; of one table or of all."""
        rows = self._store.rows(
            "SELECT name, table_name, row_count, sha256 FROM parts WHERE scan = ? ORDER BY rowid", (self.about.scan,)
        )
        return [part for part in (Part(*row) for row in rows) if table in (None, part.table)]

    def rows(self) -> dict[str, int]:
        """How many rows each table has."""
        counted = "SELECT table_name, SUM(row_count) FROM parts WHERE scan = ? GROUP BY table_name ORDER BY table_name"
        return dict(self._store.rows(counted, (self.about.scan,)))

    def note(self, name: str) -> Any:
        """The note of that name, None where there is none."""
        rows = self._store.rows("SELECT value FROM notes WHERE scan = ? AND name = ?", (self.about.scan, name))
        return json.loads(rows[0][0]) if rows else None

    def _add(self, parts: Iterable[Part]) -> None:
        rows = [(self.about.scan, part.name, part.table, part.rows, part.sha256) for part in parts]
        self._store.run("INSERT INTO parts (scan, name, table_name, row_count, sha256) VALUES (?, ?, ?, ?, ?)", *rows)

    def _note(self, notes: dict[str, object]) -> None:
        for name, value in notes.items():
            self._store.run("DELETE FROM notes WHERE scan = ? AND name = ?", (self.about.scan, name))
            said = json.dumps(value, ensure_ascii=False)
            self._store.run("INSERT INTO notes (scan, name, value) VALUES (?, ?, ?)", (self.about.scan, name, said))
