"""Who may replace numbers: each role in its part, and nobody gives them alone."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from tests.actors.conftest import House, secret_of
from tests.reissue.conftest import NEW, Office

from sekisho import actors
from sekisho.actions.reissue import Plan
from sekisho.errors import ApprovalError, RightsError, SekishoError
from sekisho.flow.renewing import number_pool, reissue
from sekisho.flow.sinks import set_sink

ACTING = {"officer": "Alice", "operator": "Olga", "counter": "Kay", "clerk": "Carl", "auditor": "Aude"}
DO: Mapping[str, Callable[[Office], object]] = {
    "reissue.pool": lambda o: number_pool.supply(o.vault, o.file("more.csv", "新番号", "4709-000090")),
    "reissue.plan": lambda o: reissue.plan(o.vault, o.incident),
    "reissue.worklist": lambda o: reissue.worklist(o.vault, o.incident, o.folder / "work.csv", force=True),
    "reissue.export": lambda o: reissue.export(o.vault, o.incident, "core"),
    "reissue.acknowledge": lambda o: reissue.acknowledge(o.vault, o.incident, o.file("a.csv", "旧番号,新番号")),
    "reissue.alerts": lambda o: reissue.alerts(o.vault),
    "reissue.give": lambda o: reissue.give(o.vault, o.incident),
}


@pytest.fixture
def house(office: Office) -> House:
    office.told()
    office.supplied(NEW[:4])
    set_sink(office.vault, "core", "folder", {"path": str(office.folder)})
    return House(office.vault)


def enter(office: Office, role: str) -> None:
    actors.sign_in(office.vault, actors.Who(ACTING[role], secret_of(ACTING[role]), "incident") if role else None)


@pytest.mark.parametrize("action", DO)
def test_nobody_does_what_is_beyond_their_role(office: Office, house: House, action: str) -> None:
    for role in (*ACTING, ""):
        enter(office, role)
        if role in actors.policy().actions[action].by:
            continue
        with pytest.raises(RightsError):
            DO[action](office)
        assert house.last()[0] == "refused"
    assert office.given() == {}


def test_numbers_are_given_once_another_officer_approved_exactly_that(office: Office, house: House) -> None:
    enter(office, "operator")
    proposal = reissue.give(office.vault, office.incident)
    assert isinstance(proposal, actors.Proposal)
    assert office.given() == {}
    with pytest.raises(ApprovalError):
        actors.approve(office.vault, proposal.hash)  # nobody approves their own
    enter(office, "officer")
    actors.approve(office.vault, proposal.hash)
    enter(office, "operator")
    assert isinstance(reissue.give(office.vault, office.incident), Plan)
    assert len(office.given()) == 4
    enter(office, "operator")
    number_pool.supply(office.vault, office.file("more.csv", "新番号", *NEW[4:]))
    assert isinstance(reissue.give(office.vault, office.incident), actors.Proposal)  # others, so approved anew


def test_an_approval_does_not_count_for_other_persons(office: Office, house: House) -> None:
    enter(office, "operator")
    proposal = reissue.give(office.vault, office.incident)
    assert isinstance(proposal, actors.Proposal)
    enter(office, "officer")
    actors.approve(office.vault, proposal.hash)
    number_pool.supply(office.vault, office.file("more.csv", "新番号", NEW[4]))
    enter(office, "operator")
    assert isinstance(reissue.give(office.vault, office.incident), actors.Proposal)
    assert office.given() == {}


def test_what_may_not_be_done_is_refused_before_a_file_is_read(office: Office, house: House, tmp_path: Path) -> None:
    enter(office, "clerk")
    with pytest.raises(RightsError):
        number_pool.supply(office.vault, tmp_path / "nowhere.csv")
    enter(office, "operator")
    with pytest.raises(SekishoError, match="no file"):
        number_pool.supply(office.vault, tmp_path / "nowhere.csv")
