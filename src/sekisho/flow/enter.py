"""Every command begins here: the vault is opened, and whoever acts is known before anything is done or looked at."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path

from sekisho.actors import Who, sign_in
from sekisho.errors import LedgerError, SekishoError, VaultError
from sekisho.ledger.meet import drain, meet
from sekisho.ledger.read import naming
from sekisho.ledger.witnessing import have_cosigned, hold
from sekisho.vault import Cost, Secret, Vault
from sekisho.wording import Text, unheard


@contextmanager
def enter(
    folder: Path,
    secret: Secret,
    who: Who | None = None,
    *,
    write: bool = False,
    anybody: bool = False,
    note: Callable[[Text], None] = unheard,
) -> Iterator[Vault]:
    """The vault in ``folder``, open and held against its ledger; ``write`` keeps other writers out.

    ``who`` acts in it; without anybody its owner does, as long as it has no actors, and later nobody comes in, but for
    what ``anybody`` who can open the vault may see. What was said in the meantime is
    brought into the ledger at the end, and the ledger's witnesses are asked to cosign it; ``note`` hears of those that
    keep silent.
    Raises UsageError, VaultError, RightsError, LedgerError.
    """
    with Vault.open(folder, secret, write=write) as vault:
        meet(vault)
        hold(vault)
        vault.recall = partial(naming, vault)
        with _drained(vault, note):
            sign_in(vault, who)
            if not anybody:
                vault.demand("vault.enter")
            if who and who.incident is not None:
                vault.incidents().incident(who.incident)  # raises where there is none
            yield vault


@contextmanager
def enter_doubtful(folder: Path, secret: Secret, who: Who | None = None) -> Iterator[Vault]:
    """As `enter`, also where the ledger is damaged or not the store's: to say what is wrong, and change nothing."""
    with Vault.open(folder, secret) as vault:
        sign_in(vault, who)
        yield vault
        with suppress(LedgerError, VaultError):
            drain(vault)


@contextmanager
def enter_draft(folder: Path, secret: Secret, who: Who | None = None) -> Iterator[Vault]:
    """As `enter` to write, into a vault that comes back from a backup and does not stand in its place yet.

    No witness is asked to cosign what is said in it: that would shut the vault out from which the backup was made.
    """
    with Vault.open(folder, secret, write=True) as vault:
        meet(vault)
        sign_in(vault, who)
        yield vault
        drain(vault)


@contextmanager
def create(folder: Path, secret: Secret, cost: Cost | None = None) -> Iterator[Vault]:
    """A new vault in ``folder``, open to write; raises VaultError."""
    with Vault.create(folder, secret, cost) as vault, _drained(vault, unheard):
        sign_in(vault, None)
        yield vault


@contextmanager
def _drained(vault: Vault, note: Callable[[Text], None]) -> Iterator[None]:
    """Also where an act was refused: that is said in the ledger too. After a kill the next call does it."""
    try:
        yield
    except SekishoError:
        with suppress(LedgerError, VaultError):
            drain(vault)
        raise
    for silent in have_cosigned(vault, drain(vault)):
        note(silent)
