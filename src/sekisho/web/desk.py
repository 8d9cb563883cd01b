"""What the service holds open: the vault, its clients signed in, and how everybody stands, renewed as it changes."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from time import monotonic

from sekisho.actions.standings import Standings
from sekisho.actions.step_up import Exposed, Standing
from sekisho.actors import Who, sign_in
from sekisho.errors import SekishoError
from sekisho.flow.answering.standings import basis, load, numbers_replaced
from sekisho.flow.answering.step_up import alarm as say_alarm
from sekisho.ledger.meet import drain
from sekisho.ledger.witnessing import have_cosigned
from sekisho.vault import Secret, Vault
from sekisho.vault.acts import Acting
from sekisho.vault.together import Together
from sekisho.web.clients import Client, Clients
from sekisho.web.guard import Alarm, Guard
from sekisho.wording import Text

LOOK_EVERY = 0.25
"""Seconds after which it is looked whether there is a newer version: by one thread, as a question to the vault in the
thread that answers everybody would have everybody wait."""
COUNT_EVERY = 20.0
"""Seconds after which it is counted how many numbers were replaced."""
DRAIN_EVERY = 60.0
Tell = Callable[[Text], None]


class Desk:
    """Open as a context. ``tell`` hears of alarms and troubles, never of persons."""

    def __init__(self, vault: Vault, clients: Clients, guard: Guard, tell: Tell) -> None:
        self.clients, self.guard, self.tell = clients, guard, tell
        self.looks = vault.looks()
        self.together: Together[Vault] = vault.together()
        self._folder, self._keys = vault.folder, vault.keys
        self._acting: dict[str, Acting] = {}
        self._signing = threading.Lock()
        self._basis, self._replaced, self._counted = basis(vault), numbers_replaced(vault), monotonic()
        self._now = load(vault), False
        """How everybody stands, and whether there is something newer."""
        self._ended = threading.Event()
        self._threads = [
            threading.Thread(target=self._renew, name="standings"),
            threading.Thread(target=self._drain, name="ledger"),
        ]

    def __enter__(self) -> Desk:
        for client in self.clients.all:
            self.acting_of(client)
        self.together.__enter__()
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self.together.__exit__()
        for thread in self._threads:
            thread.join()

    @contextmanager
    def vault(self) -> Iterator[Vault]:
        """The vault once more, for the thread that asks; nobody acts in it yet."""
        with Vault(self._folder, self._keys, None) as vault:
            yield vault

    def acting_of(self, client: Client) -> Acting:
        """Who acts for a client, signed in; raises RightsError, VaultError."""
        with self._signing:
            if client.name not in self._acting:
                with self.vault() as vault:
                    who = Who(client.actor, Secret.from_key_file(client.key_file), client.purpose)
                    self._acting[client.name] = sign_in(vault, who)
            return self._acting[client.name]

    def forget(self, client: Client) -> None:
        """Have a client signed in anew."""
        with self._signing:
            self._acting.pop(client.name, None)

    def standing(self, number: int) -> tuple[int, Standing, dict[int, int]]:
        """The holder whom a number leads to, how they stand, and as of which versions.

        As soon as there is a newer version that is not read yet, nobody is said not to be exposed.
        """
        now, is_stale = self._now
        holder, standing = now.of(number)
        if is_stale and standing.exposed is not Exposed.YES:
            standing = replace(standing, exposed=Exposed.CANNOT_TELL, doubtful=True)
        return holder, standing, now.versions

    @property
    def standings(self) -> Standings:
        """How everybody stands, as of the versions in use."""
        return self._now[0]

    def alarm(self, client: Client, alarm: Alarm) -> None:
        """Say an alarm, durably, in the ledger, and aloud; raises VaultError."""
        acting = self.acting_of(client)
        with self.vault() as vault:
            vault.sign_in(lambda: acting)
            say_alarm(vault, str(alarm))
        said = Text("ALARM {kind}: client {name} ({actor})", "警報 {kind}: 接続元 {name}（{actor}）")
        self.tell(said.fill(kind=alarm, name=client.name, actor=acting.actor))

    def _renew(self) -> None:
        """Read how everybody stands whenever that has changed."""
        with self.vault() as vault:
            while not self._ended.wait(LOOK_EVERY):
                self._told(lambda: self._read_again(vault))

    def _read_again(self, vault: Vault) -> None:
        now = basis(vault)
        if monotonic() - self._counted > COUNT_EVERY:
            replaced, self._counted = numbers_replaced(vault), monotonic()
        else:
            replaced = self._replaced
        if (now, replaced) == (self._basis, self._replaced):
            return
        self._now = self._now[0], True
        standings = load(vault)
        self._basis, self._replaced, self._now = now, replaced, (standings, basis(vault) != now)
        said = Text("Versions in use: {versions}", "使用中の版: {versions}")
        self.tell(said.fill(versions=", ".join(f"{n}/{v}" for n, v in standings.versions.items()) or "-"))

    def _drain(self) -> None:
        """Bring what was said into the ledger now and then, and have it cosigned; the rest when the service ends."""
        while not self._ended.wait(DRAIN_EVERY):
            self._told(self._bring)

    def _bring(self) -> None:
        with self.vault() as vault:
            for silent in have_cosigned(vault, drain(vault)):
                self.tell(silent)

    def _told(self, work: Callable[[], None]) -> None:
        try:
            work()
        except SekishoError as error:
            self.tell(error.message)
