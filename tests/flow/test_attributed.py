"""What stands in the ledger in somebody's name is theirs; an insider with the vault's secret alone cannot fake it."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import pytest
from tests.actors.conftest import CHEAP, House, empty, house, secret_of

from sekisho import actors
from sekisho.actors.keys import Key
from sekisho.actors.roster import add
from sekisho.errors import ApprovalError, LedgerError
from sekisho.flow.proving.attributed import untrue
from sekisho.ledger.meet import drain
from sekisho.ledger.read import naming
from sekisho.vault import outbox
from sekisho.vault.acts import Acting, Draft

__all__ = ["empty", "house"]


def forged(house: House, acting: Acting, action: str = "register.export") -> None:
    """An entry written past the program, by somebody who has the vault's secret and writes code of their own."""
    store = house.vault._store
    draft = Draft(action)
    with store.transaction(), store._drafting(draft):
        store.outbox.put(acting, draft)


def changed(house: House, sql: str) -> None:
    """A change of the store past the program, and past its triggers."""
    store = house.vault._store
    tables = ("actors", "actor_keys", "proposals", "approvals")
    names = store.rows("SELECT name FROM sqlite_master WHERE type = 'trigger'")
    with store.transaction():
        for (name,) in names:
            if any(table in name for table in tables):
                store.run(f"DROP TRIGGER {name}", ())
        store.run(sql, ())


def past_the_program(house: House, proposed: actors.Proposal) -> None:
    """Carry a proposal out with code of one's own that does not ask the ledger."""
    house.vault.recall = lambda _: ()
    actors.carry_out(house.vault, proposed)


def test_what_people_did_is_theirs(house: House) -> None:
    house.enter("Kay", "inquiry")
    house.vault.log("register.show")
    house.enter("Olga")
    house.vault.log("vault.backup")
    assert list(untrue(house.vault)) == []


def test_before_there_are_actors_the_owner_vouches_for_everything(empty) -> None:  # type: ignore[no-untyped-def]
    actors.sign_in(empty, None)
    empty.log("vault.check")
    assert list(untrue(empty)) == []
    actors.enlist(empty, "Alice", "officer", secret_of("Alice"), CHEAP)
    assert list(untrue(empty)) == []


def test_an_entry_in_the_name_of_somebody_who_did_not_sign_in_is_named(house: House) -> None:
    house.enter("Kay", "inquiry")
    kay = house.vault.acting
    house.enter("Olga")
    for acting in (
        replace(kay, session="made up"),
        replace(kay, actor=house.id("Alice"), role="officer"),
        replace(kay, role="officer"),
        replace(kay, key=Key.new()),
        replace(kay, key=None),
        Acting(role="owner"),
    ):
        forged(house, acting)
    size = house.vault.outbox.head().size
    assert [seq for seq, _ in untrue(house.vault)] == list(range(size - 6, size))


def test_an_entry_that_was_signed_elsewhere_in_the_ledger_is_named(house: House) -> None:
    house.enter("Kay", "inquiry")
    house.vault.log("register.show")
    store = house.vault._store
    copied = store.outbox.pending(store.outbox.head().size - 1)[0][1]
    assert list(untrue(house.vault)) == []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(outbox, "entry", lambda *_: copied)
        forged(house, house.vault.acting)
    assert [why for _, why in untrue(house.vault)] == ["an act that its actor did not sign"]


def test_a_sign_in_that_was_copied_or_made_up_is_named(house: House) -> None:
    house.enter("Kay", "inquiry")
    more = house.entries("actor.sign_in")[-1]["more"]
    store = house.vault._store
    for said in (more, {**more, "session": "another"}, {**more, "root": "00" * 32}, {}):
        acting = replace(house.vault.acting, session=said.get("session", ""), actor=house.id("Kay"))
        draft = Draft("actor.sign_in", more={**said, "at": "2026-01-01"} if said else {})
        with store.transaction(), store._drafting(draft):
            store.outbox.put(acting, draft)
    assert len(list(untrue(house.vault))) == 4


