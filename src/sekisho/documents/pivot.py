"""Pivot caches: the records behind a pivot table stay in the workbook even when their sheet was deleted."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import polars as pl
from lxml import etree

from sekisho.documents import package
from sekisho.documents.package import Package
from sekisho.errors import UnreadableError
from sekisho.model import Frame, Gap, Grid, Piece, Place, Reason

_S = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_HEADER_ROWS = 40  # how far down a header may stand in a sheet


def names(parts: Package) -> list[str]:
    """The caches of a workbook."""
    return parts.matching(r"xl/pivotCache/pivotCacheDefinition\d*\.(xml|bin)")


def unseen(parts: Package, name: str, sheets: Sequence[Grid]) -> Iterator[Piece]:
    """The records of a cache that stand in none of the sheets, below the names of their fields."""
    if name.endswith(".bin"):
        yield Gap(Reason.UNREAD_PART, "pivot cache")
        return
    root = parts.xml(name)[0]
    fields = [field for field in root.iter(f"{_S}cacheField") if field.get("databaseField") != "0"]
    target = next((t for _, kind, t in package.relations(parts, name) if kind == "pivotCacheRecords"), "")
    if not fields or not parts.has(target):
        return
    header = [field.get("name", "") for field in fields]
    rows = _records(parts.read(target), [_shared(field) for field in fields])
    yield from beyond(header, rows, sheets, name.rpartition("/")[2].rpartition(".")[0])


def beyond(header: list[str], rows: pl.DataFrame, sheets: Sequence[Grid], name: str) -> Iterator[Grid]:
    """The ``rows`` of a cache that stand in none of the sheets, below their ``header``."""
    for sheet in sheets:
        rows = _without(rows, header, sheet.cells)
    if rows.height:
        cells = pl.concat([pl.DataFrame([header], schema=rows.schema, orient="row"), rows])
        yield Grid(cells, Place(Frame.CELL, name), hidden=True)


def _shared(field: etree._Element) -> list[str | None]:
    items = field.find(f"{_S}sharedItems")
    return [] if items is None else [_value(item) for item in items]


def _value(item: etree._Element) -> str | None:
    value = item.get("v")
    if item.tag == f"{_S}d" and value:
        return value.removesuffix("T00:00:00").replace("T", " ")
    return value


def _records(data: bytes, shared: list[list[str | None]]) -> pl.DataFrame:
    columns: list[list[str | None]] = [[] for _ in shared]
    from io import BytesIO

    try:
        for _, record in etree.iterparse(
            BytesIO(data), tag=f"{_S}r", resolve_entities=False, no_network=True, huge_tree=True
        ):
            for column, items, item in zip(columns, shared, record, strict=False):
                column.append(items[int(item.get("v", ""))] if item.tag == f"{_S}x" else _value(item))
            for column in columns[len(record) :]:
                column.append(None)
            record.clear()
    except (etree.XMLSyntaxError, ValueError, IndexError) as error:
        raise UnreadableError(Reason.DAMAGED_PART, "pivot cache") from error
    return pl.DataFrame({str(i): pl.Series(column, dtype=pl.String) for i, column in enumerate(columns)})


def _without(rows: pl.DataFrame, header: list[str], sheet: pl.DataFrame) -> pl.DataFrame:
    """``rows`` without those that stand in ``sheet`` below the same header."""
    for top in sheet.head(_HEADER_ROWS).iter_rows():
        if all(name in top for name in header):
            columns = [pl.col(str(top.index(name))).alias(f"{i}") for i, name in enumerate(header)]
            return rows.join(sheet.select(columns).unique(), on=rows.columns, how="anti", nulls_equal=True)
    return rows
