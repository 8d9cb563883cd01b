"""The vault: a directory that one secret opens, that one process at a time may change, and that lies encrypted.

``vault.json``: format version, who may open it, the wrapped keys (`keyring`). ``sekisho.db``: the store.
``scans/<number>/``: the tables of each scan. ``register/``: the holders. ``merges/``: whose each record is.
"""

from __future__ import annotations

import json
import secrets
import shutil
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Any, BinaryIO, Self

from sekisho.errors import VaultError
from sekisho.model import Decision
from sekisho.vault import scans
from sekisho.vault.actors import Actors
from sekisho.vault.acts import Acting, Draft, canonical
from sekisho.vault.calls import Calls
from sekisho.vault.case import Case
from sekisho.vault.changes import Changes
from sekisho.vault.evidence import Evidence
from sekisho.vault.files import make_folder
from sekisho.vault.holds import INCIDENT, PERSON, Holds
from sekisho.vault.incidents import Incident, Incidents, State
from sekisho.vault.index import Index
from sekisho.vault.keys.head import old_head, open_keys, read_head, write_head
from sekisho.vault.keys.keyring import Keyring
from sekisho.vault.keys.perishable import Perishable
from sekisho.vault.keys.secret import KEY_BYTES, Cost, Secret, derive, unwrap, wrap
from sekisho.vault.keys.slots import Slot
from sekisho.vault.leak import Leak
from sekisho.vault.ledger_policy import LedgerPolicy
from sekisho.vault.letters import Letters
from sekisho.vault.looks import Looks
from sekisho.vault.matchings import Matching, look_at_name, names
from sekisho.vault.merges import Merges
from sekisho.vault.opening import STORE, cannot_make, demand_empty, locked, make_store, open_store, open_to_write
from sekisho.vault.outbox import Outbox, Recall
from sekisho.vault.parcels import Parcels
from sekisho.vault.people import REGISTER, People, forget_all
from sekisho.vault.plans import Plans
from sekisho.vault.register import Register
from sekisho.vault.reissues import Numbers, Reissues
from sekisho.vault.scans import About, Dropped, Scan
from sekisho.vault.shelf import Part
from sekisho.vault.sinks import Sinks
from sekisho.vault.store import Store
from sekisho.vault.tellings import Tellings
from sekisho.vault.together import Together
from sekisho.wording import Text

KEYS, PROTECT, OUTGOING = "keys.db", "protect", "outgoing"


@dataclass(frozen=True, slots=True)
class Named:
    """What a store names: entries of the ledger, their Merkle root (hexadecimal), files of parts and their SHA-256."""

    entries: int
    root: str
    parts: tuple[tuple[str, str], ...]


