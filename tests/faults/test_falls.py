"""A call that is killed, or whose disk fails it, loses nothing it acknowledged; the next one goes on."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path

import pytest
from tests.faults import falls
from tests.faults.falls import CHANGING, ERRORS, STRACE, Spot
from tests.faults.laws import stands
from tests.faults.world import ACTS, Act, World

KILLS = 100
ACTS_BY_NAME = {act.name: act for act in ACTS}
SOME = [ACTS_BY_NAME[name] for name in ("register import",)]
needs_strace = pytest.mark.skipif(not STRACE, reason="strace is not installed")


def spread(dice: random.Random, spots: Sequence[Spot]) -> Iterator[Spot]:
    """Spots in any order, but one of every kind of call before the second of any."""
    by_call: dict[str, list[Spot]] = {}
    for spot in dice.sample(spots, len(spots)):
        by_call.setdefault(spot.call, []).append(spot)
    while by_call:
        for call in list(by_call):
            yield by_call[call].pop()
            if not by_call[call]:
                del by_call[call]


def let_fail(world: World, trial: Path, act: Act, spot: Spot, error: str) -> bool:
    """Have one call to the system fail; gives whether it was one of ours."""
    done = falls.failed(world.trial(trial, act), *world.call(act), spot=spot, error=error)
    if done is None:
        return False
    assert done.is_clean, (act, spot, error, done)
    stands(world, act, trial, done)
    return True


def kill(world: World, trial: Path, act: Act, spot: Spot) -> bool:
    """Kill the program at a call to the system; gives whether it was one of ours."""
    done = falls.killed_at(world.trial(trial, act), *world.call(act), spot=spot)
    if done is None:
        return False
    stands(world, act, trial, done)
    return True


@needs_strace
@pytest.mark.parametrize("act", SOME, ids=lambda act: act.name)
def test_what_is_killed_or_failed_where_it_writes_goes_on(act: Act, world: World, trial: Path) -> None:
    dice = random.Random(act.name)
    spots = falls.spots(world.trial(trial, act), *world.call(act), calls=CHANGING)
    some = list(islice(spread(dice, spots), 3))
    assert any(kill(world, trial, act, spot) for spot in some)
    assert any(let_fail(world, trial, act, spot, ERRORS[spot.call][0]) for spot in reversed(some))


@needs_strace
@pytest.mark.parametrize("act", SOME, ids=lambda act: act.name)
def test_what_is_acknowledged_survives_a_power_cut(act: Act, world: World, trial: Path) -> None:
    assert falls.unsynced(world.trial(trial, act), *world.call(act)) == set()


@pytest.mark.soak
@needs_strace
@pytest.mark.parametrize("act", ACTS, ids=lambda act: act.name)
def test_what_any_act_acknowledges_survives_a_power_cut(act: Act, world: World, trial: Path) -> None:
    assert falls.unsynced(world.trial(trial, act), *world.call(act)) == set()


@pytest.mark.soak
@needs_strace
def test_a_hundred_kills_lose_nothing(world: World, trial: Path) -> None:
    """Half of them at a moment, half at a call that changes something on the disk."""
    dice = random.Random(4)
    seconds = {act: falls.seconds_of(world.trial(trial, act), *world.call(act)) for act in ACTS}
    places = {act: falls.spots(world.trial(trial, act), *world.call(act), calls=CHANGING) for act in ACTS}
    done = 0
    while done < KILLS:
        act = ACTS[done % len(ACTS)]
        if dice.random() < 0.5:
            moment = dice.uniform(0.3, 1.0) * seconds[act]
            fell = falls.killed_after(world.trial(trial, act), *world.call(act), seconds=moment)
            stands(world, act, trial, fell)
            done += 1
        else:
            done += kill(world, trial, act, dice.choice(places[act]))


@pytest.mark.soak
@needs_strace
@pytest.mark.parametrize("act", ACTS, ids=lambda act: act.name)
def test_every_kind_of_call_to_the_system_may_fail(act: Act, world: World, trial: Path) -> None:
    spots = falls.spots(world.trial(trial, act), *world.call(act))
    hit = 0
    for spot in islice(spread(random.Random(act.name), spots), 48):
        for error in ERRORS[spot.call]:
            hit += let_fail(world, trial, act, spot, error)
    assert hit > 24
