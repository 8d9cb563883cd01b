"""What a letter to the person may say of a record: nothing that a stranger who reads it could use.

It shows the decades of the periods and the prefecture of the office, no more: no number, name, birth date or address of
the record, no month, no office. Whoever answers must know the rest themselves; that is what the answer is checked by.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import polars as pl

from sekisho.countries.regions import issuer
from sekisho.wording import Text

HELD: Mapping[str, Text] = {
    "unknown": Text("the register does not know the holder any more", "台帳に該当者がいない"),
    "deceased": Text("the holder is deceased", "本人が死亡"),
    "protected_address": Text("the address must not be found", "住所秘匿の対象"),
    "abroad": Text("lives abroad", "国外に居住"),
    "no_address": Text("the register has no address", "台帳に住所がない"),
    "no_name": Text("the register has no name", "台帳に氏名がない"),
    "nothing_to_say": Text("nothing can be said of the record that is safe to say", "書面に示せる内容がない"),
}
"""Why no letter goes, in the order in which it is asked."""
_YEAR = re.compile(r"(\d{4})-\d{2}")
_CODES = tuple(f"{code:02}" for code in range(100))
_BOTH = Text(
    "a record of contributions from the {decades}, from an office in {where}",
    "{decades}の、{where}の事務所が扱った加入記録",
)
_WHEN = Text("a record of contributions from the {decades}", "{decades}の加入記録")
_WHERE = Text("a record of contributions from an office in {where}", "{where}の事務所が扱った加入記録")
_ONE, _FROM_TO = Text("{first}s", "{first}年代"), Text("{first}s to the {last}s", "{first}年代から{last}年代")


def question(record: Mapping[str, Any]) -> Text | None:
    """What the person is asked about; None where nothing can be said."""
    decades = _decades(record.get("periods") or "")
    where = _where(record.get("office") or "")
    if decades and where:
        return _BOTH.fill(decades=decades, where=where)
    if decades:
        return _WHEN.fill(decades=decades)
    return _WHERE.fill(where=where) if where else None


def sayable() -> pl.Expr:
    """Of rows with ``periods`` and ``office``: whether `question` has anything to say."""
    when = pl.col("periods").str.contains(_YEAR.pattern).fill_null(value=False)
    where = pl.col("office").str.slice(0, 2).is_in([code for code in _CODES if _where(code)]).fill_null(value=False)
    return when | where


def _decades(periods: str) -> Text | None:
    years = [int(year) // 10 * 10 for year in _YEAR.findall(periods)]
    if not years:
        return None
    first, last = min(years), max(years)
    return (_ONE if first == last else _FROM_TO).fill(first=first, last=last)


def _where(office: str) -> Text | None:
    """The prefecture of an office, where a published source says so: a wrong one would have the right person say no."""
    found = issuer(office[:2])
    return found.name if found.confirmed and found.code < "90" else None
