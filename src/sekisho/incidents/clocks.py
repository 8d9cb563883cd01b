"""The legal clocks of an incident: every duty of every law, whether it is asked for and why, and what time is left.

What is not known is taken as if it were so: an officer decides, the default is to report and to tell. Where several
readings of a deadline are possible the earliest is the deadline, and the others stand beside it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from sekisho.countries import law
from sekisho.countries.law import Duty, Profile
from sekisho.incidents.answers import Answer, Sure
from sekisho.incidents.case import Filed, Known
from sekisho.incidents.counted import Counted, first_over
from sekisho.incidents.moment import Moment, end_of
from sekisho.incidents.triggers import Reason, any_of, applies, is_so, reasons
from sekisho.wording import Text


class State(StrEnum):
    """How a clock stands."""

    RUNNING = "running"
    OVERDUE = "overdue"
    PROMPT = "prompt"
    WAITING = "waiting"
    MET = "met"
    MET_LATE = "met_late"
    BELOW = "below"
    SET_ASIDE = "set_aside"


@dataclass(frozen=True, slots=True)
class Reading:
    """Another way in which the deadline may be read, and what it is then."""

    says: Text
    due: datetime


@dataclass(frozen=True, slots=True)
class Clock:
    """One duty. ``aim`` and ``due``: the first and the last deadline, the first moment after them, aware.

    ``starts``: when it began to count, ``start_is``: how well that is known. ``days``: those that count now.
    ``items``: what is to be said, and how well each is known. ``left``: until ``due``, negative once it is over.
    """

    profile: Profile
    duty: Duty
    applies: Reason
    reasons: tuple[Reason, ...]
    asked: Answer
    state: State
    starts: Moment | None
    start_is: Sure
    why_then: Text
    aim: datetime | None
    due: datetime | None
    left: timedelta | None
    days: tuple[int, ...]
    readings: tuple[Reading, ...]
    filed: Filed | None
    items: Mapping[str, Sure]

    @property
    def name(self) -> str:
        """The law and the duty."""
        return f"{self.profile.name}.{self.duty.name}"

    @property
    def hours_left(self) -> int | None:
        """Whole hours until it is due; negative once it is over."""
        return None if self.left is None else self.left // timedelta(hours=1)


def clocks(known: Known, opened: datetime, versions: Sequence[Counted], now: datetime) -> list[Clock]:
    """Every duty of every law, first those that apply, last those that do not.

    ``opened``: when the incident was entered, which somebody did who knew of it.
    """
    order = [Answer.YES, Answer.NOT_KNOWN, Answer.NO]
    laws = sorted(law.profiles().values(), key=lambda one: order.index(applies(one, known, versions).answer))
    return [_clock(one, duty, known, opened, versions, now) for one in laws for duty in one.duties]


def _clock(
    profile: Profile, duty: Duty, known: Known, opened: datetime, versions: Sequence[Counted], now: datetime
) -> Clock:
    here = applies(profile, known, versions)
    why = reasons(duty.when, profile, known, versions)
    starts, start_is, why_then = _start(profile, duty, known, opened)
    days = _days(duty, known, versions)
    aim, due = _deadlines(duty, profile, starts, days)
    filed = known.filed.get(f"{profile.name}.{duty.name}")
    asked = any_of(why)
    return Clock(
        profile=profile,
        duty=duty,
        applies=here,
        reasons=why,
        asked=asked,
        state=_state(here.answer, asked, duty, due, filed, now),
        starts=starts,
        start_is=_sure(start_is, starts, duty, profile),
        why_then=why_then,
        aim=aim,
        due=due,
        left=due - now if due else None,
        days=days,
        readings=tuple(_readings(profile, duty, starts, days, known, versions)),
        filed=filed,
        items={name: _item(name, known, versions) for name in duty.items},
    )


def _start(profile: Profile, duty: Duty, known: Known, opened: datetime) -> tuple[Moment | None, Sure, Text]:
    if duty.after:
        done = known.filed.get(f"{profile.name}.{duty.after}")
        waits = _AFTER.fill(duty=profile.duty(duty.after).says)
        return (done.at, Sure.KNOWN, waits) if done else (None, Sure.UNKNOWN, waits)
    if known.knew is None:
        return Moment(opened), Sure.ESTIMATED, _OPENED
    if opened < known.knew.at:
        return Moment(opened), Sure.ESTIMATED, _OPENED_BEFORE
    return known.knew, Sure.KNOWN, _KNEW.fill(by=known.known_by)


def _sure(start_is: Sure, starts: Moment | None, duty: Duty, profile: Profile) -> Sure:
    """A whole day says enough for a deadline in days of the same zone, and not for one in hours."""
    if starts is None or not starts.whole_day or start_is is not Sure.KNOWN:
        return start_is
    zone = ZoneInfo(profile.zone)
    last = starts.at + timedelta(hours=22, minutes=59)  # no day is shorter
    same = starts.at.astimezone(zone).date() == last.astimezone(zone).date()
    return Sure.KNOWN if same and not duty.hours else Sure.ESTIMATED


def _days(duty: Duty, known: Known, versions: Sequence[Counted]) -> tuple[int, ...]:
    for name, days in duty.instead.items():
        if is_so(name, known, versions)[0] is Answer.YES:
            return days
    return duty.days


def _deadlines(
    duty: Duty, profile: Profile, starts: Moment | None, days: Sequence[int]
) -> tuple[datetime | None, datetime | None]:
    if starts is None or not (duty.hours or days):
        return None, None
    if duty.hours:
        due = (starts.at.astimezone(UTC) + timedelta(hours=duty.hours)).astimezone(ZoneInfo(profile.zone))
        return due, due
    aim, due = (_after_days(starts.at, day, duty.first_day, profile) for day in (days[0], days[-1]))
    return aim, due


def _after_days(start: datetime, day: int, first_day: int, profile: Profile) -> datetime:
    """The end of the day of that number, in the law's zone, whose day of the start has the number ``first_day``."""
    zone = ZoneInfo(profile.zone)
    return end_of(start.astimezone(zone).date() + timedelta(days=day - first_day), zone)


