"""A time that somebody writes is tied to an offset, or refused."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from sekisho.errors import InputError
from sekisho.incidents.moment import Moment, end_of, start_of, written

TOKYO, LOS_ANGELES = ZoneInfo("Asia/Tokyo"), ZoneInfo("America/Los_Angeles")


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("2015-05-28", "2015-05-28T00:00:00+09:00/P1D"),
        ("２０１５-０５-２８ 10:28", "2015-05-28T10:28:00+09:00"),
        ("2015-05-28T10:28:05-07:00", "2015-05-28T10:28:05-07:00"),
        ("2015年5月28日", "2015-05-28T00:00:00+09:00/P1D"),
        ("2015/5/28 9:05", "2015-05-28T09:05:00+09:00"),
        ("2015-05-28T23:59Z", "2015-05-28T23:59:00+00:00"),
    ],
)
def test_it_is_kept_with_its_offset_and_comes_back(text: str, kept: str) -> None:
    moment = written(text, TOKYO)
    assert str(moment) == kept
    assert str(Moment.of(kept)) == kept
    assert Moment.of(kept) == moment


@pytest.mark.parametrize("text", ["2015-03-08T02:30", "2015-11-01T01:30"])
def test_a_time_that_is_there_twice_or_never_needs_its_offset(text: str) -> None:
    with pytest.raises(InputError, match="clocks were set"):
        written(text, LOS_ANGELES)
    assert written(text + "-08:00", LOS_ANGELES).at.astimezone(UTC).hour in (9, 10)


def test_a_day_is_as_long_as_it_is() -> None:
    day = date(2015, 3, 8)
    assert (end_of(day, LOS_ANGELES).astimezone(UTC) - start_of(day, LOS_ANGELES).astimezone(UTC)).seconds == 23 * 3600


def test_a_day_that_does_not_begin_at_midnight_begins_when_it_does() -> None:
    beirut = ZoneInfo("Asia/Beirut")  # its clocks are set forward at midnight
    assert start_of(date(2024, 3, 31), beirut) == datetime(2024, 3, 30, 22, tzinfo=UTC)
    assert start_of(date(2024, 3, 31), beirut).hour == 1


@pytest.mark.parametrize(
    "text",
    ["0001-01-01", "9999-12-31", "15-05-28", "2015-02-30", "2015-05-28T25:00", "28/05/2015", "", "2015-05", "now"],
)
def test_what_is_no_time_is_refused(text: str) -> None:
    with pytest.raises(InputError, match="no time"):
        written(text, TOKYO)
