"""Names the fields of a host dump by their contents: ten digits beside a kana name and a birth date are a number."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import polars as pl

from sekisho.countries import known
from sekisho.countries.speech import any_of
from sekisho.model import Item
from sekisho.records import evidence
from sekisho.records.columns import TELLS
from sekisho.records.dump import Field, sliced
from sekisho.records.evidence import Sample

_NEARLY = 0.95
_WIDEST = 24
_WESTERN = r"^(?:18[6-9]\d|19\d\d|20[0-3]\d)(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])$"
_CODED = r"^[13579](?:0[1-9]|[1-5]\d|6[0-4])(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])$"
_LETTERED = r"^[MTSHR](?:0[1-9]|[1-5]\d|6[0-4])(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])$"
_DATES = ((8, _WESTERN, "YYYYMMDD"), (7, _CODED, "era code and YYMMDD"), (7, _LETTERED, "era letter and YYMMDD"))


@dataclass(frozen=True, slots=True)
class Named:
    """Positions that hold an item, and what told so."""

    key: str
    start: int
    end: int
    reason: str


def name_fields(wide: pl.Series, fields: Sequence[Field]) -> list[Named]:
    """The items of a dump's lines; nothing where no name stands beside a number or a date."""
    found: list[Named] = []
    for field in fields:
        for named in _named(wide, field):
            if not any(one.key == named.key for one in found):
                found.append(named)
    return _postal_before_address(wide, found)


def _named(wide: pl.Series, field: Field) -> Iterator[Named]:
    values = sliced(wide, field.start, field.end).drop_nulls()
    if not len(values):
        return
    if field.kind in ("digit", "letter", "sign"):
        yield from _digits(values, field)
    if field.kind in ("kana", "wide"):
        yield from _text(values, field)


def _digits(values: pl.Series, field: Field) -> Iterator[Named]:
    """The items packed into one run of digits."""
    hyphened = _by_shape(values, _HYPHENED)
    if hyphened:
        yield Named(hyphened[0], field.start, field.end, hyphened[1])
        return
    date = _date_in(values, field.width)
    if date is None:
        yield from _numbers(values, field.start, field.width, beside_date=False)
        return
    offset, width, how = date
    yield from _numbers(values.str.slice(0, offset), field.start, offset, beside_date=True)
    yield Named(
        Item.BIRTH_DATE, field.start + offset, field.start + offset + width, f"dates as {how} in nearly all lines"
    )
    after = offset + width
    yield from _behind_date(values.str.slice(after), field.start + after, field.width - after)


_HYPHENED = (
    (Item.CERTIFICATE_NUMBER, r"^\d{4}-\d{6}-\d{4}$", "digits 4-6-4"),
    (Item.BASIC_PENSION_NUMBER, r"^\d{4}-\d{6}$", "digits 4-6"),
    (Item.PHONE, r"^0\d{1,4}-\d{1,4}-\d{4}$", "phone numbers"),
    (Item.POSTAL_CODE, r"^\d{3}-\d{4}$", "digits 3-4"),
    (
        Item.BIRTH_DATE,
        r"^(?:[MTSHR]|(?:18|19|20)\d)\d{1,2}[./-]\s?\d{1,2}[./-]\s?\d{1,2}$",
        "dates",
    ),
)
_WHOLE = (
    (Item.SEX, r"^[12MF]$", "1 or 2 in all lines"),
    (Item.POSTAL_CODE, r"^\d{7}$", "seven digits"),
    (Item.PHONE, r"^0[1-9]\d{8,9}$", "phone numbers"),
    (Item.BASIC_PENSION_NUMBER, r"^\d{10}$", "ten digits"),
    (Item.CERTIFICATE_NUMBER, r"^\d{14}$", "fourteen digits"),
)


def _by_shape(values: pl.Series, shapes: Sequence[tuple[str, str, str]]) -> tuple[str, str] | None:
    for key, pattern, how in shapes:
        if _share(values, pattern) >= _NEARLY:
            return key, how
    return None


def _share(values: pl.Series, pattern: str) -> float:
    return float(values.str.contains(pattern).sum()) / max(len(values), 1)


def _share_of_given(values: pl.Series, pattern: str) -> float:
    """The share among those that are not left out: noughts, nines and blanks stand for an unknown date."""
    given = values.filter(~values.str.contains(r"^(?:[0 ]*|9+)$"))
    return _share(given, pattern) if len(given) * 2 >= len(values) else 0.0


def _date_in(values: pl.Series, width: int) -> tuple[int, int, str] | None:
    """Where in the digits a date stands: its offset, width and how it is written."""
    for length, pattern, how in _DATES:
        for offset in range(width - length + 1):
            dates = values.str.slice(offset, length)
            if _share_of_given(dates, pattern) >= _NEARLY and _are_births(dates):
                return offset, length, how
    return None


