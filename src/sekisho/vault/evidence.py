"""Logs of other machines in the vault: what each says happened, as encrypted tables that only grow."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from sekisho.vault.acts import canonical
from sekisho.vault.shelf import Part, Shelf
from sekisho.vault.store import Store

EVENTS = "events"


@dataclass(frozen=True, slots=True)
class Log:
    """One log that was brought in: its number from 1, its file, when (ISO 8601, UTC) and by which program.

    ``given``: what somebody said of its clock and its host; ``account``: its format, counts, first and last time.
    """

    number: int
    file: str
    sha256: str
    when: str
    program: str
    given: Mapping[str, Any]
    account: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a log: between which times its rows lie (microseconds since 1970), and how many have no time."""

    part: Part
    log: int
    first: int | None
    last: int | None
    timeless: int

    def meets(self, since: int | None, until: int | None) -> bool:
        """Whether a row of it may lie between two times; one without a time may always."""
        if self.timeless or self.first is None or self.last is None:
            return True
        return (since is None or self.last >= since) and (until is None or self.first <= until)


class Evidence(Shelf):
    """The logs, and what they say."""

    def __init__(self, store: Store, folder: Path, key: bytes) -> None:
        super().__init__(folder, key)
        self._store = store

    def logs(self) -> list[Log]:
        """All logs, in the order in which they were brought in."""
        rows = self._store.rows("SELECT evidence, file, sha256, at, program, given, account FROM evidence ORDER BY 1")
        return [
            Log(number, file, sha256, when, program, json.loads(given), json.loads(account))
            for number, file, sha256, when, program, given, account in rows
        ]

    def next_number(self) -> int:
        """The number of the next log."""
        return int(self._store.rows("SELECT COALESCE(MAX(evidence), 0) + 1 FROM evidence")[0][0])

    def pieces(self) -> list[Piece]:
        """The parts of all logs."""
        rows = self._store.rows(
            "SELECT name, row_count, sha256, evidence, first_at, last_at, timeless FROM evidence_parts ORDER BY part"
        )
        return [Piece(Part(name, EVENTS, count, sha256), *more) for name, count, sha256, *more in rows]

    def parts(self, table: str | None = None) -> list[Part]:
        """The same, as `Shelf` has them."""
        return [piece.part for piece in self.pieces()] if table in (None, EVENTS) else []

    def begin(self) -> None:
        """Make room; what no act names, as a call was killed, goes."""
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        named = {part.name for part in self.parts()}
        for path in self.folder.iterdir():
            if path.name not in named:
                shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)

    def put(self, rows: pa.Table, log: int) -> Piece:
        """Put rows of a log on disk; they do not count yet."""
        times = rows["at"].drop_null().cast(pa.int64())
        bounds = pc.min_max(times).as_py() if len(times) else {"min": None, "max": None}
        return Piece(self.write(EVENTS, rows), log, bounds["min"], bounds["max"], rows["at"].null_count)

    def commit(self, log: Log, pieces: Sequence[Piece]) -> None:
        """Have a log count, with all its parts."""
        row = (
            *(log.number, log.file, log.sha256, log.when, log.program),
            *(json.dumps(said, ensure_ascii=False, sort_keys=True) for said in (log.given, log.account)),
        )
        said = {"format": log.account["format"], "parts": [piece.part.sha256 for piece in pieces[:MOST_SAID]]}
        counts = {"evidence": log.number, "events": log.account["events"], "records": log.account["records"]}
        with self._store.act("evidence.import", counts=counts, about=canonical(row), more=said):
            columns = "evidence, file, sha256, at, program, given, account"
            self._store.run(f"INSERT INTO evidence ({columns}) VALUES (?, ?, ?, ?, ?, ?, ?)", row)  # noqa: S608
            self._store.run(
                "INSERT INTO evidence_parts (name, evidence, row_count, sha256, first_at, last_at, timeless) "
                "VALUES (?, ?, ?, ?, ?, ?, ?)",
                *((p.part.name, p.log, p.part.rows, p.part.sha256, p.first, p.last, p.timeless) for p in pieces),
            )

    def events(self, since: int | None = None, until: int | None = None) -> Iterator[tuple[int, pa.Table]]:
        """The number of a log and some of its rows, part by part, of all parts that may lie between two times.

        Of a file that was brought in several times, read in other ways, the last reading.
        """
        standing = set({log.sha256: log.number for log in self.logs()}.values())
        for piece in self.pieces():
            if piece.log in standing and piece.meets(since, until):
                yield piece.log, self.rows_of(piece.part)


MOST_SAID = 500
"""So many parts an entry names by their SHA-256."""
