"""Whether a recipient fits into the window of an envelope, and in which size of print."""

from __future__ import annotations

import polars as pl

SIZES = (11.0, 10.0, 9.0, 8.0, 7.0)
"""Points, the largest first; nobody can read less."""
NAME = 1.15
"""How much larger the name is."""
_NARROW = 0.62  # of a full width, of a Latin letter; nearly the widest
_LINE = 1.38  # of the size, from line to line
_FULL = 0.93  # of a line that is filled before words and signs that must not begin one are broken off
_POINTS = 72 / 25.4
_LONGEST = 24  # Latin letters without a break


def size(name: pl.Expr, address: pl.Expr, width: float, height: float) -> pl.Expr:
    """The largest of `SIZES` in which postal code, address and name fit into millimetres; null where none does."""
    ways = []
    for points in SIZES:
        a_line = width * _POINTS * _FULL / points
        lines = 1 + (_width(address) / a_line).ceil() + NAME * (_width(name) * NAME / a_line).ceil()
        ways.append(pl.when(lines * points * _LINE <= height * _POINTS).then(points))
    return pl.coalesce(ways)


def breakable(text: pl.Expr) -> pl.Expr:
    """The text with places to break a line in words that are longer than a line may be."""
    return text.str.replace_all(rf"([!-~]{{{_LONGEST}}})", "${1}\u200b")


def _width(text: pl.Expr) -> pl.Expr:
    """In full widths."""
    narrow = text.str.count_matches(r"[\x20-\x7e]")
    return (text.str.len_chars() - narrow) + narrow * _NARROW + 1.5  # with the honorific
