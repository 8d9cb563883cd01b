"""What leaked proves nothing any more; something else is asked for, and a procedure is held until it is shown."""

from __future__ import annotations

from datetime import date
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sekisho.actions.step_up import (
    Answer,
    Decision,
    Exposed,
    Fault,
    Shown,
    Standing,
    Why,
    check,
    together,
)
from sekisho.countries.proofs import procedures, proofs
from sekisho.errors import UsageError

DAY = date(2026, 11, 23)
OF_2015 = frozenset({"basic_pension_number", "name", "birth_date"})
EXPOSED = Standing(Exposed.YES, OF_2015)
LICENCE = Shown("driving_licence", expires=date(2028, 4, 6))
LETTER = Shown("letter_to_former_address")
ITEMS = sorted({item for one in proofs().values() for item in one.says})
standings = st.builds(
    Standing, st.sampled_from(Exposed), st.frozensets(st.sampled_from(ITEMS)), st.booleans(), st.booleans()
)


def asked(answer: Answer) -> set[str]:
    return {one.proof for one in answer.ask}


def test_number_name_and_birth_date_no_longer_change_an_address_once_they_have_leaked() -> None:
    before = check(Standing(Exposed.NO), "address_change", DAY)
    assert (before.decision, asked(before)) == (Decision.GO, OF_2015)
    after = check(EXPOSED, "address_change", DAY)
    assert (after.decision, after.why) == (Decision.HOLD, Why.NOTHING_SHOWN)
    assert OF_2015 | {"pension_handbook", "number_notice"} == set(after.worthless)
    assert "driving_licence" in asked(after)


def test_what_is_shown_lets_it_go_on_only_where_it_did_not_leak() -> None:
    said = [Shown("basic_pension_number"), Shown("birth_date"), Shown("pension_handbook", issued=date(1990, 4, 1))]
    assert check(EXPOSED, "address_change", DAY, said).decision is Decision.HOLD
    assert {fault for _, fault in check(EXPOSED, "address_change", DAY, said).faults} == {Fault.LEAKED}
    assert check(EXPOSED, "address_change", DAY, [*said, LICENCE]).decision is Decision.GO


def test_two_papers_without_a_face_are_as_much_as_one_with() -> None:
    paper = Shown("residence_record", issued=date(2026, 10, 1))
    assert check(EXPOSED, "address_change", DAY, [paper]).why is Why.NOT_ENOUGH
    assert check(EXPOSED, "address_change", DAY, [paper, paper]).why is Why.NOT_ENOUGH
    assert check(EXPOSED, "address_change", DAY, [paper, Shown("care_insurance_card")]).decision is Decision.GO


@pytest.mark.parametrize(
    ("shown", "fault"),
    [
        (Shown("driving_licence", expires=date(2026, 11, 22)), Fault.EXPIRED),
        (Shown("driving_licence", expires=DAY), None),
        (Shown("driving_licence"), Fault.NO_DATE),
        (Shown("residence_record", issued=date(2026, 5, 22)), Fault.TOO_OLD),
        (Shown("residence_record", issued=date(2026, 5, 23)), None),
        (Shown("residence_record", issued=date(2026, 11, 24)), Fault.TOO_YOUNG),
        (Shown("residence_record"), Fault.NO_DATE),
        (Shown("driving_history", issued=date(2012, 3, 31)), Fault.TOO_OLD),
        (Shown("health_insurance_card", issued=date(2020, 4, 1)), Fault.EXPIRED),
        (Shown("passport", expires=date(2030, 1, 1)), Fault.NOT_ASKED_FOR),
        (Shown("a smile"), Fault.NOT_ASKED_FOR),
    ],
)
def test_dates_of_what_is_shown_are_held_against_the_day(shown: Shown, fault: Fault | None) -> None:
    assert dict(check(EXPOSED, "address_change", DAY, [shown]).faults).get(shown.proof) is fault


