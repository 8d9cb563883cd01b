"""Whether the values under a word that things have too (name, 名前) are names of persons."""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence
from functools import cache

import polars as pl

from sekisho.countries import known
from sekisho.countries.dictionary import latin_given_names
from sekisho.countries.headers import normal
from sekisho.countries.speech import listed
from sekisho.model import Item
from sekisho.records.names import sureness

_OF_THINGS_TOO = frozenset(listed("names_of_things"))
_ENOUGH = 0.3
_SURE = 0.9
_LATIN = re.compile(r"[A-Za-z][A-Za-z'’-]*(?:,? [A-Za-z][A-Za-z.'’-]*){1,3}")


def is_of_things_too(label: str) -> bool:
    """Whether a header is the bare word for a name, which hotels, countries and goods have as well."""
    return normal(label) in _OF_THINGS_TOO


def are_persons(values: Sequence[str]) -> bool:
    """Whether enough of the values are surely names of persons, by the given names in them."""
    may_be = known.normalise(Item.NAME, pl.Series(values, dtype=pl.String)).is_not_null()
    return sum(map(_is_person, itertools.compress(values, may_be))) >= _ENOUGH * len(values)


def _is_person(text: str) -> bool:
    if not _LATIN.fullmatch(text):
        return sureness(text) >= _SURE
    return any(_folded(word) in _given_names() for word in re.split(r"[ ,]+", text))


def _folded(word: str) -> str:
    """Long vowels of Japanese names as they are mostly written: Tarou, Taro."""
    return re.sub(r"(?<=[aeiou])u|(?<=o)o|'", "", word.casefold())


@cache
def _given_names() -> frozenset[str]:
    """Given names in Latin letters: of Japan by their reading, from elsewhere those that many bear."""
    return frozenset(map(_folded, latin_given_names()))
