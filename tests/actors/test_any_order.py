"""Whatever people do in any order: what is carried out was approved, by another, in office, exactly that, and once."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from tests.actors.conftest import CHEAP, House, secret_of

from sekisho import actors
from sekisho.actors import Proposal, Who
from sekisho.errors import ApprovalError, RightsError, UsageError
from sekisho.flow.proving.attributed import untrue
from sekisho.vault import Secret, Vault

PEOPLE = ("Alice", "Bob", "Zoe", "Carl", "Olga")
ROLES = ("officer", "clerk", "auditor")


@dataclass(slots=True)
class Known:
    """A proposal as one who only watched would know it."""

    proposal: Proposal
    by: str
    approved: set[str] = field(default_factory=set)
    over: bool = False


class Days:
    """People who do things by dice; a plain account beside it says what may come of each."""

    def __init__(self, house: House, dice: random.Random) -> None:
        self.house, self.vault, self.dice = house, house.vault, dice
        self.roles = {"Alice": "officer", "Bob": "officer", "Zoe": "officer", "Carl": "clerk", "Olga": "operator"}
        self.out: set[str] = set()
        self.known: list[Known] = []
        self.me = ""
        self.carried_out = 0

    def step(self) -> None:
        ways = [self.propose, self.approve, self.approve, self.refuse, self.carry_out, self.carry_out, self.change]
        self.enter(self.dice.choice(PEOPLE))
        if self.me:
            self.dice.choice(ways)()

    def enter(self, name: str) -> None:
        self.me = ""
        if name in self.out:
            with pytest.raises(RightsError, match="disabled"):
                actors.sign_in(self.vault, Who(name, secret_of(name), "operation"))
        else:
            actors.sign_in(self.vault, Who(name, secret_of(name), "operation"))
            self.me = name

    def in_office(self, name: str) -> bool:
        return name not in self.out and self.roles[name] == "officer"

    def is_done(self, do: Callable[[], object]) -> bool:
        before = self.vault.outbox.head().size
        try:
            do()
        except RightsError:
            (said,) = self.house.entries()[before:]
            assert said["action"] == "refused"
            return False
        return True

    def propose(self) -> None:
        payload = {"incident": self.dice.randint(1, 3)}
        made: list[Proposal] = []
        may = self.in_office(self.me)
        assert self.is_done(lambda: made.append(actors.propose(self.vault, "vault.forget", payload))) == may
        self.known += [Known(one, self.me) for one in made]

    def approve(self) -> None:
        if self.known:
            one = self.dice.choice(self.known)
            may = self.in_office(self.me) and self.in_office(one.by) and self.me != one.by
            may = may and not one.over and self.me not in one.approved
            assert self.is_done(lambda: actors.approve(self.vault, one.proposal.hash)) == may
            one.approved |= {self.me} if may else set()

    def refuse(self) -> None:
        if self.known:
            one = self.dice.choice(self.known)
            theirs = self.in_office(self.me) and self.in_office(one.by) and self.me not in one.approved
            may = not one.over and (self.me == one.by or theirs)
            done = self.is_done(lambda: actors.refuse(self.vault, one.proposal.hash))
            assert done == may
            one.over |= done

    def carry_out(self) -> None:
        if self.known:
            one = self.dice.choice(self.known)
            payload = dict(one.proposal.payload) if self.dice.random() < 0.8 else {"incident": 9}

            def do() -> None:
                with self.vault.act("vault.forget"):
                    actors.approved(self.vault, one.proposal.hash, payload)

            sound = all(self.in_office(name) for name in (self.me, one.by, *one.approved))
            may = sound and bool(one.approved) and not one.over and payload == one.proposal.payload
            assert self.is_done(do) == may
            one.over |= may
            self.carried_out += may

    def change(self) -> None:
        """Somebody in office disables, enables, or gives a role, with whatever approval that needs."""
        if not self.in_office(self.me):
            return
        whom, me = self.dice.choice(PEOPLE), self.me
        role = self.dice.choice(ROLES)
        ways = {
            "disable": lambda: actors.disable(self.vault, whom),
            "enable": lambda: actors.enable(self.vault, whom),
            "role": lambda: actors.give_role(self.vault, whom, role),
        }
        way = self.dice.choice(list(ways))
        try:
            made = ways[way]()
            if isinstance(made, Proposal):
                others = [name for name in PEOPLE if self.in_office(name) and name not in (me, whom)]
                self.enter(self.dice.choice(others or [whom]))
                actors.approve(self.vault, made.hash)
                self.enter(me)
                actors.carry_out(self.vault, made)
        except (UsageError, ApprovalError):
            return
        self.out ^= {whom} if way != "role" else set()
        if way == "role":
            self.roles[whom] = role


@pytest.mark.parametrize("seed", range(6))
def test_in_any_order_what_is_carried_out_was_approved(tmp_path: Path, seed: int) -> None:
    dice = random.Random(seed)
    with Vault.create(tmp_path / "vault", Secret.passphrase("the vault's own"), CHEAP) as vault:
        house = House(vault)
        house.add("Zoe", "officer")
        days = Days(house, dice)
        for _ in range(120):
            days.step()
        assert list(untrue(vault)) == []
        assert len(house.entries("vault.forget")) == days.carried_out
        roster = actors.roster_of(vault)
        assert {name for name in PEOPLE if not roster.named(name, enabled=False).enabled} == days.out
        assert roster.officers()
