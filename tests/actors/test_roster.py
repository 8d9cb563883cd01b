"""Who the actors are stands in a chain that only officers can make longer and nobody can change."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sekisho.actors.keys import Key
from sekisho.actors.roster import ADD, DISABLE, ENABLE, KIND, ROLE, Roster, add, change
from sekisho.actors.statements import Signed
from sekisho.errors import UsageError, VaultError

NOW = "2026-11-23T04:00:00.000000+00:00"
ALICE, BOB, CAROL = Key.new(), Key.new(), Key.new()


def chain() -> list[Signed]:
    """Alice, an officer, adds Bob, a clerk, makes him an officer, and he adds Carol."""
    said = [add(Roster(), ALICE, ALICE.public, "Alice", "officer", NOW)]
    said.append(add(Roster.of(said), ALICE, BOB.public, "Bob", "clerk", NOW))
    said.append(change(Roster.of(said), ALICE, ROLE, Roster.of(said).named("Bob"), NOW, "officer"))
    said.append(add(Roster.of(said), BOB, CAROL.public, "Carol", "auditor", NOW))
    return said


def test_statements_add_up_to_the_actors() -> None:
    roster = Roster.of(chain())
    assert {(one.name, one.role) for one in roster.enabled()} == {
        ("Alice", "officer"),
        ("Bob", "officer"),
        ("Carol", "auditor"),
    }
    assert roster.named("ａｌｉｃｅ").id == roster.named(ALICE.id).id == ALICE.id


def test_the_first_actor_is_an_officer_who_signs_for_themselves() -> None:
    with pytest.raises(VaultError):
        Roster.of([add(Roster(), ALICE, ALICE.public, "Alice", "clerk", NOW)])
    with pytest.raises(VaultError):
        Roster.of([add(Roster(), ALICE, BOB.public, "Bob", "officer", NOW)])


def test_nobody_but_an_enabled_officer_adds_anybody() -> None:
    said = chain()
    with pytest.raises(VaultError):
        Roster.of([*said, add(Roster.of(said), CAROL, Key.new().public, "Mallory", "officer", NOW)])
    with pytest.raises(VaultError):
        Roster.of([*said, add(Roster.of(said), Key.new(), Key.new().public, "Mallory", "officer", NOW)])
    said.append(change(Roster.of(said), ALICE, DISABLE, Roster.of(said).named("Bob"), NOW))
    with pytest.raises(VaultError):
        Roster.of([*said, add(Roster.of(said), BOB, Key.new().public, "Mallory", "officer", NOW)])


def test_the_last_officer_stays() -> None:
    said = chain()
    said.append(change(Roster.of(said), BOB, DISABLE, Roster.of(said).named("Bob"), NOW))
    roster = Roster.of(said)
    for do, role in ((DISABLE, ""), (ROLE, "clerk")):
        with pytest.raises(UsageError, match="last officer"):
            change(roster, ALICE, do, roster.named("Alice"), NOW, role)
    forced = {"do": DISABLE, "by": ALICE.id, "actor": ALICE.id, "at": NOW, "before": roster.head, "nonce": ""}
    with pytest.raises(VaultError):
        Roster.of([*said, Signed.by(ALICE, KIND, forced)])


def test_a_name_is_one_actors_however_it_is_written_until_that_one_is_disabled() -> None:
    said = chain()
    with pytest.raises(UsageError, match="already"):
        add(Roster.of(said), ALICE, Key.new().public, "ＣＡＲＯＬ", "clerk", NOW)
    said.append(change(Roster.of(said), ALICE, DISABLE, Roster.of(said).named("Carol"), NOW))
    with pytest.raises(UsageError, match="who may sign in"):
        Roster.of(said).named("Carol")
    anew = Key.new()
    said.append(add(Roster.of(said), ALICE, anew.public, "Carol", "auditor", NOW))
    assert Roster.of(said).named("Carol").id == anew.id
    with pytest.raises(UsageError, match="already"):
        change(Roster.of(said), ALICE, ENABLE, Roster.of(said).named(CAROL.id, enabled=False), NOW)


@pytest.mark.parametrize("name", ["", "  ", "a\nb", "a\u202eb", "x" * 101])
def test_nobody_is_called_what_cannot_be_shown(name: str) -> None:
    with pytest.raises(UsageError):
        add(Roster(), ALICE, ALICE.public, name, "officer", NOW)


def test_a_statement_left_out_repeated_moved_or_of_another_house_breaks_the_chain() -> None:
    said = chain()
    other = chain()
    for broken in (
        said[1:],
        [said[0], *said[2:]],
        [said[0], said[2], said[1], said[3]],
        [*said, said[3]],
        [*said[:3], other[3]],
    ):
        with pytest.raises(VaultError):
            Roster.of(broken)


@settings(deadline=None)
@given(which=st.integers(0, 3), at=st.integers(0), bit=st.integers(0, 7), signature=st.booleans())
def test_no_bit_of_the_chain_can_be_changed(which: int, at: int, bit: int, signature: bool) -> None:
    said = chain()
    one = said[which]
    raw = bytearray(one.signature if signature else one.statement)
    raw[at % len(raw)] ^= 1 << bit
    said[which] = Signed(one.statement, bytes(raw)) if signature else Signed(bytes(raw), one.signature)
    with pytest.raises(VaultError):
        Roster.of(said)


def test_the_same_said_in_another_way_of_writing_is_not_the_same() -> None:
    first = chain()[0]
    spaced = json.dumps(json.loads(first.statement), sort_keys=True).encode()
    with pytest.raises(VaultError):
        Roster.of([Signed(spaced, ALICE.sign(spaced))])
    assert json.loads(first.statement)["do"] == ADD
