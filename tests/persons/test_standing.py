"""Whatever people answer, in whatever order: a record stands in one place, and its acts played again lead there."""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sekisho.persons.asking.standing import (
    CANNOT,
    CLERKS,
    MERGE,
    NO,
    PROGRAM,
    SPLIT,
    YES,
    Answer,
    Candidate,
    Kind,
    Proposal,
    Said,
    Standing,
    State,
    applied,
    as_json,
    clerk,
    from_json,
    is_contradictory,
    likely,
    person,
    replayed,
    state,
    untouched,
)

ASKED = Said("ask", 0.05, (Candidate("A", 0.8), Candidate("B", 0.15)))
SURE = Said("auto", 0.05, (Candidate("A", 0.9999), Candidate("B", 0.00006)))


def answered(standing: Standing, holder: str, by: str, answer: str, *evidence: str, ruling: bool = False) -> Standing:
    one = Answer(holder, by, answer, evidence)
    value = {"by": by, "answers": [asdict(one)], "ruling": ruling, "list": None}
    return applied(standing, Kind.ANSWERED, value)


def proposing(standing: Standing, kind: str, holder: str, who: str = "a") -> Standing:
    return applied(standing, Kind.PROPOSED, asdict(Proposal(kind, holder, who, "now", (), "", "p-1")))


def confirmed(standing: Standing) -> Standing:
    return applied(standing, Kind.CONFIRMED, {"hash": "p-1", "remark": ""})


def test_untouched_records_stand_as_the_program_said() -> None:
    assert state(untouched("r", SURE), {}) == State.AUTO
    assert state(untouched("r", ASKED), {}) == State.OPEN
    assert state(untouched("r", Said("unresolved", 0.05, (Candidate("A", 0.01),))), {}) == State.UNRESOLVED
    assert state(untouched("r", Said("none", 0.05)), {}) == State.NONE


def test_given_a_no_the_others_share_what_is_left() -> None:
    told = answered(untouched("r", ASKED), "A", clerk("a"), NO)
    assert likely(told, {}) == [Candidate("B", pytest.approx(0.75))]
    assert state(told, {}) == State.OPEN
    nobody = answered(told, "B", person("B"), NO)
    assert likely(nobody, {}) == []
    assert state(nobody, {}) == State.NO
    unlikely = Said("ask", 0.05, (Candidate("A", 0.5), Candidate("B", 0.01)))
    assert state(answered(untouched("r", unlikely), "A", clerk("a"), NO), {}) == State.NO


def test_yes_and_no_to_one_holder_or_two_yes_contradict_until_a_clerk_rules() -> None:
    torn = answered(answered(untouched("r", ASKED), "A", person("A"), YES), "A", clerk("a"), NO)
    both = answered(answered(untouched("r", ASKED), "A", person("A"), YES), "B", person("B"), YES)
    for one in (torn, both):
        assert state(one, {}) == State.CONFLICT
        ruled = answered(one, "B", clerk("b"), YES, "pay_slip", ruling=True)
        assert not is_contradictory(ruled, {})
        assert [(a.holder, a.answer) for a in ruled.answers if a.answer == YES] == [("B", YES)]


def test_two_numbers_of_one_holder_do_not_contradict() -> None:
    both = answered(answered(untouched("r", ASKED), "A", person("A"), YES), "B", person("B"), YES)
    assert state(both, {"A": "C", "B": "C"}) == State.EVIDENCE
    assert likely(untouched("r", ASKED), {"B": "A"}) == [Candidate("A", pytest.approx(0.95))]


def test_a_split_is_a_no_and_asks_about_the_others() -> None:
    split = confirmed(proposing(untouched("r", SURE), SPLIT, "A"))
    assert split.merged is None
    assert likely(split, {}) == [Candidate("B", pytest.approx(0.00006 / 0.0001))]
    assert state(split, {}) == State.OPEN


