"""A leaked number becomes a new one: given once, told to the core system, taken by it, and then in force."""

from __future__ import annotations

import csv
import io
from datetime import date
from pathlib import Path

import polars as pl
import pytest
from benchmarks.telling import tell
from tests.flow.leaked import belongs, held, leaked, scanned
from tests.reissue.conftest import NEW, OLD, PEOPLE, SECRET, Office, person, record

from sekisho.actions.reissue import Answer, Plan, Why
from sekisho.actions.step_up import Why as StepUp
from sekisho.errors import InputError, ReconciliationError, UsageError
from sekisho.flow.answering.step_up import check_person
from sekisho.flow.answering.whom import Sought, find
from sekisho.flow.assessing.count import count, load
from sekisho.flow.assessing.gate import reconciled
from sekisho.flow.keeping.custody import forget_person
from sekisho.flow.registering.holder_envelopes import by_number
from sekisho.flow.registering.register import show
from sekisho.flow.renewing import reissue
from sekisho.flow.sinks import set_sink
from sekisho.register import lookup
from sekisho.vault import Cost, Vault
from sekisho.vault.acts import Draft
from sekisho.vault.reissues import Standing
from sekisho.vault.tellings import Way

DIGITS = [int(number.replace("-", "")) for number in NEW]
OLD_DIGITS = [int(number.replace("-", "")) for number in OLD]


def given(office: Office) -> Plan:
    made = reissue.give(office.vault, office.incident)
    assert isinstance(made, Plan)
    return made


def exported(office: Office) -> dict[str, list[dict[str, str]]]:
    set_sink(office.vault, "core", "folder", {"path": str(office.folder)})
    made = reissue.export(office.vault, office.incident, "core")
    parcels = office.vault.parcels(office.incident)
    content = parcels.parcel(next(one for one in parcels.all() if one.number == made.parcel)).content
    return {name: list(csv.DictReader(io.StringIO(said.decode()))) for name, said in content.items()}


def answered(office: Office, *rows: str, head: str = "旧番号,新番号,処理結果") -> reissue.Acknowledged:
    return reissue.acknowledge(office.vault, office.incident, office.file("answers.csv", head, *rows))


def all_taken(office: Office) -> reissue.Acknowledged:
    pairs = exported(office)["numbers.csv"]
    return answered(office, *(f"{one['old_number']},{one['new_number']},済" for one in pairs))


# --- who gets one


def test_the_reachable_get_a_number_and_the_others_stand_on_the_worklist(office: Office) -> None:
    office.told(Way.HELD, Way.UNREACHABLE, Way.DECEASED, Way.PUBLICATION)
    office.supplied()
    made = given(office)
    assert made.counts == {
        Why.READY: 2,
        Why.DECEASED: 1,
        Why.UNREACHABLE: 1,
        Why.PUBLICATION: 1,
        Why.HELD: 1,
    }
    assert set(office.given()) == set(OLD_DIGITS[4:])
    again = reissue.plan(office.vault, office.incident)
    assert again.counts[Why.GIVEN] == 2
    assert sorted(again.waiting["why"]) == ["held", "publication", "unreachable"]


def test_numbers_are_given_in_the_issuers_order_to_those_with_most_items_first(office: Office) -> None:
    office.told()
    office.supplied()
    made = given(office)
    assert made.ready[0][1] == OLD_DIGITS[-1]  # a certificate leaked too
    assert office.given()[OLD_DIGITS[-1]] == DIGITS[0]
    assert sorted(office.given().values()) == DIGITS


