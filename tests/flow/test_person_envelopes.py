"""The persons of a settled scan lie sealed, are found without the scan's tables, and go with the scan, or alone."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pyarrow as pa
import pytest

from sekisho.flow.keeping import check, custody
from sekisho.flow.registering import holder_envelopes, person_envelopes, register
from sekisho.flow.registering.person_envelopes import by_name, by_number
from sekisho.flow.scanning.settle import settle
from sekisho.model import DOCUMENTS, MATCHES, RECORDS
from sekisho.vault import Cost, Scan, Secret, Vault

SECRET = Secret.passphrase("x")
HEAD = "基礎年金番号,旧基礎年金番号,氏名,フリガナ,生年月日,住所\n"
HOLDER = "4701-000001,9901-000007,架空 太郎,カクウ タロウ,1948-04-06,沖縄県那覇市架空1-1\n"
TARO = {"basic_pension_number": "4701-000001", "name": "架空太郎", "birth_date": "1948-04-06"}
HANA = {
    "basic_pension_number": "4702-000005",
    "name": "仮名花子",
    "name_kana": "カメイハナコ",
    "birth_date": "1950-01-02",
}
ELSE = {**HANA, "basic_pension_number": "4702-000006", "address": "沖縄県那覇市仮名2-2"}
JIRO = {"name": "見本次郎", "birth_date": "1960-03-04", "address": "沖縄県那覇市見本3-3"}
NUMBERS = ("4701-000001", "9901-000007", "4702-000005", "4702-000006", "4702-000099", "no number")
NAMES = (
    *(("架空太郎", "1948-04-06"), ("かくう たろう", "S23.4.6"), ("仮名花子", "1950-01-02"), ("見本次郎", "1960-03-04")),
    *(("カメイハナコ", "1950-01-02"), ("仮名花子", "1950-01-03")),
)


def rows(schema: pa.Schema, some: list[dict[str, object]]) -> pa.Table:
    return pa.Table.from_pylist([dict.fromkeys(schema.names) | row for row in some], schema)


@pytest.fixture
def vault(tmp_path: Path) -> Iterator[Vault]:
    with Vault.create(tmp_path / "vault", SECRET, Cost(64, 1, 1)) as made:
        (tmp_path / "h.csv").write_text(HEAD + HOLDER, encoding="utf-8")
        register.import_file(made, tmp_path / "h.csv", shown=False)
        yield made


def scanned(vault: Vault, *records: dict[str, str], incident: int | None = None) -> Scan:
    begun = vault.begin_scan("/mnt/share", "0.1.0", incident)
    document = {
        "outcome": "READ",
        "reason": "",
        "protection": "NONE",
        "password_beside": False,
        "size": 9,
        "records": 1,
    }
    documents = rows(DOCUMENTS, [{**document, "document_id": 1, "document": "a.csv", "file": "a.csv"}])
    said = [{"record_id": n, "document_id": 1, "other": [], **record} for n, record in enumerate(records, 1)]
    begun.commit([begun.write("documents", documents), begun.write("records", rows(RECORDS, said))])
    vault.finish_scan(begun)
    return vault.scan()


def settled(vault: Vault, *records: dict[str, str], incident: int | None = None) -> Scan:
    scan = scanned(vault, *records, incident=incident)
    settle(vault, scan, vault.register(), shown=False)
    return scan


def answers(vault: Vault, scan: Scan) -> list[list[tuple[object, ...]]]:
    """All that is asked of a scan, and what comes of it."""
    found = [by_number(vault, scan, number) for number in NUMBERS]
    found += [by_name(vault, scan, holder_envelopes.called(*name)) for name in NAMES]
    return [[(one.holder, *one.fields().values()) for one in some] for some in found]


def keys_of(vault: Vault, scan: Scan) -> list[bytes]:
    sql = "SELECT key_id FROM people WHERE scan = ?"
    return [bytes(key_id) for (key_id,) in vault.people()._store.rows(sql, (scan.about.scan,))]


def only_the_index(patch: pytest.MonkeyPatch) -> None:
    patch.setattr("sekisho.flow.registering.person_envelopes._told", lambda *_: pytest.fail("the scan was searched"))


def test_everybody_in_a_small_scan_is_found_in_the_envelopes(vault: Vault, monkeypatch: pytest.MonkeyPatch) -> None:
    scan = settled(vault, TARO, HANA, HANA, ELSE, JIRO)
    only_the_index(monkeypatch)
    taro, old, hana, other, *nobody = (by_number(vault, scan, number) for number in NUMBERS)
    assert nobody == [[], []]
    assert [one.name for one in (*taro, *hana, *other)] == ["架空太郎", "仮名花子", "仮名花子"]
    assert (old, taro[0].address, taro[0].name_kana) == (taro, "沖縄県那覇市架空1-1", "カクウタロウ")
    matched = scan.read("matches", MATCHES, ["record_id", "person"]).to_pylist()
    assert taro[0].holder == next(row["person"] for row in matched if row["record_id"] == 1)
    assert [len(some) > 0 for some in answers(vault, scan)[len(NUMBERS) :]] == [True] * 5 + [False]


def test_the_register_and_other_scans_know_nothing_of_them(vault: Vault) -> None:
    first, second = settled(vault, TARO, HANA), settled(vault, TARO)
    assert vault.people().count() == 1
    assert vault.people().by_numbers(["4702000005"]) == []
    assert by_number(vault, second, "4702-000005") == []
    assert by_number(vault, first, "4701-000001") != by_number(vault, second, "4701-000001")


def test_in_a_large_scan_those_are_sealed_who_were_asked_for(vault: Vault, monkeypatch: pytest.MonkeyPatch) -> None:
    small = settled(vault, TARO, HANA, HANA, ELSE, JIRO)
    told = answers(vault, small)
    monkeypatch.setenv("SEKISHO_ENVELOPES", "1")
    vault.people(small.about.scan).drop(vault.people(small.about.scan).holders())
    small.commit((), people=None)
    settle(vault, small, vault.register(), shown=False)
    assert answers(vault, small) == told
    with monkeypatch.context() as patched:
        only_the_index(patched)
        for number in NUMBERS[:4]:
            assert by_number(vault, small, number)
    assert answers(vault, small) == told
    settle(vault, small, vault.register(), shown=False)
    assert answers(vault, small) == told


def test_everybody_in_a_large_scan_is_sealed_for_a_helpline_and_stays_so_when_it_is_settled_again(
    vault: Vault, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SEKISHO_ENVELOPES", "1")
    scan = settled(vault, TARO, HANA, HANA, ELSE, JIRO)
    person_envelopes.keep_everybody(vault, [scan.about.scan], shown=False)
    everybody = keys_of(vault, scan)
    assert len(everybody) == len(scan.read("matches", MATCHES)["person"].unique())
    settle(vault, scan, vault.register(), shown=False)
    assert keys_of(vault, scan) == everybody
    only_the_index(monkeypatch)
    assert [len(one) > 0 for one in answers(vault, scan)] == [True] * 4 + [False] * 2 + [True] * 5 + [False]


def test_settling_again_seals_only_who_changed(vault: Vault, tmp_path: Path) -> None:
    scan = settled(vault, TARO, HANA, JIRO)
    before = keys_of(vault, scan)
    assert person_envelopes.keep(vault, scan) == 0
    (tmp_path / "i.csv").write_text(HEAD + HOLDER.replace("架空1-1", "架空9-9"), encoding="utf-8")
    register.import_file(vault, tmp_path / "i.csv", shown=False)
    settle(vault, scan, vault.register(), shown=False)
    assert len({*before} & {*keys_of(vault, scan)}) == 2
    assert by_number(vault, scan, "9901-000007")[0].address == "沖縄県那覇市架空9-9"
    settle(vault, scan, None, shown=False)
    [taro] = by_number(vault, scan, "4701-000001")
    assert (taro.address, taro.name_kana) == (None, None)
    assert len(vault.perishable.some(before)) == 2


def test_after_a_kill_between_settling_and_sealing_the_scan_itself_is_asked(
    vault: Vault, monkeypatch: pytest.MonkeyPatch
) -> None:
    scan = settled(vault, TARO, HANA, JIRO)
    told = answers(vault, scan)
    with monkeypatch.context() as killed:
        killed.setattr("sekisho.flow.registering.person_envelopes.keep", lambda *_: 0)
        settle(vault, scan, None, shown=False)
    assert by_number(vault, scan, "4701-000001")[0].address is None
    assert list(person_envelopes.differing(vault)) == []
    settle(vault, scan, vault.register(), shown=False)
    assert answers(vault, scan) == told


def test_with_a_scan_its_persons_are_gone(vault: Vault) -> None:
    scan = settled(vault, TARO, HANA)
    keys = keys_of(vault, scan)
    vault.drop([scan.about.scan])
    assert vault.perishable.some(keys) == {}
    assert vault.people(scan.about.scan).count() == 0
    assert all(vault.perishable.is_destroyed(key) for key in keys)
    assert vault.people().count() == 1


def test_with_an_incident_the_persons_of_its_scans_are_gone_also_from_an_older_backup(
    vault: Vault, tmp_path: Path
) -> None:
    incident = vault.incidents().open("a stolen laptop").number
    scan, other = settled(vault, TARO, HANA, incident=incident), settled(vault, JIRO)
    keys = keys_of(vault, scan)
    custody.back_up(vault, tmp_path / "data", shown=False)
    custody.forget_incident(vault, incident)
    assert vault.perishable.some(keys) == {}
    assert by_name(vault, other, holder_envelopes.called("見本次郎", "1960-03-04"))
    custody.back_up_keys(vault, tmp_path / "keys", 30)
    custody.put_back(custody.Wanted(tmp_path / "data", tmp_path / "again", keys=tmp_path / "keys"), SECRET, shown=False)
    with Vault.open(tmp_path / "again", SECRET, write=True) as again:
        assert again.perishable.some(keys) == {}
        assert again.people(scan.about.scan).by_numbers(["4701000001", "4702000005"]) == []
        assert by_name(again, again.scan(other.about.scan), holder_envelopes.called("見本次郎", "1960-03-04"))


def test_a_forgetting_of_persons_that_was_killed_in_between_is_finished(
    vault: Vault, monkeypatch: pytest.MonkeyPatch
) -> None:
    scan = settled(vault, TARO, HANA)
    keys = keys_of(vault, scan)
    with monkeypatch.context() as killed:
        killed.setattr("sekisho.vault.house.Vault.finish_forgetting", lambda _: None)
        vault.drop([scan.about.scan])
    assert len(vault.perishable.some(keys)) == 2
    vault.finish_forgetting()
    assert vault.perishable.some(keys) == {}


def test_who_is_forgotten_is_found_in_no_scan_that_was_before(vault: Vault, monkeypatch: pytest.MonkeyPatch) -> None:
    scan = settled(vault, TARO, HANA)
    [taro] = by_number(vault, scan, "4701-000001")
    key = vault.people(scan.about.scan)._ids([taro.holder])
    custody.forget_person(vault, "9901-000007")
    assert vault.perishable.some(key) == {}
    assert by_number(vault, scan, "4701-000001") == []
    settle(vault, scan, None, shown=False)
    assert by_number(vault, scan, "4701-000001") == []
    assert by_name(vault, scan, holder_envelopes.called("架空太郎", "1948-04-06")) == []
    assert by_number(vault, scan, "4702-000005")
    assert list(person_envelopes.differing(vault)) == []


def test_whose_keys_did_not_come_back_are_sealed_anew(vault: Vault, tmp_path: Path) -> None:
    scan = settled(vault, TARO, HANA, JIRO)
    told = answers(vault, scan)
    custody.back_up(vault, tmp_path / "data", shown=False)
    custody.put_back(custody.Wanted(tmp_path / "data", tmp_path / "again"), SECRET, shown=False)
    with Vault.open(tmp_path / "again", SECRET) as again:
        assert again.people(scan.about.scan).without_key() == []
        assert answers(again, again.scan()) == told
        assert list(again.keys_not_here()) == []


def test_whose_key_is_not_here_is_found_in_the_scan_and_not_said_to_be_nobody(vault: Vault) -> None:
    scan = settled(vault, TARO, HANA, JIRO)
    told = answers(vault, scan)
    vault.close()
    for path in vault.folder.glob("keys.db*"):
        path.unlink()
    with Vault.open(vault.folder, SECRET) as again:
        assert "4 persons" in list(again.keys_not_here())  # the holder too
        assert answers(again, again.scan()) == told


@pytest.mark.parametrize(
    "change",
    [
        "DELETE FROM people WHERE scan = 1 AND rowid = (SELECT MAX(rowid) FROM people)",
        "DELETE FROM people_numbers WHERE scan = 1",
        "UPDATE people SET named = 1 WHERE scan = 1",
        "UPDATE people SET name = birth_date WHERE scan = 1",
    ],
)
def test_an_index_that_was_changed_shows_in_a_check(vault: Vault, change: str) -> None:
    settled(vault, TARO, HANA, JIRO)
    assert [one for one in check.check(vault, shown=False).faults if "persons" in one.why] == []
    store = vault.people()._store
    with store.transaction():
        store.run(change, ())
    assert ["scan 1" in one.why for one in check.check(vault, shown=False).faults if "persons" in one.why] == [True]


def test_readers_who_ask_for_the_same_person_at_once_all_get_an_answer(
    vault: Vault, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SEKISHO_ENVELOPES", "0")
    scan = settled(vault, TARO, HANA, JIRO)
    together = Barrier(4)

    def ask(_: int) -> list[str | None]:
        with Vault.open(vault.folder, SECRET) as mine:
            kept = mine.scan(scan.about.scan)
            together.wait()
            return [one.name for one in by_number(mine, kept, "4701-000001")]

    with ThreadPoolExecutor(4) as readers:
        assert list(readers.map(ask, range(4))) == [["架空太郎"]] * 4
    assert vault.people(scan.about.scan).count() == 1
