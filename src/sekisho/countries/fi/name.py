"""Finnish names: Latin letters, blanks go."""

from __future__ import annotations

import re

import polars as pl

from sekisho.countries import columns
from sekisho.model import Identifier, Item, Proof
from sekisho.wording import Text


def normalise(column: pl.Series) -> pl.Series:
    """The name without blanks."""
    latin = _latin(column)
    return latin if latin.null_count() == len(latin) else _persons(latin)


@columns.way
def _latin() -> pl.Expr:
    return columns.matching(columns.short(columns.text(), 60), r"^\p{L}[\p{Latin}.,'’ -]+$")


@columns.way
def _persons() -> pl.Expr:
    text = columns.text()
    company = text.str.contains(r"(?i)\b(?:oy|oyj|ab|ky|ry|rf|yhteensä)\.?$|\.[a-z0-9]{2,4}$")
    return pl.when(~company, ~text.str.contains(columns.ENGLISH_BODY)).then(text.str.replace_all(" ", ""))


def looks(text: str) -> bool:
    """Whether it is two to four capitalised words."""
    words = re.split("[ -]", text)
    return 2 <= len(words) <= 4 and all(w.isalpha() and w[0].isupper() and w[1:].islower() for w in words)


IDENTIFIER = Identifier(
    item=Item.NAME,
    title=Text("Finnish name", "フィンランドの氏名"),
    headers=("nimi", "koko nimi", "henkilön nimi", "namn"),
    normalise=normalise,
    looks=looks,
    proof=Proof.WEAK,
    examples={"Aino Virtanen": "AinoVirtanen", "Mäkelä-Järvi Pekka": "Mäkelä-JärviPekka"},
    counter_examples=("Virtanen Oy", "123", "131052-308T"),
    parts={"sukunimi": "family", "etunimi": "given", "etunimet": "given"},
)
