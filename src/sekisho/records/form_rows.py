"""Tells forms from tables, and finds the lists of persons that stand inside a form."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from itertools import pairwise

from sekisho.countries.headers import Whose
from sekisho.model import Grid, Item
from sekisho.records import names
from sekisho.records.leftovers import looks_like_label
from sekisho.records.sheet import IDENTITY, Cell, Sheet
from sekisho.records.values import likely

_TELLING = IDENTITY | {Item.BIRTH_DATE}
_MOST_ROWS = 400
_MOST_COLUMNS = 120


def is_form(grid: Grid) -> bool:
    """Whether labels stand one under another with a value beside each, as they do in a form and not in a table."""
    if grid.cells.height > _MOST_ROWS or grid.cells.width > _MOST_COLUMNS:
        return False
    sheet = Sheet.of(grid.cells)
    stacks: dict[int, list[tuple[Cell, list[Cell]]]] = defaultdict(list)
    held = 0
    for row in sheet.rows.values():
        for cell in row:
            held += sum(pair.meaning.key in IDENTITY for pair, _ in cell.inside)
            run = sheet.after(cell) if _is_label(cell) else []
            if run and _answers(cell, run[0]):
                stacks[cell.column].append((cell, run))
    if any(_is_form_column(stack) for stack in stacks.values()) or _alternates(sheet):
        return True
    return held > 0 and not any(_is_head(row) for row in sheet.rows.values())


def _alternates(sheet: Sheet) -> bool:
    """Whether rows of labels and single rows of values take turns, with other labels each time."""
    heads: dict[str, bool] = {}
    rows = list(sheet.rows.values())
    for head, body in pairwise(rows):
        labels = [cell for cell in head if _is_label(cell)]
        only_labels = labels and all(cell in labels or looks_like_label(cell.text) for cell in head)
        if only_labels and not any(cell.speaks for cell in body):
            keys = {cell.meaning.key for cell in head if cell.meaning}
            heads["".join(cell.text for cell in head)] = bool(keys & IDENTITY)
    bodies = sum(not any(cell.speaks for cell in row) for row in rows)
    return len(heads) >= 2 and any(heads.values()) and bodies <= len(rows) // 2 + 1


def _is_label(cell: Cell) -> bool:
    what = cell.meaning
    if what is None or not (what.sure or what.key == Item.NAME):
        return False
    return what.is_item or what.whose in (Whose.FORMER, Whose.CLERK)


def _answers(label: Cell, value: Cell) -> bool:
    """Whether a cell may be what a label asks for: in a header the next cell is a label itself."""
    return not looks_like_label(value.text) or (label.meaning is not None and names.sureness(value.text) >= _NAMED)


_NAMED = 0.5


def _is_form_column(stack: Sequence[tuple[Cell, list[Cell]]]) -> bool:
    keys = {cell.meaning.key for cell, _ in stack if cell.meaning}
    asked = {(cell.meaning.key, cell.meaning.group) for cell, _ in stack if cell.meaning}
    if len(asked) < 2 or not keys & IDENTITY:
        return False
    return not any(_several(cell.meaning.key, run) for cell, run in stack if cell.meaning and not cell.meaning.part)


def _several(key: str, run: Sequence[Cell]) -> bool:
    """Whether a label has several whole values beside it, each another person's: a table on its side."""
    if key == Item.NAME:
        return sum(names.sureness(cell.text) >= _NAMED for cell in run) > 1
    return key in _TELLING and sum(likely(key, cell.text) and len(cell.text.strip()) > 3 for cell in run) > 1


def lists(sheet: Sheet) -> list[range]:
    """The rows of each list inside a form: a row of labels and two or more rows of values under it."""
    found: list[range] = []
    for row, cells in sheet.rows.items():
        if found and row in found[-1]:
            continue
        if _is_head(cells):
            last = row
            while last + 1 in sheet.rows and _is_body(sheet.rows[last + 1], cells):
                last += 1
            if last - row >= 2:
                found.append(range(row, last + 1))
    return found


def _is_head(cells: Sequence[Cell]) -> bool:
    labels = [cell for cell in cells if cell.meaning is not None and cell.meaning.sure]
    identity = [cell for cell in labels if cell.meaning and cell.meaning.key in IDENTITY]
    rest = [cell for cell in cells if cell not in labels]
    return len(labels) >= 2 and bool(identity) and all(looks_like_label(cell.text) and not cell.inside for cell in rest)


def _is_body(cells: Sequence[Cell], head: Sequence[Cell]) -> bool:
    columns = {cell.column for cell in head}
    return not any(cell.speaks for cell in cells) and all(cell.column in columns for cell in cells) and len(cells) >= 2
