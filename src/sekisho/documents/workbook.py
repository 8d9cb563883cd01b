"""The cells of a workbook (xlsx, xlsm, xlsb, xls, ods), sheet by sheet, hidden ones too.

fastexcel hands over whole columns as Arrow text: no Python object a cell is made.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import groupby
from typing import Any

import polars as pl

from sekisho.documents import native
from sekisho.documents.columns import numbered
from sekisho.documents.row_runs import Rows
from sekisho.errors import UnreadableError
from sekisho.model import Blob, Frame, Gap, Grid, Place, Prose, Reason

_MIDNIGHT = " 00:00:00"
_SAMPLE = 2000  # rows
_FRACTION = r"^-?\d{1,17}\.\d{9}$"
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
            grid = sheet(reader, index, name)
        except UnreadableError:
            yield Gap(Reason.DAMAGED_PART, f"sheet {index + 1}")
            continue
        if grid is not None:
            yield grid


def sheet(reader: Any, index: int, name: str) -> Grid | None:
    """One sheet, None where nothing stands in it. Raises UnreadableError."""
    with native.guarded("sheet"):
        loaded = reader.load_sheet(index, header_row=None, skip_rows=0, dtypes="string")
        cells = pl.DataFrame(loaded)
        visible = loaded.visible == "visible"
    if not cells.width or not cells.height:
        return None
    leading = loaded.available_columns()[0].absolute_index
    # rows above the first filled one are dropped here and kept in the count
    filled = pl.any_horizontal(pl.all().is_not_null())
    first, last = cells.select(first=filled.arg_max(), last=cells.height - filled.reverse().arg_max()).row(0)
    cells = _mended(numbered(cells.slice(first, last - first), leading))
    return Grid(cells, Place(Frame.CELL, name, first + 1), hidden=not visible)


def _mended(cells: pl.DataFrame) -> pl.DataFrame:
    """Days without the midnight and times without the day that the reader adds, and what it does to fractions."""
    timed = cells.select(pl.all().str.starts_with(_NO_DAY).any()).row(0)
    dated = cells.select(pl.all().str.ends_with(_MIDNIGHT).any()).row(0)
    broken = cells.select(pl.all().str.contains("\r", literal=True).any()).row(0)
    # nine decimals are what the reader gives for any fraction: 10.2 may become 10.199999999
    fractions = cells.head(_SAMPLE).select(pl.all().str.contains(_FRACTION).any()).row(0)
    mended = {}
    for name, *told in zip(cells.columns, timed, dated, broken, fractions, strict=True):
        if any(told):
            column = pl.col(name).str.strip_prefix(_NO_DAY).str.strip_suffix(_MIDNIGHT)
            column = column.str.replace_all("\r\n", "\n", literal=True) if told[2] else column
            mended[name] = column.map_batches(_rounded, return_dtype=pl.String) if told[3] else column
    return cells.with_columns(**mended) if mended else cells


def _rounded(values: pl.Series) -> pl.Series:
    """Numbers with nine decimals to the fifteen digits that a workbook keeps."""
    numbers = values.filter(values.str.contains(_FRACTION)).unique().to_list()
    return values.replace({number: f"{float(number):.15g}" for number in numbers})


def noted(grid: Grid, notes: Mapping[tuple[int, int], str]) -> Iterator[Grid | Prose]:
    """The sheet with its comments, given by row and column from 0; those beside the filled cells as lines."""
    top = grid.place.first - 1
    height, width = grid.cells.shape
    inside = {(row - top, column): text for (row, column), text in notes.items()}
    inside = {at: text for at, text in inside.items() if 0 <= at[0] < height and at[1] < width}
    yield replace(grid, notes=inside)
    outside = [text for (row, column), text in notes.items() if (row - top, column) not in inside]
    if outside:
        yield aside(outside, f"{grid.place.base} comments")


def aside(texts: Sequence[str], name: str) -> Prose:
    """Texts that stand beside the cells."""
    return Prose([line for text in texts for line in text.split("\n")], Place(Frame.LINE, name))


def sparse(cells: Mapping[tuple[int, int], str], name: str) -> Iterator[Grid]:
    """Single cells by (row, column) from 0 as Grids of the sheet ``name``."""
    rows = Rows(name, hidden=True)
    for number, row in groupby(sorted(cells), key=lambda at: at[0]):
        yield from rows.add(number + 1, ((at[1], cells[at]) for at in row))
    yield from rows.rest()
