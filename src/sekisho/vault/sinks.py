"""Where parcels may go: each sink by the name that the user gave it, with its kind and its sealed settings."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from sekisho.clock import utc_now
from sekisho.errors import UsageError
from sekisho.vault.acts import canonical
from sekisho.vault.keys.envelopes import Envelope
from sekisho.vault.store import Store
from sekisho.wording import Text, printable

SET, REMOVE, SHOW = "sinks.set", "sinks.remove", "sinks.show"


@dataclass(frozen=True, slots=True)
class Address:
    """One sink: its name, its kind (a module of `sekisho.sinks`), what that must be told, and since when."""

    sink: str
    kind: str
    settings: Mapping[str, str] = field(repr=False)
    at: str = ""


class Sinks:
    """The sinks of a vault."""

    def __init__(self, store: Store, key: bytes) -> None:
        self._store = store
        self._envelope = Envelope(key)

    def all(self) -> list[Address]:
        """Every sink, in the order of their names."""
        rows = self._store.rows("SELECT sink, kind, settings, at FROM sinks ORDER BY sink")
        return [
            Address(sink, kind, json.loads(self._envelope.open("sinks", kind, sink, bytes(settings))), at)
            for sink, kind, settings, at in rows
        ]

    def sink(self, name: str) -> Address:
        """One of them; raises UsageError."""
        for one in self.all():
            if one.sink == name:
                return one
        raise UsageError(
            Text("There is no sink {name}.", "送付先 {name} はありません。").fill(name=printable(name)),
            Text(
                "`sekisho sinks list` shows them, `sekisho sinks set` adds one.",
                "`sekisho sinks list` で確かめ、`sekisho sinks set` で追加してください。",
            ),
        )

    def set(self, name: str, kind: str, settings: Mapping[str, str]) -> None:
        """Say where a sink leads from now on; raises RightsError, ApprovalError."""
        sealed = self._envelope.seal("sinks", kind, name, json.dumps(settings, ensure_ascii=False))
        now = utc_now()
        with self._store.act(SET, about=canonical([name, kind, dict(settings)]), more={"kind": kind}):
            self._store.run("DELETE FROM sinks WHERE sink = ?", (name,))
            sql = "INSERT INTO sinks (sink, kind, settings, at) VALUES (?, ?, ?, ?)"
            self._store.run(sql, (name, kind, sealed, now))

    def remove(self, name: str) -> None:
        """Forget a sink; parcels on their way to it wait until there is one of that name. Raises UsageError."""
        found = self.sink(name)
        with self._store.act(REMOVE, about=canonical([name]), more={"kind": found.kind}):
            self._store.run("DELETE FROM sinks WHERE sink = ?", (name,))
