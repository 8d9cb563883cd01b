"""Whether a law asks for something after this incident: yes, no or not known, and why."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo

from sekisho.countries import law
from sekisho.countries.law import Profile, Trigger
from sekisho.incidents.answers import ANSWERS, Answer, Sure
from sekisho.incidents.case import Count, Known
from sekisho.incidents.counted import Counted, first_over, persons_of
from sekisho.incidents.moment import Moment
from sekisho.incidents.timeline import shown
from sekisho.wording import Text

IMPROPER = "improper_purpose"


@dataclass(frozen=True, slots=True)
class Reason:
    """Whether one thing is so: why, after which rule. ``confirmed``: whether we read that rule ourselves."""

    name: str
    says: Text
    answer: Answer
    why: Text
    basis: str = ""
    confirmed: bool = True


def any_of(reasons: Iterable[Reason]) -> Answer:
    """Yes where one is, no where all are not, else not known. Of nothing: yes, for it is asked for always."""
    answers = {one.answer for one in reasons}
    if Answer.YES in answers or not answers:
        return Answer.YES
    return Answer.NOT_KNOWN if Answer.NOT_KNOWN in answers else Answer.NO


def applies(profile: Profile, known: Known, versions: Sequence[Counted]) -> Reason:
    """Whether a law applies at all. What the records show counts, whatever was said."""
    said = known.laws.get(profile.name)
    if profile.of_class and versions and persons_of(versions[-1], profile.of_class):
        why = _FOUND.fill(n=persons_of(versions[-1], profile.of_class), version=versions[-1].version)
        return Reason(profile.name, profile.title, Answer.YES, _beside(why, said.status if said else None))
    own = known.counts.get(profile.name)
    if own and own.count:
        why = _SAID_COUNT.fill(n=own.count)
        return Reason(profile.name, profile.title, Answer.YES, _beside(why, said.status if said else None))
    if said:
        return Reason(profile.name, profile.title, said.status, _said(said.why))
    return Reason(profile.name, profile.title, Answer.NOT_KNOWN, _UNSAID)


def reasons(names: Iterable[str], profile: Profile, known: Known, versions: Sequence[Counted]) -> tuple[Reason, ...]:
    """Of the profile's triggers those of some names, each with what is known of it."""
    wanted = set(names)
    return tuple(
        _persons(one, profile, known, versions) if one.over is not None else _circumstance(one, known, versions)
        for one in profile.triggers
        if one.name in wanted
    )


def is_so(name: str, known: Known, versions: Sequence[Counted]) -> tuple[Answer, Text]:
    """Whether a circumstance is so. What the records show, or a suspected offence, counts, whatever else was said."""
    asked, said = law.circumstances()[name], known.circumstances.get(name)
    shown = versions[-1].classes.get(asked.of_class, 0) if versions and asked.of_class else 0
    if shown:
        why = _CLASS.fill(n=shown, version=versions[-1].version)
        return Answer.YES, _beside(why, said.status if said else None)
    suspected = known.offence.suspected if name == IMPROPER else Answer.NOT_KNOWN
    if suspected is Answer.YES:
        return Answer.YES, _beside(_OFFENCE, said.status if said else None)
    if said:
        return said.status, _said(said.why)
    if suspected is Answer.NO:
        return Answer.NO, _NO_OFFENCE
    if versions and asked.of_class:
        return Answer.NOT_KNOWN, _NONE_FOUND.fill(version=versions[-1].version)
    return Answer.NOT_KNOWN, _UNSAID


def _circumstance(trigger: Trigger, known: Known, versions: Sequence[Counted]) -> Reason:
    answer, why = is_so(trigger.name, known, versions)
    says = law.circumstances()[trigger.name].says
    return Reason(trigger.name, says, answer, why, trigger.basis, trigger.confirmed)


def _persons(trigger: Trigger, profile: Profile, known: Known, versions: Sequence[Counted]) -> Reason:
    over = trigger.over or 0
    says = (_RESIDENTS if profile.own_count else _PERSONS).fill(n=over)
    counted = () if profile.own_count else versions
    of_some = profile.own_count or profile.of_class  # what was said of all persons says nothing of these
    names = {profile.name} if of_some else {profile.name, ""}
    said = [known.counts[name] for name in sorted(names & set(known.counts))]
    answer, why = _is_over(over, profile.of_class, counted, said, known.place)
    return Reason(trigger.name, says, answer, why, trigger.basis, trigger.confirmed)


