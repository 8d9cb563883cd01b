"""Where one record stands: what the program said, what people answered, what was merged.

Acts lead from one standing to the next. An act is applied without looking at anything else, so that the acts of a
record, played again, lead to where it stands.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from typing import Any

YES, NO, CANNOT = "yes", "no", "cannot"
PROGRAM, CLERKS = "program", "clerks"
MERGE, SPLIT = "merge", "split"
AUTO, ASK, UNRESOLVED, NONE = OUTCOMES = ("auto", "ask", "unresolved", "none")
"""What the program says of a record; `NONE`: it has no candidate."""
_CLERK, _PERSON = "clerk:", "person:"

Leads = Mapping[str, str]
"""Numbers that lead to another one, the current number of their holder; those that are current may be missing."""


class State(StrEnum):
    """Where a record stands. Exactly one each."""

    AUTO = "auto"
    MERGED = "merged"
    PROPOSED = "proposed"
    GIVEN = "given"
    CONFLICT = "conflict"
    EVIDENCE = "evidence"
    OPEN = "open"
    CANNOT_TELL = "cannot_tell"
    NO = "no"
    UNRESOLVED = "unresolved"
    NONE = "none"


UNTOUCHED = {AUTO: State.AUTO, ASK: State.OPEN, UNRESOLVED: State.UNRESOLVED, NONE: State.NONE}
"""Where records stand that nothing happened to, by what the program said."""


class Kind(StrEnum):
    """What can happen to a record."""

    TAKEN = "taken"  # a later matching says something else
    GIVEN = "given"  # to a clerk or by letter
    BACK = "back"
    ANSWERED = "answered"
    PROPOSED = "proposed"
    CONFIRMED = "confirmed"
    REFUSED = "refused"
    VOID = "void"  # what was proposed has changed since


@dataclass(frozen=True, slots=True)
class Candidate:
    """A holder, by a number of theirs, and how likely the record is theirs."""

    holder: str
    probability: float


@dataclass(frozen=True, slots=True)
class Said:
    """What matching said: one of `OUTCOMES`, candidates from the best, the least probability to ask about."""

    outcome: str
    ask_from: float
    candidates: tuple[Candidate, ...] = ()


@dataclass(frozen=True, slots=True)
class Answer:
    """Whether the record is a holder's, ``by`` a clerk or the person, as `clerk` and `person` name them."""

    holder: str
    by: str
    answer: str
    evidence: tuple[str, ...] = ()
    remark: str = ""


@dataclass(frozen=True, slots=True)
class Proposal:
    """What waits for a second clerk: `MERGE` or `SPLIT`; ``hash`` is over exactly what was proposed."""

    kind: str
    holder: str
    who: str
    when: str
    evidence: tuple[str, ...]
    remark: str
    hash: str


@dataclass(frozen=True, slots=True)
class Standing:
    """One record: ``answers`` that count, the holder it is ``merged`` with and ``by`` whom, the list it is out in."""

    record: str
    said: Said
    answers: tuple[Answer, ...] = ()
    merged: str | None = None
    by: str = ""
    proposal: Proposal | None = None
    list: int | None = None


def untouched(record: str, said: Said) -> Standing:
    """The record as it was taken up."""
    return _by_program(Standing(record, said), said)


def clerk(name: str) -> str:
    """A clerk as one who answers."""
    return _CLERK + name


def person(holder: str) -> str:
    """A person as one who answers."""
    return _PERSON + holder


def is_clerk(by: str) -> bool:
    """Whether a clerk answered, not the person."""
    return by.startswith(_CLERK)


def clerk_of(by: str) -> str:
    """The name of a clerk who answered."""
    return by.removeprefix(_CLERK)


def numbers(standing: Standing) -> set[str]:
    """Every number that stands in it."""
    named = {one.holder for one in standing.said.candidates} | {one.holder for one in standing.answers}
    more = (standing.merged, standing.proposal.holder if standing.proposal else None)
    return named | {number for number in more if number}


