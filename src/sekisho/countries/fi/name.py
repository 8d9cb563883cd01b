"""Finnish names: Latin letters, blanks go."""

from __future__ import annotations

import re

import polars as pl

from sekisho.countries import columns
from sekisho.model import Identifier, Item, Proof
from sekisho.wording import Text


@columns.way
def normalise() -> pl.Expr:
    """The name without blanks."""
    latin = columns.matching(columns.text(), r"^\p{L}[\p{Latin}.,'’ -]{1,59}$")
    company = latin.str.contains(r"(?i)\b(?:oy|oyj|ab|ky|ry|rf|yhteensä)\.?$|\.[a-z0-9]{2,4}$") | latin.str.contains(
        columns.ENGLISH_BODY
    )
    return pl.when(~company).then(latin.str.replace_all(" ", ""))


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
