"""Files of changes that were made for persons, kept under an incident's key, and what came of looking into them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa

from sekisho.clock import utc_now
from sekisho.vault.acts import Seen, canonical
from sekisho.vault.files import make_folder
from sekisho.vault.keys.envelopes import Envelope
from sekisho.vault.keys.secret import derive
from sekisho.vault.shelf import Part, Shelf
from sekisho.vault.store import Store

TABLE = "changes"


@dataclass(frozen=True, slots=True)
class File:
    """One file: its number from 1, its SHA-256, when it was taken in (ISO 8601, UTC), and what was read."""

    number: int
    sha256: str
    at: str
    account: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one entry of the worklist, and when it was said; ``note``: in somebody's words."""

    entry: str
    outcome: str
    at: str
    note: str


class Changes(Shelf):
    """The changes of one incident: rows by file, the entries that were ever on the worklist, and their outcomes."""

    def __init__(self, store: Store, folder: Path, incident: int, key: bytes) -> None:
        super().__init__(folder, derive(key, "changes"))
        self._store = store
        self._envelope = Envelope(derive(key, "outcomes of changes"))
        self.secret = derive(key, "entries of changes")
        self.incident = incident

    def files(self) -> list[File]:
        """All files, in the order in which they were taken in."""
        rows = self._store.rows(
            "SELECT file, sha256, at, account FROM change_files WHERE incident = ? ORDER BY file", (self.incident,)
        )
        return [File(number, sha256, at, json.loads(account)) for number, sha256, at, account in rows]

    def parts(self, table: str | None = None) -> list[Part]:
        """The parts of all files, in their order."""
        rows = self._store.rows(
            "SELECT name, row_count, sha256 FROM change_parts WHERE incident = ? ORDER BY file", (self.incident,)
        )
        return [Part(name, TABLE, count, sha256) for name, count, sha256 in rows if table in (None, TABLE)]

    def take(self, rows: pa.Table, sha256: str, account: Mapping[str, Any]) -> int:
        """Keep the rows of a file, as a part of the act `incident.changes`; gives its number.

        Raises RightsError, VaultError.
        """
        self._store.demand("incident.changes")
        make_folder(self.folder)
        named = {part.name for part in self.parts()}
        for path in self.folder.iterdir():  # what a killed call left
            if path.name not in named:
                path.unlink(missing_ok=True)
        part = self.write(TABLE, rows)
        counts = {"rows": part.rows}
        with self._store.act("incident.changes", incident=self.incident, counts=counts, more={"part": part.sha256}):
            number = len(self.files()) + 1
            said = json.dumps(account, ensure_ascii=False, sort_keys=True)
            self._store.run(
                "INSERT INTO change_files (incident, file, sha256, at, account) VALUES (?, ?, ?, ?, ?)",
                (self.incident, number, sha256, utc_now(), said),
            )
            self._store.run(
                "INSERT INTO change_parts (incident, file, name, row_count, sha256) VALUES (?, ?, ?, ?, ?)",
                (self.incident, number, part.name, part.rows, part.sha256),
            )
        return number

    def entries(self) -> dict[str, int]:
        """Every entry that was ever on the worklist, and the version of the leak master that brought it."""
        rows = self._store.rows("SELECT entry, version FROM review_entries WHERE incident = ?", (self.incident,))
        return dict(rows)

    def listed(self, entries: Iterable[str], version: int, counts: Mapping[str, int], seen: Seen) -> int:
        """Say that entries are on the worklist, as the act `incident.review`; gives how many are new."""
        with self._store.act("incident.review", incident=self.incident, counts=counts, seen=seen) as act:
            known = self.entries()
            new = [entry for entry in entries if entry not in known]
            act.counts |= {"version": version, "new": len(new)}
            self._store.run(
                "INSERT INTO review_entries (incident, entry, version, at) VALUES (?, ?, ?, ?)",
                *((self.incident, entry, version, utc_now()) for entry in new),
            )
        return len(new)

    def outcomes(self) -> dict[str, Outcome]:
        """The last outcome of each entry that has one."""
        rows = self._store.rows(
            "SELECT outcome, entry, at, said FROM review_outcomes WHERE incident = ? ORDER BY outcome", (self.incident,)
        )
        return {entry: self._outcome(number, entry, at, bytes(said)) for number, entry, at, said in rows}

    def said(self) -> int:
        """How many outcomes were ever recorded."""
        sql = "SELECT COUNT(*) FROM review_outcomes WHERE incident = ?"
        return int(self._store.rows(sql, (self.incident,))[0][0])

    def came_of(self, outcomes: Sequence[tuple[str, str, str]]) -> None:
        """Record outcomes, as the act `incident.reviewed`: entry, outcome, note. Raises RightsError."""
        about = canonical([list(one) for one in outcomes])
        with self._store.act(
            "incident.reviewed", incident=self.incident, counts={"entries": len(outcomes)}, about=about
        ):
            highest = "SELECT COALESCE(MAX(outcome), 0) FROM review_outcomes WHERE incident = ?"
            last = int(self._store.rows(highest, (self.incident,))[0][0])
            self._store.run(
                "INSERT INTO review_outcomes (incident, outcome, entry, at, said) VALUES (?, ?, ?, ?, ?)",
                *(
                    (self.incident, number, entry, utc_now(), self._sealed(number, outcome, note))
                    for number, (entry, outcome, note) in enumerate(outcomes, last + 1)
                ),
            )

    def _sealed(self, number: int, outcome: str, note: str) -> bytes:
        said = json.dumps([outcome, note], ensure_ascii=False)
        return self._envelope.seal("review_outcomes", "said", self._row(number), said)

    def _outcome(self, number: int, entry: str, at: str, said: bytes) -> Outcome:
        outcome, note = json.loads(self._envelope.open("review_outcomes", "said", self._row(number), said))
        return Outcome(entry, outcome, at, note)

    def _row(self, number: int) -> str:
        return f"{self.incident}/{number}"
