"""A vault with a register, an incident and clients, and the service that answers them."""

from __future__ import annotations

import http.client
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from tests.flow.leaked import HANA, TARO, held, leaked, scanned

from sekisho import actors
from sekisho.actors import Proposal, Who
from sekisho.flow.assessing.count import count
from sekisho.flow.enter import enter
from sekisho.vault import Cost, Secret, Vault
from sekisho.web.app import App
from sekisho.web.clients import Clients, new_key, read
from sekisho.web.desk import Desk
from sekisho.web.guard import Guard
from sekisho.web.server import Tls, server
from sekisho.wording import Text

OWN = Secret.passphrase("the vault's own")
CHEAP = Cost(64, 1, 1)
SAFE = "4701-000003,,架空 三郎,カクウ サブロウ,1953-03-03,沖縄県那覇市架空3"
HOLDERS = (
    "4701-000001,9901-000007,架空 太郎,カクウ タロウ,1948-04-06,沖縄県那覇市架空1-1",
    "4701-000002,,仮名 花子,カメイ ハナコ,1950-01-02,沖縄県那覇市架空2",
    SAFE,
)


@dataclass
class World:
    """A vault, the keys of the clients by name, and what the service said aloud."""

    folder: Path
    vault: Vault
    incident: int
    clients: Path
    keys: dict[str, str] = field(default_factory=dict)
    heard: list[str] = field(default_factory=list)

    def add_actor(self, name: str, role: str) -> Path:
        file = self.folder / f"{name}.key"
        made = actors.enlist(self.vault, name, role, Secret.to_new_key_file(file), CHEAP)
        assert not isinstance(made, Proposal)
        return file

    def add_client(self, name: str, **said: object) -> None:
        role = str(said.pop("role", "counter"))
        self.add_actor(name, role)
        key = self.folder / f"{name}.client"
        digest = new_key(key)
        self.keys[name] = key.read_text().strip()
        given = {"actor": name, "key_file": f"{name}.key", "purpose": "inquiry", "key": digest, **said}
        lines = "\n".join(f"{one} = {json.dumps(value)}" for one, value in given.items())
        with self.clients.open("a") as file:
            file.write(f"[clients.{name}]\n{lines}\n")
        self.clients.chmod(0o600)

    def entries(self, action: str) -> list[dict[str, Any]]:
        made = [json.loads(entry) for _, entry in self.vault.outbox.pending(0)]
        return [one for one in made if one["action"] == action]


@dataclass
class Service:
    """The service as a client sees it."""

    world: World
    desk: Desk
    port: int
    connect: Callable[[], http.client.HTTPConnection]

    def ask(self, said: object = None, *, path: str = "/v1/check", method: str = "POST", **how: Any) -> tuple[int, Any]:
        """Status and answer; ``client`` and ``key`` say who asks, ``headers`` what else."""
        key = how.get("key", self.world.keys.get(how.get("client", "naha"), ""))
        headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json", **how.get("headers", {})}
        connection = self.connect()
        try:
            body = said if isinstance(said, bytes) else json.dumps(said).encode()
            connection.request(method, path, body if method == "POST" else None, headers)
            answer = connection.getresponse()
            return answer.status, json.loads(answer.read())
        finally:
            connection.close()

    def check(self, number: str, procedure: str = "address_change", **how: Any) -> dict[str, Any]:
        status, told = self.ask({"number": number, "procedure": procedure, **how.pop("more", {})}, **how)
        assert status == 200, told
        assert isinstance(told, dict)
        return told


@contextmanager
def made_world(folder: Path) -> Iterator[World]:
    with Vault.create(folder / "vault", OWN, CHEAP) as vault:
        held(vault, folder, *HOLDERS)
        incident = leaked(vault, scanned(vault, {"a.csv": [TARO, HANA]}))
        count(vault, incident, shown=False)
        actors.sign_in(vault, None)
        made = World(folder, vault, incident, folder / "clients.toml")
        officer = made.add_actor("Alice", "officer")
        actors.sign_in(vault, Who("Alice", Secret.from_key_file(officer)))
        made.add_client("naha", sees="exposure", per_minute=1000, watched=False)
        made.add_client("hall", per_minute=1000)
        made.add_client("bank", sees="decision", procedures=["account_change"], per_minute=3, per_day=5)
        made.add_client("archive", role="clerk")
    with enter(folder / "vault", OWN, Who("Alice", Secret.from_key_file(officer), "incident"), write=True) as again:
        made.vault = again
        yield made


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with made_world(tmp_path) as made:
        yield made


@contextmanager
def serving(
    world: World, tls: Tls | None = None, clock: Callable[[], float] = lambda: 1e9, clients: Clients | None = None
) -> Iterator[Service]:
    def tell(text: Text) -> None:
        world.heard.append(text.en)

    with (
        Desk(world.vault, clients or read(world.clients), Guard(clock), tell) as desk,
        server(App(desk), ("127.0.0.1", 0), tls, tell) as made,
    ):
        thread = Thread(target=made.serve)
        thread.start()
        port = made.bind_addr[1]
        yield Service(world, desk, port, lambda: http.client.HTTPConnection("127.0.0.1", port, timeout=10))
        made.stop()
        thread.join()


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    with made_world(tmp_path_factory.mktemp("web")) as world, serving(world) as made:
        yield made
