"""A folder of backups: contents that never change, each kept once, and a sealed list of files for each backup.

``objects/``: contents, sealed, under keyed names. ``NNNNNN.backup``: one backup; it counts from the moment it is there
under that name, so that a killed one leaves nothing but contents that the next one need not copy.
"""

from __future__ import annotations

import fcntl
import json
import os
from base64 import b64decode, b64encode
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, BinaryIO

from sekisho.errors import InputError, VaultError
from sekisho.vault.backups import sealed
from sekisho.vault.files import make_folder, not_written, write_atomically
from sekisho.vault.keys.secret import unwrap, wrap
from sekisho.wording import Text

FORMAT, VERSION = "sekisho backup", 1
SUFFIX = ".backup"
_OBJECTS, _LOCK = "objects", "lock"
_DIGITS = 6


@dataclass(frozen=True, slots=True)
class File:
    """One file of the vault: its path in it, bytes and SHA-256."""

    path: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup holds. ``entries``: of the ledger, as the store knew them; ``root``: their Merkle root, hex."""

    made: str
    program: str
    entries: int
    root: str
    files: tuple[File, ...]


@dataclass(frozen=True, slots=True)
class Backup:
    """A backup as it lies there, not opened: its number from 1, when it was made, and the head of the vault."""

    number: int
    made: str
    head: str
    sealed: bytes

    def opened(self, key: bytes) -> Manifest:
        """What it holds; raises VaultError where it was changed or is of another vault."""
        from cryptography.exceptions import InvalidTag

        try:
            found = json.loads(unwrap(key, self.sealed, self._bound()))
        except (InvalidTag, ValueError) as error:
            raise _changed(self.number) from error
        return Manifest(**{**found, "files": tuple(File(**file) for file in found["files"])})

    def _bound(self) -> str:
        return json.dumps([FORMAT, VERSION, self.number, self.made, self.head])


class Repository:
    """The backups in ``folder``."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def make(self) -> None:
        """Make the folder ready to write to; raises VaultError, InputError where it holds other things."""
        try:
            make_folder(self.folder)
            strangers = {path.name for path in self.folder.iterdir() if not _is_ours(path.name)}
            make_folder(self.folder / _OBJECTS)
        except OSError as error:
            raise not_written(error) from error
        if strangers:
            raise InputError(
                Text("{folder} holds other things than backups.", "{folder} には控え以外のものがあります。").fill(
                    folder=self.folder
                ),
                Text("Name a new or empty folder.", "新しい、または空のフォルダーを指定してください。"),
            )

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Keep other backups into the folder out; what killed ones left half-written goes. Raises VaultError."""
        try:
            lock = os.open(self.folder / _LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise not_written(error) from error
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            for half in (*self.folder.glob(".*.new*"), *self.folder.glob(f"{_OBJECTS}/*/.*.new")):
                half.unlink(missing_ok=True)
            yield
        except BlockingIOError as error:
            raise VaultError(
                Text("Another backup into {folder} is on its way.", "{folder} には別の控えを作成中です。").fill(
                    folder=self.folder
                ),
                Text("Wait for it to end.", "終了を待ってください。"),
            ) from error
        finally:
            os.close(lock)

    def backups(self) -> list[Backup]:
        """All of them, oldest first; raises InputError where one cannot be read."""
        return [_read(path) for path in sorted(self.folder.glob(f"{'[0-9]' * _DIGITS}{SUFFIX}"))]

    def backup(self, number: int | None = None) -> Backup:
        """One by its number, else the last; raises InputError where there is none."""
        chosen = [one for one in self.backups() if number in (None, one.number)]
        if not chosen:
            raise InputError(
                Text("There is no such backup in {folder}.", "{folder} に該当する控えがありません。").fill(
                    folder=self.folder
                ),
                Text("Check the folder and the number.", "フォルダーと番号を確かめてください。"),
            )
        return chosen[-1]

    def has(self, key: bytes, sha256: str) -> bool:
        """Whether the content is kept already."""
        return self._object(key, sha256).exists()

    def keep(self, key: bytes, sha256: str, source: BinaryIO) -> None:
        """Keep a content; raises VaultError, and ChangedError where it is not the one of that hash."""
        target = self._object(key, sha256)
        try:
            make_folder(target.parent)
            write_atomically(target, lambda file: sealed.seal(key, sha256, source, file))
        except OSError as error:
            raise not_written(error) from error

    def content(self, key: bytes, file: File) -> Iterator[bytes]:
        """The content of a file, piece by piece; raises VaultError where a bit of it differs or it is not there."""

        def broken() -> VaultError:
            said = Text(
                "The content of {path} in the backup is missing or was changed.",
                "控えの中の {path} がないか、書き換えられています。",
            )
            return VaultError(said.fill(path=file.path), Text("Take another backup.", "別の控えを使ってください。"))

        try:
            with self._object(key, file.sha256).open("rb") as source:
                yield from sealed.opened(key, file.sha256, source, broken)
        except OSError as error:
            raise broken() from error

    def add(self, key: bytes, head: str, manifest: Manifest) -> int:
        """Have a backup count; gives its number. Raises VaultError."""
        number = 1 + max((one.number for one in self.backups()), default=0)
        made = Backup(number, manifest.made, head, b"")
        said = json.dumps(asdict(manifest), ensure_ascii=False).encode()
        kept = {
            "format": FORMAT,
            "version": VERSION,
            "number": number,
            "made": made.made,
            "head": head,
            "sealed": b64encode(wrap(key, said, made._bound())).decode(),
        }
        whole = json.dumps(kept, indent=1).encode()
        try:
            write_atomically(self.folder / f"{number:0{_DIGITS}}{SUFFIX}", lambda file: file.write(whole))
        except OSError as error:
            raise not_written(error) from error
        return number

    def drop(self, key: bytes, keep: int) -> list[int]:
        """Remove all but the last ``keep`` backups, and the contents that none of those names; gives their numbers."""
        every = self.backups()
        kept = every[-keep:]
        named = {self._object(key, file.sha256) for one in kept for file in one.opened(key).files}
        gone = every[:-keep]
        for one in gone:
            (self.folder / f"{one.number:0{_DIGITS}}{SUFFIX}").unlink()
        for path in self.folder.glob(f"{_OBJECTS}/*/*"):
            if path not in named:
                path.unlink(missing_ok=True)
        return [one.number for one in gone]

    def _object(self, key: bytes, sha256: str) -> Path:
        name = sealed.name_of(key, sha256)
        return self.folder / _OBJECTS / name[:2] / name


def _is_ours(name: str) -> bool:
    return name in (_OBJECTS, _LOCK) or name.endswith(SUFFIX) or (name.startswith(".") and ".new" in name)


def _read(path: Path) -> Backup:
    found: Mapping[str, Any] = {}
    with suppress(OSError, ValueError):
        found = json.loads(path.read_bytes())
    if isinstance(found, dict) and found.get("format") == FORMAT and found.get("version") == VERSION:
        with suppress(KeyError, TypeError, ValueError):
            return Backup(int(found["number"]), str(found["made"]), str(found["head"]), b64decode(found["sealed"]))
    raise InputError(
        Text("{file} is no backup that this sekisho can read.", "{file} は読み取れる控えではありません。").fill(
            file=path
        ),
        Text("Take another one, or update sekisho.", "別の控えを使うか、sekisho を更新してください。"),
    )


def _changed(number: int) -> VaultError:
    return VaultError(
        Text(
            "Backup {n} was changed, or is of another vault.", "控え{n}は書き換えられたか、別の保管庫のものです。"
        ).fill(n=number),
        Text("Take another backup.", "別の控えを使ってください。"),
    )
