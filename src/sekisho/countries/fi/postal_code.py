"""Finnish postal codes: five digits."""

from __future__ import annotations

import polars as pl

from sekisho.countries import columns
from sekisho.model import Identifier, Item
from sekisho.wording import Text


@columns.way
def normalise() -> pl.Expr:
    """Five digits, with ``FI-`` taken off."""
    bare = columns.text().str.replace(r"^(?i:fi|fin)-", "")
    return columns.matching(bare, r"^\d{5}$")


IDENTIFIER = Identifier(
    item=Item.POSTAL_CODE,
    title=Text("Finnish postal code", "フィンランドの郵便番号"),
    headers=("postinumero", "postinro", "postnummer"),
    normalise=normalise,
    examples={"00100": "00100", "FI-00100": "00100"},
    counter_examples=("123456", "A0100"),
)
