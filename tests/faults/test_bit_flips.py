"""A flipped bit is found by whoever needs what it stood in, and by a check of the whole; or it changes nothing."""

from __future__ import annotations

import random
import shutil
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
from tests.faults.flips import HARMLESS, KINDS, Flip, after, by_kind, some
from tests.faults.world import World, said


@pytest.fixture(scope="session")
def truth(world: World, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What the program says when nothing was flipped."""
    copy = tmp_path_factory.mktemp("truth") / "copy"
    shutil.copytree(world.logged(), copy)
    return said(copy)


def look_at(flip: Flip, kind: str, world: World, truth: dict[str, Any], trial: Path) -> None:
    found = after(flip, world.logged(), truth, trial)
    assert found.silent == {}, flip
    assert found.told or kind in HARMLESS, flip


def test_every_kind_of_file_is_flipped(world: World) -> None:
    assert by_kind(world.logged()).keys() == KINDS.keys()


@pytest.mark.parametrize("kind", KINDS)
def test_a_flipped_bit_is_found_or_harmless(kind: str, world: World, truth: dict[str, Any], trial: Path) -> None:
    look_at(next(some(random.Random(kind), world.logged(), kind)), kind, world, truth, trial)


@pytest.mark.soak
@pytest.mark.parametrize("kind", KINDS)
def test_many_flipped_bits_are_found_or_harmless(kind: str, world: World, truth: dict[str, Any], trial: Path) -> None:
    for flip in islice(some(random.Random(kind), world.logged(), kind), 60):
        look_at(flip, kind, world, truth, trial)
