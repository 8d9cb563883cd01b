"""Excel's numbers as text: days counted from 1900 or 1904 where the cell shows a date, else whole numbers as such."""

from __future__ import annotations

import datetime
import re

# numbers of formats that every Excel knows, and of those that only the East Asian ones know (eras, 年月日)
_EVERYWHERE, EAST_ASIAN = frozenset((*range(14, 23), *range(45, 48))), frozenset((*range(27, 37), *range(50, 59)))
_LITERAL = re.compile(
    r'"[^"]*"|\\.|\[(?:[^hms\]][^\]]*|[^\]]{4,})\]|_.|\*.|General|Standard|G/標準|[0#?.]E[+-]', re.IGNORECASE
)
_DATE, _WITHOUT_ERA = re.compile("[ymdhsegb]", re.IGNORECASE), re.compile("[ymdhs]", re.IGNORECASE)


def is_date(number: str, code: str | None) -> bool:
    """Whether a number format, known by its number or its own code, shows days or times."""
    if code is None:
        return number.isdigit() and (int(number) in _EVERYWHERE or int(number) in EAST_ASIAN)
    return _DATE.search(_shown(code)) is not None


def is_unusual_date(number: str, code: str | None) -> bool:
    """Whether it shows days in a way that is known in East Asia only: by its number, or by the year of an era alone."""
    if code is None:
        return number.isdigit() and int(number) in EAST_ASIAN
    return is_date(number, code) and _WITHOUT_ERA.search(_shown(code)) is None


def _shown(code: str) -> str:
    """The first section of a format without its literal text."""
    return _LITERAL.sub("", code).split(";")[0]


def text(value: str | float, *, dated: bool, from_1904: bool = False) -> str:
    """A number as a Grid wants it; what is no number stays as it is."""
    try:
        number = float(value)
    except ValueError:
        return str(value)
    if dated and -1 < number < 2_958_466:
        return _moment(number, from_1904)
    if number.is_integer() and abs(number) < 2**63:
        return str(int(number))
    return f"{number:.15f}".rstrip("0") if 1e-9 < abs(number) < 1e-4 else repr(number)


def _moment(number: float, from_1904: bool) -> str:
    """ISO date, date and time, or the time alone of a number below one day."""
    epoch = datetime.datetime(1904, 1, 1) if from_1904 else datetime.datetime(1899, 12, 30)  # noqa: DTZ001
    if not from_1904 and 1 <= number < 60:  # Excel's 29 February 1900
        number += 1
    moment = epoch + datetime.timedelta(milliseconds=round(number * 86_400_000))
    clock = moment.strftime("%H:%M:%S") + (f".{moment.microsecond // 1000:03}" if moment.microsecond else "")
    if 0 <= number < 1:
        return clock
    day = f"{moment.year:04}-{moment.month:02}-{moment.day:02}"
    return day if clock == "00:00:00" else f"{day} {clock}"