def test_a_number_that_records_of_others_hold_as_well_is_its_holders(tmp_path: Path) -> None:
    with Vault.create(tmp_path / "vault", SECRET, Cost(64, 1, 1)) as vault:
        held(
            vault, tmp_path, *(f"{one},,架空 太郎,,195{at}-04-06,沖縄県那覇市架空{at}-1" for at, one in enumerate(OLD))
        )
        dated = [{"basic_pension_number": number, "birth_date": f"195{at}-04-06"} for at, number in enumerate(OLD)]
        named = [{"basic_pension_number": number, "name": "別人花子"} for number in OLD]
        office = Office(vault, tmp_path)
        assert office.incident == leaked(vault, scanned(vault, {"a.csv": dated, "b.csv": named}))
        count(vault, office.incident, shown=False)
        table = load(vault, office.incident).table.to_pylist()
        assert len(table) == PEOPLE + 1
        ways = {one["person"]: Way.LETTER if one["holder"] else Way.PUBLICATION for one in table}
        tell(vault, office.incident, ways)
        office.supplied()
        assert given(office).counts[Why.READY] == PEOPLE
        assert not reconciled(vault, office.incident).blocking


def test_a_pool_that_is_used_up_leaves_the_others_waiting_and_loses_nobody(office: Office) -> None:
    office.told()
    office.supplied(NEW[:4])
    made = given(office)
    assert (made.counts[Why.READY], made.lacking) == (4, 2)
    with pytest.raises(UsageError, match="2 numbers are needed"):
        reissue.give(office.vault, office.incident)
    office.supplied(NEW[4:], "more.csv")
    given(office)
    assert sorted(office.given()) == OLD_DIGITS
    assert sorted(office.given().values()) == DIGITS
    with pytest.raises(UsageError, match="Nobody"):
        reissue.give(office.vault, office.incident)


def test_nothing_is_given_before_everybody_is_told_somehow(office: Office) -> None:
    office.told()
    office.supplied()
    belongs(
        office.vault,
        office.incident,
        scanned(office.vault, {"b.csv": [{"name": "見本次郎", "birth_date": "1960-03-04"}]}),
    )
    count(office.vault, office.incident, shown=False)
    with pytest.raises(ReconciliationError):
        reissue.give(office.vault, office.incident)
    assert office.given() == {}


def test_whose_number_did_not_leak_keeps_it(office: Office) -> None:
    names = scanned(office.vault, {"names.csv": [{"name": "架空0郎", "birth_date": "1950-04-06"}]})
    other = leaked(office.vault, names, title="names only")
    count(office.vault, other, shown=False)
    persons = load(office.vault, other).table["person"].to_pylist()
    tell(office.vault, other, dict.fromkeys(persons, Way.LETTER))
    office.supplied()
    assert reissue.plan(office.vault, other).table.height == 0


def test_the_worklist_says_who_waits_and_why_once_the_look_is_logged(office: Office) -> None:
    office.told(Way.HELD)
    office.supplied(NEW[:4])
    assert reissue.worklist(office.vault, office.incident, office.folder / "work.csv") == 2
    rows = pl.read_csv(office.folder / "work.csv", infer_schema=False).to_dicts()
    assert [row["why"] for row in rows] == ["pool_used_up", "held"] or [row["why"] for row in rows] == [
        "held",
        "pool_used_up",
    ]
    assert {row["old_number"] for row in rows} <= set(OLD)
    assert office.vault.looks().of([f"number:{OLD_DIGITS[0]}"])


# --- the core system


def test_the_core_system_gets_each_number_once_and_certificates_change_with_them(office: Office) -> None:
    office.told()
    office.supplied()
    given(office)
    files = exported(office)
    pairs = {one["old_number"]: one["new_number"] for one in files["numbers.csv"]}
    assert sorted(pairs) == OLD
    assert files["certificates.csv"] == [
        {"old_certificate": f"{OLD[-1]}-1150", "new_certificate": f"{pairs[OLD[-1]]}-1150"}
    ]
    with pytest.raises(InputError, match="since the last export"):
        reissue.export(office.vault, office.incident, "core")


def test_what_the_core_system_took_is_in_force_and_the_old_number_points_on(office: Office) -> None:
    office.told()
    office.supplied()
    given(office)
    found = all_taken(office)
    assert (found.answers, found.waiting, found.in_force) == ({Answer.TAKEN: PEOPLE}, 0, PEOPLE)
    assert office.vault.reissues(office.incident).counts() == {Standing.IN_FORCE: PEOPLE}
    register = office.vault.register()
    for old, new in office.given().items():
        holder = lookup.leads_to(register, old)
        assert holder is not None
        assert lookup.leads_to(register, new) == holder
        (life,) = lookup.lives(register, [holder])
        assert lookup.numbers_said(life) == {old, new}
        assert life.states.sort("act")["basic_pension_number"][-1].replace("-", "") == f"{new:010}"
        assert life.states.sort("act")["address"][-1].startswith("沖縄県那覇市架空")
    assert not reconciled(office.vault, office.incident).blocking


