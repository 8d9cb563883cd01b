"""What is known of an incident: facts that are only ever added, sealed under the incident's own key.

The act in which a fact is put commits to it, each under a key of its own that is derived from the incident's: it can be
given away with that fact, and without the incident's key no commitment says anything any more.
A fact has a kind and a JSON value; what the kinds are and what stands in them is `incidents`' to say.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sekisho.clock import utc_now
from sekisho.vault.acts import canonical, commitment
from sekisho.vault.keys.envelopes import Envelope
from sekisho.vault.keys.secret import derive
from sekisho.vault.store import Store

FACTS = "facts"
"""Where the entry of an act names its facts: number and commitment of each."""


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing that was said of an incident: its number from 1, its kind, and when it was said (ISO 8601, UTC)."""

    number: int
    kind: str
    at: str
    said: Mapping[str, Any]


class Case:
    """The facts of one incident."""

    def __init__(self, store: Store, incident: int, key: bytes) -> None:
        self._store = store
        self._key = key
        self._envelope = Envelope(key)
        self.incident = incident

    def facts(self, kind: str | None = None) -> list[Fact]:
        """All facts, or those of a kind, in the order in which they were said."""
        rows = self._store.rows(
            "SELECT fact, kind, at, said FROM incident_facts WHERE incident = ? ORDER BY fact", (self.incident,)
        )
        return [
            Fact(number, named, at, json.loads(self._envelope.open("incident_facts", named, self._row(number), said)))
            for number, named, at, said in ((n, k, at, bytes(said)) for n, k, at, said in rows)
            if kind in (None, named)
        ]

    def count(self) -> int:
        """How many facts there are."""
        sql = "SELECT COUNT(*) FROM incident_facts WHERE incident = ?"
        return int(self._store.rows(sql, (self.incident,))[0][0])

    def say(self, action: str, kind: str, said: Mapping[str, Any], **counts: int) -> int:
        """Add a fact as the act ``action``, which the ledger commits to; gives its number. Raises RightsError."""
        with self._store.act(action, incident=self.incident, counts=counts):
            return self.put(kind, said)

    def put(self, kind: str, said: Mapping[str, Any]) -> int:
        """Add a fact inside an act of the incident that is on its way; gives its number."""
        highest = "SELECT COALESCE(MAX(fact), 0) + 1 FROM incident_facts WHERE incident = ?"
        number = int(self._store.rows(highest, (self.incident,))[0][0])
        sealed = self._envelope.seal("incident_facts", kind, self._row(number), json.dumps(said, ensure_ascii=False))
        now = utc_now()
        columns = "incident, fact, kind, at, said"
        self._store.run(
            f"INSERT INTO incident_facts ({columns}) VALUES (?, ?, ?, ?, ?)",  # noqa: S608
            (self.incident, number, kind, now, sealed),
        )
        draft = self._store.draft
        told = [*draft.more.get(FACTS, ()), [number, commitment(self.blind(number), canonical([kind, said]))]]
        draft.more = {**draft.more, FACTS: told}
        return number

    def blind(self, number: int) -> bytes:
        """The key of the commitment to a fact."""
        return derive(self._key, f"fact {number}")

    def _row(self, number: int) -> str:
        return f"{self.incident}/{number}"
