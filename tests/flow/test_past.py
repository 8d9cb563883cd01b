"""Changes since the first infection, from a file to the last outcome: by any number, in every version."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.flow.leaked import HANA, HOLDERS, JIRO, TARO, belongs, held, leaked, scanned

from sekisho.cli._main import main
from sekisho.errors import InputError, VaultError
from sekisho.flow.assessing.case import say
from sekisho.flow.assessing.count import count
from sekisho.flow.assessing.past import Worklist, came_of, export, filled_in, review, take
from sekisho.flow.proving.looked import who_looked_at
from sekisho.ledger.read import said
from sekisho.register.changes import CHANGES
from sekisho.vault import Cost, Secret, Vault, looks
from sekisho.vault.check import DAMAGE, look

HEAD = "受付番号,基礎年金番号,氏名,生年月日,処理日時,変更区分,変更後住所,変更後口座"


@pytest.fixture
def vault(tmp_path: Path) -> Iterator[Vault]:
    with Vault.create(tmp_path / "vault", Secret.passphrase("a long enough one"), Cost(64, 1, 1)) as made:
        held(made, tmp_path, *HOLDERS)
        yield made


@pytest.fixture
def incident(vault: Vault) -> int:
    number = leaked(vault, scanned(vault, {"a.csv": [TARO]}))
    say(vault, number, "infected", at="2015-05-08T10:28")
    count(vault, number, shown=False)
    return number


def taken(vault: Vault, incident: int, *rows: str, name: str = "changes.csv") -> Worklist:
    path = vault.folder.parent / name
    path.write_text("\n".join([HEAD, *rows]), "utf-8")
    take(vault, incident, path)
    return review(vault, incident)


def numbers(found: Worklist) -> list[str]:
    return found.reviewed.worklist["number"].to_list()


def standings(found: Worklist) -> list[tuple[str, str]]:
    return found.reviewed.worklist.select("standing", "time").rows()


def test_a_change_is_found_by_any_number_that_the_person_ever_had(vault: Vault, incident: int) -> None:
    found = taken(
        vault,
        incident,
        "A1,9901-000007,,,2015/05/08 10:28,住所変更,甲,",
        "A2,4701-000001,,,2015/05/08 10:27,住所変更,甲,",
        "A3,4702-000005,,,2015/05/09 10:27,住所変更,甲,",
    )
    assert standings(found) == [("exposed", "since")]
    assert numbers(found) == ["4701-000001"]
    assert found.reviewed.account.rows == 3


def test_unknown_numbers_unreadable_days_and_the_day_itself_are_said(vault: Vault, incident: int) -> None:
    found = taken(
        vault,
        incident,
        *("A1,4701-000001,,,2015/05/08,住所変更,甲,", "A2,4701-000001,,,あした,住所変更,甲,"),
        *("A3,9199-123456,,,2015/05/09,住所変更,甲,", "A4,,,,2015/05/09,住所変更,甲,"),
        *("A5,4701-000001,,,2015/05/09,口座変更,,1", "A5,4701-000001,,,2015/05/09,口座変更,,1"),
    )
    assert sorted(standings(found)) == [
        *(
            ("exposed", "perhaps"),
            ("exposed", "perhaps"),
            ("exposed", "since"),
            ("unknown", "since"),
            ("unknown", "since"),
        )
    ]
    assert found.reviewed.account.duplicates == 1
    assert found.reviewed.worklist["kinds"][0] == "account"


def test_whom_no_number_names_is_found_by_name_and_birth_date(vault: Vault, incident: int) -> None:
    found = taken(vault, incident, "A1,,架空 太郎,S23.4.6,2015/05/09,住所変更,甲,")
    assert standings(found) == [("exposed", "since")]
    assert numbers(found) == ["4701-000001"]


def test_a_later_version_brings_more_and_what_was_cleared_stays_so(vault: Vault, incident: int) -> None:
    rows = [
        f"A{at},{number},,,2015/05/09 9:00,住所変更,甲," for at, number in enumerate(("4701-000001", "4702-000005"))
    ]
    first = taken(vault, incident, *rows)
    assert (first.version, first.new, first.reviewed.account.listed) == (1, 1, 1)
    came_of(vault, incident, [(first.reviewed.worklist["entry"][0], "own", "訪問で確認")])
    belongs(vault, incident, scanned(vault, {"b.csv": [HANA]}, root="/mnt/other"))
    count(vault, incident, shown=False)
    second = review(vault, incident)
    assert (second.version, second.new, second.reviewed.account.listed) == (2, 1, 2)
    assert second.open() == 1
    assert sorted(second.since.values()) == [1, 2]


def test_a_person_whose_an_undecided_record_could_be_is_listed_as_that(vault: Vault) -> None:
    incident = leaked(vault, scanned(vault, {"a.csv": [{**HANA, "basic_pension_number": None, "birth_date": None}]}))
    say(vault, incident, "infected", at="2015-05-08T10:28")
    count(vault, incident, shown=False)
    found = taken(
        vault, incident, "A1,4702-000005,,,2015/05/09,住所変更,甲,", "A2,4701-000001,,,2015/05/09,住所変更,甲,"
    )
    assert standings(found) == [("possible", "since")]
    assert numbers(found) == ["4702-000005"]


def test_the_same_file_is_taken_in_once_and_two_files_are_held_together(vault: Vault, incident: int) -> None:
    row = "A1,4701-000001,,,2015/05/09,住所変更,甲,"
    taken(vault, incident, row)
    assert taken(vault, incident, row).reviewed.account.rows == 1
    again = taken(vault, incident, row, "A2,4701-000001,,,2015/05/10,住所変更,乙,", name="more.csv")
    assert (again.reviewed.account.rows, again.reviewed.account.duplicates, again.reviewed.account.listed) == (3, 1, 2)


def test_a_torn_row_is_named_and_the_call_says_that_it_was_not_taken(
    vault: Vault, incident: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    path = vault.folder.parent / "torn.csv"
    path.write_text(f"{HEAD}\n\nA-1,4701-000001\nA-2,4701-000001,,,2015-05-09,住所変更,,\n", "utf-8")
    vault.close()
    monkeypatch.setenv("SEKISHO_PASSPHRASE", "a long enough one")
    assert main(["incident", "review", str(incident), str(path), "--vault", str(vault.folder)]) == 5
    told = capsys.readouterr()
    assert "1 change of 1 person" in told.out
    assert "1 row of the file was not taken: row 3." in told.err


def test_the_worklist_is_filled_in_and_comes_back(vault: Vault, incident: int, tmp_path: Path) -> None:
    taken(vault, incident, "A1,4701-000001,,,2015/05/09,住所変更,=甲,", "A2,4701-000001,,,2015/05/10,住所変更,乙,")
    out = tmp_path / "work.csv"
    assert export(vault, incident, out) == 2
    text = out.read_text("utf-8-sig")
    assert "那覇市架空1-1" in text
    assert "'=甲" in text
    lines = text.splitlines()
    cells = lines[1].split(",")
    cells[-2:] = ["not_theirs", "=警察へ"]
    out.write_text("\n".join([lines[0], ",".join(cells), *lines[2:]]), "utf-8")
    assert came_of(vault, incident, filled_in(out)) == 1
    kept = vault.changes(incident).outcomes()
    assert [(one.outcome, one.note) for one in kept.values()] == [("not_theirs", "=警察へ")]
    assert review(vault, incident).open() == 1


def test_outcomes_that_are_none_are_refused(vault: Vault, incident: int) -> None:
    found = taken(vault, incident, "A1,4701-000001,,,2015/05/09,住所変更,甲,")
    for entry, outcome in (("0" * 16, "own"), (found.reviewed.worklist["entry"][0], "maybe")):
        with pytest.raises(InputError):
            came_of(vault, incident, [(entry, outcome, "")])
    assert not vault.changes(incident).outcomes()


def test_the_look_stands_in_the_ledger_and_no_number_does(vault: Vault, incident: int) -> None:
    taken(vault, incident, "A1,4701-000001,,,2015/05/09,住所変更,甲,")
    entries = [one.entry for one in said(vault)]
    assert entries[-1]["action"] == "incident.review"
    assert entries[-1]["more"]["seen"]["marks"] == 1
    assert not any(word in str(entries) for word in ("4701-000001", "4701000001", "甲"))


def test_a_person_can_ask_who_looked_at_their_changes(vault: Vault, incident: int, tmp_path: Path) -> None:
    taken(vault, incident, "A1,0799-123456,,,2015/05/09,住所変更,甲,", "A2,4701-000001,,,2015/05/09,住所変更,甲,")
    export(vault, incident, tmp_path / "work.csv")
    seen = vault.looks().of([looks.number("799123456")])
    assert len(seen) == 3
    assert "incident.review_list" in {one.action for one in who_looked_at(vault, "4701-000001", shown=False).looks}


def test_without_a_count_or_a_file_it_says_what_is_missing(vault: Vault, tmp_path: Path) -> None:
    incident = leaked(vault, scanned(vault, {"a.csv": [JIRO]}))
    with pytest.raises(InputError, match="No file"):
        review(vault, incident)
    with pytest.raises(InputError, match="counted"):
        taken(vault, incident, "A1,4701-000001,,,2015/05/09,住所変更,甲,")


def test_a_register_is_not_needed(tmp_path: Path) -> None:
    with Vault.create(tmp_path / "vault", Secret.passphrase("a long enough one"), Cost(64, 1, 1)) as vault:
        incident = leaked(vault, scanned(vault, {"a.csv": [TARO]}))
        say(vault, incident, "infected", at="2015-05-08T10:28")
        count(vault, incident, shown=False)
        found = taken(
            vault, incident, "A1,4701-000001,,,2015/05/09,住所変更,甲,", "A2,4799-000001,,,2015/05/09,住所変更,甲,"
        )
        assert standings(found) == [("exposed", "since"), ("unknown", "since")]


def test_forgetting_the_incident_forgets_its_changes(vault: Vault, incident: int) -> None:
    taken(vault, incident, "A1,4701-000001,,,2015/05/09,住所変更,甲,")
    folder = vault.changes(incident).folder
    assert any(folder.iterdir())
    vault.forget_incident(incident)
    assert not folder.exists()


def test_a_flipped_bit_in_what_was_taken_in_is_found(vault: Vault, incident: int) -> None:
    taken(vault, incident, "A1,4701-000001,,,2015/05/09,住所変更,甲,")
    assert look(vault).sound
    (part,) = vault.changes(incident).folder.iterdir()
    data = bytearray(part.read_bytes())
    data[len(data) // 2] ^= 1
    part.write_bytes(data)
    with pytest.raises(VaultError):
        review(vault, incident)
    assert [fault.file for fault in look(vault).faults if fault.kind in DAMAGE] == [
        f"incidents/000001-changes/{part.name}"
    ]


def test_what_a_killed_call_left_goes_and_what_counts_stays(vault: Vault, incident: int) -> None:
    taken(vault, incident, "A1,4701-000001,,,2015/05/09,住所変更,甲,")
    kept = vault.changes(incident)
    kept.write("changes", kept.read("changes", CHANGES))
    assert len(list(kept.folder.iterdir())) == 2
    found = taken(vault, incident, "A2,4701-000001,,,2015/05/10,住所変更,甲,", name="more.csv")
    assert found.reviewed.account.rows == 2
    assert {path.name for path in kept.folder.iterdir()} == {part.name for part in kept.parts()}
