"""A backup of the vault while others work with it: the store as it was at one moment, and every file that it names.

Parts never change, so that each is copied once for all backups. Those that the store names have a second name (a hard
link in ``.backup/``) while the copying lasts, so that nobody takes them away meanwhile. The keys of incidents and
persons (``keys.db``) are left out on purpose, and what can be made anew (``index/``) to save room. Everything is sealed
again under a key of its own.
"""

from __future__ import annotations

import fcntl
import io
import json
import os
import secrets
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO

from sekisho.clock import utc_now
from sekisho.errors import VaultError
from sekisho.vault.backups.repository import File, Manifest, Repository
from sekisho.vault.backups.sealed import ChangedError, sha256_of
from sekisho.vault.files import not_written
from sekisho.vault.house import Named, Vault
from sekisho.vault.index import LISTING
from sekisho.vault.keys.head import COPY, HEAD
from sekisho.vault.opening import STORE
from sekisho.wording import Tell, Text, unheard

PURPOSE = "backup"
LEDGER = "ledger"
COPYING = Text("Copying, files", "複写（ファイル）")
_HELD = ".backup"
_LEFT_OUT = (_HELD, "index", "lock", "scans", "register", "merges", "matchings", LEDGER, HEAD, COPY)
_TRIES = 100


@dataclass(frozen=True, slots=True)
class Made:
    """One backup: its ``number``, ``files`` and their ``size`` in bytes; ``added`` and ``added_size``: of those copied.

    ``entries``: of the ledger, up to which it goes; ``dropped``: the numbers of backups that were too many.
    """

    number: int
    files: int
    size: int
    added: int
    added_size: int
    entries: int
    dropped: tuple[int, ...] = ()


class _GoneError(Exception):
    """A file that belonged to the snapshot is there no more: somebody replaced it meanwhile."""


Still = Callable[[], AbstractContextManager[object]]
Hold = Callable[[Path], Path]


def back_up(
    vault: Vault,
    folder: Path,
    program: str,
    *,
    still: Still = nullcontext,
    keep: int | None = None,
    tell: Tell = unheard,
) -> Made:
    """Add a backup of ``vault`` to the backups in ``folder``; ``keep`` only the last so many.

    While a ``still`` context lasts nobody brings entries into the ledger. Raises InputError, VaultError: where a part
    was damaged, too.
    """
    if folder.resolve().is_relative_to(vault.folder.resolve()):
        raise _within()
    repository = Repository(folder)
    repository.make()
    with repository.alone():
        for _ in range(_TRIES):
            try:
                made = _Copying(vault, repository, still, tell).done(program)
                break
            except _GoneError:
                continue
        else:
            raise _restless()
        dropped = repository.drop(vault.secret_for(PURPOSE), keep) if keep else []
    return replace(made, dropped=tuple(dropped))


