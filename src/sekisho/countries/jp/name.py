"""Names in kanji, kana or Latin letters: variant characters stay as they are, blanks and honorifics go."""

from __future__ import annotations

import re
from functools import cache

import polars as pl

from sekisho.countries import columns, words
from sekisho.model import Identifier, Item, Proof
from sekisho.wording import Text

_LETTERS = r"\p{Han}\p{Hiragana}\p{Katakana}\p{Latin}ー々〆ヶヵ〇〓\x{303B}\x{E000}-\x{F8FF}\x{F0000}-\x{10FFFD}"
_SELECTORS = r"\x{FE00}-\x{FE0F}\x{E0100}-\x{E01EF}"
"""Behind a letter they say which of its shapes stands in the family register (渡邉󠄂)."""
_NAME = rf"^[{_LETTERS}][{_LETTERS}{_SELECTORS}.,・'’=\x{{2010}}\x{{2011}}\x{{FFFD}}?■□●-]*$"
_SPACED = re.compile(r"([一-鿿々ヶ]{1,4})\s+[一-鿿々ぁ-ゖァ-ヺー]{1,4}")
_TOGETHER = re.compile(r"[一-鿿々ヶ][一-鿿々ヶぁ-ゖァ-ヺー]{1,7}")
_LATIN = re.compile(r"[A-Z][A-Za-z'-]+(?: [A-Z][A-Za-z.'-]*){1,3}|[A-Z]{2,}, [A-Z][A-Za-z]+")
_BODIES = tuple(word for word in words.of_country("jp").bodies if not word.isascii())
_NO_BODY = r"^[山松橋岡宮坂吉根谷森杉藤川塚榎西福岸熊楠滝竹寺中野浜秋梅岩倉]本[社店部局][一-鿿]{1,2}$"
"""松本社史: the end of a surname and the beginning of a given name look like a head office."""
_REFUSED = (
    "同上|不明|不詳|なし|無し|該当なし|未定|未記入|未登録|空欄|氏名|名前|姓名|合計|小計|総計|計|男|女|男性|女性|匿名|非公開|省略|欠番|以下余白|余白"
    "|本人|世帯主|担当者|null|none|unknown|name|total|subtotal|na|yes|no|true|false"
)
_REFUSED_WORDS = tuple(_REFUSED.split("|"))


def normalise(column: pl.Series) -> pl.Series:
    """The name without blanks, honorific, and without what stands behind it in brackets."""
    return columns.first_that_takes_it(column, _plain, _any)


@columns.way
def _plain() -> pl.Expr:
    """One or two short words in kanji or kana, which is what most names are."""
    words_ = columns.matching(columns.text(), r"^[一-鿿々ァ-ヺーぁ-ゖ]{1,4} ?[一-鿿々ァ-ヺーぁ-ゖ]{1,4}$")
    name = words_.str.replace(" ", "", literal=True)
    body = (words_.str.contains_any(list(_BODIES)) & ~words_.str.contains(_NO_BODY)) | words_.str.contains(
        r"[様殿氏君]$|さん$|さま$| (?:先生|くん|ちゃん)$"
    )
    return pl.when(~body, ~columns.is_one_of(name, _REFUSED_WORDS)).then(name)


@columns.way
def _any() -> pl.Expr:
    bare = columns.text().str.replace(r"\s*[(\[<〔【][^()\[\]<>〔〕【】]*[)\]>〕】]\s*$", "")
    bare = bare.str.replace(r"(?:\s+(?:様|殿|氏|君|さん|さま|先生|くん|ちゃん))$|([^\s]{2})(?:様|殿|さん|さま)$", "$1")
    bare = bare.str.replace(r"^(?i:(?:mr|mrs|ms|miss|dr)\.?\s+)", "")
    joined = bare.str.replace_all(r"\s+", "")
    held = columns.matching(columns.short(joined, 60), _NAME)
    refused = joined.str.contains(rf"^(?i:{_REFUSED})$|\.[a-z0-9]{{2,4}}$")
    body = columns.text().str.contains_any(list(_BODIES)) | columns.text().str.contains(columns.ENGLISH_BODY)
    return pl.when(~refused, ~body).then(held)


