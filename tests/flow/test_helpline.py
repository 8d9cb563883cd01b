"""Calls to the helpline: verified by what did not leak, answered as of a version; nobody is wrongly told no."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from tests.flow.callers import HELD, SABURO, TARO_KNOWS, TAROS, asked, brought_in, opened
from tests.flow.leaked import HANA, TARO, belongs, leaked, scanned

from sekisho.actions.helpline import Answer, Caller
from sekisho.errors import RightsError, UsageError
from sekisho.flow.answering.contacts_reported import counts, report, reports
from sekisho.flow.answering.helpline import begin, end, open_line, search, verify
from sekisho.flow.answering.turns import Turn
from sekisho.flow.answering.whom import Sought
from sekisho.flow.answering.written import written
from sekisho.flow.assessing.count import count
from sekisho.flow.assessing.gate import reconciled
from sekisho.ledger.read import said
from sekisho.vault import Vault

EVERYTHING = {**HANA, "postal_code": "900-0002", "address": "沖縄県那覇市仮名2-2", "other": [("other:備考", "x")]}
TARO_BY_NAME = Sought(name="カクウ タロウ", birth_date="S23.4.6")


@pytest.fixture
def vault(line: Vault) -> Vault:
    return line


def asked_once(vault: Vault, incident: int, sought: Sought) -> Turn:
    turn = asked(vault, incident, sought)
    end(vault, incident, turn.call)
    return turn


def told(vault: Vault, incident: int, sought: Sought, **known: str) -> Turn:
    """A whole call: the caller answers what they know."""
    turn = asked(vault, incident, sought)
    while turn.answer is None and turn.questions:
        turn = verify(vault, incident, turn.call, [known.get(one.name, "?") for one in turn.questions])
    end(vault, incident, turn.call)
    return turn


def test_once_it_is_open_nobody_is_searched_for_in_all_of_a_large_scan(
    vault: Vault, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SEKISHO_ENVELOPES", "1")
    elsewhere = {"name": "見本次郎", "birth_date": "1960-03-04", "address": "沖縄県那覇市見本3-3"}
    incident = opened(vault, HANA, TARO, elsewhere)
    monkeypatch.setattr(
        "sekisho.flow.registering.person_envelopes._told", lambda *_: pytest.fail("the scan was searched")
    )
    by_number, nobody = Sought(number="4702-000005"), Sought(number="4799-000099")
    assert {one.name for one in asked_once(vault, incident, by_number).questions}
    assert [asked_once(vault, incident, sought).answer for sought in (nobody, TARO_BY_NAME)] == [None, None]
    found = asked_once(vault, incident, Sought(name="見本次郎", birth_date="1960-03-04"))
    assert found.answer is Answer.IN_PERSON


def test_an_affected_caller_is_asked_nothing_that_leaked_and_told_so(vault: Vault) -> None:
    turn = asked(vault, TAROS, Sought(name="カクウ タロウ", birth_date="S23.4.6", town="那覇市架空"))
    assert {one.name for one in turn.questions} == {"address", "former_address"}
    turn = verify(vault, TAROS, turn.call, [TARO_KNOWS[one.name] for one in turn.questions])
    assert (turn.answer, turn.version) == (Answer.AFFECTED, 1)
    words = " ".join(one.en + one.ja for one in turn.says)
    assert "Your pension is paid as before" in words
    assert not any(item in words for item in ("4701", "架空", "1948", "那覇"))


def test_an_old_number_leads_to_the_same_answer(vault: Vault) -> None:
    assert told(vault, TAROS, Sought(number="9901000007"), **TARO_KNOWS).answer is Answer.AFFECTED


def test_not_affected_needs_that_nothing_is_unread_or_could_be_theirs(vault: Vault) -> None:
    knows = {"birth_date": "昭和45年5月6日", "address": "那覇市台帳4-4"}
    assert told(vault, TAROS, SABURO, **knows).answer is Answer.NOT_AFFECTED
    locked = opened(vault, TARO, a={"outcome": "PARTLY_READ", "reason": "unread_part"})
    assert told(vault, locked, SABURO, **knows).answer is Answer.CANNOT_TELL
    doubtful = opened(vault, TARO, {"name": "台帳三郎"})
    assert told(vault, doubtful, SABURO, **knows).answer is Answer.CANNOT_TELL


def test_whoever_may_be_the_same_person_as_somebody_exposed_is_not_told_no(vault: Vault) -> None:
    other = told(vault, TAROS, Sought(number="4707-000005"), address="那覇市別7-7", living_there_since="2003-04")
    assert other.answer is Answer.CANNOT_TELL


def test_a_later_version_that_was_not_held_against_what_was_told_gives_no_more_noes(vault: Vault) -> None:
    belongs(vault, TAROS, scanned(vault, {"b.csv": [HANA]}, root="/mnt/other"))
    count(vault, TAROS, shown=False)
    knows = {"birth_date": "1970-05-06", "address": "那覇市台帳4-4"}
    assert told(vault, TAROS, SABURO, **knows).answer is Answer.CANNOT_TELL
    hana = {"address": "那覇市仮名2-2", "living_there_since": "2002-03"}
    assert told(vault, TAROS, Sought(number="4702-000005"), **hana).answer is Answer.AFFECTED
    open_line(vault, TAROS)
    assert told(vault, TAROS, SABURO, **knows).answer is Answer.NOT_AFFECTED


def test_an_answer_that_a_later_version_proves_wrong_comes_out(vault: Vault) -> None:
    hana = {"birth_date": "1950-01-02", "address": "那覇市仮名2-2"}
    assert told(vault, TAROS, Sought(number="4702-000005"), **hana).answer is Answer.NOT_AFFECTED
    belongs(vault, TAROS, scanned(vault, {"b.csv": [HANA]}, root="/mnt/other"))
    count(vault, TAROS, shown=False)
    assert {str(one.kind): one.count for one in reconciled(vault, TAROS).findings} == {"proven_wrong": 1}


def test_of_whom_everything_leaked_is_answered_in_writing(vault: Vault) -> None:
    incident = opened(vault, EVERYTHING)
    turn = told(vault, incident, Sought(number="4702-000005"))
    assert (turn.answer, turn.questions) == (Answer.IN_WRITING, ())


@pytest.mark.parametrize(
    ("number", "answer"), [("4704-000002", "in_writing"), ("4705-000003", "in_writing"), ("4706-000004", "in_person")]
)
def test_who_is_dead_must_not_be_found_or_lives_nowhere_is_not_answered_on_the_telephone(
    vault: Vault, number: str, answer: str
) -> None:
    incident = opened(vault, {**HANA, "basic_pension_number": number, "name": None, "birth_date": None}, TARO)
    assert told(vault, incident, Sought(number=number)).answer == answer


def test_nobody_found_is_no_answer(vault: Vault) -> None:
    turn = asked(vault, TAROS, Sought(name="イナイ ヒト", birth_date="1950-01-01"))
    assert turn.answer is None
    assert "does not mean that you are not affected" in turn.says[0].en
    assert vault.answers(TAROS).all().num_rows == 0


def test_several_who_fit_are_shown_to_nobody(vault: Vault) -> None:
    turn = asked(vault, TAROS, Sought(name="架空太郎", birth_date="1948-04-06"))
    assert (turn.answer, turn.questions) == (None, ())


def test_wrong_answers_end_in_writing_and_say_nothing(vault: Vault) -> None:
    turn = asked(vault, TAROS, Sought(number="4701-000001"))
    again = verify(vault, TAROS, turn.call, ["那覇市架空1-1", "違う"])
    assert [one.name for one in again.questions] == [one.name for one in turn.questions]
    last = verify(vault, TAROS, turn.call, ["x", "y"])
    assert last.answer is Answer.IN_WRITING
    with pytest.raises(UsageError, match="answered"):
        verify(vault, TAROS, turn.call, list(TARO_KNOWS.values()))


def test_a_person_is_tried_so_often_a_day_whoever_the_operator_is(vault: Vault) -> None:
    for _ in range(2):
        assert told(vault, TAROS, Sought(number="4701-000001")).answer is Answer.IN_WRITING
    assert asked(vault, TAROS, Sought(number="4701-000001")).answer is Answer.IN_WRITING


@pytest.mark.parametrize("caller", [Caller.GUARDIAN, Caller.FAMILY, Caller.FACILITY])
def test_whoever_calls_for_another_hears_nothing_of_them(vault: Vault, caller: Caller) -> None:
    turn = asked(vault, TAROS, Sought(number="4701-000001"), caller)
    assert turn.answer is Answer.IN_WRITING
    assert "affected" not in " ".join(one.en for one in turn.says)
    assert vault.answers(TAROS).all().to_pylist()[0]["caller"] == caller


def test_searching_without_end_is_refused_and_told(vault: Vault) -> None:
    turn = begin(vault, TAROS, Caller.SELF)
    for at in range(5):
        search(vault, TAROS, turn.call, Sought(name=f"イナイ{at}", birth_date="1950-01-01"))
    with pytest.raises(RightsError):
        search(vault, TAROS, turn.call, Sought(number="4701-000001"))
    last = [one.entry for one in said(vault)][-1]
    assert (last["action"], last["more"]["why"], last["more"]["over"]) == ("refused", "cap", ["call"])


def test_one_call_at_a_time_and_only_while_it_is_open(vault: Vault) -> None:
    turn = begin(vault, TAROS, Caller.SELF)
    with pytest.raises(UsageError, match="has not ended"):
        begin(vault, TAROS, Caller.SELF)
    end(vault, TAROS, turn.call)
    with pytest.raises(UsageError, match="no call of yours"):
        search(vault, TAROS, turn.call, SABURO)
    other = leaked(vault, scanned(vault, {"c.csv": [TARO]}))
    with pytest.raises(UsageError, match="not open"):
        begin(vault, other, Caller.SELF)


def test_an_address_that_was_changed_since_the_first_infection_verifies_nobody(vault: Vault) -> None:
    moved = HELD[2].replace(
        "900-0003,沖縄県那覇市台帳4-4,2003-04-05,,", "100-0001,東京都千代田区偽1-1,2015-05-20,,沖縄県那覇市台帳4-4"
    )
    brought_in(vault, moved)
    incident = opened(
        vault, {**TARO, "basic_pension_number": "4703-000009", "name": "台帳三郎", "birth_date": "1970-05-06"}
    )
    turn = asked(vault, incident, SABURO)
    assert "former_address" not in {one.name for one in turn.questions}
    thief = [{"address": "千代田区偽1-1", "postal_code": "100-0001"}.get(one.name, "2015-05") for one in turn.questions]
    if turn.questions:
        assert verify(vault, incident, turn.call, thief).answer is not Answer.AFFECTED


def test_the_ledger_says_who_was_looked_at_and_holds_no_personal_data(vault: Vault) -> None:
    told(vault, TAROS, Sought(number="4701-000001"), **TARO_KNOWS)
    entries = [one.entry for one in said(vault)]
    assert [one["action"] for one in entries[-6:]] == [
        *("helpline.call", "helpline.call", "helpline.search", "helpline.call", "helpline.answer", "helpline.call")
    ]
    assert entries[-2]["more"]["seen"]["marks"] == 1
    assert not any(word in str(entries) for word in ("4701-000001", "4701000001", "架空", "那覇"))


def test_whom_an_answer_in_writing_was_promised_comes_out_once_with_what_it_is_now(
    vault: Vault, tmp_path: Path
) -> None:
    for _ in range(2):
        told(vault, TAROS, Sought(number="4701-000001"))
    told(vault, TAROS, SABURO, birth_date="?")
    told(vault, TAROS, Sought(number="4705-000003"))
    out = tmp_path / "answers.csv"
    assert written(vault, TAROS, out) == 3
    rows = {row["number"]: row for row in csv.DictReader(out.read_text("utf-8-sig").splitlines())}
    assert rows["4701-000001"]["answer"] == "affected"
    assert rows["4701-000001"]["address"] == "沖縄県那覇市架空1-1"
    assert rows["4703-000009"]["answer"] == "not_affected"
    assert (rows["4705-000003"]["address"], rows["4705-000003"]["flags"]) == ("", "protected")


def test_in_writing_a_no_needs_what_it_needs_on_the_telephone(vault: Vault, tmp_path: Path) -> None:
    told(vault, TAROS, Sought(number="4707-000005"), birth_date="?")
    told(vault, TAROS, SABURO, birth_date="?")

    def answers() -> dict[str, str]:
        written(vault, TAROS, tmp_path / "answers.csv", force=True)
        with (tmp_path / "answers.csv").open(encoding="utf-8-sig", newline="") as file:
            return {row["number"]: row["answer"] for row in csv.DictReader(file)}

    assert answers() == {"4707-000005": "cannot_tell", "4703-000009": "not_affected"}
    belongs(vault, TAROS, scanned(vault, {"b.csv": [HANA]}, root="/mnt/other"))
    assert answers() == {"4707-000005": "cannot_tell", "4703-000009": "cannot_tell"}


def test_suspicious_contacts_are_counted_by_region_and_day_and_what_was_said_is_sealed(vault: Vault) -> None:
    for region in ("沖縄", "Okinawa", ""):
        report(vault, TAROS, "2015-06-05", region, "phone", "還付金の話", "10万円")
    assert counts(vault, TAROS) == {("", "2015-06-05"): 1, ("沖縄県", "2015-06-05"): 2}
    assert reports(vault, TAROS)[0].said["said"] == "還付金の話"
    assert "還付金" not in str([one.entry for one in said(vault)])
    for day, region, way in (("きのう", "", "phone"), ("2015-06-05", "火星", "phone"), ("2015-06-05", "", "telepathy")):
        with pytest.raises(UsageError):
            report(vault, TAROS, day, region, way)


def test_what_the_caller_was_found_by_counts_where_it_did_not_leak_and_one_thing_is_asked_all_the_same(
    vault: Vault,
) -> None:
    turn = asked(vault, TAROS, Sought(number="4703-000009", birth_date="1970-05-06"))
    assert [one.name for one in turn.questions] == ["address"]
    hana = opened(vault, HANA)
    turn = asked(vault, hana, Sought(number="4702-000005", birth_date="1950-01-02"))
    assert [one.name for one in turn.questions] == ["address", "living_there_since"]


def test_documents_that_nobody_has_counted_yet_leave_no_no(vault: Vault) -> None:
    knows = {"birth_date": "1970-05-06", "address": "那覇市台帳4-4"}
    belongs(vault, TAROS, scanned(vault, {"b.csv": [HANA]}, root="/mnt/other"))
    assert told(vault, TAROS, SABURO, **knows).answer is Answer.CANNOT_TELL
    count(vault, TAROS, shown=False)
    open_line(vault, TAROS)
    assert told(vault, TAROS, SABURO, **knows).answer is Answer.NOT_AFFECTED
