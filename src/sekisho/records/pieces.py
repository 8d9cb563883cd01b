"""Columns that hold a part of an item each: last and first name, four and six digits, era, year, month and day."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from sekisho.countries.headers import Whose
from sekisho.countries.shapes import shape
from sekisho.countries.speech import any_of, listed
from sekisho.model import Item
from sekisho.records import evidence
from sekisho.records.block import other_key
from sekisho.records.columns import BY_HUMAN, TELLS, Column
from sekisho.records.shapes import DAY, MONTH, YEAR

_ORDER = (
    *("family", "given", "middle", "era", "prefecture", "city"),
    "",  # the whole stands between what may be missing before it and behind it
    *("year", "month", "day", "first", "second", "third", "street", "building"),
)
_NEEDED = {
    Item.NAME: {"family", "given"},
    Item.NAME_KANA: {"family", "given"},
    Item.BIRTH_DATE: {"year", "month"},
    Item.BASIC_PENSION_NUMBER: {"first", "second"},
    Item.POSTAL_CODE: {"first", "second"},
    Item.PHONE: {"first", "second", "third"},
}
_ERA = rf"^(?:{any_of('eras', 'era_signs', 'era_codes')}|(?i:{any_of('era_letters')}))$"
_HAS_PREFECTURE = rf"^(?:〒?[\d-]+\s*)?(?:{shape('region')})"


def in_order(columns: Sequence[Column]) -> list[Column]:
    """Columns of one item in the order in which its parts are read."""
    return sorted(columns, key=lambda c: (_ORDER.index(c.part), c.index))


def under_merged_labels(columns: Sequence[Column]) -> list[Column]:
    """A label merged over columns (value first, then nothing): they are its parts, if their values say so."""
    found = list(columns)
    for i, column in enumerate(columns):
        run = _unlabelled_after(columns, i)
        for offset, part in enumerate(_parts_under(column.said.key, [column, *run]) if run else ()):
            key = column.said.key or other_key(column.label)
            reason = f"header {column.label}, merged over columns"
            found[i + offset] = replace(
                columns[i + offset], label=column.label, said=column.said, key=key, part=part,
                group=column.said.group, whose=column.said.whose, reason=reason,
            )  # fmt: skip
    return found


def _unlabelled_after(columns: Sequence[Column], i: int) -> list[Column]:
    run: list[Column] = []
    for column in columns[i + 1 :] if columns[i].label else ():
        if column.label or column.index != columns[i].index + len(run) + 1 or not column.values:
            break
        run.append(column)
    return run


def under_one_answer(columns: Sequence[Column]) -> list[Column]:
    """Columns that a human called the same item are its parts, if their values say so."""
    found = list(columns)
    for key in {c.key for c in columns if c.reason == BY_HUMAN}:
        places = [i for i, c in enumerate(columns) if c.key == key and c.reason == BY_HUMAN]
        parts = _parts_under(key, [columns[i] for i in places]) if len(places) > 1 else ()
        for i, part in zip(places, parts, strict=False):
            found[i] = replace(found[i], part=part)
    return found


def _parts_under(key: str, columns: Sequence[Column]) -> tuple[str, ...]:
    """Which parts the columns of one item are; none where the values do not say so."""
    match key:
        case Item.BIRTH_DATE:
            return _date_parts(columns)
        case Item.NAME | Item.NAME_KANA:
            return ("family", "given") if _is_given_name(key, columns) else ()
        case Item.BASIC_PENSION_NUMBER:
            return ("first", "second") if _digits(columns[0], 4) and _digits(columns[1], 6) else ()
        case Item.POSTAL_CODE:
            return ("first", "second") if _digits(columns[0], 3) and _digits(columns[1], 4) else ()
        case Item.ADDRESS:
            return ("prefecture", "city", "street", "building")[: len(columns)]
    return ()


_OF_DATE = rf"^(?:\d{{1,4}}|{any_of('first_years')})[{YEAR}{MONTH}{DAY}]?$"


def _date_parts(columns: Sequence[Column]) -> tuple[str, ...]:
    era = evidence.match(columns[0].values, _ERA) == 1.0
    names = ("era", "year", "month", "day") if era else ("year", "month", "day")
    numbers = columns[1:4] if era else columns[:3]
    digits = all(evidence.match(c.values, _OF_DATE) > 0.8 for c in numbers)
    return names if digits and len(columns) >= len(names) else ()


_DATE_WITHOUT_HEADER = (
    f"^(?:{any_of('eras', 'era_signs', 'era_letters')})$",
    rf"^(?:\d{{1,2}}|{any_of('first_years')})$",
    r"^(?:0?[1-9]|1[0-2])$",
    r"^(?:0?[1-9]|[12]\d|3[01])$",
)


def dates_without_header(columns: Sequence[Column]) -> list[Column]:
    """Era, year, month and day in four columns that no header names."""
    found = list(columns)
    for i in range(len(found) - 3):
        four = found[i : i + 4]
        free = all(not c.key and not c.label and c.values for c in four)
        if free and all(evidence.match(c.values, p) == 1.0 for c, p in zip(four, _DATE_WITHOUT_HEADER, strict=True)):
            for place, part in enumerate(("era", "year", "month", "day"), i):
                reason = "an era, a year, a month and a day in four columns; no header"
                found[place] = replace(found[place], key=Item.BIRTH_DATE, part=part, reason=reason, sure=0.7)
            break
    return found


def _is_given_name(key: str, columns: Sequence[Column]) -> bool:
    """Whether the second column goes on with the first, and is no kana below a kanji name."""
    short = all(evidence.shorter(c.values, 6) > 0.9 for c in columns[:2])
    fits = evidence.share(key, columns[1].values) >= TELLS
    kana = [evidence.share(Item.NAME_KANA, c.values) >= TELLS for c in columns[:2]]
    return short and (fits or kana[1]) and kana[0] == kana[1]


def _digits(column: Column, most: int) -> bool:
    return evidence.match(column.values, rf"^\d{{1,{most}}}$") > 0.9


_LONG = {Item.NAME: 6, Item.NAME_KANA: 12}
"""No given name is longer."""


def settled(columns: Sequence[Column]) -> list[Column]:
    """Parts without the parts that they need become what they are by themselves."""
    for step in _STEPS:
        columns = step(columns)
    return [_settled(column, columns) if column.part else column for column in columns]


def _one_of_each(columns: Sequence[Column]) -> list[Column]:
    """Of two columns for the same part the one whose label says more: 基礎年金番号2 before 番号."""
    best: dict[tuple[str, str, str], Column] = {}
    for column in columns:
        at = (column.key, column.group, column.part)
        if column.part and (at not in best or len(column.label) > len(best[at].label)):
            best[at] = column
    sole = set(map(id, best.values()))
    return [c if not c.part or c.key == Item.ADDRESS or id(c) in sole else _alone(c) for c in columns]


def _years_beside_months(columns: Sequence[Column]) -> list[Column]:
    """生年 beside 生月 is a part, though alone it is the whole; so is birth_day, which alone is a birthday."""
    parts = {c.part for c in columns if c.key == Item.BIRTH_DATE}
    missing = next((p for p in ("year", "day") if "month" in parts and p not in parts), "")
    return [_date_part(c, missing) if missing and not c.part and c.said.key == Item.BIRTH_DATE else c for c in columns]


def _date_part(column: Column, part: str) -> Column:
    fits = column.key == Item.BIRTH_DATE if part == "year" else _digits(column, 2)
    return replace(column, key=Item.BIRTH_DATE, part=part, reason=f"header {column.label}") if fits else column


def _names_beside_family_names(columns: Sequence[Column]) -> list[Column]:
    """カナ名 beside カナ姓, 名前 beside 苗字 is the given name, though alone it is the whole."""
    return [_given(c, columns) if c.key in (Item.NAME, Item.NAME_KANA) and not c.part else c for c in columns]


def _given(column: Column, columns: Sequence[Column]) -> Column:
    beside = [c for c in columns if (c.key, c.group) == (column.key, column.group)]
    family = next((c for c in beside if c.part == "family"), None)
    if family is None or any(c.part == "given" for c in beside):
        return column
    together = (
        evidence.match(column.values, r"\S\s+\S") > 0 or evidence.shorter(column.values, _LONG[Item(column.key)]) < 1.0
    )
    return column if together or _has_family_name(column, family) else replace(column, part="given")


def _has_family_name(column: Column, family: Column) -> bool:
    """Whether the values are whole names that begin with those of the family column."""
    if len(column.values) == len(family.values):
        pairs = zip(column.values, family.values, strict=True)
        return sum(whole.startswith(name) for whole, name in pairs) >= len(column.values) * 0.5
    return evidence.looks(Item.NAME, column.values) >= 0.5


def _halves_of_numbers(columns: Sequence[Column]) -> list[Column]:
    """Two columns one after the other that both say pension number and hold four and six digits."""
    found = list(columns)
    for i, (one, other) in enumerate(pairwise(columns)):
        both = all(c.said.key == Item.BASIC_PENSION_NUMBER and not c.key and c.values for c in (one, other))
        if both and _digits(one, 4) and _digits(other, 6):
            for place, column, part in ((i, one, "first"), (i + 1, other, "second")):
                reason = f"header {column.label}, four and six digits"
                found[place] = replace(column, key=Item.BASIC_PENSION_NUMBER, part=part, reason=reason)
    return found


def _dates_beside_eras(columns: Sequence[Column]) -> list[Column]:
    """生年月日 beside 元号 is a date only together with it (5 and 230406)."""
    era = next((c for c in columns if c.key == Item.BIRTH_DATE and c.part == "era"), None)
    return [_dated(c) if era is not None and not c.key and c.said.key == Item.BIRTH_DATE else c for c in columns]


def _dated(column: Column) -> Column:
    era = listed("longest_era")[0]
    with_era = tuple(f"{era} {text}" for text in column.values)
    fits = column.said.is_item and not column.said.part and evidence.share(Item.BIRTH_DATE, with_era) >= 0.5
    reason = f"header {column.label}, with the era beside"
    return replace(column, key=Item.BIRTH_DATE, group=column.said.group, reason=reason) if fits else column


_NEXT_LINE = {"prefecture": "street", "street": "building", "building": "building"}


def _lines_behind_prefectures(columns: Sequence[Column]) -> list[Column]:
    """Address line 1 is the street where the prefecture stands in a column of its own."""
    parts = [c for c in columns if c.key == Item.ADDRESS and c.part]
    lines = [c for c in parts if c.label.strip()[-1:].isdigit()]
    if not any(c.part == "prefecture" for c in lines) or all(c in lines for c in parts if c.part == "prefecture"):
        return list(columns)
    return [replace(c, part=_NEXT_LINE.get(c.part, c.part)) if c in lines else c for c in columns]


_STEPS = (
    _years_beside_months,
    _dates_beside_eras,
    _names_beside_family_names,
    _halves_of_numbers,
    _lines_behind_prefectures,
    _one_of_each,
)


def _settled(column: Column, columns: Sequence[Column]) -> Column:
    if column.key == Item.BIRTH_DATE and evidence.share(column.key, column.values) >= 0.8 and not _digits(column, 5):
        return replace(column, part="")
    beside = [c for c in columns if (c.key, c.group) == (column.key, column.group)]
    parts = {c.part for c in beside if c.part}
    whole = next((c for c in beside if not c.part), None)
    if column.key == Item.ADDRESS:
        return column if _joins_address(column, parts, whole) else _alone(column)
    if column.key == Item.BIRTH_DATE and column.part == "era" and whole is not None:
        dated = evidence.share(Item.BIRTH_DATE, whole.values) >= 0.5
        return replace(column, key="", part="", whose=Whose.CLERK) if dated else column
    if column.key == Item.BASIC_PENSION_NUMBER and not _are_number_parts(beside):
        return _alone(column)
    needed = _NEEDED.get(Item(column.key)) if column.is_known else None
    if needed is None or (needed <= parts and whole is None):
        return column
    if column.part == "family" and whole is None:
        return replace(column, part="")
    return _alone(column)


def _alone(column: Column) -> Column:
    return replace(column, key="", part="", group="", reason="")


_HALF = re.compile(any_of("half_number_labels"))


def _are_number_parts(pair: Sequence[Column]) -> bool:
    """Whether first and second hold four and six digits: 記号 and 番号 alone may be of any card."""
    halves = [c for c in pair if c.part and c.values]
    digits = all(_digits(c, 4 if c.part == "first" else 6) for c in halves)
    named = any(_HALF.search(c.label) or (c.said.key == Item.BASIC_PENSION_NUMBER and len(c.label) > 2) for c in halves)
    full = all(evidence.match(c.values, r"^\d{4}$" if c.part == "first" else r"^\d{6}$") > 0.8 for c in halves)
    return digits and (named or full)


def _joins_address(column: Column, parts: set[str], whole: Column | None) -> bool:
    if whole is None:
        return len(parts) > 1
    if column.part == "prefecture":
        return evidence.match(whole.values, _HAS_PREFECTURE) < 0.5
    return column.part == "building" or (column.part == "city" and "prefecture" in parts)