def state(standing: Standing, leads: Leads) -> State:
    """Where it stands, by the holders that numbers lead to now."""
    ways: tuple[tuple[State, bool], ...] = (
        (State.AUTO, bool(standing.merged) and standing.by == PROGRAM),
        (State.MERGED, bool(standing.merged)),
        (State.PROPOSED, standing.proposal is not None),
        (State.GIVEN, standing.list is not None),
        (State.CONFLICT, is_contradictory(standing, leads)),
        (State.EVIDENCE, bool(_answered(standing, YES, leads))),
    )
    return next((state for state, holds in ways if holds), None) or _to_ask(standing, leads)


def is_contradictory(standing: Standing, leads: Leads) -> bool:
    """Whether answers contradict each other or what is merged."""
    yes, no = _answered(standing, YES, leads), _answered(standing, NO, leads)
    if standing.merged:
        yes |= {leads.get(standing.merged, standing.merged)}
    return len(yes) > 1 or bool(yes & no)


def likely(standing: Standing, leads: Leads) -> list[Candidate]:
    """Who it may still be, from the best, given the noes.

    A record has one holder at most: the probabilities of its candidates and of "none of them" add up to one. If some
    are ruled out, p -> p / (1 - sum of those).
    """
    out = _answered(standing, NO, leads)
    by_holder: dict[str, float] = {}
    for one in standing.said.candidates:
        holder = leads.get(one.holder, one.holder)
        by_holder[holder] = by_holder.get(holder, 0.0) + one.probability
    left = {holder: p for holder, p in by_holder.items() if holder not in out}
    rest = sum(left.values()) + max(0.0, 1.0 - sum(by_holder.values()))
    ranked = sorted(left.items(), key=lambda one: -one[1])
    return [Candidate(holder, p / rest) for holder, p in ranked if rest > 0.0]


def could_not_tell(standing: Standing, leads: Leads) -> list[Answer]:
    """The answers of those who cannot tell whether it is the likeliest holder's."""
    best = [one.holder for one in likely(standing, leads)[:1]]
    return [one for one in standing.answers if one.answer == CANNOT and leads.get(one.holder, one.holder) in best]


def _to_ask(standing: Standing, leads: Leads) -> State:
    """Where a record without a yes stands."""
    left, ruled_out = likely(standing, leads), _answered(standing, NO, leads)
    asked = standing.said.outcome in (ASK, AUTO)
    if left and (left[0].probability >= standing.said.ask_from or (asked and not ruled_out)):
        return State.CANNOT_TELL if could_not_tell(standing, leads) else State.OPEN
    return State.NO if ruled_out else State(standing.said.outcome)


def _answered(standing: Standing, answer: str, leads: Leads) -> set[str]:
    return {leads.get(one.holder, one.holder) for one in standing.answers if one.answer == answer}


def applied(standing: Standing, kind: str, value: Mapping[str, Any]) -> Standing:
    """The standing after an act."""
    return _APPLY[Kind(kind)](standing, value)


def replayed(record: str, acts: Iterable[tuple[str, Mapping[str, Any]]]) -> Standing:
    """Where all acts lead; the first one says what the program had said."""
    standing = Standing(record, Said(NONE, 0.0))
    for kind, value in acts:
        standing = applied(standing, kind, value)
    return standing


def _taken(standing: Standing, value: Mapping[str, Any]) -> Standing:
    """What people answered stays; where nobody did, the program may merge, or take its own merge back."""
    told = replace(standing, said=_said(value["said"]))
    if standing.by == CLERKS or standing.answers or standing.list is not None:
        return told
    again = _by_program(replace(told, merged=None, by=""), told.said)
    return again if again.merged == standing.merged else replace(again, proposal=None)


def _by_program(standing: Standing, said: Said) -> Standing:
    if said.outcome != AUTO or not said.candidates:
        return standing
    return replace(standing, merged=said.candidates[0].holder, by=PROGRAM)


