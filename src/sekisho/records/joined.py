"""Cells that hold several items: name and kana, postal code and address, number and name, a maiden name in brackets."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache

import polars as pl

from sekisho.countries.headers import meaning
from sekisho.countries.scripts import KANJI
from sekisho.countries.speech import any_of, listed
from sekisho.model import Item
from sekisho.records import evidence
from sekisho.records.evidence import Sample
from sekisho.records.shapes import DAY, MONTH, YEAR

_WIDE = {code: code + 0xFEE0 for code in range(0x21, 0x7F)}
_DASH = "[-\u2010-\u2015\u2212\u30fc\uff0d\uff70]"
_SEPARATED = f"[-\u2010-\u2015\u2212\u30fc\uff0d\uff70{YEAR}{MONTH}./／．]"
_D = r"[\d０-９]"
_WIDE_ERA_LETTERS = "|".join(letter.translate(_WIDE) for letter in listed("era_letters"))
_ERA = f"{any_of('eras', 'era_signs', 'era_letters')}|{_WIDE_ERA_LETTERS}"
_YEAR = rf"(?:(?:{_ERA})\s?(?:{_D}{{1,2}}|{any_of('first_years')})|(?:18|19|20){_D}{{2}})"
_KANA = r"[ァ-ヺーｦ-ﾟ]"
_HIRA = r"[ぁ-ゖー]"
_OPEN = r"(?:^|[(（\[［<＜/／\n])"
_CLOSE = r"(?:[)）\]］>＞/／\n]|$)"

PATTERNS: dict[str, str] = {
    Item.EMAIL: r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+",
    Item.CERTIFICATE_NUMBER: rf"{_D}{{4}}{_DASH}{_D}{{6}}{_DASH}{_D}{{4}}",
    Item.BASIC_PENSION_NUMBER: rf"{_D}{{4}}{_DASH}{_D}{{6}}",
    Item.BIRTH_DATE: rf"{_YEAR}\s?{_SEPARATED}\s?{_D}{{1,2}}\s?{_SEPARATED}\s?{_D}{{1,2}}{DAY}?",
    Item.POSTAL_CODE: rf"〒\s*{_D}{{3}}{_DASH}?{_D}{{4}}|^{_D}{{3}}{_DASH}{_D}{{4}}(?:\s|$)",
    Item.PHONE: rf"[(（]?[0０]{_D}{{1,4}}(?:[)）]|{_DASH}|[(（]){_D}{{1,4}}(?:[)）]|{_DASH}){_D}{{4}}",
    Item.SEX: rf"(?:^|[\s(（/／・\[])(?:{any_of('sex_words', 'sexes')})(?:$|[\s)）/／・\]])",
    Item.NAME_KANA: rf"{_KANA}{{2,}}[ 　・]+{_KANA}{{2,}}|{_OPEN}(?:{_KANA}{{3,}}|{_HIRA}+[ 　]?{_HIRA}{{2,}}){_CLOSE}",
}
"""How each item looks inside a cell with others, the most telling first; what is left over is the name or address.

