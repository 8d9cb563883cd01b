"""Whoever knows what leaked and guesses the rest is told nothing, however they go about it."""

from __future__ import annotations

import pytest
from tests.flow.callers import SABURO, TARO_KNOWS, TAROS, asked
from tests.flow.leaked import belongs, scanned

from sekisho import actors
from sekisho.actions.helpline import Answer, check
from sekisho.actors import Proposal, Who
from sekisho.countries.helpline import helpline
from sekisho.errors import UsageError
from sekisho.flow.answering.helpline import end, search, verify
from sekisho.flow.answering.whom import Sought
from sekisho.flow.assessing.count import count
from sekisho.vault import Cost, Secret, Vault

TARO_IS = Sought(number="4701-000001")
KEY = Secret.passphrase("the operators' own")
OPERATORS = [f"operator{at}" for at in range(4)]


@pytest.fixture
def vault(line: Vault) -> Vault:
    return line


def acting(vault: Vault, name: str) -> Vault:
    actors.sign_in(vault, Who(name, KEY, "inquiry"))
    return vault


def test_several_operators_who_begin_at_once_have_no_more_tries_at_a_person(vault: Vault) -> None:
    for name, role in (("officer", "officer"), *((name, "counter") for name in OPERATORS)):
        assert not isinstance(actors.enlist(vault, name, role, KEY, Cost(64, 1, 1)), Proposal)
        acting(vault, "officer")
    calls = [(name, asked(acting(vault, name), TAROS, TARO_IS)) for name in OPERATORS]
    for name, turn in calls[:2]:
        for _ in range(2):
            last = verify(acting(vault, name), TAROS, turn.call, ["那覇市外れ1-1"] * 2)
        assert last.answer is Answer.IN_WRITING
    name, turn = calls[2]
    knows = [TARO_KNOWS[one.name] for one in turn.questions]
    assert verify(acting(vault, name), TAROS, turn.call, knows).answer is Answer.IN_WRITING


@pytest.mark.parametrize(
    "guesses",
    [
        pytest.param([Sought(number="4703-000009", birth_date=f"1970-05-0{day}") for day in range(1, 5)], id="a date"),
        pytest.param([Sought(name="台帳三郎", birth_date=f"197{at}-05-06") for at in range(1, 5)], id="a year"),
        pytest.param([Sought(number="4703-000009", town=f"那覇市{at}") for at in "仮架偽嘘"], id="a town"),
    ],
)
def test_whoever_guesses_by_searching_is_asked_nothing_any_more(vault: Vault, guesses: list[Sought]) -> None:
    turn = asked(vault, TAROS, guesses[0])
    for guess in guesses[1:]:
        assert not search(vault, TAROS, turn.call, guess).questions
    found = search(vault, TAROS, turn.call, Sought(number="4703-000009", birth_date="1970-05-06"))
    assert (found.answer, found.questions) == (Answer.IN_WRITING, ())


def test_where_in_a_town_somebody_lives_is_not_found_out_by_searching(vault: Vault) -> None:
    for town in ("那覇市台帳4-4", "那覇市台帳9-9"):
        turn = asked(vault, TAROS, Sought(number="4703-000009", town=town))
        assert turn.questions
        told_in_writing = verify(vault, TAROS, turn.call, ["?"] * len(turn.questions))
        assert told_in_writing.answer is None
        end(vault, TAROS, turn.call)


def test_what_leaked_meanwhile_verifies_nobody_who_was_found_before(vault: Vault) -> None:
    turn = asked(vault, TAROS, Sought(number="4703-000009", birth_date="1970-05-06"))
    assert [one.name for one in turn.questions] == ["address"]
    leaked = {"basic_pension_number": "4703-000009", "name": "台帳三郎", "birth_date": "1970-05-06"}
    belongs(vault, TAROS, scanned(vault, {"b.csv": [leaked]}, root="/mnt/other"))
    count(vault, TAROS, shown=False)
    with pytest.raises(UsageError, match="Nobody was found"):
        verify(vault, TAROS, turn.call, ["那覇市台帳4-4"])
    again = search(vault, TAROS, turn.call, SABURO)
    assert [one.name for one in again.questions] == ["address", "living_there_since"]


def test_when_somebody_joined_is_not_asked_of_whose_birth_date_leaked() -> None:
    holds = {"address": "那覇市架空1-1", "first_insured": "1990-05"}
    assert check(helpline(), holds, {"name"}).enough
    assert not check(helpline(), holds, {"name", "birth_date"}).enough
