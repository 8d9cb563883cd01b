"""Letters to exposed persons: where each stands, in the store; what stands in it, in parts under the incident's key.

Post is never "delivered": a letter is sent, and not returned.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

import pyarrow as pa

from sekisho.clock import utc_now
from sekisho.frames import from_arrow, to_arrow
from sekisho.vault.files import make_folder
from sekisho.vault.keys.envelopes import Envelope
from sekisho.vault.keys.secret import derive
from sekisho.vault.shelf import Part, Shelf
from sekisho.vault.store import Store

TABLE = "letters"


class State(StrEnum):
    """Where a letter stands."""

    CREATED = "created"
    HELD = "held"
    QUEUED = "queued"
    PRINTED = "printed"
    SENT = "sent"
    RETURNED = "returned"
    SUPERSEDED = "superseded"


LETTERS = pa.schema(
    [
        ("letter", pa.int64()),
        ("person", pa.int64()),
        ("version", pa.int64()),
        ("state", pa.string()),
        ("reason", pa.string()),
        ("batch", pa.int64()),
        ("bundle", pa.int64()),
        ("at", pa.string()),
    ]
)
"""Where letters stand; see the table ``letters``."""
CONTENT = pa.schema(
    [
        ("letter", pa.int64()),
        ("holder", pa.string()),
        ("items", pa.string()),  # as in the leak master, joined by +
        ("other_items", pa.string()),
        ("language", pa.string()),
        ("large_from", pa.string()),  # the day from which on their print is large; null: it is, whenever
        ("more", pa.bool_()),  # whether an earlier letter said less
        ("paid", pa.bool_()),
        ("name", pa.string()),
        ("postal_code", pa.string()),
        ("address", pa.string()),
        ("size", pa.float64()),  # of the recipient, in points
        ("family", pa.string()),
        ("mark", pa.uint64()),  # of all that, to see whether it would be another one now
    ]
)
"""What stands in letters; of a letter that was written again, the last row counts."""
SAID = pa.schema([*LETTERS, CONTENT.field("items"), CONTENT.field("other_items")])


@dataclass(frozen=True, slots=True)
class Batch:
    """A day's work of the print shop; see the table ``letter_batches``. ``letters``: how many, by their state."""

    number: int
    day: str
    sink: str
    version: int
    words: int
    released: str
    matched: str | None
    checked: str | None
    sent: str | None
    letters: Mapping[State, int]


@dataclass(frozen=True, slots=True)
class Sampled:
    """A sheet of the production run to be looked at; ``outcome``: right, wrong, or empty."""

    letter: int
    drawn: str
    outcome: str