def _are_births(dates: pl.Series) -> bool:
    """Whether the dates fall on many days of the year, as births do."""
    return len(dates) < _MANY or dates.str.slice(-4).n_unique() > min(len(dates) // 10, _DAYS)


_MANY = 30
_DAYS = 100  # of the year; dates of processing fall on a few


def _numbers(values: pl.Series, start: int, width: int, *, beside_date: bool) -> Iterator[Named]:
    """The number that a run of digits is or ends in (a record type or a running number may stand before it)."""
    whole = _by_shape(values, _WHOLE if not beside_date else _WHOLE[2:])
    if whole and not (whole[0] == Item.PHONE and beside_date):
        yield Named(whole[0], start, start + width, whole[1])
    elif width == 12 and evidence.share(Item.MY_NUMBER, _texts(values)) >= _NEARLY:
        yield Named(Item.MY_NUMBER, start, start + width, "twelve digits whose check digit fits")
    elif 10 <= width <= _WIDEST:
        at = 0 if _is_filling(values.str.slice(10)) and not _is_filling(values.str.slice(0, width - 10)) else width - 10
        how = "ten digits beside a prefix" if at else "ten digits before others"
        yield Named(Item.BASIC_PENSION_NUMBER, start + at, start + at + 10, how)


def _is_filling(values: pl.Series) -> bool:
    """Whether digits are the same in all lines, or a running number."""
    return values.n_unique() == 1 or evidence.counts_up(values)


def _behind_date(values: pl.Series, start: int, width: int) -> Iterator[Named]:
    if width >= 1 and _share(values.str.slice(0, 1), r"^[12]$") >= _NEARLY:
        yield Named(Item.SEX, start, start + 1, "1 or 2 behind the birth date")
        start, width, values = start + 1, width - 1, values.str.slice(1)
    whole = _by_shape(values, _WHOLE[1:])
    if width and whole:
        yield Named(whole[0], start, start + width, whole[1])
    elif width > 7:
        yield from _pair(values, start, width)


def _pair(values: pl.Series, start: int, width: int) -> Iterator[Named]:
    """A phone number before or behind a postal code."""
    for first, second in ((width - 7, 7), (7, width - 7)):
        phone = values.str.slice(0 if second == 7 else 7, width - 7)
        if _share(phone, r"^0[1-9]\d{8,9}$") < _NEARLY:
            continue
        keys = (Item.PHONE, Item.POSTAL_CODE) if second == 7 else (Item.POSTAL_CODE, Item.PHONE)
        yield Named(keys[0], start, start + first, "phone number and postal code side by side")
        yield Named(keys[1], start + first, start + width, "phone number and postal code side by side")
        return


def _text(values: pl.Series, field: Field) -> Iterator[Named]:
    """A name or an address by its words."""
    where, texts = (field.start, field.end), _texts(values)
    if _share(values, f"^(?:{any_of('sex_words', 'sexes')})$") >= _NEARLY:
        yield Named(Item.SEX, *where, "男 or 女 in all lines")
    elif evidence.looks(Item.ADDRESS, texts) >= 0.5 or _share(values, r"[ｦ-ﾟァ-ヴ].*\d") >= 0.5:
        yield Named(Item.ADDRESS, *where, "addresses")
    elif field.kind == "kana" and evidence.share(Item.NAME_KANA, texts) >= 0.9:
        yield Named(Item.NAME_KANA, *where, "names in kana")
    elif field.kind == "wide" and evidence.looks(Item.NAME, texts) >= 0.3 and evidence.share(Item.NAME, texts) >= 0.9:
        yield Named(Item.NAME, *where, "names")


def _texts(values: pl.Series) -> Sample:
    return tuple(known.tidy(values).drop_nulls())


def _postal_before_address(wide: pl.Series, found: list[Named]) -> list[Named]:
    """Seven digits are a postal code only where an address stands in the line, or the post uses them."""
    if any(one.key == Item.ADDRESS for one in found):
        return found
    return [one for one in found if one.key != Item.POSTAL_CODE or "-" in one.reason or _are_used(wide, one)]


def _are_used(wide: pl.Series, one: Named) -> bool:
    values = evidence.sample(sliced(wide, one.start, one.end))
    return evidence.looks(Item.POSTAL_CODE, values) >= TELLS


def confidence(found: Sequence[Named]) -> float:
    """How sure these are persons: a name beside a number and a date; 0 where it cannot be said."""
    keys = {one.key for one in found}
    named = bool(keys & {Item.NAME, Item.NAME_KANA})
    number = bool(keys & {Item.BASIC_PENSION_NUMBER, Item.CERTIFICATE_NUMBER, Item.MY_NUMBER})
    born = Item.BIRTH_DATE in keys
    if named and born:
        return 0.9 if number else 0.75
    if named:
        return 0.6 if number else 0.0
    return 0.5 if number and born and len(keys) >= 3 else 0.0
