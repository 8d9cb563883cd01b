"""One SQLCipher database in a file, opened and brought up to date here only. SQL is kept portable.

SQLCipher encrypts every page, the write-ahead log included. The standard sqlite3 module ignores the key and writes
in clear, so that the cipher is asked for and the file's first bytes are looked at.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from itertools import chain
from pathlib import Path
from typing import Any

from sekisho.errors import VaultError
from sekisho.vault.files import not_written, open_private
from sekisho.vault.schema import GROWS, OUTSIDE
from sekisho.vault.wal import is_damaged
from sekisho.wording import Text

_MOST_COMPLAINTS = 20
_SETTINGS = (
    *("journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON", "temp_store = MEMORY"),
    "secure_delete = ON",  # a key that was destroyed is overwritten
)

_ROWS_AT_ONCE = 100


class Database:
    """The open database; ``transaction`` is the only way to change it."""

    def __init__(
        self,
        path: Path,
        key: bytes,
        versions: Sequence[Sequence[str]],
        functions: Mapping[str, Callable[[], object]] | None = None,
    ) -> None:
        """Open the database at ``path``, making it where there is none; raises VaultError.

        ``versions``: the statements that each version added to the one before. ``functions``: what its SQL may call.
        """
        import sqlcipher3

        if is_damaged(path):
            raise _damaged_log(path)
        with as_vault_errors():
            with suppress(OSError):  # which connecting will meet too
                open_private(path).close()
            self._connection = sqlcipher3.connect(str(path), isolation_level=None, timeout=10)
        try:
            with as_vault_errors():
                self._unlock(key)
                for name, function in (functions or {}).items():
                    self._connection.create_function(name, 0, function)
                self._bring_up_to_date(versions)
            _assert_encrypted(path)
        except VaultError:
            self._connection.close()
            raise

    def _unlock(self, key: bytes) -> None:
        self._connection.execute("PRAGMA cipher_log_level = NONE")  # what is wrong is said by us, on our own channels
        self._connection.execute(f"PRAGMA key = \"x'{key.hex()}'\"")
        if not self.rows("PRAGMA cipher_version"):
            raise VaultError(
                Text("SQLCipher is missing: the store would lie in clear.", "SQLCipher がなく、暗号化できません。"),
                Text("Install the package `sqlcipher3`.", "パッケージ sqlcipher3 を導入してください。"),
            )
        for setting in _SETTINGS:
            self._connection.execute(f"PRAGMA {setting}")

    def _bring_up_to_date(self, versions: Sequence[Sequence[str]]) -> None:
        version = self.rows("PRAGMA user_version")[0][0]
        if version > len(versions):
            raise too_new()
        if version < len(versions):
            with self.transaction():
                for statement in chain.from_iterable(versions[version:]):
                    self._connection.execute(statement)
                self._connection.execute(f"PRAGMA user_version = {len(versions)}")

    def rows(self, sql: str, values: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        """What a question gives; raises VaultError."""
        with as_vault_errors():
            return list(self._connection.execute(sql, values).fetchall())

    def run(self, sql: str, *rows: Sequence[object]) -> None:
        """Carry one statement out for each of ``rows``; inside a `transaction`."""
        if not self._connection.in_transaction:
            raise RuntimeError("outside a transaction")
        self._connection.executemany(sql, rows)

    def add(self, columns: str, rows: Sequence[Sequence[object]]) -> None:
        """Insert rows (``columns``: table and columns), many with one statement; inside a `transaction`.

        A statement for each row would let another thread in after each, and wait for its turn again.
        """
        for start in range(0, len(rows), _ROWS_AT_ONCE):
            some = rows[start : start + _ROWS_AT_ONCE]
            marks = ", ".join(["(" + ", ".join("?" * len(some[0])) + ")"] * len(some))
            self.run(f"INSERT INTO {columns} VALUES {marks}", [value for row in some for value in row])  # noqa: S608

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing, durable when it ends; raises VaultError where it cannot be."""
        with as_vault_errors():
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield
                self._connection.execute("COMMIT")
            except BaseException:
                if self._connection.in_transaction:  # a disk that fails ends it by itself, or leaves it open
                    self._connection.execute("ROLLBACK")
                raise

    @contextmanager
    def snapshot(self) -> Iterator[None]:
        """Questions asked inside are answered from one and the same state, whatever others write meanwhile."""
        with as_vault_errors():
            self._connection.execute("BEGIN")
        try:
            yield
        finally:
            with as_vault_errors():
                self._connection.execute("COMMIT")

    def copy_to(self, path: Path, key: bytes) -> None:
        """Write all of it, as it is at one moment, into the new file ``path`` under ``key``; others go on meanwhile.

        The copy is one file, without a log beside it, and was read back whole. Raises VaultError.
        """
        import sqlcipher3

        with as_vault_errors():
            copy = sqlcipher3.connect(str(path), isolation_level=None)
            try:
                copy.execute(f"PRAGMA key = \"x'{key.hex()}'\"")
                self._connection.backup(copy)
                copy.execute("PRAGMA journal_mode = DELETE")
                if copy.execute("PRAGMA cipher_integrity_check").fetchall():
                    raise broken()
            finally:
                copy.close()
        _assert_encrypted(path)

    def complaints(self) -> list[str]:
        """What is wrong with the file, in the words of SQLCipher and SQLite: pages, indexes, references; the first few.

        Of a page only that it is wrong: SQLite would spell out all that it found on the way there.
        """
        said = [row[0] for what in ("cipher_integrity_check", "integrity_check") for row in self.rows(f"PRAGMA {what}")]
        lost = [f"{table}: refers to nothing" for table, *_ in self.rows("PRAGMA foreign_key_check")]
        found = [str(one).strip().splitlines()[0] for one in said if one != "ok"] + lost
        more = len(found) - _MOST_COMPLAINTS
        return [*found[:_MOST_COMPLAINTS], *([f"and {more} more"] if more > 0 else [])]

    def clean(self) -> None:
        """Empty the write-ahead log, so that nothing of what was removed is left in it; raises VaultError."""
        if self.rows("PRAGMA wal_checkpoint(TRUNCATE)")[0][0]:
            raise not_written(OSError(errno.EBUSY, os.strerror(errno.EBUSY)))

    def close(self) -> None:
        """Close the database."""
        self._connection.close()


