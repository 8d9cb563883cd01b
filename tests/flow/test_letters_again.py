"""Letters that follow others: to whom one came back from, of whom more leaked, who turned out to be somebody else."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import polars as pl
import pytest
from tests.flow.posted import WORDS, counted, exposed, holder, incident, number, register, shop

from sekisho.actions.control import Face
from sekisho.errors import ReconciliationError
from sekisho.flow.assessing.gate import reconciled
from sekisho.flow.telling.letters_back import returned
from sekisho.flow.telling.letters_plan import plan
from sekisho.flow.telling.letters_release import As, release
from sekisho.flow.telling.letters_send import send
from sekisho.frames import from_arrow
from sekisho.vault import Cost, Secret, Vault
from sekisho.vault.letters import State

DAY = date(2015, 6, 5)
BEFORE, AFTER = "沖縄県糸満市1", "沖縄県那覇市泉崎1-2-2"


@pytest.fixture
def vault(tmp_path: Path) -> Iterator[Vault]:
    with Vault.create(tmp_path / "vault", Secret.passphrase("a long enough one"), Cost(64, 1, 1)) as made:
        shop(made, tmp_path / "shop")
        yield made


def posted(vault: Vault, *persons: dict[str, object], holders: int = 2) -> None:
    """Version 1, and its letters at the post."""
    register(vault, *(holder(n) for n in range(1, holders + 1)))
    counted(vault, incident(vault), *persons)
    plan(vault, 1, WORDS, shown=False)
    sent(vault)


def sent(vault: Vault) -> None:
    """Whatever waits is sent, as if it had been printed and found right."""
    send(vault, 1, "shop", 10, DAY, shown=False)
    letters = vault.letters(1)
    waiting = from_arrow(letters.standing()).filter(state=str(State.QUEUED))["letter"]
    with vault.act("letters.sent", incident=1):
        letters.become(waiting, State.SENT)


def letters(vault: Vault) -> dict[int, tuple[str, str]]:
    """Of each letter where it stands, and which items it tells of."""
    rows = from_arrow(vault.letters(1).all()).select("letter", "state", "items").iter_rows()
    return {letter: (state, items) for letter, state, items in rows}


def way(vault: Vault, person: int) -> tuple[str, str]:
    row = from_arrow(vault.tellings(1).all()).filter(person=1000 + person).row(0, named=True)
    return row["way"], row["reason"]


def no(letter: int) -> str:
    return Face(1, letter).written


def test_who_is_written_to_once_more_is_told_all_that_leaked_by_then(vault: Vault) -> None:
    posted(vault, exposed(1, "name"), exposed(2, "name"))
    returned(vault, 1, [no(1)])
    counted(vault, 1, exposed(1, "name+address", grown=2), exposed(2, "name"))
    plan(vault, 1, shown=False)
    assert release(vault, 1, [(no(1), As.NOW)], "asked the town").letters == 1
    assert letters(vault)[3] == ("created", "name+address")
    assert not reconciled(vault, 1).blocking
    assert plan(vault, 1, shown=False).new == 0


def test_a_held_letter_that_was_outgrown_gives_way_to_one_that_tells_all(vault: Vault) -> None:
    register(vault, holder(1, since="2015-05-20", former=BEFORE))
    counted(vault, incident(vault), exposed(1, "name"))
    plan(vault, 1, WORDS, shown=False)
    counted(vault, 1, exposed(1, "name+address", grown=2))
    release(vault, 1, [(no(1), As.BEFORE)], "visited")
    assert letters(vault) == {1: ("superseded", "name"), 2: ("created", "name+address")}
    assert not reconciled(vault, 1).blocking
    assert plan(vault, 1, shown=False).new == 0


def test_no_second_letter_goes_where_the_first_came_back_from(vault: Vault) -> None:
    posted(vault, exposed(1, "name"), exposed(2, "name"))
    returned(vault, 1, [no(1)])
    release(vault, 1, [(no(1), As.NOW)], "asked the town")
    sent(vault)
    counted(vault, 1, exposed(1, "name+address", grown=2), exposed(2, "name+address", grown=2))
    found = plan(vault, 1, shown=False)
    assert (found.new, found.held) == (1, 1)
    assert way(vault, 1) == ("held", "returned")
    assert way(vault, 2) == ("letter", "")
    assert plan(vault, 1, shown=False).new == 0
    held = next(one for one, (state, _) in letters(vault).items() if state == "held")
    assert release(vault, 1, [(no(held), As.NOW)], "asked again").letters == 1


def test_who_got_the_last_letter_back_is_not_told_of_what_it_said_more(vault: Vault) -> None:
    posted(vault, exposed(1, "name"), exposed(2, "name"))
    counted(vault, 1, exposed(1, "name+address", grown=2), exposed(2, "name+address", grown=2))
    plan(vault, 1, shown=False)
    sent(vault)
    newest = {person: letter for letter, person in _by_person(vault)}
    returned(vault, 1, [no(newest[1])])
    assert way(vault, 1) == ("unreachable", "returned")
    returned(vault, 1, [no(min(letter for letter, person in _by_person(vault) if person == 2))])
    assert way(vault, 2) == ("letter", "")  # the later one says all, and did not come back


def _by_person(vault: Vault) -> list[tuple[int, int]]:
    rows = from_arrow(vault.letters(1).standing()).select("letter", pl.col("person") - 1000)
    return rows.sort("letter").rows()


def test_a_letter_that_comes_back_counts_for_whom_its_person_turned_out_to_be(vault: Vault) -> None:
    posted(vault, exposed(1))
    counted(vault, 1, exposed(3, holder=number(1), was="1001"))
    plan(vault, 1, shown=False)
    returned(vault, 1, [no(1)])
    assert way(vault, 3) == ("unreachable", "returned")
    release(vault, 1, [(no(1), As.NOW)], "asked the town")
    assert way(vault, 3) == ("letter", "reviewed: asked the town")
    assert not reconciled(vault, 1).blocking


def test_nothing_is_sent_that_more_has_leaked_since(vault: Vault) -> None:
    register(vault, holder(1))
    counted(vault, incident(vault), exposed(1, "name"))
    plan(vault, 1, WORDS, shown=False)
    counted(vault, 1, exposed(1, "name+address", grown=2))
    with pytest.raises(ReconciliationError):
        send(vault, 1, "shop", 10, DAY, shown=False)
    plan(vault, 1, shown=False)
    sent(vault)
    assert letters(vault) == {1: ("superseded", "name"), 2: ("sent", "name+address")}
