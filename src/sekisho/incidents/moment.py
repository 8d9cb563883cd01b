"""A time as somebody says it: to the minute, or a whole day of a time zone. Always tied to an offset from UTC."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sekisho.errors import InputError
from sekisho.wording import Text, printable

FIRST_YEAR, LAST_YEAR = 1900, 2199
"""What lies outside is a slip."""
DAY = "/P1D"
"""What stands behind the beginning of a whole day (an ISO 8601 interval)."""


@dataclass(frozen=True, slots=True, order=True)
class Moment:
    """``at``: aware; of a whole day its first moment, so that no clock begins too late."""

    at: datetime
    whole_day: bool = False

    def __str__(self) -> str:
        return self.at.isoformat() + (DAY if self.whole_day else "")

    @classmethod
    def of(cls, text: str) -> Moment:
        """What `str` gave."""
        return cls(datetime.fromisoformat(text.removesuffix(DAY)), text.endswith(DAY))


def zone_of(name: str) -> ZoneInfo:
    """The time zone of that name; raises InputError."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise InputError(
            Text("There is no time zone {name}.", "時間帯 {name} はありません。").fill(name=printable(name)),
            Text("As: Asia/Tokyo, Europe/Berlin, America/Los_Angeles.", "例: Asia/Tokyo、Europe/Berlin。"),
        ) from error


def written(text: str, zone: tzinfo) -> Moment:
    """The moment that somebody wrote: ``2015-05-28``, ``2015-05-28T10:28``, or with its offset, ``...+09:00``.

    Without an offset it is a time of the ``zone``. Raises InputError where it is none, does not exist there or is
    there twice, as a clock was set.
    """
    plain = _HOUR.sub("0", _DATE.sub(_iso, unicodedata.normalize("NFKC", text).strip()))
    try:
        at = datetime.fromisoformat(plain)
    except ValueError as error:
        raise _no_time(text) from error
    if not FIRST_YEAR <= at.year <= LAST_YEAR:
        raise _no_time(text)
    if _is_day(plain):
        return Moment(start_of(at.date(), zone), whole_day=True)
    return Moment(at if at.tzinfo else _placed(at, zone, text))


_DATE = re.compile(r"^(\d{4})[-/年](\d{1,2})[-/月](\d{1,2})日?(?=$|[T ])")
"""A date as people write it, year first."""
_HOUR = re.compile(r"(?<=[T ])(?=\d:)")
"""Where an hour of one digit lacks another one."""


def _iso(found: re.Match[str]) -> str:
    year, month, day = map(int, found.groups())
    return f"{year:04}-{month:02}-{day:02}"


def _is_day(text: str) -> bool:
    """Whether it is a date alone."""
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def start_of(day: date, zone: tzinfo) -> datetime:
    """The first moment of a day in a zone: not always midnight."""
    return datetime.combine(day, time(), zone).astimezone(UTC).astimezone(zone)


def end_of(day: date, zone: tzinfo) -> datetime:
    """The first moment after a day in a zone."""
    return start_of(day + timedelta(days=1), zone)


def _placed(at: datetime, zone: tzinfo, text: str) -> datetime:
    first, second = (at.replace(tzinfo=zone, fold=fold) for fold in (0, 1))
    if first.utcoffset() != second.utcoffset():
        raise InputError(
            Text(
                "{text} is there twice, or not at all, in {zone}: the clocks were set then.",
                "{zone} の {text} は時計の切替えにより、2回あるか存在しません。",
            ).fill(text=printable(text), zone=zone),
            Text("Say the offset with it: 2025-11-02T01:30-07:00.", "時差を付けてください: 2025-11-02T01:30-07:00。"),
        )
    return datetime.fromisoformat(first.isoformat())


def _no_time(text: str) -> InputError:
    return InputError(
        Text("That is no time: {text}.", "日時ではありません: {text}。").fill(text=printable(text)),
        Text(
            "As: 2015-05-28, 2015-05-28T10:28 or 2015-05-28T10:28+09:00.",
            "例: 2015-05-28、2015-05-28T10:28、2015-05-28T10:28+09:00。",
        ),
    )
