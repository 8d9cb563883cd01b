"""What the law of each country asks for after a leak: profiles with triggers and duties, as data (``law.toml``)."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Any

from sekisho.wording import Text

CONFIRMED = "R"
"""The confidence of what was read in a published source; everything else is shown as not confirmed."""


@dataclass(frozen=True, slots=True)
class Circumstance:
    """Something that may be so: ``of_class`` of the leak master shows it."""

    name: str
    says: Text
    of_class: str = ""


@dataclass(frozen=True, slots=True)
class Trigger:
    """What makes a law apply: more persons than ``over``, or, without that, the circumstance of that name."""

    name: str
    basis: str
    confirmed: bool
    over: int | None = None


@dataclass(frozen=True, slots=True)
class Duty:
    """What is to be done. ``when``: the triggers of which one is needed; empty: always.

    The deadline: ``days``, the first to aim at and the last latest, or ``hours``, or ``words`` only. ``first_day``: the
    number of the day on which the clock starts. ``instead``: other days under a circumstance. ``after``: the duty from
    whose fulfilment it counts, else from knowing. ``confirmed``: the deadline itself; ``unconfirmed``: what is not.
    """

    name: str
    says: Text
    to: str
    when: tuple[str, ...]
    basis: str
    confirmed: bool
    items: tuple[str, ...]
    days: tuple[int, ...] = ()
    hours: int | None = None
    words: Text | None = None
    first_day: int = 1
    instead: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    after: str = ""
    unconfirmed: Text | None = None
    notes: tuple[Text, ...] = ()


@dataclass(frozen=True, slots=True)
class Profile:
    """One law. ``zone``: whose days count. ``of_class``: it is about persons of that class of items only.

    ``own_count``: its threshold is of some persons only, whom nobody counted by the records.
    ``sources``: what was read.
    """

    name: str
    title: Text
    authority: Text
    basis: Text
    zone: str
    notes: tuple[Text, ...]
    triggers: tuple[Trigger, ...]
    duties: tuple[Duty, ...]
    of_class: str = ""
    own_count: bool = False
    sources: tuple[str, ...] = ()

    def duty(self, name: str) -> Duty:
        """One duty."""
        return next(one for one in self.duties if one.name == name)


@cache
def profiles() -> Mapping[str, Profile]:
    """Every law of every country, by name."""
    return {name: _profile(name, said) for told in _declared() for name, said in told["profiles"].items()}


@cache
def circumstances() -> Mapping[str, Circumstance]:
    """Everything that a law asks whether it is so, by name."""
    return {
        name: Circumstance(name, _text(said), said.get("class", ""))
        for told in _declared()
        for name, said in told["circumstances"].items()
    }


@cache
def items() -> Mapping[str, Text]:
    """What reports and notices say, by name."""
    return {name: _text(said) for told in _declared() for name, said in told["items"].items()}


def duties() -> Mapping[str, Duty]:
    """Every duty, as ``profile.duty``."""
    return {f"{profile.name}.{duty.name}": duty for profile in profiles().values() for duty in profile.duties}


@cache
def _declared() -> tuple[Mapping[str, Any], ...]:
    folders = sorted(files("sekisho.countries").iterdir(), key=lambda folder: folder.name)  # without heavy libraries
    found = (folder / "law.toml" for folder in folders if folder.is_dir())
    return tuple(tomllib.loads(file.read_text("utf-8")) for file in found if file.is_file())


def _profile(name: str, said: Mapping[str, Any]) -> Profile:
    triggers = tuple(
        Trigger(one["name"], one["basis"], one["confidence"] == CONFIRMED, one.get("over")) for one in said["triggers"]
    )
    return Profile(
        name=name,
        title=_text(said["title"]),
        authority=_text(said["authority"]),
        basis=_text(said["basis"]),
        zone=said["zone"],
        notes=tuple(_text(said[one]) for one in ("clock", "covered", "note")),
        triggers=triggers,
        duties=tuple(_duty(one, tuple(trigger.name for trigger in triggers)) for one in said["duties"]),
        of_class=said.get("class", ""),
        own_count="counted" in said,
        sources=tuple(said["sources"]),
    )


def _duty(said: Mapping[str, Any], every: tuple[str, ...]) -> Duty:
    return Duty(
        name=said["name"],
        says=_text(said["says"]),
        to=said["to"],
        when=tuple(said.get("when", every)),
        basis=said["basis"],
        confirmed=said["confidence"] == CONFIRMED,
        items=tuple(said["items"]),
        days=tuple(said.get("days", ())),
        hours=said.get("hours"),
        words=_text(said["words"]) if "words" in said else None,
        first_day=said.get("first_day", 1),
        instead={one["circumstance"]: tuple(one["days"]) for one in said.get("instead", ())},
        after=said.get("from", ""),
        unconfirmed=_text(said["unconfirmed"]) if "unconfirmed" in said else None,
        notes=tuple(_text(said[one]) for one in ("rolls", "later", "substitute") if one in said),
    )


def _text(said: Mapping[str, str]) -> Text:
    return Text(said["en"], said["ja"])
