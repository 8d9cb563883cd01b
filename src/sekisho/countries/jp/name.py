"""Names in kanji, kana or Latin letters: variant characters stay as they are, blanks go."""

from __future__ import annotations

import polars as pl

from sekisho.model import Identifier, Item
from sekisho.wording import Text


def normalise(column: pl.Series) -> pl.Series:
    """The name without blanks."""
    return column.str.replace_all(r"\s+", "")


IDENTIFIER = Identifier(
    item=Item.NAME,
    title=Text("name", "氏名"),
    headers=("氏名", "名前", "お名前", "name", "fullname"),
    normalise=normalise,
    examples={"山田 太郎": "山田太郎"},
    counter_examples=(),
    parts={"姓": "family", "名": "given"},
)