class _Copying:
    """One try at one backup."""

    def __init__(self, vault: Vault, repository: Repository, still: Still, tell: Tell) -> None:
        self._vault, self._repository, self._still, self._tell = vault, repository, still, tell
        self._key = vault.secret_for(PURPOSE)
        self._added = self._added_size = 0
        self._files: dict[str, File] = {}

    def done(self, program: str) -> Made:
        """Copy everything and have it count; raises _GoneError."""
        made = utc_now()
        with self._holding() as held:
            with self._store_copy(held) as (copy, named, ledger):
                parts = [(path, sha256, held(self._vault.folder / path)) for path, sha256 in named.parts]
                self._file(STORE, copy)
            for at, (path, sha256, part) in enumerate((*parts, *ledger)):
                self._tell(COPYING, at, len(parts) + len(ledger))
                self._file(path, part, sha256)
        head = (self._vault.folder / HEAD).read_text()  # after the store, which knows how new it must be at least
        for other in self._others():
            self._file(other.relative_to(self._vault.folder).as_posix(), other)
        files = tuple(self._files[path] for path in sorted(self._files))
        manifest = Manifest(made, program, named.entries, named.root, files)
        number = self._repository.add(self._key, head, manifest)
        size = sum(file.size for file in files)
        return Made(number, len(files), size, self._added, self._added_size, named.entries)

    @contextmanager
    def _holding(self) -> Iterator[Hold]:
        """Gives what gives a file a second name; all such names go at the end, those of a killed backup too."""
        folder = self._vault.folder / _HELD
        try:
            folder.mkdir(mode=0o700, exist_ok=True)
            lock = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
        except OSError as error:
            raise not_written(error) from error
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
            _empty(folder)
            yield lambda path: _second_name(path, folder)
            _empty(folder)
        finally:
            os.close(lock)

    @contextmanager
    def _store_copy(self, held: Hold) -> Iterator[tuple[Path, Named, list[tuple[str, None, Path]]]]:
        """A copy of the store, what it names, and the files of the ledger, as both are at one moment."""
        copy = self._repository.folder / f".{STORE}.{secrets.token_hex(4)}.new"
        try:
            with self._still():
                named = self._vault.copy_store(copy)
                ledger = [
                    (path.relative_to(self._vault.folder).as_posix(), None, held(path))
                    for path in (self._vault.folder / LEDGER).rglob("*")
                    if path.is_file() and path.name != "lock" and not path.name.endswith(".new")
                ]
            yield copy, named, ledger
        finally:
            for left in (copy, *copy.parent.glob(f"{copy.name}-*")):
                left.unlink(missing_ok=True)

    def _others(self) -> Iterator[Path]:
        """What the store does not name: matchings that go on, by their listings, and the folders of other rooms."""
        for listing in self._vault.folder.glob(f"matchings/*/{LISTING}"):
            said = _bytes(listing)
            self._content(listing.relative_to(self._vault.folder).as_posix(), said)
            for part in json.loads(json.loads(said)["parts"]) if said else ():
                yield listing.parent / part["name"]
        for path in self._vault.folder.iterdir():
            if path.name in _LEFT_OUT or _is_a_database(path.name) or path.name.endswith(".new"):
                continue
            inside = [path] if path.is_file() else path.rglob("*")
            yield from (one for one in inside if one.is_file() and not one.name.endswith(".new") and one.name != "lock")

    def _file(self, name: str, path: Path, sha256: str | None = None) -> None:
        try:
            with path.open("rb") as source:
                self._copied(name, source, sha256)
        except FileNotFoundError as error:
            raise _GoneError from error
        except OSError as error:
            raise not_written(error) from error

    def _content(self, name: str, content: bytes) -> None:
        self._copied(name, io.BytesIO(content), None)

    def _copied(self, name: str, source: BinaryIO, sha256: str | None) -> None:
        size = source.seek(0, os.SEEK_END)
        source.seek(0)
        known = sha256 or sha256_of(source)
        source.seek(0)
        if not self._repository.has(self._key, known):
            try:
                self._repository.keep(self._key, known, source)
            except ChangedError as error:
                if sha256 is None:
                    raise _GoneError from error
                raise _damaged(name) from error
            self._added += 1
            self._added_size += size
        self._files[name] = File(name, size, known)


def _second_name(path: Path, folder: Path) -> Path:
    """Another name for a file, or the same where the disk knows no second ones; raises _GoneError."""
    second = folder / secrets.token_hex(8)
    try:
        second.hardlink_to(path)
    except FileNotFoundError as error:
        raise _GoneError from error
    except OSError:
        return path
    return second


def _empty(folder: Path) -> None:
    for path in folder.iterdir():
        path.unlink(missing_ok=True)


def _is_a_database(name: str) -> bool:
    return name.removesuffix("-wal").removesuffix("-shm").endswith(".db")


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return b""


def _within() -> VaultError:
    return VaultError(
        Text("The backup would lie in the vault itself.", "控えが保管庫の中に作られます。"),
        Text("Name a folder elsewhere, best on another disk.", "別の場所（できれば別のディスク）を指定してください。"),
    )


def _restless() -> VaultError:
    return VaultError(
        Text("The vault changed all the time; no backup was made.", "保管庫の更新が続き、控えを作れませんでした。"),
        Text("Try again when less is going on.", "作業の少ない時にもう一度実行してください。"),
    )


def _damaged(path: str) -> VaultError:
    said = Text(
        "{path} in the vault was changed; no backup was made.",
        "保管庫の {path} が書き換えられているため、控えを作れません。",
    )
    return VaultError(
        said.fill(path=path),
        Text(
            "`sekisho vault check` says what is damaged; an older backup may hold it whole.",
            "`sekisho vault check` で損傷を確かめてください。以前の控えには無事な状態で残っている場合があります。",
        ),
    )
