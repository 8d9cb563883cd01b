"""The backup of the keys that can be destroyed: apart from the data, and of a short life.

A copy is good until the day that it names itself; older ones are removed whenever a new one is made. Whoever brings one
back never brings back a key that was destroyed here.
"""

from __future__ import annotations

import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sekisho.clock import utc_now
from sekisho.errors import InputError, VaultError
from sekisho.vault.backups.repository import SUFFIX as DATA
from sekisho.vault.files import make_folder, not_written, sync_folder
from sekisho.vault.house import Vault
from sekisho.vault.keys.perishable import Perishable
from sekisho.wording import Text

PURPOSE = "keys backup"
SUFFIX = ".keys"
DAYS = 30


@dataclass(frozen=True, slots=True)
class Copied:
    """A copy in ``file``, good until ``expires`` (ISO 8601, UTC); ``removed``: how many were too old."""

    file: str
    expires: str
    removed: int


def back_up(vault: Vault, folder: Path, days: int = DAYS) -> Copied:
    """Add a copy of the keys to ``folder``; what is too old there goes. Raises InputError, VaultError."""
    now = datetime.now(UTC)
    expires = (now + timedelta(days=days)).isoformat(timespec="seconds")
    name = f"{now:%Y%m%dT%H%M%S}-{secrets.token_hex(4)}{SUFFIX}"
    half = folder / f".{name}.new"
    try:
        make_folder(folder)
        if list(folder.glob(f"*{DATA}")) or folder.resolve().is_relative_to(vault.folder.resolve()):
            raise _not_apart(folder)
        for left in folder.glob(f".*{SUFFIX}.new*"):
            left.unlink(missing_ok=True)
        vault.perishable.back_up(half, vault.secret_for(PURPOSE), expires)
        half.chmod(0o600)
        removed = [path for path in copies(folder) if _is_over(vault, path, now.isoformat(timespec="seconds"))]
        for path in removed:
            path.unlink()
        half.rename(folder / name)
        sync_folder(folder)
    except OSError as error:
        raise not_written(error) from error
    finally:
        for left in folder.glob(f"{half.name}*"):
            left.unlink(missing_ok=True)
    return Copied(name, expires, len(removed))


def copies(folder: Path) -> list[Path]:
    """All copies in a folder, oldest first."""
    return sorted(folder.glob(f"[0-9]*{SUFFIX}"))


def bring_back(vault: Vault, folder: Path) -> int:
    """Take the keys of the last copy in, but for destroyed ones; gives how many are new here.

    Raises InputError, VaultError: where the copy is too old, too.
    """
    found = copies(folder)
    if not found:
        raise InputError(
            Text("{folder} holds no copy of keys.", "{folder} に鍵の控えがありません。").fill(folder=folder),
            Text(
                "Name the folder of `sekisho vault backup --keys`.",
                "`sekisho vault backup --keys` のフォルダーを指定してください。",
            ),
        )
    with _opened(vault, found[-1]) as keys:
        expires = keys.expires()
        if expires >= utc_now():
            return vault.perishable.take_in(keys)
    said = Text("The copy of the keys expired on {day}.", "鍵の控えは {day} に期限が切れています。")
    raise VaultError(
        said.fill(day=expires[:10]),
        Text("It is not used: what was forgotten since must stay so.", "期限後に消去されたものを戻さないためです。"),
    )


def _is_over(vault: Vault, path: Path, now: str) -> bool:
    with _opened(vault, path) as keys:
        return keys.expires() < now


@contextmanager
def _opened(vault: Vault, kept: Path) -> Iterator[Perishable]:
    """The keys in a copy, opened in the vault so that what is kept stays as it is; raises VaultError."""
    path = vault.folder / f".{kept.name}.{secrets.token_hex(4)}.new"
    try:
        shutil.copyfile(kept, path)
        keys = Perishable(path, vault.secret_for(PURPOSE))
        try:
            yield keys
        finally:
            keys.close()
    except OSError as error:
        raise not_written(error) from error
    finally:
        for left in (path, *path.parent.glob(f"{path.name}-*")):
            left.unlink(missing_ok=True)


def _not_apart(folder: Path) -> InputError:
    said = Text(
        "{folder} holds backups of the data, or is the vault.", "{folder} はデータの控え、または保管庫の場所です。"
    )
    return InputError(
        said.fill(folder=folder),
        Text(
            "Keep the keys apart, where they can be destroyed: another folder, best on another medium.",
            "鍵の控えは別の場所（できれば別の媒体）に置き、破棄できるようにしてください。",
        ),
    )
