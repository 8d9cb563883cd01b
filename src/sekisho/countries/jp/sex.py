"""Sex as offices write it: words, letters, or the codes 1 and 2."""

from __future__ import annotations

import re

import polars as pl

from sekisho.countries import columns
from sekisho.model import Identifier, Item, Proof
from sekisho.wording import Text

MALE = ("男", "男性", "男子", "男児", "おとこ", "オトコ", "ダンセイ", "m", "male", "man", "♂", "1", "01")
FEMALE = ("女", "女性", "女子", "女児", "おんな", "オンナ", "ジョセイ", "f", "female", "woman", "♀", "2", "02")

_WORDS = re.compile("(?:[12][.:・-]?)?[男女][性子児]?|(?i:male|female)")


@columns.way
def normalise() -> pl.Expr:
    """M or F."""
    bare = columns.text().str.to_lowercase().str.replace_all(r"[\s()\[\]〇○●☑✓レ]", "")
    word = bare.str.replace(r"^[12][.:・-]?(\D+)$", "$1")
    male, female = columns.is_one_of(word, MALE), columns.is_one_of(word, FEMALE)
    return pl.when(male).then(pl.lit("M")).when(female).then(pl.lit("F"))


def looks(text: str) -> bool:
    """Whether it says so in words: a 1 or a 2 says nothing by itself."""
    return _WORDS.fullmatch(text) is not None


IDENTIFIER = Identifier(
    item=Item.SEX,
    title=Text("sex", "性別"),
    headers=(
        "性別",
        "男女",
        "男女別",
        "男女の別",
        "性",
        "男女区分",
        "性別区分",
        "性別コード",
        "性別cd",
        "男女コード",
        "セイベツ",
        "せいべつ",
        "seibetsu",
        "sex",
        "gender",
        "sexcode",
        "gendercode",
        "mf",
    ),
    normalise=normalise,
    looks=looks,
    proof=Proof.STRONG,
    examples={
        "男": "M",
        "女性": "F",
        "女児": "F",
        "1": "M",
        "2": "F",
        "1:男": "M",
        "2.女": "F",
        "M": "M",
        "Ｆ": "F",
        "Female": "F",
    },
    counter_examples=("3", "男女", "不明", "X"),
)
