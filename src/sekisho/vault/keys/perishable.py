"""Keys that can be destroyed for good: of incidents and of persons, in a database of their own, ``keys.db``.

It is left out of the backups of the data, and has its own, which live shorter: what was sealed under a key stays in
every old backup, and stays noise there. That a key was destroyed is kept, so that no backup of keys brings it back.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from sekisho.clock import utc_now
from sekisho.vault.database import Database
from sekisho.vault.keys.secret import KEY_BYTES

FILE = "keys.db"
ID_BYTES = 16
_AT_ONCE = 500  # values in one question
_TABLES = (
    """
    CREATE TABLE keys (
        id BLOB PRIMARY KEY,         -- random; what is sealed under the key names it
        kind TEXT NOT NULL,          -- incident or person
        key BLOB NOT NULL,
        made TEXT NOT NULL           -- ISO 8601, UTC
    )
    """,
    """
    CREATE TABLE destroyed (
        id BLOB PRIMARY KEY,
        at TEXT NOT NULL
    )
    """,
    """
    CREATE TABLE forgotten (
        mark BLOB PRIMARY KEY,       -- blind index of a number of a person who was forgotten
        at TEXT NOT NULL
    )
    """,
    """
    CREATE TABLE backups (           -- of this file: until when a copy of its keys may exist
        made TEXT PRIMARY KEY,
        expires TEXT NOT NULL
    )
    """,
)


class Perishable:
    """The keys by their ids; raises VaultError where the file is damaged."""

    def __init__(self, path: Path, key: bytes) -> None:
        self._path = path
        self._key = key
        self._store = Database(path, key, (_TABLES,))

    def make(self, kind: str, count: int = 1) -> list[tuple[bytes, bytes]]:
        """New keys with their ids, durable when this returns."""
        drawn, each = secrets.token_bytes(count * (ID_BYTES + KEY_BYTES)), ID_BYTES + KEY_BYTES
        made = [(drawn[at : at + ID_BYTES], drawn[at + ID_BYTES : at + each]) for at in range(0, len(drawn), each)]
        now = utc_now()
        with self._store.transaction():
            rows = ((name, kind, key, now) for name, key in made)
            self._store.run("INSERT INTO keys (id, kind, key, made) VALUES (?, ?, ?, ?)", *rows)
        return made

    def get(self, name: bytes) -> bytes | None:
        """The key of an id; None where it was destroyed, or lies in a backup of keys that was not brought back."""
        found = self._store.rows("SELECT key FROM keys WHERE id = ?", (name,))
        return bytes(found[0][0]) if found else None

    def some(self, names: Sequence[bytes]) -> dict[bytes, bytes]:
        """The keys of some ids, as far as they are there."""
        found: dict[bytes, bytes] = {}
        for start in range(0, len(names), _AT_ONCE):
            part = names[start : start + _AT_ONCE]
            marks = ", ".join("?" * len(part))
            rows = self._store.rows(f"SELECT id, key FROM keys WHERE id IN ({marks})", part)  # noqa: S608
            found |= {bytes(name): bytes(key) for name, key in rows}
        return found

    def missing(self, names: Sequence[bytes]) -> list[bytes]:
        """Those whose keys are not here."""
        found = self.some(names)
        return [name for name in names if name not in found]

    def destroy(self, names: Iterable[bytes]) -> None:
        """Destroy keys for good, also those that only lie in a backup; durable when this returns."""
        wanted = [(name,) for name in names]
        now = utc_now()
        with self._store.transaction():
            self._store.run("DELETE FROM keys WHERE id = ?", *wanted)
            self._store.run("DELETE FROM destroyed WHERE id = ?", *wanted)
            self._store.run("INSERT INTO destroyed (id, at) VALUES (?, ?)", *((name, now) for (name,) in wanted))
        self._store.clean()

    def forget(self, marks: Iterable[bytes]) -> None:
        """Keep what the blind index says of the numbers of a person who was forgotten."""
        now = utc_now()
        with self._store.transaction():
            self._store.run(_ADD_FORGOTTEN, *((mark, now, mark) for mark in marks))

    def forgotten(self, since: str = "") -> set[bytes]:
        """What the blind index says of all numbers of persons who were forgotten, ``since`` a time (ISO 8601, UTC)."""
        return {bytes(mark) for (mark,) in self._store.rows("SELECT mark FROM forgotten WHERE at >= ?", (since,))}

    def is_destroyed(self, name: bytes) -> bool:
        """Whether the key was destroyed, rather than never brought back."""
        return bool(self._store.rows("SELECT 1 FROM destroyed WHERE id = ?", (name,)))

    def back_up(self, path: Path, key: bytes, expires: str) -> None:
        """Write a copy of all keys into the new file ``path`` under ``key``, and note until when it may be used."""
        with self._store.transaction():
            self._store.run("INSERT INTO backups (made, expires) VALUES (?, ?)", (utc_now("microseconds"), expires))
        self._store.copy_to(path, key)

    def copies_until(self) -> str | None:
        """The day (ISO 8601, UTC) after which no backup of keys can be used any more; None where none was made."""
        return str(found) if (found := self._store.rows("SELECT MAX(expires) FROM backups")[0][0]) else None

    def expires(self) -> str:
        """Of a copy: until when it may be used; empty for what is none."""
        found = self._store.rows("SELECT expires FROM backups ORDER BY made DESC LIMIT 1")
        return str(found[0][0]) if found else ""

    def take_in(self, copy: Perishable) -> int:
        """Take the keys of a copy in, but for those that were destroyed here or there; gives how many were new."""
        gone = [(bytes(name), at) for name, at in copy._store.rows("SELECT id, at FROM destroyed")]
        with self._store.transaction():
            before = self._count()
            self._store.run(_ADD_KEY, *copy._rows())
            self._store.run("DELETE FROM keys WHERE id = ?", *((name,) for name, _ in gone))
            self._store.run(_ADD_DESTROYED, *((name, at, name) for name, at in gone))
            marks = copy._store.rows("SELECT mark, at FROM forgotten")
            self._store.run(_ADD_FORGOTTEN, *((bytes(mark), at, bytes(mark)) for mark, at in marks))
            new = self._count() - before
        self._store.clean()
        return new

    def complaints(self) -> list[str]:
        """What is wrong with the file."""
        return self._store.complaints()

    def close(self) -> None:
        """Close the database."""
        self._store.close()

    def _count(self) -> int:
        return int(self._store.rows("SELECT COUNT(*) FROM keys")[0][0])

    def _rows(self) -> Iterator[tuple[object, ...]]:
        for name, kind, key, made in self._store.rows("SELECT id, kind, key, made FROM keys"):
            yield bytes(name), kind, bytes(key), made, bytes(name), bytes(name)


_ADD_KEY = """
    INSERT INTO keys (id, kind, key, made) SELECT ?, ?, ?, ?
    WHERE NOT EXISTS (SELECT 1 FROM keys WHERE id = ?) AND NOT EXISTS (SELECT 1 FROM destroyed WHERE id = ?)
"""
_ADD_DESTROYED = """
    INSERT INTO destroyed (id, at) SELECT ?, ? WHERE NOT EXISTS (SELECT 1 FROM destroyed WHERE id = ?)
"""

_ADD_FORGOTTEN = """
    INSERT INTO forgotten (mark, at) SELECT ?, ? WHERE NOT EXISTS (SELECT 1 FROM forgotten WHERE mark = ?)
"""
