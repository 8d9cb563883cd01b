"""Address labels on a sheet: cells without any label, one under another, that end in somebody's name and 様."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

import polars as pl

from sekisho.countries.speech import any_of
from sekisho.model import Item
from sekisho.records.mentions import Sheaf
from sekisho.records.prose import spoken_of

_HONOURED = rf"(?:{any_of('addressee_honorifics')})\s*$"
_MOST_LINES = 8
_MOST_CELLS = 200_000


def addressees(cells: pl.DataFrame) -> Iterator[Sheaf]:
    """The persons to whom the address labels of a grid are addressed."""
    if cells.height * cells.width > _MOST_CELLS:
        return
    for index, name in enumerate(cells.columns):
        if cells[name].str.contains(_HONOURED).any():
            yield from _in_column(cells[name].to_list(), index)


def _in_column(texts: list[str | None], column: int) -> Iterator[Sheaf]:
    run: list[int] = []
    for row, text in enumerate([*texts, None, None]):
        if text is not None and text.strip() and len(run) < _MOST_LINES:
            run.append(row)
            if not re.search(_HONOURED, text):
                continue
        elif run and row == run[-1] + 1:
            continue  # a line of the address that this person's has not
        if run:
            yield from _in_run([texts[at] or "" for at in run], run, column)
        run = []


def _in_run(lines: list[str], rows: list[int], column: int) -> Iterator[Sheaf]:
    """A run of cells as lines of a letter's head; a record only with an address."""
    split = [(part, row) for line, row in zip(lines, rows, strict=True) for part in line.splitlines()]
    parts, at = [part for part, _ in split], [row for _, row in split]
    for sheaf in spoken_of(parts, range(len(parts))):
        if sheaf.has(Item.ADDRESS, Item.POSTAL_CODE):
            moved = [
                replace(m, row=at[m.row], column=column, end_row=at[m.end_row], end_column=column)
                for m in sheaf.mentions
            ]
            yield Sheaf(moved)
