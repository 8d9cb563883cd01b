"""When something was done, as files write it: a day, or a time, in which zone; read as a span of time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import polars as pl

from sekisho.countries import known
from sekisho.model import Item

_CLOCK = (
    r"(?i)[T\s]*(午前|午後|[AP]\.?M\.?)?\s*(\d{1,2})\s*[:時]\s*(?:(\d{1,2})\s*[:分]?\s*)?"
    r"(?:(\d{1,2})(?:[.,]\d+)?\s*秒?)?\s*([AP]\.?M\.?)?\s*(Z|UTC|JST|[+-]\d{2}:?\d{2})?\s*$"
)
_STAMP = r"^(\d{8})[T\s]?(\d{2})(\d{2})(\d{2})?$"
_SERIAL = r"^(\d{5})\.(\d+)$"
_EITHER_WAY = r"^(\d{1,2})[-/.](\d{1,2})[-/.]\d{4}"
_FIRST_YEAR = 1990
"""Before that nobody did it in a system; a year of two digits is easily taken for one of another era."""
_AHEAD = timedelta(days=2)
_NAMED_ZONES = {"z": 0, "utc": 0, "jst": 540}  # minutes
_DAY_SECONDS = 86_400
MOMENT = pl.Datetime("us", "UTC")


def spans(written: pl.Series, zone: str, now: datetime | None = None) -> pl.DataFrame:
    """``begin`` and ``end`` (UTC) of what each text says: a day is a whole one, in ``zone`` where it names none.

    Null where it cannot be read: no day, one that may be two (5/8/2015), before 1990 or in the future.

    >>> spans(pl.Series(["2015-05-08", "H27.5.8 10:28"]), "Asia/Tokyo")["begin"].dt.to_string("%d %H:%M").to_list()
    ['07 15:00', '08 01:28']
    """
    text = _plain(known.tidy(written).rename("text"))
    distinct = text.unique()
    table = pl.DataFrame({"text": distinct, "day": known.normalise(Item.BIRTH_DATE, _day(distinct))})
    read = _localised(_clocked(table), zone)
    latest = (now or datetime.now(UTC)) + _AHEAD
    likely = pl.col("begin").dt.year().ge(_FIRST_YEAR) & (pl.col("begin") < latest) & ~pl.col("either")
    told = read.select("text", *(pl.when(likely).then(pl.col(name)).alias(name) for name in ("begin", "end")))
    return text.to_frame().join(told, on="text", how="left", maintain_order="left").select("begin", "end")


def _plain(text: pl.Series) -> pl.Series:
    """Stamps of digits alone, and the days that a spreadsheet counts, as a day and a clock."""
    clock = pl.concat_str("0." + pl.col("text").str.extract(_SERIAL, 2)).cast(pl.Float64) * _DAY_SECONDS
    counted = pl.concat_str(
        pl.col("text").str.extract(_SERIAL, 1),
        pl.lit(" "),
        (pl.datetime(2000, 1, 1) + pl.duration(seconds=clock.round().cast(pl.Int64))).dt.to_string("%H:%M:%S"),
    )
    stamp = pl.concat_str(
        pl.col("text").str.extract(_STAMP, 1),
        pl.lit(" "),
        *(pl.col("text").str.extract(_STAMP, 2), pl.lit(":"), pl.col("text").str.extract(_STAMP, 3)),
        pl.concat_str(pl.lit(":"), pl.col("text").str.extract(_STAMP, 4)).fill_null(""),
    )
    return text.to_frame().select(pl.coalesce(stamp, counted, "text").alias("text")).to_series()


def _day(text: pl.Series) -> pl.Series:
    return text.str.replace(_CLOCK, "").str.strip_chars()


def _clocked(table: pl.DataFrame) -> pl.DataFrame:
    """With ``local`` (no zone), ``width`` of the span, ``offset`` in minutes, and whether the day may be two."""
    hour, minute, second = (pl.col("text").str.extract(_CLOCK, at).cast(pl.Int64) for at in (2, 3, 4))
    half = pl.coalesce(*(pl.col("text").str.extract(_CLOCK, at) for at in (1, 5))).str.to_lowercase()
    of_day = pl.when(half.is_null()).then(hour).otherwise(hour % 12 + pl.when(_is_later(half)).then(12).otherwise(0))
    can_be = (hour <= 24) & (minute.fill_null(0) < 60) & (second.fill_null(0) < 61)
    clock = pl.duration(hours=of_day, minutes=minute.fill_null(0), seconds=second.fill_null(0))
    day = pl.col("day").str.to_datetime("%Y-%m-%d", strict=False, time_unit="us")
    midnight = (hour == 0) & (minute.fill_null(0) == 0) & (second.fill_null(0) == 0)  # as systems write a day alone
    width = (
        pl.when(hour.is_null() | midnight).then(pl.duration(days=1))
        .when(minute.is_null()).then(pl.duration(hours=1))
        .when(second.is_null()).then(pl.duration(minutes=1))
        .otherwise(pl.duration(seconds=1))
    )  # fmt: skip
    first, other = (pl.col("text").str.extract(_EITHER_WAY, at).cast(pl.Int64) for at in (1, 2))
    return table.with_columns(
        local=pl.when(hour.is_null()).then(day).when(can_be).then(day + clock),
        width=width,
        offset=_offset(pl.col("text").str.extract(_CLOCK, 6).str.to_lowercase()),
        either=((first <= 12) & (other <= 12) & (first != other)).fill_null(value=False),
    )


def _is_later(half: pl.Expr) -> pl.Expr:
    return half.str.starts_with("p") | (half == "午後")


def _offset(written: pl.Expr) -> pl.Expr:
    """Minutes east of UTC."""
    hours, minutes = (written.str.extract(r"^[+-](\d{2}):?(\d{2})$", at).cast(pl.Int64) for at in (1, 2))
    sign = pl.when(written.str.starts_with("-")).then(-1).otherwise(1)
    return pl.coalesce(
        written.replace_strict(_NAMED_ZONES, default=None, return_dtype=pl.Int64), sign * (hours * 60 + minutes)
    )


def _localised(table: pl.DataFrame, zone: str) -> pl.DataFrame:
    """With ``begin`` and ``end`` in UTC; where the clock is put back, the span holds both hours."""
    local = pl.col("local")
    east = pl.duration(minutes=pl.col("offset"))
    begin = local.dt.replace_time_zone(zone, ambiguous="earliest", non_existent="null").dt.convert_time_zone("UTC")
    ends = local + pl.col("width")
    end = ends.dt.replace_time_zone(zone, ambiguous="latest", non_existent="null").dt.convert_time_zone("UTC")
    told = pl.col("offset").is_not_null()
    return table.with_columns(
        begin=pl.when(told).then((local - east).dt.replace_time_zone("UTC")).otherwise(begin).cast(MOMENT),
        end=pl.when(told).then((ends - east).dt.replace_time_zone("UTC")).otherwise(end).cast(MOMENT),
    )
