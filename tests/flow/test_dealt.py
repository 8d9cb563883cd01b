"""A difference that cannot be taken back is dealt with person by person, as two officers say, and work goes on."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pytest
from tests.actors.conftest import House
from tests.flow.leaked import HANA, HOLDERS, TARO, belongs, held, leaked, scanned

from sekisho import actors
from sekisho.actions.helpline import Answer
from sekisho.actors import Proposal
from sekisho.errors import InputError, ReconciliationError, RightsError
from sekisho.flow.assessing.case import known, say
from sekisho.flow.assessing.count import count, load
from sekisho.flow.assessing.dealt import deal_with
from sekisho.flow.assessing.exposure import reconcile
from sekisho.flow.assessing.gate import opened, reconciled
from sekisho.incidents.dealt import marks, way_out
from sekisho.incidents.reconcile import Finding, Kind
from sekisho.vault import Cost, Secret, Vault
from sekisho.vault.calls import ANSWERED
from sekisho.vault.tellings import Way

TARO_NUMBER = TARO["basic_pension_number"]


@pytest.fixture
def vault(tmp_path: Path) -> Iterator[Vault]:
    """Taro is exposed by incident 1, and told."""
    with Vault.create(tmp_path / "vault", Secret.passphrase("a long enough one"), Cost(64, 1, 1)) as made:
        held(made, tmp_path, *HOLDERS)
        leaked(made, scanned(made, {"a.csv": [TARO]}))
        count(made, 1, shown=False)
        tell(made, *load(made, 1).table["person"].to_pylist())
        yield made


def tell(vault: Vault, *persons: int) -> None:
    with vault.act("incident.count", incident=1):
        vault.tellings(1).put(((one, Way.PUBLICATION, "", 1) for one in persons), "2026-01-01")


def answer(vault: Vault, holder: str, told: Answer, version: int = 1) -> None:
    """What a caller was told, rightly or by a fault."""
    calls = vault.answers(1)
    with vault.act("helpline.answer", incident=1):
        calls.put(calls.begin("", {}), ANSWERED, "", {"holder": holder, "caller": "self"}, told=(version, str(told)))


def rows(vault: Vault) -> list[dict[str, str]]:
    """The differences by name."""
    reconcile(vault, 1, path(vault), force=True)
    with path(vault).open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def path(vault: Vault) -> Path:
    return vault.folder.parent / "differs.csv"


def kinds(vault: Vault) -> dict[str, int]:
    return {str(one.kind): one.count for one in reconciled(vault, 1).findings}


def test_after_a_wrong_answer_was_written_to_work_goes_on_until_there_is_another(vault: Vault) -> None:
    answer(vault, TARO_NUMBER, Answer.NOT_AFFECTED)
    with pytest.raises(ReconciliationError, match="an answer that is not what its version says"):
        opened(vault, 1, "announce")
    assert [(row["number"], row["what"]) for row in rows(vault)] == [
        (TARO_NUMBER, "answer_differs"),
        (TARO_NUMBER, "proven_wrong"),
    ]
    assert deal_with(vault, 1, path(vault), "written to on 5 June") == 2
    assert opened(vault, 1, "announce").version == 1
    assert (kinds(vault), reconciled(vault, 1).dealt) == ({}, 2)
    answer(vault, TARO_NUMBER, Answer.NOT_AFFECTED)
    assert kinds(vault) == {"answer_differs": 1, "proven_wrong": 1}


def test_said_twice_it_changes_nothing_and_withdrawn_it_blocks_again(vault: Vault) -> None:
    answer(vault, TARO_NUMBER, Answer.NOT_AFFECTED)
    rows(vault)
    assert deal_with(vault, 1, path(vault), "written to") == 2
    assert deal_with(vault, 1, path(vault), "written to") == 0
    (fact,) = known(vault, 1).standing("dealt_with")
    say(vault, 1, "withdrawn", fact=str(fact.number), why="the letter came back")
    assert kinds(vault) == {"answer_differs": 1, "proven_wrong": 1}


def test_that_nobody_told_somebody_is_never_said_away(vault: Vault) -> None:
    belongs(vault, 1, scanned(vault, {"b.csv": [HANA]}))
    count(vault, 1, shown=False)
    assert [(row["what"], row["mark"]) for row in rows(vault)] == [("untold", "")]
    with pytest.raises(InputError, match="names no difference that can be dealt with"):
        deal_with(vault, 1, path(vault), "they will read it in the papers")
    path(vault).write_text(f"what,mark\nuntold,{'0' * 64}\n", "utf-8")
    with pytest.raises(InputError, match="differences that are not there"):
        deal_with(vault, 1, path(vault), "they will read it in the papers")
    assert kinds(vault) == {"untold": 1}


@pytest.mark.parametrize("kind", [Kind.UNTOLD, Kind.OUTGROWN, Kind.LETTER_MISSING, Kind.AHEAD])
def test_what_a_plan_of_letters_puts_right_is_put_right_by_that_alone(kind: Kind) -> None:
    finding = Finding(kind, pl.DataFrame({"person": [1, 2], "version": [1, 1]}))
    assert marks(finding, b"s").null_count() == 2
    assert "letters plan" in way_out(kind, 1).en


def test_who_was_told_and_is_exposed_no_more_is_named_by_the_number_they_had(vault: Vault) -> None:
    first = known(vault, 1).standing("documents")[0].number
    belongs(vault, 1, scanned(vault, {"b.csv": [HANA]}))
    say(vault, 1, "withdrawn", fact=str(first), why="another incident's")
    count(vault, 1, shown=False)
    tell(vault, *load(vault, 1).table["person"].to_pylist())
    assert [(row["number"], row["what"]) for row in rows(vault)] == [(TARO_NUMBER, "gone")]
    assert deal_with(vault, 1, path(vault), "written to") == 1
    assert kinds(vault) == {}


def test_another_officer_approves_just_what_is_said_to_be_dealt_with(vault: Vault) -> None:
    answer(vault, TARO_NUMBER, Answer.NOT_AFFECTED)
    rows(vault)
    house = House(vault)
    house.enter("Olga")
    with pytest.raises(RightsError):
        deal_with(vault, 1, path(vault), "written to")
    house.enter("Alice")
    proposed = deal_with(vault, 1, path(vault), "written to")
    assert isinstance(proposed, Proposal)
    assert kinds(vault) == {"answer_differs": 1, "proven_wrong": 1}
    house.enter("Bob")
    actors.approve(vault, proposed.hash)
    house.enter("Alice")
    assert deal_with(vault, 1, path(vault), "written to") == 2
    assert kinds(vault) == {}
