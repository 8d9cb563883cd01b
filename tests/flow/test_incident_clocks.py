"""The versions of the leak master feed the clocks: a person more, or a sensitive item, and a duty is asked for."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from tests.flow.leaked import HANA, HOLDERS, TARO, belongs, held, leaked, scanned

from sekisho.flow.assessing.case import say
from sekisho.flow.assessing.clocks import clocks_of, counted
from sekisho.flow.assessing.count import count
from sekisho.incidents.answers import Answer
from sekisho.incidents.clocks import Clock, State
from sekisho.vault import Cost, Secret, Vault


@pytest.fixture
def vault(tmp_path: Path) -> Iterator[Vault]:
    with Vault.create(tmp_path / "vault", Secret.passphrase("a long enough one"), Cost(64, 1, 1)) as made:
        held(made, tmp_path, *HOLDERS)
        yield made


def clock(vault: Vault, incident: int, name: str = "jp_public.preliminary") -> Clock:
    return next(one for one in clocks_of(vault, incident) if one.name == name)


def test_a_version_with_one_sensitive_item_asks_for_the_report(vault: Vault) -> None:
    incident = leaked(vault, scanned(vault, {"a.csv": [TARO]}))
    for name in ("sensitive", "property_damage", "improper_purpose", "sensitive_by_local_ordinance"):
        say(vault, incident, "circumstance", name=name, status="no")
    count(vault, incident, shown=False)
    assert clock(vault, incident).state is State.BELOW
    belongs(vault, incident, scanned(vault, {"b.csv": [HANA | {"other": [("health", "要介護3")]}]}, root="/mnt/other"))
    count(vault, incident, shown=False)
    assert [(one.version, one.persons) for one in counted(vault, incident)] == [(1, 1), (2, 2)]
    assert clock(vault, incident).asked is Answer.YES
    assert clock(vault, incident).state is State.RUNNING


def test_without_a_version_everything_is_open(vault: Vault) -> None:
    incident = leaked(vault)
    assert counted(vault, incident) == []
    assert clock(vault, incident).asked is Answer.NOT_KNOWN
    assert clocks_of(vault, incident, datetime(2099, 1, 1, tzinfo=UTC))[0].profile.name == "eu_gdpr"
