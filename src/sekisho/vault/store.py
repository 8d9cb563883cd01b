"""The system of record: one encrypted database. What counts in it is changed by acts, each with its ledger entry."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sekisho.errors import RightsError
from sekisho.vault.acts import NOBODY, OWNER, REFUSED, Acting, Draft, Seen
from sekisho.vault.database import Database
from sekisho.vault.outbox import Outbox
from sekisho.vault.schema import GUARD, VERSIONS


class Store(Database):
    """The open database. What counts is changed by an `act`; a ``transaction`` is for what does not count yet.

    ``acting``: who acts. Without actors in the vault that is its owner, with them nobody before one signs in.
    """

    def __init__(self, path: Path, key: bytes) -> None:
        """Open the database at ``path``, making it where there is none; raises VaultError."""
        self._in_act = False
        self._acting: Acting | None = None
        self.outbox = Outbox(self)
        super().__init__(path, key, VERSIONS, {GUARD: lambda: self._in_act})

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
        seen: Seen | None = None,
    ) -> Iterator[Draft]:
        """Change what counts, and say so in the ledger: both or neither, durable when it ends.

        The draft may be completed inside. Raises RightsError where it is not theirs to do (which the ledger holds
        too), VaultError.
        """
        self.demand(action)
        draft = Draft(action, dict(counts or {}), about, incident, refers, dict(more or {}), seen=seen)
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

    def looked(self, looks: Iterable[tuple[Acting, Draft]]) -> None:
        """Say in the ledger what several actors looked at, with one commit for all; durable when it returns."""
        with self.transaction():
            self._in_act = True
            try:
                self.outbox.put_all(looks)
            finally:
                self._in_act = False

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
