"""What syslog puts before every line: a time, the machine, the program. Shared by the logs that come through it."""

from __future__ import annotations

import re
from datetime import datetime
from typing import NamedTuple

from sekisho.evidence.clock import Clock

_HEAD = re.compile(
    r"(?:<\d{1,3}>1? ?)?"
    r"(?P<time>[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d(?:\.\d+)?|\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d\S{0,20}) "
    r"(?P<host>[^\s:]{1,255}) (?P<program>[^\s:\[|]{1,128})(?:\[\d{1,10}\])?: (?P<text>.*)",
    re.DOTALL,
)

_ZONED = re.compile(r"\d(?:Z|[+-]\d\d:?\d\d)$", re.ASCII)


class Said(NamedTuple):
    """One line, taken apart."""

    at: datetime | None
    written: str
    host: str
    program: str
    text: str


def said(line: str, clock: Clock) -> Said | None:
    """None where it is not a line of syslog."""
    found = _HEAD.match(line)
    if not found:
        return None
    written = found["time"]
    at = clock.iso(written) if written[0].isdigit() else clock.syslog(written)
    return Said(at, written, found["host"], found["program"], found["text"])


def lacks(sample: str) -> frozenset[str]:
    """What the times of the lines do not say: ``zone``, ``year``."""
    times = [found["time"] for found in map(_HEAD.match, sample.splitlines()) if found]
    unsaid = {"year": any(not time[0].isdigit() for time in times), "zone": any(not _ZONED.search(t) for t in times)}
    return frozenset(name for name, lacking in unsaid.items() if lacking)


def programs(sample: str) -> set[str]:
    """Which programs wrote the lines."""
    return {found["program"] for found in map(_HEAD.match, sample.splitlines()) if found}