def test_the_program_undoes_its_own_merges_but_nothing_that_people_said() -> None:
    again = {"take": 2, "said": asdict(ASKED)}
    assert state(applied(untouched("r", SURE), Kind.TAKEN, again), {}) == State.OPEN
    merged = confirmed(proposing(answered(untouched("r", ASKED), "B", clerk("a"), YES, "x"), MERGE, "B"))
    later = applied(merged, Kind.TAKEN, {"take": 2, "said": asdict(SURE)})
    assert (later.merged, later.by) == ("B", CLERKS)
    doubted = answered(untouched("r", SURE), "A", person("A"), NO)
    assert applied(doubted, Kind.TAKEN, again).merged == "A"


HOLDERS = st.sampled_from(["A", "B", "C"])
ANSWERERS = st.sampled_from([clerk("a"), clerk("b"), person("A"), person("B")])
SAID = st.sampled_from([ASKED, SURE, Said("unresolved", 0.05, (Candidate("C", 0.01),)), Said("none", 0.05)])
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("answer"), HOLDERS, ANSWERERS, st.sampled_from([YES, NO, CANNOT])),
        st.tuples(st.just("merge"), HOLDERS),
        st.tuples(st.just("split")),
        st.tuples(st.sampled_from([Kind.CONFIRMED, Kind.REFUSED, Kind.VOID, Kind.GIVEN, Kind.BACK])),
        st.tuples(st.just("take"), SAID),
    ),
    max_size=25,
)


def act(standing: Standing, step: tuple[Any, ...]) -> tuple[str, dict[str, Any]] | None:
    """A step as an act, where it is one that can be: the flow makes no others."""
    match step:
        case ("answer", holder, by, said):
            ruling = by.startswith("clerk") and is_contradictory(standing, {})
            answer = asdict(Answer(holder, by, said, ("x",)))
            return Kind.ANSWERED, {"by": by, "answers": [answer], "ruling": ruling, "list": standing.list}
        case ("merge", holder) if not standing.merged and not standing.proposal:
            return Kind.PROPOSED, asdict(Proposal(MERGE, holder, "a", "now", ("x",), "", "p-1"))
        case ("split",) if standing.merged and not standing.proposal:
            return Kind.PROPOSED, asdict(Proposal(SPLIT, standing.merged, "a", "now", (), "why", "p-2"))
        case ("take", said):
            return Kind.TAKEN, {"take": 2, "said": asdict(said)}
        case (Kind.GIVEN,) if standing.list is None:
            return Kind.GIVEN, {"list": 1}
        case (Kind.BACK,) if standing.list is not None:
            return Kind.BACK, {"list": 1}
        case ((Kind.CONFIRMED | Kind.REFUSED | Kind.VOID) as kind,) if standing.proposal:
            return kind, {"hash": standing.proposal.hash, "remark": ""}
    return None


@settings(max_examples=400, deadline=None)
@given(first=SAID, steps=STEPS)
def test_any_order_of_acts_can_be_played_again_and_nothing_merges_alone(first: Said, steps: list[Any]) -> None:
    standing = untouched("r", first)
    acts: list[tuple[str, Any]] = [(Kind.TAKEN, {"take": 1, "said": asdict(first)})]
    for step in steps:
        made = act(standing, step)
        if made is None:
            continue
        before, standing = standing, applied(standing, *made)
        acts.append(made)
        assert state(standing, {}) in State
        if standing.merged != before.merged and made[0] != Kind.TAKEN:
            assert made[0] == Kind.CONFIRMED
        if made[0] == Kind.TAKEN and (before.by == CLERKS or before.answers):
            assert standing.merged == before.merged
        if standing.by == PROGRAM:
            assert standing.merged
        assert from_json(as_json(standing)) == standing
    assert replayed("r", acts) == standing


def test_a_ruling_leaves_what_others_could_not_tell() -> None:
    one = replace(untouched("r", ASKED), answers=(Answer("B", person("B"), CANNOT),))
    one = answered(answered(one, "A", person("A"), YES), "A", clerk("a"), NO)
    ruled = answered(one, "A", clerk("b"), NO, ruling=True)
    assert state(ruled, {}) == State.CANNOT_TELL
