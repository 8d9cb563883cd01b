"""Whoever shows a number that was replaced is held at every counter that asks over HTTP, and an alert is raised."""

from __future__ import annotations

from tests.reissue.conftest import OLD, Office
from tests.reissue.test_reissue import all_taken
from tests.web.conftest import CHEAP, World, serving

from sekisho import actors
from sekisho.actors import Who
from sekisho.flow.renewing import reissue
from sekisho.vault import Secret


def test_a_number_that_was_replaced_holds_and_raises_an_alert_with_the_look(office: Office) -> None:
    vault, alice = office.vault, Secret.passphrase("a passphrase of hers")
    office.told()
    office.supplied()
    reissue.give(vault, office.incident)
    all_taken(office)
    actors.sign_in(vault, None)
    actors.enlist(vault, "Alice", "officer", alice, CHEAP)
    actors.sign_in(vault, Who("Alice", alice))
    world = World(office.folder, vault, office.incident, office.folder / "clients.toml")
    world.add_client("naha", sees="exposure")
    before = len(reissue.alerts(vault))
    with serving(world) as service:
        told = service.check(OLD[0])
    assert (told["decision"], told["why"]) == ("hold", "old_number")
    assert len(reissue.alerts(vault)) == before + 1