@contextmanager
def as_vault_errors() -> Iterator[None]:
    """What the database complains of, sorted: what surrounds it (a full disk, no rights) or what is in it."""
    import sqlcipher3

    try:
        yield
    except (sqlcipher3.OperationalError, MemoryError) as error:  # the latter is said of some failing reads, too
        raise not_written(error) from error
    except sqlcipher3.DatabaseError as error:
        if str(error).startswith((OUTSIDE, GROWS)):
            raise RuntimeError(str(error)) from error  # a mistake of ours, no damage
        raise broken() from error


def _assert_encrypted(path: Path) -> None:
    try:
        with path.open("rb") as file:
            start = file.read(16)
    except OSError as error:
        raise not_written(error) from error
    if start == b"SQLite format 3\0":
        raise broken()


def broken() -> VaultError:
    """The error for a store that is not what we wrote."""
    return VaultError(
        Text("The vault's store is damaged or not its own.", "保管庫のデータベースが破損しているか、別物です。"),
        Text("Restore the vault from a copy.", "保管庫を控えから戻してください。"),
    )


def _damaged_log(path: Path) -> VaultError:
    return VaultError(
        Text(
            "The log {file}-wal was damaged: what was written last could not be told from what is lost.",
            "ログ {file}-wal が破損しています。最後に書き込まれた内容が失われているおそれがあります。",
        ).fill(file=path.name),
        Text("Keep a copy of it, and restore the vault from a backup.", "写しを取り、保管庫を控えから戻してください。"),
    )


def too_new() -> VaultError:
    """The error for a vault of a later version."""
    return VaultError(
        Text("The vault was written by a newer sekisho.", "この保管庫はより新しい sekisho が作成したものです。"),
        Text("Update sekisho.", "sekisho を更新してください。"),
    )
