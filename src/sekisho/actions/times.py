"""Times as a notice says them."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from sekisho.wording import Text

_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)


def moment(at: datetime, *, whole_day: bool = False) -> Text:
    """A day, or a minute of it, in its own offset from UTC; in Japanese Japan's own is not said.

    >>> moment(datetime.fromisoformat("2015-05-08T10:28+09:00"))
    Text(en='8 May 2015, 10:28 (UTC+9)', ja='2015年5月8日 10時28分')
    """
    said = day(at.date())
    if whole_day:
        return said
    offset = at.utcoffset() or timedelta()
    zone = _offset(offset)
    ja = "" if offset == timedelta(hours=9) else f"（{zone}）"
    return Text(f"{said.en}, {at:%H:%M} ({zone})", f"{said.ja} {at.hour}時{at.minute:02}分{ja}")


def day(on: date) -> Text:
    """A day."""
    return Text(f"{on.day} {_MONTHS[on.month - 1]} {on.year}", f"{on.year}年{on.month}月{on.day}日")


def _offset(offset: timedelta) -> str:
    minutes = int(offset.total_seconds()) // 60
    hours, rest = divmod(abs(minutes), 60)
    return f"UTC{'-' if minutes < 0 else '+'}{hours}" + (f":{rest:02}" if rest else "")
