"""How a vault is made and opened: the lock, the head, the store, and the way from version 1 to this one."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import BinaryIO

from sekisho.errors import VaultError
from sekisho.vault.files import not_written, sync_folder
from sekisho.vault.keys import version1
from sekisho.vault.keys.head import is_vault, open_keys, read_head, tidy_heads, write_head
from sekisho.vault.keys.keyring import VERSION, Keyring
from sekisho.vault.keys.secret import Secret
from sekisho.vault.keys.slots import Slot
from sekisho.vault.store import Store
from sekisho.wording import Text

STORE = "sekisho.db"
_NEW_STORE = f".{STORE}.new"


def demand_empty(folder: Path) -> None:
    """Raises VaultError where a folder holds something, a vault or anything else."""
    if not all(_is_leaving(path.name) for path in folder.iterdir()):
        raise _is_there(folder) if is_vault(folder) else _not_empty(folder)


def _is_leaving(name: str) -> bool:
    """Whether a file may have been left behind by a creation that was killed."""
    return name == "lock" or name.endswith(".new") or name.startswith(_NEW_STORE)


def open_to_write(folder: Path, secret: Secret) -> Keyring:
    """The keys of a vault whose lock we have, in a head of this version; raises VaultError."""
    head = read_head(folder)
    keys = open_keys(head, secret, folder)
    tidy_heads(folder)
    return keys if keys.version == VERSION else _migrated(folder, keys, Slot.to_new(secret, version1.cost_of(head)))


def _migrated(folder: Path, old: Keyring, slot: Slot) -> Keyring:
    """The keys of a vault of version 1 in a head of this version."""
    with closing(open_store(folder, old)) as store:
        store.log("vault.migrate", more={"from": old.version, "to": VERSION})
    keys = old.changed([slot], 0)
    write_head(folder, keys)
    (folder / STORE).chmod(0o600)
    return keys


def make_store(folder: Path, keys: Keyring) -> None:
    """An empty store beside its place: it is put there once the head is written, so that a missing one was lost."""
    for path in folder.glob(f"{_NEW_STORE}*"):
        path.unlink()
    with closing(Store(folder / _NEW_STORE, keys.key("database"))) as store:
        store.clean()  # closing does it too, but keeps silent where the disk fails it, and the log would stay behind


def open_store(folder: Path, keys: Keyring) -> Store:
    """The store of a vault, which must be there; raises VaultError."""
    database = folder / STORE
    if not database.exists():
        if not (folder / _NEW_STORE).exists():
            raise _lost_store(database)
        try:
            (folder / _NEW_STORE).rename(database)
            sync_folder(folder)
        except OSError as error:
            raise not_written(error) from error
    return Store(database, keys.key("database"))


@contextmanager
def locked(folder: Path) -> Iterator[BinaryIO]:
    """The lock, which is given back where what is done with it fails."""
    lock = _take_lock(folder)
    try:
        yield lock
    except BaseException:
        lock.close()
        raise


def _take_lock(folder: Path) -> BinaryIO:
    try:
        descriptor = os.open(folder / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise not_written(error) from error
    lock = os.fdopen(descriptor, "r+b", buffering=0)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        holder = lock.read(20).decode("ascii", "replace").strip()
        lock.close()
        raise _in_use(folder, holder) from error
    try:
        lock.truncate(0)
        lock.write(str(os.getpid()).encode())
    except OSError as error:
        lock.close()
        raise not_written(error) from error
    return lock


def _not_empty(folder: Path) -> VaultError:
    return VaultError(
        Text("{folder} holds other things and no vault.", "{folder} には保管庫以外のものがあります。").fill(
            folder=folder
        ),
        Text("Name a new or empty folder with --vault.", "--vault で新しい、または空のフォルダーを指定してください。"),
    )


def _is_there(folder: Path) -> VaultError:
    return VaultError(
        Text("There is a vault in {folder} already.", "{folder} には既に保管庫があります。").fill(folder=folder),
        Text("Name a new or empty folder with --vault.", "--vault で新しい、または空のフォルダーを指定してください。"),
    )


def cannot_make(folder: Path) -> VaultError:
    """The error for a folder that cannot be made or looked into."""
    return VaultError(
        Text("No vault can be made in {folder}.", "{folder} に保管庫を作れません。").fill(folder=folder),
        Text("Name a folder that you may write to with --vault.", "--vault で書き込めるフォルダーを指定してください。"),
    )


def _lost_store(database: Path) -> VaultError:
    return VaultError(
        Text("The vault's store {file} is gone.", "保管庫のデータベース {file} がありません。").fill(file=database),
        Text("Restore the vault from a copy.", "保管庫を控えから戻してください。"),
    )


def _in_use(folder: Path, holder: str) -> VaultError:
    said = Text(
        "The vault {folder} is in use by process {holder}.", "保管庫 {folder} はプロセス {holder} が使用中です。"
    )
    return VaultError(
        said.fill(folder=folder, holder=holder or "?"), Text("Wait for it to end.", "終了を待ってください。")
    )