class Vault:
    """An open vault. Use as a context: it closes the store and gives the lock back."""

    def __init__(self, folder: Path, keys: Keyring, lock: BinaryIO | None) -> None:
        self.folder = folder
        self.keys = keys
        self._lock = lock
        self._store = open_store(folder, keys)
        self.recall: Recall = self.outbox.naming  # whoever has the ledger at hand looks there, too
        self._look_at_generation()

    @classmethod
    def create(cls, folder: Path, secret: Secret, cost: Cost | None = None) -> Self:
        """Make a new vault in ``folder``, absent or empty, and open it to write; raises VaultError."""
        try:
            make_folder(folder)
            demand_empty(folder)
        except OSError as error:
            raise cannot_make(folder) from error
        with locked(folder) as lock:
            demand_empty(folder)  # again: who had the lock may have made one
            keys = Keyring.to_new(secret, cost or Cost())
            make_store(folder, keys)
            write_head(folder, keys)
            return cls(folder, keys, lock)

    @classmethod
    def open(cls, folder: Path, secret: Secret, *, write: bool = False) -> Self:
        """Open the vault in ``folder``; ``write`` keeps other writers out. Raises VaultError.

        A vault of version 1 becomes one of this version when it is first opened to write.
        """
        head = read_head(folder)
        if not write:
            return cls(folder, open_keys(head, secret, folder), None)
        with locked(folder) as lock:
            vault = cls(folder, open_to_write(folder, secret), lock)
            try:
                vault.finish_forgetting()
            except VaultError:
                vault.close()
                raise
            return vault

    def reseal(self, action: str, slots: Sequence[Slot], opened: int | None = None) -> None:
        """Have ``slots`` open the vault from now on and nothing else, all keys wrapped anew; no data is rewritten.

        ``opened``: the place of the one whose secret was given, where it is another one than before.
        A kill at any moment leaves the old slots or the new ones. ``action`` stands in the ledger before. For a vault
        that is open to write; raises RightsError, VaultError.
        """
        keys = self.keys.changed(slots, opened)
        self.log(action, more={"generation": keys.generation, "slots": [slot.kind for slot in slots]})
        write_head(self.folder, keys)
        self.keys = keys
        self._look_at_generation()

    def _look_at_generation(self) -> None:
        """Raises VaultError where the head is older than one that was seen before: an old copy was put in its place."""
        seen = self._store.rows("SELECT written FROM head")[0][0]
        if self.keys.generation < seen and read_head(self.folder).get("generation", 0) < seen:  # and not just renewed
            self._store.close()
            raise old_head(self.folder)
        if self._lock is not None and self.keys.generation > seen:
            with self._store.transaction():
                self._store.run("UPDATE head SET written = ?", (self.keys.generation,))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the store and give the lock back."""
        self._store.close()
        if "perishable" in self.__dict__:
            self.perishable.close()
        self._give_lock_back()

    @property
    def acting(self) -> Acting:
        """Who acts."""
        return self._store.acting

    def sign_in(self, renew: Callable[[], Acting]) -> None:
        """Have somebody act; ``renew`` says who and what they may, and is asked again whenever the actors changed."""
        self._store.sign_in(renew)

    def actors(self) -> Actors:
        """The signed statements of actors: who they are, what they proposed and approved."""
        return Actors(self._store)

    @property
    def outbox(self) -> Outbox:
        """The entries on their way to the ledger."""
        return self._store.outbox

    @property
    def ledger_policy(self) -> LedgerPolicy:
        """Which witnesses must cosign the ledger."""
        return LedgerPolicy(self._store)

    def act(self, action: str, **said: Any) -> AbstractContextManager[Draft]:
        """Change what counts, and say so in the ledger, as `Store.act` does and with what it takes."""
        return self._store.act(action, **said)

    def approving(self, approve: Callable[[], None]) -> AbstractContextManager[None]:
        """Have ``approve`` look, inside each act that needs it, whether another actor approved it."""
        return self._store.approving(approve)

    @property
    def draft(self) -> Draft:
        """The act that is being carried out; raises RuntimeError outside one."""
        return self._store.draft

    def refused(self, action: str, **more: Any) -> None:
        """Say in the ledger that an action was refused, and ``more`` about why."""
        self._store.refused(action, **more)

    def demand(self, action: str) -> None:
        """Raises RightsError, and says so in the ledger, where an action is not theirs to do who act."""
        self._store.demand(action)

    def log(self, action: str, **said: Any) -> Draft:
        """Say in the ledger, durably, that something was done that changes nothing here; takes what `Store.act` takes.

        Raises RightsError, VaultError.
        """
        return self._store.log(action, **said)

    def looks(self) -> Looks:
        """Who looked at whom."""
        return Looks(self._store, self.secret_for("looks"))

    def together(self) -> Together[Vault]:
        """Looks of many clients, to be opened as a context."""
        return Together(lambda: Vault(self.folder, self.keys, None), lambda vault: vault._store)

    def scans(self) -> list[About]:
        """Every scan that can be read, oldest first."""
        shut = {one.scan for one in self.unreadable()}
        return [one for one in self._kept_scans() if one.scan not in shut]

    def unreadable(self) -> list[About]:
        """The scans of incidents whose key is not here: they lie in a restored backup, which brings no such keys."""
        kept = self._kept_scans()
        wanted = {one.incident for one in kept} - {None}
        known = self.incidents().readable() if wanted else frozenset()
        return [one for one in kept if one.incident is not None and one.incident not in known]

    def _kept_scans(self) -> list[About]:
        rows = self._store.rows(
            "SELECT scan, root, begun, finished, program, incident FROM scans WHERE length(data_key) > 0 ORDER BY scan"
        )
        return [About(*row) for row in rows]

    def dropped(self) -> list[Dropped]:
        """What is known of scans that were dropped, oldest first."""
        rows = self._store.rows(
            "SELECT scan, root, begun, finished, program, value FROM scans JOIN notes USING (scan) WHERE name = ? "
            "ORDER BY scan",
            (scans.DROPPED,),
        )
        return [Dropped(About(*about), **json.loads(said)) for *about, said in rows]

    def begin_scan(self, root: str, program: str, incident: int | None = None) -> Scan:
        """A new scan with a data key of its own; one of an ``incident`` can be read as long as that has its key."""
        key = secrets.token_bytes(KEY_BYTES)
        with self._store.act("scan.begin") as act:
            number = self._store.rows("SELECT COALESCE(MAX(scan), 0) + 1 FROM scans")[0][0]
            act.counts["scan"] = number
            act.about = root.encode("utf-8", "surrogateescape")
            act.incident = incident
            row = (number, root, _now(), program, wrap(self._over_scans(incident), key, f"scan {number}"), incident)
            columns = "scan, root, begun, program, data_key, incident"
            self._store.run(f"INSERT INTO scans ({columns}) VALUES (?, ?, ?, ?, ?, ?)", row)  # noqa: S608
        shutil.rmtree(self._scan_folder(number), ignore_errors=True)
        make_folder(self._scan_folder(number))
        return self.scan(number)

    def scan(self, number: int | None = None) -> Scan:
        """One scan by its number, else the last finished one; raises VaultError where there is none."""
        chosen = [a for a in self.scans() if (a.finished if number is None else a.scan == number)]
        if not chosen:
            raise _no_scan() if number is None else _not_that_scan(number, self.scans())
        about = chosen[-1]
        wrapped = self._store.rows("SELECT data_key FROM scans WHERE scan = ?", (about.scan,))[0][0]
        key = unwrap(self._over_scans(about.incident), bytes(wrapped), f"scan {about.scan}")
        return Scan(self._store, self._scan_folder(about.scan), about, key)

    def finish_scan(self, scan: Scan) -> None:
        """Say that ``scan`` is complete: it is evidence from now on. Killed scans of the same folder are removed."""
        number, whose = scan.about.scan, (scan.about.root, scan.about.incident)
        killed = [
            one.scan
            for one in self.scans()
            if (one.root, one.incident) == whose and not one.finished and one.scan != number
        ]
        with self._store.act("scan.finish", counts={"scan": number, **scan.rows()}):
            self._store.run("UPDATE scans SET finished = ? WHERE scan = ?", (_now(), number))
            for one in killed:
                forget_all(self._store, one)
            for table in ("notes", "parts", "scans"):
                self._store.run(f"DELETE FROM {table} WHERE scan = ?", *((k,) for k in killed))  # noqa: S608
        self.finish_forgetting()
        self._sweep()

    def drop(self, numbers: Sequence[int]) -> None:
        """Forget finished scans for good, their keys too; that they were, and how large, stays. Decisions stay."""
        gone = [self.scan(number).about for number in numbers]
        for one in gone:
            if one.incident is not None:
                self.holds().demand_free("scan.drop", INCIDENT, [str(one.incident)])
        with self._store.act("scan.drop", counts={"scans": len(gone)}, more={"scans": [one.scan for one in gone]}):
            scans.drop(self._store, [one.scan for one in gone], _now())
        self.finish_forgetting()
        self._sweep()

    def forget_incident(self, number: int) -> Incident:
        """Destroy an incident's key and drop its scans; raises InputError, HeldError, RightsError, VaultError."""
        forgotten = self.incidents().forget(number)
        self.finish_forgetting()
        self._sweep()
        for folder_of in (self._leak_folder, self._outgoing_folder, self._changes_folder, self._letters_folder):
            shutil.rmtree(folder_of(number), ignore_errors=True)
        return forgotten

    def forget_person(
        self,
        holders: Sequence[int],
        numbers: Sequence[int],
        parts: Sequence[tuple[Part, Part]],
        looked: Sequence[str],
        action: str = "vault.forget",
    ) -> None:
        """Take a person out of the register, and destroy the keys of their envelopes and of what was committed to.

        Envelopes of scans too, as far as the numbers lead to them. ``parts``: of the register, with what stands in
        their place. ``looked``: as what somebody looked at them.
        Raises HeldError, RightsError, VaultError.
        """
        marks = [self.people().mark(str(number)) for number in numbers]
        with self._store.act(action, more={"kind": PERSON}) as act:
            self.holds().look_free(PERSON, [mark.hex() for mark in marks])
            keys = [*self.people().remove(holders), *self.people().remove_led(marks)]
            register = self.register()
            register.replace(parts)
            self.numbers().forget(numbers)
            act.more = {
                **act.more,
                "forgotten": self.looks().forget(looked),
                "sealed_anew": register.seal().anew(),
            }
            left = [("key", key) for key in keys] + [("mark", mark) for mark in marks]
            self._store.add("forgetting (kind, value)", [*left, ("parts", b"")])
        self.finish_forgetting()

    def finish_forgetting(self) -> None:
        """Destroy what was forgotten, where a kill came in between too. For a vault that is open to write."""
        if self._store.rows("SELECT 1 FROM incidents WHERE state = ? LIMIT 1", (str(State.FORGOTTEN),)):
            self.incidents().finish_forgetting()
        left = self._store.rows("SELECT kind, value FROM forgetting")
        if not left:
            return
        self.perishable.destroy(bytes(value) for kind, value in left if kind == "key")
        self.perishable.forget(bytes(value) for kind, value in left if kind == "mark")
        if any(kind == "parts" for kind, _ in left):
            self.register().sweep()
            shutil.rmtree(self.folder / "index", ignore_errors=True)  # it is made anew, without them
        with self._store.transaction():
            self._store.run("DELETE FROM forgetting", ())
        self._store.clean()

    def _over_scans(self, incident: int | None) -> bytes:
        """The key under which the scans of an incident, or of none, have theirs."""
        return self.keys.key("scans") if incident is None else self.incidents().key(incident)

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

    def copy_store(self, path: Path) -> Named:
        """Write the store as it is at one moment into the new file ``path``; gives what it names."""
        key = self.keys.key("database")
        self._store.copy_to(path, key)
        copy = Store(path, key)
        try:
            head = copy.outbox.head()
            return Named(head.size, head.root().hex(), tuple(_parts_of(copy)))
        finally:
            copy.close()

    def complaints(self) -> Iterator[tuple[str, str]]:
        """What is wrong with the databases: the file, and what SQLCipher or SQLite says of it."""
        for name in (STORE, KEYS):
            if not (self.folder / name).exists():
                continue  # of keys, as long as there are none
            try:
                found = self._store.complaints() if name == STORE else self.perishable.complaints()
            except VaultError as error:
                found = [str(error.message)]
            yield from ((name, one) for one in found)

    def named(self) -> Iterator[tuple[str, str]]:
        """The files of parts that the store names, those of imports on their way too, and their SHA-256."""
        return _parts_of(self._store)

    def keys_not_here(self) -> Iterator[str]:
        """What nobody can read, as its key is not in ``keys.db``: a restored backup of the data comes without."""
        lost = {
            **{f"incident {number}": [key_id] for number, key_id in self.incidents().key_ids()},
            **{f"plan {number}": [key_id] for number, key_id in self.plans().key_ids()},
        }
        yield from (what for what, ids in lost.items() if self.perishable.missing(ids))
        persons = sum(len(self.perishable.missing(ids)) for ids in self.people().key_ids())
        if persons:
            yield f"{persons} persons"

    def indexes(self) -> list[Index]:
        """What was made of the register for matching, each to be opened as a context."""
        folders = sorted(path for path in (self.folder / "index").glob("*") if path.is_dir())
        return [self.register().index(folder.name) for folder in folders]

    def readable_scan(self, number: int) -> Scan | None:
        """A scan; None where its key was destroyed, or lies in a backup of keys that was not brought back."""
        incident = self.incidents().of_scan(number)
        if incident is not None and not self.incidents().is_readable(incident):
            return None
        return self.scan(number)

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

    def _sweep(self) -> None:
        """Remove what killed runs left behind: files that no transaction names."""
        named: dict[str, set[str]] = {self._scan_folder(about.scan).name: set() for about in self._kept_scans()}
        for scan, part in self._store.rows("SELECT scan, name FROM parts"):
            named[self._scan_folder(scan).name].add(part)
        for folder in (self.folder / "scans").glob("*"):
            if folder.name not in named:
                shutil.rmtree(folder, ignore_errors=True)
                continue
            for path in folder.iterdir():
                if path.name not in named[folder.name]:
                    path.unlink(missing_ok=True)

    def _give_lock_back(self) -> None:
        if self._lock is not None:
            self._lock.close()
            self._lock = None

    def _scan_folder(self, number: int) -> Path:
        return self.folder / "scans" / f"{number:06d}"

    def _leak_folder(self, incident: int) -> Path:
        return self.folder / "incidents" / f"{incident:06d}"

    def _outgoing_folder(self, incident: int) -> Path:
        return self.folder / OUTGOING / f"{incident:06d}"

    def _letters_folder(self, incident: int) -> Path:
        return self._leak_folder(incident).with_name(f"{incident:06d}-letters")

    def _changes_folder(self, incident: int) -> Path:
        return self._leak_folder(incident).with_name(f"{incident:06d}-changes")


