"""Puts the named columns of a table together: parts joined, joined cells taken apart, one block for each person."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import polars as pl

from sekisho.countries import known
from sekisho.model import Item
from sekisho.records import evidence, joined
from sekisho.records.block import Block, other_key
from sekisho.records.columns import SECOND, Column
from sekisho.records.pieces import in_order

_KNOWN = frozenset(Item)


@dataclass(frozen=True, slots=True)
class Person:
    """The columns about one person of a row; ``second``: columns of items that others of them hold already."""

    group: str
    columns: tuple[Column, ...]
    second: tuple[Column, ...] = ()


def persons(columns: Sequence[Column]) -> list[Person]:
    """The persons of a row: the subject, then the others; persons that only repeat share the columns before them."""
    kept = [c for c in columns if c.key]
    groups = list(dict.fromkeys(c.group for c in kept))
    repeats = any(group.startswith("#") for group in groups)
    found = []
    for group in groups:
        own = tuple(c for c in kept if c.group == group)
        if repeats and not group:
            continue
        if group.startswith("#"):
            have = {c.key for c in own}
            own = tuple(c for c in kept if not c.group and c.key not in have) + own
        second = tuple(c for c in columns if c.reason == SECOND and c.group == group)
        found.append(Person(group, own, second))
    return found


def block(person: Person, rows: pl.DataFrame, locators: pl.Series, layout: str, sure: float) -> Block:
    """The block of one person of each row."""
    cells: dict[str, pl.Series] = {}
    why: dict[str, tuple[str, str]] = {}
    for key in dict.fromkeys(c.key for c in person.columns):
        members = in_order([c for c in person.columns if c.key == key])
        where = " ".join(c.place for c in members)
        for found, values in _values(key, members, rows):
            _add(cells, found, values)
            why.setdefault(found, (where, members[0].reason))
    for column in person.second:
        for found, values in _beside(cells, column, rows[str(column.index)]):
            cells[found] = values.alias(found)
            why.setdefault(found, (column.place, f"{SECOND}: {column.said.key}"))
    return Block("table", pl.DataFrame(cells), locators, why, layout, sure, of_columns=True)


def _add(cells: dict[str, pl.Series], key: str, values: pl.Series) -> None:
    """The values under their key; what is there already goes before."""
    held = cells.get(key)
    both = values if held is None else _first(held, values)
    cells[key] = both.alias(key)


def _first(one: pl.Series, other: pl.Series) -> pl.Series:
    return pl.select(pl.coalesce(one, other)).to_series()


def _values(key: str, members: Sequence[Column], rows: pl.DataFrame) -> Iterator[tuple[str, pl.Series]]:
    """The column of an item as written, and what else stands in its cells."""
    if len(members) > 1:
        yield key, _together([rows[str(c.index)] for c in members])
        return
    values = rows[str(members[0].index)]
    if key in _KNOWN:
        values = _ditto(values)
    if members[0].apart:
        yield from joined.apart(values, key, members[0].apart)
    elif key == Item.NAME and bool(values.str.contains(joined.FORMER_NAME).any()):
        yield from ((other_key(kind), names) for kind, names in joined.former_names(values))
        yield key, joined.without_former(values)
    else:
        yield key, values


def _together(parts: Sequence[pl.Series]) -> pl.Series:
    """The texts of a row with a blank between them."""
    frame = pl.DataFrame([part.alias(str(i)) for i, part in enumerate(parts)])
    whole = frame.select(pl.concat_str(pl.all().str.strip_chars(), separator=" ", ignore_nulls=True)).to_series()
    return whole.set(whole == "", None)


def _ditto(values: pl.Series) -> pl.Series:
    """A mark for "the same as above" stands for what is above."""
    same = values.is_in(evidence.DITTOS).fill_null(value=False)
    return evidence.without_dittos(values).forward_fill().zip_with(same, values) if same.any() else values


def _beside(cells: dict[str, pl.Series], column: Column, values: pl.Series) -> Iterator[tuple[str, pl.Series]]:
    """A second column of an item: where the first is empty it is the item, where it says another it is kept beside."""
    key = column.said.key
    first = cells[key]
    differs = first.is_not_null() & known.normalise(key, values).ne_missing(known.normalise(key, first))
    yield key, _first(first, values)
    beside = values.set(~differs, None)
    if beside.null_count() < len(beside):
        yield other_key(column.label or column.place), beside
