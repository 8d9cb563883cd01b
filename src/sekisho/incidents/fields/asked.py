"""What the form asks first, and what happened: from the facts of the incident and its clock."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta

from sekisho.countries import law
from sekisho.incidents.answers import ANSWERS, HAPPENINGS, ROLES, STATUSES, Answer
from sekisho.incidents.fields.situation import MARKS, Fill, Situation, joined, same, stacked
from sekisho.incidents.moment import Moment
from sekisho.incidents.triggers import applies, reasons
from sekisho.paper import NOTHING, Given, Mark, day, moment
from sekisho.wording import Text


def _my_number(here: Situation) -> Given:
    """Yes, unless somebody said no and none was found: not known means yes."""
    profile = law.profiles()["jp_mynumber"]
    found = applies(profile, here.known, here.versions)
    if found.answer is Answer.NOT_KNOWN:
        return Given(chosen=("yes",), mark=Mark.UNKNOWN, note=_UNKNOWN_IS_YES)
    return Given(chosen=("yes" if found.answer is Answer.YES else "no",), note=found.why)


def _organisation(here: Situation) -> Given | None:
    chosen = {"jp_public": "public", "jp_private": "private"}
    applying = [chosen[name] for name in (here.clock.profile.name, *here.known.profiles) if name in chosen]
    return Given(chosen=(applying[0],)) if applying else None


def _report(here: Situation) -> Given:
    return Given(chosen=(here.clock.duty.name,))


def _again(here: Situation) -> Given:
    return Given(chosen=("later" if here.earlier else "new",))


def _earlier_receipt(here: Situation) -> Given:
    return Given(same(here.earlier[-1])) if here.earlier else Given(_NONE_YET)


def _deadline(here: Situation) -> Given | None:
    clock = here.clock
    if clock.due is None:
        return Given(clock.duty.words or NOTHING) if clock.duty.words else None
    note = clock.duty.unconfirmed
    due = _UNTIL_END.fill(day=day((clock.due - timedelta(hours=1)).date())) if clock.days else moment(clock.due)
    hours = clock.hours_left or 0
    left = (_OVER if hours < 0 else _LEFT).fill(hours=f"{abs(hours):,}")
    said = _DUE.fill(due=due, left=left, why=clock.why_then)
    return Given(said, mark=MARKS[clock.start_is], note=_UNCONFIRMED.fill(what=note) if note else NOTHING)


def _delay(here: Situation) -> Given | None:
    """Nothing, as long as it is not late; why it is late somebody has to say."""
    hours = here.clock.hours_left
    return Given(_IN_TIME) if hours is not None and hours >= 0 else None


def _began(here: Situation) -> Given | None:
    return _time(here.known.began)


def _knew(here: Situation) -> Given | None:
    return _time(here.known.knew)


def _time(at: Moment | None) -> Given | None:
    return Given(moment(at.at, whole_day=at.whole_day)) if at else None


def _detected(here: Situation) -> Given | None:
    known = here.known
    if not (known.known_by or known.detected_by):
        return None
    unsaid = Text("not known", "不明")
    by, through = (same(one) if one else unsaid for one in (known.known_by, known.detected_by))
    return Given(_THROUGH.fill(by=by, through=through))


def _happened(here: Situation) -> Given | None:
    return Given(chosen=(str(here.known.kind),)) if here.known.kind else None


def _nature(here: Situation) -> Given | None:
    return Given(HAPPENINGS[here.known.kind]) if here.known.kind else None


def _triggers(here: Situation) -> Given:
    """All of the law, with what is known of each; chosen are those that are met."""
    profile = here.clock.profile
    found = reasons((one.name for one in profile.triggers), profile, here.known, here.versions)
    lines = [_WHY.fill(says=one.says, answer=ANSWERS[one.answer], why=one.why) for one in found]
    chosen = tuple(one.name for one in found if one.answer is Answer.YES)
    unsure = any(one.answer is Answer.NOT_KNOWN for one in found)
    return Given(stacked(lines), chosen, Mark.UNKNOWN if unsure and not chosen else Mark.PLAIN)


def _summary(here: Situation) -> Given | None:
    """The events that somebody said, in the order of time."""
    events = sorted(
        (at, one.text("what")) for one in here.known.standing("event") if (at := one.time("at")) is not None
    )
    if not events:
        return None
    return Given(stacked([_EVENT.fill(at=moment(at.at, whole_day=at.whole_day), what=what) for at, what in events]))


def _systems(here: Situation) -> Given | None:
    known = here.known
    lines = [
        _SYSTEM.fill(name=one.name, status=STATUSES[one.status], at=moment(one.as_of.at, whole_day=one.as_of.whole_day))
        for one in known.systems
    ]
    if known.terminals:
        infected = sum(one.infected is not None for one in known.terminals)
        lines.append(_TERMINALS.fill(n=len(known.terminals), infected=infected))
    unsure = any(one.status == "not_known" for one in known.systems)
    return Given(stacked(lines), mark=Mark.ESTIMATED if unsure else Mark.PLAIN) if lines else None


def _inquiry(here: Situation) -> Given | None:
    return _parties(here, ("police", "security_firm"))


def _others_told(here: Situation) -> Given | None:
    found = _parties(here, ("police", "ministry", "authority", "sister_body"))
    offence = here.known.offence
    if not offence.complaint:
        return found
    said = (_COMPLAINT_AT if offence.authority else _COMPLAINT).fill(
        authority=offence.authority, number=offence.complaint
    )
    return joined(Given(said), found)


def _parties(here: Situation, roles: Sequence[str]) -> Given | None:
    lines = [
        (_HANDED if one.handed else _PARTY).fill(name=one.name, role=ROLES[one.role], handed=len(one.handed))
        for one in here.known.parties
        if one.role in roles
    ]
    return Given(stacked(lines)) if lines else None


FIELDS: Mapping[str, Fill] = {
    "my_number": _my_number,
    "organisation": _organisation,
    "report": _report,
    "again": _again,
    "earlier_receipt": _earlier_receipt,
    "deadline": _deadline,
    "delay": _delay,
    "began": _began,
    "knew": _knew,
    "detected": _detected,
    "happened": _happened,
    "nature": _nature,
    "triggers": _triggers,
    "summary": _summary,
    "what_happened": _summary,
    "facts": _summary,
    "systems": _systems,
    "inquiry": _inquiry,
    "others_told": _others_told,
}

_UNKNOWN_IS_YES = Text("not known, which is entered as yes", "不明のため、「はい」として入力する")
_NONE_YET = Text("none", "なし")
_IN_TIME = Text("none: it is not late", "なし（期限内）")
_DUE = Text("{due}; {left}\n{why}", "{due}（{left}）\n{why}")
_UNTIL_END = Text("until the end of {day}", "{day}の終わりまで")
_LEFT = Text("hours left: {hours}", "残り{hours}時間")
_OVER = Text("OVERDUE, hours over: {hours}", "期限超過 {hours}時間")
_UNCONFIRMED = Text("not confirmed: {what}", "未確認: {what}")
_THROUGH = Text("known to: {by}; through: {through}", "知った者・部署: {by}、端緒: {through}")
_WHY = Text("{says}: {answer} ({why})", "{says}: {answer}（{why}）")
_EVENT = Text("{at}: {what}", "{at} {what}")
_SYSTEM = Text("{name}: {status} (as of {at})", "{name}: {status}（{at}時点）")
_TERMINALS = Text("terminals: {n}, of which infected: {infected}", "端末{n}台（うち感染時刻が判明{infected}台）")
_COMPLAINT = Text("Complaint: {number}", "被害届・告訴: {number}")
_COMPLAINT_AT = Text("Complaint at {authority}: {number}", "被害届・告訴（{authority}）: {number}")
_PARTY = Text("{name} ({role})", "{name}（{role}）")
_HANDED = Text("{name} ({role}); things handed over: {handed}", "{name}（{role}）、提供した物{handed}点")
