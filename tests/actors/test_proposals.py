"""What one actor proposes another approves, exactly so, once, in time, within their roles, here."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sekisho.actors.keys import Key
from sekisho.actors.proposals import APPROVE, REFUSE, decide, look_at_all, propose
from sekisho.actors.roles import policy
from sekisho.actors.roster import DISABLE, ROLE, Roster, add, change
from sekisho.actors.statements import Signed
from sekisho.errors import ApprovalError

NOW, LATER, TOO_LATE = (f"2026-{day}T04:00:00.000000+00:00" for day in ("11-23", "11-24", "12-24"))
ALICE, BOB, OP, CLERK = Key.new(), Key.new(), Key.new(), Key.new()
PLAN = {"plan": 7, "documents": ["a" * 64]}


def house() -> list[Signed]:
    said = [add(Roster(), ALICE, ALICE.public, "Alice", "officer", NOW)]
    for key, name, role in ((BOB, "Bob", "officer"), (OP, "Op", "operator"), (CLERK, "Clerk", "clerk")):
        said.append(add(Roster.of(said), ALICE, key.public, name, role, NOW))
    return said


SAID = house()
ROSTER = Roster.of(SAID)
PROPOSAL = propose(ROSTER, OP, "protect.do", PLAN, NOW)


def refusal(
    approvals: list[Signed],
    *,
    proposal: Signed = PROPOSAL,
    roster: Roster = ROSTER,
    now: str = LATER,
    plan: object = PLAN,
) -> str:
    with pytest.raises(ApprovalError) as found:
        look_at_all(roster, policy(), proposal, approvals, plan, now)  # type: ignore[arg-type]
    return found.value.why


def test_an_officer_approves_what_an_operator_proposes() -> None:
    approval = decide(ROSTER, ALICE, APPROVE, PROPOSAL, LATER)
    assert look_at_all(ROSTER, policy(), PROPOSAL, [approval], PLAN, LATER).hash == PROPOSAL.hash


def test_nothing_is_done_that_nobody_approved_or_that_somebody_refused() -> None:
    assert refusal([]) == "not_approved"
    said = [decide(ROSTER, ALICE, APPROVE, PROPOSAL, LATER), decide(ROSTER, BOB, REFUSE, PROPOSAL, LATER)]
    assert refusal(said) == "refused"


def test_an_approval_given_to_oneself_does_not_count() -> None:
    own = propose(ROSTER, ALICE, "protect.do", PLAN, NOW)
    assert refusal([decide(ROSTER, ALICE, APPROVE, own, LATER)], proposal=own) == "self_given"


def test_a_forged_approval_does_not_count() -> None:
    forged = decide(ROSTER, CLERK, APPROVE, PROPOSAL, LATER)
    in_her_name = Signed(forged.statement.replace(CLERK.id.encode(), ALICE.id.encode()), forged.signature)
    assert refusal([in_her_name]) == "forged"
    stranger = decide(ROSTER, Key.new(), APPROVE, PROPOSAL, LATER)
    assert refusal([stranger]) == "forged"


def test_an_approval_of_another_proposal_does_not_count_even_of_the_same_plan() -> None:
    again = propose(ROSTER, OP, "protect.do", PLAN, NOW)
    assert refusal([decide(ROSTER, ALICE, APPROVE, again, LATER)]) == "replayed"


def test_a_plan_that_changed_since_is_not_done() -> None:
    approval = decide(ROSTER, ALICE, APPROVE, PROPOSAL, LATER)
    assert refusal([approval], plan={**PLAN, "plan": 8}) == "changed"


def test_what_is_too_old_or_from_a_time_that_is_not_yet_is_outdated() -> None:
    approval = decide(ROSTER, ALICE, APPROVE, PROPOSAL, LATER)
    assert refusal([approval], now=TOO_LATE) == "outdated"
    assert refusal([approval], now="2026-11-01T00:00:00.000000+00:00") == "outdated"
    before = decide(ROSTER, ALICE, APPROVE, PROPOSAL, "2026-11-22T04:00:00.000000+00:00")
    assert refusal([before]) == "outdated"


def test_beyond_a_role_nobody_proposes_or_approves() -> None:
    assert refusal([decide(ROSTER, CLERK, APPROVE, PROPOSAL, LATER)]) == "beyond_role"
    clerks = propose(ROSTER, CLERK, "protect.do", PLAN, NOW)
    assert refusal([decide(ROSTER, ALICE, APPROVE, clerks, LATER)], proposal=clerks) == "beyond_role"
    unknown = propose(ROSTER, OP, "no.such", PLAN, NOW)
    assert refusal([decide(ROSTER, ALICE, APPROVE, unknown, LATER)], proposal=unknown) == "beyond_role"


def test_who_was_disabled_or_lost_the_role_since_counts_no_more() -> None:
    bobs = decide(ROSTER, BOB, APPROVE, PROPOSAL, LATER)
    gone = Roster.of([*SAID, change(ROSTER, ALICE, DISABLE, ROSTER.named("Bob"), LATER)])
    assert refusal([bobs], roster=gone) == "disabled"
    lower = Roster.of([*SAID, change(ROSTER, ALICE, ROLE, ROSTER.named("Bob"), LATER, "clerk")])
    assert refusal([bobs], roster=lower) == "beyond_role"
    without = Roster.of([*SAID, change(ROSTER, ALICE, DISABLE, ROSTER.named("Op"), LATER)])
    assert refusal([bobs], roster=without) == "disabled"


def test_what_was_signed_for_another_vault_does_not_count_here() -> None:
    there = Roster.of(house())
    approval = decide(there, ALICE, APPROVE, PROPOSAL, LATER)
    assert refusal([approval]) == "other_vault"
    proposal = propose(there, OP, "protect.do", PLAN, NOW)
    assert refusal([decide(there, ALICE, APPROVE, proposal, LATER)], proposal=proposal) == "other_vault"


def test_with_one_officer_alone_another_one_can_be_added_and_with_two_no_third() -> None:
    alone = Roster.of(SAID[:1])
    plan = {"actor": BOB.id, "role": "officer"}
    proposal = propose(alone, ALICE, "actor.add", plan, NOW)
    assert look_at_all(alone, policy(), proposal, [], plan, LATER)
    both = Roster.of(SAID)
    proposal = propose(both, ALICE, "actor.add", plan, NOW)
    assert look_at_all(replace(both), policy(), proposal, [], plan, LATER)  # the plan is about Bob himself
    third = {"actor": Key.new().id, "role": "officer"}
    proposal = propose(both, ALICE, "actor.add", third, NOW)
    assert refusal([], proposal=proposal, plan=third) == "not_approved"


@given(at=st.integers(0), bit=st.integers(0, 7), part=st.sampled_from(["statement", "signature"]), which=st.booleans())
def test_no_bit_of_a_proposal_or_an_approval_can_be_changed(at: int, bit: int, part: str, which: bool) -> None:
    approval = decide(ROSTER, ALICE, APPROVE, PROPOSAL, LATER)
    one = approval if which else PROPOSAL
    raw = bytearray(getattr(one, part))
    raw[at % len(raw)] ^= 1 << bit
    changed = replace(one, **{part: bytes(raw)})
    with pytest.raises(ApprovalError):
        look_at_all(ROSTER, policy(), PROPOSAL if which else changed, [changed if which else approval], PLAN, LATER)
