"""How countries write files of new numbers: the issuer's pools, and the answers of the core system."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from sekisho.countries import headers, known

UNCLEAR, REFUSED, TAKEN = "unclear", "refused", "taken"


@dataclass(frozen=True, slots=True)
class Words:
    """``headers``: column -> its labels in normal form. ``refused``: what a cell says that holds one of these words and
    none that is ``unclear``; ``taken``: that is one of these. ``never``: what numbers begin with that no holder gets.
    """

    headers: Mapping[str, Sequence[str]]
    unclear: Sequence[str]
    refused: Sequence[str]
    taken: Sequence[str]
    never: Sequence[str]


@cache
def words() -> Words:
    """The words of all countries."""
    said = [one for one in map(_of_country, known.names()) if one]
    columns: dict[str, list[str]] = {}
    for one in said:
        for column, labels in one["headers"].items():
            columns.setdefault(column, []).extend(map(headers.normal, labels.split()))
    unclear, refused, taken = (
        tuple(word for one in said for word in one["results"][what]) for what in (UNCLEAR, REFUSED, TAKEN)
    )
    return Words(columns, unclear, refused, taken, tuple(start for one in said for start in one["numbers"]["never"]))


def _of_country(country: str) -> dict[str, dict[str, Any]] | None:
    file = files("sekisho.countries") / country / "reissue.toml"
    return tomllib.loads(file.read_text("utf-8")) if file.is_file() else None
