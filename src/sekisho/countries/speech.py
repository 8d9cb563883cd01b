"""The words of running text, cells and forms that the rules about them ask for, as each country lists them.

A country lists them in ``speech.toml`` in its folder; what each list is for stands over it in ``jp/speech.toml``. Each
word is a regular expression, and a list is tried in its order; a blank parts two words, ``\\x20`` is one in a word.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files

from sekisho.countries import known

NOTHING = "(?!)"
"""A pattern that matches nothing."""


@cache
def of_country(country: str) -> Mapping[str, tuple[str, ...]]:
    """The lists of one country by their kind; none where it has no ``speech.toml``."""
    file = files("sekisho.countries") / country / "speech.toml"
    lists = tomllib.loads(file.read_text("utf-8")) if file.is_file() else {}
    return {kind: tuple(words.split()) for kind, words in lists.items()}


@cache
def listed(kind: str) -> tuple[str, ...]:
    """The words of one kind of every country. Raises LookupError where no country has such a list."""
    found = [of_country(country)[kind] for country in known.names() if kind in of_country(country)]
    if not found:
        raise LookupError(f"no country lists {kind}")
    return tuple(word for words in found for word in words)


def any_of(*kinds: str) -> str:
    """A regular expression, to be put in brackets, for any word of some kinds; one list is tried after the other."""
    return "|".join(word for kind in kinds for word in listed(kind)) or NOTHING


def letters(kind: str) -> frozenset[str]:
    """The letters that a list is of."""
    return frozenset("".join(listed(kind)))
