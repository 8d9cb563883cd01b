"""Which column of a register is which item of a holder, by its label; parts that stand apart are joined."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import cache

import polars as pl

from sekisho.countries import headers, known, words
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
_NEEDED: Mapping[str, set[str]] = {
    Item.NAME: {"family", "given"},
    Item.NAME_KANA: {"family", "given"},
    Item.BASIC_PENSION_NUMBER: {"first", "second"},
    Item.POSTAL_CODE: {"first", "second"},
    Item.BIRTH_DATE: {"year", "month", "day"},
}
_WIDTHS: dict[tuple[str, str], int] = {
    (Item.BASIC_PENSION_NUMBER, "first"): 4,
    (Item.BASIC_PENSION_NUMBER, "second"): 6,
}
_WIDTHS |= {(Item.POSTAL_CODE, "first"): 3, (Item.POSTAL_CODE, "second"): 4}
_WHOLE_WIDTHS: Mapping[str, int] = {Item.BASIC_PENSION_NUMBER: 10, Item.POSTAL_CODE: 7}
_MOST_LOST_ZEROS = 3
_DAYS = (Item.BIRTH_DATE, "former_name_until", "address_from", "deceased", "abroad", "protected_address")
"""Items that a spreadsheet may have counted in days."""
MANY = "old_numbers"
"""The item that may stand in several columns."""
_BETWEEN_MANY = ";"
_FORMER: Mapping[str, str] = {
    Item.BASIC_PENSION_NUMBER: MANY,
    Item.NAME: "former_name",
    Item.NAME_KANA: "former_name_kana",
    Item.ADDRESS: "former_address",
    Item.POSTAL_CODE: "former_postal_code",
}
_ALIAS: Mapping[str, str] = {Item.NAME: "alias", Item.NAME_KANA: "alias_kana"}


@dataclass(frozen=True, slots=True)
class Column:
    """One column of the register: its place and label, and the item, or the part of one, that it was taken for."""

    place: int
    label: str
    item: str
    part: str = ""


def mapping(labels: Sequence[str], items: Sequence[str] = tuple(HOLDERS.names)) -> tuple[Column, ...]:
    """The columns that hold one of ``items``: of each the one labelled by its own name or the first; of `MANY` all."""
    found: dict[tuple[str, str], Column] = {}
    for place in sorted(range(len(labels)), key=lambda at: labels[at] not in items):
        meaning = _meaning(labels[place], items)
        if meaning is not None:
            key = meaning if meaning[0] != MANY else (MANY, str(place))
            found.setdefault(key, Column(place, labels[place], *meaning))
    _given_names(found)
    whole = {item for item, part in found if not part}
    parts = {item: {part for other, part in found if other == item} for item, _ in found}
    counted = (c for c in found.values() if not c.part or _counts(c, whole, parts[c.item]))
    return tuple(sorted(counted, key=lambda column: column.place))


def _given_names(found: dict[tuple[str, str], Column]) -> None:
    """カナ名 is the kana of a name, but beside カナ姓 that of the given name."""
    for item in (Item.NAME, Item.NAME_KANA):
        whole = found.get((item, ""))
        if whole and (item, "family") in found and _GIVEN.search(headers.normal(whole.label)):
            found.setdefault((item, "given"), replace(whole, part="given"))
            del found[item, ""]


_GIVEN = re.compile("(?<![氏姓])名$")


def _meaning(label: str, items: Sequence[str]) -> tuple[str, str] | None:
    if label in items:
        return label, ""
    ways = ((_register_words().get(headers.normal(label).rstrip("0123456789"), ""), ""), _by_header(label))
    return next((way for way in ways if way[0] in items), None)


def _by_header(label: str) -> tuple[str, str]:
    """The item, and the part of it, that the label of a record would mean."""
    meant = headers.meaning(label)
    if meant.whose is Whose.SUBJECT:
        return meant.key, meant.part
    if meant.whose is not Whose.FORMER:
        return "", ""
    is_alias = any(word in headers.normal(label) for word, item in _register_words().items() if item == "alias")
    return (_ALIAS if is_alias else _FORMER).get(meant.key, ""), ""


@cache
def _register_words() -> dict[str, str]:
    """Header word -> column, of every country."""
    return {
        headers.normal(word): column
        for country in known.names()
        for column, some in words.of_register(country).items()
        if column not in words.IN_CELLS
        for word in some
    }


def _counts(column: Column, whole: set[str], parts: set[str]) -> bool:
    return column.item not in whole and _NEEDED.get(column.item, set()) <= parts


def is_header(labels: Sequence[str]) -> bool:
    """Whether a row names enough columns to be the header of a register."""
    items = {column.item for column in mapping(labels)}
    return Item.BASIC_PENSION_NUMBER in items or {Item.NAME, Item.BIRTH_DATE} <= items


def as_written(
    rows: pl.DataFrame, columns: Sequence[Column], items: Sequence[str] = tuple(HOLDERS.names)
) -> pl.DataFrame:
    """The items as the register writes them, joined where they stand in parts; a missing item is null."""
    clean = rows.select(pl.all().str.strip_chars().replace("", None))
    return clean.select(_joined(item, columns).alias(item) for item in items)


def _joined(item: str, columns: Sequence[Column]) -> pl.Expr:
    if item == MANY:
        places = [pl.col(str(column.place)) for column in columns if column.item == MANY]
        joined = pl.concat_str(places, separator=_BETWEEN_MANY, ignore_nulls=True) if places else pl.lit("")
        return pl.when(joined != "").then(joined)
    mine = {column.part: column for column in columns if column.item == item}
    if not mine:
        return pl.lit(None, dtype=pl.String)
    if "" in mine and item in _DAYS:
        return _whole(pl.col(str(mine[""].place)))
    if "" in mine:
        return _with_zeros(pl.col(str(mine[""].place)), _WHOLE_WIDTHS.get(item))
    order, between = _JOINED[item]
    parts = [pl.col(str(mine[part].place)).str.zfill(_WIDTHS.get((item, part), 0)) for part in order if part in mine]
    return pl.concat_str(parts, separator=between, ignore_nulls=item not in _NEEDED)


def _whole(column: pl.Expr) -> pl.Expr:
    """Without the point that a spreadsheet gives to whole amounts."""
    return column.str.strip_suffix(".0")


def _with_zeros(column: pl.Expr, width: int | None) -> pl.Expr:
    """Numbers that a spreadsheet took for amounts, with the zeros that they lost."""
    if width is None:
        return column
    whole = _whole(column)
    lost = whole.str.contains(rf"^\d{{{width - _MOST_LOST_ZEROS},{width - 1}}}$")
    return pl.when(lost).then(whole.str.zfill(width)).otherwise(whole)


def normal(rows: pl.DataFrame) -> pl.DataFrame:
    """The normal forms, by the same functions as the records', a column to a thread."""
    with ThreadPoolExecutor() as pool:
        return pl.DataFrame(list(pool.map(lambda item: known.normalise(item, rows[item]).alias(item), HOLDERS.names)))
