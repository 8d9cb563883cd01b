"""With actors the second clerk is another key: names are proven, and what counts was signed by both."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest
from tests.actors.conftest import CHEAP, House

from sekisho import actors
from sekisho.errors import InputError, RightsError, UsageError
from sekisho.flow.merging.answer import answer
from sekisho.flow.merging.ask import Wanted, worklist
from sekisho.flow.merging.merges import status
from sekisho.flow.merging.second import confirm, proposals, split
from sekisho.flow.merging.take_up import Matching, take_up
from sekisho.flow.registering.register import import_file
from sekisho.persons.asking.standing import State
from sekisho.vault import Secret, Vault

HOLDERS = {
    "基礎年金番号": ["8201-000001", "8201-000002"],
    "氏名": ["架空 太郎", "架空 花子"],
    "生年月日": ["1948-04-06", "1950-05-05"],
    "住所": ["沖縄県那覇市旭町1-9", "沖縄県那覇市旭町2-9"],
}
RECORDS = {"record": ["r1", "r2"], "name_kana": ["カクウ タロウ", "カクウ ハナコ"], "birth_date": ["1948-04-06"] * 2}
MATCHES = {
    "record": ["r1", "r2"],
    "holder": ["8201-000001", "8201-000002"],
    "probability": [0.6, 0.6],
    "outcome": ["ask", "ask"],
    "rank": [1, 1],
    "reasons": ["name", "name"],
}


class Office(House):
    """A house with two open questions."""

    def __init__(self, vault: Vault, folder: Path) -> None:
        pl.DataFrame(HOLDERS).write_csv(folder / "holders.csv")
        pl.DataFrame(RECORDS).write_csv(folder / "records.csv")
        pl.DataFrame(MATCHES).write_parquet(folder / "matches.parquet")
        import_file(vault, folder / "holders.csv", shown=False)
        take_up(vault, Matching(folder / "records.csv", folder / "matches.parquet"), shown=False)
        super().__init__(vault)
        self.folder = folder

    def enter(self, name: str, purpose: str = "matching") -> None:
        super().enter(name, purpose)

    def answered(self, who: str) -> int:
        """Both questions are given to a clerk, who says yes to them."""
        self.enter(who)
        given = worklist(self.vault, Wanted(10, who), self.folder / "list.csv", force=True)
        self.fill("list.csv", answer="yes", evidence="手帳")
        answer(self.vault, self.folder / "list.csv", "")
        return given.questions

    def fill(self, name: str, **columns: str) -> Path:
        path = self.folder / name
        table = pl.read_csv(path, infer_schema=False)
        table.with_columns(**{column: pl.lit(value) for column, value in columns.items()}).write_csv(path)
        return path

    def listed(self, who: str) -> int:
        self.enter(who)
        return proposals(self.vault, self.folder / "p.csv", "", force=True).rows

    def merged(self) -> int:
        return status(self.vault).states[State.MERGED]


@pytest.fixture
def office(tmp_path: Path) -> Office:
    with Vault.create(tmp_path / "vault", Secret.passphrase("the vault's own"), CHEAP) as vault:
        yield Office(vault, tmp_path)  # type: ignore[misc]


def test_what_one_clerk_signed_another_confirms_and_both_stand_in_the_ledger(office: Office) -> None:
    assert office.answered("Carl") == 2
    proposed = office.entries("merges.answer")[-1]["more"]["proposals"]
    assert office.listed("Cleo") == 2
    found = confirm(office.vault, office.fill("p.csv", decision="confirm"), "")
    assert (found.confirmed, office.merged()) == (2, 2)
    said = office.entries("merges.confirm")[-1]
    assert (said["actor"], sorted(said["more"]["proposals"])) == (office.id("Cleo"), sorted(proposed))
    for hash_ in proposed:
        one = actors.proposal(office.vault, hash_)
        assert (one.proposer, one.approvals, one.state) == (
            office.id("Carl"),
            {office.id("Cleo"): "approve"},
            "done",
        )


def test_a_clerk_who_only_says_to_be_another_is_refused(office: Office) -> None:
    office.answered("Carl")
    assert office.listed("Carl") == 0
    office.listed("Cleo")
    office.enter("Carl")
    with pytest.raises(RightsError, match="did not sign in"):
        confirm(office.vault, office.fill("p.csv", decision="confirm"), "Cleo")
    with pytest.raises(InputError, match="cannot confirm"):
        confirm(office.vault, office.folder / "p.csv", "")
    assert office.last()[1]["why"] == "self_given"
    assert office.merged() == 0


def test_nobody_but_a_clerk_answers_or_confirms(office: Office) -> None:
    office.answered("Carl")
    office.listed("Alice")
    with pytest.raises(RightsError):
        confirm(office.vault, office.fill("p.csv", decision="confirm"), "")
    assert office.last() == ("refused", {"action": "merges.confirm", "why": "role"})
    assert office.merged() == 0


def test_a_proposal_that_nobody_signed_is_void(office: Office) -> None:
    office.answered("Carl")
    office.listed("Cleo")
    office.fill("p.csv", decision="confirm")
    with office.vault.act("merges.void"):
        for one in actors.proposals(office.vault):
            office.vault.actors().settle(one.hash, "refused")
    found = confirm(office.vault, office.folder / "p.csv", "")
    assert (found.confirmed, found.void, office.merged()) == (0, 2, 0)


def test_a_clerk_who_was_disabled_since_has_proposed_nothing(office: Office) -> None:
    office.answered("Carl")
    office.listed("Cleo")
    office.enter("Alice")
    actors.disable(office.vault, "Carl")
    office.enter("Cleo")
    found = confirm(office.vault, office.fill("p.csv", decision="confirm"), "")
    assert (found.confirmed, found.void) == (0, 2)


def test_refused_it_is_open_to_nobody_again_and_a_split_is_signed_too(office: Office) -> None:
    office.answered("Carl")
    office.listed("Cleo")
    confirm(office.vault, office.fill("p.csv", decision="refuse"), "")
    assert not actors.proposals(office.vault)
    office.answered("Carl")
    office.listed("Cleo")
    confirm(office.vault, office.fill("p.csv", decision="confirm"), "")
    split(office.vault, "r1", "", "her sister's")
    assert office.listed("Carl") == 1
    confirm(office.vault, office.fill("p.csv", decision="confirm"), "Carl")
    assert office.merged() == 1


def test_questions_are_given_to_actors_who_may_answer_them(office: Office) -> None:
    office.enter("Carl")
    with pytest.raises(UsageError, match="does not answer"):
        worklist(office.vault, Wanted(10, "Olga"), office.folder / "list.csv")
    with pytest.raises(UsageError, match="no actor"):
        worklist(office.vault, Wanted(10, "A. Tanaka"), office.folder / "list.csv")