def _is_over(
    over: int, of_class: str, versions: Sequence[Counted], said: Sequence[Count], zone: tzinfo
) -> tuple[Answer, Text]:
    most = max(said, key=lambda one: one.count, default=None)
    first = first_over(versions, over, of_class)
    last = versions[-1] if versions else None
    if last and first and persons_of(last, of_class) > over:
        when = shown(Moment(datetime.fromisoformat(first.at).astimezone(zone)))
        over_since = {"version": last.version, "first": first.version, "at": when}
        return Answer.YES, _SINCE.fill(n=persons_of(last, of_class), **over_since)
    if most and most.count > over:
        return Answer.YES, (_SAID_COUNT if most.sure is Sure.KNOWN else _ESTIMATE).fill(n=most.count)
    if last and first:
        return Answer.NOT_KNOWN, _FELL.fill(n=persons_of(last, of_class), version=last.version, first=first.version)
    if last and last.stale:
        return Answer.NOT_KNOWN, _STALE.fill(n=persons_of(last, of_class), version=last.version)
    if last and last.may_rise:
        rest = {"undecided": last.undecided, "unread": last.unread}
        return Answer.NOT_KNOWN, _MAY_RISE.fill(n=persons_of(last, of_class), version=last.version, **rest)
    if last:
        return Answer.NO, _COUNTED.fill(n=persons_of(last, of_class), version=last.version)
    if most and most.sure is Sure.KNOWN:
        return Answer.NO, _SAID_COUNT.fill(n=most.count)
    return Answer.NOT_KNOWN, _ESTIMATE.fill(n=most.count) if most else _UNCOUNTED


def _said(why: str) -> Text:
    return Text("so it was said: {why}", "指定による: {why}").fill(why=why) if why else _SAID


def _beside(why: Text, said: Answer | None) -> Text:
    """What shows it, and that something else was said, where it was."""
    if said in (None, Answer.YES):
        return why
    return Text("{why} (though it was said: {said})", "{why}（指定は「{said}」）").fill(why=why, said=ANSWERS[said])


_PERSONS = Text("more than {n:,} {n|person|persons}", "本人が{n:,}人を超える")
_RESIDENTS = Text("more than {n:,} {n|person|persons} under this law", "この法律の対象者が{n:,}人を超える")
_SAID = Text("so it was said", "指定による")
_UNSAID = Text("nobody said", "未指定")
_OFFENCE = Text("an offence is suspected", "犯罪の疑いあり")
_NO_OFFENCE = Text("no offence is suspected, as was said", "犯罪の疑いなしとの指定")
_CLASS = Text("{n:,} {n|person|persons} in version {version} of the leak master", "対象者名簿第{version}版に{n:,}人")
_FOUND = Text(
    "{n:,} {n|person|persons} with such a number in version {version} of the leak master",
    "対象者名簿第{version}版に該当番号のある人が{n:,}人",
)
_NONE_FOUND = Text(
    "none was recognised in version {version} of the leak master; whether there are others, an officer says",
    "対象者名簿第{version}版では検出なし（他にないかは責任者が判断）",
)
_SINCE = Text(
    "{n:,} {n|person|persons} in version {version}; first over it in version {first} ({at})",
    "第{version}版で{n:,}人（第{first}版 {at} で初めて超過）",
)
_FELL = Text(
    "{n:,} {n|person|persons} in version {version}, more than that in version {first}: an officer decides",
    "第{version}版で{n:,}人、第{first}版では超過: 責任者が判断",
)
_MAY_RISE = Text(
    "{n:,} {n|person|persons} in version {version}; more may come: undecided records {undecided:,}, "
    "unread documents {unread:,}",
    "第{version}版で{n:,}人。増加の可能性あり: 未確定の記録{undecided:,}件、未読の文書{unread:,}個",
)
_STALE = Text(
    "{n:,} {n|person|persons} in version {version}; other documents belong to it since: count again",
    "第{version}版で{n:,}人。その後に対象文書が変更されたため再集計が必要",
)
_COUNTED = Text(
    "{n:,} {n|person|persons} in version {version}, and nothing is undecided or unread",
    "第{version}版で{n:,}人。未確定・未読なし",
)
_SAID_COUNT = Text("{n:,} {n|person|persons}, as was said", "{n:,}人（指定による）")
_ESTIMATE = Text("about {n:,} {n|person|persons}, as was estimated", "約{n:,}人（推定）")
_UNCOUNTED = Text("nobody counted yet", "未集計")
