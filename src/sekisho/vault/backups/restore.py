"""A vault made anew from a backup: built beside its place, checked to the last bit, moved there once it is whole."""

from __future__ import annotations

import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from sekisho.errors import VaultError
from sekisho.vault.backups.backup import PURPOSE
from sekisho.vault.backups.repository import Backup, File, Manifest, Repository
from sekisho.vault.files import make_folder, not_written, open_private, sync_folder, write_atomically
from sekisho.vault.keys.head import HEAD, open_keys, parse_head
from sekisho.vault.keys.secret import Secret
from sekisho.wording import Tell, Text, unheard

RESTORING = Text("Restoring, files", "復元（ファイル）")


@dataclass(frozen=True, slots=True)
class Draft:
    """A vault on its way: in ``folder``, from a backup; it counts once the context that gave it ends well."""

    folder: Path
    number: int
    manifest: Manifest


def head_of(folder: Path, number: int | None = None) -> dict[str, Any]:
    """The head of the vault of which the backup is; raises InputError, VaultError."""
    return parse_head(Repository(folder).backup(number).head, folder)


@contextmanager
def restoring(
    folder: Path, secret: Secret, target: Path, number: int | None = None, tell: Tell = unheard
) -> Iterator[Draft]:
    """The vault of a backup (the last, or the one of a ``number``), to be looked at before it stands in ``target``.

    ``target``: absent or empty. Whatever is raised meanwhile leaves nothing there. Raises InputError, VaultError.
    """
    repository = Repository(folder)
    backup = repository.backup(number)
    key = open_keys(parse_head(backup.head, folder), secret, folder).key(PURPOSE)
    manifest = backup.opened(key)
    _look_at(target)
    for half in target.parent.glob(f".{target.name}.*.new"):
        shutil.rmtree(half, ignore_errors=True)
    draft = target.with_name(f".{target.name}.{secrets.token_hex(4)}.new")
    try:
        _fill(draft, repository, key, backup, manifest, tell)
        yield Draft(draft, backup.number, manifest)
        if target.exists():
            target.rmdir()
        draft.rename(target)
        sync_folder(target.parent)
    except OSError as error:
        raise not_written(error) from error
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def check(folder: Path, secret: Secret, number: int | None = None, tell: Tell = unheard) -> tuple[int, Manifest]:
    """Read a backup whole, to the last bit, and write nothing; gives its number. Raises InputError, VaultError."""
    repository = Repository(folder)
    backup = repository.backup(number)
    key = open_keys(parse_head(backup.head, folder), secret, folder).key(PURPOSE)
    manifest = backup.opened(key)
    for at, file in enumerate(manifest.files):
        tell(RESTORING, at, len(manifest.files))
        for _ in repository.content(key, file):
            pass
    return backup.number, manifest


def _fill(draft: Path, repository: Repository, key: bytes, backup: Backup, manifest: Manifest, tell: Tell) -> None:
    draft.mkdir(mode=0o700, parents=True)
    folders = {draft}
    for at, file in enumerate(manifest.files):
        tell(RESTORING, at, len(manifest.files))
        path = draft / _path(file)
        make_folder(path.parent)
        folders.add(path.parent)
        with open_private(path) as target:
            for piece in repository.content(key, file):
                target.write(piece)
            target.flush()
            os.fsync(target.fileno())
    write_atomically(draft / HEAD, lambda file: file.write(backup.head.encode()))
    for one in folders:
        sync_folder(one)


def _path(file: File) -> PurePosixPath:
    path = PurePosixPath(file.path)
    if path.is_absolute() or ".." in path.parts or not path.parts:
        raise VaultError(
            Text("The backup names a file outside the vault.", "控えに保管庫の外のファイルが指定されています。"),
            Text("Take another backup.", "別の控えを使ってください。"),
        )
    return path


def _look_at(target: Path) -> None:
    try:
        if not target.exists() or not any(target.iterdir()):
            return
    except NotADirectoryError:
        pass
    except OSError as error:
        raise not_written(error) from error
    raise VaultError(
        Text("{folder} is there already.", "{folder} はすでにあります。").fill(folder=target),
        Text(
            "Restore into a new folder; nothing is ever overwritten.",
            "新しいフォルダーに復元してください。上書きはしません。",
        ),
    )