class Letters(Shelf):
    """The letters of one incident. What changes them is called inside an act."""

    def __init__(self, store: Store, folder: Path, incident: int, key: bytes) -> None:
        super().__init__(folder, derive(key, "letters"))
        self._store = store
        self._envelope = Envelope(derive(key, "words of letters"))
        self.incident = incident

    def parts(self, table: str | None = None) -> list[Part]:
        """The parts with what stands in letters, in the order in which they were written."""
        sql = "SELECT name, row_count, sha256 FROM letter_parts WHERE incident = ? ORDER BY rowid"
        return [Part(name, TABLE, *rest) for name, *rest in self._store.rows(sql, (self.incident,))]

    def standing(self, batch: int | None = None) -> pa.Table:
        """`LETTERS`, of a batch or all, in the order of their numbers."""
        where, asked = self._of(batch)
        rows = self._store.rows(f"SELECT {', '.join(LETTERS.names)} FROM letters WHERE {where} ORDER BY letter", asked)  # noqa: S608
        values = list(zip(*rows, strict=True)) or [()] * len(LETTERS)
        return pa.table([pa.array(one, field.type) for one, field in zip(values, LETTERS, strict=True)], LETTERS)

    def content(self, columns: Sequence[str] = tuple(CONTENT.names)) -> pa.Table:
        """`CONTENT`; of a letter that was written again every row, the last of which counts."""
        return self.read(TABLE, CONTENT, columns)

    def all(self) -> pa.Table:
        """`SAID`: where each letter stands, and which items it tells of."""
        said = from_arrow(self.content(["letter", "items", "other_items"]))
        standing = from_arrow(self.standing())
        found = standing.join(said.unique("letter", keep="last"), on="letter", how="left", maintain_order="left")
        return to_arrow(found, SAID)

    def counts(self) -> dict[State, int]:
        """How many letters stand where."""
        rows = self._store.rows(
            "SELECT state, COUNT(*) FROM letters WHERE incident = ? GROUP BY state", (self.incident,)
        )
        return {State(state): count for state, count in rows}

    def next_number(self) -> int:
        """The number of the next letter."""
        sql = "SELECT COALESCE(MAX(letter), 0) + 1 FROM letters WHERE incident = ?"
        return int(self._store.rows(sql, (self.incident,))[0][0])

    def words(self, number: int | None = None) -> tuple[int, Mapping[str, Any]] | None:
        """What the house says, with its number: the last that was said, or that of a number; None where nothing was."""
        sql = (
            "SELECT number, said FROM letter_words WHERE incident = ? AND ? IN (0, number) ORDER BY number DESC LIMIT 1"
        )
        for found, said in self._store.rows(sql, (self.incident, number or 0)):
            return found, json.loads(self._envelope.open("letter_words", "said", self._row(found), bytes(said)))
        return None

    def runs(self, batch: int | None = None) -> list[Batch]:
        """All batches, in their order, or that one alone, for which no other's letters are counted."""
        where, asked = self._of(batch)
        counted: dict[int, dict[State, int]] = {}
        by_state = f"SELECT batch, state, COUNT(*) FROM letters WHERE {where} AND batch > 0 GROUP BY batch, state"  # noqa: S608
        for number, state, count in self._store.rows(by_state, asked):
            counted.setdefault(number, {})[State(state)] = count
        columns = "batch, day, sink, version, words, released, matched, checked, sent"
        sql = f"SELECT {columns} FROM letter_batches WHERE {where} ORDER BY batch"  # noqa: S608
        return [Batch(*(*row, counted.get(row[0], {}))) for row in self._store.rows(sql, asked)]

    def sample(self, batch: int) -> list[Sampled]:
        """The sheets that were drawn of a batch."""
        sql = "SELECT letter, drawn, outcome FROM letter_samples WHERE incident = ? AND batch = ? ORDER BY letter"
        return [Sampled(*row) for row in self._store.rows(sql, (self.incident, batch))]

    def begin(self) -> None:
        """Make room for parts; what nobody names, as a call was killed, goes."""
        make_folder(self.folder)
        named = {part.name for part in self.parts()}
        for path in self.folder.iterdir():
            if path.name not in named:
                path.unlink(missing_ok=True)

    def keep(self, parts: Iterable[Part]) -> None:
        """Have parts count."""
        sql = "INSERT INTO letter_parts (incident, name, row_count, sha256) VALUES (?, ?, ?, ?)"
        self._store.run(sql, *((self.incident, part.name, part.rows, part.sha256) for part in parts))

    def add(self, rows: Iterable[tuple[int, int, int, State, str]]) -> None:
        """New letters: number, person, version, state, reason."""
        now = utc_now()
        sql = "INSERT INTO letters (incident, letter, person, version, state, reason, at) VALUES (?, ?, ?, ?, ?, ?, ?)"
        self._store.run(sql, *((self.incident, *some, str(state), reason, now) for *some, state, reason in rows))

    def become(self, letters: Iterable[int], state: State, reason: str = "") -> None:
        """Have letters stand elsewhere."""
        now = utc_now()
        sql = "UPDATE letters SET state = ?, reason = ?, at = ? WHERE incident = ? AND letter = ?"
        self._store.run(sql, *((str(state), reason, now, self.incident, letter) for letter in letters))

    def place(self, rows: Iterable[tuple[int, int | None, int | None]]) -> None:
        """Put letters into batches: letter, batch, bundle."""
        sql = "UPDATE letters SET batch = ?, bundle = ? WHERE incident = ? AND letter = ?"
        self._store.run(sql, *((batch, bundle, self.incident, letter) for letter, batch, bundle in rows))

    def say(self, words: Mapping[str, Any]) -> int:
        """Say what the house says from now on; gives its number."""
        number = int(
            self._store.rows(
                "SELECT COALESCE(MAX(number), 0) + 1 FROM letter_words WHERE incident = ?", (self.incident,)
            )[0][0]
        )
        text = json.dumps(words, ensure_ascii=False, sort_keys=True)
        sealed = self._envelope.seal("letter_words", "said", self._row(number), text)
        sql = "INSERT INTO letter_words (incident, number, at, said) VALUES (?, ?, ?, ?)"
        self._store.run(sql, (self.incident, number, utc_now(), sealed))
        return number

    def release(self, batches: Iterable[tuple[int, str, str, int, int]]) -> None:
        """New batches: number, day, sink, version, number of the words."""
        sql = (
            "INSERT INTO letter_batches (incident, batch, day, sink, version, words, released) "
            "VALUES (?, ?, ?, ?, ?, ?, ?)"
        )
        self._store.run(sql, *((self.incident, *row, utc_now()) for row in batches))

    def matched(self, batch: int) -> None:
        """Say that a match list was held against a batch, and nothing differed."""
        self._store.run(
            "UPDATE letter_batches SET matched = ? WHERE incident = ? AND batch = ?", (utc_now(), self.incident, batch)
        )

    def checked(self, batch: int, *, right: bool) -> None:
        """Say whether all of a batch's sample was found right."""
        self._store.run(
            "UPDATE letter_batches SET checked = ? WHERE incident = ? AND batch = ?",
            (utc_now() if right else None, self.incident, batch),
        )

    def posted(self, batch: int, day: str) -> None:
        """Say on which day a batch was posted."""
        self._store.run(
            "UPDATE letter_batches SET sent = ? WHERE incident = ? AND batch = ?", (day, self.incident, batch)
        )

    def draw(self, batch: int, letters: Iterable[int]) -> None:
        """Put sheets into the sample of a batch."""
        sql = "INSERT INTO letter_samples (incident, batch, letter, drawn, outcome) VALUES (?, ?, ?, ?, '')"
        self._store.run(sql, *((self.incident, batch, letter, utc_now()) for letter in letters))

    def looked_at(self, outcomes: Mapping[int, str]) -> None:
        """Say what sheets of the sample were found to be: right or wrong."""
        sql = "UPDATE letter_samples SET outcome = ?, checked = ? WHERE incident = ? AND letter = ?"
        self._store.run(sql, *((outcome, utc_now(), self.incident, letter) for letter, outcome in outcomes.items()))

    def _of(self, batch: int | None) -> tuple[str, tuple[int, ...]]:
        """What picks the rows of the incident, or of one batch of it."""
        if batch is None:
            return "incident = ?", (self.incident,)
        return "incident = ? AND batch = ?", (self.incident, batch)

    def _row(self, number: int) -> str:
        return f"{self.incident}/{number}"
