"""Rows to be matched, records or holders, as texts: tidied, the blanks of names kept, columns found by their labels."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import polars as pl

from sekisho.countries import headers, known
from sekisho.countries.headers import Whose
from sekisho.errors import InputError
from sekisho.model import Item
from sekisho.register.sheets import Sheet, sheets
from sekisho.wording import Text

NORMALISED = (Item.BASIC_PENSION_NUMBER, Item.BIRTH_DATE, Item.SEX, Item.POSTAL_CODE, Item.ADDRESS)
NAMES = (Item.NAME, Item.NAME_KANA, "former_name", "former_name_kana")
PLAIN = ("record", "office", "period_from", "period_to", "periods")
COLUMNS = (*map(str, NORMALISED), *map(str, NAMES), *PLAIN)


@dataclass(frozen=True, slots=True)
class Rows:
    """``mapping``: label -> column; ``batches``: of some columns, frames of all `COLUMNS` with the others null."""

    mapping: dict[str, str]
    batches: Callable[[Collection[str]], Iterator[pl.DataFrame]]


def read(path: Path) -> Rows:
    """The rows of a csv, parquet or xlsx file; raises InputError where it cannot be read or names nobody."""
    for sheet in sheets(path, _is_header):
        if not _is_header(sheet.labels):
            continue
        places = _places(sheet.labels)
        mapping = {sheet.labels[place]: name for name, place in places.items()}
        return Rows(mapping, partial(_batches, sheet, places))
    raise InputError(
        Text("No row of {file} names its columns.", "{file} に列見出しの行が見つかりません。").fill(file=path),
        Text(
            "Name the columns in the first rows, as name_kana, birth_date, sex (or 氏名カナ, 生年月日, 性別).",
            "先頭付近の行に、氏名カナ・生年月日・性別（name_kana, birth_date, sex）のような見出しを置いてください。",
        ),
    )


def _batches(sheet: Sheet, places: dict[str, int], wanted: Collection[str]) -> Iterator[pl.DataFrame]:
    taken = {name: place for name, place in places.items() if name in wanted}
    return (_tidy(rows, taken) for rows in sheet.batches(sorted(taken.values())))


def _is_header(labels: Sequence[str]) -> bool:
    found = _places(labels)
    return Item.BASIC_PENSION_NUMBER in found or bool({Item.NAME, Item.NAME_KANA} & set(found))


def _places(labels: Sequence[str]) -> dict[str, int]:
    """Column -> its place; the first label of each counts, one that is a column's own name before all."""
    found: dict[str, int] = {label: place for place, label in enumerate(labels) if label in COLUMNS}
    for place, label in enumerate(labels):
        meant = headers.meaning(label)
        if place not in found.values() and meant.whose is Whose.SUBJECT and meant.key in COLUMNS and not meant.part:
            found.setdefault(meant.key, place)
    return found


def _tidy(rows: pl.DataFrame, places: dict[str, int]) -> pl.DataFrame:
    return pl.DataFrame([_column(name, rows, places) for name in COLUMNS])


def _column(name: str, rows: pl.DataFrame, places: dict[str, int]) -> pl.Series:
    if name not in places:
        return pl.Series(name, [None], dtype=pl.String).new_from_index(0, rows.height)
    written = rows[str(places[name])]
    if name in NORMALISED:
        return known.normalise(name, written).alias(name)
    tidy = known.tidy(written)
    return tidy.str.replace_all(r"\s+", " ").alias(name) if name in NAMES else tidy.alias(name)
