"""Writes places the way docs/locators.md says: ``Sheet1!A5:H5``, ``L12``, ``p3:L12``, ``$.people[3]``."""

from __future__ import annotations

import re
from collections.abc import Sequence

import polars as pl

from sekisho.model import Frame, Place

_PLAIN = re.compile(r"[^\W\d][\w.]*")


def column_name(index: int) -> str:
    """0 -> A, 25 -> Z, 26 -> AA."""
    name = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        name = chr(65 + rest) + name
    return name


def sheet(base: str) -> str:
    """The sheet as it stands before a cell: ``Sheet1!``, ``'年金 一覧'!``; empty for a content without a name."""
    if not base:
        return ""
    return f"{base}!" if _PLAIN.fullmatch(base) else "'" + base.replace("'", "''") + "'!"


def rows(place: Place, first: pl.Series, last: pl.Series | None = None, columns: tuple[int, int] = (0, 0)) -> pl.Series:
    """Places of records that stand in rows ``first``..``last`` (from 0 within the content), both inclusive."""
    start = first.cast(pl.Int64) + place.first
    end = start if last is None else last.cast(pl.Int64) + place.first
    one = start == end
    frame = pl.DataFrame({"start": start, "end": end, "one": one})
    a, b = column_name(columns[0]), column_name(columns[1])
    match place.frame:
        case Frame.CELL:
            text = pl.format("{}{}{}:{}{}", pl.lit(sheet(place.base)), pl.lit(a), "start", pl.lit(b), "end")
        case Frame.LINE:
            text = pl.when("one").then(pl.format("L{}", "start")).otherwise(pl.format("L{}:L{}", "start", "end"))
        case Frame.PAGE:
            page = pl.lit(f"p{place.base}:")
            span = pl.when("one").then(pl.format("L{}", "start")).otherwise(pl.format("L{}:L{}", "start", "end"))
            text = pl.concat_str(page, span)
        case Frame.PATH:
            text = pl.format("{}[{}]", pl.lit(place.base or "$"), pl.col("start") - 1)
    return frame.select(text.alias("locator")).to_series()


def span(place: Place, first: int, last: int, columns: tuple[int, int] = (0, 0)) -> str:
    """One place, as `rows` writes it."""
    return str(rows(place, pl.Series([first]), pl.Series([last]), columns)[0])


def columns(place: Place, across: Sequence[int], top: int, bottom: int) -> pl.Series:
    """Places of records that stand in one column each, from row ``top`` to ``bottom``, both inclusive."""
    if place.frame is not Frame.CELL:
        return pl.Series("locator", [span(place, top, bottom)] * len(across), dtype=pl.String)
    return pl.Series("locator", [span(place, top, bottom, (c, c)) for c in across], dtype=pl.String)
