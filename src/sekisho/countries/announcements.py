"""What an announcement says, in the words of a country (``announcement.toml``)."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from sekisho.countries import known
from sekisho.wording import Text


@dataclass(frozen=True, slots=True)
class Wording:
    """The words of announcements. ``say``: single sentences; ``lists``: several that stand beside each other."""

    kinds: Mapping[str, Text]
    items: Mapping[str, Text]
    shields: Mapping[str, Text]
    say: Mapping[str, Text]
    lists: Mapping[str, tuple[Text, ...]]


@cache
def wording(country: str = "") -> Wording:
    """The words of a country; of the first one that has any, where it has none."""
    said = next(iter(_declared(country)))
    say = said["say"]
    return Wording(
        kinds=_texts(said["kinds"]),
        items=_texts(said["items"]),
        shields=_texts(said["shields"]),
        say=_texts({name: one for name, one in say.items() if isinstance(one[0], str)}),
        lists={name: tuple(map(_text, some)) for name, some in say.items() if not isinstance(some[0], str)},
    )


def _declared(country: str) -> Iterator[Mapping[str, Any]]:
    for name in (country, *known.names()):
        file = files("sekisho.countries") / name / "announcement.toml"
        if name and file.is_file():
            yield tomllib.loads(file.read_text("utf-8"))


def _texts(said: Mapping[str, Sequence[str]]) -> Mapping[str, Text]:
    return {name: _text(one) for name, one in said.items()}


def _text(said: Sequence[str]) -> Text:
    english, japanese = said
    return Text(english, japanese)
