"""Names by sound: half-width, hiragana and host spellings become full-width katakana without blanks."""

from __future__ import annotations

import re

import polars as pl

from sekisho.countries import columns
from sekisho.model import Identifier, Item, Proof
from sekisho.wording import Text

_HIRAGANA = [chr(c) for c in range(0x3041, 0x3097)]
_KATAKANA = [chr(c + 0x60) for c in range(0x3041, 0x3097)]
_LOOKS = re.compile("[ァ-ヺー]{1,12}[ ・]{1,3}[ァ-ヺー]{1,14}|[ぁ-ゖー]{1,12} {1,3}[ぁ-ゖー]{1,14}|[ァ-ヺー]{4,14}")
_HONORIFIC = r"\s+(?:サマ|ドノ|サン|さま|どの|さん|様|殿)$"


def normalise(column: pl.Series) -> pl.Series:
    """Full-width katakana; a hyphen between kana, as hosts write it, is the long vowel."""
    return columns.first_that_takes_it(column, _plain, _any)


@columns.way
def _plain() -> pl.Expr:
    """One or two words in katakana."""
    kana = columns.matching(columns.text(), r"^[ァ-ヺー・]{1,30}[ァ-ヺー・ ][ァ-ヺー・]{0,29}$")
    bare = kana.str.replace(" ", "", literal=True)
    return pl.when(~kana.str.contains(r" (?:サマ|ドノ|サン)?$")).then(bare)


@columns.way
def _any() -> pl.Expr:
    kana = columns.text().str.replace(_HONORIFIC, "").str.replace_many(_HIRAGANA, _KATAKANA)
    joined = kana.str.replace_all(r"[\s ,、()\[\]]+", "")
    held = joined.str.replace_all(r"(\p{Katakana}|ー)[-\x{2010}-\x{2015}\x{2212}]", "${1}ー")
    return columns.matching(held, r"^[ァ-ヺー・ゝゞヽヾ=]{2,60}$")


def looks(text: str) -> bool:
    """Whether it is two words in kana, or one of a length that names have."""
    return _LOOKS.fullmatch(text) is not None


IDENTIFIER = Identifier(
    item=Item.NAME_KANA,
    title=Text("name in kana", "氏名カナ"),
    headers=(
        "フリガナ",
        "ふりがな",
        "カナ",
        "かな",
        "ひらがな",
        "平仮名",
        "片仮名",
        "ナマエ",
        "シメイ",
        "しめい",
        "なまえ",
        "カナ氏名",
        "かな氏名",
        "氏名カナ",
        "氏名かな",
        "氏名フリガナ",
        "氏名ふりがな",
        "氏名カタカナ",
        "カナ名",
        "カナ名前",
        "名前カナ",
        "名前フリガナ",
        "名前ふりがな",
        "お名前フリガナ",
        "お名前ふりがな",
        "お名前カナ",
        "姓名カナ",
        "姓名フリガナ",
        "ヨミ",
        "よみ",
        "読み",
        "読み仮名",
        "読みがな",
        "よみがな",
        "よみかな",
        "読みカナ",
        "仮名氏名",
        "氏名仮名",
        "振り仮名",
        "振仮名",
        "ふり仮名",
        "カタカナ",
        "カタカナ氏名",
        "氏名読み",
        "氏名ヨミ",
        "氏名読み仮名",
        "氏名の読み",
        "氏名の読み方",
        "読み方",
        "nameinkana",
        "kanashimeizenkaku",
        "氏名よみ",
        "kana",
        "namekana",
        "kananame",
        "namaekana",
        "shimeikana",
        "kanashimei",
        "furigana",
        "fullnamekana",
        "katakana",
        "namekatakana",
        "phoneticname",
        "yomi",
        "yomigana",
    ),
    normalise=normalise,
    looks=looks,
    proof=Proof.WEAK,
    examples={
        "ﾔﾏﾀﾞ ﾀﾛｳ": "ヤマダタロウ",
        "やまだ　はなこ": "ヤマダハナコ",
        "ヤマダ タロウ": "ヤマダタロウ",
        "ｼﾞﾖ-ﾝｽﾞ ｶﾚﾝ": "ジヨーンズカレン",
        "ジョン・スミス": "ジョン・スミス",
    },
    counter_examples=("山田太郎", "Yamada", "123", "ア", "ヤマダ太郎"),
    parts={
        "セイ": "family",
        "せい": "family",
        "メイ": "given",
        "めい": "given",
        "姓カナ": "family",
        "名カナ": "given",
        "カナ姓": "family",
        "カナ名字": "family",
        "姓フリガナ": "family",
        "名フリガナ": "given",
        "姓ふりがな": "family",
        "名ふりがな": "given",
        "フリガナ姓": "family",
        "フリガナ名": "given",
        "ふりがな姓": "family",
        "ふりがな名": "given",
        "フリガナセイ": "family",
        "フリガナメイ": "given",
        "氏カナ": "family",
        "氏フリガナ": "family",
        "苗字カナ": "family",
        "名字カナ": "family",
        "姓かな": "family",
        "名かな": "given",
        "姓よみ": "family",
        "名よみ": "given",
        "姓読み": "family",
        "名読み": "given",
        "カナ氏": "family",
        "familynamekana": "family",
        "givennamekana": "given",
        "lastnamekana": "family",
        "firstnamekana": "given",
        "seikana": "family",
        "meikana": "given",
        "kanasei": "family",
        "kanamei": "given",
        "kanalast": "family",
        "kanafirst": "given",
    },
)
