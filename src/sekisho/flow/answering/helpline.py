"""`sekisho helpline`: callers are found, verified by what did not leak and answered as of a version; all is kept."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from sekisho.actions import helpline as line
from sekisho.actions.helpline import Answer, Caller, Check
from sekisho.actors import Proposal
from sekisho.countries.helpline import Caps, helpline
from sekisho.errors import UsageError
from sekisho.flow.answering.caller import Known, items_of_anybody, known
from sekisho.flow.answering.caps import SEARCH, marks_of, may_try, over, sought_mark, too_many, tries_left, within_caps
from sekisho.flow.answering.turns import Turn, turn_of
from sekisho.flow.answering.whom import Sought, Whom, find
from sekisho.flow.assessing.case import known as facts
from sekisho.flow.assessing.gate import opened
from sekisho.flow.four_eyes import approved_or_proposed
from sekisho.flow.registering.person_envelopes import keep_everybody
from sekisho.incidents.fresh import is_counted
from sekisho.incidents.master import Master
from sekisho.register import lookup
from sekisho.vault import Vault, looks
from sekisho.vault.calls import ANSWERED, BEGUN, ENDED, FAILED, FOUND, MISSED, SEARCHED, Calls, Event, Opening
from sekisho.vault.people import Person
from sekisho.wording import Text

OPEN, CLOSE = "helpline.open", "helpline.close"
CALL, ANSWER = "helpline.call", "helpline.answer"
FOUND_AT_MOST = 3


def open_line(
    vault: Vault, incident: int, caps: Mapping[str, int] | None = None, *, shown: bool = True
) -> Opening | Proposal:
    """Open the helpline of an incident, or open it again for a later version, once another actor approved it.

    Whoever stands in its documents is found at once from then on, however many they are. ``caps``: others than the
    country's. Raises what the gate does where the leak master does not reconcile.
    """
    stamp = opened(vault, incident, OPEN)
    chosen = asdict(replace(helpline().caps, **(caps or {})))
    said = {**stamp.value(), "caps": chosen}

    def do() -> Opening:
        keep_everybody(vault, _scans(vault, incident), shown=shown)
        with vault.act(OPEN, incident=incident, counts={"version": stamp.version}):
            vault.answers(incident).open(stamp.version, {"caps": chosen, "made_of": stamp.made_of}, is_open=True)
        return _standing(vault.answers(incident))

    return approved_or_proposed(vault, OPEN, said, do)


def close_line(vault: Vault, incident: int) -> Opening:
    """Shut it; raises UsageError where it is not open."""
    kept = vault.answers(incident)
    last = _standing(kept)
    with vault.act(CLOSE, incident=incident):
        kept.open(last.version, {}, is_open=False)
    return kept.opening() or last


@dataclass(frozen=True, slots=True)
class Status:
    """How the helpline stands; ``answers``: by day, answer and version."""

    opening: Opening | None
    last_version: int
    calls: int
    answers: Mapping[tuple[str, str, int], int]


def status(vault: Vault, incident: int) -> Status:
    """How it stands; raises InputError."""
    kept, versions = vault.answers(incident), vault.leak(incident).versions()
    return Status(kept.opening(), versions[-1].number if versions else 0, kept.calls(), kept.counts())


def begin(vault: Vault, incident: int, caller: Caller) -> Turn:
    """A call begins. An operator has one at a time. Raises UsageError, RightsError."""
    vault.demand(CALL)
    kept, operator = vault.answers(incident), vault.acting.actor
    _standing(kept)
    if (last := kept.last(operator)) is not None:
        raise UsageError(
            Text("Call {n} has not ended.", "通話{n}が終了していません。").fill(n=last),
            Text("End it: sekisho helpline end {n}", "終了してください: sekisho helpline end {n}").fill(n=last),
        )
    with vault.act(CALL, incident=incident, more={"what": BEGUN}):
        call = kept.begin(operator, {"caller": str(caller)})
    says = ["greeting", "whom"] if caller is Caller.SELF else ["greeting", str(caller)]
    return turn_of(call, says)


def search(vault: Vault, incident: int, call: int, sought: Sought, master: Master | None = None) -> Turn:
    """Look for the caller, or whom they call for. The operator sees nobody's data: only what to ask.

    Raises UsageError, RightsError where too much was searched for.
    """
    vault.demand(SEARCH)
    kept = vault.answers(incident)
    caller, caps = _going_on(kept, call, vault.acting.actor)
    if caller is Caller.OTHER:
        return turn_of(call, [str(caller)])
    within_caps(vault, kept, call, caps)
    with vault.act(CALL, incident=incident, more={"what": SEARCHED}):
        kept.put(call, SEARCHED, vault.acting.actor, {})
        if over(kept, call, vault.acting.actor, caps, now=1):
            raise too_many()
    found = find(vault, sought, SEARCH, scans=_scans(vault, incident), incident=incident, most=FOUND_AT_MOST)
    if not found.count:
        with vault.act(CALL, incident=incident, more={"what": MISSED}):
            kept.put(call, MISSED, vault.acting.actor, {}, mark=sought_mark(vault, sought))
    if found.count != 1:
        return turn_of(call, ["more" if found.count else "nobody"])
    return _found(vault, kept, call, caller, found.persons[0], _given(sought), caps, master)


def verify(vault: Vault, incident: int, call: int, answers: Sequence[str], master: Master | None = None) -> Turn:
    """Hold what the caller answered against the register, and answer them. Raises UsageError, RightsError."""
    vault.demand(ANSWER)
    kept, operator = vault.answers(incident), vault.acting.actor
    _, caps = _going_on(kept, call, operator)
    found = _whom(kept, call)
    here = master or Master.load(vault.leak(incident))
    who = _known(vault, kept, here, found.said)
    if who.number != found.said["holder"]:
        raise _nobody_found()
    questions = _check(here, who, found.said["given"]).questions
    if {one.name for one in questions} != set(found.said["questions"]):  # a later version knows of more that leaked
        raise _nobody_found()
    marks = marks_of(vault, _whom_found(found.said))
    if line.passes(questions, who.values, answers):
        told = line.answer(who.standing)
        return _tell(vault, kept, call, who, told, here, may=lambda: may_try(kept, call, marks, caps))
    with vault.act(ANSWER, incident=incident, counts={"failed": 1}, seen=_seen(vault, who)):
        kept.put(call, FAILED, operator, {}, mark=marks[0])
    if may_try(kept, call, marks, caps):
        return turn_of(call, ["verify"], questions)
    return _tell(vault, kept, call, who, _elsewhere(who), here)


def end(vault: Vault, incident: int, call: int, note: str = "") -> Turn:
    """The call is over. Raises UsageError."""
    vault.demand(CALL)
    kept, operator = vault.answers(incident), vault.acting.actor
    _own(kept, call, operator)
    with vault.act(CALL, incident=incident, more={"what": ENDED}):
        kept.put(call, ENDED, operator, {"note": note})
    return turn_of(call, ["closing"])


def _found(
    vault: Vault,
    kept: Calls,
    call: int,
    caller: Caller,
    whom: Whom,
    given: Sequence[str],
    caps: Caps,
    master: Master | None,
) -> Turn:
    here = master or Master.load(vault.leak(kept.incident))
    said = {"scan": whom.scan, "place": whom.person.holder, "holder": whom.person.number, "person": asdict(whom.person)}
    who = _known(vault, kept, here, said)
    marks = marks_of(vault, whom)
    asked = _check(here, who, given)
    is_asked = caller is Caller.SELF and who.by_phone and asked.enough and tries_left(kept, marks, caps)
    names = [one.name for one in asked.questions] if is_asked else []
    with vault.act(CALL, incident=kept.incident, more={"what": FOUND}):
        noted = {**said, "holder": who.number, "given": list(given), "questions": names}
        kept.put(call, FOUND, vault.acting.actor, noted, mark=marks[0])
    if is_asked:
        return turn_of(call, ["verify"], asked.questions)
    return _tell(vault, kept, call, who, _elsewhere(who), here)


def _tell(
    vault: Vault,
    kept: Calls,
    call: int,
    who: Known,
    told: Answer,
    master: Master,
    may: Callable[[], bool] = lambda: True,
) -> Turn:
    """Keep the answer, with its version, before anybody hears it; elsewhere where they may not be answered any more."""
    caller = _caller(kept, call)
    said = {
        **{name: getattr(who, name) for name in ("person", "name", "name_kana", "birth_date")},
        "holder": who.number,
        "caller": str(caller),
    }
    with vault.act(ANSWER, incident=kept.incident, counts={"version": master.version}, seen=_seen(vault, who)):
        told = told if may() else _elsewhere(who)
        kept.put(call, ANSWERED, vault.acting.actor, said, told=(master.version, str(told)))
    keys = [str(told)] if caller is Caller.SELF else [str(caller), str(told)]
    if caller is Caller.SELF and who.pension_paid and told not in (Answer.IN_WRITING, Answer.IN_PERSON):
        keys.append("pension_paid")
    return replace(turn_of(call, keys, version=master.version, day=master.at[:10]), answer=told, version=master.version)


def _elsewhere(who: Known) -> Answer:
    """How somebody is answered who cannot be answered on the telephone."""
    return Answer.IN_WRITING if who.reachable else Answer.IN_PERSON


def _known(vault: Vault, kept: Calls, master: Master, said: Mapping[str, Any]) -> Known:
    case = facts(vault, kept.incident)
    current = _standing(kept).version >= master.version and is_counted(case, master.about)
    return known(vault, master, _whom_found(said), case.first_infection, current=current)


def _whom_found(said: Mapping[str, Any]) -> Whom:
    return Whom(said["scan"], Person(**{**said["person"], "numbers": tuple(said["person"]["numbers"])}))


def _check(master: Master, who: Known, given: Sequence[str]) -> Check:
    return line.check(helpline(), who.values, who.leaked, given, items_of_anybody(master))


def _given(sought: Sought) -> list[str]:
    """What they were found by: it fits, or they would not have been."""
    return [name for name, said in (("number", sought.number), ("birth_date", sought.birth_date)) if said.strip()]


def _seen(vault: Vault, who: Known) -> Any:
    if who.holder is not None:
        return vault.looks().at([looks.holder(who.holder)])
    return vault.looks().at(map(looks.number, lookup.numbers_in([who.number or ""])))


def _scans(vault: Vault, incident: int) -> list[int]:
    """The scans that hold documents of an incident."""
    return sorted({scope.scan for scope in facts(vault, incident).documents})


def _standing(kept: Calls) -> Opening:
    """How the helpline stands; raises UsageError where it is not open."""
    last = kept.opening()
    if last is None or not last.is_open:
        raise UsageError(
            Text("The helpline is not open.", "窓口は開設されていません。"),
            Text("`sekisho helpline open` opens it.", "`sekisho helpline open` で開設します。"),
        )
    return last


def _own(kept: Calls, call: int, operator: str) -> list[str]:
    """What happened in a call that is going on and is this operator's; raises UsageError."""
    told = kept.kinds(call)
    kinds = [kind for kind, _ in told]
    if not told or told[0][1] != operator or ENDED in kinds:
        raise UsageError(
            Text("That is no call of yours that is going on.", "進行中の自分の通話ではありません。"),
            Text("`sekisho helpline call` begins one.", "`sekisho helpline call` で開始してください。"),
        )
    return kinds


def _going_on(kept: Calls, call: int, operator: str) -> tuple[Caller, Caps]:
    """Who calls, and the caps; raises UsageError where the call is over, was answered or is another operator's."""
    caps = Caps(**_standing(kept).said["caps"])
    if ANSWERED in _own(kept, call, operator):
        raise UsageError(
            Text("This call was answered.", "この通話には回答済みです。"),
            Text("End it: sekisho helpline end {n}", "終了してください: sekisho helpline end {n}").fill(n=call),
        )
    return _caller(kept, call), caps


def _caller(kept: Calls, call: int) -> Caller:
    return Caller(kept.of(call)[0].said["caller"])


def _whom(kept: Calls, call: int) -> Event:
    """The last one who was found, and is asked something; raises UsageError."""
    found = [one for one in kept.of(call) if one.kind == FOUND]
    if not found or not found[-1].said["questions"]:
        raise _nobody_found()
    return found[-1]


def _nobody_found() -> UsageError:
    return UsageError(
        Text("Nobody was found who is asked anything.", "質問の対象となる人がまだ見つかっていません。"),
        Text("Search first: sekisho helpline find", "先に検索してください: sekisho helpline find"),
    )
