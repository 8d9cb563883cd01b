"""A look is in the ledger, durably, before anybody sees anything; many clients share one commit."""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
from collections import Counter
from pathlib import Path
from subprocess import PIPE, Popen
from typing import Any

import pytest

from sekisho.errors import RightsError, VaultError
from sekisho.vault import Secret, Vault
from sekisho.vault.acts import NOBODY, Acting, Draft, Seen
from sekisho.vault.looks import Look, holder, number, record

CLERK = Acting("aa", "clerk", "s1", "inquiry", allowed=frozenset({"register.show"}))


def entries(vault: Vault) -> list[dict[str, Any]]:
    return [json.loads(made) for _, made in vault.outbox.pending(0)]


def test_a_look_says_at_how_many_and_holds_nothing_of_them(vault: Vault) -> None:
    vault.looks().see("register.show", [holder(7), number("4701000001")], {"holders": 1})
    (said,) = entries(vault)
    assert (said["action"], said["counts"], said["more"]["seen"]["marks"]) == ("register.show", {"holders": 1}, 2)
    assert "4701" not in json.dumps(said)


def test_whoever_was_looked_at_finds_it_by_any_of_their_names_and_nobody_else_does(vault: Vault) -> None:
    looks = vault.looks()
    looks.see("register.show", [holder(7), number("4701000001")])
    looks.see("merges.show", [record("27951"), holder(8)])
    looks.see("register.show", [holder(7)])
    assert looks.of([holder(7), number("4701000001")]) == [Look(0), Look(2)]
    assert looks.of([number("4701000001")]) == [Look(0)]
    assert looks.of([record("27951")]) == [Look(1)]
    assert looks.of([holder(9)]) == []


def test_a_look_at_everybody_says_at_what(vault: Vault) -> None:
    vault.looks().see_all("register.export", "register", 3, {"rows": 100})
    assert vault.looks().at_all() == [Look(0, "register", 3)]
    assert entries(vault)[0]["more"]["seen"] == {"scope": "register", "upto": 3}


def test_a_look_that_was_taken_out_or_put_on_another_shows(vault: Vault) -> None:
    looks = vault.looks()
    looks.see("register.show", [holder(7), holder(8)])
    looks.see_all("register.export", "register", 3)
    told = [entry["more"]["seen"] for entry in entries(vault)]
    assert [looks.is_true(seq, one) for seq, one in enumerate(told)] == [True, True]
    with vault._store.act("register.show"):
        vault._store.run("DELETE FROM looks WHERE mark = ?", (looks.mark(holder(7)),))
    assert not looks.is_true(0, told[0])
    with vault._store.act("register.show"):
        vault._store.run("INSERT INTO looks (mark, seq) VALUES (?, 0)", (looks.mark(holder(9)),))
    assert not looks.is_true(0, told[0])


def test_a_look_at_nobody_is_no_look_that_was_taken_out(vault: Vault) -> None:
    looks = vault.looks()
    looks.see("reissue.alerts", [], {"alerts": 0})
    (told,) = (entry["more"]["seen"] for entry in entries(vault))
    assert looks.is_true(0, told)
    with vault._store.act("register.show"):
        vault._store.run("INSERT INTO looks (mark, seq) VALUES (?, 0)", (looks.mark(holder(9)),))
    assert not looks.is_true(0, told)


def test_who_may_not_look_sees_nothing_and_the_ledger_says_so(vault: Vault) -> None:
    vault._store._acting = NOBODY
    with pytest.raises(RightsError):
        vault.looks().see("register.show", [holder(7)])
    assert [entry["action"] for entry in entries(vault)] == ["refused"]
    assert vault.looks().of([holder(7)]) == []


