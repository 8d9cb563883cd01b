"""Tracked changes: what a paragraph lost."""

from __future__ import annotations

import re
from collections.abc import Sequence
from enum import Enum, auto

_WORD_ENDS = re.compile(r"(?<![：:])[\s　]+|(?<=[、。，,;；])")


class Change(Enum):
    """What a tracked change did to a run."""

    KEPT = auto()
    ADDED = auto()
    REMOVED = auto()


def touched(pieces: Sequence[tuple[str, Change]]) -> list[str]:
    """Of the paragraph as it was, the words that hold a deletion: whole ones, so that a number stays whole."""
    before = [piece for piece in pieces if piece[1] != Change.ADDED]
    text = "".join(text for text, _ in before)
    if all(change == Change.REMOVED for _, change in before):
        return [text]
    removed, words, start = _spans(before), [], 0
    for stop in (*(m.end() for m in _WORD_ENDS.finditer(text)), len(text)):
        if any(a < stop and b > start for a, b in removed):
            words.append(text[start:stop].strip())
        start = stop
    return [" ".join(words)]


def _spans(pieces: list[tuple[str, Change]]) -> list[tuple[int, int]]:
    spans, at = [], 0
    for text, change in pieces:
        if change == Change.REMOVED:
            spans.append((at, at + len(text)))
        at += len(text)
    return spans
