"""Several processes say things, bring them into the ledger and look at it, all at the same time; some are killed."""

import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from sekisho.ledger.meet import drain, folder_of, meet, signer_of
from sekisho.ledger.verify import verify_now
from sekisho.vault import Cost, Secret, Vault

SECRET = "a passphrase that nobody guesses"
WORK = """
import sys
from pathlib import Path
from sekisho.ledger.meet import drain
from sekisho.vault import Secret, Vault

with Vault.open(Path(sys.argv[1]), Secret.passphrase(sys.argv[2])) as vault:
    for number in range(int(sys.argv[4])):
        vault.log("scan.begin", counts={"who": int(sys.argv[3]), "number": number})
        print(number, flush=True)
        if number % 3 == 0:
            drain(vault)
"""


@pytest.fixture
def folder(tmp_path):
    Vault.create(tmp_path / "vault", Secret.passphrase(SECRET), Cost(64, 1, 1)).close()
    return tmp_path / "vault"


def _begin(folder: Path, who: int, times: int) -> subprocess.Popen[str]:
    call = [sys.executable, "-c", WORK, str(folder), SECRET, str(who), str(times)]
    return subprocess.Popen(call, stdout=subprocess.PIPE, text=True, env={**os.environ, "LC_ALL": "C.UTF-8"})


def _said(vault: Vault) -> dict[int, list[int]]:
    """What stands in the ledger, by who said it."""
    log = drain(vault)
    found: dict[int, list[int]] = {}
    for one in log.entries(0, log.size):
        counts = json.loads(one)["counts"]
        found.setdefault(counts["who"], []).append(counts["number"])
    return found


def test_what_each_said_stands_there_once_and_in_order(folder):
    workers = [_begin(folder, who, 60) for who in range(3)]
    with Vault.open(folder, Secret.passphrase(SECRET)) as vault:
        key = signer_of(vault).verifier
        while any(one.poll() is None for one in workers):
            assert verify_now(folder_of(vault), key)[1].sound
            meet(vault)
        assert [one.communicate() and one.returncode for one in workers] == [0, 0, 0]
        assert _said(vault) == {who: list(range(60)) for who in range(3)}
        assert verify_now(folder_of(vault), key)[1].sound


def _killed(folder: Path, who: int, after: float) -> int:
    """How many acts were acknowledged to somebody who was killed ``after`` seconds of work."""
    worker = _begin(folder, who, 100_000)
    first = worker.stdout.readline()
    time.sleep(after)
    worker.send_signal(signal.SIGKILL)
    rest = worker.communicate()[0]
    return len((first + rest).splitlines())


@pytest.mark.parametrize("kills", [4, pytest.param(100, marks=pytest.mark.soak)])
def test_killed_at_random_moments_nothing_acknowledged_is_lost_or_twice_there(folder, kills):
    dice = random.Random(4)
    acknowledged = {who: _killed(folder, who, dice.random() * 0.3) for who in range(kills)}
    with Vault.open(folder, Secret.passphrase(SECRET)) as vault:
        meet(vault)
        said = _said(vault)
        assert verify_now(folder_of(vault), signer_of(vault).verifier)[1].sound
    for who, count in acknowledged.items():
        assert said[who] == list(range(len(said[who])))
        assert count <= len(said[who]) <= count + 1  # the last one may have been done, and not said so any more
