"""The system of record: one SQLCipher database, opened and changed here only. SQL is kept portable.

SQLCipher encrypts every page, the write-ahead log included. The standard sqlite3 module ignores the key and writes
in clear, so that the cipher is asked for and the file's first bytes are looked at.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import chain
from pathlib import Path
from typing import Any

from sekisho.errors import VaultError
from sekisho.vault.files import not_written
from sekisho.wording import Text

_SETTINGS = (
    *("journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON", "temp_store = MEMORY"),
    "secure_delete = ON",  # the key of a dropped scan is overwritten
)

_SCANS = (
    """
    CREATE TABLE scans (
        scan INTEGER PRIMARY KEY,
        root TEXT NOT NULL,          -- the scanned folder, absolute, undecodable bytes spelled out
        begun TEXT NOT NULL,         -- ISO 8601, UTC
        finished TEXT,               -- null while the scan is on its way
        program TEXT NOT NULL,       -- version that read the files
        data_key BLOB NOT NULL       -- wrapped; without it the scan's tables are noise
    )
    """,
    """
    CREATE TABLE parts (
        scan INTEGER NOT NULL REFERENCES scans (scan),
        name TEXT NOT NULL,
        table_name TEXT NOT NULL,
        row_count INTEGER NOT NULL,
        sha256 TEXT NOT NULL,
        PRIMARY KEY (scan, name)
    )
    """,
    """
    CREATE TABLE notes (
        scan INTEGER NOT NULL REFERENCES scans (scan),
        name TEXT NOT NULL,
        value TEXT NOT NULL,         -- JSON
        PRIMARY KEY (scan, name)
    )
    """,
    """
    CREATE TABLE decisions (
        decision INTEGER PRIMARY KEY,  -- later ones overrule earlier ones; none is ever removed
        block TEXT NOT NULL,
        subject TEXT NOT NULL,
        answer TEXT NOT NULL,
        who TEXT NOT NULL,
        at TEXT NOT NULL
    )
    """,
)
_REGISTER = (
    """
    CREATE TABLE imports (
        import INTEGER PRIMARY KEY,
        file TEXT NOT NULL,          -- path of the imported file, absolute
        sha256 TEXT NOT NULL,        -- of its bytes
        at TEXT NOT NULL,            -- ISO 8601, UTC
        program TEXT NOT NULL,       -- version that read it
        account TEXT NOT NULL        -- JSON: its columns and counts
    )
    """,
    """
    CREATE TABLE register_parts (
        part INTEGER PRIMARY KEY,
        name TEXT NOT NULL UNIQUE,
        import INTEGER NOT NULL REFERENCES imports (import),
        table_name TEXT NOT NULL,
        row_count INTEGER NOT NULL,
        sha256 TEXT NOT NULL,
        first_number INTEGER NOT NULL,  -- the least and the greatest of what the part is in order of
        last_number INTEGER NOT NULL
    )
    """,
)
_MERGES = (
    """
    CREATE TABLE takes (
        take INTEGER PRIMARY KEY,    -- one matching that was taken up
        records_file TEXT NOT NULL,  -- paths, absolute, and SHA-256 of their bytes
        records_sha256 TEXT NOT NULL,
        matches_file TEXT NOT NULL,
        matches_sha256 TEXT NOT NULL,
        at TEXT NOT NULL,            -- ISO 8601, UTC
        program TEXT NOT NULL,
        account TEXT NOT NULL        -- JSON: policy, model, columns and counts
    )
    """,
    """
    CREATE TABLE merge_parts (
        part INTEGER PRIMARY KEY,
        name TEXT NOT NULL UNIQUE,
        take INTEGER NOT NULL REFERENCES takes (take),
        table_name TEXT NOT NULL,
        row_count INTEGER NOT NULL,
        sha256 TEXT NOT NULL,
        first_key INTEGER NOT NULL,  -- between which keys of records its rows lie
        last_key INTEGER NOT NULL
    )
    """,
    """
    CREATE TABLE lists (
        list INTEGER PRIMARY KEY,    -- questions that were given out together
        kind TEXT NOT NULL,          -- clerk or letters
        clerk TEXT NOT NULL,         -- whom it was given to; empty for letters
        at TEXT NOT NULL
    )
    """,
    """
    CREATE TABLE asked (
        code TEXT PRIMARY KEY,       -- what an answer names: is this record this holder's?
        list INTEGER NOT NULL REFERENCES lists (list),
        place INTEGER NOT NULL,
        record TEXT NOT NULL,
        holder TEXT NOT NULL         -- a number of theirs
    )
    """,
    "CREATE INDEX asked_by_list ON asked (list, place)",
    """
    CREATE TABLE acts (
        act INTEGER PRIMARY KEY,     -- what happened to a record, in order; none is ever removed or changed
        record TEXT NOT NULL,
        at TEXT NOT NULL,
        who TEXT NOT NULL,           -- as stated; empty for the program
        kind TEXT NOT NULL,
        value TEXT NOT NULL          -- JSON
    )
    """,
    "CREATE INDEX acts_by_record ON acts (record, act)",
    """
    CREATE TABLE standings (
        record TEXT PRIMARY KEY,     -- where its acts have led; records without acts stand as they were taken up
        key INTEGER NOT NULL,
        said TEXT NOT NULL,          -- the program's outcome
        state TEXT NOT NULL,
        disputed INTEGER NOT NULL,   -- 1: merged, and an answer speaks against it
        list INTEGER,                -- where it is given out
        proposal TEXT,               -- hash of what waits for a second clerk
        value TEXT NOT NULL          -- JSON: all of it
    )
    """,
    "CREATE INDEX standings_by_state ON standings (state)",
    "CREATE INDEX standings_by_list ON standings (list)",
    "CREATE INDEX standings_by_proposal ON standings (proposal)",
)
_ENTRIES = (
    "ALTER TABLE imports ADD COLUMN kind TEXT NOT NULL DEFAULT 'import'",  # or undo, split
    "ALTER TABLE imports ADD COLUMN target INTEGER",  # what an undoing takes back
    "ALTER TABLE imports ADD COLUMN reason TEXT NOT NULL DEFAULT ''",
    """
    CREATE TABLE import_progress (   -- at most one row: the import that is on its way, or was when it was killed
        sha256 TEXT NOT NULL,
        program TEXT NOT NULL,
        note TEXT NOT NULL           -- JSON: what is needed to go on
    )
    """,
    """
    CREATE TABLE import_parts (      -- what it has finished
        part INTEGER PRIMARY KEY,
        step TEXT NOT NULL,
        name TEXT NOT NULL UNIQUE,
        table_name TEXT NOT NULL,
        row_count INTEGER NOT NULL,
        sha256 TEXT NOT NULL,
        first_number INTEGER NOT NULL,
        last_number INTEGER NOT NULL
    )
    """,
)
_VERSIONS = (_SCANS, _REGISTER, _MERGES, _ENTRIES)
"""What each version of the store added to the one before."""
SCHEMA_VERSION = len(_VERSIONS)


class Store:
    """The open database. ``transaction`` is the only way to change it."""

    def __init__(self, path: Path, key: bytes) -> None:
        """Open the database at ``path``, making it where there is none; raises VaultError."""
        import sqlcipher3

        with _as_vault_errors():
            self._connection = sqlcipher3.connect(str(path), isolation_level=None, timeout=10)
        try:
            with _as_vault_errors():
                self._unlock(key)
                self._bring_up_to_date()
            _assert_encrypted(path)
        except VaultError:
            self._connection.close()
            raise

    def _unlock(self, key: bytes) -> None:
        self._connection.execute(f"PRAGMA key = \"x'{key.hex()}'\"")
        if not self.rows("PRAGMA cipher_version"):
            raise VaultError(
                Text("SQLCipher is missing: the store would lie in clear.", "SQLCipher がなく、暗号化できません。"),
                Text("Install the package `sqlcipher3`.", "パッケージ sqlcipher3 を導入してください。"),
            )
        for setting in _SETTINGS:
            self._connection.execute(f"PRAGMA {setting}")

    def _bring_up_to_date(self) -> None:
        version = self.rows("PRAGMA user_version")[0][0]
        if version > SCHEMA_VERSION:
            raise too_new()
        if version < SCHEMA_VERSION:
            with self.transaction():
                for statement in chain.from_iterable(_VERSIONS[version:]):
                    self._connection.execute(statement)
                self._connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")

    def rows(self, sql: str, values: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        """What a question gives; raises VaultError."""
        with _as_vault_errors():
            return list(self._connection.execute(sql, values).fetchall())

    def run(self, sql: str, *rows: Sequence[object]) -> None:
        """Carry one statement out for each of ``rows``; inside a `transaction`."""
        if not self._connection.in_transaction:
            raise RuntimeError("outside a transaction")
        self._connection.executemany(sql, rows)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing, durable when it ends; raises VaultError where it cannot be."""
        with _as_vault_errors():
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield
            except BaseException:
                self._connection.execute("ROLLBACK")
                raise
            self._connection.execute("COMMIT")

    @contextmanager
    def snapshot(self) -> Iterator[None]:
        """Questions asked inside are answered from one and the same state, whatever others write meanwhile."""
        with _as_vault_errors():
            self._connection.execute("BEGIN")
        try:
            yield
        finally:
            with _as_vault_errors():
                self._connection.execute("COMMIT")

    def close(self) -> None:
        """Close the database."""
        self._connection.close()


@contextmanager
def _as_vault_errors() -> Iterator[None]:
    """What the database complains of, sorted: what surrounds it (a full disk, no rights) or what is in it."""
    import sqlcipher3

    try:
        yield
    except sqlcipher3.OperationalError as error:
        raise not_written(error) from error
    except sqlcipher3.DatabaseError as error:
        raise _broken() from error


def _assert_encrypted(path: Path) -> None:
    with path.open("rb") as file:
        if file.read(16) == b"SQLite format 3\0":
            raise _broken()


def _broken() -> VaultError:
    return VaultError(
        Text("The vault's store is damaged or not its own.", "保管庫のデータベースが破損しているか、別物です。"),
        Text("Restore the vault from a copy.", "保管庫を控えから戻してください。"),
    )


def too_new() -> VaultError:
    """The error for a vault of a later version."""
    return VaultError(
        Text("The vault was written by a newer sekisho.", "この保管庫はより新しい sekisho が作成したものです。"),
        Text("Update sekisho.", "sekisho を更新してください。"),
    )
