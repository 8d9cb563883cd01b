"""Finds header rows in a grid: one row or several, merged or split, once or again on every page."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache

import polars as pl

from sekisho.countries import columns, headers, known
from sekisho.countries.headers import UNKNOWN, Whose, meaning
from sekisho.countries.speech import any_of
from sekisho.model import Item
from sekisho.records import evidence, joined
from sekisho.records.cells import counted
from sekisho.records.evidence import Sample

Cells = Sequence[tuple[int, str]]
"""The filled cells of a row: (column, text)."""

DEEPEST = 4
"""No header is deeper than so many rows."""
_ITEMS = frozenset(Item)
_TOP = 40
_BELOW = 30
_MOST = 3000
_MOST_FAILED = 200  # rows that look like headers and are none, before no more are looked for
_VALUE = re.compile(r"\d{4}|\d[-/.年]\d|@|[。]|^.{31,}$|^[-+]?[\d,.]+%?$", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Head:
    """A header: its rows, and for every column the labels from the upper to the lower (groups filled in).

    ``says_items``: whether it names items that stand below it; a header may also name nothing of a person.
    ``own``: of each row, the labels that stand in it.
    """

    rows: tuple[int, ...]
    labels: Mapping[int, tuple[str, ...]]
    says_items: bool = True
    own: tuple[Mapping[int, str], ...] = ()

    @property
    def lowest(self) -> tuple[tuple[int, str], ...]:
        """The label nearest to the values of each column, in normal form."""
        return tuple((column, headers.normal(texts[-1])) for column, texts in sorted(self.labels.items()))


def heads(cells: pl.DataFrame) -> list[Head]:
    """The headers of a grid from top to bottom; one that stands again, too, though a page ends right below it.

    ``cells``: null where nothing stands.
    """
    filled = {row: filled_cells(cells, row) for row in _candidates(cells)}
    found: list[Head] = []
    failed = 0
    for row in sorted(filled):
        if found and (row <= found[-1].rows[-1] or _is_row_below(cells, found[-1], row)):
            continue
        if found and cells.row(row) == cells.row(found[-1].rows[-1]):
            found.append(replace(found[-1], rows=(row,)))
        elif _may_begin(filled[row]) and not _is_title(cells, row):
            head = _head_at(cells, row) if failed < _MOST_FAILED else None
            failed += head is None
            if head is not None and (head.says_items or not found):
                found.append(head)
    return found


def _is_row_below(cells: pl.DataFrame, head: Head, row: int) -> bool:
    """Whether it goes on with the header's table: a person may be called as a label is (古沢 日和, メイ, カナ)."""
    here, before = filled_cells(cells, row), filled_cells(cells, row - 1)
    if len(before) * 2 < len(head.labels) or len(here) * 2 < len(head.labels):
        return False
    first = max(head.rows[-1] + 1, row - _ABOVE)
    values = [(column, text) for column, text in here if meaning(text) == UNKNOWN]
    return any(_is_value_below(head.labels.get(c, ("",))[-1], text, cells[first:row, str(c)]) for c, text in values)


def _is_value_below(label: str, text: str, above: pl.Series) -> bool:
    """Whether a cell is, beyond doubt, what the label over it says, or a value that stands above it as well."""
    what, value = meaning(label), evidence.sample_of([text])
    if what.key not in _ITEMS or not value:
        return False
    if what.part in _FIGURES:
        return value[0][0].isdigit()
    looking = evidence.looks if what.key in (Item.ADDRESS, Item.BIRTH_DATE) else evidence.share
    return (what.key != Item.NAME and looking(what.key, value) == 1) or text in above


_ABOVE = 100  # rows
_FIGURES = ("year", "month", "day", "first", "second", "third")


def filled_cells(cells: pl.DataFrame, row: int) -> Cells:
    """What stands in a row."""
    return [(int(name), text) for name, text in zip(cells.columns, cells.row(row), strict=True) if text is not None]


def _candidates(cells: pl.DataFrame) -> list[int]:
    """The rows worth a closer look: the first ones, and all that hold two words which headers are made of."""
    top = set(range(min(_TOP, cells.height)))
    if cells.height <= _TOP:
        return sorted(top)
    rows = (counted(cells.slice(_TOP), _holds_a_core()) >= 2).arg_true() + _TOP
    return sorted(top | set(rows.head(_MOST).to_list()))


