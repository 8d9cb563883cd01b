"""Nothing opens before all that was made of the leak master reconciles with it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.flow.leaked import HANA, HOLDERS, TARO, belongs, held, leaked, scanned

from sekisho.errors import ReconciliationError
from sekisho.flow.assessing.count import count, load
from sekisho.flow.assessing.gate import opened, reconciled
from sekisho.incidents.reconcile import Kind
from sekisho.vault import Cost, Secret, Vault
from sekisho.vault.tellings import Way


@pytest.fixture
def vault(tmp_path: Path) -> Iterator[Vault]:
    with Vault.create(tmp_path / "vault", Secret.passphrase("a long enough one"), Cost(64, 1, 1)) as made:
        held(made, tmp_path, *HOLDERS)
        yield made


def told(vault: Vault, incident: int, *persons: int, version: int = 1) -> None:
    with vault.act("incident.count", incident=incident):
        vault.tellings(incident).put(((one, Way.PUBLICATION, "", version) for one in persons), "2026-01-01")


def counted(vault: Vault, *records: dict[str, str]) -> tuple[int, list[int]]:
    incident = leaked(vault, scanned(vault, {"a.csv": list(records)}))
    count(vault, incident, shown=False)
    return incident, load(vault, incident).table["person"].to_pylist()


def kinds(vault: Vault, incident: int) -> dict[Kind, int]:
    return {one.kind: one.count for one in reconciled(vault, incident).findings}


def test_a_stamp_says_which_version_and_of_what(vault: Vault) -> None:
    incident, _ = counted(vault, TARO)
    stamp = opened(vault, incident, "announce")
    assert (stamp.incident, stamp.version) == (incident, 1)
    assert stamp == opened(vault, incident, "letters", 1)


def test_an_exposed_person_of_whom_nothing_says_how_they_are_told_blocks(vault: Vault) -> None:
    incident, (one, other) = counted(vault, TARO, HANA)
    told(vault, incident, one)
    with pytest.raises(ReconciliationError, match="1: exposed, and nothing says how they are told") as error:
        opened(vault, incident, "announce")
    assert error.value.differs == {"untold": 1}
    (missing,) = reconciled(vault, incident).blocking
    assert missing.rows["person"].to_list() == [other]
    told(vault, incident, other)
    assert opened(vault, incident, "announce")
    made = reconciled(vault, incident)
    assert (made.persons, sum(made.ways.values()), made.ways["publication"]) == (2, 2, 2)


def test_somebody_who_was_never_exposed_and_is_told_blocks(vault: Vault) -> None:
    incident, (one,) = counted(vault, TARO)
    told(vault, incident, one, 77)
    assert kinds(vault, incident) == {Kind.STRANGERS: 1}


def test_a_new_version_blocks_until_its_persons_are_told(vault: Vault) -> None:
    incident, (one,) = counted(vault, TARO)
    told(vault, incident, one)
    assert opened(vault, incident, "announce").version == 1
    belongs(vault, incident, scanned(vault, {"b.csv": [HANA]}))
    count(vault, incident, shown=False)
    with pytest.raises(ReconciliationError):
        opened(vault, incident, "announce")
