"""SQLite databases (.sqlite, .db): every table, and documents kept in their cells."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from typing import Any

import polars as pl

from sekisho.documents.columns import numbered
from sekisho.errors import UnreadableError
from sekisho.model import Blob, Format, Frame, Gap, Grid, Head, Limits, Member, Piece, Place, Reason
from sekisho.wording import Text

_MAGIC = b"SQLite format 3\0"
_RUN = 50_000  # rows
_DOCUMENTS = (b"%PDF", b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"{\\rtf", b"SQLite format 3", b"7z\xbc\xaf")


def _recognise(head: Head) -> bool:
    return bytes(head.data[:16]) == _MAGIC


def _read(blob: Blob, limits: Limits) -> Iterator[Piece]:
    """Each table as Grids that begin with the column names; the second and later ones of a table go on with it."""
    database = _open(blob)
    try:
        tables = database.execute(
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'"
            " AND sql NOT LIKE 'CREATE VIRTUAL%' ORDER BY rootpage"
        ).fetchall()
        for (name,) in tables:
            yield from _table(database, str(name))
    except (sqlite3.DatabaseError, sqlite3.Warning) as error:
        raise UnreadableError(Reason.DAMAGED, "database") from error
    finally:
        database.close()


def _open(blob: Blob) -> sqlite3.Connection:
    data = bytearray(blob.data)
    data[18:20] = b"\x01\x01"  # a write-ahead log cannot lie beside bytes in memory
    database = sqlite3.connect(":memory:")
    database.text_factory = lambda raw: raw.decode("utf-8", "replace")
    try:
        database.deserialize(bytes(data))
        for pragma in ("trusted_schema = OFF", "query_only = ON", "cell_size_check = ON", "temp_store = MEMORY"):
            database.execute(f"PRAGMA {pragma}")
    except (sqlite3.DatabaseError, OverflowError) as error:
        database.close()
        raise UnreadableError(Reason.DAMAGED, "database") from error
    return database


def _table(database: sqlite3.Connection, name: str) -> Iterator[Piece]:
    quoted = name.replace('"', '""')
    try:
        cursor = database.execute(f'SELECT * FROM "{quoted}"')  # noqa: S608
        header: list[tuple[Any, ...]] = [tuple(column[0] for column in cursor.description)]
        first = 1
        while rows := cursor.fetchmany(_RUN):
            grid, members = _grid(header + rows, Place(Frame.CELL, name, first))
            yield grid
            yield from members
            first += grid.cells.height
            header = []
        if header:
            yield _grid(header, Place(Frame.CELL, name, first))[0]
    except (sqlite3.DatabaseError, sqlite3.Warning):
        yield Gap(Reason.DAMAGED_PART, "table")


def _grid(rows: list[tuple[Any, ...]], place: Place) -> tuple[Grid, list[Member]]:
    members: list[Member] = []
    columns = []
    for index, values in enumerate(zip(*rows, strict=True)):
        try:
            column = pl.Series(values=values, dtype=pl.String, strict=True)
        except TypeError:
            column = pl.Series(values=[_text(value, members, place.base) for value in values], dtype=pl.String)
        columns.append(column.alias(str(index)))
    return Grid(numbered(pl.DataFrame(columns)), place), members


def _text(value: object, members: list[Member], table: str) -> str | None:
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bytes):
        return _blob(value, members, table)
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
        return str(int(value))
    return str(value)


def _blob(value: bytes, members: list[Member], table: str) -> str | None:
    """Text that was stored as bytes; documents become members, other bytes are no cell."""
    if value.startswith(_DOCUMENTS):
        name = f"{table} {len(members) + 1}"
        members.append(Member(name, lambda _: Blob(name, value)))
        return None
    try:
        return value.decode()
    except UnicodeDecodeError:
        return None


FORMAT = Format(
    kind="sqlite",
    title=Text("SQLite database", "SQLiteデータベース"),
    suffixes=(".sqlite", ".sqlite3", ".db"),
    recognise=_recognise,
    read=_read,
    order=20,
)