def _state(here: Answer, asked: Answer, duty: Duty, due: datetime | None, filed: Filed | None, now: datetime) -> State:
    if filed:
        return State.MET_LATE if due and filed.at.at >= due else State.MET
    if here is Answer.NO:
        return State.SET_ASIDE
    if asked is Answer.NO:
        return State.BELOW
    if due:
        return State.OVERDUE if now >= due else State.RUNNING
    return State.PROMPT if duty.words else State.WAITING


def _readings(
    profile: Profile,
    duty: Duty,
    starts: Moment | None,
    days: Sequence[int],
    known: Known,
    versions: Sequence[Counted],
) -> Iterator[Reading]:
    """Readings that lead to a later deadline; none of them is counted on."""
    if starts is None or not days:
        return
    if duty.first_day:
        yield Reading(_DAY_AFTER, _after_days(starts.at, days[-1], 0, profile))
    for name, longer in duty.instead.items():
        if longer != tuple(days) and is_so(name, known, versions)[0] is Answer.NOT_KNOWN:
            late = _after_days(starts.at, longer[-1], duty.first_day, profile)
            yield Reading(_IF.fill(what=law.circumstances()[name].says), late)
    crossed = _crossed(profile, duty, known, versions)
    if crossed and datetime.fromisoformat(crossed.at) > starts.at and not duty.after:
        late = _after_days(datetime.fromisoformat(crossed.at), days[-1], duty.first_day, profile)
        yield Reading(_CROSSED.fill(version=crossed.version), late)


def _crossed(profile: Profile, duty: Duty, known: Known, versions: Sequence[Counted]) -> Counted | None:
    """The version that passed the threshold, where nothing but that asks for the duty."""
    others = [one.name for one in profile.triggers if one.over is None and one.name in duty.when]
    if any(one.answer is Answer.YES for one in reasons(others, profile, known, versions)):
        return None
    over = next((one.over for one in profile.triggers if one.over is not None and one.name in duty.when), None)
    return None if over is None or profile.own_count else first_over(versions, over, profile.of_class)


def _item(name: str, known: Known, versions: Sequence[Counted]) -> Sure:
    """How well it is known what a report has to say under a heading."""
    if name in known.items:
        return known.items[name].sure
    if name in _COUNTED:
        if versions:
            return Sure.ESTIMATED if versions[-1].may_rise else Sure.KNOWN
        return Sure.ESTIMATED if known.counts else Sure.UNKNOWN
    if name in _MEASURES and known.measures:
        return Sure.KNOWN
    return Sure.UNKNOWN


_COUNTED = frozenset({"persons", "data_items", "nature", "what_information"})
"""What the leak master answers."""
_MEASURES = frozenset({"prevention", "measures", "remedial_action"})
"""What the measures answer."""
_KNEW = Text("known to: {by}", "認知: {by}")
_OPENED = Text(
    "nobody said when it became known: at the latest when it was entered here", "認知時点は未指定（遅くとも登録時）"
)
_OPENED_BEFORE = Text("it was entered here before the time that was said", "指定された認知時点より前に登録あり")
_AFTER = Text("after: {duty}", "起算: {duty}")
_DAY_AFTER = Text("if the day of knowing is not counted", "知った日を算入しない場合")
_IF = Text("if: {what}", "該当する場合: {what}")
_CROSSED = Text(
    "if it starts with version {version}, which passed the threshold", "しきい値を超えた第{version}版から起算する場合"
)
