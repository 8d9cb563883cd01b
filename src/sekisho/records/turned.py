"""Tables that lie on their side: labels down the first column, one person in each column beside it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from sekisho.countries.headers import UNKNOWN, meaning, normal
from sekisho.records import evidence

_MOST_ROWS = 200


@dataclass(frozen=True, slots=True)
class Turned:
    """``rows``: one row a person, columns named by the grid's rows; ``labels``: over them; where it stood."""

    rows: pl.DataFrame
    labels: Mapping[int, tuple[str, ...]]
    columns: tuple[int, ...]
    top: int
    bottom: int
    label_column: int


def turned(cells: pl.DataFrame) -> Turned | None:
    """The table on its side in a grid, if there is one with two persons or more."""
    if cells.height > _MOST_ROWS or cells.width < 3:
        return None
    for name in cells.columns[:3]:
        found = _labelled_by(cells, name)
        if found is not None:
            return found
    return None


def _labelled_by(cells: pl.DataFrame, name: str) -> Turned | None:
    texts = cells[name].to_list()
    labels = {row: (text,) for row, text in enumerate(texts) if text is not None and meaning(text) != UNKNOWN}
    items = [row for row in labels if meaning(labels[row][0]).is_item]
    if len(items) < 2 or len({normal(labels[row][0]) for row in items}) < len(items):
        return None
    top, bottom = _first(cells, name, min(items)), _last(cells, name, max(labels))
    top += top < min(items) and _counts(cells.row(top)[cells.columns.index(name) + 1 :])
    labels = {row: (text,) for row, text in enumerate(texts) if text is not None and top <= row <= bottom}
    right = [c for c in cells.columns if int(c) > int(name)]
    part = cells.slice(top, bottom - top + 1).select(right)
    filled = [c for c in right if part[c].null_count() < part.height]
    if len(filled) < 2 or any(_are_labels(part[c]) for c in filled):
        return None
    rows = part.select(filled).transpose(column_names=[str(top + i) for i in range(part.height)])
    if not _fits(rows, {row: labels[row][0] for row in items}):
        return None
    return Turned(rows, labels, tuple(int(c) for c in filled), top, bottom, int(name))


_ORDINAL = re.compile(r"\D{0,6}\d{1,2}\D{0,4}")


def _counts(texts: Sequence[str | None]) -> bool:
    """Whether the cells number the persons: 1人目, 2人目; 対象者1, 対象者2."""
    said = [normal(text) for text in texts if text is not None]
    numbers = [re.sub(r"\D", "", text) for text in said if _ORDINAL.fullmatch(text)]
    return len(said) > 1 and numbers == [str(i + 1) for i in range(len(said))]


def _last(cells: pl.DataFrame, name: str, row: int) -> int:
    """The last row of the table: those that go on below with a label and values, whatever it says."""
    filled = cells.select(pl.sum_horizontal(pl.all().is_not_null())).to_series()
    label = cells[name].is_not_null() & (cells[name].str.len_chars() <= _LONGEST_LABEL)
    while row + 1 < cells.height and label[row + 1] and filled[row + 1] > max(2, filled[row] // 2):
        row += 1
    return row


_LONGEST_LABEL = 12


def _first(cells: pl.DataFrame, name: str, row: int) -> int:
    """The row above which no other label stands with values beside it."""
    beside = [c for c in cells.columns if int(c) > int(name)]
    while row and cells[name][row - 1] is not None and any(cells[c][row - 1] is not None for c in beside):
        row -= 1
    return row


def _are_labels(column: pl.Series) -> bool:
    values = column.drop_nulls().to_list()
    labels = sum(meaning(text).is_item and meaning(text).sure for text in values)
    return labels > 1 or labels * 2 > len(values)


def _fits(rows: pl.DataFrame, items: dict[int, str]) -> bool:
    shares = []
    for row, what in ((row, meaning(label)) for row, label in items.items()):
        values = evidence.sample(rows[str(row)])
        if values and not what.part:
            shares.append(evidence.share(what.key, values))
    return bool(shares) and sum(shares) / len(shares) >= 0.6
