"""Whatever falls while a vault is made, brought up to date, given another secret or shared: it opens, and is whole."""

from __future__ import annotations

import json
import random
import shutil
import tarfile
from collections.abc import Callable
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import pytest
from tests.faults import falls
from tests.faults.falls import CHANGING, ERRORS, STRACE, Spot
from tests.faults.test_falls import spread
from tests.faults.world import Done, ask, run

from sekisho.vault import Cost, Secret, Vault

DATA = Path(__file__).parents[1] / "vault" / "data"
needs_strace = pytest.mark.skipif(not STRACE, reason="strace is not installed")


def nothing(_: Path) -> None:
    """An empty place."""


def a_vault(folder: Path) -> None:
    Vault.create(folder / "vault", Secret.to_new_key_file(folder / "key"), Cost(64, 1, 1)).close()


def an_old_vault(folder: Path) -> None:
    with tarfile.open(DATA / "version-1-key-file.tar.gz") as archive:
        archive.extractall(folder)


@dataclass(frozen=True, slots=True)
class Deed:
    """``call`` in a place that ``prepare`` makes; ``then``: the key files that open the vault when it was done."""

    name: str
    prepare: Callable[[Path], None]
    call: tuple[str, ...]
    then: tuple[str, ...] = ("key",)


ROTATE = Deed("rotate", a_vault, ("vault", "rotate", "--new-key-file", "new"), ("new",))
DEEDS = (
    Deed("init", nothing, ("vault", "init", "--memory", "8")),
    Deed("migrate", an_old_vault, ("vault", "drop", "--keep", "1", "--yes")),
    ROTATE,
    Deed("share", a_vault, ("vault", "share", "make", "--need", "2", "--of", "2", "--to", "shares")),
)


def place(folder: Path, deed: Deed) -> Path:
    """A new place, as it is before a deed."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    deed.prepare(folder)
    return folder


def opening(folder: Path) -> tuple[str, ...]:
    """The key files that open the vault, which is whole then."""
    return tuple(name for name in ("key", "new") if (folder / name).exists() and is_opened(folder, name))


def is_opened(folder: Path, key: str) -> bool:
    shutil.copy(folder / key, folder / "kept")
    shutil.copy(folder / "key", folder / "first")
    shutil.copy(folder / "kept", folder / "key")
    try:
        done = ask(folder, "vault", "check", "--json")
    finally:
        shutil.copy(folder / "first", folder / "key")
    if done.code == 4 and "does not open" in done.err:
        return False
    assert done.code == 0, done
    assert not [fault for fault in json.loads(done.out)["faults"] if fault["kind"] in ("damaged", "missing")]
    return True


def stands(folder: Path, deed: Deed, done: Done) -> None:
    """What was acknowledged is there. Else the vault is as it was, or as it was to be; the call can be made again."""
    if (folder / "vault" / "vault.json").exists():
        there = opening(folder)
        assert there in (deed.then, ("key",)), (deed, done, there)
    else:
        there = ()
        assert deed.name == "init"
    if done.code == 0:
        assert there == deed.then, (deed, done)
    if there == deed.then and deed.name in ("init", "rotate"):
        return
    shutil.rmtree(folder / "shares", ignore_errors=True)
    again = run(folder, *deed.call)
    assert again.code == 0, (deed, done, again)
    assert opening(folder) == deed.then


def fall(folder: Path, deed: Deed, spot: Spot) -> None:
    """Kill the call at a spot, and let what it asks there fail."""
    done = falls.killed_at(place(folder, deed), *deed.call, spot=spot)
    if done is not None:
        stands(folder, deed, done)
    for error in ERRORS[spot.call]:
        done = falls.failed(place(folder, deed), *deed.call, spot=spot, error=error)
        if done is not None:
            assert done.is_clean, (deed, spot, error, done)
            stands(folder, deed, done)


@needs_strace
def test_what_falls_where_it_writes_leaves_a_vault_that_opens(trial: Path) -> None:
    deed = ROTATE
    spots = falls.spots(place(trial, deed), *deed.call, calls=CHANGING)
    for spot in islice(spread(random.Random(deed.name), spots), 1):
        fall(trial, deed, spot)


@needs_strace
@pytest.mark.parametrize("deed", DEEDS, ids=lambda deed: deed.name)
def test_a_vault_that_was_acknowledged_survives_a_power_cut(deed: Deed, trial: Path) -> None:
    assert falls.unsynced(place(trial, deed), *deed.call) == set()


@pytest.mark.soak
@needs_strace
@pytest.mark.parametrize("deed", DEEDS, ids=lambda deed: deed.name)
def test_whatever_falls_anywhere_leaves_a_vault_that_opens(deed: Deed, trial: Path) -> None:
    spots = falls.spots(place(trial, deed), *deed.call)
    for spot in islice(spread(random.Random(deed.name), spots), 20):
        fall(trial, deed, spot)
