"""A flipped bit is found by whoever needs what it stood in, and by a check of the whole; or it changes nothing."""

from __future__ import annotations

import random
import shutil
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
from tests.faults.flips import HARMLESS, KINDS, Flip, after, by_kind, is_written_anew, kind_of, some
from tests.faults.world import World, said

EARLY, LATE = "scan again", "draft"
"""What is done before these acts has made a file of each of `SOME`, and of each of `KINDS`."""
SOME = ("store", "log of the store", "bundle")


@dataclass(frozen=True)
class Kept:
    """A place to flip bits in, and what the program says there."""

    folder: Path
    truth: dict[str, Any]

    def look_at(self, flip: Flip, trial: Path) -> None:
        found = after(flip, self.folder, self.truth, trial)
        assert found.silent == {}, flip
        harmless = kind_of(flip.path) in HARMLESS or is_written_anew(flip, self.folder)
        assert found.told or harmless, flip


def kept(world: World, name: str, folder: Path) -> Kept:
    copy = folder / "copy"
    shutil.copytree(world.logged(name), copy)
    return Kept(world.logged(name), said(copy))


@pytest.fixture(scope="module")
def early(world: World, tmp_path_factory: pytest.TempPathFactory) -> Kept:
    return kept(world, EARLY, tmp_path_factory.mktemp("early"))


@pytest.fixture(scope="module")
def late(world: World, tmp_path_factory: pytest.TempPathFactory) -> Kept:
    return kept(world, LATE, tmp_path_factory.mktemp("late"))


@pytest.mark.parametrize("kind", SOME)
def test_a_flipped_bit_is_found_or_harmless(kind: str, early: Kept, trial: Path) -> None:
    early.look_at(next(some(random.Random(kind), early.folder, kind)), trial)


@pytest.mark.soak
def test_every_kind_of_file_is_flipped(late: Kept) -> None:
    assert by_kind(late.folder).keys() == KINDS.keys()


@pytest.mark.soak
@pytest.mark.parametrize("kind", KINDS)
def test_many_flipped_bits_are_found_or_harmless(kind: str, late: Kept, trial: Path) -> None:
    for flip in islice(some(random.Random(kind), late.folder, kind), 40):
        late.look_at(flip, trial)
