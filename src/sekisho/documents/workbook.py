"""The cells of a workbook (xlsx, xlsm, xlsb, xls, ods), sheet by sheet, hidden ones too.

fastexcel hands over whole columns as Arrow text: no Python object a cell is made.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import polars as pl

from sekisho.documents import native
from sekisho.documents.columns import numbered
from sekisho.errors import UnreadableError
from sekisho.model import Blob, Frame, Gap, Grid, Place, Reason

_MIDNIGHT = " 00:00:00"
_NO_DAY = "1899-12-31 "  # what a time without a date is counted from


def open_workbook(blob: Blob) -> Any:
    """The fastexcel reader of a workbook. Raises UnreadableError."""
    import fastexcel

    with native.guarded("workbook"):
        return fastexcel.read_excel(bytes(blob.data))


def sheets(reader: Any) -> Iterator[Grid | Gap]:
    """The sheets of a workbook in its order; a sheet that cannot be read is a Gap, an empty one is nothing."""
    for index, name in enumerate(reader.sheet_names):
        try:
            with native.guarded("workbook"):
                grid = _sheet(reader, index, name)
        except UnreadableError:
            yield Gap(Reason.DAMAGED_PART, f"sheet {index + 1}")
            continue
        if grid is not None:
            yield grid


def _sheet(reader: Any, index: int, name: str) -> Grid | None:
    sheet = reader.load_sheet(index, header_row=None, skip_rows=0, dtypes="string")
    cells = pl.DataFrame(sheet)
    if not cells.width or not cells.height:
        return None
    leading = sheet.available_columns()[0].absolute_index
    # rows above the first filled one are dropped here and kept in the count
    filled = cells.select(pl.any_horizontal(pl.all().is_not_null()).arg_max()).item() or 0
    cells = _dates(numbered(cells.slice(filled), leading))
    return Grid(cells, Place(Frame.CELL, name, filled + 1), hidden=sheet.visible != "visible")


def _dates(cells: pl.DataFrame) -> pl.DataFrame:
    """Days without the midnight and times without the day that the reader adds."""
    timed = cells.select(pl.all().str.starts_with(_NO_DAY).any()).row(0)
    dated = cells.select(pl.all().str.ends_with(_MIDNIGHT).any()).row(0)
    mended = {}
    for name, has_time, has_date in zip(cells.columns, timed, dated, strict=True):
        column = pl.col(name).str.strip_prefix(_NO_DAY) if has_time else pl.col(name)
        if has_time or has_date:
            mended[name] = column.str.strip_suffix(_MIDNIGHT)
    return cells.with_columns(**mended) if mended else cells


def sparse(cells: Mapping[tuple[int, int], str], place: Place) -> Grid:
    """A Grid of single cells by (row, column) from 0, without the rows above the first one."""
    rows = sorted({row for row, _ in cells})
    width = max(column for _, column in cells) + 1
    top = rows[0]
    height = rows[-1] - top + 1
    columns: list[list[str | None]] = [[None] * height for _ in range(width)]
    for (row, column), value in cells.items():
        columns[column][row - top] = value
    frame = pl.DataFrame({str(i): pl.Series(column, dtype=pl.String) for i, column in enumerate(columns)})
    return Grid(frame, replace(place, first=top + 1))
