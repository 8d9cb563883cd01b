"""Which lines of a text are worth reading: cheap tests over all lines at once, so that logs cost nothing."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import polars as pl

from sekisho.countries import columns
from sekisho.countries.dictionary import surnames
from sekisho.countries.scripts import CAPITALS, SMALL
from sekisho.countries.speech import any_of
from sekisho.records.sheet import identity_words

_ADDRESSED = any_of("speaks_of_somebody")
_DASHED = r"\d{4}[-－‐‑‒–—―−﹣─━]\d{6}"
_NUMBER_AND_DATE = rf"{_DASHED}.*(?:{any_of('years_of_birth')})|{_DASHED}\D{{2,40}}[(（\[［<＜〔【〈].{{0,24}}\d"
_IN_KANA = r"[ｦ-ﾟ]{2,}[ 　]?[ｦ-ﾟ]{2,}|[ァ-ヴー]{2,}[ 　・][ァ-ヴー]{2,}"
_IN_LETTERS = rf"\b[{CAPITALS}][{SMALL}]+,? [{CAPITALS}][{SMALL}]+\b|\b[{CAPITALS}]{{2,}},? [{CAPITALS}]{{2,}}\b"
_DIGITS = r"\d{4}|\d[./年-]\d|[０-９]{2}"


def persons_near(lines: Sequence[str], reach: int) -> list[int]:
    """The lines within ``reach`` of one that may name a person or an item of one, ascending."""
    if not lines:
        return []
    column = pl.Series(lines, dtype=pl.String)
    speaking = columns.of(column, _speaks())
    numbered = (columns.of(column, _NUMBERED) & ~speaking).arg_true()
    named = numbered.filter(columns.of(column.gather(numbered), _names())) if len(numbered) else numbered
    near: set[int] = set()
    for hit in (*speaking.arg_true(), *named):
        near.update(range(max(0, hit - reach), min(len(lines), hit + reach + 1)))
    return sorted(near)


_NUMBERED = columns.text().str.contains(_DIGITS)


@cache
def _speaks() -> pl.Expr:
    """Lines with a label, a form of address, or a number and a date."""
    addressed = columns.text().str.contains(f"{_ADDRESSED}|{_NUMBER_AND_DATE}")
    return addressed | _bare().str.contains_any(identity_words())


@cache
def _names() -> pl.Expr:
    """Lines with what may be a name."""
    return columns.text().str.contains(f"{_IN_KANA}|{_IN_LETTERS}") | _bare().str.contains_any(_surnames())


def _bare() -> pl.Expr:
    return columns.text().str.replace_all(r"[\s　]+", "").str.normalize("NFKC").str.to_lowercase()


@cache
def _surnames() -> list[str]:
    """Surnames of two letters and more: of one letter each stands in too many words."""
    return sorted(name for name in surnames() if len(name) > 1)
