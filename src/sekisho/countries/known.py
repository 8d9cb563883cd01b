"""The countries that lie in this folder and what they know: identifiers, the words of their headers, normal forms."""

from __future__ import annotations

import pkgutil
from collections.abc import Iterable
from functools import cache
from importlib import import_module
from typing import cast

import polars as pl

from sekisho import countries, parts
from sekisho.countries.words import Words
from sekisho.model import Identifier


@cache
def names() -> tuple[str, ...]:
    """The countries, by the names of their folders."""
    return tuple(sorted(m.name for m in pkgutil.iter_modules(countries.__path__) if m.ispkg))


@cache
def words(country: str) -> Words:
    """What a country's headers say around the name of an item."""
    return cast(Words, import_module(f"sekisho.countries.{country}").WORDS)


@cache
def identifiers() -> tuple[Identifier, ...]:
    """The identifiers of every country."""
    found = (parts.find(f"sekisho.countries.{country}", "IDENTIFIER").values() for country in names())
    return tuple(cast(Identifier, one) for some in found for one in some)


@cache
def of_item(item: str) -> tuple[Identifier, ...]:
    """How each country writes one item (an `Item` or a key under ``other``)."""
    return tuple(one for one in identifiers() if one.item == item)


def tidy(column: pl.Series) -> pl.Series:
    """The column in NFKC and trimmed, empty as null: what `Identifier.normalise` takes and ``other`` keeps."""
    clean = column.cast(pl.String).str.normalize("NFKC").str.strip_chars()
    return clean.set(clean == "", None)


def normalise(item: str, column: pl.Series) -> pl.Series:
    """The normal forms of ``item`` in a column as written; null where no country takes the text for one."""
    found = of_item(item)
    if not found:
        return tidy(column)
    clean = tidy(column)
    distinct = clean.unique()
    if len(distinct) * 2 > len(clean):
        return _first_that_takes_it(found, clean)
    return clean.replace_strict(distinct, _first_that_takes_it(found, distinct), return_dtype=pl.String)


def _first_that_takes_it(found: Iterable[Identifier], clean: pl.Series) -> pl.Series:
    normal = pl.Series(clean.name, [None], dtype=pl.String).new_from_index(0, len(clean))
    for one in found:
        if normal.null_count() == 0:
            break
        taken = one.normalise(clean)
        normal = pl.select(pl.coalesce(normal, taken)).to_series().alias(clean.name)
    return normal
