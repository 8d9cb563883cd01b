"""Incidents in the vault, as much of them as custody needs: each has a key of its own, which forgetting destroys.

Title and scans of an incident are sealed under that key. It lies in ``keys.db``, never in a backup of the data, so that
no old backup makes a forgotten incident readable again.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from sekisho.clock import utc_now
from sekisho.errors import InputError, VaultError
from sekisho.vault.acts import canonical
from sekisho.vault.holds import INCIDENT, Holds
from sekisho.vault.keys.envelopes import Envelope
from sekisho.vault.keys.perishable import Perishable
from sekisho.vault.scans import drop
from sekisho.vault.store import Store
from sekisho.wording import Text


class State(StrEnum):
    """What became of an incident."""

    OPEN = "open"
    CLOSED = "closed"
    FORGOTTEN = "forgotten"


@dataclass(frozen=True, slots=True)
class Incident:
    """One incident; ``title``: None where nobody can read it any more, or without the keys' own backup."""

    number: int
    title: str | None
    state: State
    opened: str
    changed: str
    held: bool


class Incidents:
    """All incidents of a vault."""

    def __init__(self, store: Store, keys: Perishable) -> None:
        self._store, self._keys = store, keys
        self._holds = Holds(store)

    def all(self) -> list[Incident]:
        """Every incident, oldest first."""
        rows = self._store.rows("SELECT incident, title, state, opened, changed FROM incidents ORDER BY incident")
        held = {one.subject for one in self._holds.all() if one.kind == INCIDENT and one.released is None}
        return [
            Incident(number, self._title(number, bytes(title)), State(state), opened, changed, str(number) in held)
            for number, title, state, opened, changed in rows
        ]

    def incident(self, number: int) -> Incident:
        """One of them; raises InputError."""
        found = [one for one in self.all() if one.number == number]
        if not found:
            raise InputError(
                Text("There is no incident {n}.", "事案{n}はありません。").fill(n=number),
                Text("`sekisho incident list` shows them.", "`sekisho incident list` で確かめてください。"),
            )
        return found[0]

    def open(self, title: str) -> Incident:
        """A new incident with a key of its own; raises RightsError, VaultError."""
        [(key_id, key)] = self._keys.make(INCIDENT)
        now = utc_now()
        with self._store.act("incident.open", about=canonical(title)) as act:
            number = self._store.rows("SELECT COALESCE(MAX(incident), 0) + 1 FROM incidents")[0][0]
            act.incident = number
            sealed = Envelope(key).seal("incidents", "title", number, title)
            row = (number, key_id, sealed, str(State.OPEN), now, now)
            self._store.run(
                "INSERT INTO incidents (incident, key_id, title, state, opened, changed) VALUES (?, ?, ?, ?, ?, ?)", row
            )
        return self.incident(number)

    def close(self, number: int) -> Incident:
        """Say that an incident is over; raises InputError, RightsError, VaultError."""
        if self.incident(number).state is not State.OPEN:
            raise InputError(
                Text("Incident {n} is not open.", "事案{n}は対応中ではありません。").fill(n=number),
                Text("`sekisho incident list` shows them.", "`sekisho incident list` で確かめてください。"),
            )
        with self._store.act("incident.close", incident=number):
            self._become(number, State.CLOSED)
        return self.incident(number)

    def reopen(self, number: int) -> Incident:
        """Say that a closed incident goes on; raises InputError, RightsError, VaultError."""
        if self.incident(number).state is not State.CLOSED:
            raise InputError(
                Text("Incident {n} is not closed.", "事案{n}は終了していません。").fill(n=number),
                Text("`sekisho incident list` shows them.", "`sekisho incident list` で確かめてください。"),
            )
        with self._store.act("incident.reopen", incident=number):
            self._become(number, State.OPEN)
        return self.incident(number)

    def forget(self, number: int) -> Incident:
        """Destroy an incident's key: nothing of it can be read again, in no backup of the data either.

        Its scans are dropped. That it was stays, and the ledger. Raises InputError, HeldError, RightsError, VaultError.
        """
        found = self.incident(number)
        if found.state is not State.FORGOTTEN:
            with self._store.act("vault.forget", incident=number, more={"kind": INCIDENT}):
                self._holds.look_free(INCIDENT, [str(number)])
                rows = self._store.rows("SELECT scan FROM scans WHERE incident = ? ORDER BY scan", (number,))
                drop(self._store, [scan for (scan,) in rows], utc_now())
                self._store.run("UPDATE parcels SET file = '' WHERE incident = ?", (number,))
                self._store.run("UPDATE new_numbers SET person = NULL WHERE incident = ?", (number,))
                for table in ("leak_parts", "change_parts", "letter_parts"):
                    self._store.run(f"DELETE FROM {table} WHERE incident = ?", (number,))  # noqa: S608
                self._become(number, State.FORGOTTEN)
        self.finish_forgetting()
        return self.incident(number)

    def finish_forgetting(self) -> None:
        """Destroy the keys of incidents that were forgotten, where a kill came in between."""
        for (key_id,) in self._store.rows(
            "SELECT key_id FROM incidents WHERE state = ? ORDER BY incident", (str(State.FORGOTTEN),)
        ):
            if not self._keys.is_destroyed(bytes(key_id)):
                self._keys.destroy([bytes(key_id)])

    def readable(self) -> frozenset[int]:
        """The incidents whose key is here."""
        rows = self._store.rows("SELECT incident, key_id FROM incidents WHERE state != ?", (str(State.FORGOTTEN),))
        here = self._keys.some([bytes(key_id) for _, key_id in rows])
        return frozenset(number for number, key_id in rows if bytes(key_id) in here)

    def key(self, number: int) -> bytes:
        """The key of an incident; raises VaultError where there is none any more."""
        state, key_id, key = self._key(number)
        if key is None:
            raise _unreadable(number, forgotten=state == State.FORGOTTEN or self._keys.is_destroyed(key_id))
        return key

    def key_ids(self) -> list[tuple[int, bytes]]:
        """The incidents that were not forgotten, and the ids of their keys."""
        rows = self._store.rows("SELECT incident, key_id FROM incidents WHERE state != ?", (str(State.FORGOTTEN),))
        return [(number, bytes(key_id)) for number, key_id in rows]

    def is_readable(self, number: int) -> bool:
        """Whether the key of an incident is here."""
        key_id = self._store.rows("SELECT key_id FROM incidents WHERE incident = ?", (number,))[0][0]
        return self._keys.get(bytes(key_id)) is not None

    def of_scan(self, scan: int) -> int | None:
        """The incident that a scan belongs to."""
        found = self._store.rows("SELECT incident FROM scans WHERE scan = ?", (scan,))
        return found[0][0] if found else None

    def _become(self, number: int, state: State) -> None:
        self._store.run(
            "UPDATE incidents SET state = ?, changed = ? WHERE incident = ?", (str(state), utc_now(), number)
        )

    def _key(self, number: int) -> tuple[str, bytes, bytes | None]:
        """The state, the key's id, and the key, None where it is not here; raises VaultError where keys are damaged."""
        [(state, key_id)] = self._store.rows("SELECT state, key_id FROM incidents WHERE incident = ?", (number,))
        return state, bytes(key_id), None if state == State.FORGOTTEN else self._keys.get(bytes(key_id))

    def _title(self, number: int, sealed: bytes) -> str | None:
        _, _, key = self._key(number)
        return None if key is None else Envelope(key).open("incidents", "title", number, sealed)


def _unreadable(number: int, *, forgotten: bool) -> VaultError:
    if forgotten:
        said = Text("Incident {n} was forgotten: its key is destroyed.", "事案{n}は消去済みです（鍵は破棄済み）。")
        return VaultError(said.fill(n=number), Text("Nobody can read it again.", "再び読むことはできません。"))
    return VaultError(
        Text("The key of incident {n} is not here.", "事案{n}の鍵がありません。").fill(n=number),
        Text(
            "It may lie in a backup of keys: `sekisho vault restore --keys FOLDER`.",
            "鍵の控えにあれば戻せます: `sekisho vault restore --keys フォルダー`。",
        ),
    )
