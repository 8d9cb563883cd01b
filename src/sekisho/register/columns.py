"""Which column of a register is which item of a holder, by its label; parts that stand apart are joined."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import polars as pl

from sekisho.countries import headers, known
from sekisho.countries.headers import Whose
from sekisho.model import HOLDERS, Item

_JOINED: Mapping[str, tuple[tuple[str, ...], str]] = {  # item -> parts in their order, what stands between them
    Item.NAME: (("family", "middle", "given"), " "),
    Item.NAME_KANA: (("family", "middle", "given"), " "),
    Item.ADDRESS: (("prefecture", "city", "street", "building"), ""),
    Item.BASIC_PENSION_NUMBER: (("first", "second"), "-"),
    Item.POSTAL_CODE: (("first", "second"), "-"),
    Item.BIRTH_DATE: (("era", "year", "month", "day"), "."),
}
_NEEDED = {
    Item.NAME: {"family", "given"},
    Item.NAME_KANA: {"family", "given"},
    Item.BASIC_PENSION_NUMBER: {"first", "second"},
    Item.POSTAL_CODE: {"first", "second"},
    Item.BIRTH_DATE: {"year", "month", "day"},
}
_WIDTHS = {(Item.BASIC_PENSION_NUMBER, "first"): 4, (Item.BASIC_PENSION_NUMBER, "second"): 6}
_WIDTHS |= {(Item.POSTAL_CODE, "first"): 3, (Item.POSTAL_CODE, "second"): 4}
_WHOLE_WIDTHS = {Item.BASIC_PENSION_NUMBER: 10, Item.POSTAL_CODE: 7}
_MOST_LOST_ZEROS = 3


@dataclass(frozen=True, slots=True)
class Column:
    """One column of the register: its place and label, and the item, or the part of one, that it was taken for."""

    place: int
    label: str
    item: str
    part: str = ""


def mapping(labels: Sequence[str]) -> tuple[Column, ...]:
    """The columns that hold an item of the holder; the first of each counts."""
    found: dict[tuple[str, str], Column] = {}
    for place, label in enumerate(labels):
        meaning = _meaning(label)
        if meaning is not None:
            found.setdefault(meaning, Column(place, label, *meaning))
    whole = {item for item, part in found if not part}
    parts = {item: {part for other, part in found if other == item} for item, _ in found}
    return tuple(c for c in found.values() if not c.part or _counts(c, whole, parts[c.item]))


def _meaning(label: str) -> tuple[str, str] | None:
    if label in HOLDERS.names:
        return label, ""
    meant = headers.meaning(label)
    if meant.whose is not Whose.SUBJECT or meant.key not in HOLDERS.names:
        return None
    return meant.key, meant.part


def _counts(column: Column, whole: set[str], parts: set[str]) -> bool:
    return column.item not in whole and _NEEDED.get(Item(column.item), set()) <= parts


def is_header(labels: Sequence[str]) -> bool:
    """Whether a row names enough columns to be the header of a register."""
    items = {column.item for column in mapping(labels)}
    return Item.BASIC_PENSION_NUMBER in items or {Item.NAME, Item.BIRTH_DATE} <= items


def as_written(rows: pl.DataFrame, columns: Sequence[Column]) -> pl.DataFrame:
    """The items as the register writes them, joined where they stand in parts; a missing item is null."""
    clean = rows.select(pl.all().str.strip_chars().replace("", None))
    return clean.select(_joined(item, columns).alias(item) for item in HOLDERS.names)


def _joined(item: str, columns: Sequence[Column]) -> pl.Expr:
    mine = {column.part: column for column in columns if column.item == item}
    if not mine:
        return pl.lit(None, dtype=pl.String)
    if "" in mine:
        return _with_zeros(pl.col(str(mine[""].place)), _WHOLE_WIDTHS.get(Item(item)))
    order, between = _JOINED[item]
    parts = [
        pl.col(str(mine[part].place)).str.zfill(_WIDTHS.get((Item(item), part), 0)) for part in order if part in mine
    ]
    return pl.concat_str(parts, separator=between, ignore_nulls=item not in _NEEDED)


def _with_zeros(column: pl.Expr, width: int | None) -> pl.Expr:
    """Numbers that a spreadsheet took for amounts, with the zeros that they lost."""
    if width is None:
        return column
    lost = column.str.contains(rf"^\d{{{width - _MOST_LOST_ZEROS},{width - 1}}}$")
    return pl.when(lost).then(column.str.zfill(width)).otherwise(column)


def normal(rows: pl.DataFrame) -> pl.DataFrame:
    """The normal forms, by the same functions as the records', a column to a thread."""
    with ThreadPoolExecutor() as pool:
        return pl.DataFrame(list(pool.map(lambda item: known.normalise(item, rows[item]).alias(item), HOLDERS.names)))
