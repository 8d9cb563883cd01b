"""Records in the comments of cells: each is a short text that stands at its cell."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import polars as pl

from sekisho.model import Frame, Grid, Place, Prose
from sekisho.records import locators
from sekisho.records.block import Block, Found
from sekisho.records.prose import prose


def notes(grid: Grid) -> Iterator[Found]:
    """What the comments say of persons, with the place of their cells."""
    for (row, column), text in grid.notes.items():
        at = locators.span(grid.place, row, row, (column, column))
        for found in prose(Prose(text.splitlines(), Place(Frame.LINE))):
            yield _moved(found, at)


def _moved(found: Found, at: str) -> Found:
    if isinstance(found, Block):
        return replace(found, locators=pl.Series("locator", [at] * found.cells.height, dtype=pl.String))
    return replace(found, locator=at)
