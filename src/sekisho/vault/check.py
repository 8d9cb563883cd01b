"""Every file of a vault, looked at: is it there, is it what was written, does its key open it, who may read it.

Whatever is wrong is listed, and looking goes on; nothing is mended. A file that nobody names is no damage: a killed run
left it behind, or somebody is writing it now.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from sekisho.errors import VaultError
from sekisho.vault import tables
from sekisho.vault.house import Vault
from sekisho.vault.index import LISTING, LOCK, Index
from sekisho.vault.keys.head import COPY, HEAD, is_copied
from sekisho.vault.opening import STORE
from sekisho.vault.rooms import KEYS, OUTGOING, PROTECT
from sekisho.vault.shelf import Part, Shelf
from sekisho.wording import Tell, Text, unheard

CHECKING = Text("Checking, files", "点検（ファイル）")
GUARD = Text("its guard {name} is missing or was changed", "保護トリガー {name} がないか、変更されています")
_ELSEWHERE, _HELD = "ledger/", ".backup/"
_OTHERS = 0o077
"""The rights of everybody but the owner."""


class Kind(StrEnum):
    """What is wrong with a file. The first two are damage; the vault holds no less for the others."""

    DAMAGED = "damaged"
    MISSING = "missing"
    REMADE = "remade"  # of an index or a copy: it is damaged, and made anew when it is needed
    NO_KEY = "no key"  # nothing is wrong, but nobody can read it: its key lies in a backup of keys, or nowhere
    LEFT_BEHIND = "left behind"
    STRANGE = "strange"
    READABLE = "readable"  # by others than its owner, or writable, and so is the way to it


DAMAGE = (Kind.DAMAGED, Kind.MISSING)


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong, with the file at this path within the vault; ``why``: what SQLite or the program says of it."""

    kind: Kind
    file: str
    why: str = ""


@dataclass(slots=True)
class Found:
    """What was looked at, files and bytes, and what is wrong."""

    files: int = 0
    size: int = 0
    faults: list[Fault] = field(default_factory=list)

    @property
    def sound(self) -> bool:
        """Whether nothing is damaged or missing."""
        return not any(fault.kind in DAMAGE for fault in self.faults)


def look(vault: Vault, tell: Tell = unheard) -> Found:
    """Look at everything but the ledger, which has a verifier of its own."""
    return _Looking(vault, tell).done()


