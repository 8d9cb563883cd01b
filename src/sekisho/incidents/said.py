"""Facts of an incident in the order in which they were said, and which of them hold."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from sekisho.incidents.kinds import AS_OF, WITHDRAWN, kinds
from sekisho.incidents.moment import Moment

INSTEAD = "instead_of"
"""The field of a fact that names the one in whose place it stands."""


class Fact(Protocol):
    """A fact as the vault keeps it."""

    @property
    def number(self) -> int:
        """From 1."""

    @property
    def kind(self) -> str:
        """One of `kinds`."""

    @property
    def at(self) -> str:
        """When it was said, ISO 8601, UTC."""

    @property
    def said(self) -> Mapping[str, Any]:
        """Its fields."""


@dataclass(frozen=True, slots=True)
class Said:
    """A fact and what became of it. ``by``: the number of the fact that stands in its place, or withdrew it."""

    number: int
    kind: str
    at: str
    values: Mapping[str, Any]
    by: int | None = None

    @property
    def stands(self) -> bool:
        """Whether it still holds."""
        return self.by is None

    def text(self, name: str) -> str:
        """A field; empty where it was not said."""
        return str(self.values.get(name) or "")

    def time(self, name: str) -> Moment | None:
        """A field that is a time."""
        return Moment.of(self.values[name]) if self.values.get(name) else None


def standing(facts: Iterable[Fact]) -> tuple[Said, ...]:
    """All facts, each with what stands in its place; one that was withdrawn is as if nobody had said it."""
    said = [Said(one.number, one.kind, one.at, one.said) for one in facts]
    by = _withdrawn(said)
    last: dict[tuple[str, ...], Said] = {}
    for one in said:
        if one.number in by:
            continue
        if one.values.get(INSTEAD):
            by.setdefault(int(one.values[INSTEAD]), one.number)
        if key := _of_what(one):
            before = last.get(key)
            if before and before.number not in by and _is_earlier(one, before):
                by[one.number] = before.number
                continue
            last[key] = one
            if before:
                by.setdefault(before.number, one.number)
    return tuple(Said(one.number, one.kind, one.at, one.values, by.get(one.number)) for one in said)


def _withdrawn(said: Sequence[Said]) -> dict[int, int]:
    """The numbers of facts that were withdrawn, and by which; a withdrawal can be withdrawn too."""
    by: dict[int, int] = {}
    for one in reversed(said):
        if one.kind == WITHDRAWN.name and one.number not in by:
            by.setdefault(int(one.values["fact"]), one.number)
    return by


def _of_what(one: Said) -> tuple[str, ...] | None:
    """What it is of, where only the last fact of that stands."""
    kind = kinds().get(one.kind)
    if kind is None or kind.of is None:
        return None
    return (one.kind, *(one.text(name) for name in kind.of))


def _is_earlier(one: Said, standing: Said) -> bool:
    """Whether it speaks of an earlier time than the one that stands: what was so then is not what is so now."""
    moment, other = one.time(AS_OF), standing.time(AS_OF)
    return moment is not None and other is not None and moment < other
