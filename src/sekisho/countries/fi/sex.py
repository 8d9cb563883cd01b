"""Sex in Finnish words."""

from __future__ import annotations

import polars as pl

from sekisho.countries import columns
from sekisho.model import Identifier, Item, Proof
from sekisho.wording import Text


@columns.way
def normalise() -> pl.Expr:
    """M or F."""
    word = columns.text().str.to_lowercase()
    male = columns.is_one_of(word, ("mies", "poika", "m"))
    female = columns.is_one_of(word, ("nainen", "tyttö", "n", "f"))
    return pl.when(male).then(pl.lit("M")).when(female).then(pl.lit("F"))


def looks(text: str) -> bool:
    """Whether it is the whole word."""
    return text.lower() in ("mies", "nainen")


IDENTIFIER = Identifier(
    item=Item.SEX,
    title=Text("sex, in Finnish", "性別（フィンランド語）"),
    headers=("sukupuoli",),
    normalise=normalise,
    looks=looks,
    proof=Proof.STRONG,
    examples={"mies": "M", "Nainen": "F"},
    counter_examples=("muu", "x"),
)
