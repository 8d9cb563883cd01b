"""The forms in which authorities want to be told of a leak, in the order of their fields, as data (``forms.toml``)."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Any

from sekisho.countries import known, law
from sekisho.wording import Text


@dataclass(frozen=True, slots=True)
class Field:
    """One field. ``choices``: what the form offers, of which ``many`` may be chosen; none: text is entered.

    ``of_triggers``: the choices are the triggers of the law. ``confirmed``: whether we read it ourselves.
    """

    key: str
    number: str
    title: Text
    choices: Mapping[str, Text] = field(default_factory=dict)
    many: bool = False
    of_triggers: bool = False
    confirmed: bool = False
    only: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Part:
    """Fields under one heading. ``item``: the item of the law that it answers, empty for none."""

    number: str
    title: Text
    item: str
    fields: tuple[Field, ...]


@dataclass(frozen=True, slots=True)
class Form:
    """One form: for which laws and which of their duties; ``place``: where it is entered; ``rules``: how."""

    profiles: tuple[str, ...]
    reports: tuple[str, ...]
    title: Text
    place: Text
    rules: tuple[Text, ...]
    parts: tuple[Part, ...]

    def of_profile(self, profile: str) -> tuple[Part, ...]:
        """The parts, with the fields that the form of a law has."""
        return tuple(
            Part(
                part.number,
                part.title,
                part.item,
                tuple(one for one in part.fields if profile in (one.only or (profile,))),
            )
            for part in self.parts
        )


@cache
def forms() -> tuple[Form, ...]:
    """The forms of every country."""
    found = (files("sekisho.countries") / country / "forms.toml" for country in known.names())
    declared = [tomllib.loads(file.read_text("utf-8")) for file in found if file.is_file()]
    return tuple(_form(one) for said in declared for one in said["form"])


def form_of(profile: str, report: str) -> Form | None:
    """The form for a duty of a law; None where there is none."""
    return next((one for one in forms() if profile in one.profiles and report in one.reports), None)


def _form(said: Mapping[str, Any]) -> Form:
    return Form(
        profiles=tuple(said["profiles"]),
        reports=tuple(said["reports"]),
        title=_text(said["title"]),
        place=_text(said["place"]),
        rules=tuple(_text(one) for one in said["rules"]),
        parts=tuple(_part(one) for one in said["section"]),
    )


def _part(said: Mapping[str, Any]) -> Part:
    item = said.get("item", "")
    title = _text(said["title"]) if "title" in said else law.items()[item]
    return Part(said.get("number", ""), title, item, tuple(_field(one) for one in said["field"]))


def _field(said: Mapping[str, Any]) -> Field:
    return Field(
        key=said["key"],
        number=said.get("number", ""),
        title=_text(said["title"]),
        choices={name: _text(one) for name, one in said.get("choices", {}).items()},
        many=said.get("many", False),
        of_triggers=said.get("from") == "triggers",
        confirmed=said["confidence"] == law.CONFIRMED,
        only=tuple(said.get("only", ())),
    )


def _text(said: Mapping[str, str]) -> Text:
    return Text(said["en"], said["ja"])
