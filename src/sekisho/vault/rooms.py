"""The rooms of a vault: each kind of thing that it holds has a face of its own."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property
from pathlib import Path

from sekisho.model import Decision
from sekisho.vault.acts import canonical
from sekisho.vault.calls import Calls
from sekisho.vault.case import Case
from sekisho.vault.changes import Changes
from sekisho.vault.evidence import Evidence
from sekisho.vault.holds import Holds
from sekisho.vault.incidents import Incidents
from sekisho.vault.index import Index
from sekisho.vault.keys.keyring import Keyring
from sekisho.vault.keys.perishable import Perishable
from sekisho.vault.keys.secret import derive
from sekisho.vault.leak import Leak
from sekisho.vault.letters import Letters
from sekisho.vault.looks import Looks
from sekisho.vault.matchings import Matching, look_at_name, names
from sekisho.vault.merges import Merges
from sekisho.vault.parcels import Parcels
from sekisho.vault.people import REGISTER, People
from sekisho.vault.plans import Plans
from sekisho.vault.register import Register
from sekisho.vault.reissues import Numbers, Reissues
from sekisho.vault.sinks import Sinks
from sekisho.vault.store import Store
from sekisho.vault.tellings import Tellings

KEYS, PROTECT, OUTGOING = "keys.db", "protect", "outgoing"


class Rooms:
    """What lies in an open vault: ``folder``, its ``keys`` and its store."""

    folder: Path
    keys: Keyring
    _store: Store

    def looks(self) -> Looks:
        """Who looked at whom."""
        return Looks(self._store, self.secret_for("looks"))

    @cached_property
    def perishable(self) -> Perishable:
        """The keys that can be destroyed for good."""
        return Perishable(self.folder / KEYS, self.secret_for("incidents"))

    def incidents(self) -> Incidents:
        """The incidents, each under a key of its own."""
        return Incidents(self._store, self.perishable)

    def case(self, incident: int) -> Case:
        """What is known of an incident; raises InputError, VaultError where it cannot be read."""
        return Case(self._store, incident, self._key_of(incident))

    def leak(self, incident: int) -> Leak:
        """The versions of who is exposed by an incident; raises InputError, VaultError where it cannot be read."""
        return Leak(self._store, self._leak_folder(incident), incident, self._key_of(incident))

    def tellings(self, incident: int) -> Tellings:
        """How each exposed person is told."""
        return Tellings(self._store, incident)

    def letters(self, incident: int) -> Letters:
        """The letters to exposed persons; raises InputError, VaultError where they cannot be read."""
        return Letters(self._store, self._letters_folder(incident), incident, self._key_of(incident))

    def parcels(self, incident: int) -> Parcels:
        """What is on its way out; raises InputError, VaultError where it cannot be read."""
        key, marking = self._key_of(incident), self.secret_for("parcels")
        return Parcels(self._store, self._outgoing_folder(incident), incident, key, marking)

    def sinks(self) -> Sinks:
        """Where it may go."""
        return Sinks(self._store, self.secret_for("sinks"))

    def changes(self, incident: int) -> Changes:
        """Changes that were made for persons, and what came of looking into them; raises InputError, VaultError."""
        return Changes(self._store, self._changes_folder(incident), incident, self._key_of(incident))

    def answers(self, incident: int) -> Calls:
        """The helpline: its calls and what was answered; raises InputError, VaultError where it cannot be read."""
        return Calls(self._store, incident, self._key_of(incident))

    def numbers(self) -> Numbers:
        """The new numbers that the issuer supplied, and the old ones that they replaced."""
        return Numbers(self._store)

    def reissues(self, incident: int) -> Reissues:
        """Who was given which new number."""
        return Reissues(self._store, incident)

    def _key_of(self, incident: int) -> bytes:
        return self.incidents().key(self.incidents().incident(incident).number)

    def people(self, scan: int = REGISTER) -> People:
        """The identifying fields of register entries, or of the persons of a scan, in envelopes."""
        return self._people if scan == REGISTER else People(self._store, self.perishable, self.keys, scan)

    @cached_property
    def _people(self) -> People:
        return People(self._store, self.perishable, self.keys)

    def holds(self) -> Holds:
        """What must not be forgotten."""
        return Holds(self._store)

    def plans(self) -> Plans:
        """The plans to put the rules right, what came of them, and the passwords that were given."""
        return Plans(self._store, self.folder / PROTECT, self.perishable, self.secret_for("protect"))

    def indexes(self) -> list[Index]:
        """What was made of the register for matching, each to be opened as a context."""
        folders = sorted(path for path in (self.folder / "index").glob("*") if path.is_dir())
        return [self.register().index(folder.name) for folder in folders]

    def register(self) -> Register:
        """The holders, as far as any were imported."""
        return Register(self._store, self.folder / "register", self.keys.key("register"), self.looks())

    def merges(self) -> Merges:
        """Which record was merged with which holder, and what is still asked."""
        return Merges(self._store, self.folder / "merges", self.keys.key("merges"), self.looks())

    def evidence(self) -> Evidence:
        """Logs of other machines, kept as evidence."""
        return Evidence(self._store, self.folder / "evidence", self.keys.key("evidence"))

    def matching(self, name: str) -> Matching:
        """A matching that goes on, to be opened as a context; raises UsageError where none can be called so."""
        look_at_name(name)
        return Matching(self.folder / "matchings" / name, derive(self.keys.key("matchings"), f"matching {name}"))

    def matchings(self) -> list[str]:
        """The names of the matchings that are kept."""
        return names(self.folder / "matchings")

    def decisions(self) -> list[Decision]:
        """Every decision that was ever read back, oldest first: a later one overrules."""
        rows = self._store.rows("SELECT block, subject, answer, who, at FROM decisions ORDER BY decision")
        return [Decision(*row) for row in rows]

    def decide(self, decisions: Iterable[Decision]) -> None:
        """Keep decisions; none is ever removed."""
        rows = [(d.block, d.subject, d.answer, d.who, d.when) for d in decisions]
        with self._store.act("review.decide", counts={"decisions": len(rows)}, about=canonical(rows)):
            self._store.run("INSERT INTO decisions (block, subject, answer, who, at) VALUES (?, ?, ?, ?, ?)", *rows)

    def secret_for(self, purpose: str) -> bytes:
        """32 bytes that only this vault has, always the same for one purpose: to make marks and numbers with."""
        return self.keys.key(purpose)

    def _leak_folder(self, incident: int) -> Path:
        return self.folder / "incidents" / f"{incident:06d}"

    def _outgoing_folder(self, incident: int) -> Path:
        return self.folder / OUTGOING / f"{incident:06d}"

    def _letters_folder(self, incident: int) -> Path:
        return self._leak_folder(incident).with_name(f"{incident:06d}-letters")

    def _changes_folder(self, incident: int) -> Path:
        return self._leak_folder(incident).with_name(f"{incident:06d}-changes")
