"""What proves who somebody is, and what each procedure asks for: what countries declare in their ``step_up.toml``."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Any

from sekisho.countries import known
from sekisho.wording import Text


@dataclass(frozen=True, slots=True)
class Proof:
    """What somebody shows or says. ``points``: what it is worth: 2 stands alone, 0 only helps to find the person.

    ``says``: the items that it rests on: where all of them have leaked, it is worth nothing. ``photo``: it carries a
    face. ``issued_from``, ``issued_until``, ``valid_until``: the days between which one was issued that counts, and up
    to which any does. ``months``: it was issued within so many. ``expires``: it bears a day on which it ends.
    ``confirmed``: read in a published source.
    """

    key: str
    says_of_it: Text
    points: int
    says: frozenset[str] = frozenset()
    photo: bool = False
    issued_from: date | None = None
    issued_until: date | None = None
    valid_until: date | None = None
    months: int = 0
    expires: bool = False
    confirmed: bool = True


@dataclass(frozen=True, slots=True)
class Procedure:
    """What somebody may ask for. ``usual``: the proofs that are enough where nothing leaked.

    ``asks``: those that are asked for where something did, ``points`` of them; ``confirm``: of which one must be among
    them. ``moved``: it is held where the address changed after first infection.
    """

    key: str
    says_of_it: Text
    usual: tuple[str, ...]
    asks: tuple[str, ...]
    points: int
    confirm: tuple[str, ...] = ()
    moved: bool = False


@cache
def proofs() -> Mapping[str, Proof]:
    """All proofs of all countries, by key, in the order in which they are declared."""
    return {key: _proof(key, told) for key, told in _declared("proofs")}


@cache
def procedures() -> Mapping[str, Procedure]:
    """All procedures of all countries, by key."""
    return {key: _procedure(key, told) for key, told in _declared("procedures")}


def _proof(key: str, told: Mapping[str, Any]) -> Proof:
    says = frozenset(str(told.get("says", "")).split())
    return Proof(key, Text(told["en"], told["ja"]), **{**_others(told), "says": says})


def _procedure(key: str, told: Mapping[str, Any]) -> Procedure:
    lists = {name: tuple(str(told.get(name, "")).split()) for name in ("usual", "asks", "confirm")}
    return Procedure(key, Text(told["en"], told["ja"]), **{**_others(told), **lists})


def _others(told: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in told.items() if name not in ("en", "ja")}


def _declared(what: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for country in known.names():
        file = files("sekisho.countries") / country / "step_up.toml"
        if file.is_file():
            yield from tomllib.loads(file.read_text("utf-8"))[what].items()