class _Looking:
    def __init__(self, vault: Vault, tell: Tell) -> None:
        self._vault, self._folder, self._tell = vault, vault.folder, tell
        self._found = Found()
        self._known = {HEAD, COPY, "lock", *(f"{name}{end}" for name in (STORE, KEYS) for end in ("", "-wal", "-shm"))}
        self._is_listed = False  # whether the store said which parts are its own

    def done(self) -> Found:
        for name, why in self._vault.complaints():
            self._say(Kind.DAMAGED, name, why)
        for part in (self._parts, self._contents, self._originals, self._keys, self._guards):
            self._as_far_as_it_goes(part)
        if self._vault.keys.version > 1 and not is_copied(self._folder):
            self._say(Kind.REMADE, COPY)
        for index in self._vault.indexes():
            self._index(index, remade=True)
        for name in self._vault.matchings():
            self._matching(name)
        mode = self._folder.stat().st_mode
        is_private = not mode & _OTHERS
        if not is_private:
            self._say(Kind.READABLE, ".", f"{mode & 0o777:o}")
        for path in sorted(self._folder.rglob("*")):
            self._file(path, path.relative_to(self._folder).as_posix(), is_private=is_private)
        return self._found

    def _say(self, kind: Kind, file: str, why: str = "") -> None:
        self._found.faults.append(Fault(kind, file, why))

    def _as_far_as_it_goes(self, part: Callable[[], None]) -> None:
        """One part of the looking, which ends where a database cannot be read; it is named once."""
        try:
            part()
        except VaultError as error:
            if not any(fault.file in (STORE, KEYS) for fault in self._found.faults):
                self._say(Kind.DAMAGED, STORE, str(error.message))

    def _parts(self) -> None:
        """What the store names. What it no longer names when all was looked at was taken away meanwhile."""
        named = dict(self._vault.named())
        for at, (path, sha256) in enumerate(named.items()):
            self._tell(CHECKING, at, len(named))
            if not tables.is_intact(self._folder / path, sha256):
                self._wrong(path)
        now = dict(self._vault.named())
        self._found.faults = [one for one in self._found.faults if one.file not in named or one.file in now]
        self._known |= named.keys() | now.keys()
        self._is_listed = True

    def _contents(self) -> None:
        """One part of each shelf, opened by the key that they share."""
        for folder, shelf in self._shelves():
            for part in shelf.parts()[:1]:
                if f"{folder}/{part.name}" in self._known:
                    self._part(f"{folder}/{part.name}", shelf, part)

    def _shelves(self) -> Iterator[tuple[str, Shelf]]:
        """What has parts, by its folder, but for scans whose key was destroyed or is not here."""
        yield "register", self._vault.register()
        yield "merges", self._vault.merges()
        yield "evidence", self._vault.evidence()
        for number in sorted(self._vault.incidents().readable()):
            for shelf in (self._vault.leak(number), self._vault.changes(number), self._vault.letters(number)):
                yield f"incidents/{shelf.folder.name}", shelf
        for about in self._vault.scans():
            scan = self._vault.readable_scan(about.scan)
            if scan is not None:
                yield f"scans/{scan.folder.name}", scan

    def _part(self, path: str, shelf: Shelf, part: Part, *, remade: bool = False) -> None:
        """One part: does its key open it, and has it the rows that are said of it? Unless it is known to be wrong."""
        if any(fault.file == path for fault in self._found.faults):
            return
        try:
            rows = shelf.rows_of(part, []).num_rows
        except VaultError:
            self._wrong(path, remade=remade)
            return
        if rows != part.rows:
            self._wrong(path, f"{rows} rows, not {part.rows}", remade=remade)

    def _wrong(self, path: str, why: str = "", *, remade: bool = False) -> None:
        kind = Kind.DAMAGED if (self._folder / path).exists() else Kind.MISSING
        self._say(Kind.REMADE if remade else kind, path, why)

    def _originals(self) -> None:
        """What `sekisho protect` keeps of files that it changed, as long as that can be undone."""
        plans = self._vault.plans()
        kept = list(plans.kept())
        self._known |= {f"{PROTECT}/{name}" for name, _, _ in kept}
        self._known |= {f"{PROTECT}/{step.original}" for step in plans.steps()}
        for name, plan, sha256 in kept:
            if not (self._folder / (path := f"{PROTECT}/{name}")).exists():
                self._wrong(path)
            elif plans.has_originals(plan):
                try:
                    deque(plans.original(plan, name, sha256), maxlen=0)
                except VaultError:
                    self._wrong(path)

    def _keys(self) -> None:
        for what in self._vault.keys_not_here():
            self._say(Kind.NO_KEY, KEYS, what)

    def _guards(self) -> None:
        """What keeps the store from being changed outside an act, and its past from being changed at all."""
        for finding in self._vault.register().seal().guards():
            self._say(Kind.DAMAGED, STORE, str(GUARD.fill(name=finding.part)))

    def _matching(self, name: str) -> None:
        try:
            matching = self._vault.matching(name)
        except VaultError:
            folder = f"matchings/{name}"
            self._say(Kind.DAMAGED, f"{folder}/{LISTING}")
            self._known |= {f"{folder}/{path.name}" for path in (self._folder / folder).iterdir()}
            return
        self._index(matching)

    def _index(self, index: Index, *, remade: bool = False) -> None:
        """One folder with a listing of its own; ``remade``: damage in it is none, as it is made anew."""
        folder = index.folder.relative_to(self._folder).as_posix()
        with index:
            self._known |= {f"{folder}/{LISTING}", f"{folder}/{LOCK}"}
            if (index.folder / LISTING).exists() and not index.is_listed():
                self._wrong(f"{folder}/{LISTING}", remade=remade)
            for part in index.parts():
                self._known.add(f"{folder}/{part.name}")
                self._part(f"{folder}/{part.name}", index, part, remade=remade)

    def _file(self, path: Path, name: str, *, is_private: bool) -> None:
        """One file or folder: how large, whether others may reach it, and whether anybody names it."""
        try:
            about = path.lstat()
        except FileNotFoundError:
            return  # somebody else is at work
        if about.st_mode & _OTHERS and not (is_private or path.is_symlink()):
            self._say(Kind.READABLE, name, f"{about.st_mode & 0o777:o}")
        if path.is_dir() and not path.is_symlink():
            return
        self._found.files += 1
        self._found.size += about.st_size
        if name not in self._known and not name.startswith(_ELSEWHERE):
            self._unnamed(path, name)

    def _unnamed(self, path: Path, name: str) -> None:
        part = path.suffix == ".parquet"
        if part and not self._is_listed:
            return
        ours = part or path.name == LOCK or path.name.endswith(".new") or name.startswith((_HELD, f"{OUTGOING}/"))
        self._say(Kind.LEFT_BEHIND if ours else Kind.STRANGE, name)
