"""Whoever has a new number in force is told of it by recorded mail, once, where the letter had reached them."""

from __future__ import annotations

import csv
import io
import subprocess
from pathlib import Path

import pytest
from tests.actors.conftest import House
from tests.reissue.conftest import OLD, PEOPLE, Office
from tests.reissue.test_reissue import OLD_DIGITS, all_taken, given
from tests.sinks.receivers import certificate

from sekisho import actors
from sekisho.actions.control import read
from sekisho.errors import UsageError
from sekisho.flow.renewing.notices import FIRST_NUMBER, Noticed, make
from sekisho.flow.sinks import set_sink
from sekisho.vault.letters import State


@pytest.fixture
def replaced(office: Office) -> Office:
    office.told()
    office.supplied()
    given(office)
    written_to(office)
    cert, _ = certificate(office.folder)
    set_sink(office.vault, "shop", "print_shop", {"path": str(office.folder), "certificate": str(cert)})
    return office


def written_to(office: Office, state: State = State.SENT) -> None:
    letters = office.vault.letters(office.incident)
    with office.vault.act("letters.sent", incident=office.incident):
        letters.become(letters.standing()["letter"].to_pylist(), state)


def noticed(office: Office) -> Noticed:
    made = make(office.vault, office.incident, "shop", shown=False)
    assert isinstance(made, Noticed)
    return made


def bundles(office: Office) -> dict[str, dict[str, bytes]]:
    parcels = office.vault.parcels(office.incident)
    return {one.name: dict(parcels.parcel(one).content) for one in parcels.all() if one.kind == "notices"}


def pages(pdf: bytes) -> list[str]:
    said = subprocess.run(["pdftotext", "-layout", "-", "-"], input=pdf, check=True, capture_output=True).stdout
    return said.decode().split("\f")[:-1]


def test_nobody_is_told_of_a_number_before_the_core_system_took_it(replaced: Office) -> None:
    with pytest.raises(UsageError, match="told"):
        make(replaced.vault, replaced.incident, "shop", shown=False)
    assert bundles(replaced) == {}


def test_nobody_is_told_of_a_new_number_before_the_letter_that_the_old_one_leaked(replaced: Office) -> None:
    all_taken(replaced)
    written_to(replaced, State.CREATED)
    with pytest.raises(UsageError, match=f"{PEOPLE} wait"):
        make(replaced.vault, replaced.incident, "shop", shown=False)
    written_to(replaced, State.QUEUED)
    assert noticed(replaced) == Noticed(PEOPLE, 1, 0)


def test_each_is_told_once_of_their_number_by_recorded_mail(replaced: Office, tmp_path: Path) -> None:
    all_taken(replaced)
    assert noticed(replaced) == Noticed(PEOPLE, 1, 0)
    ((name, files),) = bundles(replaced).items()
    assert name == "notices-0001-001"
    rows = list(csv.DictReader(io.StringIO(files["index.csv"].decode())))
    assert {(row["post"], row["forward"]) for row in rows} == {("recorded", "no")}
    faces = [read(row["control"]) for row in rows]
    assert [one and one.letter for one in faces] == [FIRST_NUMBER + at for at in range(1, PEOPLE + 1)]
    told = pages(files["ja-001.pdf"])
    assert len(told) == PEOPLE
    numbers = {f"{old:010}": f"{new:010}" for old, new in replaced.given().items()}
    for page in told:
        (old,) = [one for one in OLD if f"架空 {one[-1]}郎" in page]
        new = numbers[old.replace("-", "")]
        assert f"{new[:4]}-{new[4:]}" in page
        assert "転送不要" in page
        assert not [one for one in OLD if one in page]  # no old number in full
        assert not [other for other in numbers.values() if other != new and f"{other[:4]}-{other[4:]}" in page]
    with pytest.raises(UsageError):
        noticed(replaced)


def test_notices_go_out_sealed_only(replaced: Office) -> None:
    all_taken(replaced)
    set_sink(replaced.vault, "open", "folder", {"path": str(replaced.folder)})
    with pytest.raises(UsageError, match="seal"):
        make(replaced.vault, replaced.incident, "open", shown=False)


def test_who_got_the_letter_back_waits(replaced: Office) -> None:
    all_taken(replaced)
    letters = replaced.vault.letters(replaced.incident)
    first = letters.standing()["letter"].to_pylist()[0]
    with replaced.vault.act("letters.plan", incident=replaced.incident):
        letters.become([first], State.RETURNED)
    assert noticed(replaced) == Noticed(PEOPLE - 1, 1, 1)


def test_bundles_that_a_kill_left_out_go_as_they_were_approved_whatever_the_next_call_says(replaced: Office) -> None:
    all_taken(replaced)
    cert, _ = certificate(replaced.folder)
    set_sink(replaced.vault, "other", "print_shop", {"path": str(replaced.folder), "certificate": str(cert)})
    due = sorted(replaced.given().values())
    with replaced.vault.act("reissue.notices", incident=replaced.incident):
        replaced.vault.reissues(replaced.incident).announce(due, 4, "shop", 1)
    assert make(replaced.vault, replaced.incident, "other", shown=False) == Noticed(0, 2, 0)
    assert sorted(bundles(replaced)) == ["notices-0001-001", "notices-0001-002"]
    assert {one.sink for one in replaced.vault.parcels(replaced.incident).all() if one.kind == "notices"} == {"shop"}
    with pytest.raises(UsageError):
        noticed(replaced)


def test_notices_go_out_once_another_officer_approved_them(replaced: Office) -> None:
    all_taken(replaced)
    house = House(replaced.vault)
    house.enter("Olga")
    proposal = make(replaced.vault, replaced.incident, "shop", shown=False)
    assert isinstance(proposal, actors.Proposal)
    assert bundles(replaced) == {}
    house.enter("Alice")
    actors.approve(replaced.vault, proposal.hash)
    house.enter("Olga")
    assert noticed(replaced).notices == PEOPLE
    assert replaced.vault.looks().of([f"number:{replaced.given()[OLD_DIGITS[0]]}"])
