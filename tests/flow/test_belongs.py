"""Which documents belong: a slip in a folder's name, a machine that writes it otherwise, a hash that no scan saw."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.flow.leaked import HANA, HOLDERS, TARO, belongs, held, leaked, scanned
from tests.flow.test_overruled import reader

from sekisho.errors import InputError
from sekisho.flow.assessing.case import hashes_in, known, say
from sekisho.flow.assessing.clocks import clocks_of
from sekisho.flow.assessing.count import count, load
from sekisho.flow.assessing.exposure import who
from sekisho.flow.scanning.review import Asked, export_questions, import_decisions
from sekisho.flow.scanning.scan import Wishes
from sekisho.flow.scanning.scan import scan as scan_folder
from sekisho.flow.scanning.settle import settle
from sekisho.incidents.answers import Answer
from sekisho.incidents.clocks import State
from sekisho.incidents.fresh import is_counted
from sekisho.model import DOCUMENTS
from sekisho.report import tabular
from sekisho.vault import Cost, Secret, Vault

FOLDER = "ガバナンス"
OTHER_FORM = unicodedata.normalize("NFD", FOLDER)
UNSEEN = "ab" * 32


@pytest.fixture
def vault(tmp_path: Path) -> Iterator[Vault]:
    with Vault.create(tmp_path / "vault", Secret.passphrase("a long enough one"), Cost(64, 1, 1)) as made:
        held(made, tmp_path, *HOLDERS)
        yield made


def counted(vault: Vault, incident: int) -> dict[str, Any]:
    return dict(count(vault, incident, shown=False).version.account)


@pytest.mark.parametrize("kind", ["documents", "nobody_in"])
def test_a_folder_in_which_no_document_lies_is_a_slip_and_refused(vault: Vault, kind: str) -> None:
    more = {"why": "looked at"} if kind == "nobody_in" else {}
    scan = scanned(vault, {f"{FOLDER}/a.csv": [TARO]})
    incident = leaked(vault)
    with pytest.raises(InputError, match="lies in that folder"):
        say(vault, incident, kind, scan=str(scan.about.scan), folder="ガバナス", **more)
    assert known(vault, incident).standing(kind) == ()


@pytest.mark.parametrize("written", [FOLDER, OTHER_FORM, f"./{FOLDER}", f"{FOLDER}/"])
def test_a_folder_is_the_same_in_whichever_normal_form_it_is_written(vault: Vault, written: str) -> None:
    scan = scanned(vault, {f"{OTHER_FORM}/a.csv": [TARO], f"{FOLDER}/b.csv": [HANA], "c.csv": []})
    incident = leaked(vault)
    belongs(vault, incident, scan, folder=written)
    assert counted(vault, incident)["persons"] == 2


def test_two_scans_that_write_a_name_in_two_normal_forms_saw_one_document(vault: Vault) -> None:
    there = {"sha256": "cd" * 32}
    one = scanned(vault, {f"{FOLDER}.csv": [TARO]}, **{FOLDER: there})
    other = scanned(vault, {f"{OTHER_FORM}.csv": [TARO]}, **{OTHER_FORM: there})
    incident = leaked(vault, one)
    (before,) = (count(vault, incident, shown=False), load(vault, incident).table["person"].to_pylist())[1:]
    belongs(vault, incident, other)
    account = counted(vault, incident)
    assert (account["documents"], account["records"], account["documents_seen_twice"]) == (1, 1, 1)
    assert load(vault, incident).table["person"].to_pylist() == before


def test_two_files_of_one_scan_are_two_though_only_the_normal_form_tells_them_apart(vault: Vault) -> None:
    alike = {name: {"sha256": "cd" * 32} for name in (FOLDER, OTHER_FORM)}
    scan = scanned(vault, {f"{FOLDER}.csv": [TARO], f"{OTHER_FORM}.csv": [TARO]}, **alike)
    assert counted(vault, leaked(vault, scan))["records"] == 2


def test_what_a_list_of_hashes_names_and_no_scan_saw_may_hold_anybody(vault: Vault) -> None:
    scan = scanned(vault, {"a.csv": [TARO]})
    incident = leaked(vault)
    seen = scan.read("documents", DOCUMENTS, ["sha256"])["sha256"].to_pylist()
    belongs(vault, incident, scan, hashes=[*seen, UNSEEN])
    account = counted(vault, incident)
    coming = account["may_still_come"]
    assert (account["persons"], account["documents"], coming["documents_by_outcome"]) == (1, 2, {"VANISHED": 1})
    assert [str(why.kind) for why in who(vault, incident, "4702-000005").doubts.could_be] == ["unread"]
    say(vault, incident, "nobody_in", scan=str(scan.about.scan), hashes=[UNSEEN], why="the police looked into it")
    assert counted(vault, incident)["may_still_come"]["documents_ruled_out"] == 1
    assert who(vault, incident, "4702-000005").doubts.could_be == ()


def test_a_hash_that_another_scan_of_the_incident_saw_is_read(vault: Vault) -> None:
    one, other = (scanned(vault, {f"{name}.csv": [who]}) for name, who in (("a", TARO), ("b", HANA)))
    incident = leaked(vault)
    every = [scan.read("documents", DOCUMENTS, ["sha256"])["sha256"][0].as_py() for scan in (one, other)]
    for scan in (one, other):
        belongs(vault, incident, scan, hashes=every)
    assert counted(vault, incident)["may_still_come"]["documents"] == 0


def test_a_list_without_a_hash_is_none_and_not_the_whole_scan(tmp_path: Path) -> None:
    (tmp_path / "list").write_text("\n\n", "utf-8")
    with pytest.raises(InputError, match="names no hash"):
        hashes_in(tmp_path / "list")


def test_while_documents_belong_that_nobody_counted_no_threshold_is_below(vault: Vault) -> None:
    incident = leaked(vault, scanned(vault, {"a.csv": [TARO]}))
    for name in ("sensitive", "property_damage", "improper_purpose"):
        say(vault, incident, "circumstance", name=name, status="no", evidence="looked")
    count(vault, incident, shown=False)
    belongs(vault, incident, scanned(vault, {"b.csv": [HANA]}))
    (clock,) = [one for one in clocks_of(vault, incident) if one.name == "jp_private.final"]
    assert (clock.asked, clock.state) == (Answer.NOT_KNOWN, State.RUNNING)
    assert not who(vault, incident, "4703-000009").counted
    count(vault, incident, shown=False)
    (clock,) = [one for one in clocks_of(vault, incident) if one.name == "jp_private.final"]
    assert (clock.asked, clock.state) == (Answer.NO, State.BELOW)
    assert who(vault, incident, "4703-000009").counted


def test_only_facts_that_change_which_documents_belong_outdate_a_version(vault: Vault) -> None:
    scan = scanned(vault, {"x/a.csv": [TARO], "y/b.csv": [HANA]})
    incident = leaked(vault)
    belongs(vault, incident, scan, folder="x")
    event = say(vault, incident, "event", what="cable pulled", at="2015-05-08T15:25")
    version = count(vault, incident, shown=False).version
    say(vault, incident, "withdrawn", fact=str(event), why="another incident")
    belongs(vault, incident, scan, folder="x")
    assert is_counted(known(vault, incident), version)
    belongs(vault, incident, scan, folder="y")
    assert not is_counted(known(vault, incident), version)


def test_rows_that_may_be_persons_though_they_were_taken_for_none_are_unread_until_somebody_says(
    vault: Vault, tmp_path: Path
) -> None:
    share = tmp_path / "share"
    share.mkdir()
    (share / "a.csv").write_text("氏名,生年月日\n架空 太郎,S23.4.6\n", "utf-8")
    (share / "b.csv").write_text("".join(f"4702-00000{n},{n}\n" for n in range(9)), "utf-8")
    made = scan_folder(vault, Wishes(share, shown=False), reader)
    settle(vault, made, vault.register(), shown=False)
    incident = leaked(vault, made)
    coming = counted(vault, incident)["may_still_come"]
    assert (coming["documents"], coming["documents_by_outcome"]) == (1, {"PARTLY_READ": 1})
    assert load(vault, incident).unread["reason"].to_pylist() == ["in_doubt"]
    answered(vault, tmp_path, "no_person")
    assert counted(vault, incident)["may_still_come"]["documents"] == 0
    assert count(vault, incident, shown=False).fresh is False
    answered(vault, tmp_path, "undecided")
    assert counted(vault, incident)["may_still_come"]["documents"] == 1


def answered(vault: Vault, folder: Path, answer: str) -> None:
    """One answer to every open question about the rows of a table."""
    export_questions(vault, vault.scan(), folder / "asked.csv", Asked(sure=True), force=True)
    rows = [row for _, row in tabular.read(folder / "asked.csv", ("question", "answer", "doubt"))]
    asked = [row["question"] for row in rows if row["doubt"] == "no_person_table"]
    assert asked
    text = "\n".join(["question,answer", *(f"{one},{answer}" for one in asked)])
    (folder / "answered.csv").write_text(text + "\n", "utf-8")
    import_decisions(vault, vault.scan(), folder / "answered.csv", "係長 田中")
