"""The vault: a directory that one secret opens, that one process at a time may change, and that lies encrypted.

``vault.json``: format version, who may open it, the wrapped keys (`keyring`). ``sekisho.db``: the store.
``scans/<number>/``: the tables of each scan. ``register/``: the holders. ``merges/``: whose each record is.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Self

from sekisho.errors import VaultError
from sekisho.vault.files import make_folder
from sekisho.vault.keys.head import old_head, open_keys, read_head, write_head
from sekisho.vault.keys.keyring import Keyring
from sekisho.vault.keys.secret import Cost, Secret
from sekisho.vault.keys.slots import Slot
from sekisho.vault.opening import STORE, cannot_make, demand_empty, locked, make_store, open_store, open_to_write
from sekisho.vault.outbox import Recall
from sekisho.vault.rooms import KEYS, OUTGOING
from sekisho.vault.scanning import Scanning
from sekisho.vault.store import Store
from sekisho.vault.together import Together


@dataclass(frozen=True, slots=True)
class Named:
    """What a store names: entries of the ledger, their Merkle root (hexadecimal), files of parts and their SHA-256."""

    entries: int
    root: str
    parts: tuple[tuple[str, str], ...]


class Vault(Scanning):
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

    def together(self) -> Together[Vault]:
        """Looks of many clients, to be opened as a context."""
        return Together(lambda: Vault(self.folder, self.keys, None), lambda vault: vault._store)

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

    def _give_lock_back(self) -> None:
        if self._lock is not None:
            self._lock.close()
            self._lock = None


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
