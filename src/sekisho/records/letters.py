"""One letter about one person: its text names somebody, a table or a page of it says the rest."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from sekisho.model import Content, Grid, Prose
from sekisho.records.block import NAMES, Block, Found, fingerprint

_MOST_LINES = 400
_MOST_ROWS = 60
_SHAPES = frozenset(("prose", "form", "table"))


def may_be_part(content: Content) -> bool:
    """Whether a content is of a letter's size."""
    if isinstance(content, Prose):
        return len(content.lines) <= _MOST_LINES
    return isinstance(content, Grid) and content.cells.height <= _MOST_ROWS


def join_letter(found: Sequence[Found]) -> list[Found]:
    """What the contents of a document gave, as one record where only one of them names anybody, and nothing differs."""
    blocks = [one for one in found if isinstance(one, Block) and one.cells.height]
    named = [block for block in blocks if _names(block)]
    if len(blocks) < 2 or len(named) != 1 or not all(_is_single(block) for block in blocks):
        return list(found)
    said: dict[str, set[str]] = {}
    for block in blocks:
        for key, text in block.cells.row(0, named=True).items():
            said.setdefault(key, set()).add("".join(str(text).split()))
    if any(len(texts) > 1 for texts in said.values()):
        return list(found)
    others = [block for block in blocks if block is not named[0]]
    return [one for one in found if not isinstance(one, Block)] + [_joined(named[0], others)]


def _names(block: Block) -> bool:
    return any(key in block.cells.columns for key in NAMES)


def _is_single(block: Block) -> bool:
    return block.cells.height == 1 and block.shape in _SHAPES


def _joined(named: Block, others: Sequence[Block]) -> Block:
    """The block that names the person, with what the others say; its place is all of their places."""
    cells, why = named.cells, dict(named.why)
    for block in others:
        new = [key for key in block.cells.columns if key not in cells.columns]
        cells = cells.hstack([block.cells[key] for key in new])
        why |= {key: block.why[key] for key in new if key in block.why}
    places = ", ".join(block.locators[0] for block in (named, *others))
    layout = fingerprint("letter", [block.layout for block in (named, *others)])
    return Block("prose", cells, pl.Series("locator", [places]), why, layout, named.confidence)
