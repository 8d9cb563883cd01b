"""What is known of an incident, read from its facts: a later one stands in an earlier's place, and none is lost."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo

from sekisho.incidents.answers import Answer, Status, Sure
from sekisho.incidents.moment import Moment
from sekisho.incidents.said import Fact, Said, standing

ZONE = "Asia/Tokyo"
"""Whose time it is where nobody says."""


@dataclass(frozen=True, slots=True)
class Scope:
    """Documents that belong to it: all of a scan, or of a folder in it, or those of some SHA-256."""

    scan: int
    folder: str | None = None
    hashes: frozenset[str] | None = None


@dataclass(frozen=True, slots=True)
class System:
    """A system, and what is known of it as of a time."""

    name: str
    status: Status
    evidence: str
    as_of: Moment


@dataclass(frozen=True, slots=True)
class Terminal:
    """A terminal, and when it was infected, as far as that is known."""

    name: str
    infected: Moment | None
    evidence: str


@dataclass(frozen=True, slots=True)
class Handed:
    """What was handed to another party."""

    what: str
    at: Moment
    by: str
    hashes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Party:
    """Another party; ``role``: one of `answers.ROLES`, ``other`` where only something was handed to it."""

    name: str
    role: str
    contact: str
    handed: tuple[Handed, ...]


@dataclass(frozen=True, slots=True)
class Measure:
    """A measure, with who answers for it and by when; ``aim``: one of `answers.AIMS` or empty."""

    what: str
    owner: str
    due: Moment
    done: Moment | None
    aim: str


@dataclass(frozen=True, slots=True)
class Offence:
    """A suspected offence and the complaint that was made."""

    suspected: Answer
    what: str = ""
    complaint: str = ""
    authority: str = ""
    at: Moment | None = None


@dataclass(frozen=True, slots=True)
class Judged:
    """What somebody said of a question, and on what it rests."""

    status: Answer
    why: str


@dataclass(frozen=True, slots=True)
class Count:
    """How many persons somebody said there are, and when that was said."""

    count: int
    sure: Sure
    source: str
    at: str


@dataclass(frozen=True, slots=True)
class Item:
    """What a report says under one heading."""

    text: str
    sure: Sure


@dataclass(frozen=True, slots=True)
class Filed:
    """A duty that was met."""

    at: Moment
    receipt: str


@dataclass(frozen=True, slots=True)
class Proof:
    """A file that is evidence, by its SHA-256."""

    name: str
    sha256: str
    size: int | None
    what: str
    source: str
    keeper: str
    at: Moment | None


@dataclass(frozen=True, slots=True)
class Known:
    """What is known now. ``facts``: everything that was ever said, in that order.

    ``first_infection``: the earliest that stands; ``known_at``: the earliest time at which anybody in any department
    knew, ``known_by`` who that was and ``detected_by`` through whom. All aware. ``laws``: by profile whether it
    applies; ``circumstances``: by name; ``counts``: by profile, of all persons under the empty name; ``filed``: by
    ``profile.duty``.
    """

    facts: tuple[Said, ...] = ()
    zone: str = ZONE
    kind: str | None = None
    first_infection: datetime | None = None
    known_at: datetime | None = None
    known_by: str = ""
    detected_by: str = ""
    began: Moment | None = None
    knew: Moment | None = None
    systems: tuple[System, ...] = ()
    terminals: tuple[Terminal, ...] = ()
    parties: tuple[Party, ...] = ()
    documents: tuple[Scope, ...] = ()
    nobody_in: tuple[Scope, ...] = ()
    measures: tuple[Measure, ...] = ()
    evidence: tuple[Proof, ...] = ()
    offence: Offence = Offence(Answer.NOT_KNOWN)
    laws: Mapping[str, Judged] = field(default_factory=dict)
    circumstances: Mapping[str, Judged] = field(default_factory=dict)
    counts: Mapping[str, Count] = field(default_factory=dict)
    items: Mapping[str, Item] = field(default_factory=dict)
    filed: Mapping[str, Filed] = field(default_factory=dict)

    @property
    def profiles(self) -> tuple[str, ...]:
        """The laws that somebody said apply."""
        return tuple(name for name, one in self.laws.items() if one.status is Answer.YES)

    def standing(self, kind: str) -> tuple[Said, ...]:
        """The facts of a kind that hold."""
        return tuple(one for one in self.facts if one.kind == kind and one.stands)

    @property
    def place(self) -> ZoneInfo:
        """Its time zone."""
        return ZoneInfo(self.zone)


def read(facts: Iterable[Fact]) -> Known:
    """What is known from facts, in the order in which they were said."""
    said = standing(facts)
    held: dict[str, list[Said]] = {}
    for one in said:
        if one.stands:
            held.setdefault(one.kind, []).append(one)

    def of(kind: str) -> list[Said]:
        return held.get(kind, [])

    began = _earliest((one, "at") for one in of("infected"))
    terminals = tuple(Terminal(one.text("name"), one.time("infected"), one.text("evidence")) for one in of("terminal"))
    begun = [moment for moment in (began[1], *(one.infected for one in terminals)) if moment]
    first = min(begun, default=None)
    knew, when = _earliest((one, "at") for one in of("known"))
    return Known(
        facts=said,
        zone=next((one.text("zone") for one in of("zone")), ZONE),
        kind=next((one.text("kind") for one in of("kind")), None),
        first_infection=first.at if first else None,
        known_at=when.at if when else None,
        known_by=knew.text("by") if knew else "",
        detected_by=knew.text("through") if knew else "",
        began=first,
        knew=when,
        systems=tuple(map(_system, of("system"))),
        terminals=terminals,
        parties=tuple(_parties(of("party"), of("handed"))),
        documents=tuple(map(_scope, of("documents"))),
        nobody_in=tuple(map(_scope, of("nobody_in"))),
        measures=tuple(map(_measure, of("measure"))),
        evidence=tuple(map(_proof, of("evidence"))),
        offence=next(map(_offence, of("offence")), Offence(Answer.NOT_KNOWN)),
        laws={one.text("profile"): Judged(Answer(one.text("applies")), one.text("why")) for one in of("law")},
        circumstances={
            one.text("name"): Judged(Answer(one.text("status")), one.text("evidence")) for one in of("circumstance")
        },
        counts={one.text("law"): _count(one) for one in of("persons")},
        items={one.text("item"): Item(one.text("text"), _sure(one)) for one in of("item")},
        filed={one.text("duty"): Filed(_at(one), one.text("receipt")) for one in of("filed")},
    )


def _moment(one: Said, name: str) -> Moment:
    return Moment.of(one.values[name])


def _earliest(some: Iterable[tuple[Said, str]]) -> tuple[Said | None, Moment | None]:
    found = sorted(((_moment(one, name), one.number, one) for one, name in some), key=lambda each: each[:2])
    return (found[0][2], found[0][0]) if found else (None, None)


def _at(one: Said) -> Moment:
    return _moment(one, "at")


def _sure(one: Said) -> Sure:
    return Sure(one.text("sure") or Sure.KNOWN)


def _scope(one: Said) -> Scope:
    hashes = one.values.get("hashes")
    return Scope(int(one.values["scan"]), one.text("folder") or None, frozenset(hashes) if hashes else None)


def _system(one: Said) -> System:
    return System(one.text("name"), Status(one.text("status")), one.text("evidence"), _moment(one, "as_of"))


def _measure(one: Said) -> Measure:
    return Measure(one.text("what"), one.text("owner"), _moment(one, "due"), one.time("done"), one.text("aim"))


def _offence(one: Said) -> Offence:
    what, complaint, authority = (one.text(name) for name in ("what", "complaint", "authority"))
    return Offence(Answer(one.text("suspected")), what, complaint, authority, one.time("at"))


def _count(one: Said) -> Count:
    return Count(int(one.values["count"]), _sure(one), one.text("source"), one.at)


def _proof(one: Said) -> Proof:
    size = one.values.get("size")
    texts = {name: one.text(name) for name in ("name", "sha256", "what", "source", "keeper")}
    return Proof(**texts, size=None if size is None else int(size), at=one.time("at"))


def _parties(parties: list[Said], handed: list[Said]) -> Iterator[Party]:
    given: dict[str, list[Handed]] = {one.text("name"): [] for one in parties}
    for one in handed:
        hashes = tuple(one.values.get("hashes") or ())
        given.setdefault(one.text("party"), []).append(Handed(one.text("what"), _at(one), one.text("by"), hashes))
    said = {one.text("name"): one for one in parties}
    for name, things in given.items():
        party = said.get(name)
        role, contact = (party.text("role"), party.text("contact")) if party else ("other", "")
        yield Party(name, role, contact, tuple(sorted(things, key=lambda thing: thing.at)))