def test_a_kind_of_paper_that_ended_is_asked_for_only_until_then() -> None:
    assert "health_insurance_card" in asked(check(EXPOSED, "address_change", date(2025, 12, 1)))
    assert "health_insurance_card" not in asked(check(EXPOSED, "address_change", date(2025, 12, 2)))
    assert "eligibility_certificate" not in asked(check(EXPOSED, "address_change", date(2024, 12, 1)))


def test_payments_go_elsewhere_only_after_an_answer_from_the_address_before() -> None:
    cards = [LICENCE, Shown("my_number_card", expires=date(2030, 1, 1))]
    assert check(EXPOSED, "account_change", DAY, cards).why is Why.NOT_CONFIRMED
    assert check(EXPOSED, "account_change", DAY, [LICENCE, LETTER]).decision is Decision.GO


def test_who_moved_after_the_break_in_is_looked_at_first() -> None:
    moved = Standing(Exposed.YES, OF_2015, moved=True)
    assert check(moved, "account_change", DAY, [LICENCE, LETTER]).why is Why.ADDRESS_CHANGED
    assert check(moved, "record_inquiry", DAY, [LICENCE]).decision is Decision.GO


def test_an_old_number_holds_everything() -> None:
    for procedure in procedures():
        replaced = Standing(Exposed.NO, replaced=True)
        assert check(replaced, procedure, DAY, [LICENCE, LETTER]).why is Why.OLD_NUMBER


def test_where_nobody_can_tell_all_that_could_have_leaked_is_doubtful() -> None:
    answer = check(Standing(Exposed.CANNOT_TELL), "record_inquiry", DAY, [Shown("bank_account"), Shown("phone")])
    assert {fault for _, fault in answer.faults} == {Fault.MAY_HAVE_LEAKED}
    assert answer.decision is Decision.HOLD
    assert set(answer.doubtful) == {key for key, one in proofs().items() if one.says}
    known = check(EXPOSED, "record_inquiry", DAY, [Shown("bank_account"), Shown("phone")])
    assert known.decision is Decision.GO


@given(standings, st.sampled_from(list(procedures())))
def test_what_is_asked_for_never_leaked_and_is_enough(standing: Standing, procedure: str) -> None:
    answer = check(standing, procedure, DAY)
    assert not asked(answer) & {*answer.worthless, *answer.doubtful}
    if standing.exposed is not Exposed.NO:
        assert answer.decision is Decision.HOLD
        assert sum(one.points for one in answer.ask) >= answer.points
        assert not answer.confirm or asked(answer) & {*answer.confirm}


@given(st.lists(standings, max_size=4))
def test_of_several_incidents_the_worst_counts(several: list[Standing]) -> None:
    one = together(several)
    assert all(one.leaked >= each.leaked for each in several)
    states = {each.exposed for each in several}
    assert (one.exposed is Exposed.NO) == (states <= {Exposed.NO})
    assert (one.exposed is Exposed.YES) == (Exposed.YES in states)


def test_there_is_no_procedure_that_is_not_declared() -> None:
    with pytest.raises(UsageError):
        check(EXPOSED, "a favour", DAY)


@pytest.mark.parametrize("procedure", list(procedures()))
def test_every_procedure_names_proofs_that_are_declared(procedure: str) -> None:
    one = procedures()[procedure]
    assert {*one.usual, *one.asks, *one.confirm} <= proofs().keys()
    assert set(one.confirm) <= set(one.asks)
    assert one.says_of_it.en
    assert one.says_of_it.ja


def test_every_proof_is_asked_for_or_usual_somewhere_and_rests_on_items_that_exist() -> None:
    used = {key for one in procedures().values() for key in (*one.usual, *one.asks)}
    assert used == proofs().keys()


def test_a_month_ago_is_a_day_that_exists() -> None:
    for day, procedure in product((date(2026, 8, 31), date(2024, 8, 30)), ["address_change"]):
        since = {one.proof: one.issued_from for one in check(EXPOSED, procedure, day).ask}["residence_record"]
        assert since in (date(2026, 2, 28), date(2024, 2, 29))
