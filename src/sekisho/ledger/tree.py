"""Merkle trees after RFC 6962, section 2.1: roots, proofs that an entry is in, proofs that a tree was only added to.

A tree is asked for its hashes through `NodeAt`, so that it may lie in tiles, in memory, or anywhere else.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence

from sekisho.vault.outbox import leaf_hash as leaf_hash
from sekisho.vault.outbox import node_hash as node_hash

NodeAt = Callable[[int, int], bytes]
"""The hash of a full subtree: of 2 ** ``level`` entries, the ``index``-th such from the left, both from 0."""

EMPTY_ROOT = hashlib.sha256().digest()
HASH_BYTES = 32


class ProofError(Exception):
    """A proof does not prove what it is there for."""


def root(node: NodeAt, size: int) -> bytes:
    """The hash of the tree of the first ``size`` entries."""
    return _subtree(node, 0, size) if size else EMPTY_ROOT


def inclusion(node: NodeAt, index: int, size: int) -> list[bytes]:
    """The audit path of entry ``index`` in the tree of ``size`` entries, from its sibling up (section 2.1.1)."""
    if not 0 <= index < size:
        raise ValueError(f"entry {index} of {size}")
    return _path(node, index, 0, size)


def consistency(node: NodeAt, old: int, new: int) -> list[bytes]:
    """The proof that the tree of ``old`` entries is the beginning of the one of ``new`` (section 2.1.2)."""
    if not 0 <= old <= new:
        raise ValueError(f"{old} entries of {new}")
    return _beginning(node, old, 0, new, whole=True) if 0 < old < new else []


def check_inclusion(leaf: bytes, index: int, size: int, proof: Sequence[bytes], tree: bytes) -> None:
    """Raises ProofError unless ``proof`` shows the hash ``leaf`` at ``index`` of the tree (RFC 9162, 2.1.3.2)."""
    if not 0 <= index < size:
        raise ProofError("no such entry")
    at, last, found = index, size - 1, leaf
    for one in proof:
        if last == 0:
            raise ProofError("too long")
        if at & 1 or at == last:
            found = node_hash(one, found)
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            found = node_hash(found, one)
        at, last = at >> 1, last >> 1
    if last or found != tree:
        raise ProofError("another tree")


def check_consistency(old: int, new: int, old_root: bytes, new_root: bytes, proof: Sequence[bytes]) -> None:
    """Raises ProofError unless ``proof`` shows one tree to be the beginning of the other (RFC 9162, 2.1.4.2)."""
    if not 0 <= old <= new:
        raise ProofError("no such trees")
    if old in (0, new):
        if proof or (old_root != new_root if old == new else old_root != EMPTY_ROOT):
            raise ProofError("another tree")
        return
    first, second = _fold(old, new, old_root, proof)
    if first != old_root or second != new_root:
        raise ProofError("another tree")


def _fold(old: int, new: int, old_root: bytes, proof: Sequence[bytes]) -> tuple[bytes, bytes]:
    """The roots of both trees that a consistency proof leads to, for 0 < old < new."""
    rest = [old_root, *proof] if old & (old - 1) == 0 else list(proof)
    if not rest:
        raise ProofError("too short")
    at, last = old - 1, new - 1
    while at & 1:
        at, last = at >> 1, last >> 1
    first = second = rest[0]
    for one in rest[1:]:
        if last == 0:
            raise ProofError("too long")
        if at & 1 or at == last:
            first, second = node_hash(one, first), node_hash(one, second)
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            second = node_hash(second, one)
        at, last = at >> 1, last >> 1
    if last:
        raise ProofError("too short")
    return first, second


def _subtree(node: NodeAt, start: int, end: int) -> bytes:
    """The hash of the entries from ``start`` to before ``end``, as RFC 6962 cuts them."""
    size = end - start
    if size & (size - 1) == 0:
        level = size.bit_length() - 1
        return node(level, start >> level)
    middle = start + _split(size)
    return node_hash(_subtree(node, start, middle), _subtree(node, middle, end))


def _path(node: NodeAt, index: int, start: int, end: int) -> list[bytes]:
    if end - start == 1:
        return []
    middle = start + _split(end - start)
    if index < middle:
        return [*_path(node, index, start, middle), _subtree(node, middle, end)]
    return [*_path(node, index, middle, end), _subtree(node, start, middle)]


def _beginning(node: NodeAt, old: int, start: int, end: int, *, whole: bool) -> list[bytes]:
    if old == end:
        return [] if whole else [_subtree(node, start, end)]
    middle = start + _split(end - start)
    if old <= middle:
        return [*_beginning(node, old, start, middle, whole=whole), _subtree(node, middle, end)]
    return [*_beginning(node, old, middle, end, whole=False), _subtree(node, start, middle)]


def _split(size: int) -> int:
    """The largest power of two below ``size``."""
    return 1 << ((size - 1).bit_length() - 1)
