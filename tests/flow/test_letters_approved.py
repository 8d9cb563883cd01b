"""Who may do what with letters, and that another actor approves exactly what is sent."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import date
from pathlib import Path

import pytest
from tests.actors.conftest import CHEAP, House
from tests.flow.posted import WORDS, counted, exposed, holder, incident, number, register, shop

from sekisho import actors
from sekisho.actions.control import Face
from sekisho.actors import Proposal, policy
from sekisho.errors import RightsError
from sekisho.flow.telling.letters_back import check, draw, match, returned, sent
from sekisho.flow.telling.letters_look import make, status
from sekisho.flow.telling.letters_plan import plan
from sekisho.flow.telling.letters_release import As, export, release
from sekisho.flow.telling.letters_send import Sent, go_on, send
from sekisho.ledger.read import said
from sekisho.vault import Secret, Vault, looks

FIRST = Face(1, 1).written
ACTING = {"officer": "Alice", "operator": "Olga", "counter": "Kay", "clerk": "Carl", "auditor": "Aude"}


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    """Two letters and one that is held, planned before there were actors."""
    with Vault.create(tmp_path / "vault", Secret.passphrase("the vault's own"), CHEAP) as vault:
        shop(vault, tmp_path / "shop")
        register(vault, holder(1), holder(2), holder(3, since="2015-05-20", former="沖縄県糸満市1"))
        made = incident(vault)
        counted(vault, made, *(exposed(n) for n in (1, 2, 3)))
        plan(vault, made, WORDS, shown=False)
        yield House(vault)


def some(vault: Vault) -> Path:
    path = vault.folder.parent / "some.csv"
    path.write_text(f"control\n{Face(1, 1).digits}\n")
    return path


def file(vault: Vault, ending: str) -> Path:
    return vault.folder.parent / f"{len(list(vault.folder.parent.iterdir()))}.{ending}"


DO: Mapping[str, Callable[[Vault], object]] = {
    "letters.plan": lambda v: plan(v, 1, shown=False),
    "letters.make": lambda v: make(v, 1, [FIRST], file(v, "pdf")),
    "letters.send": lambda v: send(v, 1, "shop", 10, shown=False),
    "letters.queue": lambda v: go_on(v, 1, shown=False),
    "letters.status": lambda v: status(v, 1),
    "letters.match": lambda v: match(v, 1, 1, some(v)),
    "letters.sample": lambda v: draw(v, 1, 1, 1),
    "letters.check": lambda v: check(v, 1, 1, {FIRST: "right"}),
    "letters.sent": lambda v: sent(v, 1, 1, date(2015, 6, 5)),
    "letters.returned": lambda v: returned(v, 1, [FIRST]),
    "letters.held": lambda v: export(v, 1, file(v, "csv")),
    "letters.release": lambda v: release(v, 1, [(FIRST, As.NOW)], "asked"),
}


def test_every_action_on_letters_is_tried_here() -> None:
    assert set(DO) == {name for name in policy().actions if name.startswith("letters.")}


def test_nobody_does_what_is_beyond_their_role_or_without_a_purpose(house: House) -> None:
    for action, do in DO.items():
        rule = policy().actions[action]
        for role, name in ACTING.items():
            if role in rule.by and not rule.purpose:
                continue
            house.enter(name, "" if role in rule.by else "incident")
            with pytest.raises(RightsError) as caught:
                do(house.vault)
            assert caught.value.why == ("purpose" if role in rule.by else "role"), (action, role)


def test_letters_are_sent_as_another_actor_approved_them_and_not_otherwise(house: House) -> None:
    vault = house.vault
    house.enter("Olga", "incident")
    proposed = send(vault, 1, "shop", 10, shown=False)
    assert isinstance(proposed, Proposal)
    assert not vault.parcels(1).all()
    house.enter("Alice")
    actors.approve(vault, proposed.hash)
    house.enter("Alice", "incident")
    release(vault, 1, [(Face(1, 3).written, As.BEFORE)], "visited")
    house.enter("Olga", "incident")
    assert isinstance(send(vault, 1, "shop", 10, shown=False), Proposal)  # a letter more than was approved
    again = send(vault, 1, "shop", 10, shown=False)
    assert isinstance(again, Proposal)
    house.enter("Alice")
    actors.approve(vault, again.hash)
    house.enter("Olga", "incident")
    done = send(vault, 1, "shop", 10, shown=False)
    assert isinstance(done, Sent)
    assert (done.released, done.queued) == (1, 3)


def test_whoever_looks_at_letters_is_in_the_ledger_first(house: House) -> None:
    house.enter("Alice", "incident")
    make(house.vault, 1, [FIRST], file(house.vault, "pdf"))
    export(house.vault, 1, file(house.vault, "csv"))
    seen = [one.entry["action"] for one in said(house.vault) if "seen" in one.entry["more"]]
    assert seen[-2:] == ["letters.make", "letters.held"]
    assert len(house.vault.looks().of([looks.holder(n) for n in range(3)])) == 2


def test_the_list_of_held_letters_hides_protected_addresses(house: House) -> None:
    house.enter("Alice", "incident")
    register(house.vault, holder(3, since="2015-05-20", former="沖縄県糸満市1", protected="対象"))
    path, open_path = (house.vault.folder.parent / name for name in ("hidden.csv", "open.csv"))
    export(house.vault, 1, path)
    export(house.vault, 1, open_path, protected_too=True)
    assert number(3) in path.read_text("utf-8-sig")
    assert "糸満" not in path.read_text("utf-8-sig")
    assert "糸満" in open_path.read_text("utf-8-sig")
