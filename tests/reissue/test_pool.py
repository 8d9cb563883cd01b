"""New numbers come from the issuer's file only, and none of them is, or ever was, anybody's."""

from __future__ import annotations

import pytest
from tests.flow.leaked import held, scanned
from tests.reissue.conftest import NEW, OLD, Office

from sekisho.errors import InputError
from sekisho.flow.keeping.custody import forget_person
from sekisho.flow.registering.register import undo
from sekisho.flow.renewing.number_pool import supply
from sekisho.register.new_numbers import Fault
from sekisho.vault.reissues import Standing


def left_out(office: Office, *numbers: str, offices: tuple[str, ...] = ()) -> dict[Fault, int]:
    pool = office.file("pool.csv", "新番号", "4709-999999", *numbers)
    with pytest.raises(InputError, match="nobody may get"):
        supply(office.vault, pool, offices)
    assert office.vault.numbers().counts() == {}  # all or nothing
    return supply(office.vault, pool, offices, leave_out=True).left_out


def test_a_pool_is_taken_whole_and_once(office: Office) -> None:
    path = office.file("pool.csv", "新番号", *NEW)
    assert supply(office.vault, path).taken == len(NEW)
    assert office.vault.numbers().counts() == {Standing.FREE: len(NEW)}
    assert supply(office.vault, path).pool is None
    assert office.vault.numbers().counts() == {Standing.FREE: len(NEW)}


@pytest.mark.parametrize("number", ["12345", "4709-99999", "4709-9999999", "番号", "470-9000001", "09-000001"])
def test_what_is_no_number_of_ten_digits_is_not_taken(office: Office, number: str) -> None:
    assert left_out(office, number) == {Fault.UNREADABLE: 1}


def test_temporary_numbers_and_those_that_nobody_issues_are_not_taken(office: Office) -> None:
    assert left_out(office, "9901-000001", "4209-000001") == {Fault.NEVER: 1, Fault.NO_OFFICE: 1}


def test_an_issuer_that_names_its_offices_supplies_of_those_only(office: Office) -> None:
    assert left_out(office, "8208-000001", offices=("4709",)) == {Fault.NO_OFFICE: 1}


def test_a_number_that_stands_twice_or_was_supplied_before_is_not_taken_again(office: Office) -> None:
    assert left_out(office, NEW[0], NEW[0]) == {Fault.TWICE: 1}
    second = office.file("second.csv", "新番号", NEW[0], NEW[1])
    assert supply(office.vault, second, leave_out=True).left_out == {Fault.SUPPLIED: 1}


def test_no_holders_number_is_taken_now_old_or_of_an_import_that_was_undone(office: Office) -> None:
    held(office.vault, office.folder, "4703-000001,4703-000002,架空 七郎,カクウ シチロウ,1957-04-06,那覇市架空7-1")
    undo(office.vault, 2, "the wrong file")
    assert left_out(office, OLD[0], "4703-000001", "4703-000002") == {Fault.SOMEBODYS: 3}


def test_a_number_that_was_found_in_a_record_is_not_taken_whosever_it_is(office: Office) -> None:
    stranger = {"basic_pension_number": "4709-000077", "certificate_number": "4709-000078-1150", "name": "見本七郎"}
    scanned(office.vault, {"b.csv": [stranger]})
    assert left_out(office, "4709-000077", "4709-000078") == {Fault.FOUND: 2}


def test_a_file_without_numbers_without_a_header_or_torn_takes_nothing(office: Office) -> None:
    for lines in (["新番号"], ["氏名", "架空太郎"], ["新番号,x", "4709-000001,", "4709-000002,a,b"], [""]):
        with pytest.raises(InputError):
            supply(office.vault, office.file("pool.csv", *lines))
    assert office.vault.numbers().counts() == {}


def test_the_error_names_rows_and_never_a_number(office: Office) -> None:
    with pytest.raises(InputError) as told:
        supply(office.vault, office.file("pool.csv", "新番号", NEW[0], OLD[0]))
    assert "Rows 3" in told.value.message.en
    assert OLD[0] not in told.value.message.en + told.value.message.ja


def test_a_forgotten_holders_number_is_never_supplied_again(office: Office) -> None:
    office.vault.incidents().close(1)
    forget_person(office.vault, OLD[0])
    office.vault.drop([1])
    assert left_out(office, OLD[0]) == {Fault.SOMEBODYS: 1}
