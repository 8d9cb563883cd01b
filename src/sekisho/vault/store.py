"""The system of record: one encrypted database. What counts in it is changed by acts, each with its ledger entry."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
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
        self._draft: Draft | None = None
        self._acting: Acting | None = None
        self._renew: Callable[[], Acting] | None = None
        self._approve: Callable[[], None] | None = None
        self._statements = 0
        self.outbox = Outbox(self)
        super().__init__(path, key, VERSIONS, {GUARD: lambda: self._draft is not None})

    @property
    def acting(self) -> Acting:
        """Who acts."""
        if self._acting is None:
            self._statements = self.actor_statements()
            self._acting = NOBODY if self._statements else OWNER
        return self._acting

    def sign_in(self, renew: Callable[[], Acting]) -> None:
        """Have somebody act; ``renew`` says who and what they may, and is asked again whenever the actors changed.

        Raises what ``renew`` raises.
        """
        self._statements = self.actor_statements()
        self._acting, self._renew = renew(), renew

    def _look_who_acts(self) -> Acting:
        """Who acts as of now: another process may have disabled them, or added the first actor, meanwhile."""
        acting = self.acting
        if (statements := self.actor_statements()) != self._statements:
            acting = self._renew() if self._renew else NOBODY
            self._acting, self._statements = acting, statements
        return acting

    def actor_statements(self) -> int:
        """How many statements there are about actors; any change of them adds one."""
        return int(self.rows("SELECT COUNT(*) FROM actors")[0][0])

    @property
    def draft(self) -> Draft:
        """The act that is being carried out; raises RuntimeError outside one."""
        if self._draft is None:
            raise RuntimeError("outside an act")
        return self._draft

    @property
    def is_acting(self) -> bool:
        """Whether an act, or a look, is being carried out."""
        return self._draft is not None

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

        The draft may be completed inside. Raises RightsError where it is not theirs to do, or was not approved by
        whom it must be (which the ledger holds too), VaultError.
        """
        draft = Draft(action, dict(counts or {}), about, incident, refers, dict(more or {}), seen=seen)
        with self._telling_refusals(action), self.transaction():
            acting = self._look_who_acts()
            acting.demand(action)
            with self._drafting(draft):
                if self._approve and draft.action in acting.four_eyes:
                    self._approve()
                yield draft
                acting.demand_approval(draft)
                self.outbox.put(acting, draft)

    @contextmanager
    def approving(self, approve: Callable[[], None]) -> Iterator[None]:
        """Have ``approve`` look, inside each act that needs it, whether another actor approved it."""
        self._approve = approve
        try:
            yield
        finally:
            self._approve = None

    def log(self, action: str, **said: Any) -> Draft:
        """An act that changes no row: a look, an export, a refusal. Durable when it returns; what `act` takes."""
        with self.act(action, **said) as draft:
            pass
        return draft

    def looked(self, looks: Iterable[tuple[Acting, Draft]]) -> None:
        """Say in the ledger what several actors looked at, with one commit for all; durable when it returns."""
        with self.transaction(), self._drafting(Draft("looks")):
            self.outbox.put_all(looks)

    def demand(self, action: str) -> None:
        """Raises RightsError, and says so in the ledger, where an action is not theirs to do who act."""
        with self._telling_refusals(action):
            self._look_who_acts().demand(action)

    def refused(self, action: str, **more: Any) -> None:
        """Say in the ledger that an action was refused, and ``more`` about why."""
        draft = Draft(REFUSED, more={"action": action, **more})
        with self.transaction(), self._drafting(draft):
            with suppress(RightsError):
                self._look_who_acts()
            self.outbox.put(self.acting, draft)

    @contextmanager
    def _telling_refusals(self, action: str) -> Iterator[None]:
        try:
            yield
        except RightsError as error:
            self.refused(action, why=error.why)
            raise

    @contextmanager
    def _drafting(self, draft: Draft) -> Iterator[None]:
        self._draft = draft
        try:
            yield
        finally:
            self._draft = None
