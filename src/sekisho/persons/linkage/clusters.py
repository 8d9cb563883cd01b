"""Rows that hang together by likely pairs, taken apart where a whole hangs by a thread.

Where every two rows of a component are a likely pair, it is one person. The others are put together pair by pair, the
likeliest first, and two parts are joined only if what is known of all pairs between them speaks for it: one weak bridge
between two persons does not outweigh ten pairs that differ.
"""

from __future__ import annotations

import numpy as np

from sekisho.persons.linkage.model import Floats, Ints

_MOST = 10.0
"""The log odds of a pair count no more than this, for or against."""
_UNSEEN = -0.5
"""What a pair that no block brought together counts: it may be one person's all the same, but speaks for nothing."""


def clustered(one: Ints, other: Ints, p: Floats, size: int, threshold: float) -> Ints:
    """Pairs of places with their probabilities -> the cluster of each of ``size`` rows, from 0, in order of rows.

    Only pairs of at least ``threshold`` join rows.
    """
    sure = p >= threshold
    root = _components(one[sure], other[sure], size)
    within = root[one] == root[other]
    rows, pairs = np.bincount(root, minlength=size), np.bincount(root[one[sure]], minlength=size)
    doubtful = within & (pairs < rows * (rows - 1) // 2)[root[one]]
    if doubtful.any():
        places, ends = np.unique(np.r_[one[doubtful], other[doubtful]], return_inverse=True)
        half = len(ends) // 2
        parts = _Parts(ends[:half], ends[half:], p[doubtful], len(places))
        parts.join(threshold)
        root[places] = places[parts.roots()]
    _, first, place = np.unique(root, return_index=True, return_inverse=True)
    found: Ints = np.argsort(np.argsort(first))[place]
    return found


def _components(one: Ints, other: Ints, size: int) -> Ints:
    """The first place of each place's component."""
    root: Ints = np.arange(size)
    while True:
        lower, least = root.copy(), np.minimum(root[one], root[other])
        np.minimum.at(lower, root[one], least)
        np.minimum.at(lower, root[other], least)
        while not np.array_equal(further := lower[lower], lower):
            lower = further
        if np.array_equal(lower, root):
            return root
        root = lower


class _Parts:
    """Parts of doubtful components as they grow, and what speaks for and against joining any two."""

    def __init__(self, one: Ints, other: Ints, p: Floats, size: int) -> None:
        self._one, self._other, self._p = one, other, p
        self._parent, self._rows = list(range(size)), [1] * size
        self._beside: list[dict[int, tuple[float, int]]] = [{} for _ in range(size)]
        with np.errstate(divide="ignore"):
            log_odds = np.clip(np.log(p) - np.log1p(-p), -_MOST, _MOST)
        for a, b, evidence in zip(one.tolist(), other.tolist(), log_odds.tolist(), strict=True):
            self._beside[a][b] = self._beside[b][a] = (evidence, 1)

    def join(self, threshold: float) -> None:
        """Join parts by the pairs of at least ``threshold``, the likeliest first."""
        order = np.argsort(-self._p, kind="stable")
        for place in order[self._p[order] >= threshold].tolist():
            a, b = self._root(int(self._one[place])), self._root(int(self._other[place]))
            if a != b and self._evidence(a, b) > 0:
                self._merge(a, b)

    def roots(self) -> list[int]:
        """The part of each place, called by one of its places."""
        return [self._root(place) for place in range(len(self._parent))]

    def _root(self, place: int) -> int:
        parent = self._parent
        while parent[place] != place:
            parent[place] = place = parent[parent[place]]
        return place

    def _evidence(self, a: int, b: int) -> float:
        known, pairs = self._beside[a][b]
        return known + _UNSEEN * (self._rows[a] * self._rows[b] - pairs)

    def _merge(self, a: int, b: int) -> None:
        into, gone = (a, b) if len(self._beside[a]) >= len(self._beside[b]) else (b, a)
        self._parent[gone] = into
        self._rows[into] += self._rows[gone]
        kept = self._beside[into]
        del kept[gone]
        for third, (evidence, pairs) in self._beside[gone].items():
            if third != into:
                known, before = kept.get(third, (0.0, 0))
                kept[third] = self._beside[third][into] = (known + evidence, before + pairs)
                del self._beside[third][gone]
        self._beside[gone] = {}