@cache
def _holds_a_core() -> pl.Expr:
    short = columns.text().str.len_chars() <= 24
    return short & columns.text().str.contains_any(list(_cores()), ascii_case_insensitive=True)


@cache
def _cores() -> tuple[str, ...]:
    """Words of two letters and more of which every longer header word is made."""
    written = {word for one in known.identifiers() for word in (*one.headers, *one.parts)}
    words = sorted((w for w in written if len(w) > (3 if w.isascii() else 1)), key=len)
    kept: list[str] = []
    for word in words:
        if not any(core in word for core in kept):
            kept.append(word)
    return tuple(kept)


def _is_value(text: str) -> bool:
    return bool(_VALUE.search(text.strip())) and meaning(text) == UNKNOWN


_COUNT = re.compile(rf"[\d,]+\s*(?:{any_of('counted')}|$)")


def _may_begin(row: Cells) -> bool:
    """Whether it may be a header's first row: labels, and hardly anything that is a value."""
    if row and is_total(row[0][1]) and any(map(_COUNT.match, (text for _, text in row))):
        return False
    labels = sum(meaning(text) != UNKNOWN for _, text in row)
    values = sum(_is_value(text) for _, text in row)
    words = sum(headers.is_word(text) for _, text in row)
    return labels >= 1 and (not values or (words >= 1 and labels >= 2))


def _is_title(cells: pl.DataFrame, row: int) -> bool:
    """Whether it is a line above a table: few cells, not all of them labels, over rows of many."""
    own = filled_cells(cells, row)
    below = cells.slice(row + 1, 3)
    widest = max((len(filled_cells(below, i)) for i in range(below.height)), default=0)
    alone = len(own) == 1 and widest > 1
    return alone or (len(own) * 2 <= widest and any(meaning(text) == UNKNOWN for _, text in own))


def _is_label_row(row: Cells) -> bool:
    """Whether it goes on with a header: mostly words that we know as labels."""
    if not row or is_total(row[0][1]):
        return False
    if all(_REMARK.fullmatch(text.strip()) and not _LONG_NUMBER.search(text) for _, text in row):
        return len(row) > 1
    sure = sum(_known_label(text) for _, text in row)
    return sure * 2 >= len(row) and not any(_is_value(text) for _, text in row)


def _known_label(text: str) -> bool:
    what = meaning(text)
    return what != UNKNOWN and (what.sure or what.whose is Whose.SUBJECT) and not text.strip().isdigit()


def _head_at(cells: pl.DataFrame, first: int) -> Head | None:
    """The header that begins in ``first``, if values stand below it as its labels say."""
    last = first
    while last + 1 < cells.height and last + 1 - first < DEEPEST and _is_label_row(filled_cells(cells, last + 1)):
        last += 1
    for end in range(last, first - 1, -1):
        rows = range(first, end + 1)
        own = tuple(dict(filled_cells(cells, row)) for row in rows)
        head = Head(tuple(rows), dict(_labels(own, cells.columns)), own=own)
        fits = _fits(cells, head)
        if fits is not None:
            return replace(head, says_items=fits)
    return None


def _labels(rows: Sequence[Mapping[int, str]], columns: Iterable[str]) -> Iterator[tuple[int, tuple[str, ...]]]:
    """Each column's labels; a group's label (merged: value first, then nothing) goes to all columns below it."""
    for column in map(int, columns):
        texts = [_label_over(rows, depth, column) for depth in range(len(rows))]
        said = _without_remarks(tuple(dict.fromkeys(text for text in texts if text)))
        if said:
            yield column, said


_PAGE = any_of("pages")
_REMARK = re.compile(
    r"[(（\[［].*[)）\]］]|[(（]?[\d①-⑳][)）]?"
    rf"|(?:(?i:page|p)\.?\s*)?\d+\s*(?:{_PAGE})?(?:\s*[/／]\s*\d+\s*(?:{_PAGE})?)?",
    re.DOTALL,
)
"""A unit (円), a way to write it (和暦), the number of a column below its label, or of the page beside the title."""
_LONG_NUMBER = re.compile(r"^\d{3}")
"""No table has so many columns, no list so many pages: a running number beside a person's stands in its first row."""


