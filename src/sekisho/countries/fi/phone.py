"""Finnish phone numbers: 0 or +358 and digits."""

from __future__ import annotations

import polars as pl

from sekisho.countries import columns
from sekisho.model import Identifier, Item
from sekisho.wording import Text


@columns.way
def normalise() -> pl.Expr:
    """Digits and hyphens; blanks become hyphens."""
    flat = columns.dashed(columns.text()).str.replace_all(r"[\s-]+", "-")
    return columns.matching(flat, r"^(?:\+358-?|0)(?:\d-?){5,11}\d$")


IDENTIFIER = Identifier(
    item=Item.PHONE,
    title=Text("Finnish phone", "フィンランドの電話番号"),
    headers=("puhelin", "puhelinnumero", "matkapuhelin", "puh", "gsm"),
    normalise=normalise,
    examples={"040 123 4567": "040-123-4567", "+358 40 1234567": "+358-40-1234567"},
    counter_examples=("123", "ei ole"),
)
