"""Killed with -9 at any moment, or asked by two processes at once, no number is given twice and nobody is left out."""

from __future__ import annotations

import csv
import io
import random
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from tests.reissue.conftest import NEW, OLD, PEOPLE, SECRET, Office

from sekisho.flow.sinks import set_sink
from sekisho.register import lookup
from sekisho.vault import Vault
from sekisho.vault.reissues import Standing

MOMENTS = 60
"""More than there are when one goes through all of it."""


def begun(folder: Path, moment: int = 0) -> subprocess.Popen[bytes]:
    call = [sys.executable, "-m", "tests.reissue.falling", str(folder), SECRET.value.decode(), str(moment)]
    return subprocess.Popen(call, stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def ended(child: subprocess.Popen[bytes]) -> tuple[int, bytes]:
    _, said = child.communicate(timeout=100)
    return child.returncode, said


@pytest.fixture
def ready(made: Path, tmp_path: Path) -> Path:
    folder = tmp_path / "office"
    shutil.copytree(made, folder)
    with Vault.open(folder / "vault", SECRET, write=True) as vault:
        office = Office(vault, folder)
        office.told()
        office.supplied()
        set_sink(vault, "core", "folder", {"path": str(folder)})
    return folder


def look(folder: Path) -> None:
    """Each has one number, each number one holder, the core system was told each once, and the register knows all."""
    with Vault.open(folder / "vault", SECRET, write=True) as vault:
        rows = vault.reissues(1).all().to_pylist()
        assert sorted(f"{row['old']:010}" for row in rows) == [number.replace("-", "") for number in OLD]
        assert len({row["number"] for row in rows}) == PEOPLE
        assert vault.numbers().counts() == {Standing.IN_FORCE: PEOPLE}
        parcels = vault.parcels(1)
        files = [parcels.parcel(one).content["numbers.csv"].decode() for one in parcels.all()]
        told = [one for file in files for one in csv.DictReader(io.StringIO(file))]
        assert sorted(one["old_number"] for one in told) == OLD
        assert sorted(one["new_number"] for one in told) == NEW
        register = vault.register()
        for row in rows:
            assert lookup.leads_to(register, row["old"]) == lookup.leads_to(register, row["number"]) is not None


@pytest.mark.parametrize("moment", [3, 17, 24])
def test_a_fall_gives_no_number_twice_and_the_next_call_goes_on(ready: Path, moment: int) -> None:
    code, said = ended(begun(ready, moment))
    assert code == -9, said
    assert ended(begun(ready)) == (0, b"")
    look(ready)


def test_two_processes_give_each_number_once(ready: Path) -> None:
    both = [begun(ready), begun(ready)]
    codes = sorted(ended(one)[0] for one in both)
    assert codes[0] == 0  # the other one found the vault locked, or nothing left to do
    look(ready)


@pytest.mark.soak
def test_a_hundred_falls_give_no_number_twice(made: Path, ready: Path, tmp_path: Path) -> None:
    dice, fallen = random.Random(3), 0
    while fallen < 100:
        folder = tmp_path / f"trial{fallen}"
        shutil.copytree(ready, folder)
        while True:
            code, said = ended(begun(folder, dice.randint(1, MOMENTS)))
            assert code in (0, -9), said
            fallen += code == -9
            if code == 0:
                break
        ended(begun(folder))
        look(folder)
        shutil.rmtree(folder)