def test_the_same_answers_twice_change_nothing(office: Office) -> None:
    office.told()
    office.supplied()
    given(office)
    all_taken(office)
    acts = len(office.vault.register().acts())
    again = answered(office, *(f"{old:010},{new:010},OK" for old, new in office.given().items()))
    assert (again.answers, again.in_force) == ({Answer.AGAIN: PEOPLE}, 0)
    assert len(office.vault.register().acts()) == acts


def test_a_number_that_the_core_system_refuses_is_nobodys_for_ever_and_its_person_gets_another(office: Office) -> None:
    office.told()
    office.supplied([*NEW, "4709-000099"])
    given(office)
    exported(office)
    refused = office.given()[OLD_DIGITS[0]]
    found = answered(office, f"{OLD[0]},{refused:010},エラー（重複）")
    assert found.answers == {Answer.REFUSED: 1}
    given(office)
    assert office.given()[OLD_DIGITS[0]] == 4709000099
    assert refused not in office.given().values()


@pytest.mark.parametrize(
    ("rows", "answer"),
    [
        ([f"{OLD[0]},4709-000555,済"], Answer.OTHER_NUMBER),
        ([f"4701-000777,{NEW[0]},済"], Answer.OTHER_NUMBER),
        (["4701-000777,4709-000555,済"], Answer.NOT_ASKED),
        ([f"{OLD[0]},{{new}},済", f"{OLD[0]},{{new}},エラー"], Answer.CONTRADICTS),
        ([f"{OLD[0]},{{new}},済", f"{OLD[1]},{{new}},済"], Answer.CONTRADICTS),
        ([f"{OLD[0]},{{new}},"], Answer.UNCLEAR),
        ([f"{OLD[0]},{{new}},未登録"], Answer.UNCLEAR),
        ([f"{OLD[0]},{{new}},pending"], Answer.UNCLEAR),
        ([f"{OLD[0]},{{new}},not accepted"], Answer.UNCLEAR),
        ([f"{OLD[0]},{{new}},不明"], Answer.UNCLEAR),
        ([f"{OLD[0]},{{new}},正常（エラーなし）"], Answer.UNCLEAR),
        ([f"{OLD[0]},{{new}},成否確認中"], Answer.UNCLEAR),
        ([f"{OLD[0]},{{new}},エラー未解消"], Answer.UNCLEAR),
        ([f"{OLD[0]},{{new}},登録不可"], Answer.REFUSED),
    ],
)
def test_an_answer_that_differs_is_named_and_changes_nothing(office: Office, rows: list[str], answer: Answer) -> None:
    office.told()
    office.supplied()
    given(office)
    exported(office)
    new = f"{office.given()[OLD_DIGITS[0]]:010}"
    found = answered(office, *(row.format(new=new) for row in rows))
    assert set(found.answers) <= {answer}
    if answer is not Answer.REFUSED:
        assert found.rows == tuple(range(2, len(rows) + 2))
        assert found.waiting == PEOPLE


def test_a_column_that_nobody_knows_may_say_that_a_number_was_not_taken(office: Office) -> None:
    office.told()
    office.supplied()
    given(office)
    exported(office)
    row = f"{OLD[0]},{office.given()[OLD_DIGITS[0]]:010},E01"
    assert answered(office, row, head="旧番号,新番号,コード").answers == {Answer.UNCLEAR: 1}
    assert answered(office, row, head="旧番号,新番号,処理日").answers == {Answer.TAKEN: 1}


def test_answers_without_a_result_column_are_those_that_were_taken(office: Office) -> None:
    office.told()
    office.supplied()
    given(office)
    pairs = exported(office)["numbers.csv"]
    rows = [f"{one['old_number']},{one['new_number']}" for one in pairs]
    assert answered(office, *rows, head="old_number,new_number").in_force == PEOPLE


