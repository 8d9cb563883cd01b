"""The legal clocks: which duty is asked for, why, until when; what is not known is taken as if it were so."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.incidents.test_case import Told

from sekisho.countries import law
from sekisho.incidents.answers import Answer, Sure
from sekisho.incidents.case import Known, read
from sekisho.incidents.clocks import Clock, State, clocks
from sekisho.incidents.counted import Counted
from sekisho.vault.case import Fact

OPENED = datetime(2015, 6, 20, tzinfo=UTC)
NOW = datetime(2015, 6, 20, 12, tzinfo=UTC)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


def found(known: Known, *versions: Counted, opened: datetime = OPENED, now: datetime = NOW) -> dict[str, Clock]:
    return {one.name: one for one in clocks(known, opened, versions, now)}


def knew(when: str, **more: Any) -> Told:
    told = Told()
    told.say("known", by="Naha office", at=when, **more)
    return told


def version(persons: int, number: int = 1, **more: Any) -> Counted:
    return Counted(number, f"2015-06-{9 + number:02}T00:00:00+00:00", persons, **more)


def test_every_duty_of_every_law_has_a_clock_and_none_says_exempt() -> None:
    made = found(Known())
    assert set(made) == set(law.duties())
    texts = [*(str(part) for one in made.values() for part in (one.why_then, *one.profile.notes, *one.duty.notes))]
    assert not [text for text in texts if "exempt" in text.lower() or "免除" in text or "不要" in text]


@pytest.mark.parametrize(
    ("known_at", "due"),
    [
        ("2015-05-28T00:00+09:00", "2015-06-02T00:00+09:00"),
        ("2015-05-28T23:59+09:00", "2015-06-02T00:00+09:00"),
        ("2015-05-29T00:00+09:00", "2015-06-03T00:00+09:00"),
        ("2015-05-28T15:00+00:00", "2015-06-03T00:00+09:00"),
        ("2015-05-28T14:59+00:00", "2015-06-02T00:00+09:00"),
        ("2015-05-28T09:00-07:00", "2015-06-03T00:00+09:00"),
        ("2015-05-28", "2015-06-02T00:00+09:00"),
        ("2016-02-27T12:00+09:00", "2016-03-03T00:00+09:00"),
    ],
)
def test_the_day_of_knowing_in_the_laws_own_zone_is_day_one(known_at: str, due: str) -> None:
    told = Told()
    told.facts.clear()
    moment = "2015-05-28T00:00:00+09:00/P1D" if known_at == "2015-05-28" else known_at
    told.facts.append(Fact(1, "known", "2016-06-01T00:00:00+00:00", {"by": "x", "at": moment}))
    clock = found(told.known, opened=at("2016-06-20T00:00+00:00"))["jp_public.preliminary"]
    assert clock.due == at(due)
    assert clock.aim == at(due) - timedelta(days=2)
    assert clock.start_is is Sure.KNOWN


def test_the_final_report_has_sixty_days_only_where_an_improper_purpose_is_known() -> None:
    told = knew("2015-05-28T10:00")
    made = found(told.known)["jp_public.final"]
    assert (made.due, made.days) == (at("2015-06-27T00:00+09:00"), (30,))
    assert at("2015-07-27T00:00+09:00") in [one.due for one in made.readings]
    told.say("offence", suspected="yes")
    made = found(told.known)["jp_public.final"]
    assert (made.due, made.days, made.asked) == (at("2015-07-27T00:00+09:00"), (60,), Answer.YES)


@pytest.mark.parametrize(
    ("start", "due"),
    [
        ("2015-03-28T12:00+01:00", "2015-03-31T13:00+02:00"),
        ("2015-10-24T12:00+02:00", "2015-10-27T11:00+01:00"),
        ("2014-12-31T23:30+09:00", "2015-01-03T15:30+01:00"),
    ],
)
def test_seventy_two_hours_are_seventy_two_hours_whatever_the_clocks_on_the_wall_do(start: str, due: str) -> None:
    told = Told()
    told.facts.append(Fact(1, "known", "2015-12-01T00:00:00+00:00", {"by": "x", "at": start}))
    clock = found(told.known, opened=at("2015-12-01T00:00+00:00"), now=at(start))["eu_gdpr.authority"]
    assert clock.due == at(due)
    assert (clock.hours_left, clock.state) == (72, State.RUNNING)


def test_an_hour_counts_until_its_end_and_over_is_over() -> None:
    known = knew("2015-06-01T09:00").known
    late = at("2015-06-04T09:00+09:00")
    assert found(known, now=late - timedelta(seconds=1))["eu_gdpr.authority"].hours_left == 0
    over = found(known, now=late)["eu_gdpr.authority"]
    assert (over.state, over.hours_left) == (State.OVERDUE, 0)
    assert found(known, now=late + timedelta(minutes=1))["eu_gdpr.authority"].hours_left == -1


def test_thirty_calendar_days_of_california_are_counted_from_the_day_after_in_its_own_zone() -> None:
    clock = found(knew("2015-06-01T12:00+09:00").known)["us_ca.persons"]
    assert clock.due == at("2015-07-01T00:00-07:00")  # known on 31 May there
    assert clock.start_is is Sure.KNOWN
    assert found(knew("2015-06-01").known)["us_ca.persons"].start_is is Sure.ESTIMATED  # which day it was there


def test_days_across_daylight_saving_end_at_midnight() -> None:
    told = Told()
    told.facts.append(Fact(1, "known", "2015-12-01T00:00:00+00:00", {"by": "x", "at": "2015-10-20T12:00-07:00"}))
    assert found(told.known, opened=at("2015-12-01T00:00+00:00"))["us_ca.persons"].due == at("2015-11-20T00:00-08:00")


def test_where_nobody_said_when_it_became_known_the_clock_starts_when_it_was_entered() -> None:
    clock = found(Known())["eu_gdpr.authority"]
    assert (clock.starts and clock.starts.at, clock.start_is) == (OPENED, Sure.ESTIMATED)
    assert clock.due == OPENED + timedelta(hours=72)


def test_an_earlier_time_of_knowing_that_is_said_later_moves_the_deadline() -> None:
    told = knew("2015-06-18T10:00")
    before = found(told.known)["jp_public.preliminary"]
    told.say("known", by="somebody in Wakayama", at="2015-05-08T23:50")
    after = found(told.known)["jp_public.preliminary"]
    assert before.due == at("2015-06-23T00:00+09:00")
    assert (after.due, after.state) == (at("2015-05-13T00:00+09:00"), State.OVERDUE)


def test_a_later_version_that_passes_the_threshold_starts_the_clock_where_it_was_known_first() -> None:
    told = knew("2015-06-01T10:00")
    for name in ("sensitive", "property_damage", "improper_purpose", "sensitive_by_local_ordinance"):
        told.say("circumstance", name=name, status="no")
    few, many = version(100), version(101, 2)
    assert found(told.known, few)["jp_public.preliminary"].state is State.BELOW
    clock = found(told.known, few, many)["jp_public.preliminary"]
    assert (clock.asked, clock.state) == (Answer.YES, State.OVERDUE)
    assert at("2015-06-16T00:00+09:00") in [one.due for one in clock.readings]  # from version 2, of 11 June
    assert "first over it in version 2" in clock.reasons[0].why.en
    fewer = found(told.known, few, many, version(99, 3))["jp_public.preliminary"]
    assert fewer.asked is Answer.NOT_KNOWN
    assert "an officer decides" in fewer.reasons[0].why.en


@pytest.mark.parametrize("more", [{"undecided": 1}, {"unread": 1}])
def test_what_may_still_come_keeps_a_threshold_open(more: dict[str, int]) -> None:
    told = knew("2015-06-01")
    for name in ("sensitive", "property_damage", "improper_purpose", "sensitive_by_local_ordinance"):
        told.say("circumstance", name=name, status="no")
    assert found(told.known, version(3, **more))["jp_public.preliminary"].asked is Answer.NOT_KNOWN
    assert found(told.known, version(3))["jp_public.preliminary"].asked is Answer.NO


def test_one_sensitive_person_is_enough_whatever_was_said() -> None:
    told = knew("2015-06-01")
    told.say("circumstance", name="sensitive", status="no")
    reasons = found(told.known, version(1, classes={"sensitive": 1}))["jp_private.preliminary"].reasons
    sensitive = next(one for one in reasons if one.name == "sensitive")
    assert (sensitive.answer, "though it was said: no" in sensitive.why.en) == (Answer.YES, True)


def test_that_no_class_was_recognised_is_no_no() -> None:
    reasons = found(Known(), version(5))["jp_public.final"].reasons
    assert {one.name: one.answer for one in reasons}["sensitive"] is Answer.NOT_KNOWN


def test_a_person_may_stand_under_two_laws_each_with_a_count_of_its_own() -> None:
    told = knew("2015-06-01T10:00")
    told.say("persons", count=501, law="us_ca", sure="estimated")
    made = found(told.known, version(2000))
    assert made["us_ca.attorney_general"].asked is Answer.YES
    assert made["us_ca.attorney_general"].state is State.WAITING
    assert made["us_ca.persons"].applies.answer is Answer.YES
    assert made["jp_private.preliminary"].asked is Answer.YES
    told.say("filed", duty="us_ca.persons", at="2015-06-10T12:00-07:00")
    assert found(told.known)["us_ca.attorney_general"].due == at("2015-06-26T00:00-07:00")
    told.say("persons", count=500, law="us_ca", sure="known")
    assert found(told.known, version(2000))["us_ca.attorney_general"].asked is Answer.NO


def test_my_number_counts_its_own_persons_and_is_taken_for_there_where_nobody_knows() -> None:
    none, some = version(2000), version(2000, classes={"my_number": 101})
    assert found(Known())["jp_mynumber.preliminary"].applies.answer is Answer.NOT_KNOWN
    assert found(Known())["jp_mynumber.preliminary"].state is State.RUNNING
    assert found(Known(), none)["jp_mynumber.preliminary"].reasons[0].answer is Answer.NO
    told = Told()
    told.say("law", profile="jp_mynumber", applies="no", why="a guess")
    made = found(told.known, some)["jp_mynumber.preliminary"]
    assert (made.applies.answer, made.asked) == (Answer.YES, Answer.YES)
    assert "though it was said: no" in made.applies.why.en


def test_how_many_persons_there_are_says_nothing_of_those_with_a_my_number() -> None:
    told = knew("2015-06-01")
    told.say("persons", count=1_250_000, sure="estimated")
    made = found(told.known)
    assert made["jp_public.preliminary"].reasons[0].answer is Answer.YES
    assert made["jp_mynumber.preliminary"].reasons[0].answer is Answer.NOT_KNOWN
    told.say("persons", count=101, law="jp_mynumber")
    assert found(told.known)["jp_mynumber.preliminary"].reasons[0].answer is Answer.YES


def test_a_law_that_does_not_apply_is_set_aside_and_still_shown() -> None:
    told = knew("2015-06-01")
    told.say("law", profile="eu_gdpr", applies="no", why="nobody there")
    clock = found(told.known)["eu_gdpr.authority"]
    assert (clock.state, clock.applies.why.en) == (State.SET_ASIDE, "so it was said: nobody there")
    assert clock.due is not None


def test_what_was_filed_in_time_or_late_says_so() -> None:
    told = knew("2015-06-01T10:00")
    told.say("filed", duty="jp_public.preliminary", at="2015-06-05T23:59", receipt="1")
    told.say("filed", duty="jp_private.preliminary", at="2015-06-06T00:00")
    made = found(told.known)
    assert made["jp_public.preliminary"].state is State.MET
    assert made["jp_private.preliminary"].state is State.MET_LATE


def test_an_incident_without_documents_has_its_clocks_too() -> None:
    made = found(knew("2015-06-01").known)
    assert made["jp_public.preliminary"].asked is Answer.NOT_KNOWN
    assert made["eu_gdpr.register"].asked is Answer.YES
    assert set(made["jp_public.preliminary"].items.values()) == {Sure.UNKNOWN}


def test_what_a_report_says_is_known_estimated_or_unknown() -> None:
    told = knew("2015-06-01")
    told.say("item", item="cause", text="a mail", sure="estimated")
    told.say("measure", what="x", owner="y", due="2016-01-01")
    items = found(told.known, version(3, unread=1))["jp_public.final"].items
    assert items["persons"] is items["cause"] is Sure.ESTIMATED
    assert (items["prevention"], items["other"]) == (Sure.KNOWN, Sure.UNKNOWN)


def test_what_is_only_believed_says_so() -> None:
    for duty in law.duties().values():
        assert duty.confirmed or duty.unconfirmed is not None
    public = law.profiles()["jp_public"]
    assert not public.duty("preliminary").confirmed
    assert len(public.duty("final").items) == 9
    assert public.duty("persons").items == ("summary", "data_items", "cause", "secondary_damage", "other")


MOMENTS = st.datetimes(datetime(2000, 1, 1), datetime(2039, 1, 1), timezones=st.timezones())  # noqa: DTZ001


def of(when: datetime) -> dict[str, Clock]:
    facts = [Fact(1, "known", "2039-01-01T00:00:00+00:00", {"by": "x", "at": when.isoformat()})]
    return found(read(facts), opened=datetime(2040, 1, 1, tzinfo=UTC), now=when)


@settings(max_examples=60, deadline=None)
@given(MOMENTS, st.timedeltas(timedelta(0), timedelta(days=40)))
def test_whoever_knew_earlier_is_never_due_later(when: datetime, later: timedelta) -> None:
    after = when.astimezone(UTC) + later
    first, second = of(when), of(after)
    for name, clock in first.items():
        if clock.due is None or clock.aim is None:
            continue
        other = second[name].due
        assert other is not None
        assert clock.due <= other
        assert when < clock.aim <= clock.due
        assert all(one.due >= clock.due for one in clock.readings)
        days = timedelta(days=clock.days[-1] if clock.days else 3)
        assert clock.due - when.astimezone(UTC) <= days + timedelta(days=1, hours=1)
