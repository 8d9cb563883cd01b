"""Times as logs write them, made one: UTC. What a log leaves open (zone, year, a wrong clock) somebody must say."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone, tzinfo

_MONTHS = ("", "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_ISO = re.compile(r"(\d{4})-(\d\d)-(\d\d)[T ](\d\d):(\d\d):(\d\d)(?:[.,](\d{1,9}))?\s?(Z|[+-]\d\d:?\d\d)?", re.ASCII)
_LOCAL = re.compile(
    r"(\d{1,4})([/.-])(\d{1,2})\2(\d{1,4}),? +(?:(午前|午後) ?)?(\d{1,2}):(\d\d):(\d\d)(?: ?([AP])\.?M\.?)?", re.ASCII
)
_SYSLOG = re.compile(r"([A-Z][a-z]{2}) +(\d{1,2}) (\d\d):(\d\d):(\d\d)(?:\.\d+)?", re.ASCII)
_EPOCH = re.compile(r"(\d{1,11})\.(\d{1,6})", re.ASCII)


@dataclass(slots=True)
class Clock:
    """How to read the times of one log; keeps count of the years where the log does not write them.

    ``zone``: of times without one. ``year``: of the first line, where lines have none. ``fast``: by how much the
    machine's clock was ahead (behind: negative); it is taken off.
    """

    zone: tzinfo | None = None
    year: int | None = None
    fast: timedelta = field(default_factory=timedelta)
    _month: int = 0

    def iso(self, text: str) -> datetime | None:
        """``2015-05-20T09:12:33.123Z``, or with an offset, or in the zone meant."""
        found = _ISO.fullmatch(text.strip())
        if not found:
            return None
        year, month, day, hour, minute, second, fraction, zone = found.groups()
        numbers = [int(n) for n in (year, month, day, hour, minute, second)]
        return self._at(numbers, int((fraction or "").ljust(6, "0")[:6]), _offset(zone) if zone else self.zone)

    def local(self, text: str) -> datetime | None:
        """As Windows shows it: ``2015/05/20 9:12:33``, ``5/20/2015 9:12:33 AM``, ``20.05.2015 09:12:33``.

        None for ``05/06/2015 09:12:33``, which is a day in May or in June.
        """
        found = _LOCAL.fullmatch(text.strip().replace("\u202f", " ").replace("\u200e", ""))
        if not found:
            return None
        first, dividing, second, third, half, hour, minute, seconds, meridiem = found.groups()
        date = _in_order(first, second, third, dividing, meridiem)
        hours = int(hour)
        if half or meridiem:
            hours = hours % 12 + (12 if half == "午後" or meridiem == "P" else 0)
        return self._at([*date, hours, int(minute), int(seconds)], 0, self.zone) if date else None

    def syslog(self, text: str) -> datetime | None:
        """``May 20 09:12:33``: the year is the first line's, and another whenever December and January meet."""
        found = _SYSLOG.fullmatch(text.strip())
        if found is None or found[1] not in _MONTHS or self.year is None:
            return None
        month = _MONTHS.index(found[1])
        if {self._month, month} == {
            12,
            1,
        }:  # back too: a line may come late
            self.year += 1 if month == 1 else -1
        self._month = month
        return self._at([self.year, month, *(int(n) for n in found.groups()[1:])], 0, self.zone)

    def epoch(self, text: str) -> datetime | None:
        """``1432080753.123``: seconds since 1970, in UTC by its nature."""
        found = _EPOCH.fullmatch(text)
        if not found:
            return None
        seconds = timedelta(seconds=int(found[1]), microseconds=int(found[2].ljust(6, "0")))
        return datetime.fromtimestamp(0, UTC) + seconds - self.fast

    def _at(self, numbers: list[int], micros: int, zone: tzinfo | None) -> datetime | None:
        """In UTC; None for what is no time, or is two (the hour that comes again when summer time ends)."""
        if zone is None:
            return None
        try:
            year, month, day, hour, minute, second = numbers
            there = datetime(year, month, day, hour, minute, second, micros, zone)
            if there.utcoffset() != there.replace(fold=1).utcoffset():
                return None
            return there.astimezone(UTC) - self.fast
        except (ValueError, OverflowError):
            return None


def _in_order(first: str, second: str, third: str, dividing: str, meridiem: str | None) -> list[int]:
    """Year, month, day; empty where that cannot be told."""
    a, b, c = int(first), int(second), int(third)
    if len(first) == 4:
        return [a, b, c]
    if len(third) != 4:
        return []
    if meridiem or b > 12:
        return [c, a, b]
    if dividing == "." or a > 12:
        return [c, b, a]
    return []


def _offset(written: str) -> tzinfo:
    if written == "Z":
        return UTC
    hours, minutes = int(written[1:3]), int(written[-2:])
    ahead = timedelta(hours=hours, minutes=minutes)
    return timezone(-ahead if written[0] == "-" else ahead) if ahead < timedelta(hours=24) else UTC