@cache
def _surnames() -> frozenset[str]:
    """The surnames that nearly everybody bears."""
    from japanese_personal_name_dataset import load_dataset

    return frozenset(load_dataset("opti", include_last_names=True)[2])


@cache
def _given_names() -> frozenset[str]:
    """Given names in all their spellings."""
    from japanese_personal_name_dataset import load_dataset

    books = load_dataset("org")
    spelled = {kanji for book in books for entry in book.values() for kanji in entry["kanji"]}
    return frozenset(spelled.union(*books))


def looks(text: str) -> bool:
    """Whether it is a known surname and a given name, or Latin words with capitals."""
    apart = _SPACED.fullmatch(text)
    if apart:
        return apart[1] in _surnames()
    if _TOGETHER.fullmatch(text):
        return any(text[:n] in _surnames() and text[n:] in _given_names() for n in (1, 2, 3))
    return bool(_LATIN.fullmatch(text))


IDENTIFIER = Identifier(
    item=Item.NAME,
    title=Text("name", "氏名"),
    headers=(
        "氏名",
        "名前",
        "お名前",
        "御名前",
        "ご氏名",
        "御氏名",
        "芳名",
        "ご芳名",
        "姓名",
        "氏名漢字",
        "漢字氏名",
        "漢字名",
        "お名前漢字",
        "名前漢字",
        "戸籍氏名",
        "正式氏名",
        "本名",
        "フルネーム",
        "人名",
        "宛名",
        "宛名氏名",
        "御芳名",
        "氏名又は名称",
        "氏名または名称",
        "氏名名称",
        "ローマ字氏名",
        "英字氏名",
        "アルファベット氏名",
        "氏名ローマ字",
        "氏名英字",
        "氏名アルファベット",
        "英文氏名",
        "shimei",
        "namae",
        "onamae",
        "name",
        "fullname",
        "namekanji",
        "nameinkanji",
        "kanjiname",
        "kanjishimei",
        "shimeikanji",
        "personname",
        "personalname",
        "legalname",
    ),
    normalise=normalise,
    looks=looks,
    proof=Proof.WEAK,
    examples={
        "渡邉\U000e0102 浩継": "渡邉\U000e0102浩継",
        "松本社史": "松本社史",
        "山田 太郎": "山田太郎",
        "髙橋　花子": "髙橋花子",
        "山田太郎 様": "山田太郎",
        "Anna Virtanen": "AnnaVirtanen",
        "ＳＭＩＴＨ　ＪＯＨＮ": "SMITHJOHN",
        "佐々木さくら": "佐々木さくら",
        "ジョン・スミス": "ジョン・スミス",
        "山田太郎(ヤマダタロウ)": "山田太郎",
    },
    counter_examples=(
        "株式会社山田商店",
        "山田建設(株)",
        "同上",
        "123",
        "合計",
        "2024-04-01",
        "1234-567890",
        "那覇市役所",
        "Sakura Trading Ltd",
        "Tanaka Motors Co., Ltd.",
        "list.csv",
    ),
    parts={
        "姓": "family",
        "名": "given",
        "氏": "family",
        "苗字": "family",
        "名字": "family",
        "みょうじ": "family",
        "氏名姓": "family",
        "氏名名": "given",
        "氏名氏": "family",
        "漢字姓": "family",
        "漢字名前": "given",
        "姓漢字": "family",
        "名漢字": "given",
        "氏漢字": "family",
        "お名前姓": "family",
        "お名前名": "given",
        "名前姓": "family",
        "名前名": "given",
        "下の名前": "given",
        "surname": "family",
        "familyname": "family",
        "lastname": "family",
        "last": "family",
        "sei": "family",
        "givenname": "given",
        "givennames": "given",
        "firstname": "given",
        "forename": "given",
        "first": "given",
        "mei": "given",
        "middlename": "middle",
        "middleinitial": "middle",
        "ミドルネーム": "middle",
        "lname": "family",
        "fname": "given",
    },
)
