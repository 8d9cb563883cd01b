"""A fact that was acknowledged stands, and a bundle is wholly there or not at all, wherever the program falls."""

from __future__ import annotations

import json
import random
import shutil
from functools import partial
from itertools import islice
from pathlib import Path

import pytest
from tests.faults import falls
from tests.faults.falls import CHANGING, ERRORS, STRACE
from tests.faults.test_falls import spread
from tests.faults.world import Done, ask, run

FACT = ("incident", "add", "event", "1", "cable pulled", "--at", "2015-05-08")
BUNDLE = ("incident", "bundle", "1", "proxy.log", "--for", "police", "--to", "out")
pytestmark = [pytest.mark.soak, pytest.mark.skipif(not STRACE, reason="strace is not installed")]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("case") / "place"
    folder.mkdir()
    (folder / "proxy.log").write_text("GET /\n" * 100_000)
    for call in (
        ("vault", "init"),
        ("incident", "open", "a leak"),
        ("incident", "add", "evidence", "1", "proxy.log"),
        ("ledger", "policy", "--to", "policy.txt"),
    ):
        assert run(folder, *call).code == 0
    return folder


def anew(place: Path, trial: Path) -> Path:
    shutil.rmtree(trial, ignore_errors=True)
    return Path(shutil.copytree(place, trial))


def facts(folder: Path) -> list[str]:
    return [one["kind"] for one in json.loads(ask(folder, "incident", "show", "1", "--json").out)["facts"]]


def stands(folder: Path, done: Done, kind: str) -> None:
    """What was acknowledged is there; what was not is there once or not at all; the vault is sound."""
    assert done.code < 10, done
    assert facts(folder).count(kind) in ((1,) if done.code == 0 else (0, 1))
    assert ask(folder, "vault", "check").code == 0
    if (folder / "out").exists():
        assert ask(folder, "incident", "verify", "out", "--policy", "policy.txt").code == 0
    else:
        again = ask(folder, *BUNDLE)
        assert again.code == 0, again
    assert not list(folder.glob(".out*"))


@pytest.mark.parametrize(("call", "kind"), [(FACT, "event"), (BUNDLE, "handed")], ids=["fact", "bundle"])
def test_killed_or_failed_anywhere(place: Path, trial: Path, call: tuple[str, ...], kind: str) -> None:
    spots = falls.spots(anew(place, trial), *call, calls=CHANGING)
    hit = 0
    for spot in islice(spread(random.Random(kind), spots), 16):
        for fall in (falls.killed_at, partial(falls.failed, error=ERRORS[spot.call][0])):
            done = fall(anew(place, trial), *call, spot=spot)
            if done is not None:
                stands(trial, done, kind)
                hit += 1
    assert hit > 12


@pytest.mark.parametrize("call", [FACT, BUNDLE], ids=["fact", "bundle"])
def test_what_is_acknowledged_survives_a_power_cut(place: Path, trial: Path, call: tuple[str, ...]) -> None:
    assert falls.unsynced(anew(place, trial), *call) == set()
