"""Everything a log holds, looked at: every entry, every hash, every file. Says which entry is wrong.

The hashes of all levels are made anew from the entries. If they lead to the root that is signed, all entries are as
they were logged, and whatever differs from them is a damaged tile. If not, each entry is held against its hash in the
tiles, and that against the hash of its tile one level up.
"""

from __future__ import annotations

import hashlib
import os
import pickle
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import partial
from pathlib import Path

from sekisho.ledger import tree
from sekisho.ledger.checkpoint import Checkpoint
from sekisho.ledger.log import CHECKPOINT, Log, locked
from sekisho.ledger.note import Verifier
from sekisho.ledger.tiles import ENTRIES, HEIGHT, WIDTH, TileError, Tiles, fold, path_of, shape, split, width_of

_TRIES = 3
_MANY = 128
"""From how many bundles on all processors share them."""


class Kind(StrEnum):
    """What is wrong."""

    ENTRY = "entry"  # not what was logged, by its hash
    MISSING = "missing"  # the file of a range of entries, or a tile, is not there or cannot be read
    TILE = "tile"  # hashes that are not those of the entries below
    ROOT = "root"  # entries and tiles agree with each other, and not with what was signed


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong. ``first``, ``last``: the entries it concerns, both included; -1 where none in particular."""

    kind: Kind
    path: str
    first: int = -1
    last: int = -1


@dataclass(slots=True)
class Verdict:
    """What was looked at and what is wrong with it.

    ``leaves``: the hashes of the entries, a bundle each, one behind the other; ``hashes``: those of the levels above.
    ``leftover``: files that a killed run left among the tiles; no checkpoint speaks of them, and nobody reads them.
    """

    size: int
    root: bytes = tree.EMPTY_ROOT
    faults: list[Fault] = field(default_factory=list)
    leftover: list[str] = field(default_factory=list)
    leaves: list[bytes] = field(default_factory=list)
    hashes: list[list[bytes]] = field(default_factory=list)

    @property
    def sound(self) -> bool:
        """Whether all is well."""
        return not self.faults

    def node(self, level: int, index: int) -> bytes:
        """As `tree.NodeAt`, from the entries themselves."""
        high, height = divmod(level, HEIGHT)
        first = index << height
        if high:
            return fold(self.hashes[high - 1][first : first + (1 << height)])
        return fold(split(self.leaves[first // WIDTH])[first % WIDTH :][: 1 << height])

    def is_beginning(self, checkpoint: Checkpoint) -> bool:
        """Whether this log, as its entries are, is the one of an earlier ``checkpoint``, grown."""
        return checkpoint.size <= self.size and tree.root(self.node, checkpoint.size) == checkpoint.root


@dataclass(slots=True)
class _Part:
    """Some bundles, one behind the other: as `Verdict`, with the ``roots`` of the full ones."""

    leaves: list[bytes] = field(default_factory=list)
    roots: list[bytes] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)


def verify(log: Log) -> Verdict:
    """Look at everything in ``log``, whose checkpoint's signature was looked at when it was opened."""
    found = Verdict(log.size)
    roots: list[bytes] = []
    for part in _parts(log):
        found.leaves += part.leaves
        found.faults += part.faults
        roots += part.roots
    _levels(log.tiles, roots, found)
    found.root = tree.root(found.node, log.size)
    if found.root == log.root:
        _only_tiles(found)
    elif not any(one.kind in (Kind.ENTRY, Kind.MISSING) for one in found.faults):
        found.faults.append(Fault(Kind.ROOT, CHECKPOINT))
    found.leftover += _others(log)
    return found


def verify_now(folder: Path, key: Verifier, witnesses: Sequence[Verifier] = ()) -> tuple[Log, Verdict]:
    """The log in ``folder`` and what is to be said of it, also while others append: then it is looked at again.

    Raises NoteError where its checkpoint is not signed by ``key``, `log.LockedError` where it never rests.
    """
    for _ in range(_TRIES):
        log = Log.open(folder, key, witnesses)
        found = verify(log)
        if found.sound or Log.open(folder, key).size == log.size:
            return log, found
    with locked(folder, shared=True):
        log = Log.open(folder, key, witnesses)
        return log, verify(log)


