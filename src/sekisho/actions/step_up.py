"""Whether a procedure may go on for somebody, by what they show: what has leaked proves nothing any more.

Doubt points both ways: of whom nobody can tell whether they are exposed, all that could have leaked is doubtful, and
they are checked as if it had.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from sekisho.countries.proofs import Procedure, Proof, procedures, proofs
from sekisho.errors import UsageError
from sekisho.wording import Text

MONTHS = 12


class Exposed(StrEnum):
    """Whether somebody is exposed, as of some versions of leak masters."""

    YES = "yes"
    NO = "no"
    CANNOT_TELL = "cannot_tell"


class Decision(StrEnum):
    """Whether a procedure may go on."""

    GO = "go"
    HOLD = "hold"


class Why(StrEnum):
    """Why it is held."""

    NOTHING_SHOWN = "nothing_shown"
    NOT_ENOUGH = "not_enough"
    NOT_CONFIRMED = "not_confirmed"
    ADDRESS_CHANGED = "address_changed"
    OLD_NUMBER = "old_number"


class Fault(StrEnum):
    """Why something that was shown does not count."""

    LEAKED = "leaked"
    MAY_HAVE_LEAKED = "may_have_leaked"
    NOT_ASKED_FOR = "not_asked_for"
    TOO_OLD = "too_old"
    TOO_YOUNG = "too_young"
    EXPIRED = "expired"
    NO_DATE = "no_date"


@dataclass(frozen=True, slots=True)
class Standing:
    """How somebody stands: ``leaked`` items; ``doubtful``: whether more may have, as something is unread or undecided.

    ``moved``: their address was changed after first infection, and nobody looked at that yet. ``replaced``: the number
    that was given is one that was replaced by a new one.
    """

    exposed: Exposed
    leaked: frozenset[str] = frozenset()
    doubtful: bool = False
    moved: bool = False
    replaced: bool = False


@dataclass(frozen=True, slots=True)
class Shown:
    """Something that somebody showed or said; ``issued`` and ``expires``: the days that stand on it."""

    proof: str
    issued: date | None = None
    expires: date | None = None


@dataclass(frozen=True, slots=True)
class Asked:
    """A proof that is asked for, and between which days it must have been issued, ``expires`` not before which day."""

    proof: str
    points: int
    issued_from: date | None = None
    issued_until: date | None = None
    expires: date | None = None
    confirmed: bool = True


@dataclass(frozen=True, slots=True)
class Answer:
    """``worthless``: proofs that are worth nothing for this person, as what they rest on has leaked.

    ``doubtful``: as it may have. ``ask``: what counts instead, ``points`` of it, one of ``confirm`` among them.
    ``faults``: why something that was shown does not count. ``why``: it is held; None where it goes on.
    """

    exposed: Exposed
    decision: Decision
    worthless: tuple[str, ...]
    doubtful: tuple[str, ...]
    ask: tuple[Asked, ...]
    points: int
    confirm: tuple[str, ...]
    faults: tuple[tuple[str, Fault], ...]
    why: Why | None


def check(standing: Standing, procedure: str, day: date, shown: Sequence[Shown] = ()) -> Answer:
    """Whether ``procedure`` may go on for somebody on a day, by what they showed; raises UsageError."""
    asked = procedure_of(procedure)
    worthless, doubtful = _lost(standing)
    if standing.exposed is Exposed.NO and not standing.replaced:
        usual = tuple(_asked(proofs()[key], day) for key in asked.usual)
        return Answer(Exposed.NO, Decision.GO, (), (), usual, 0, (), (), None)
    ask = [proofs()[key] for key in asked.asks if key not in {*worthless, *doubtful} and _may_count(proofs()[key], day)]
    faults = {one.proof: _fault(one, standing, asked, day) for one in shown}
    counted = {key for key, fault in faults.items() if fault is None}
    why = _held(standing, asked, counted, bool(shown))
    return Answer(
        standing.exposed,
        Decision.HOLD if why else Decision.GO,
        worthless,
        doubtful,
        tuple(_asked(one, day) for one in ask),
        asked.points,
        asked.confirm,
        tuple((key, fault) for key, fault in faults.items() if fault),
        why,
    )


def procedure_of(key: str) -> Procedure:
    """A procedure; raises UsageError."""
    found = procedures().get(key)
    if found is None:
        raise UsageError(
            Text("There is no such procedure.", "その手続は登録されていません。"),
            Text("There are: {all}.", "選べる手続: {all}。").fill(all=", ".join(procedures())),
        )
    return found


def together(standings: Iterable[Standing]) -> Standing:
    """How somebody stands who stands so in each of several incidents."""
    every = list(standings)
    states = {one.exposed for one in every}
    order = (Exposed.YES, Exposed.CANNOT_TELL)
    return Standing(
        next((state for state in order if state in states), Exposed.NO),
        frozenset(item for one in every for item in one.leaked),
        *(any(getattr(one, name) for one in every) for name in ("doubtful", "moved", "replaced")),
    )


def _lost(standing: Standing) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The proofs that are worth nothing, and those that may be."""
    resting = [one for one in proofs().values() if one.says]
    worthless = tuple(one.key for one in resting if one.says <= standing.leaked)
    uncertain = standing.doubtful or standing.exposed is Exposed.CANNOT_TELL
    return worthless, tuple(one.key for one in resting if uncertain and one.key not in worthless)


