"""What all lists share: which columns they show, their rows of cells, and the truth of each row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import polars as pl

from sekisho.estate.columns import COLUMNS, Column
from sekisho.estate.content import Row
from sekisho.estate.dice import Dice
from sekisho.estate.layouts.office import CLERKS
from sekisho.estate.more_columns import MORE_COLUMNS

NAMES_ONLY, WITH_BIRTH, WITH_ADDRESS = "name", "birth", "address"

_ORDERS = {
    NAMES_ONLY: (("number", "name"), ("number", "name", "kana"), ("name", "number")),
    WITH_BIRTH: (
        ("number", "name", "birth"), ("number", "name", "kana", "birth", "sex"), ("number", "kana", "name", "birth"),
        ("name", "kana", "birth", "number"), ("number", "name", "sex", "birth"),
    ),
    WITH_ADDRESS: (
        ("number", "name", "birth", "postal", "address"), ("number", "name", "kana", "birth", "sex", "address"),
        ("name", "kana", "birth", "postal", "address", "phone", "number"),
        ("number", "name", "birth", "sex", "postal", "address", "phone"),
    ),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Hand:
    """How one clerk keeps one file: which items, in whose hand, under which title.

    ``items``: NAMES_ONLY, WITH_BIRTH or WITH_ADDRESS. ``extras``: further columns. ``styles``: ways of writing
    that are not left to chance. ``shown``: the columns, where they are not left to chance.
    """

    dice: Dice
    title: str
    items: str = WITH_BIRTH
    extras: tuple[str, ...] = ()
    styles: Mapping[str, str] = field(default_factory=dict)
    shown: tuple[str, ...] = ()
    numbered: bool = False
    clerk: bool = False

    def columns(self) -> list[Column]:
        """The columns of a list in this hand."""
        names = self.shown or self.dice.pick(_ORDERS[self.items])
        columns = [COLUMNS[n](self.dice, self.styles.get(n, "")) for n in names]
        columns += [COLUMNS[n](self.dice) if n in COLUMNS else MORE_COLUMNS[n](self.dice) for n in self.extras]
        return [*([running()] if self.numbered else []), *columns, *([clerk(self.dice)] if self.clerk else [])]


def running() -> Column:
    """The running number of a row: no item about a person."""
    return Column(("No.",), (pl.int_range(pl.len()) + 1,), {})


def clerk(dice: Dice) -> Column:
    """Who worked on the row: the office's own name, no item about the person."""
    some = dice.some(CLERKS, 3)
    index = (pl.int_range(pl.len()) // 3 % len(some)).replace_strict(dict(enumerate(some)), return_dtype=pl.String)
    return Column((dice.pick(("担当者", "処理者", "入力者")),), (index,), {})


@dataclass(frozen=True, slots=True)
class Listing:
    """A list in cells: its header, its body, and what each row of the body says."""

    heads: Row
    groups: Row
    body: Sequence[Row]
    says: pl.DataFrame

    @property
    def width(self) -> int:
        """How many columns it has."""
        return len(self.heads)


def listing(rows: pl.DataFrame, columns: Sequence[Column]) -> Listing:
    """The rows written in ``columns``; ``says.row`` counts the body from 0."""
    cells = rows.select(c.alias(str(i)) for i, c in enumerate(c for column in columns for c in column.cells))
    return Listing(
        tuple(h for column in columns for h in column.heads),
        tuple(column.group for column in columns for _ in column.heads),
        cells.rows(),
        says(rows, columns),
    )


def says(rows: pl.DataFrame, columns: Sequence[Column]) -> pl.DataFrame:
    """What ``columns`` say of each person; ``row`` counts from 0."""
    truth = {item: expression for column in columns for item, expression in column.truth.items()}
    return rows.select("person", *[e.alias(item) for item, e in truth.items()]).with_columns(
        row=pl.int_range(rows.height, dtype=pl.Int64)
    )


def placed(said: pl.DataFrame, sheet: str, first: int, left: int, right: int) -> pl.DataFrame:
    """The truth of rows that stand one below the other from ``first`` on, in columns ``left`` to ``right``."""
    return said.with_columns(
        pl.lit(sheet).alias("sheet"), row=pl.col("row") + first, left=pl.lit(left), right=pl.lit(right)
    )
