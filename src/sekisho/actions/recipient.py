"""Whether a recipient fits into the window of an envelope, and in which size of print."""

from __future__ import annotations

import polars as pl

SIZES = (11.0, 10.0, 9.0, 8.0, 7.0)
"""Points, the largest first; nobody can read less."""
NAME = 1.15
"""How much larger the name is."""
_WIDTHS = {  # of a full width, as the widest of our fonts has them; whatever stands in none of these is one
    r"[\x20-\x3f\x5b-\x7e\u00e0-\u00ff&&[^mw%&æ]]": 0.64,
    r"[A-Z&\u00c0-\u00df\u0100-\u024f\u1e00-\u1eff&&[^MWÆŒœŴ]]": 0.85,
    r"\u200b": 0.0,
}
_LINE = 1.38  # of the size, from line to line
_FULL = 0.93  # of a line that is filled before words and signs that must not begin one are broken off
_POINTS = 72 / 25.4
_LONGEST = 24  # characters without a break
_UNBROKEN = r"[^\s\u200b\p{Han}\p{Hiragana}\p{Katakana}]"


def size(name: pl.Expr, address: pl.Expr, width: float, height: float) -> pl.Expr:
    """The largest of `SIZES` in which postal code, address and name fit into millimetres; null where none does."""
    longest = pl.max_horizontal(_longest(address), _longest(name) * NAME)
    ways = []
    for points in SIZES:
        a_line = width * _POINTS * _FULL / points
        lines = 1 + (_width(address) / a_line).ceil() + NAME * (_width(name) * NAME / a_line).ceil()
        fits = (lines * points * _LINE <= height * _POINTS) & (longest <= a_line)
        ways.append(pl.when(fits).then(points))
    return pl.coalesce(ways)


def breakable(text: pl.Expr) -> pl.Expr:
    """The text with places to break a line in words that are longer than a line may be."""
    return text.str.replace_all(rf"({_UNBROKEN}{{{_LONGEST}}})", "${1}\u200b")


def _longest(text: pl.Expr) -> pl.Expr:
    """The width of the longest piece that no line break may divide."""
    pieces = text.str.extract_all(rf"{_UNBROKEN}+")
    return pieces.list.eval(_full_widths(pl.element())).list.max().fill_null(0)


def _width(text: pl.Expr) -> pl.Expr:
    """In full widths."""
    return _full_widths(text) + 1.5  # with the honorific


def _full_widths(text: pl.Expr) -> pl.Expr:
    narrower = (text.str.count_matches(ones) * (1 - width) for ones, width in _WIDTHS.items())
    return text.str.len_chars() - pl.sum_horizontal(narrower)
