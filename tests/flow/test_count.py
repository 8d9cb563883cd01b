"""Exposed persons in versions: what is added counts once, nobody is lost, and every difference adds up."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.flow.leaked import HANA, HOLDERS, JIRO, TARO, belongs, held, leaked, scanned

from sekisho.errors import InputError
from sekisho.flow.count import compared, count, load
from sekisho.vault import Cost, Secret, Vault


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