def _held(standing: Standing, asked: Procedure, counted: set[str], any_shown: bool) -> Why | None:
    if standing.replaced:
        return Why.OLD_NUMBER
    if standing.moved and asked.moved:
        return Why.ADDRESS_CHANGED
    if not any_shown:
        return Why.NOTHING_SHOWN
    if sum(proofs()[key].points for key in counted) < asked.points:
        return Why.NOT_ENOUGH
    return Why.NOT_CONFIRMED if asked.confirm and counted.isdisjoint(asked.confirm) else None


def _fault(one: Shown, standing: Standing, asked: Procedure, day: date) -> Fault | None:
    """Why it does not count, if it does not."""
    proof = proofs().get(one.proof)
    worthless, doubtful = _lost(standing)
    if one.proof in worthless:
        return Fault.LEAKED
    if one.proof in doubtful:
        return Fault.MAY_HAVE_LEAKED
    if proof is None or proof.key not in asked.asks:
        return Fault.NOT_ASKED_FOR
    return _issued_wrong(one, _asked(proof, day), day) or _expired(one, proof, day)


def _issued_wrong(one: Shown, asked: Asked, day: date) -> Fault | None:
    if not (asked.issued_from or asked.issued_until):
        return Fault.TOO_YOUNG if one.issued and one.issued > day else None
    if one.issued is None:
        return Fault.NO_DATE
    if asked.issued_from and one.issued < asked.issued_from:
        return Fault.TOO_OLD
    return Fault.TOO_YOUNG if one.issued > min(asked.issued_until or day, day) else None


def _expired(one: Shown, proof: Proof, day: date) -> Fault | None:
    if proof.valid_until and proof.valid_until < day:
        return Fault.EXPIRED
    if proof.expires and one.expires is None:
        return Fault.NO_DATE
    return Fault.EXPIRED if one.expires and one.expires < day else None


def _may_count(proof: Proof, day: date) -> bool:
    """Whether there can be one that counts on that day."""
    begun = proof.issued_from is None or proof.issued_from <= day
    return begun and (proof.valid_until is None or day <= proof.valid_until) and proof.points > 0


def _asked(proof: Proof, day: date) -> Asked:
    since = _months_before(day, proof.months) if proof.months else None
    issued_from = max((one for one in (proof.issued_from, since) if one), default=None)
    expires = day if proof.expires else None
    return Asked(proof.key, proof.points, issued_from, proof.issued_until, expires, proof.confirmed)


def _months_before(day: date, months: int) -> date:
    """The same day so many months before, or the last of that month."""
    year, month = divmod(day.year * MONTHS + day.month - 1 - months, MONTHS)
    for last in (day.day, 30, 29, 28):
        try:
            return date(year, month + 1, min(day.day, last))
        except ValueError:
            continue
    raise AssertionError("a month of fewer than 28 days")


def as_json(answer: Answer) -> dict[str, Any]:
    """An answer, JSON-able; docs/serve.md tells its fields."""
    return {
        "decision": answer.decision,
        "why": answer.why,
        "points": answer.points,
        "ask": [_asked_json(one) for one in answer.ask],
        "one_of": list(answer.confirm),
        "refused": [{"proof": key, "why": fault} for key, fault in answer.faults],
        "worthless": list(answer.worthless),
        "doubtful": list(answer.doubtful),
        "exposed": answer.exposed,
    }


def _asked_json(one: Asked) -> dict[str, Any]:
    days = {"issued_from": one.issued_from, "issued_until": one.issued_until, "expires_from": one.expires}
    dated = {name: day.isoformat() for name, day in days.items() if day}
    return {"proof": one.proof, "points": one.points, **dated, **({} if one.confirmed else {"confirmed": False})}
