"""Nobody browses: quotas, and alarms over what nobody asks who serves people."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from random import Random

import pytest
from tests.web.conftest import World, serving

from sekisho import actors
from sekisho.web.calls import CallError
from sekisho.web.clients import Client
from sekisho.web.guard import DAY, MINUTE, Alarm, Guard

TARO = "4701-000001"


class Clock:
    def __init__(self) -> None:
        self.now = 20_000 * DAY

    def __call__(self) -> float:
        return self.now


def client(**said: object) -> Client:
    return Client("naha", "naha", Path("naha.key"), "inquiry", **{"per_minute": 10**6, "per_day": 10**6, **said})


def asked(guard: Guard, one: Client, numbers: list[int], known: bool = True) -> list[Alarm]:
    alarms = []
    for number in numbers:
        guard.admit(one)
        if alarm := guard.saw(one, number, known=known):
            alarms.append(alarm)
            break
    return alarms


def test_as_many_a_minute_as_a_client_may_and_then_it_waits() -> None:
    clock = Clock()
    guard, one = Guard(clock), client(per_minute=3)
    for _ in range(3):
        guard.admit(one)
    clock.now += 20
    with pytest.raises(CallError) as refused:
        guard.admit(one)
    assert (refused.value.status, refused.value.wait) == (429, 41)
    clock.now += 41
    guard.admit(one)


def test_the_quota_of_a_day_raises_one_alarm_and_ends_with_the_day() -> None:
    clock = Clock()
    guard, one = Guard(clock), client(per_day=2)
    assert [guard.admit(one) for _ in range(3)] == [None, None, Alarm.QUOTA_OF_DAY]
    with pytest.raises(CallError, match="quota"):
        guard.admit(one)
    clock.now += DAY
    assert guard.admit(one) is None


@pytest.mark.parametrize(
    ("numbers", "alarm"),
    [
        (list(range(4701_000100, 4701_000150)), Alarm.EQUAL_STEPS),
        (list(range(4701_000150, 4701_000100, -1)), Alarm.EQUAL_STEPS),
        (list(range(4701_000000, 4702_000000, 997)), Alarm.EQUAL_STEPS),
        ([4701_000100 + (7 * at) % 20 for at in range(40)], Alarm.NEIGHBOURS),
        ([one for at in range(20) for one in (4701_000100 + 3 * at, 4801_000000 + 99_991 * at)], Alarm.NEIGHBOURS),
        ([4701_000100] * 20, Alarm.SAME_PERSON),
    ],
)
def test_who_walks_along_the_numbers_is_stopped(numbers: list[int], alarm: Alarm) -> None:
    clock = Clock()
    guard, one = Guard(clock, pause=15 * MINUTE), client()
    assert asked(guard, one, numbers) == [alarm]
    with pytest.raises(CallError, match="stopped"):
        guard.admit(one)
    guard.admit(Client("hall", "hall", Path("hall.key"), "inquiry"))
    clock.now += 15 * MINUTE
    assert guard.admit(one) is None


def test_who_guesses_is_stopped() -> None:
    dice = Random(1)
    numbers = [dice.randrange(10**10) for _ in range(200)]
    assert asked(Guard(Clock()), client(), numbers, known=False) == [Alarm.GUESSING]


def test_who_serves_people_is_left_alone() -> None:
    dice = Random(2)
    numbers = [4701_000000 + dice.randrange(1_000_000) for _ in range(5_000)]
    assert all(one != other for one, other in pairwise(numbers))
    assert not asked(Guard(Clock()), client(), numbers)


def test_a_system_that_goes_through_everybody_may_be_left_unwatched_but_not_without_quota() -> None:
    guard, one = Guard(Clock()), client(watched=False, per_day=100)
    assert not asked(guard, one, list(range(4701_000000, 4701_000100)))
    assert guard.admit(one) is Alarm.QUOTA_OF_DAY


def test_an_alarm_is_in_the_ledger_and_said_aloud_without_a_number(world: World) -> None:
    with serving(world) as service:
        for at in range(40):
            status, told = service.ask({"number": f"4701-{100 + at:06}", "procedure": "address_change"}, client="hall")
            if status != 200:
                break
        assert (status, told["error"]["code"], at) == (429, "stopped", 6)
    [entry] = world.entries("check.alarm")
    hall = actors.roster_of(world.vault).named("hall").id
    assert (entry["actor"], entry["more"]["alarm"]) == (hall, "equal_steps")
    [said] = [one for one in world.heard if one.startswith("ALARM")]
    assert "hall" in said
    assert "4701" not in said


def test_a_client_that_uses_up_its_day_is_told_when_to_come_back(world: World) -> None:
    with serving(world) as service:
        seen = [service.ask({"number": TARO, "procedure": "account_change"}, client="bank")[0] for _ in range(4)]
        assert seen == [200, 200, 200, 429]
    assert len(world.entries("check.ask")) == 3
