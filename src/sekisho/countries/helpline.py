"""What countries ask callers, let operators say, and allow them: data of a helpline."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Any

from sekisho.countries import known
from sekisho.wording import Text


@dataclass(frozen=True, slots=True)
class Question:
    """One question. ``of``: what the register has to know for it; ``how``: in which way an answer is held against it.

    ``bits``: how hard it is to guess. ``worthless``: items whose leak makes the answer no evidence. ``group``: of
    questions whose answers follow from one another, one counts.
    """

    name: str
    of: str
    how: str
    bits: int
    group: str
    worthless: frozenset[str]
    says: Text


@dataclass(frozen=True, slots=True)
class Caps:
    """How much one operator may search, and how often somebody may try the questions."""

    searches_a_call: int
    searches_an_hour: int
    searches_a_day: int
    tries_a_call: int
    tries_a_person: int


@dataclass(frozen=True, slots=True)
class Helpline:
    """``script``: what the operator says; ``contacts``: how somebody was approached."""

    needed_bits: int
    needed_questions: int
    caps: Caps
    questions: tuple[Question, ...]
    script: Mapping[str, Text]
    contacts: Mapping[str, Text] = field(default_factory=dict)


@cache
def helpline() -> Helpline:
    """That of the first country that has one."""
    rooms = (files("sekisho.countries") / country / "helpline.toml" for country in known.names())
    said = next(tomllib.loads(file.read_text("utf-8")) for file in rooms if file.is_file())
    return Helpline(
        said["needed_bits"],
        said["needed_questions"],
        Caps(**said["caps"]),
        tuple(_question(name, one) for name, one in said["questions"].items()),
        _texts(said["script"]),
        _texts(said["contacts"]),
    )


def _question(name: str, said: Mapping[str, Any]) -> Question:
    worthless = frozenset(said["worthless"])
    parts = (said["of"], said["how"], said["bits"], said["group"])
    return Question(name, *parts, worthless, Text(said["en"], said["ja"]))


def _texts(said: Mapping[str, list[str]]) -> dict[str, Text]:
    return {name: Text(*both) for name, both in said.items()}