def _without_remarks(texts: tuple[str, ...]) -> tuple[str, ...]:
    kept = tuple(text for text in texts if not _REMARK.fullmatch(text.strip()))
    return kept or texts


def _label_over(rows: Sequence[Mapping[int, str]], depth: int, column: int) -> str:
    own = rows[depth].get(column)
    if own is not None or depth == len(rows) - 1:
        return own or ""
    if not any(column in below for below in rows[depth + 1 :]):
        return ""
    left = max((c for c in rows[depth] if c < column), default=-1)
    spans = left >= 0 and any(left in below for below in rows[depth + 1 :])
    unbroken = all(any(c in below for below in rows[depth + 1 :]) for c in range(left, column + 1))
    return rows[depth][left] if spans and unbroken else ""


def _below(cells: pl.DataFrame, head: Head) -> Mapping[int, Sample]:
    """What stands in each column below a header, to the first blank row, total or same header again."""
    first = head.rows[-1] + 1
    header = cells.row(first - 1)
    near = cells.slice(first, _BELOW).rows()
    ends = [not any(row) or row == header or is_total(next(filter(None, row))) for row in near]
    begin = next((i for i, end in enumerate(ends) if not end), 0)
    end = next((i for i, end in enumerate(ends) if i > begin and end), len(near))
    columns = zip(*near[:end], strict=True) if end else ((),) * cells.width
    return {int(name): evidence.sample_of(c) for name, c in zip(cells.columns, columns, strict=True)}


def is_total(text: str) -> bool:
    """Whether the text begins a row of totals."""
    return headers.normal(text) in headers.listed("totals")


def _fits(cells: pl.DataFrame, head: Head) -> bool | None:
    """Whether below the labels stand values as the labels say; None where it is no header at all."""
    below = _below(cells, head)
    fitting = against = values = 0
    for column, texts in head.labels.items():
        sample = below[column]
        if meaning(texts[-1]).key in _ITEMS and sum(map(_is_label, sample)) * 2 > len(sample):
            return None
        values += len(sample)
        fits = _fits_below(head, column, below)
        fitting, against = fitting + (fits is True), against + (fits is False and meaning(texts[-1]).sure)
    if values and fitting > against:
        return True
    said = sum(_known_label(texts[-1]) and len(texts[-1]) > 1 for texts in head.labels.values())
    return False if values and not fitting and not against and said * 2 >= len(head.labels) > 1 else None


_SHORT = 2


def _is_label(text: str) -> bool:
    """Whether a cell is surely a label, of an item or of anything else (a short one of a part may be a name: 名)."""
    what = meaning(text)
    return what.sure and what != UNKNOWN and (not what.part or len(text.strip()) > _SHORT)


def _fits_below(head: Head, column: int, below: Mapping[int, Sample]) -> bool | None:
    """Whether a label's values are what it says; None where it says nothing that could be seen."""
    texts, sample = head.labels[column], below[column]
    what = meaning(texts[-1])
    if not sample or (not what.key and len(texts) == 1):
        return None
    is_merged = column + 1 not in head.labels and len(below.get(column + 1, ())) > 0
    if what.part in _FIGURES:
        return any(text[0].isdigit() for text in sample)
    if what.part or len(texts) > 1 or is_merged:
        return True
    return evidence.share(what.key, sample) >= 0.5 or bool(joined.plan(texts[-1], sample)[1])


def same(one: Head, other: Head) -> bool:
    """Whether it is the same header again, whatever title stands above it."""
    return one.lowest == other.lowest


def is_list(cells: pl.DataFrame) -> bool:
    """Whether a header of three items and more stands over rows of such values, as no form has it."""
    return any(_listed(cells, head) >= _ITEMS_OF_A_LIST for head in heads(cells) if head.says_items)


_ITEMS_OF_A_LIST = 3


def _listed(cells: pl.DataFrame, head: Head) -> int:
    """How many columns of a header hold two or more values of the item that it says."""
    below = _below(cells, head)
    count = 0
    for column, texts in head.labels.items():
        what, values = meaning(texts[-1]), below[column]
        if what.is_item and what.sure and not what.part and len(values) > 1:
            count += evidence.share(what.key, values) > 0.9
    return count
