"""The helpline in the vault: when it was opened, every call with what was answered, and reports of suspicious contacts.

All that is said of callers is sealed under a key of the incident; what is counted by stands beside it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pyarrow as pa

from sekisho.vault.keys.envelopes import Envelope
from sekisho.vault.keys.secret import derive
from sekisho.vault.store import Store

BEGUN, SEARCHED, MISSED, FOUND = "begun", "searched", "missed", "found"
FAILED, ANSWERED, ENDED = "failed", "answered", "ended"
"""What happens in a call."""
ANSWERS = pa.schema(
    [
        ("call", pa.int64()),
        ("at", pa.string()),  # ISO 8601, UTC
        ("version", pa.int64()),  # of the leak master that the answer was given from
        ("answer", pa.string()),
        ("person", pa.int64()),  # the number they have in the leak master, or would have; null where nobody was found
        ("holder", pa.string()),  # the number of the register then, null where there is none
        ("name", pa.string()),
        ("name_kana", pa.string()),
        ("birth_date", pa.string()),
        ("caller", pa.string()),  # self, guardian, family, facility, other
    ]
)
_WHO = ("person", "holder", "name", "name_kana", "birth_date", "caller")


@dataclass(frozen=True, slots=True)
class Opening:
    """The helpline as it was last opened or shut: by which version, with which caps and what else was said."""

    is_open: bool
    version: int
    at: str
    said: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened in a call."""

    call: int
    kind: str
    at: str
    operator: str
    version: int | None
    answer: str | None
    said: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Contact:
    """A report of somebody who was approached by those who may have the data, or may not."""

    number: int
    at: str
    day: str
    region: str
    way: str
    said: Mapping[str, Any]