Written as both `re` (which looks at samples) and polars (which takes whole columns apart) read them.
"""

_SEEN = {item: re.compile(pattern) for item, pattern in PATTERNS.items()}

FORMER_NAME = (
    rf"[(（\[［<＜〔]\s*({any_of('other_names')})[:：\s]*"
    r"([^()（）\[\]［］<>＜＞〔〕]+)[)）\]］>＞〕]"
)
_AROUND = " 　\n\r\t()（）[]［］<>＜＞〔〕/／・,、;；|｜:："
_RESTS = (Item.ADDRESS, Item.NAME)


@lru_cache(maxsize=4096)
def split_label(label: str) -> tuple[str, ...]:
    """The items that a label of a joined column names, in its order: 氏名・生年月日 -> name, birth_date; else none."""
    for mark in ("\n", "/", "／", "・", "、", ",", "，", *listed("ands"), "＆", "&", "+", "＋", "　", " ", "(", "（"):
        parts = [part.strip(_AROUND) for part in label.split(mark)]
        meant = [meaning(part) for part in parts if part]
        if len(meant) > 1 and all(m.is_item and not m.part for m in meant) and len({m.key for m in meant}) > 1:
            return tuple(m.key for m in meant)
    return ()


def plan(label: str, values: Sample) -> tuple[str, tuple[str, ...]]:
    """What is left over in the cells of a column, and which items are to be taken out of them before; else nothing."""
    said = split_label(label) or ((meaning(label).key,) if meaning(label).is_item else ())
    if not values or (label and not said) or meaning(label).part:
        return "", ()
    left, wanted = values, []
    for item, pattern in _SEEN.items():
        if _stands_in(left, item, pattern, said):
            wanted.append(item)
            left = _without(pattern, left)
    rest = _rest(_bare(left), said) if wanted else ""
    return (rest, tuple(wanted)) if rest else _without_rest(values, said)


def _without(pattern: re.Pattern[str], values: Sample) -> Sample:
    return tuple(pattern.sub(" ", text, count=1) for text in values)


def _bare(values: Sample) -> Sample:
    return tuple(text.strip(_AROUND) for text in values)


def _without_rest(values: Sample, said: Sequence[str]) -> tuple[str, tuple[str, ...]]:
    """Where a label names several items and nothing else stands there (生年月日・性別): one of them is the rest."""
    if len(said) < 2 or not set(said) <= set(PATTERNS):
        return "", ()
    for rest in said:
        wanted = tuple(item for item in PATTERNS if item in said and item != rest)
        left = values
        for item in wanted:
            left = _without(_SEEN[item], left)
        if evidence.share(rest, _bare(left)) >= 0.5:
            return rest, wanted
    return "", ()


_KANJI, _ANYTHING = re.compile(f"[{KANJI}]"), re.compile(r"[^\W_]|〒")


def _stands_in(values: Sample, item: str, pattern: re.Pattern[str], said: Sequence[str]) -> bool:
    """Whether enough cells hold the item and something else with it."""
    needed = 0.1 if item == Item.POSTAL_CODE else 0.3 if item in said else 0.5
    holding = tuple(filter(pattern.search, values))
    if len(holding) < needed * len(values) or (item == Item.NAME_KANA and Item.ADDRESS in said):
        return False
    beside = _KANJI if item == Item.NAME_KANA else _ANYTHING
    return evidence.match(_without(pattern, holding), beside) * len(holding) >= needed * len(values)


def _rest(left: Sample, said: Sequence[str]) -> str:
    left = tuple(filter(None, left))
    for item in _RESTS:
        if (item in said and evidence.share(item, left) >= 0.5) or evidence.looks(item, left) >= 0.5:
            return item
    named = Item.NAME in said or Item.NAME_KANA in said or Item.BASIC_PENSION_NUMBER in said
    return Item.NAME if named and evidence.share(Item.NAME, left) >= 0.7 else ""


def apart(column: pl.Series, rest: str, wanted: Sequence[str]) -> Iterator[tuple[str, pl.Series]]:
    """The column taken apart: each item of ``wanted`` that stands in it, as written, and what is left as ``rest``."""
    left = column
    for item in wanted:
        yield item, left.str.extract(f"({PATTERNS[item]})", 1).str.strip_chars(_AROUND)
        left = left.str.replace(PATTERNS[item], " ")
    bare = left.str.replace_all(r"[(（\[［]\s*[)）\]］]", "").str.strip_chars(_AROUND)
    yield rest, bare.set(bare == "", None)


def former_names(column: pl.Series) -> Iterator[tuple[str, pl.Series]]:
    """What stands in brackets behind a name and is another name of the person, by its word: 旧姓, 通称."""
    kinds = column.str.extract(FORMER_NAME, 1)
    others = column.str.extract(FORMER_NAME, 2).str.strip_chars(_AROUND)
    for kind in kinds.drop_nulls().unique().sort().to_list():
        yield kind, others.set(kinds.ne_missing(kind), None)


def without_former(column: pl.Series) -> pl.Series:
    """The name without the other name in brackets."""
    return column.str.replace(FORMER_NAME, "").str.strip_chars()
