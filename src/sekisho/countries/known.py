"""The countries that lie in this folder and what they know: identifiers, the words of their headers, normal forms."""

from __future__ import annotations

import pkgutil
import re
from collections.abc import Mapping
from functools import cache
from typing import cast

import polars as pl

from sekisho import countries, parts
from sekisho.countries import columns
from sekisho.model import Identifier

_SAMPLE = 100


@cache
def names() -> tuple[str, ...]:
    """The countries, by the names of their folders."""
    return tuple(sorted(m.name for m in pkgutil.iter_modules(countries.__path__) if m.ispkg))


@cache
def identifiers() -> tuple[Identifier, ...]:
    """The identifiers of every country."""
    found = (parts.find(f"sekisho.countries.{country}", "IDENTIFIER").values() for country in names())
    return tuple(cast(Identifier, one) for some in found for one in some)


def of_item(item: str) -> tuple[Identifier, ...]:
    """How each country writes one item (an `Item` or a key under ``other``)."""
    return _by_item().get(item, ())


@cache
def _by_item() -> Mapping[str, tuple[Identifier, ...]]:
    items = {one.item for one in identifiers()}
    return {item: tuple(one for one in identifiers() if one.item == item) for item in items}


def tidy(column: pl.Series) -> pl.Series:
    """The column in NFKC and trimmed, empty as null: what `Identifier.normalise` takes and ``other`` keeps."""
    text = column.cast(pl.String)
    odd = columns.of(text, _ODD)
    if len(odd):
        text = text.scatter(odd, text.gather(odd).str.normalize("NFKC"))
    return columns.of(text, _TRIMMED)


_NOT_PLAIN = "[^ -~ぁ-ゖァ-ヺー・々一-鿿]"
"""What NFKC may change. To look for it costs a quarter of NFKC, and most values hold none."""
_ODD = columns.text().str.contains(_NOT_PLAIN).arg_true()
_TRIMMED = pl.when(columns.text().str.strip_chars() != "").then(columns.text().str.strip_chars())


def said(column: pl.Series) -> pl.Series:
    """The tidy column without what only fills a cell: hyphens, dots, ditto marks."""
    return columns.of(tidy(column), _SAID)


FILLS = re.compile("[-\u2010-\u2015\u2212\u30fc\u2500_.,…・‥*/〃\\s]+")
"""What only fills a cell."""
_SAID = pl.when(~columns.text().str.contains(f"^{FILLS.pattern}$")).then(columns.text())


def normalise(item: str, column: pl.Series) -> pl.Series:
    """The normal forms of ``item`` in a column as written; null where no country takes the text for one.

    What no country writes is normal as it is said.
    """
    if not of_item(item):
        return said(column)
    distinct = column.unique()
    repeats = len(distinct) * 2 <= len(column)
    normal = normal_forms(item, tidy(distinct if repeats else column))
    return column.replace_strict(distinct, normal, return_dtype=pl.String) if repeats else normal


def normal_forms(item: str, clean: pl.Series) -> pl.Series:
    """The normal forms of ``item`` in a tidy column, as `normalise` gives them.

    The country that takes most of the column's values is asked first, the others for what it left.
    """
    found = of_item(item)
    ways = [one.normalise for one in _in_order(found, clean.head(_SAMPLE))] if found else ()
    return columns.first_that_takes_it(clean, *ways) if ways else clean


def _in_order(found: tuple[Identifier, ...], sample: pl.Series) -> tuple[Identifier, ...]:
    """By how many values each takes; where no other takes any, the last one need not be tried."""
    *others, last = found
    left = [one.normalise(sample).null_count() for one in others]
    if all(count == len(sample) for count in left):
        return last, *others
    left.append(last.normalise(sample).null_count())
    return tuple(found[i] for i in sorted(range(len(found)), key=left.__getitem__))