def _parts_of(store: Store) -> Iterator[tuple[str, str]]:
    for scan, name, sha256 in store.rows("SELECT scan, name, sha256 FROM parts ORDER BY scan, name"):
        yield f"scans/{scan:06d}/{name}", sha256
    for incident, name, sha256 in store.rows("SELECT incident, name, sha256 FROM leak_parts ORDER BY incident, name"):
        yield f"incidents/{incident:06d}/{name}", sha256
    for incident, name, sha256 in store.rows("SELECT incident, file, sha256 FROM parcels WHERE file != ''"):
        yield f"{OUTGOING}/{incident:06d}/{name}", sha256
    for incident, name, sha256 in store.rows("SELECT incident, name, sha256 FROM change_parts ORDER BY incident, name"):
        yield f"incidents/{incident:06d}-changes/{name}", sha256
    for incident, name, sha256 in store.rows("SELECT incident, name, sha256 FROM letter_parts ORDER BY incident, name"):
        yield f"incidents/{incident:06d}-letters/{name}", sha256
    for folder, table in (
        *(("register", "register_parts"), ("register", "import_parts")),
        *(("merges", "merge_parts"), ("evidence", "evidence_parts")),
    ):
        for name, sha256 in store.rows(f"SELECT name, sha256 FROM {table} ORDER BY name"):  # noqa: S608
            yield f"{folder}/{name}", sha256


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


def _no_scan() -> VaultError:
    return VaultError(
        Text("The vault holds no finished scan.", "保管庫に完了した走査がありません。"),
        Text("Run `sekisho scan FOLDER` to its end.", "`sekisho scan フォルダー` を最後まで実行してください。"),
    )


def _not_that_scan(number: int, there: Sequence[About]) -> VaultError:
    held = ", ".join(str(about.scan) for about in there) or "-"
    return VaultError(
        Text("The vault holds no scan {n}.", "保管庫に番号 {n} の走査はありません。").fill(n=number),
        Text(
            "It holds: {held}. See `sekisho vault list`.", "あるのは {held} です（`sekisho vault list` で確認）。"
        ).fill(held=held),
    )
