"""The log on the disk: read, prove from, and append to.

What a checkpoint speaks of is durable before the checkpoint is there, and no file that the last checkpoint needs is
ever written again: a kill at any moment leaves the old state or the new one.
"""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from sekisho.ledger import tree
from sekisho.ledger.checkpoint import Checkpoint, Signed, read
from sekisho.ledger.note import Note, Signer, Verifier, sign
from sekisho.ledger.tiles import ENTRIES, WIDTH, Tile, Tiles, fold, packed, path_of
from sekisho.vault.files import make_folder, write_atomically

CHECKPOINT = "checkpoint"
_LOCK = "lock"
_SYNCERS = 8
_POLL = 0.02


class LockedError(Exception):
    """Another process appends or verifies, for longer than we wait."""


class Log:
    """A log as one of its checkpoints shows it."""

    def __init__(self, folder: Path, signed: Signed | None) -> None:
        """``signed``: None for a log that has no checkpoint yet, and so no entries."""
        self.folder = folder
        self.signed = signed
        self.size = signed.checkpoint.size if signed else 0
        self.root = signed.checkpoint.root if signed else tree.EMPTY_ROOT
        self.tiles = Tiles(folder, self.size)

    @classmethod
    def open(cls, folder: Path, key: Verifier, witnesses: Sequence[Verifier] = ()) -> Log:
        """The log in ``folder`` at its last checkpoint; raises NoteError where that is not signed by ``key``."""
        try:
            raw = (folder / CHECKPOINT).read_bytes()
        except FileNotFoundError:
            return cls(folder, None)
        return cls(folder, read(raw, key, witnesses))

    def entries(self, start: int, end: int) -> Iterator[bytes]:
        """The entries from ``start`` to before ``end``; raises TileError."""
        for number in range(start // WIDTH, -(-min(end, self.size) // WIDTH)):
            first = number * WIDTH
            yield from self.tiles.entries(number)[max(0, start - first) : end - first]

    def inclusion(self, index: int) -> list[bytes]:
        """The proof that entry ``index`` is in; raises TileError, ValueError."""
        return tree.inclusion(self.tiles.node, index, self.size)

    def consistency(self, old: int) -> list[bytes]:
        """The proof that the log of ``old`` entries is the beginning of this one; raises TileError, ValueError."""
        return tree.consistency(self.tiles.node, old, self.size)

    def root_at(self, size: int) -> bytes:
        """The root of the first ``size`` entries; raises TileError."""
        return tree.root(self.tiles.node, size)


def append(log: Log, signer: Signer, entries: Sequence[bytes]) -> Log:
    """``log`` with more entries, durable; under `locked`. Raises OSError, TileError; ValueError for too long ones."""
    fresh = _fresh(log, entries)
    size = log.size + len(entries)
    root = tree.root(Tiles(log.folder, size, {k: v for k, v in fresh.items() if k[0] != ENTRIES}).node, size)
    _write(log.folder, {path_of(*tile, len(held)): _raw(tile, held) for tile, held in fresh.items()})
    text = str(Checkpoint(signer.verifier.name, size, root))
    grown = put_checkpoint(log.folder, sign(text, [signer]), signer.verifier)
    _drop_outgrown(log.folder, fresh)
    return grown


def put_checkpoint(folder: Path, note: Note, key: Verifier, witnesses: Sequence[Verifier] = ()) -> Log:
    """Make ``note`` the log's checkpoint, durably; raises OSError."""
    raw = bytes(note)
    signed = read(raw, key, witnesses)
    write_atomically(folder / CHECKPOINT, lambda file: file.write(raw))
    return Log(folder, signed)


@contextmanager
def locked(folder: Path, *, shared: bool = False, wait: float = 10.0) -> Iterator[None]:
    """Alone with the log, or (``shared``) with others who read it; raises LockedError after ``wait`` seconds."""
    make_folder(folder)
    descriptor = os.open(folder / _LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        _flock(descriptor, fcntl.LOCK_SH if shared else fcntl.LOCK_EX, time.monotonic() + wait)
        yield
    finally:
        os.close(descriptor)


def _flock(descriptor: int, kind: int, until: float) -> None:
    while True:
        try:
            fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
        except BlockingIOError as error:
            if time.monotonic() > until:
                raise LockedError from error
            time.sleep(_POLL)
        else:
            return


def _fresh(log: Log, entries: Sequence[bytes]) -> dict[Tile, list[bytes]]:
    """What the tiles and bundles that ``entries`` touch will hold."""
    fresh: dict[Tile, list[bytes]] = {}
    bundle_start = log.size - log.size % WIDTH
    bundled = [*log.entries(bundle_start, log.size), *entries]
    for at in range(0, len(bundled), WIDTH):
        fresh[ENTRIES, (bundle_start + at) // WIDTH] = bundled[at : at + WIDTH]
    level, before, more = 0, log.size, [tree.leaf_hash(one) for one in entries]
    while more:
        number, width = divmod(before, WIDTH)
        hashes = [*(log.tiles.hashes(level, number) if width else ()), *more]
        more = []
        for at in range(0, len(hashes), WIDTH):
            tile = hashes[at : at + WIDTH]
            fresh[level, number + at // WIDTH] = tile
            if len(tile) == WIDTH:
                more.append(fold(tile))
        level, before = level + 1, number
    return fresh


def _raw(tile: Tile, held: Sequence[bytes]) -> bytes:
    return packed(held) if tile[0] == ENTRIES else b"".join(held)


def _write(folder: Path, files: dict[str, bytes]) -> None:
    """Write files that no checkpoint speaks of yet, and make them and their names durable."""
    folders: set[Path] = set()
    to_sync: list[int] = []
    try:
        for path, raw in files.items():
            target = folder / path
            folders |= _made_folders(target.parent, folder)
            descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
            to_sync.append(descriptor)
            _write_all(descriptor, raw)
        for one in folders:
            to_sync.append(os.open(one, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC))
        _sync(to_sync)
    finally:
        for descriptor in to_sync:
            os.close(descriptor)


def _write_all(descriptor: int, raw: bytes) -> None:
    rest = memoryview(raw)
    while rest:
        rest = rest[os.write(descriptor, rest) :]


def _sync(descriptors: Sequence[int]) -> None:
    """Side by side: a file system makes what is waiting at the same time durable at once."""
    with ThreadPoolExecutor(_SYNCERS) as pool:
        for done in [pool.submit(os.fsync, one) for one in descriptors]:
            done.result()


def _made_folders(folder: Path, top: Path) -> set[Path]:
    """The folders whose names change when something is put in ``folder``, which is made if need be."""
    changed = {folder}
    while not folder.is_dir() and folder != top:
        folder = folder.parent
        changed.add(folder)
    for one in sorted(changed, key=lambda path: len(path.parts)):
        one.mkdir(mode=0o700, exist_ok=True)
    return changed


def _drop_outgrown(folder: Path, fresh: dict[Tile, list[bytes]]) -> None:
    """Remove the narrower forerunners of tiles that have grown, and what a killed run left beside them."""
    widths = {tile: len(held) for tile, held in fresh.items()}
    for level, number in fresh:
        widths.setdefault((level, number - 1), WIDTH)  # full, and killed perhaps before this was done for it
    for (level, number), width in widths.items():
        forerunners = (folder / path_of(level, max(number, 0), 1)).parent
        if number < 0 or not forerunners.is_dir():
            continue
        for path in forerunners.iterdir():
            if path.name != str(width):
                path.unlink(missing_ok=True)
        if width == WIDTH:
            forerunners.rmdir()
