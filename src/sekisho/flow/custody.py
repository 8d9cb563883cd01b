"""`sekisho vault backup|restore|forget|hold`: copies of the vault to trust, and what must never come back."""

from __future__ import annotations

from importlib.metadata import version
from pathlib import Path

from sekisho.report.progress import Phases
from sekisho.vault import Vault, backup, key_copies
from sekisho.vault.backup import Made
from sekisho.vault.key_copies import Copied
from sekisho.wording import Text

BACKING_UP = Text("Backup", "控えの作成")


def back_up(vault: Vault, folder: Path, *, keep: int | None = None, shown: bool = True) -> Made:
    """Add a backup of the vault to those in ``folder``, while others work.

    Raises InputError, VaultError, RightsError.
    """
    vault.log("vault.backup", more={"of": "data"})
    with Phases(BACKING_UP, shown=shown) as tell:
        return backup.back_up(vault, folder, version("sekisho"), keep=keep, tell=tell)


def back_up_keys(vault: Vault, folder: Path, days: int) -> Copied:
    """Add a copy of the keys of incidents and persons to those in ``folder``; raises as `back_up` does."""
    vault.log("vault.backup", more={"of": "keys", "days": days})
    return key_copies.back_up(vault, folder, days)
