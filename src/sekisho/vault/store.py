"""The system of record: one SQLCipher database, opened and changed here only. SQL is kept portable.

SQLCipher encrypts every page, the write-ahead log included. The standard sqlite3 module ignores the key and writes
in clear, so that the cipher is asked for and the file's first bytes are looked at.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import chain
from pathlib import Path
from typing import Any

from sekisho.errors import RightsError, VaultError
from sekisho.vault.acts import NOBODY, OWNER, REFUSED, Acting, Draft
from sekisho.vault.files import not_written
from sekisho.vault.outbox import Outbox
from sekisho.vault.schema import GROWS, GUARD, OUTSIDE, VERSIONS
from sekisho.wording import Text

_SETTINGS = (
    *("journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON", "temp_store = MEMORY"),
    "secure_delete = ON",  # the key of a dropped scan is overwritten
)

SCHEMA_VERSION = len(VERSIONS)


class Store:
    """The open database. What counts is changed by an `act`; a ``transaction`` is for what does not count yet.

    ``acting``: who acts. Without actors in the vault that is its owner, with them nobody before one signs in.
    """

    def __init__(self, path: Path, key: bytes) -> None:
        """Open the database at ``path``, making it where there is none; raises VaultError."""
        import sqlcipher3

        self._in_act = False
        self._acting: Acting | None = None
        self.outbox = Outbox(self)

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
        self._connection.create_function(GUARD, 0, lambda: self._in_act)
        for setting in _SETTINGS:
            self._connection.execute(f"PRAGMA {setting}")

    def _bring_up_to_date(self) -> None:
        version = self.rows("PRAGMA user_version")[0][0]
        if version > SCHEMA_VERSION:
            raise too_new()
        if version < SCHEMA_VERSION:
            with self.transaction():
                for statement in chain.from_iterable(VERSIONS[version:]):
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

    @property
    def acting(self) -> Acting:
        """Who acts."""
        if self._acting is None:
            self._acting = NOBODY if self.rows("SELECT 1 FROM actors LIMIT 1") else OWNER
        return self._acting

    @acting.setter
    def acting(self, acting: Acting) -> None:
        self._acting = acting

    @contextmanager
    def act(
        self,
        action: str,
        *,
        counts: Mapping[str, int] | None = None,
        about: bytes = b"",
        incident: int | None = None,
        refers: str = "",
        more: Mapping[str, Any] | None = None,
    ) -> Iterator[Draft]:
        """Change what counts, and say so in the ledger: both or neither, durable when it ends.

        The draft may be completed inside. Raises RightsError where it is not theirs to do (which the ledger holds
        too), VaultError.
        """
        self.demand(action)
        draft = Draft(action, dict(counts or {}), about, incident, refers, dict(more or {}))
        with self.transaction():
            self._in_act = True
            try:
                yield draft
                self.outbox.put(self.acting, draft)
            finally:
                self._in_act = False

    def log(self, action: str, **said: Any) -> Draft:
        """An act that changes no row: a look, an export, a refusal. Durable when it returns; what `act` takes."""
        with self.act(action, **said) as draft:
            pass
        return draft

    def demand(self, action: str) -> None:
        """Raises RightsError, and says so in the ledger, where an action is not theirs to do who act."""
        try:
            self.acting.demand(action)
        except RightsError:
            self.refused(action)
            raise

    def refused(self, action: str, **more: Any) -> None:
        """Say in the ledger that an action was refused, and ``more`` about why."""
        with self.transaction():
            self._in_act = True
            try:
                self.outbox.put(self.acting, Draft(REFUSED, more={"action": action, **more}))
            finally:
                self._in_act = False

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
        if str(error).startswith((OUTSIDE, GROWS)):
            raise RuntimeError(str(error)) from error  # a mistake of ours, no damage
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
