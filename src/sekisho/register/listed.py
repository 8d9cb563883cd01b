"""Reads a list of persons that somebody made elsewhere, to be held against what they made it from."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from pathlib import Path

import polars as pl

from sekisho.model import HOLDERS, ITEM_TITLES, Item
from sekisho.register import columns
from sekisho.register.read import no_columns
from sekisho.register.sheets import ROW, Sheet, sheets, torn
from sekisho.wording import Text

ITEMS_LABELS = frozenset({"items", "item", "項目", "漏えい項目", "流出項目", "対象項目"})
PERSON_LABELS = frozenset({"person"})
LISTED = (ROW, *HOLDERS.names, "items", "person")
"""``row``: of the list, as a spreadsheet counts them; then in normal form. ``items``: joined by +; null where the list
does not say.

``person``: their number in the leak master, where the list was copied from there with it.
"""
_BETWEEN = re.compile(r"[+＋,，、・;；/／|\s]+")


def listed(path: Path) -> pl.DataFrame:
    """All rows of the list in ``path`` (csv, xlsx, Parquet) in which anything stands of a person, as `LISTED`.

    Raises InputError where it, or a row of it, cannot be read.
    """
    found: list[pl.DataFrame] = []
    strays: list[int] = []
    for sheet in sheets(path, columns.is_header):
        found += _rows(sheet)
        strays += sheet.strays
    if strays:
        raise torn(
            path, strays, Text("Mend the file and give it again.", "ファイルを直してから、もう一度指定してください。")
        )
    if not found:
        raise no_columns(path)
    return pl.concat(found).filter("written").select(LISTED)


def _rows(sheet: Sheet) -> Sequence[pl.DataFrame]:
    mapping = columns.mapping(sheet.labels)
    if not columns.is_header([column.label for column in mapping]):
        return []
    items, person = (_place(sheet, labels) for labels in (ITEMS_LABELS, PERSON_LABELS))
    places = sorted({*(column.place for column in mapping), *items, *person})
    made = []
    none = pl.DataFrame(schema={ROW: pl.Int64, **{str(place): pl.String for place in places}})
    for rows in (*sheet.numbered(places), none):
        written = columns.as_written(rows.drop(ROW), mapping)
        normal = columns.normal(written).select(HOLDERS.names)
        told = normal.with_columns(
            rows[ROW],
            _items(_said(rows, items)).alias("items"),
            _said(rows, person).cast(pl.Int64, strict=False).alias("person"),
            written=written.select(pl.any_horizontal(pl.all().is_not_null())).to_series(),
        )
        made.append(told.with_columns(pl.col("written") | pl.col("person").is_not_null()))
    return made


def _place(sheet: Sheet, labels: frozenset[str]) -> list[int]:
    return [at for at, label in enumerate(sheet.labels) if label and _folded(label) in labels][:1]


def _said(rows: pl.DataFrame, place: Sequence[int]) -> pl.Series:
    none = pl.Series([None], dtype=pl.String).new_from_index(0, rows.height)
    return rows[str(place[0])].cast(pl.String) if place else none


def _items(written: pl.Series) -> pl.Series:
    """Items by their names or titles, joined by + in their order; each distinct text is looked at once."""
    distinct = written.drop_nulls().unique()
    if not len(distinct):
        return written.cast(pl.String)
    named = pl.Series([_named(text) for text in distinct], dtype=pl.String)
    return written.replace_strict(distinct, named, default=None, return_dtype=pl.String)


def _named(text: str) -> str:
    words = {_folded(word) for word in _BETWEEN.split(text)}
    return "+".join(str(item) for item in Item if not words.isdisjoint(_CALLED[item]))


def _folded(text: str) -> str:
    return unicodedata.normalize("NFKC", text).strip().casefold()


_CALLED = {item: {_folded(word) for word in (str(item), ITEM_TITLES[item].en, ITEM_TITLES[item].ja)} for item in Item}
