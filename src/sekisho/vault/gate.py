"""The gate of a vault: whatever is done in it is done by somebody who may, and is said in the ledger."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

from sekisho.vault.actors import Actors
from sekisho.vault.acts import Acting, Draft
from sekisho.vault.ledger_policy import LedgerPolicy
from sekisho.vault.outbox import Outbox
from sekisho.vault.rooms import Rooms


class Gate(Rooms):
    """Who acts, what they may, and what is said of it in the ledger."""

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