def test_a_later_version_gives_numbers_to_its_new_persons_only(office: Office) -> None:
    office.told()
    office.supplied([*NEW, "4709-000099"])
    given(office)
    all_taken(office)
    before = office.given()
    held(office.vault, office.folder, "4703-000009,,台帳 三郎,ダイチョウ サブロウ,1970-05-06,沖縄県那覇市台帳4-4")
    late = {"basic_pension_number": "4703-000009", "name": "台帳三郎", "birth_date": "1970-05-06"}
    belongs(office.vault, office.incident, scanned(office.vault, {"late.csv": [late, record(0)]}))
    count(office.vault, office.incident, shown=False)
    persons = load(office.vault, office.incident).table["person"].to_pylist()
    tell(office.vault, office.incident, dict.fromkeys(persons, Way.LETTER), 2)
    made = given(office)
    assert made.ready == [(made.ready[0][0], 4703000009)]
    assert {old: office.given()[old] for old in before} == before


# --- where the old number turns up


def test_an_old_number_raises_an_alert_wherever_it_turns_up_after(office: Office) -> None:
    office.told()
    office.supplied()
    given(office)
    show(office.vault, OLD[0])
    assert reissue.alerts(office.vault) == []  # it counts as long as the core system says nothing else
    all_taken(office)
    certificate = {"certificate_number": f"{OLD[1]}-1150", "name": "架空1郎"}
    scanned(office.vault, {"after.csv": [record(0), record(0), certificate]})
    find(office.vault, Sought(number=OLD[2]), "register.show")
    show(office.vault, OLD[3])
    held(office.vault, office.folder, person(4))
    found = {(one.place, one.old, one.times) for one in reissue.alerts(office.vault)}
    assert found == {
        ("scan", OLD_DIGITS[0], 2),
        ("scan", OLD_DIGITS[1], 1),
        ("person", OLD_DIGITS[2], 1),
        ("person", OLD_DIGITS[3], 1),
        ("register", OLD_DIGITS[4], 1),
    }
    show(office.vault, f"{office.given()[OLD_DIGITS[0]]:010}")  # the new one raises none
    assert len(reissue.alerts(office.vault)) == 5


def test_a_stale_file_never_makes_a_replaced_number_current_again(office: Office) -> None:
    office.told()
    office.supplied()
    given(office)
    all_taken(office)
    held(office.vault, office.folder, person(0).replace("架空0-1", "新しい町9-9"))
    register = office.vault.register()
    new = office.given()[OLD_DIGITS[0]]
    holder = lookup.leads_to(register, OLD_DIGITS[0])
    assert holder == lookup.leads_to(register, new)
    (life,) = lookup.lives(register, [holder])
    assert life.states.sort("act")["basic_pension_number"][-1].replace("-", "") == f"{new:010}"
    assert register.imports()[-1].account["counts"]["replaced"] == 1


def test_a_number_that_leaked_again_is_replaced_again_and_both_old_ones_point_on(office: Office) -> None:
    office.told()
    office.supplied()
    given(office)
    all_taken(office)
    second = office.given()[OLD_DIGITS[0]]
    written = f"{second:010}"
    again = scanned(office.vault, {"b.csv": [record(0, basic_pension_number=f"{written[:4]}-{written[4:]}")]})
    office.incident = leaked(office.vault, again, title="once more")
    count(office.vault, office.incident, shown=False)
    (one,) = load(office.vault, office.incident).table["person"].to_pylist()
    tell(office.vault, office.incident, {one: Way.LETTER})
    office.supplied(["4709-000555"], "more.csv")
    given(office)
    all_taken(office)
    register = office.vault.register()
    assert len({lookup.leads_to(register, number) for number in (OLD_DIGITS[0], second, 4709000555)}) == 1
    held(office.vault, office.folder, person(0))
    (life,) = lookup.lives(register, [lookup.leads_to(register, second) or 0])
    assert life.states.sort("act")["basic_pension_number"][-1] == "4709-000555"


