"""Cards and labels side by side on a page: each is read by itself, not line by line across."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

from sekisho.documents.pdf_cells import Part, line_text
from sekisho.documents.pdf_text import Line, bottom, top

_CLASSES = (re.compile("[0-9０-９]"), re.compile("[一-鿿々]"), re.compile("[ぁ-んァ-ヶー]"), re.compile("[A-Za-z]"))


def cards(by_column: Sequence[Sequence[Line]], lines: Sequence[Line]) -> list[Part] | None:
    """The cards that the columns are, or None where they are a table.

    On cards the same line says the same kind of thing in every column, and other lines other things: postal codes in
    the first, addresses in the second, names in the third.
    """
    groups = [_groups(column) for column in by_column]
    if len(groups) < 2 or len({len(column) for column in groups[:-1]}) > 1 or len(groups[-1]) > len(groups[0]):
        return None
    full = [cards for cards in zip(*groups, strict=False) if len({len(card) for card in cards}) == 1]
    shapes = [tuple(_shape(card[i]) for card in cards) for cards in full for i in range(len(cards[0]))]
    alike = sum(len(set(shape)) == 1 for shape in shapes)
    height = max((len(cards[0]) for cards in full), default=0)
    if height < 3 or alike < 0.8 * len(shapes) or len({shape[0] for shape in shapes}) < 2:
        return None
    return [_part(card, top(lines[0])) for column in groups for card in column]


def _part(card: list[Line], edge: float) -> Part:
    text = "\n".join([*map(_text, card), ""])
    return Part(max(edge, top(card[0])), bottom(card), card[0][0].left, text)


def _groups(column: Sequence[Line]) -> list[list[Line]]:
    """Lines of one column, parted where there is clearly more room between them than before."""
    steps = sorted(top(b) - top(a) for a, b in pairwise(column))
    limit = 1.6 * steps[0] if steps else 0.0
    found: list[list[Line]] = []
    for line in column:
        if found and top(line) - top(found[-1][-1]) <= limit:
            found[-1].append(line)
        else:
            found.append([line])
    return found


def _text(line: Line) -> str:
    return line_text(line, "\t")


def _shape(line: Line) -> frozenset[int]:
    """Which kinds of characters the line holds."""
    text = _text(line)
    return frozenset(i for i, kind in enumerate(_CLASSES) if kind.search(text))