def _parts(log: Log) -> Iterator[_Part]:
    """All bundles in order; of a large log each processor takes a share, in a process that only reads and hashes."""
    bundles = -(-log.size // WIDTH)
    share = bundles if bundles < _MANY else -(-bundles // len(os.sched_getaffinity(0)))
    works = [partial(_part, log.folder, log.size, at, min(at + share, bundles)) for at in range(0, bundles, share or 1)]
    others = [_begin(work) for work in works[1:]]
    for work in works[:1]:
        yield work()
    for work, (pid, reader) in zip(works[1:], others, strict=True):
        with os.fdopen(reader, "rb") as answer:
            raw = answer.read()
        os.waitpid(pid, 0)
        yield pickle.loads(raw) if raw.endswith(pickle.STOP) else work()  # noqa: S301 - from a process of ours


def _begin(work: Callable[[], _Part]) -> tuple[int, int]:
    """Have a process do ``work``: its number, and where to read its answer. Without us it ends by itself."""
    reader, writer = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            os.close(reader)
            with os.fdopen(writer, "wb") as answer:
                answer.write(pickle.dumps(work()))
        finally:
            os._exit(0)
    os.close(writer)
    return pid, reader


def _part(folder: Path, size: int, start: int, end: int) -> _Part:
    tiles, part = Tiles(folder, size), _Part()
    for number in range(start, end):
        leaves = _bundle(tiles, number, part)
        part.leaves.append(b"".join(leaves))
        if len(leaves) == WIDTH:
            part.roots.append(fold(leaves))
    return part


def leaf_hashes(bundle: bytes) -> list[bytes]:
    """The hashes of the entries of a bundle, as far as it is one."""
    leaves, at, end, sha256 = [], 0, len(bundle), hashlib.sha256
    while at < end - 1:
        start = at + 2
        at = start + (bundle[at] << 8 | bundle[at + 1])
        leaves.append(sha256(b"\0" + bundle[start:at]).digest())
    return leaves if at == end else leaves[:-1]


def _bundle(tiles: Tiles, number: int, found: _Part) -> list[bytes]:
    """The hashes of the entries of one bundle, held against their tile; the tile's own where it is not there."""
    width, first = width_of(ENTRIES, number, tiles.size), number * WIDTH
    path = path_of(ENTRIES, number, width)
    try:
        stored = tiles.raw(0, number)
    except TileError as error:
        found.faults.append(Fault(Kind.MISSING, error.path))
        stored = b""
    try:
        leaves = leaf_hashes(tiles.raw(ENTRIES, number))
    except TileError:
        found.faults.append(Fault(Kind.MISSING, path, first, first + width - 1))
        return (split(stored) + [bytes(tree.HASH_BYTES)] * width)[:width]
    if len(leaves) == width and (not stored or b"".join(leaves) == stored):
        return leaves
    return _differing(tiles, number, leaves, split(stored), found)


def _differing(tiles: Tiles, number: int, leaves: list[bytes], stored: list[bytes], found: _Part) -> list[bytes]:
    """Which entries are wrong, or which hashes; the hashes to go on with."""
    width, first = width_of(ENTRIES, number, tiles.size), number * WIDTH
    if len(leaves) == width and _as_above(tiles, number, leaves):
        found.faults.append(Fault(Kind.TILE, path_of(0, number, width), first, first + width - 1))
        return leaves
    path = path_of(ENTRIES, number, width)
    wrong = [at for at in range(width) if leaves[at : at + 1] != stored[at : at + 1]]
    found.faults += [Fault(Kind.ENTRY, path, first + start, first + end) for start, end in _runs(wrong)]
    if len(leaves) != width and not wrong:
        found.faults.append(Fault(Kind.ENTRY, path, first + width - 1, first + width - 1))
    return (leaves + [bytes(tree.HASH_BYTES)] * width)[:width]


def _as_above(tiles: Tiles, number: int, leaves: list[bytes]) -> bool:
    """Whether the hash one level up is that of these entries; for the last tile, whether the root is."""
    if len(leaves) < WIDTH:
        return False
    try:
        return tiles.hashes(1, number // WIDTH)[number % WIDTH] == fold(leaves)
    except TileError:
        return False


def _levels(tiles: Tiles, roots: list[bytes], found: Verdict) -> None:
    """The hashes of each level from those of the bundles, held against the tiles, but for those above a wrong entry."""
    hashes, level = roots, 0
    doubtful = {one.first // WIDTH for one in found.faults if one.first >= 0}
    while hashes:
        level += 1
        found.hashes.append(hashes)
        for number in range(-(-len(hashes) // WIDTH)):
            _tile(tiles, level, number, hashes, doubtful, found)
        full = len(hashes) - len(hashes) % WIDTH
        hashes = [fold(hashes[at : at + WIDTH]) for at in range(0, full, WIDTH)]
        doubtful = {one // WIDTH for one in doubtful}


def _tile(tiles: Tiles, level: int, number: int, hashes: list[bytes], doubtful: set[int], found: Verdict) -> None:
    """One tile above the lowest level, held against ``hashes``, all that were made for the level."""
    first = number * WIDTH
    made = hashes[first : first + WIDTH]
    try:
        stored = split(tiles.raw(level, number))
    except TileError as error:
        found.faults.append(Fault(Kind.MISSING, error.path))
        return
    pairs = enumerate(zip(made, stored, strict=False), first)
    if len(made) != len(stored) or any(one != other for at, (one, other) in pairs if at not in doubtful):
        found.faults.append(Fault(Kind.TILE, path_of(level, number, len(made))))


def _only_tiles(found: Verdict) -> None:
    """All entries are right: what differs from them is in the tiles."""
    for at, one in enumerate(found.faults):
        if one.kind is Kind.ENTRY:
            number = one.first // WIDTH
            found.faults[at] = Fault(
                Kind.TILE, path_of(0, number, width_of(0, number, found.size)), one.first, one.last
            )


def _others(log: Log) -> list[str]:
    """Files among the tiles that are not of this size of the log."""
    known = {path_of(*one) for one in shape(log.size)}
    start = len(str(log.folder)) + 1
    there = (f"{folder[start:]}/{name}" for folder, _, names in os.walk(log.folder / "tile") for name in names)
    return sorted(name for name in there if name not in known)


def _runs(places: Iterable[int]) -> Iterator[tuple[int, int]]:
    """Neighbours together: the first and last of each run."""
    start = last = None
    for place in places:
        if last is not None and place == last + 1:
            last = place
            continue
        if start is not None and last is not None:
            yield start, last
        start = last = place
    if start is not None and last is not None:
        yield start, last
