"""Everybody is answered alike, quickly or one by one, as the leak masters say; in doubt, nobody is cleared."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from tests.flow.leaked import JIRO, belongs, held, leaked, scanned

from sekisho.actions.standings import NOBODY
from sekisho.actions.step_up import Decision, Exposed, Shown, Standing, Why
from sekisho.errors import InputError, UsageError
from sekisho.flow.answering.standings import load
from sekisho.flow.answering.step_up import Checked, check_person
from sekisho.flow.answering.whom import Sought
from sekisho.flow.assessing import case, past
from sekisho.flow.assessing.count import count
from sekisho.flow.assessing.count import load as load_master
from sekisho.flow.assessing.incident import begin
from sekisho.flow.keeping import custody
from sekisho.register.lookup import number_in
from sekisho.vault import Cost, Secret, Vault

DAY = date(2026, 11, 23)
HOLDERS = (
    "4701-000001,9901-000007,架空 太郎,カクウ タロウ,1948-04-06,沖縄県那覇市架空1-1",
    "4701-000002,,架空 花子,カクウ ハナコ,1950-01-02,沖縄県那覇市架空1-1",
    "4701-000003,,仮名 三郎,カメイ サブロウ,1953-03-03,沖縄県うるま市仮名3",
    "4701-000004,,見本 四郎,ミホン シロウ,1954-04-04,沖縄県うるま市見本4",
)
NUMBERS = ("4701-000001", "9901-000007", "4701-000002", "4701-000003", "4701-000004", "4702-000009", "4709-999999")
TARO = {"basic_pension_number": "4701-000001", "name": "架空太郎", "birth_date": "1948-04-06"}
HANA = {"name": "架空花子", "birth_date": "1950-01-02", "address": "沖縄県那覇市架空1-1", "phone": "098-000-0000"}
STRANGER = {"basic_pension_number": "4702-000009", "name": "試験五郎", "birth_date": "1955-05-05"}
HALF = {"name": "仮名三郎"}  # too little to say whose: it could be the holder's


@pytest.fixture
def vault(tmp_path: Path) -> Iterator[Vault]:
    with Vault.create(tmp_path / "vault", Secret.passphrase("x"), Cost(64, 1, 1)) as made:
        held(made, tmp_path, *HOLDERS)
        yield made


def checked(vault: Vault, number: str, procedure: str = "address_change", *shown: Shown) -> Checked:
    return check_person(vault, Sought(number), procedure, DAY, shown)


def standing(vault: Vault, number: str) -> Standing:
    return load(vault).of(number_in(number) or 0)[1]


def alike(vault: Vault, incidents: list[int]) -> dict[str, Exposed]:
    """How everybody stands, which both ways of asking and the masters themselves agree on."""
    standings = load(vault)
    masters = [load_master(vault, one) for one in incidents]
    found = {}
    for number in NUMBERS:
        holder, one = standings.of(number_in(number) or 0)
        answer = checked(vault, number).answer
        assert (answer.exposed, set(answer.worthless), set(answer.doubtful)) == _lost(one), number
        led = [number] if holder == NOBODY else [n for n in NUMBERS if standings.of(number_in(n) or 0)[0] == holder]
        exposures = [master.of_holder(led) for master in masters]
        assert (one.exposed is Exposed.YES) == any(exposures), number
        assert one.leaked == {item for each in exposures if each for item in (*each.items, *each.other_items)}
        if one.exposed is Exposed.NO:
            assert not any(master.could_be(led) for master in masters), number
        found[number] = one.exposed
    return found


def _lost(one: Standing) -> tuple[Exposed, set[str], set[str]]:
    from sekisho.actions.step_up import check

    answer = check(one, "address_change", DAY)
    return answer.exposed, set(answer.worthless), set(answer.doubtful)


def test_everybody_stands_as_the_master_says(vault: Vault) -> None:
    incident = leaked(vault, scanned(vault, {"a.csv": [TARO, HANA, STRANGER]}))
    count(vault, incident, shown=False)
    found = alike(vault, [incident])
    yes = {"4701-000001", "9901-000007", "4701-000002", "4702-000009"}
    assert {number for number, one in found.items() if one is Exposed.YES} == yes
    assert found["4701-000004"] in (Exposed.NO, Exposed.CANNOT_TELL)
    assert found["4709-999999"] is Exposed.CANNOT_TELL


def test_without_anything_open_the_others_are_not_exposed(vault: Vault) -> None:
    incident = leaked(vault, scanned(vault, {"a.csv": [TARO]}))
    count(vault, incident, shown=False)
    found = alike(vault, [incident])
    assert [found[number] for number in NUMBERS[2:5]] == [Exposed.NO] * 3
    assert checked(vault, "4701-000003").answer.decision is Decision.GO


def test_an_undecided_record_clears_nobody_whose_it_could_be(vault: Vault) -> None:
    incident = leaked(vault, scanned(vault, {"a.csv": [TARO, HALF]}))
    count(vault, incident, shown=False)
    found = alike(vault, [incident])
    assert found["4701-000003"] is Exposed.CANNOT_TELL
    assert found["4701-000004"] is Exposed.NO
    answer = checked(vault, "4701-000003").answer
    assert (answer.decision, "birth_date" in answer.doubtful) == (Decision.HOLD, True)


def test_an_unread_document_clears_nobody_at_all(vault: Vault) -> None:
    locked = {"outcome": "LOCKED", "reason": "password_unknown", "protection": "STRONG", "records": 0}
    incident = leaked(vault, scanned(vault, {"a.csv": [TARO], "locked.xlsx": []}, locked=locked))
    count(vault, incident, shown=False)
    assert set(alike(vault, [incident]).values()) == {Exposed.YES, Exposed.CANNOT_TELL}


def test_an_incident_that_nobody_counted_clears_nobody_until_it_is(vault: Vault) -> None:
    assert standing(vault, "4701-000004").exposed is Exposed.NO
    incident = leaked(vault, scanned(vault, {"a.csv": [TARO]}))
    assert standing(vault, "4701-000004").exposed is Exposed.CANNOT_TELL
    assert checked(vault, "4701-000004").versions == {incident: 0}
    count(vault, incident, shown=False)
    assert standing(vault, "4701-000004").exposed is Exposed.NO


def test_what_leaked_by_several_incidents_adds_up(vault: Vault) -> None:
    one = leaked(vault, scanned(vault, {"a.csv": [{**TARO, "birth_date": "1948-04-06"}]}))
    other = leaked(vault, scanned(vault, {"b.csv": [{**TARO, "phone": "098-000-0001"}]}, root="/mnt/other"))
    for incident in (one, other):
        count(vault, incident, shown=False)
    assert standing(vault, "4701-000001").leaked == {"basic_pension_number", "name", "birth_date", "phone"}
    assert alike(vault, [one, other])["4701-000001"] is Exposed.YES
    assert checked(vault, "4701-000001").versions == {one: 1, other: 1}


def test_what_was_only_damaged_is_known_to_nobody(vault: Vault) -> None:
    incident = leaked(vault, scanned(vault, {"a.csv": [TARO]}))
    count(vault, incident, shown=False)
    case.say(vault, incident, "kind", kind="damage")
    assert standing(vault, "4701-000001").exposed is Exposed.NO


def test_an_incident_that_was_forgotten_says_nothing_any_more(vault: Vault) -> None:
    incident = leaked(vault, scanned(vault, {"a.csv": [TARO]}))
    count(vault, incident, shown=False)
    custody.forget_incident(vault, incident)
    assert standing(vault, "4701-000001").exposed is Exposed.NO


def test_who_moved_after_first_infection_gets_no_payment_elsewhere(vault: Vault, tmp_path: Path) -> None:
    incident = leaked(vault, scanned(vault, {"a.csv": [TARO, HANA]}))
    case.say(vault, incident, "infected", at=datetime.now(UTC).isoformat())
    count(vault, incident, shown=False)
    shown = (Shown("driving_licence", expires=date(2030, 1, 1)), Shown("letter_to_former_address"))
    assert checked(vault, "4701-000001", "account_change", *shown).answer.decision is Decision.GO
    held(vault, tmp_path, HOLDERS[0].replace("沖縄県那覇市架空1-1", "沖縄県名護市他所9"), *HOLDERS[1:])
    count(vault, incident, shown=False)
    for number in ("4701-000001", "9901-000007"):
        assert standing(vault, number).moved
        assert checked(vault, number, "account_change", *shown).answer.why is Why.ADDRESS_CHANGED
    assert not standing(vault, "4701-000002").moved
    assert checked(vault, "4701-000002", "account_change", *shown).answer.decision is Decision.GO


@pytest.mark.parametrize(
    ("outcomes", "is_held"),
    [
        pytest.param({}, True, id="nobody looked yet"),
        pytest.param({"沖縄県名護市他所9": "own"}, False, id="the person asked for it"),
        pytest.param({"沖縄県名護市他所9": "not_theirs"}, True, id="somebody else did"),
        pytest.param({"沖縄県名護市別所1": "own"}, True, id="another one was theirs, nobody looked into this one"),
        pytest.param({"沖縄県名護市他所9": "own", "沖縄県名護市別所1": "unreached"}, True, id="another one is open"),
    ],
)
def test_an_address_that_the_person_asked_for_themselves_holds_nothing_any_more(
    vault: Vault, tmp_path: Path, outcomes: dict[str, str], is_held: bool
) -> None:
    incident = leaked(vault, scanned(vault, {"a.csv": [TARO]}))
    case.say(vault, incident, "infected", at=(datetime.now(UTC) - timedelta(seconds=1)).isoformat())
    held(vault, tmp_path, HOLDERS[0].replace("沖縄県那覇市架空1-1", "沖縄県名護市他所9"), *HOLDERS[1:])
    count(vault, incident, shown=False)
    day = (datetime.now(UTC) + timedelta(days=1)).date().isoformat()
    rows = [f"4701-000001,{day} 10:00,住所変更,{address}" for address in outcomes or ("沖縄県名護市他所9",)]
    file = tmp_path / "changes.csv"
    file.write_text("\n".join(["基礎年金番号,処理日時,変更区分,変更後住所", *rows]), "utf-8")
    past.take(vault, incident, file)
    work = past.review(vault, incident).reviewed.worklist
    entries = dict(work.select("new_address", "entry").iter_rows())
    past.came_of(vault, incident, [(entries[address], outcome, "") for address, outcome in outcomes.items()])
    assert standing(vault, "4701-000001").moved == is_held
    shown = (Shown("driving_licence", expires=date(2030, 1, 1)), Shown("letter_to_former_address"))
    answer = checked(vault, "4701-000001", "account_change", *shown).answer
    assert (answer.why is Why.ADDRESS_CHANGED) == is_held


def test_a_person_is_found_by_name_too_and_of_namesakes_the_worst_counts(vault: Vault, tmp_path: Path) -> None:
    held(vault, tmp_path, *HOLDERS, "4701-000005,,架空 太郎,カクウ タロウ,1948-04-06,沖縄県うるま市別人5")
    incident = leaked(vault, scanned(vault, {"a.csv": [TARO, JIRO]}))
    count(vault, incident, shown=False)
    both = check_person(vault, Sought(name="かくう たろう", birth_date="S23.4.6"), "address_change", DAY)
    assert (both.persons, both.answer.exposed) == (2, Exposed.YES)
    jiro = check_person(vault, Sought(name="見本次郎", birth_date="1960-03-04"), "address_change", DAY)
    assert (jiro.persons, jiro.answer.exposed) == (1, Exposed.YES)
    assert "address" in jiro.answer.worthless
    nobody = check_person(vault, Sought(name="誰某", birth_date="1960-03-04"), "address_change", DAY)
    assert (nobody.persons, nobody.answer.exposed) == (0, Exposed.CANNOT_TELL)


def test_more_persons_than_anybody_looks_at_are_no_answer(vault: Vault, tmp_path: Path) -> None:
    held(vault, tmp_path, *(f"4705-{n:06},,同名 太郎,ドウメイ タロウ,1948-04-06,那覇市{n}" for n in range(25)))
    with pytest.raises(InputError, match="25"):
        check_person(vault, Sought(name="同名太郎", birth_date="1948-04-06"), "address_change", DAY)
    with pytest.raises(UsageError):
        check_person(vault, Sought(name="同名太郎"), "address_change", DAY)


def test_each_check_is_a_look_in_the_ledger(vault: Vault) -> None:
    begin(vault, "a leak")
    checked(vault, "4701-000001")
    last = json.loads(vault.outbox.pending(0)[-1][1])
    assert (last["action"], last["more"]["seen"]["marks"]) == ("check.ask", 1)


def test_documents_that_come_later_expose_who_was_not_before(vault: Vault) -> None:
    incident = leaked(vault, scanned(vault, {"a.csv": [TARO]}))
    count(vault, incident, shown=False)
    assert standing(vault, "4701-000002").exposed is Exposed.NO
    belongs(vault, incident, scanned(vault, {"b.csv": [HANA]}, root="/mnt/other"))
    for number in ("4701-000002", "4701-000004"):  # nobody has counted them yet
        assert standing(vault, number).exposed is Exposed.CANNOT_TELL
        assert checked(vault, number).answer.exposed is Exposed.CANNOT_TELL
    count(vault, incident, shown=False)
    assert alike(vault, [incident])["4701-000002"] is Exposed.YES
