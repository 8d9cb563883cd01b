"""A disk that fills up at any write: what was asked for is done or refused in so many words, and nothing is lost."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.faults.laws import stands
from tests.faults.world import ACTS, Act, World, run

MIB = 1 << 20
SOME = [act for act in ACTS if act.name == "take"]


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A small disk of its own."""
    place = tmp_path / "disk"
    place.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=24m", "none", place], capture_output=True)
    if mounted.returncode:
        pytest.skip("only root may mount a small disk")
    yield place
    subprocess.run(["umount", "--lazy", place], check=True)


def fill(disk: Path, but: int) -> Path:
    """Leave so many bytes free."""
    free = os.statvfs(disk)
    path = disk / "fill"
    with path.open("wb") as file:
        os.posix_fallocate(file.fileno(), 0, max(1, free.f_bavail * free.f_bsize - but))
    return path


def let_fill_up(world: World, disk: Path, act: Act, free: int) -> int:
    folder = world.trial(disk / "trial", act)
    filled = fill(disk, free)
    done = run(folder, *world.call(act))
    filled.unlink()
    assert done.is_clean, (act, free, done)
    stands(world, act, folder, done)
    return done.code


@pytest.mark.parametrize("act", SOME, ids=lambda act: act.name)
def test_a_disk_that_is_full_refuses_in_so_many_words(act: Act, world: World, disk: Path) -> None:
    assert let_fill_up(world, disk, act, 16 << 10) == 4


@pytest.mark.soak
@pytest.mark.parametrize("act", ACTS, ids=lambda act: act.name)
def test_a_disk_that_fills_up_at_any_write_loses_nothing(act: Act, world: World, disk: Path) -> None:
    """Room for a little more each time, until there is enough."""
    free = 0
    while let_fill_up(world, disk, act, free):
        free += 16 << 10 if free < MIB // 4 else 256 << 10
        assert free < 8 * MIB
