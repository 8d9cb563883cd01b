"""Exposed persons in versions: what is added counts once, nobody is lost, and every difference adds up."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.flow.leaked import HANA, HOLDERS, JIRO, TARO, belongs, held, leaked, scanned

from sekisho.errors import HeldError, InputError, VaultError
from sekisho.flow.answering.whom import Sought, find
from sekisho.flow.assessing.case import known, say
from sekisho.flow.assessing.count import compared, count, load
from sekisho.flow.keeping import custody
from sekisho.flow.scanning.settle import settle
from sekisho.incidents.master import UNLISTED
from sekisho.vault import Cost, Secret, Vault
from sekisho.vault.files import not_written


@pytest.fixture
def vault(tmp_path: Path) -> Iterator[Vault]:
    with Vault.create(tmp_path / "vault", Secret.passphrase("a long enough one"), Cost(64, 1, 1)) as made:
        held(made, tmp_path, *HOLDERS)
        yield made


def test_the_same_document_in_two_scans_counts_once(vault: Vault) -> None:
    told = {"a.csv": [TARO, HANA], "b.csv": [JIRO]}
    incident = leaked(vault, scanned(vault, told), scanned(vault, told))
    made = count(vault, incident, shown=False).version
    assert made.account["records"] == 3
    assert made.account["persons"] == 3
    assert made.account["documents_seen_twice"] == 2


def test_a_person_whom_only_records_know_is_one_in_two_scans(vault: Vault) -> None:
    one = scanned(vault, {"a.csv": [JIRO]})
    other = scanned(vault, {"b.csv": [JIRO | {"phone": "098-000-0000"}, TARO]}, root="/mnt/other")
    incident = leaked(vault, one)
    count(vault, incident, shown=False)
    jiro = load(vault, incident).table["person"].to_pylist()
    belongs(vault, incident, other)
    made = count(vault, incident, shown=False)
    master = load(vault, incident)
    assert made.version.account["persons"] == 2
    assert set(jiro) < set(master.table["person"].to_pylist())
    exposure = master.of_person(jiro[0])
    assert exposure is not None
    assert (exposure.since, exposure.grown, exposure.records) == (1, 2, 2)
    assert "phone" in exposure.items
    assert compared(vault, incident).counts()["grown"] == 1
    first = compared(vault, incident, other=1)
    assert (first.before, first.after, first.counts()["new"]) == (0, 1, 1)


def test_an_incident_without_documents_is_told_so(vault: Vault) -> None:
    with pytest.raises(InputError, match="No documents"):
        count(vault, leaked(vault), shown=False)
    with pytest.raises(InputError, match="Nobody has counted"):
        load(vault, leaked(vault))


def test_counting_again_without_anything_new_makes_no_version(vault: Vault) -> None:
    incident = leaked(vault, scanned(vault, {"a.csv": [TARO]}))
    assert count(vault, incident, shown=False).fresh
    assert not count(vault, incident, shown=False).fresh
    assert len(vault.leak(incident).versions()) == 1


def test_any_number_that_ever_led_to_a_holder_leads_to_their_exposure(vault: Vault) -> None:
    incident = leaked(vault, scanned(vault, {"a.csv": [TARO]}))
    count(vault, incident, shown=False)
    master = load(vault, incident)
    now, old = master.of_holder(["4701-000001"]), master.of_holder(["9901-000007"])
    assert now == old
    assert now is not None
    assert now.items == ("basic_pension_number", "name", "birth_date")
    assert master.of_holder(["4702-000005"]) is None


def test_a_holder_who_gets_another_number_stays_the_same_person(vault: Vault, tmp_path: Path) -> None:
    incident = leaked(vault, scanned(vault, {"a.csv": [TARO]}))
    count(vault, incident, shown=False)
    before = load(vault, incident).of_holder(["4701-000001"])
    held(vault, tmp_path, "4709-000077,4701-000001,架空 太郎,カクウ タロウ,1948-04-06,沖縄県那覇市架空1-1")
    made = count(vault, incident, shown=False)
    after = load(vault, incident).of_holder(["4709-000077"])
    assert before is not None
    assert after is not None
    assert (before.person, after.since, after.holder) == (after.person, 1, "4709-000077")
    assert made.difference is not None
    assert made.difference.counts()["renumbered"] == 1
    assert load(vault, incident).of_holder(["4701-000001"]) == after


def test_a_counting_that_the_disk_fails_as_it_settles_again_goes_on_and_nobody_is_lost_meanwhile(
    vault: Vault, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise not_written(OSError(errno.ENOSPC, "full"))

    scan = scanned(vault, {"a.csv": [TARO, JIRO]})
    incident = leaked(vault, scan)
    held(vault, tmp_path, "4709-000077,4701-000001,架空 太郎,カクウ タロウ,1948-04-06,沖縄県那覇市架空1-1")
    jiro = Sought(name=JIRO["name"], birth_date=JIRO["birth_date"])
    with monkeypatch.context() as disk:
        disk.setattr("sekisho.flow.scanning.settle.settle_records", full)
        with pytest.raises(VaultError, match="full"):
            count(vault, incident, shown=False)
    assert find(vault, jiro, "helpline.search", scans=[scan.about.scan]).count == 1
    assert count(vault, incident, shown=False).version.account["persons"] == 2


def test_who_is_exposed_again_after_a_version_without_them_is_the_same_person(vault: Vault, tmp_path: Path) -> None:
    one, other = scanned(vault, {"a.csv": [TARO, HANA]}), scanned(vault, {"b.csv": [HANA]})
    incident = leaked(vault, one)
    count(vault, incident, shown=False)
    before = load(vault, incident).of_holder(["4701-000001"])
    (fact,) = known(vault, incident).standing("documents")
    belongs(vault, incident, other)
    again = say(vault, incident, "withdrawn", fact=str(fact.number), why="another incident's")
    count(vault, incident, shown=False)
    assert load(vault, incident).of_holder(["4701-000001"]) is None
    held(vault, tmp_path, "4799-000001,4701-000001,架空 太郎,カクウ タロウ,1948-04-06,沖縄県那覇市架空1-1")
    say(vault, incident, "withdrawn", fact=str(again), why="it was this one's")
    made = count(vault, incident, shown=False)
    after = load(vault, incident).of_holder(["4799-000001"])
    assert before is not None
    assert after is not None
    assert (after.person, after.since, after.grown) == (before.person, 1, 1)
    assert load(vault, incident).of_holder(["4701-000001"]) == after
    assert made.difference is not None
    assert (made.difference.counts()["new"], made.difference.before, made.difference.after) == (1, 1, 2)


def test_a_document_that_was_locked_in_one_scan_counts_as_the_other_read_it(vault: Vault) -> None:
    told = {"a.csv": [TARO]}
    same = {"sha256": "0" * 64}
    locked = scanned(vault, {"a.csv": []}, a={**same, "outcome": "LOCKED", "reason": "password_unknown"})
    incident = leaked(vault, locked)
    assert count(vault, incident, shown=False).version.account["may_still_come"]["documents"] == 1
    belongs(vault, incident, scanned(vault, told, a=same))
    belongs(vault, incident, scanned(vault, {"a.csv": []}, a={**same, "outcome": "LOCKED", "reason": "tries_used_up"}))
    made = count(vault, incident, shown=False).version
    assert (made.account["persons"], made.account["documents"]) == (1, 1)
    assert made.account["may_still_come"]["documents"] == 0


def test_an_unread_document_in_which_nobody_stands_may_bring_no_more(vault: Vault) -> None:
    unread = {"outcome": "UNSUPPORTED", "reason": "unknown_kind"}
    scan = scanned(vault, {"a.csv": [TARO], "tools/setup.exe": [], "b.bin": []}, setup=unread, b=unread)
    incident = leaked(vault, scan)
    count(vault, incident, shown=False)
    assert load(vault, incident).unread.num_rows == 2
    say(vault, incident, "nobody_in", scan=str(scan.about.scan), folder="tools", why="looked into it")
    coming = count(vault, incident, shown=False).version.account["may_still_come"]
    assert (coming["documents"], coming["documents_ruled_out"]) == (1, 1)
    assert load(vault, incident).unread["document"].to_pylist() == ["b.bin"]


def test_a_folder_or_hashes_choose_documents_with_all_that_lies_in_them(vault: Vault) -> None:
    scan = scanned(
        vault,
        {"x/a.zip!in.csv": [TARO], "x/a.zip": [], "xy/b.csv": [HANA], "c.csv": [JIRO]},
        a={"sha256": "a" * 64},
    )
    by_folder, by_hash = leaked(vault), leaked(vault)
    belongs(vault, by_folder, scan, folder="x")
    belongs(vault, by_hash, scan, hashes=["a" * 64])
    for incident in (by_folder, by_hash):
        made = count(vault, incident, shown=False).version
        assert (made.account["documents"], made.account["persons"]) == (2, 1)


def test_what_the_law_treats_apart_is_told_of_each_person(vault: Vault) -> None:
    other = [("other:病名", "架空病"), ("pension_code", "1150")]
    disability = [("pension_code", "1350"), ("bank_account", "1234567")]
    scan = scanned(
        vault, {"a.csv": [TARO | {"other": other}, HANA | {"other": disability}, JIRO | {"my_number": "1" * 12}]}
    )
    incident = leaked(vault, scan)
    made = count(vault, incident, shown=False).version
    assert made.account["persons_by_class"] == {"money": 1, "my_number": 1, "sensitive": 2}
    exposure = load(vault, incident).of_holder(["4702-000005"])
    assert exposure is not None
    assert exposure.classes == ("sensitive", "money")
    assert exposure.other_items == ("bank_account", "pension_code")


def test_who_is_exposed_is_forgotten_once_the_incident_is_closed_and_stays_counted_without_a_name(
    vault: Vault, tmp_path: Path
) -> None:
    incident = leaked(vault, scanned(vault, {"a.csv": [TARO, HANA]}))
    count(vault, incident, shown=False)
    before = load(vault, incident).of_holder(["4701-000001"])
    with pytest.raises(HeldError, match="Incident 1, which is open, exposes this person"):
        custody.forget_person(vault, "9901-000007")
    vault.incidents().close(incident)
    custody.forget_person(vault, "4701-000001")
    vault.incidents().reopen(incident)
    made = count(vault, incident, shown=False)
    master = load(vault, incident)
    assert before is not None
    assert made.version.account["persons_by_state"] == {"forgotten": 1, "settled": 1}
    assert master.of_holder(["4701-000001"]) is None
    assert master.of_holder(["9901-000007"]) is None
    after = master.of_person(before.person)
    assert after is not None
    assert (after.holder, after.since) == (None, 1)
    assert made.difference is not None
    assert made.difference.counts()["forgotten"] == 1
    held(vault, tmp_path, "4705-000001,,別人 四郎,ベツジン シロウ,1980-01-01,沖縄県那覇市別人5-5")
    again = count(vault, incident, shown=False)
    assert again.version.account["settled_again"]
    master = load(vault, incident)
    assert (master.of_person(before.person), master.of_holder(["4701-000001"])) == (after, None)
    assert vault.leak(incident).of(3).read("unlisted", UNLISTED).num_rows == 0
    assert master.open.records.is_empty()


def test_holders_without_a_number_and_those_who_share_one_are_persons_of_their_own(
    vault: Vault, tmp_path: Path
) -> None:
    rows = (
        "基礎年金番号,氏名,生年月日",
        "4711-000001,共有一郎,1950-01-01",
        "4711-000001,共有二郎,1960-02-02",
        ",無番三郎,1970-03-03",
        "4711-000004,普通四郎,1980-04-04",
    )
    (tmp_path / "register.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    told = [
        {"basic_pension_number": "4711-000001", "name": "共有一郎", "birth_date": "1950-01-01"},
        {"basic_pension_number": "4711-000001", "name": "共有二郎", "birth_date": "1960-02-02"},
        {"name": "無番三郎", "birth_date": "1970-03-03"},
        {"basic_pension_number": "4711-000004", "name": "普通四郎", "birth_date": "1980-04-04"},
    ]
    one, other = scanned(vault, {"a.csv": told}), scanned(vault, {"b.csv": told[::-1]}, root="/mnt/other")
    for scan in (one, other):
        settle(vault, vault.scan(scan.about.scan), tmp_path / "register.csv", shown=False)
    incident = leaked(vault, one)
    first = count(vault, incident, shown=False).version
    before = load(vault, incident).table["person"].to_pylist()
    belongs(vault, incident, other)
    second = count(vault, incident, shown=False).version
    for made, records in ((first, 4), (second, 8)):
        assert (made.account["persons"], made.account["records_of_persons"]) == (4, records)
    master = load(vault, incident)
    assert master.table["person"].to_pylist() == before
    assert len(master.persons_of(["4711-000001"])) == 2
