"""How countries write files of changes that were made for persons: headers, kinds of change, what became of them."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from sekisho.countries import headers, known


@dataclass(frozen=True, slots=True)
class Words:
    """``headers``: column -> its labels in normal form, the surest first. ``kinds``, ``results``: what a cell says that
    holds one of some words.
    """

    headers: Mapping[str, Sequence[str]]
    kinds: Mapping[str, Sequence[str]]
    results: Mapping[str, Sequence[str]]


@cache
def words() -> Words:
    """The words of all countries."""
    said = [_of_country(country) for country in known.names()]
    some = [one for one in said if one]
    return Words(
        {column: tuple(map(headers.normal, labels)) for column, labels in _joined(some, "headers").items()},
        _joined(some, "kinds"),
        _joined(some, "results"),
    )


def _joined(said: Sequence[Mapping[str, Mapping[str, str | list[str]]]], part: str) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for one in said:
        for name, listed in one[part].items():
            found.setdefault(name, []).extend(listed.split() if isinstance(listed, str) else listed)
    return found


def _of_country(country: str) -> dict[str, Mapping[str, str | list[str]]]:
    file = files("sekisho.countries") / country / "changes.toml"
    return tomllib.loads(file.read_text("utf-8")) if file.is_file() else {}
