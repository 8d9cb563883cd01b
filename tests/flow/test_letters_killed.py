"""A call that is killed on its way leaves every letter planned, released or queued once, and the next one goes on."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections import Counter
from datetime import date
from pathlib import Path

import pytest
from tests.flow.posted import WORDS, counted, exposed, holder, incident, index, parcels, register, shop

from sekisho.flow.assessing.gate import reconciled
from sekisho.flow.telling import letters_send
from sekisho.flow.telling.letters_plan import plan
from sekisho.flow.telling.letters_send import Sent, send
from sekisho.frames import from_arrow
from sekisho.vault import Cost, Secret, Vault

PERSONS = 40
SECRET = Secret.passphrase("a long enough one")
CALL = """
import sys
from datetime import date
from pathlib import Path
from sekisho.flow.telling import letters_send
from sekisho.flow.telling.letters_plan import plan
from sekisho.vault import Secret, Vault
from tests.flow.posted import WORDS
letters_send.A_BUNDLE, letters_send.A_FILE = 5, 3
with Vault.open(Path(sys.argv[1]), Secret.passphrase("a long enough one"), write=True) as vault:
    print("open", flush=True)
    plan(vault, 1, WORDS, shown=False)
    letters_send.send(vault, 1, "shop", 12, date(2015, 6, 5), shown=False)
"""


@pytest.fixture
def place(tmp_path: Path) -> Path:
    with Vault.create(tmp_path / "vault", SECRET, Cost(64, 1, 1)) as vault:
        shop(vault, tmp_path / "shop")
        register(vault, *(holder(n) for n in range(1, PERSONS + 1)))
        made = incident(vault)
        counted(vault, made, *(exposed(n) for n in range(1, PERSONS + 1)))
    return tmp_path / "vault"


def killed(place: Path, after: float) -> bool:
    """Whether the call was still running ``after`` seconds from its beginning."""
    root = Path(__file__).parents[2]
    paths = os.pathsep.join([str(root / "src"), str(root)])
    with subprocess.Popen(
        [sys.executable, "-c", CALL, str(place)], stdout=subprocess.PIPE, env={**os.environ, "PYTHONPATH": paths}
    ) as call:
        assert call.stdout is not None
        call.stdout.readline()
        time.sleep(after)
        running = call.poll() is None
        call.send_signal(signal.SIGKILL)
    return running


def is_whole(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One more call finishes it: each person has one letter, each letter stands in one bundle."""
    monkeypatch.setattr(letters_send, "A_BUNDLE", 5)
    monkeypatch.setattr(letters_send, "A_FILE", 3)
    with Vault.open(place, SECRET, write=True) as vault:
        plan(vault, 1, WORDS, shown=False)
        assert isinstance(send(vault, 1, "shop", 12, date(2015, 6, 5), shown=False), Sent)
        standing = from_arrow(vault.letters(1).standing())
        assert Counter(standing["state"]) == {"queued": PERSONS}
        assert standing["person"].n_unique() == PERSONS
        controls = [row["control"] for parcel in parcels(vault, 1) for row in index(parcel)]
        assert len(controls) == len(set(controls)) == PERSONS
        assert [one.letters for one in vault.letters(1).runs()] == [{"queued": 12}] * 3 + [{"queued": 4}]
        assert not reconciled(vault, 1).blocking


def test_a_killed_call_loses_and_doubles_no_letter(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    killed(place, 0.6)
    killed(place, 1.2)
    is_whole(place, monkeypatch)


@pytest.mark.soak
@pytest.mark.parametrize("round_", range(25))
def test_kills_at_any_moment_lose_and_double_no_letter(
    place: Path, round_: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    for nth in range(4):
        killed(place, 0.05 + 0.11 * ((round_ * 7 + nth * 13) % 25))
    is_whole(place, monkeypatch)
