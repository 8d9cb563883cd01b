"""Column work that the identifiers of every country share."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps

import polars as pl

DASHES = "[\u2010-\u2015\u2212\u2500\u2501\u30fc\uff70\ufe63\uff0d\u02d7\u1173\u3161~\u301c]"
"""All that stands for a hyphen between digits; NFKC folds only some of them."""
DASH = f"(?:-|{DASHES})"
"""A hyphen, however it is written."""

ENGLISH_BODY = (
    r"(?i)[\s,.](?:inc|ltd|llc|corp|corporation|gmbh|plc|k\.?k)\.?$|,\s*co\.|\bco\.,"
    r"|\b(?:limited|company|university|hospital)\b"
)
"""What stands in the English name of a company or body, which no person bears."""


def of(column: pl.Series, expression: pl.Expr) -> pl.Series:
    """The expression over the column, which it calls ``text``."""
    return column.to_frame("text").select(expression).to_series().alias(column.name)


def text() -> pl.Expr:
    """The column as it came."""
    return pl.col("text")


def dashed(expression: pl.Expr) -> pl.Expr:
    """Every kind of dash as a hyphen: only for texts that hold no words."""
    return expression.str.replace_all(DASHES, "-")


def bare_number(expression: pl.Expr) -> pl.Expr:
    """A number without what Excel and clerks put around it: ``="0123"``, ``'0123``, ``No.0123``, ``[0123]``."""
    return (
        dashed(expression)
        .str.replace_all(r"\s*-\s*", "-")
        .str.replace(r"^(?:no\.?|№|番号)?[\s:='\"(\[〔〈<【「*]+", "")
        .str.replace(r"[\s'\")\]〕〉>】」*]+$", "")
    )


def matching(expression: pl.Expr, pattern: str) -> pl.Expr:
    """The text where it matches, else null."""
    return pl.when(expression.str.contains(pattern)).then(expression)


def short(expression: pl.Expr, most: int) -> pl.Expr:
    """The text where it has at most so many letters, else null: a pattern that counts them costs far more to make."""
    return pl.when(expression.str.len_chars() <= most).then(expression)


def is_one_of(expression: pl.Expr, values: tuple[str, ...]) -> pl.Expr:
    """Whether the text is one of the values."""
    return expression.is_in(list(values))


def first_that_takes_it(column: pl.Series, *ways: Callable[[pl.Series], pl.Series]) -> pl.Series:
    """Each value by the first of the ways that takes it: cheap ways first, the dear ones only for what is left."""
    normal = ways[0](column)
    for way in ways[1:]:
        if normal.null_count() == column.null_count():
            break
        left = pl.DataFrame([normal.alias("normal"), column.alias("text")]).select(_LEFT).to_series()
        normal = normal.scatter(left, way(column.gather(left)))
    return normal


_LEFT = (pl.col("normal").is_null() & pl.col("text").is_not_null()).arg_true()


def way(make: Callable[[], pl.Expr]) -> Callable[[pl.Series], pl.Series]:
    """An expression over `text`, made once, as a way to make normal forms of a column."""
    made = make()

    @wraps(make)
    def over(column: pl.Series) -> pl.Series:
        return of(column, made)

    return over
