"""Every command begins here: the vault is opened, and whoever acts is known before anything is done or looked at."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sekisho.actors import Who, sign_in
from sekisho.errors import SekishoError
from sekisho.ledger.meet import drain, meet
from sekisho.vault import Cost, Secret, Vault


@contextmanager
def enter(folder: Path, secret: Secret, who: Who | None = None, *, write: bool = False) -> Iterator[Vault]:
    """The vault in ``folder``, open and held against its ledger; ``write`` keeps other writers out.

    ``who`` acts in it; without anybody its owner does, as long as it has no actors. What was said in the meantime is
    brought into the ledger at the end. Raises UsageError, VaultError, RightsError, LedgerError.
    """
    with Vault.open(folder, secret, write=write) as vault:
        meet(vault)
        with _drained(vault):
            sign_in(vault, who)
            yield vault


@contextmanager
def create(folder: Path, secret: Secret, cost: Cost | None = None) -> Iterator[Vault]:
    """A new vault in ``folder``, open to write; raises VaultError."""
    with Vault.create(folder, secret, cost) as vault, _drained(vault):
        sign_in(vault, None)
        yield vault


@contextmanager
def _drained(vault: Vault) -> Iterator[None]:
    """Also where an act was refused: that is said in the ledger too. After a kill the next call does it."""
    try:
        yield
    except SekishoError:
        drain(vault)
        raise
    drain(vault)
