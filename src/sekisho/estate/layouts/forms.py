"""Forms: a label and its value, beside or below, one or many on a sheet."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import polars as pl

from sekisho.estate.content import Book, Cell, Draft, Row, Sheet
from sekisho.estate.layouts.listing import Hand, listing

SHEET = "様式"


def beside(rows: pl.DataFrame, hand: Hand) -> Draft:
    """Each value stands right of its label; the forms follow each other down the sheet."""
    return _stacked(rows, hand, lambda heads, values: list(zip(heads, values, strict=True)))


def below(rows: pl.DataFrame, hand: Hand) -> Draft:
    """A row of labels, and the values in the row below it."""
    return _stacked(rows, hand, lambda heads, values: [heads, values])


def pairs(rows: pl.DataFrame, hand: Hand) -> Draft:
    """Two labels with their values on each row."""

    def lines(heads: Row, values: Row) -> list[Row]:
        flat = [cell for pair in zip(heads, values, strict=True) for cell in pair]
        return [tuple(flat[i : i + 4]) for i in range(0, len(flat), 4)]

    return _stacked(rows, hand, lines)


def cards(rows: pl.DataFrame, hand: Hand) -> Draft:
    """Cards two abreast, a label and its value on each line."""
    made = listing(rows, hand.columns())
    height = made.width + 1
    cells: list[list[Cell]] = [[None] * 5 for _ in range(height * -(-len(made.body) // 2))]
    for i, values in enumerate(made.body):
        top, left = i // 2 * height, i % 2 * 3
        for j, (head, value) in enumerate(zip(made.heads, values, strict=True)):
            cells[top + j][left : left + 2] = [head, value]
    said = made.says.with_columns(
        row=pl.col("row") // 2 * height, left=pl.col("row") % 2 * 3, right=pl.col("row") % 2 * 3 + 1
    ).with_columns(bottom=pl.col("row") + made.width - 1)
    return _sheet(hand, cells, said)


def own_sheets(rows: pl.DataFrame, hand: Hand) -> Draft:
    """A form for each person on a sheet of its own, which goes by the person's name."""
    made = listing(rows, hand.columns())
    names = rows.select(pl.concat_str("last", "first").fill_null("様式")).to_series()
    titles = [f"{i + 1}_{name}"[:31] for i, name in enumerate(names)]
    sheets = tuple(
        Sheet(title, [(hand.title,), (), *zip(made.heads, values, strict=True)])
        for title, values in zip(titles, made.body, strict=True)
    )
    said = made.says.with_columns(
        pl.Series("sheet", titles), row=pl.lit(2), left=pl.lit(0), right=pl.lit(1), bottom=pl.lit(made.width + 1)
    )
    return Draft(Book(sheets, hand.title), said)


def _stacked(rows: pl.DataFrame, hand: Hand, lines: Callable[[Row, Row], Sequence[Row]]) -> Draft:
    made = listing(rows, hand.columns())
    cells: list[Row] = [(hand.title,), ()]
    spans = []
    for values in made.body:
        form = lines(made.heads, values)
        spans.append((len(cells), len(cells) + len(form) - 1, max(map(len, form)) - 1))
        cells += [*form, ()]
    places = pl.DataFrame(spans, schema=["row", "bottom", "right"], orient="row")
    return _sheet(hand, cells, made.says.drop("row").hstack(places).with_columns(left=pl.lit(0)))


def _sheet(hand: Hand, cells: Sequence[Row], said: pl.DataFrame) -> Draft:
    book = Book((Sheet(SHEET, cells),), hand.title)
    return Draft(book, said.with_columns(pl.lit(SHEET).alias("sheet")))
