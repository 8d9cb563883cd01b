"""Keeps clients from browsing: how many persons they may ask for, and patterns that nobody makes who serves people.

What it remembers of numbers stays in memory. An alarm stops the client for a while.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import pairwise

from sekisho.web.calls import CallError
from sekisho.web.clients import Client
from sekisho.wording import Text

MINUTE, HOUR, DAY = 60.0, 3600.0, 86_400.0
REMEMBERED = 32
NEAR, NEIGHBOURS = 20, 6
"""So many of the last numbers within so little of another: somebody walks along them."""
SAME_STEP = 5
"""So many equal steps in a row."""
UNKNOWN_OF = 20
"""Of so many in a row, half lead to nobody: somebody guesses."""
AGAIN = 10
"""The same person so often within the last that are remembered."""


class Alarm(StrEnum):
    """What looks like no service of people."""

    QUOTA_OF_DAY = "quota_of_day"
    NEIGHBOURS = "neighbours"
    EQUAL_STEPS = "equal_steps"
    GUESSING = "guessing"
    SAME_PERSON = "same_person"


@dataclass(slots=True)
class _Watch:
    """What is remembered of one client."""

    minute: deque[float] = field(default_factory=deque)
    day: float = 0.0
    asked: int = 0
    told_day: float = -1.0
    numbers: deque[int] = field(default_factory=lambda: deque(maxlen=REMEMBERED))
    unknown: deque[bool] = field(default_factory=lambda: deque(maxlen=UNKNOWN_OF))
    stopped_until: float = 0.0
    lock: threading.Lock = field(default_factory=threading.Lock)


class Guard:
    """Quotas and alarms of all clients. ``clock``: seconds; ``pause``: how long an alarm stops a client."""

    def __init__(self, clock: Callable[[], float], pause: float = 15 * MINUTE) -> None:
        self._clock, self._pause = clock, pause
        self._watches: dict[str, _Watch] = {}

    def admit(self, client: Client) -> Alarm | None:
        """Take one look off a client's quotas; raises CallError where there is none left.

        Gives the alarm to raise, once a day, where the day's quota is used up.
        """
        watch, now = self._watches.setdefault(client.name, _Watch()), self._clock()
        with watch.lock:
            if now < watch.stopped_until:
                raise _stopped(watch.stopped_until - now)
            if now // DAY != watch.day:
                watch.day, watch.asked = now // DAY, 0
            if watch.asked >= client.per_day:
                if watch.told_day == watch.day:
                    raise _too_many(DAY - now % DAY)
                watch.told_day = watch.day
                return Alarm.QUOTA_OF_DAY
            while watch.minute and watch.minute[0] <= now - MINUTE:
                watch.minute.popleft()
            if len(watch.minute) >= client.per_minute:
                raise _too_many(watch.minute[0] + MINUTE - now)
            watch.minute.append(now)
            watch.asked += 1
        return None

    def saw(self, client: Client, number: int, *, known: bool) -> Alarm | None:
        """Remember whom a client asked for; the alarm that this raises. It is stopped then."""
        if not client.watched:
            return None
        watch = self._watches[client.name]
        with watch.lock:
            alarm = _pattern(watch, number, known=known)
            watch.numbers.append(number)
            watch.unknown.append(not known)
            if alarm:
                watch.stopped_until = self._clock() + self._pause
                watch.numbers.clear()
                watch.unknown.clear()
            return alarm


def _pattern(watch: _Watch, number: int, *, known: bool) -> Alarm | None:
    before = watch.numbers
    near = [other for other in before if -NEAR <= number - other <= NEAR]
    if len(near) - near.count(number) >= NEIGHBOURS:
        return Alarm.NEIGHBOURS
    if before.count(number) >= AGAIN:
        return Alarm.SAME_PERSON
    if not known and len(watch.unknown) == UNKNOWN_OF and sum(watch.unknown) * 2 >= UNKNOWN_OF:
        return Alarm.GUESSING
    return Alarm.EQUAL_STEPS if _steps_alike([*before][-SAME_STEP:], number) else None


def _steps_alike(before: list[int], number: int) -> bool:
    every = [*before, number]
    steps = {after - one for one, after in pairwise(every)}
    return len(before) == SAME_STEP and len(steps) == 1 and 0 not in steps


def _too_many(seconds: float) -> CallError:
    return CallError(
        429,
        "quota",
        Text("This client has asked for all the persons that it may for now.", "照会の上限に達しました。"),
        wait=int(seconds) + 1,
    )


def _stopped(seconds: float) -> CallError:
    return CallError(
        429,
        "stopped",
        Text("This client was stopped: an alarm was raised.", "警報により、この接続元は停止中です。"),
        wait=int(seconds) + 1,
    )