class Calls:
    """The helpline of one incident. ``vault.answers(n)``."""

    def __init__(self, store: Store, incident: int, key: bytes) -> None:
        self._store = store
        self._envelope = Envelope(derive(key, "helpline"))
        self.incident = incident

    def opening(self) -> Opening | None:
        """How it stands; None where it was never opened."""
        rows = self._store.rows(
            "SELECT is_open, version, at, said FROM helpline_openings WHERE incident = ? ORDER BY opening DESC LIMIT 1",
            (self.incident,),
        )
        return Opening(bool(rows[0][0]), rows[0][1], rows[0][2], json.loads(rows[0][3])) if rows else None

    def open(self, version: int, said: Mapping[str, Any], *, is_open: bool) -> None:
        """Within an act: say that it is open, or shut."""
        number = self._next("helpline_openings", "opening")
        self._store.run(
            "INSERT INTO helpline_openings (incident, opening, is_open, version, at, said) VALUES (?, ?, ?, ?, ?, ?)",
            (self.incident, number, int(is_open), version, _now(), json.dumps(said, sort_keys=True)),
        )

    def begin(self, operator: str, said: Mapping[str, Any]) -> int:
        """Within an act: a new call; gives its number."""
        rows = self._store.rows(
            "SELECT COALESCE(MAX(call), 0) + 1 FROM call_events WHERE incident = ?", (self.incident,)
        )
        number = int(rows[0][0])
        self.put(number, BEGUN, operator, said)
        return number

    def put(
        self,
        call: int,
        kind: str,
        operator: str,
        said: Mapping[str, Any],
        *,
        told: tuple[int, str] | None = None,
        mark: bytes = b"",
    ) -> None:
        """Within an act: what happened in a call. ``told``: version, answer; ``mark``: of the person, to count by."""
        number = self._next("call_events", "event")
        sealed = self._envelope.seal("call_events", kind, self._row(number), json.dumps(said, ensure_ascii=False))
        version, answer = told or (None, None)
        self._store.run(
            "INSERT INTO call_events (incident, event, call, kind, at, operator, version, answer, mark, said) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (self.incident, number, call, kind, _now(), operator, version, answer, mark, sealed),
        )

    def of(self, call: int) -> list[Event]:
        """What happened in a call, in order."""
        return self._events("call = ?", (call,))

    def kinds(self, call: int) -> list[tuple[str, str]]:
        """The same without opening an envelope: kind and operator."""
        rows = self._store.rows(
            "SELECT kind, operator FROM call_events WHERE incident = ? AND call = ? ORDER BY event",
            (self.incident, call),
        )
        return [(kind, operator) for kind, operator in rows]

    def last(self, operator: str) -> int | None:
        """The call of an operator that has not ended."""
        rows = self._store.rows(
            "SELECT MAX(call) FROM call_events WHERE incident = ? AND operator = ? AND kind = ? AND call NOT IN "
            "(SELECT call FROM call_events WHERE incident = ? AND operator = ? AND kind = ?)",
            (self.incident, operator, BEGUN, self.incident, operator, ENDED),
        )
        return None if rows[0][0] is None else int(rows[0][0])

    def count(self, kind: str, operator: str, since: datetime) -> int:
        """How often one operator did something since."""
        rows = self._store.rows(
            "SELECT COUNT(*) FROM call_events WHERE incident = ? AND operator = ? AND kind = ? AND at >= ?",
            (self.incident, operator, kind, _text(since)),
        )
        return int(rows[0][0])

    def count_of(self, kind: str, mark: bytes, since: datetime) -> int:
        """How often something happened with one person since, whoever the operator was."""
        rows = self._store.rows(
            "SELECT COUNT(*) FROM call_events WHERE incident = ? AND mark = ? AND kind = ? AND at >= ?",
            (self.incident, mark, kind, _text(since)),
        )
        return int(rows[0][0])

    def counts(self) -> dict[tuple[str, str, int], int]:
        """How many answers were given, by day (UTC), answer and version."""
        rows = self._store.rows(
            "SELECT substr(at, 1, 10), answer, version, COUNT(*) FROM call_events WHERE incident = ? AND kind = ? "
            "GROUP BY 1, 2, 3 ORDER BY 1, 2, 3",
            (self.incident, ANSWERED),
        )
        return {(day, answer, version): count for day, answer, version, count in rows}

    def calls(self) -> int:
        """How many calls there were."""
        rows = self._store.rows(
            "SELECT COUNT(*) FROM call_events WHERE incident = ? AND kind = ?", (self.incident, BEGUN)
        )
        return int(rows[0][0])

    def all(self) -> pa.Table:
        """`ANSWERS`: every answer that was given, in order."""
        events = self._events("kind = ?", (ANSWERED,))
        columns: dict[str, list[Any]] = {
            "call": [one.call for one in events],
            "at": [one.at for one in events],
            "version": [one.version for one in events],
            "answer": [one.answer for one in events],
            **{name: [one.said.get(name) for one in events] for name in _WHO},
        }
        return pa.table(columns, ANSWERS)

    def report(self, day: str, region: str, way: str, said: Mapping[str, Any]) -> int:
        """Within an act: keep a report of a suspicious contact; gives its number."""
        number = self._next("suspicious_contacts", "contact")
        text = json.dumps(said, ensure_ascii=False)
        self._store.run(
            "INSERT INTO suspicious_contacts (incident, contact, at, day, region, way, said) "
            "VALUES (?, ?, ?, ?, ?, ?, ?)",
            (
                *(self.incident, number, _now(), day, region, way),
                self._envelope.seal("suspicious_contacts", way, self._row(number), text),
            ),
        )
        return number

    def contacts(self) -> list[Contact]:
        """All reports, in order."""
        rows = self._store.rows(
            "SELECT contact, at, day, region, way, said FROM suspicious_contacts WHERE incident = ? ORDER BY contact",
            (self.incident,),
        )
        return [
            Contact(n, at, day, region, way, self._opened("suspicious_contacts", way, n, bytes(said)))
            for n, at, day, region, way, said in rows
        ]

    def contact_counts(self) -> dict[tuple[str, str], int]:
        """How many reports there are by region and day."""
        rows = self._store.rows(
            "SELECT region, day, COUNT(*) FROM suspicious_contacts WHERE incident = ? GROUP BY 1, 2 ORDER BY 1, 2",
            (self.incident,),
        )
        return {(region, day): count for region, day, count in rows}

    def _events(self, which: str, values: Sequence[object]) -> list[Event]:
        rows = self._store.rows(
            "SELECT event, call, kind, at, operator, version, answer, said FROM call_events "  # noqa: S608
            f"WHERE incident = ? AND {which} ORDER BY event",
            (self.incident, *values),
        )
        return [
            Event(call, kind, at, operator, version, answer, self._opened("call_events", kind, n, bytes(said)))
            for n, call, kind, at, operator, version, answer, said in rows
        ]

    def _opened(self, table: str, column: str, number: int, sealed: bytes) -> Mapping[str, Any]:
        said: Mapping[str, Any] = json.loads(self._envelope.open(table, column, self._row(number), sealed))
        return said

    def _next(self, table: str, column: str) -> int:
        sql = f"SELECT COALESCE(MAX({column}), 0) + 1 FROM {table} WHERE incident = ?"  # noqa: S608
        return int(self._store.rows(sql, (self.incident,))[0][0])

    def _row(self, number: int) -> str:
        return f"{self.incident}/{number}"


def _text(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds")


def _now() -> str:
    return _text(datetime.now(UTC))