def test_who_is_forgotten_leaves_no_link_and_their_number_is_never_free_again(office: Office) -> None:
    office.told()
    office.supplied()
    given(office)
    all_taken(office)
    new = office.given()[OLD_DIGITS[0]]
    office.vault.incidents().close(1)
    forget_person(office.vault, OLD[0])
    assert OLD_DIGITS[0] not in office.given()
    assert office.vault.numbers().counts() == {Standing.IN_FORCE: PEOPLE - 1, Standing.FORGOTTEN: 1}
    assert {"number": new, "state": "forgotten"} in office.vault.numbers().every().to_pylist()


def test_many_clients_who_ask_by_old_numbers_raise_an_alert_each_with_their_look(office: Office) -> None:
    office.told()
    office.supplied()
    given(office)
    all_taken(office)
    with office.vault.together() as together:
        for old in OLD:
            draft = Draft("register.show")
            found = together.ask(
                office.vault.acting, draft, lambda vault, old=old: (by_number(vault, old), vault.looks().at([old]))
            )
            assert found is not None
    assert sorted(one.old or 0 for one in reissue.alerts(office.vault)) == OLD_DIGITS


def test_a_counter_where_somebody_shows_the_old_number_holds(office: Office) -> None:
    office.told()
    office.supplied()
    given(office)

    def why(number: str) -> object:
        return check_person(office.vault, Sought(number=number), "address_change", date(2026, 11, 23)).answer.why

    assert why(OLD[0]) is not StepUp.OLD_NUMBER
    all_taken(office)
    assert why(OLD[0]) is StepUp.OLD_NUMBER
    assert why(f"{office.given()[OLD_DIGITS[0]]:010}") is not StepUp.OLD_NUMBER


def test_a_number_of_the_pool_that_a_later_register_gives_to_somebody_is_given_to_nobody(office: Office) -> None:
    office.told()
    office.supplied([*NEW, "4709-000099"])
    held(office.vault, office.folder, f"{NEW[0]},,台帳 三郎,ダイチョウ サブロウ,1970-05-06,沖縄県那覇市台帳4-4")
    scanned(office.vault, {"b.csv": [{"basic_pension_number": NEW[1], "name": "見本七郎"}]})
    assert reissue.plan(office.vault, office.incident).lacking == 1
    given(office)
    assert sorted(office.given().values()) == [*DIGITS[2:], 4709000099]
    assert office.vault.numbers().counts() == {Standing.GIVEN: PEOPLE - 1, Standing.REFUSED: 2}


def test_two_incidents_give_one_person_one_number(office: Office) -> None:
    office.told()
    office.supplied([*NEW, "4709-000099"])
    given(office)
    second = leaked(office.vault, office.vault.scan(), title="the same files once more")
    count(office.vault, second, shown=False)
    persons = load(office.vault, second).table["person"].to_pylist()
    tell(office.vault, second, dict.fromkeys(persons, Way.LETTER))
    assert reissue.plan(office.vault, second).counts == {Why.REPLACED: PEOPLE}


def test_whose_number_the_register_changed_since_the_count_waits_for_the_next(office: Office) -> None:
    office.told()
    office.supplied()
    other = f"4705-000001,{OLD[0]},架空 0郎,カクウ イチロウ,1950-04-06,沖縄県那覇市架空0-1"
    held(office.vault, office.folder, other)
    assert reissue.plan(office.vault, office.incident).counts[Why.RENUMBERED] == 1
    given(office)
    assert OLD_DIGITS[0] not in office.given()


def test_the_same_refusals_twice_are_known_already(office: Office) -> None:
    office.told()
    office.supplied([*NEW, "4709-000099"])
    given(office)
    exported(office)
    refused = f"{OLD[0]},{office.given()[OLD_DIGITS[0]]:010},エラー"
    assert answered(office, refused).answers == {Answer.REFUSED: 1}
    assert answered(office, refused).answers == {Answer.AGAIN: 1}
    given(office)
    assert answered(office, refused).answers == {Answer.AGAIN: 1}
    assert answered(office, refused.replace("エラー", "済")).answers == {Answer.CONTRADICTS: 1}
