"""Who signs in acts, and nobody else; the ledger holds everything they did and were refused."""

from __future__ import annotations

from base64 import b64decode
from datetime import UTC, datetime, timedelta, tzinfo
from pathlib import Path

import pytest
from tests.actors.conftest import CHEAP, House, secret_of

from sekisho import actors, clock
from sekisho.actors import Proposal, Who, policy
from sekisho.actors.keys import Key
from sekisho.actors.proposals import APPROVE, decide
from sekisho.actors.statements import Signed
from sekisho.errors import ApprovalError, RightsError, UsageError, VaultError
from sekisho.vault import Secret, Vault
from sekisho.vault.acts import Draft, canonical

FORGET = {"incident": 7}


def at(when: datetime) -> type[datetime]:
    """A clock that stands."""

    class Clock(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> datetime:  # type: ignore[override]
            return when

    return Clock


def test_until_there_are_actors_the_owner_may_do_what_the_policy_leaves_to_them(empty: Vault) -> None:
    assert actors.sign_in(empty, None).role == "owner"
    empty.log("register.export", counts={"rows": 1})
    with pytest.raises(RightsError):
        empty.log("protect.do")


def test_the_first_actor_is_an_officer_and_ends_the_owners_rights(empty: Vault) -> None:
    actors.sign_in(empty, None)
    with pytest.raises(UsageError, match="must be an officer"):
        actors.enlist(empty, "Alice", "clerk", secret_of("Alice"), CHEAP)
    empty.log("vault.check")
    actors.enlist(empty, "Alice", "officer", secret_of("Alice"), CHEAP)
    with pytest.raises(RightsError, match="Nobody is signed in"):
        empty.log("vault.check")
    assert actors.sign_in(empty, None).allowed == frozenset()


def test_an_owner_who_stays_in_while_another_process_adds_the_first_actor_is_out(empty: Vault) -> None:
    actors.sign_in(empty, None)
    with Vault.open(empty.folder, Secret.passphrase("the vault's own")) as other:
        actors.sign_in(other, None)
        actors.enlist(other, "Alice", "officer", secret_of("Alice"), CHEAP)
    with pytest.raises(RightsError):
        empty.log("vault.check")


def test_a_name_proves_nothing(house: House) -> None:
    before = len(house.entries())
    with pytest.raises(RightsError):
        actors.sign_in(house.vault, Who("Alice", Secret.passphrase("a guess")))
    said = house.entries()[before:]
    assert [(one["action"], one["more"]) for one in said] == [
        ("refused", {"action": "actor.sign_in", "why": "secret", "as_actor": house.id("Alice")})
    ]


def test_somebody_disabled_is_out_at_once_in_every_process_and_does_not_come_in_again(house: House) -> None:
    with Vault.open(house.vault.folder, Secret.passphrase("the vault's own")) as other:
        actors.sign_in(other, Who("Kay", secret_of("Kay"), "inquiry"))
        other.log("register.show")
        house.enter("Alice")
        actors.disable(house.vault, "Kay")
        with pytest.raises(RightsError, match="disabled"):
            other.log("register.show")
    assert house.last() == ("refused", {"action": "register.show", "why": "disabled"})
    assert house.entries()[-1]["actor"] == house.id("Kay")
    with pytest.raises(RightsError, match="disabled"):
        house.enter("Kay")


def test_somebody_disabled_looks_at_nobody_with_others_either(house: House) -> None:
    house.enter("Kay", "inquiry")
    kay = house.vault.acting
    with house.vault.together() as together:
        together.see(kay, Draft("register.show"))
        house.enter("Alice")
        actors.disable(house.vault, "Kay")
        with pytest.raises(RightsError, match="changed meanwhile"):
            together.see(kay, Draft("register.show"))
    assert house.last() == ("refused", {"action": "register.show", "why": "changed"})


def test_a_look_without_a_purpose_is_refused(house: House) -> None:
    house.enter("Kay")
    with pytest.raises(RightsError, match="what for"):
        house.vault.log("register.show")
    assert house.last() == ("refused", {"action": "register.show", "why": "purpose"})
    house.enter("Kay", "inquiry")
    house.vault.log("register.show")
    assert house.entries()[-1]["purpose"] == "inquiry"
    with pytest.raises(UsageError, match="no purpose"):
        house.enter("Kay", "curiosity")


def test_a_sign_in_is_signed_over_the_session_and_the_ledgers_head(house: House) -> None:
    head = house.vault.outbox.head()
    house.enter("Kay", "inquiry")
    (said,) = house.entries("actor.sign_in")[-1:]
    more = said["more"]
    assert (more["size"], more["root"]) == (head.size, head.root().hex())
    assert more["session"] == said["session"] != ""
    statement = canonical({**{k: v for k, v in more.items() if k != "signature"}, "v": 1, "kind": "sign-in"})
    kay = actors.roster_of(house.vault).named("Kay")
    assert Signed(statement, b64decode(more["signature"])).is_by(kay.public)


def test_no_name_of_an_actor_stands_in_the_ledger(house: House) -> None:
    said = b"".join(made for _, made in house.vault.outbox.pending(0))
    assert not [name for name in (b"Alice", b"Olga", b"Kay", b"Aude") if name in said]


def test_one_officer_alone_adds_others_and_two_only_together(empty: Vault) -> None:
    actors.sign_in(empty, None)
    actors.enlist(empty, "Alice", "officer", secret_of("Alice"), CHEAP)
    actors.sign_in(empty, Who("Alice", secret_of("Alice")))
    assert not isinstance(actors.enlist(empty, "Bob", "officer", secret_of("Bob"), CHEAP), Proposal)
    made = actors.enlist(empty, "Sock", "officer", secret_of("Sock"), CHEAP)
    assert isinstance(made, Proposal)
    with pytest.raises(ApprovalError, match="cannot approve"):
        actors.approve(empty, made.hash)
    with pytest.raises(ApprovalError, match="nobody has approved"):
        actors.carry_out(empty, made)
    with pytest.raises(UsageError):
        actors.roster_of(empty).named("Sock")


def test_who_gets_another_role_may_do_at_once_what_it_may(house: House) -> None:
    made = actors.give_role(house.vault, "Kay", "operator")
    assert isinstance(made, Proposal)
    house.enter("Bob")
    actors.approve(house.vault, made.hash)
    house.enter("Alice")
    actors.carry_out(house.vault, made)
    house.enter("Kay")
    assert house.vault.acting.may("scan.begin")
    assert not house.vault.acting.may("register.show")


def test_a_proposal_about_an_actor_is_void_when_their_role_changed_since(house: House) -> None:
    first = actors.give_role(house.vault, "Kay", "operator")
    second = actors.give_role(house.vault, "Kay", "auditor")
    assert isinstance(first, Proposal)
    assert isinstance(second, Proposal)
    house.enter("Bob")
    actors.approve(house.vault, first.hash)
    actors.approve(house.vault, second.hash)
    actors.carry_out(house.vault, first)
    with pytest.raises(ApprovalError, match="changed since"):
        actors.carry_out(house.vault, second)


def test_the_last_officer_stays(house: House) -> None:
    actors.disable(house.vault, "Bob")
    with pytest.raises(UsageError, match="last officer"):
        actors.disable(house.vault, "Alice")
    with pytest.raises(UsageError, match="last officer"):
        actors.give_role(house.vault, "Alice", "clerk")


def test_with_three_officers_none_of_them_disables_another_alone(house: House) -> None:
    house.add("Zoe", "officer")
    made = actors.disable(house.vault, "Bob")
    assert isinstance(made, Proposal)
    with pytest.raises(ApprovalError):
        actors.carry_out(house.vault, made)
    house.enter("Zoe")
    actors.approve(house.vault, made.hash)
    actors.carry_out(house.vault, made)
    with pytest.raises(RightsError, match="disabled"):
        house.enter("Bob")


def test_an_actor_gives_their_own_key_another_passphrase(house: House) -> None:
    house.enter("Carl")
    actors.new_secret(house.vault, Secret.passphrase("a new one"), CHEAP)
    actors.sign_in(house.vault, Who("Carl", Secret.passphrase("a new one")))
    with pytest.raises(RightsError):
        house.enter("Carl")


def test_a_row_of_actors_that_no_officer_signed_shuts_the_vault(house: House) -> None:
    statement, signature = house.vault.actors().statements()[-1]
    with house.vault.act("actor.secret"):
        house.vault.actors().state(statement.replace(b"auditor", b"officer"), signature)
    with pytest.raises(VaultError, match="tampered"):
        house.enter("Alice")


class TestFourEyes:
    def propose(self, house: House) -> Proposal:
        house.enter("Alice")
        return actors.propose(house.vault, "vault.forget", FORGET)

    def forget(self, house: House, hash_: str, payload: dict[str, int] = FORGET) -> None:
        with house.vault.act("vault.forget"):
            actors.approved(house.vault, hash_, payload)

    def refusal(self, house: House, hash_: str, payload: dict[str, int] = FORGET) -> str:
        with pytest.raises(ApprovalError) as found:
            self.forget(house, hash_, payload)
        assert house.last() == ("refused", {"action": "vault.forget", "why": found.value.why})
        assert not house.entries("vault.forget")
        return found.value.why

    def test_what_another_officer_approved_is_done_once(self, house: House) -> None:
        made = self.propose(house)
        house.enter("Bob")
        actors.approve(house.vault, made.hash)
        house.enter("Alice")
        self.forget(house, made.hash)
        (said,) = house.entries("vault.forget")
        assert said["refers"] == made.hash
        assert [one["refers"] for one in house.entries("proposal.approve")][-1] == made.hash
        assert actors.proposal(house.vault, made.hash).state == "done"
        with pytest.raises(ApprovalError) as found:
            self.forget(house, made.hash)
        assert found.value.why == "replayed"

    def test_nothing_that_needs_approval_is_done_without_asking_for_it(self, house: House) -> None:
        house.enter("Alice")
        with pytest.raises(ApprovalError, match="Nobody approved"), house.vault.act("vault.forget"):
            pass
        assert house.last() == ("refused", {"action": "vault.forget", "why": "not_approved"})

    def test_an_unapproved_changed_or_unknown_one_is_refused(self, house: House) -> None:
        made = self.propose(house)
        assert self.refusal(house, made.hash) == "not_approved"
        assert self.refusal(house, "0" * 64) == "unknown"
        house.enter("Bob")
        actors.approve(house.vault, made.hash)
        house.enter("Alice")
        assert self.refusal(house, made.hash, {"incident": 8}) == "changed"
        self.forget(house, made.hash)

    def test_an_approval_for_one_action_is_none_for_another(self, house: House) -> None:
        made = self.propose(house)
        house.enter("Bob")
        actors.approve(house.vault, made.hash)
        with pytest.raises(ApprovalError), house.vault.act("vault.unhold"):
            actors.approved(house.vault, made.hash, FORGET)
        assert house.last() == ("refused", {"action": "vault.unhold", "why": "changed"})

    def test_self_given_and_beyond_the_role_are_refused(self, house: House) -> None:
        made = self.propose(house)
        for name, why in (("Alice", "self_given"), ("Carl", "beyond_role"), ("Aude", "beyond_role")):
            house.enter(name)
            with pytest.raises(ApprovalError) as found:
                actors.approve(house.vault, made.hash)
            assert found.value.why == why
            assert house.last() == ("refused", {"action": "proposal.approve", "why": why})
        house.enter("Carl")
        with pytest.raises(RightsError):
            actors.propose(house.vault, "vault.forget", FORGET)

    def test_refused_or_taken_back_it_stays_undone(self, house: House) -> None:
        for name in ("Bob", "Alice"):
            made = self.propose(house)
            house.enter(name)
            actors.refuse(house.vault, made.hash)
            house.enter("Alice")
            assert self.refusal(house, made.hash) == "refused"

    def test_who_was_disabled_since_has_approved_nothing(self, house: House) -> None:
        made = self.propose(house)
        house.enter("Bob")
        actors.approve(house.vault, made.hash)
        house.enter("Alice")
        actors.disable(house.vault, "Bob")
        assert self.refusal(house, made.hash) == "disabled"

    def test_an_approval_put_into_the_store_by_hand_is_found_out(self, house: House) -> None:
        made = self.propose(house)
        other = self.propose(house)
        house.enter("Bob")
        actors.approve(house.vault, other.hash)
        ((_, statement, signature),) = house.vault.actors().approvals(other.hash)
        row = house.vault.actors().proposal(made.hash)
        assert row is not None
        with house.vault.act("actor.secret"):
            house.vault.actors().approve(row, house.id("Bob"), statement, signature)
        house.enter("Alice")
        assert self.refusal(house, made.hash) == "replayed"

    def put(self, house: House, made: Proposal, by: str, signed: Signed) -> None:
        """An approval in somebody's name, written into the store by code of an insider's own."""
        row = house.vault.actors().proposal(made.hash)
        assert row is not None
        with house.vault.act("actor.secret"):
            house.vault.actors().approve(row, house.id(by), signed.statement, signed.signature)

    @pytest.mark.parametrize("whose", ["another actor's", "a stranger's", "nobody's"])
    def test_a_forged_approval_is_refused(self, house: House, whose: str) -> None:
        made = self.propose(house)
        row = house.vault.actors().proposal(made.hash)
        key = house.vault.acting.key if whose == "another actor's" else Key.new()
        assert row is not None
        assert key is not None
        signed = decide(
            actors.roster_of(house.vault),
            key,
            APPROVE,
            Signed(row.statement, row.signature),
            house.vault.actors().now(),
        )
        statement = signed.statement.replace(key.id.encode(), house.id("Bob").encode())
        signature = bytes(64) if whose == "nobody's" else key.sign(statement)
        self.put(house, made, "Bob", Signed(statement, signature))
        assert self.refusal(house, made.hash) == "forged"

    def test_an_approval_given_to_oneself_past_the_store_is_refused(self, house: House) -> None:
        made = self.propose(house)
        row = house.vault.actors().proposal(made.hash)
        assert row is not None
        assert house.vault.acting.key is not None
        roster, now = actors.roster_of(house.vault), house.vault.actors().now()
        signed = decide(roster, house.vault.acting.key, APPROVE, Signed(row.statement, row.signature), now)
        self.put(house, made, "Bob", signed)
        assert self.refusal(house, made.hash) == "self_given"

    def test_an_approval_by_somebody_beyond_their_role_is_refused(self, house: House) -> None:
        made = self.propose(house)
        row = house.vault.actors().proposal(made.hash)
        house.enter("Carl")
        assert row is not None
        assert house.vault.acting.key is not None
        roster, now = actors.roster_of(house.vault), house.vault.actors().now()
        signed = decide(roster, house.vault.acting.key, APPROVE, Signed(row.statement, row.signature), now)
        self.put(house, made, "Carl", signed)
        house.enter("Alice")
        assert self.refusal(house, made.hash) == "beyond_role"

    def test_an_outdated_approval_is_refused(self, house: House, monkeypatch: pytest.MonkeyPatch) -> None:
        made = self.propose(house)
        house.enter("Bob")
        actors.approve(house.vault, made.hash)
        house.enter("Alice")
        later = datetime.now(UTC) + timedelta(days=policy().valid_days + 1)
        monkeypatch.setattr(clock, "datetime", at(later))
        assert self.refusal(house, made.hash) == "outdated"
        assert [one.state for one in actors.proposals(house.vault)] == ["void"]
        assert actors.waiting(house.vault, "vault.forget", FORGET) is None

    def test_a_payload_that_was_changed_in_the_store_is_shown_and_approved_by_nobody(self, house: House) -> None:
        made = self.propose(house)
        with house.vault.act("actor.secret"):
            house.vault._store.run("UPDATE proposals SET payload = ? WHERE hash = ?", ('{"incident": 8}', made.hash))
        house.enter("Bob")
        with pytest.raises(ApprovalError, match="changed since"):
            actors.approve(house.vault, made.hash)
        house.enter("Alice")
        assert self.refusal(house, made.hash, {"incident": 8}) == "changed"

    def test_the_store_itself_takes_no_approval_of_ones_own(self, house: House) -> None:
        made = self.propose(house)
        row = house.vault.actors().proposal(made.hash)
        assert row is not None
        with pytest.raises(VaultError), house.vault.act("actor.secret"):
            house.vault.actors().approve(row, row.proposer, b"", b"")

    def test_a_proposal_of_another_vault_counts_there_only(self, house: House, tmp_path: Path) -> None:
        with Vault.create(tmp_path / "other", Secret.passphrase("the vault's own"), CHEAP) as vault:
            there = House(vault)
            made = self.propose(there)
            row = vault.actors().proposal(made.hash)
        assert row is not None
        with house.vault.act("actor.secret"):
            house.vault.actors().propose(row)
        house.enter("Alice")
        assert self.refusal(house, made.hash) == "other_vault"

    def test_without_actors_nobody_can_propose(self, empty: Vault) -> None:
        actors.sign_in(empty, None)
        with pytest.raises(RightsError, match="could sign"):
            actors.propose(empty, "vault.forget", FORGET)