class TestTogether:
    def test_every_look_of_every_client_is_there_before_it_is_answered(self, vault: Vault, secret: Secret) -> None:
        looks = vault.looks()
        late: list[int] = []

        def client(mine: int) -> None:
            with Vault.open(vault.folder, secret) as own:
                for i in range(20):
                    together.see(CLERK, Draft("register.show", seen=looks.at([holder(mine * 100 + i)])))
                    if not own.looks().of([holder(mine * 100 + i)]):
                        late.append(mine * 100 + i)

        with vault.together() as together:
            clients = [threading.Thread(target=client, args=(mine,)) for mine in range(8)]
            for one in clients:
                one.start()
            for one in clients:
                one.join()
        assert late == []
        told = entries(vault)
        assert len(told) == vault.outbox.head().size == 160
        assert {(one["actor"], one["role"], one["purpose"]) for one in told} == {("aa", "clerk", "inquiry")}
        assert all(looks.is_true(seq, one["more"]["seen"]) for seq, one in enumerate(told))

    def test_one_who_may_not_look_fails_alone(self, vault: Vault) -> None:
        outcomes: Counter[str] = Counter()

        def client(acting: Acting) -> None:
            try:
                together.see(acting, Draft("register.show"))
                outcomes["seen"] += 1
            except RightsError:
                outcomes["refused"] += 1

        with vault.together() as together:
            clients = [threading.Thread(target=client, args=(one,)) for one in [CLERK, NOBODY] * 10]
            for one in clients:
                one.start()
            for one in clients:
                one.join()
        assert outcomes == {"seen": 10, "refused": 10}
        assert Counter(one["action"] for one in entries(vault)) == {"register.show": 10, "refused": 10}

    def test_what_cannot_be_written_is_not_seen_and_nobody_waits_for_ever(self, vault: Vault) -> None:
        with vault.together() as together:
            trigger = "CREATE TRIGGER full BEFORE INSERT ON outbox BEGIN SELECT RAISE(ABORT, 'no'); END"
            vault._store._connection.execute(trigger)
            with pytest.raises(VaultError):
                together.see(CLERK, Draft("register.show"))

    def test_a_question_is_answered_once_its_look_is_there(self, vault: Vault, secret: Secret) -> None:
        def question(asked: Vault) -> tuple[int, Seen]:
            return len(asked.scans()), asked.looks().at([holder(7)])

        with vault.together() as together, Vault.open(vault.folder, secret) as other:
            assert together.ask(CLERK, Draft("register.show"), question) == 0
            assert other.looks().of([holder(7)]) == [Look(0)]

    def test_a_question_that_is_not_theirs_is_not_even_asked(self, vault: Vault) -> None:
        asked: list[Vault] = []

        def question(inner: Vault) -> tuple[None, Seen]:
            asked.append(inner)
            return None, Seen()

        with vault.together() as together, pytest.raises(RightsError):
            together.ask(NOBODY, Draft("register.show"), question)
        assert asked == []
        assert [entry["action"] for entry in entries(vault)] == ["refused"]

    def test_what_a_question_complains_of_reaches_who_asked_and_the_ledger_holds_the_look(self, vault: Vault) -> None:
        def question(asked: Vault) -> tuple[None, Seen]:
            asked.scan(99)
            return None, Seen()

        with vault.together() as together:
            with pytest.raises(VaultError, match="no scan 99"):
                together.ask(CLERK, Draft("register.show"), question)
            together.see(CLERK, Draft("register.show"))
        assert [entry["action"] for entry in entries(vault)] == ["register.show"] * 2

    def test_after_the_end_nothing_is_seen(self, vault: Vault) -> None:
        with vault.together() as together:
            pass
        with pytest.raises(VaultError):
            together.see(CLERK, Draft("register.show"))


KILLED = """
import sys, threading
from pathlib import Path
from sekisho.vault import Secret, Vault
from sekisho.vault.acts import OWNER, Draft
from sekisho.vault.looks import holder

with Vault.open(Path(sys.argv[1]), Secret.passphrase("a long enough passphrase")) as vault:
    looks = vault.looks()
    with vault.together() as together:
        def client(mine):
            for i in range(100000):
                together.see(OWNER, Draft("register.show", seen=looks.at([holder(mine * 1000000 + i)])))
                sys.stdout.write(f"{mine * 1000000 + i}\\n")
                sys.stdout.flush()
        for mine in range(4):
            threading.Thread(target=client, args=(mine,), daemon=True).start()
        threading.Event().wait()
"""


@pytest.mark.parametrize("answers", [1, 50, 333])
def test_killed_at_any_moment_no_answer_was_given_whose_look_is_not_there(
    vault: Vault, secret: Secret, answers: int
) -> None:
    folder: Path = vault.folder
    with Popen([sys.executable, "-c", KILLED, str(folder)], stdout=PIPE, text=True) as child:
        assert child.stdout is not None
        given = [child.stdout.readline() for _ in range(answers)]
        os.kill(child.pid, signal.SIGKILL)
        given += child.stdout.readlines()
    with Vault.open(folder, secret) as again:
        for answer in given:
            if answer.endswith("\n"):
                assert again.looks().of([holder(int(answer))]), answer
