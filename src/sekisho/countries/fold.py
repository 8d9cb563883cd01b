"""What two writings of one name, reading or address have in common: forms to compare by, never to show."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cache

import polars as pl

from sekisho.model import Item

NUMBER_LENGTH = len("NNNN-NNNNNN")
"""A certificate number begins with the holder's number."""
_SMALL = "ァィゥェォッャュョヮヵヶヂヅヲヰヱヴ"
_LARGE = "アイウエオツヤユヨワカケジズオイエブ"
KATAKANA = {chr(code): chr(code + 0x60) for code in range(0x3041, 0x3097)}
"""Hiragana -> katakana."""
UNVOICED = dict(
    zip(
        "ガギグゲゴザジズゼゾダヂヅデドバビブベボパピプペポ",
        "カキクケコサシスセソタチツテトハヒフヘホハヒフヘホ",
        strict=True,
    )
)
"""Kana with a voicing mark -> without."""
_KANA_DROPPED = "ー－‐-・･ 　'’.,"
KANA_SIZES = dict(zip(_SMALL, _LARGE, strict=True))
"""Small kana, and those of one sound -> as old host systems held them."""
_KANA_FOLDS = {h: KANA_SIZES.get(k, k) for h, k in KATAKANA.items()}
_KANA_FOLDS |= KANA_SIZES | dict.fromkeys(_KANA_DROPPED, "")
KANA_ONLY = r"^[ぁ-ゖァ-ヺー・･\s　]+$"
_PLAIN_NAME = r"^[ぁ-ゖァ-ヺ]*[々㐀-鿿][々㐀-鿿ぁ-ゖァ-ヺ]*$"  # nothing to fold but variant characters
_VARIATION_SELECTORS = {*range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0)}
_DIGITS = "〇一二三四五六七八九"
_MOST_IN_KANJI = 59


def number() -> pl.Expr:
    """Whose number a record gives, by itself or within a certificate number."""
    return pl.coalesce(Item.BASIC_PENSION_NUMBER, pl.col(Item.CERTIFICATE_NUMBER).str.slice(0, NUMBER_LENGTH))


def names(column: pl.Series) -> pl.Series:
    """Names with variant characters folded (髙橋 -> 高橋), Latin letters in lower case; null for names in kana."""
    folds = _character_folds(column)
    plain = column.str.contains(_PLAIN_NAME)
    if folds:
        plain &= ~column.str.contains_any(list(folds))
    odd = (~plain).fill_null(value=False)
    return column.scatter(odd.arg_true(), _odd_names(column.filter(odd), folds)) if odd.any() else column


def _odd_names(column: pl.Series, folds: dict[str, str]) -> pl.Series:
    folded = column.str.to_lowercase().str.replace_all(r"[\s　・･.,'’\-‐]", "")
    if folds:
        folded = folded.str.replace_many(folds)
    return folded.set(column.str.contains(KANA_ONLY) | (folded == ""), None)


def readings(kana: pl.Series, name: pl.Series) -> pl.Series:
    """`plain` readings; a name that is written in kana is its own reading where ``kana`` is absent."""
    own = name.set(~name.str.contains(KANA_ONLY), None)
    column = pl.select(pl.coalesce(kana, own)).to_series()
    folded = plain(column)
    return folded.set(folded == "", None).alias("kana")


def plain(kana: pl.Series) -> pl.Series:
    """Readings as old host systems held them: katakana, no small kana, no long mark, one letter for one sound."""
    return kana.str.replace_many(_KANA_FOLDS).str.to_lowercase()


def once(make: Callable[[pl.Series], pl.Series], column: pl.Series) -> pl.Series:
    """``make(column)``, where each distinct text is made once; null stays null."""
    distinct = column.drop_nulls().unique()
    if not len(distinct):
        return column
    return column.replace_strict(distinct, make(distinct.clone()), default=None, return_dtype=pl.String)


def addresses(column: pl.Series) -> pl.Series:
    """Addresses up to the house number: 那覇市旭町一丁目9番地 カフーナ -> 那覇市旭町1-9. No prefecture in front."""
    return once(_up_to_the_house_number, column)


def _up_to_the_house_number(addresses: pl.Series) -> pl.Series:
    return (
        addresses.str.replace_all(r"[\s　]", "")
        .str.replace(r"^(北海道|東京都|京都府|大阪府|.{2,3}県)", "")
        .str.replace_all("字", "")
        .str.replace_many(_numbers_in_kanji(), leftmost=True)
        .str.replace_all(r"(丁目|番地の?|番|号|の|ノ|[‐‑‒–—―−－ー-])", "-")
        .str.replace_all("-+", "-")
        .str.extract(r"^(\D*\d+(?:-\d+)*)", 1)
    )


@cache
def _numbers_in_kanji() -> dict[str, str]:
    """十二丁目 -> 12丁目; the numbers in the names of towns (六本木) stay."""
    return {
        f"{_in_kanji(number)}{unit}": f"{number}{unit}"
        for number in range(_MOST_IN_KANJI, 0, -1)
        for unit in ("丁目", "番", "号")
    }


def _in_kanji(number: int) -> str:
    tens, ones = divmod(number, 10)
    ten = "" if tens == 0 else ("十" if tens == 1 else f"{_DIGITS[tens]}十")
    return ten + (_DIGITS[ones] if ones else "")


def _character_folds(column: pl.Series) -> dict[str, str]:
    """The characters of a column that stand for another one, each asked for once."""
    characters = set(column.str.join().item())
    return {c: shape for c in characters if ord(c) > 0x2E7F and (shape := character(c)) != c}


@cache
def character(one: str) -> str:
    """The plain shape of a variant character: 髙 -> 高, 𠮷 -> 吉; 斎 and 斉 stay apart."""
    import jntajis

    if ord(one) in _VARIATION_SELECTORS:
        return ""
    candidates: Iterable[str] = jntajis.mj_shrink_candidates(one, _EVERY_SCHEME)
    return next(iter(candidates), one)


_EVERY_SCHEME = 15  # all four ways of the character map: JIS, reading and glyph, both notices of the ministry
