"""Finnish addresses: street and number, postal code and town."""

from __future__ import annotations

import polars as pl

from sekisho.countries import columns
from sekisho.model import Identifier, Item
from sekisho.wording import Text


@columns.way
def normalise() -> pl.Expr:
    """The address in one line."""
    line = columns.text().str.replace_all(r"\s+", " ")
    return columns.matching(line, r"^[\p{Latin}][\p{Latin}\d .,/'-]*\p{Latin}{2}[\p{Latin}\d .,/'-]*\d")


IDENTIFIER = Identifier(
    item=Item.ADDRESS,
    title=Text("Finnish address", "フィンランドの住所"),
    headers=("osoite", "kotiosoite", "katuosoite", "lähiosoite", "adress"),
    normalise=normalise,
    examples={"Mannerheimintie 1 A 2, 00100 Helsinki": "Mannerheimintie 1 A 2, 00100 Helsinki"},
    counter_examples=("00100", "-"),
    parts={"postitoimipaikka": "city", "paikkakunta": "city"},
)
