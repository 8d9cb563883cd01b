"""Killed with -9 at any moment, dispatch loses nothing, and each receiver has each parcel once."""

from __future__ import annotations

import random
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tests.sinks.conftest import SECRET, queue
from tests.sinks.receivers import Endpoint, Mailbox, certificate

from sekisho.flow.dispatch import waiting
from sekisho.flow.sinks import set_sink
from sekisho.vault import Vault

CHILD = """
import sys
from pathlib import Path
from sekisho.flow.dispatch import dispatch
from sekisho.vault import Secret, Vault
with Vault.open(Path(sys.argv[1]), Secret.passphrase(sys.argv[2]), write=True) as vault:
    print("open", flush=True)
    dispatch(vault, shown=False)
"""
Prepare = Callable[..., Path]
KILLED = -9
SOME = 8


def names(sink: str, count: int) -> list[str]:
    return [f"{sink}-{n:04}" for n in range(count)]


def filled(vault: Vault, sink: str, count: int) -> None:
    for name in names(sink, count):
        queue(vault, sink, name, {"index.csv": name.encode()})


def begun(vault: Path) -> subprocess.Popen[bytes]:
    call = [sys.executable, "-c", CHILD, str(vault), SECRET.value.decode()]
    return subprocess.Popen(call, stdout=subprocess.PIPE)


def ended(child: subprocess.Popen[bytes]) -> int:
    child.communicate(timeout=60)
    return child.returncode


def left(vault: Path) -> int:
    with Vault.open(vault, SECRET, write=True) as opened:
        return len(waiting(opened))


@pytest.fixture
def prepared(vault: Vault, tmp_path: Path) -> Prepare:
    def prepare(kind: str, count: int, **settings: str) -> Path:
        set_sink(vault, kind.replace("_", "-"), kind, settings)
        filled(vault, kind.replace("_", "-"), count)
        vault.close()
        return tmp_path / "vault"

    return prepare


@pytest.fixture
def endpoint() -> Iterator[Endpoint]:
    with Endpoint().open() as open_:
        yield open_


def once(endpoint: Endpoint, count: int) -> bool:
    """Whether it keeps each parcel once, whole."""
    bodies = [body for body in endpoint.kept.values() if body.endswith(b"--\r\n")]
    times = [sum(f'"name"\r\n\r\n{name}\r\n'.encode() in body for body in bodies) for name in names("webhook", count)]
    return times == [1] * count and len(endpoint.kept) == count


def fall(folder: Path, endpoint: Endpoint, when: str) -> None:
    endpoint.kill_at = when
    child = begun(folder)
    endpoint.victim = child.pid
    assert ended(child) == KILLED


def test_a_webhook_has_each_parcel_once_wherever_the_kill_fell(prepared: Prepare, endpoint: Endpoint) -> None:
    folder = prepared("webhook", SOME, url=f"http://localhost:{endpoint.port}/")
    for when in ("asked", "taken", "answered"):
        fall(folder, endpoint, when)
    assert ended(begun(folder)) == 0
    assert len(endpoint.asked) > len(endpoint.kept)  # some were handed over again
    assert once(endpoint, SOME)
    assert left(folder) == 0


def test_a_mail_store_has_each_message_once_wherever_the_kill_fell(prepared: Prepare, tmp_path: Path) -> None:
    falls = Endpoint()
    mailbox = Mailbox(falls)
    with mailbox.open() as port:
        certificate(tmp_path)
        sealing = {"certificate": str(tmp_path / "localhost.pem"), "security": "none", "port": str(port)}
        folder = prepared("smtp", SOME, host="localhost", to="a@example.jp", **{"from": "b@example.jp"}, **sealing)
        for when in ("asked", "taken"):
            fall(folder, falls, when)
        assert ended(begun(folder)) == 0
    assert len(mailbox.came) > SOME
    assert sorted(message["Subject"] for message in mailbox.kept.values()) == names("smtp", SOME)
    assert left(folder) == 0


def taken_away(outside: Path, had: list[str]) -> None:
    """What a receiver does who empties the folder all the time."""
    for path in outside.iterdir():
        if path.name != ".sekisho":
            had.append(path.name)
            assert {one.name for one in path.iterdir()} == {"index.csv", "SHA256SUMS"}
            shutil.rmtree(path)


def kill_while_emptied(folder: Path, outside: Path, had: list[str], seconds: float) -> int:
    child = begun(folder)
    assert child.stdout is not None
    child.stdout.readline()
    until = time.monotonic() + seconds
    while time.monotonic() < until and child.poll() is None:
        taken_away(outside, had)
    child.kill()
    code = ended(child)
    taken_away(outside, had)
    return code


def until_empty(folder: Path, outside: Path, kills: int, longest: float, seed: int) -> list[str]:
    """What a receiver had of a folder while its sender was killed so often, and then went on to the end."""
    dice, had = random.Random(seed), list[str]()
    killed = sum(kill_while_emptied(folder, outside, had, dice.uniform(0, longest)) == KILLED for _ in range(kills))
    assert killed >= kills // 2
    while left(folder):
        kill_while_emptied(folder, outside, had, 60)
    return had


def test_a_folder_that_is_emptied_meanwhile_shows_each_parcel_once(prepared: Prepare, tmp_path: Path) -> None:
    (outside := tmp_path / "outside").mkdir()
    folder = prepared("folder", 60, path=str(outside))
    had = until_empty(folder, outside, 2, 0.3, seed=1)
    assert sorted(had) == names("folder", 60)


@pytest.mark.soak
def test_a_folder_shows_each_parcel_once_over_a_hundred_kills(prepared: Prepare, tmp_path: Path) -> None:
    (outside := tmp_path / "outside").mkdir()
    folder = prepared("folder", 1500, path=str(outside))
    had = until_empty(folder, outside, 100, 0.2, seed=2)
    assert sorted(had) == names("folder", 1500)


@pytest.mark.soak
def test_a_webhook_has_each_parcel_once_over_a_hundred_kills(prepared: Prepare, endpoint: Endpoint) -> None:
    folder = prepared("webhook", 400, url=f"http://localhost:{endpoint.port}/")
    for turn in range(100):
        fall(folder, endpoint, ("asked", "taken", "answered")[turn % 3])
    assert ended(begun(folder)) == 0
    assert len(endpoint.asked) > 400
    assert once(endpoint, 400)
    assert left(folder) == 0