def _given(standing: Standing, value: Mapping[str, Any]) -> Standing:
    return replace(standing, list=value["list"])


def _back(standing: Standing, value: Mapping[str, Any]) -> Standing:
    return replace(standing, list=None)


def _has_answered(standing: Standing, value: Mapping[str, Any]) -> Standing:
    """A later answer of the same one counts instead; a ruling, over a contradiction, instead of everybody's."""
    new = [_answer(one) for one in value["answers"]]
    said = {one.holder for one in new}
    kept = [one for one in standing.answers if (one.holder, one.by) not in {(n.holder, n.by) for n in new}]
    if value["ruling"]:
        chosen = any(one.answer == YES for one in new)
        kept = [one for one in kept if one.holder not in said and not (chosen and one.answer == YES)]
    pending = standing.proposal
    if pending and pending.kind == MERGE and _against(pending, new):
        pending = None
    out = None if standing.list == value["list"] else standing.list
    return replace(standing, answers=(*kept, *new), proposal=pending, list=out)


def _against(pending: Proposal, answers: Iterable[Answer]) -> bool:
    """Whether answers make another thing of what was proposed."""
    return any(one.answer == YES or (one.answer == NO and one.holder == pending.holder) for one in answers)


def _proposed(standing: Standing, value: Mapping[str, Any]) -> Standing:
    return replace(standing, proposal=_proposal(value))


def _confirmed(standing: Standing, value: Mapping[str, Any]) -> Standing:
    proposal = standing.proposal
    if proposal is None:
        raise ValueError("nothing was proposed")
    if proposal.kind == MERGE:
        return replace(standing, merged=proposal.holder, by=CLERKS, proposal=None, list=None)
    no = Answer(proposal.holder, clerk(proposal.who), NO, proposal.evidence, proposal.remark)
    others = tuple(one for one in standing.answers if one.holder != proposal.holder)
    return replace(standing, merged=None, by="", proposal=None, answers=(*others, no))


def _dropped(standing: Standing, value: Mapping[str, Any]) -> Standing:
    """The proposal is no more, and what clerks said for it does not count any longer either."""
    proposal = standing.proposal
    if proposal is None:
        raise ValueError("nothing was proposed")
    said = YES if proposal.kind == MERGE else NO
    kept = tuple(
        one
        for one in standing.answers
        if not (one.holder == proposal.holder and one.answer == said and is_clerk(one.by))
    )
    return replace(standing, proposal=None, answers=kept)


_APPLY: Mapping[Kind, Callable[[Standing, Mapping[str, Any]], Standing]] = {
    Kind.TAKEN: _taken,
    Kind.GIVEN: _given,
    Kind.BACK: _back,
    Kind.ANSWERED: _has_answered,
    Kind.PROPOSED: _proposed,
    Kind.CONFIRMED: _confirmed,
    Kind.REFUSED: _dropped,
    Kind.VOID: _dropped,
}


def as_json(standing: Standing) -> dict[str, Any]:
    """All of it, JSON-able."""
    return asdict(standing)


def from_json(value: Mapping[str, Any]) -> Standing:
    """What `as_json` gave."""
    proposal = _proposal(value["proposal"]) if value["proposal"] else None
    answers = tuple(_answer(one) for one in value["answers"])
    return Standing(**{**value, "said": _said(value["said"]), "answers": answers, "proposal": proposal})


def _said(value: Mapping[str, Any]) -> Said:
    return Said(**{**value, "candidates": tuple(Candidate(**one) for one in value["candidates"])})


def _answer(value: Mapping[str, Any]) -> Answer:
    return Answer(**{**value, "evidence": tuple(value["evidence"])})


def _proposal(value: Mapping[str, Any]) -> Proposal:
    return Proposal(**{**value, "evidence": tuple(value["evidence"])})
