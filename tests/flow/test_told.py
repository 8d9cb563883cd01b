"""A fact that was changed, put in or taken out past the program, with the vault's own secret, shows."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from sekisho.errors import LedgerError
from sekisho.flow.assessing.bundle import Wanted, bundle
from sekisho.flow.assessing.case import say
from sekisho.flow.assessing.incident import begin
from sekisho.flow.keeping.check import check
from sekisho.vault import Cost, Secret, Vault
from sekisho.vault.acts import Draft


@pytest.fixture
def vault(tmp_path: Path) -> Iterator[Vault]:
    with Vault.create(tmp_path / "vault", Secret.passphrase("a long enough one"), Cost(64, 1, 1)) as made:
        begin(made, "a leak", "leak")
        say(made, 1, "known", by="a clerk", at="2015-05-08")
        say(made, 1, "event", what="cable pulled", at="2015-05-09")
        yield made


def past_the_program(vault: Vault, sql: str, *values: object) -> None:
    """As somebody does it who covers their tracks: the guards stand again afterwards."""
    asked = "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'incident_facts'"
    guards = vault._store.rows(asked)
    for name, _ in guards:
        vault._store._connection.execute(f"DROP TRIGGER {name}")
    with vault._store.transaction():
        vault._store._draft = Draft("")
        vault._store.run(sql, values)
    vault._store._draft = None
    for _, made in guards:
        vault._store._connection.execute(made)


def wrong(vault: Vault) -> list[str]:
    return [one.why for one in check(vault, shown=False).faults if one.kind == "damaged"]


def test_facts_as_they_were_said_are_sound(vault: Vault) -> None:
    assert wrong(vault) == []
    vault.incidents().close(1)
    vault.forget_incident(1)
    assert wrong(vault) == []


def test_a_fact_that_was_taken_out_is_named(vault: Vault) -> None:
    past_the_program(vault, "DELETE FROM incident_facts WHERE fact = ?", 2)
    assert wrong(vault) == ["incident 1: fact 2"]


def test_a_fact_that_was_put_in_is_named_and_not_handed_over(vault: Vault, tmp_path: Path) -> None:
    case = vault.case(1)
    sealed = case._envelope.seal("incident_facts", "event", "1/4", '{"what":"x","at":"2015-05-09T00:00:00+09:00"}')
    past_the_program(vault, "INSERT INTO incident_facts VALUES (1, 4, 'event', '2015-05-09', ?)", sealed)
    assert wrong(vault) == ["incident 1: fact 4"]
    with pytest.raises(LedgerError, match="something else of facts 4"):
        bundle(vault, 1, Wanted("police", (), [4]), tmp_path / "out")
    assert not list(tmp_path.glob("*out*"))


def test_a_fact_that_was_changed_is_named(vault: Vault) -> None:
    case = vault.case(1)
    sealed = case._envelope.seal("incident_facts", "known", "1/2", '{"by":"x","at":"2015-05-28T00:00:00+09:00"}')
    past_the_program(vault, "UPDATE incident_facts SET said = ? WHERE fact = 2", sealed)
    assert wrong(vault) == ["incident 1: fact 2"]