def test_an_insider_who_takes_their_disabling_back_is_found(house: House) -> None:
    house.enter("Alice")
    actors.disable(house.vault, "Kay")
    assert list(untrue(house.vault)) == []
    changed(house, "DELETE FROM actors WHERE seq = (SELECT MAX(seq) FROM actors)")
    (found,) = untrue(house.vault)
    assert found[1] == "a change of the actors that is not in their list"


def test_an_officer_who_adds_somebody_past_the_ledger_is_found(house: House) -> None:
    house.enter("Alice")
    key, sock = house.vault.acting.key, Key.new()
    assert key is not None
    signed = add(actors.roster_of(house.vault), key, sock.public, "Sock", "officer", "2026-11-23T05:00:00+00:00")
    changed(house, "UPDATE actor_keys SET sealed = sealed")
    with house.vault._store.transaction():
        house.vault.actors().state(signed.statement, signed.signature)
    assert [seq for seq, _ in untrue(house.vault)] == [-1]


def test_an_insider_who_makes_themselves_owner_again_is_found(house: House) -> None:
    changed(house, "DELETE FROM actors")
    found = list(untrue(house.vault))
    assert found[0][1] == "a change of the actors that is not in their list"


def test_a_refusal_that_an_insider_took_out_still_counts(house: House) -> None:
    proposed = actors.enlist(house.vault, "Dora", "operator", secret_of("Dora"), CHEAP)
    assert isinstance(proposed, actors.Proposal)
    house.add("Zoe", "officer")
    house.enter("Zoe")
    actors.refuse(house.vault, proposed.hash)
    house.enter("Bob")
    changed(house, "DELETE FROM approvals")
    changed(house, "UPDATE proposals SET state = 'open' WHERE state = 'refused'")
    actors.approve(house.vault, proposed.hash)
    house.enter("Alice")
    with pytest.raises(ApprovalError, match="refused"):
        actors.carry_out(house.vault, proposed)
    assert house.last() == ("refused", {"action": "actor.add", "why": "refused"})
    assert list(untrue(house.vault)) == []
    past_the_program(house, proposed)
    (found,) = untrue(house.vault)
    assert found[1] == "an act whose proposal had been refused"


@pytest.mark.parametrize("is_drained", [False, True])
def test_an_approval_that_an_insider_opens_again_counts_once(is_drained: bool, house: House) -> None:
    house.enter("Alice")
    actors.disable(house.vault, "Kay")
    proposed = actors.enable(house.vault, "Kay")
    assert isinstance(proposed, actors.Proposal)
    house.enter("Bob")
    actors.approve(house.vault, proposed.hash)
    house.enter("Alice")
    actors.carry_out(house.vault, proposed)
    actors.disable(house.vault, "Kay")
    changed(house, "UPDATE proposals SET state = 'open' WHERE state = 'done'")
    if is_drained:
        drain(house.vault)
        house.vault.recall = partial(naming, house.vault)
    with pytest.raises(ApprovalError, match="carried out"):
        actors.carry_out(house.vault, proposed)
    assert house.last() == ("refused", {"action": "actor.enable", "why": "replayed"})
    assert list(untrue(house.vault)) == []
    past_the_program(house, proposed)
    (found,) = untrue(house.vault)
    assert found[1] == "an act whose proposal had been carried out before"


def test_a_ledger_that_was_changed_does_not_say_what_was_carried_out(house: House) -> None:
    drain(house.vault)
    assert list(naming(house.vault, "00")) == []
    (bundle,) = (path for path in (house.vault.folder / "ledger" / "tile" / "entries").rglob("*") if path.is_file())
    bundle.write_bytes(bundle.read_bytes().replace(b"actor.add", b"actor.adb"))
    with pytest.raises(LedgerError):
        list(naming(house.vault, "00"))
