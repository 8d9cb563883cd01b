"""Finnish birth dates: day.month.year."""

from __future__ import annotations

import polars as pl

from sekisho.countries import columns
from sekisho.model import Identifier, Item, Proof
from sekisho.wording import Text


@columns.way
def normalise() -> pl.Expr:
    """ISO."""
    date = pl.coalesce(columns.text().str.to_date(form, strict=False) for form in ("%d.%m.%Y", "%Y-%m-%d"))
    return pl.when(date.dt.year().is_between(1850, 2100)).then(date.dt.to_string("%Y-%m-%d"))


IDENTIFIER = Identifier(
    item=Item.BIRTH_DATE,
    title=Text("Finnish birth date", "フィンランドの生年月日"),
    headers=("syntymäaika", "syntymäpäivä", "syntynyt", "födelsedatum"),
    normalise=normalise,
    proof=Proof.STRONG,
    examples={"6.4.1948": "1948-04-06", "06.04.1948": "1948-04-06"},
    counter_examples=("31.2.1948", "1948", "6.4."),
)
