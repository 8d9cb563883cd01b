"""What counts changes in an act only, and no act is without its entry: both are there or neither."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sekisho.errors import RightsError
from sekisho.model import Decision
from sekisho.vault import Secret, Vault
from sekisho.vault.acts import NOBODY, canonical, commitment
from sekisho.vault.outbox import Head

NAME = "架空太郎"


def entries(vault: Vault) -> list[dict[str, Any]]:
    return [json.loads(made) for _, made in vault.outbox.pending(0)]


def decide(vault: Vault) -> None:
    vault.decide([Decision("block", "subject", "name", NAME, "2026-01-01T00:00:00+00:00")])


def tree_hash(leaves: list[bytes]) -> bytes:
    """RFC 6962, section 2.1, to the letter."""
    if not leaves:
        return hashlib.sha256().digest()
    if len(leaves) == 1:
        return hashlib.sha256(b"\0" + leaves[0]).digest()
    half = 1
    while half * 2 < len(leaves):
        half *= 2
    return hashlib.sha256(b"\1" + tree_hash(leaves[:half]) + tree_hash(leaves[half:])).digest()


def test_an_act_and_its_entry_are_written_together(vault: Vault) -> None:
    decide(vault)
    (said,) = entries(vault)
    assert (said["action"], said["counts"], said["role"]) == ("review.decide", {"decisions": 1}, "owner")


def test_an_act_that_fails_leaves_no_entry(vault: Vault) -> None:
    with pytest.raises(ZeroDivisionError), vault._store.act("review.decide"):
        raise ZeroDivisionError
    assert entries(vault) == []
    assert vault.outbox.head() == Head()


def test_an_entry_holds_nothing_of_the_person_but_a_commitment_that_can_be_opened(vault: Vault) -> None:
    decide(vault)
    made = vault.outbox.pending(0)[0][1]
    assert NAME not in made.decode()
    assert json.dumps(NAME)[1:-1] not in made.decode()
    blind = vault.outbox.blind(0)
    about = canonical([("block", "subject", "name", NAME, "2026-01-01T00:00:00+00:00")])
    assert blind is not None
    assert commitment(blind, about) == json.loads(made)["commitment"]


def test_what_counts_cannot_be_changed_outside_an_act(vault: Vault) -> None:
    row = ("b", "s", "a", "w", "t")
    with pytest.raises(RuntimeError, match="outside an act"), vault._store.transaction():
        vault._store.run("INSERT INTO decisions (block, subject, answer, who, at) VALUES (?, ?, ?, ?, ?)", row)
    decide(vault)
    with pytest.raises(RuntimeError, match="only grows"), vault._store.act("review.decide"):
        vault._store.run("DELETE FROM decisions", ())


def test_who_may_not_is_refused_and_the_ledger_says_so(vault: Vault) -> None:
    vault.sign_in(lambda: NOBODY)
    with pytest.raises(RightsError):
        decide(vault)
    assert vault.decisions() == []
    (said,) = entries(vault)
    assert (said["action"], said["more"]) == ("refused", {"action": "review.decide", "why": "nobody"})


def test_a_vault_goes_on_from_the_head_that_it_was_left_with(vault: Vault, secret: Secret) -> None:
    decide(vault)
    vault.close()
    with Vault.open(vault.folder, secret, write=True) as again:
        decide(again)
        made = [entry for _, entry in again.outbox.pending(0)]
        assert again.outbox.head().root() == tree_hash(made)
        assert again.outbox.head().size == 2


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.binary(max_size=40), max_size=70))
def test_the_head_is_the_merkle_tree_hash_of_all_entries(leaves: list[bytes]) -> None:
    head = Head()
    for leaf in leaves:
        head = head.appended(leaf)
    assert head.root() == tree_hash(leaves)


def test_an_entry_is_whole_numbers_and_short(vault: Vault, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="fraction"):
        vault.log("export", more={"share": 0.5})
    with pytest.raises(ValueError, match="bytes"):
        vault.log("export", more={"parts": ["x" * 100] * 1000})
    assert entries(vault) == []
