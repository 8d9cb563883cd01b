"""What a document of the estate holds, before any format gives it bytes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from sekisho.model import Outcome, Reason

NOTICE = "架空データ（sekisho demo）"
NOTICE_LONG = "この文書に現れる人物はすべて架空です。Every person in this document is invented (sekisho demo)."

Cell = str | int | float | dt.date | None
Row = Sequence[Cell]


@dataclass(frozen=True, slots=True)
class Sheet:
    """Rows of cells; rows and columns are counted from 0."""

    name: str
    rows: Sequence[Row]
    merged: tuple[tuple[int, int, int, int], ...] = ()  # first row, first column, last row, last column
    comments: Mapping[tuple[int, int], str] = field(default_factory=dict)
    hidden: bool = False
    hidden_rows: tuple[int, ...] = ()
    hidden_columns: tuple[int, ...] = ()
    protected: bool = False


@dataclass(frozen=True, slots=True)
class Book:
    """A workbook, or the tables of a page."""

    sheets: tuple[Sheet, ...]
    title: str = ""


@dataclass(frozen=True, slots=True)
class Letter:
    """Running text: paragraphs and, between them, tables; and what a word processor keeps beside the text."""

    blocks: tuple[str | Sheet, ...]
    title: str = ""
    header: str = ""
    footer: str = ""
    comment: str = ""
    deleted: str = ""  # a paragraph struck out with changes tracked
    box: str = ""  # the text of a text box


@dataclass(frozen=True, slots=True)
class Nested:
    """Mappings, sequences and scalars."""

    value: Any
    title: str = ""


@dataclass(frozen=True, slots=True)
class Lines:
    """Lines that must keep their very characters, as a host writes them."""

    lines: Sequence[str]
    title: str = ""


@dataclass(frozen=True, slots=True)
class Picture:
    """Text that stands in a document only as an image."""

    lines: tuple[str, ...]
    title: str = ""


Content = Book | Letter | Nested | Lines | Picture


@dataclass(frozen=True, slots=True)
class Draft:
    """A content and what it says of whom.

    ``says``: one row a record: ``person``, the items in normal form, ``other:...`` and the like by name, and
    where it stands: ``sheet``, ``row`` to ``bottom`` (from 0; one row where there is no ``bottom``), ``left``
    and ``right`` (columns from 0), or a ``path``.
    """

    content: Content
    says: pl.DataFrame = field(default_factory=pl.DataFrame)
    outcome: Outcome = Outcome.READ
    reason: Reason = Reason.NONE
