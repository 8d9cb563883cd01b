"""What is known of an incident: later facts stand in earlier ones' place, and nothing is overwritten."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from sekisho.errors import InputError
from sekisho.incidents.answers import Answer, Status
from sekisho.incidents.case import Known, read
from sekisho.incidents.saying import fact_of
from sekisho.vault.case import Fact

NOW = datetime(2015, 7, 1, tzinfo=UTC)


class Told:
    """Facts, said one after the other."""

    def __init__(self) -> None:
        self.facts: list[Fact] = []

    def say(self, kind: str, /, **given: Any) -> int:
        said = fact_of(kind, given, self.known, NOW)
        self.facts.append(Fact(len(self.facts) + 1, kind, "2015-06-01T00:00:00+00:00", said))
        return len(self.facts)

    @property
    def known(self) -> Known:
        return read(self.facts)


@pytest.fixture
def told() -> Told:
    return Told()


def test_of_those_who_knew_the_first_counts_whenever_that_was_said(told: Told) -> None:
    told.say("known", by="head office", at="2015-05-28T10:00", through="the police")
    told.say("known", by="Naha office", at="2015-05-08T15:00", through="NISC")
    known = told.known
    assert known.known_at == datetime(2015, 5, 8, 6, 0, tzinfo=UTC)
    assert (known.known_by, known.detected_by) == ("Naha office", "NISC")


def test_a_fact_that_stands_in_anothers_place_leaves_that_on_record(told: Told) -> None:
    wrong = told.say("known", by="Naha office", at="2015-05-08T15:00")
    right = told.say("known", by="Naha office", at="2015-05-18T15:00", instead_of=wrong)
    assert told.known.known_at == datetime(2015, 5, 18, 6, 0, tzinfo=UTC)
    assert [(one.number, one.by) for one in told.known.facts] == [(wrong, right), (right, None)]
    with pytest.raises(InputError, match=f"fact {right} does"):
        told.say("known", by="x", at="2015-05-19", instead_of=wrong)
    with pytest.raises(InputError, match="none of"):
        told.say("event", what="x", at="2015-05-19", instead_of=right)


def test_what_was_withdrawn_is_as_if_nobody_had_said_it(told: Told) -> None:
    told.say("system", name="FS1", status="accessed", evidence="a log", as_of="2015-05-28")
    mistaken = told.say("system", name="FS1", status="not_accessed", evidence="another one", as_of="2015-05-29")
    assert told.known.systems[0].status is Status.NOT_ACCESSED
    withdrawal = told.say("withdrawn", fact=mistaken, why="that was FS2")
    assert told.known.systems[0].status is Status.ACCESSED
    with pytest.raises(InputError, match="does not hold"):
        told.say("withdrawn", fact=mistaken, why="again")
    told.say("withdrawn", fact=withdrawal, why="it was FS1 after all")
    assert told.known.systems[0].status is Status.NOT_ACCESSED


def test_a_status_as_of_an_earlier_time_does_not_overrule_a_later_one(told: Told) -> None:
    told.say("system", name="FS1", status="accessed", as_of="2015-05-29T10:00")
    told.say("system", name="FS1", status="not_known", as_of="2015-05-28")
    assert [(one.status, str(one.as_of)) for one in told.known.systems] == [
        (Status.ACCESSED, "2015-05-29T10:00:00+09:00")
    ]


def test_that_a_system_was_not_accessed_needs_evidence(told: Told) -> None:
    with pytest.raises(InputError, match="evidence"):
        told.say("system", name="FS1", status="not_accessed", as_of="2015-05-28")


def test_the_first_infection_is_the_earliest_of_terminals_too(told: Told) -> None:
    told.say("infected", at="2015-05-18", sure="estimated")
    assert told.known.began is not None
    assert told.known.began.whole_day
    told.say("terminal", name="T1", infected="2015-05-08T10:28")
    assert told.known.first_infection == datetime(2015, 5, 8, 1, 28, tzinfo=UTC)
    told.say("terminal", name="T1")
    assert told.known.first_infection == datetime(2015, 5, 17, 15, 0, tzinfo=UTC)


def test_parties_carry_what_was_handed_to_them(told: Told) -> None:
    told.say("handed", party="県警", what="logs", at="2015-05-29T15:00", hashes=["AB" * 32])
    told.say("party", name="県警", role="police")
    told.say("handed", party="県警", what="a disk", at="2015-05-28")
    (party,) = told.known.parties
    assert (party.role, [one.what for one in party.handed]) == ("police", ["a disk", "logs"])
    assert party.handed[1].hashes == ("ab" * 32,)


def test_an_offence_a_law_and_a_circumstance_stand_once_each(told: Told) -> None:
    assert told.known.offence.suspected is Answer.NOT_KNOWN
    told.say("offence", suspected="yes", what="unauthorised access")
    told.say("offence", suspected="yes", complaint="27-1", authority="県警")
    told.say("law", profile="jp_public", applies="yes")
    told.say("law", profile="eu_gdpr", applies="not_known")
    told.say("circumstance", name="high_risk", status="yes")
    known = told.known
    assert (known.offence.complaint, known.profiles) == ("27-1", ("jp_public",))
    assert known.circumstances["high_risk"].status is Answer.YES


@pytest.mark.parametrize(
    ("kind", "given", "why"),
    [
        ("rumour", {}, "kind of fact"),
        ("event", {"what": "x", "at": "2015-05-28", "where": "there"}, "where is none"),
        ("event", {"what": " ", "at": "2015-05-28"}, "must be said"),
        ("event", {"what": "x", "at": "yesterday"}, "no time"),
        ("event", {"what": "x", "at": "2015-07-02"}, "lies ahead"),
        ("kind", {"kind": "theft"}, "theft is none"),
        ("persons", {"count": "many"}, "whole number"),
        ("documents", {"scan": 1, "hashes": "abc"}, "64 hexadecimal"),
        ("zone", {"zone": "../etc/passwd"}, "no time zone"),
        ("filed", {"duty": "jp_public.all", "at": "2015-06-01"}, "is none"),
        ("withdrawn", {"fact": 9, "why": "x"}, "no fact 9"),
        ("measure", {"what": "x", "due": "2015-08-01"}, "answers for it"),
        ("event", {"what": "x" * 20_001, "at": "2015-05-28"}, "too long"),
    ],
)
def test_what_is_no_fact_is_refused(told: Told, kind: str, given: dict[str, Any], why: str) -> None:
    with pytest.raises(InputError, match=why):
        told.say(kind, **given)


def test_a_measure_may_be_due_in_the_future(told: Told) -> None:
    told.say("measure", what="apart networks", owner="IT", due="2016-03-31")
    assert told.known.measures[0].done is None


def test_what_other_parts_say_beside_is_kept_and_does_no_harm() -> None:
    facts = [Fact(1, "something else", "2015-06-01", {"x": 1}), Fact(2, "kind", "2015-06-01", {"kind": "loss"})]
    assert read(facts).kind == "loss"
    assert read([]) == Known()
