"""Which names people bear, by the dictionaries of each country."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import import_module
from importlib.util import find_spec

from sekisho.countries import known, words


@dataclass(frozen=True, slots=True)
class Dictionary:
    """One country's names, as written there.

    ``surnames``; ``given_names``; ``latin_given_names``: given names as they are written in Latin letters; all are
    called when first asked for. ``variants``: letters of names that are other forms of one letter -> that one.
    """

    surnames: Callable[[], Iterable[str]]
    given_names: Callable[[], Iterable[str]]
    latin_given_names: Callable[[], Iterable[str]]
    variants: Mapping[int, int] = field(default_factory=dict)


@cache
def _dictionaries() -> tuple[Dictionary, ...]:
    """The dictionary of every country that has one: a module ``_dictionary`` in its folder with ``DICTIONARY``."""
    rooms = (f"sekisho.countries.{country}._dictionary" for country in known.names())
    return tuple(import_module(room).DICTIONARY for room in rooms if find_spec(room))


def folded(text: str) -> str:
    """A name with the variants of letters made one, for the look-up only: the name keeps its own."""
    return text.translate(_variants())


@cache
def _variants() -> dict[int, int]:
    return {variant: letter for one in _dictionaries() for variant, letter in one.variants.items()}


@cache
def surnames() -> frozenset[str]:
    """The surnames that are known, folded."""
    return frozenset(folded(name) for one in _dictionaries() for name in one.surnames())


@cache
def given_names() -> frozenset[str]:
    """The given names that are known, folded."""
    return frozenset(folded(name) for one in _dictionaries() for name in one.given_names())


@cache
def latin_given_names() -> frozenset[str]:
    """The given names in Latin letters that are known, with those that a country lists among its words."""
    listed = {name for country in known.names() for name in words.of_country(country).given_names}
    return frozenset(listed.union(*(one.latin_given_names() for one in _dictionaries())))
