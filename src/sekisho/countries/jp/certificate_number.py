"""The pension certificate number: a basic pension number and the four digits of a pension code."""

from __future__ import annotations

import polars as pl

from sekisho.countries import columns
from sekisho.model import Identifier, Item
from sekisho.wording import Text


def normalise(column: pl.Series) -> pl.Series:
    """NNNN-NNNNNN-NNNN."""
    return columns.first_that_takes_it(column, _plain, _any)


@columns.way
def _plain() -> pl.Expr:
    return columns.matching(columns.text(), "^(?:[0-9]{3}[1-9]|[1-9][0-9]{3})-[0-9]{6}-[0-9]{4}$")


@columns.way
def _any() -> pl.Expr:
    bare = columns.bare_number(columns.text())
    apart = columns.matching(
        bare, r"^[0-9]{4}[- .・/][0-9]{6}[- .・/][0-9]{4}$|^[0-9]{10}[- .・/][0-9]{4}$|^[0-9]{4}[- ][0-9]{10}$"
    )
    whole = columns.matching(bare, r"^[0-9]{13,14}$").str.zfill(14)
    number = pl.coalesce(apart.str.replace_all(r"\D", ""), whole)
    parts = (number.str.slice(0, 4), pl.lit("-"), number.str.slice(4, 6), pl.lit("-"), number.str.slice(10))
    return pl.when(number.str.contains("[1-9]")).then(pl.concat_str(*parts))


IDENTIFIER = Identifier(
    item=Item.CERTIFICATE_NUMBER,
    title=Text("pension certificate number", "年金証書番号"),
    headers=(
        "年金証書番号",
        "証書番号",
        "年金証書の番号",
        "年金証書の記号番号",
        "年金証書コード番号",
        "年金証書の基礎年金番号年金コード",
        "基礎年金番号年金コード",
        "基礎年金番号及び年金コード",
        "基礎年金番号と年金コード",
        "年金証書記号番号",
        "年金証書no",
        "証書no",
        "年金証書",
        "証書記号番号",
        "ネンキンショウショバンゴウ",
        "nenkinshoshono",
        "shoshono",
        "pensioncertificatenumber",
        "pensioncertificateno",
        "certificatenumber",
        "certificateno",
        "certno",
    ),
    normalise=normalise,
    examples={
        "1234-567890-1150": "1234-567890-1150",
        "1234567890-1150": "1234-567890-1150",
        "12345678901150": "1234-567890-1150",
        "１２３４－５６７８９０－１１５０": "1234-567890-1150",
        "1234 567890 1150": "1234-567890-1150",
        "2345678901150": "0234-567890-1150",
    },
    counter_examples=("1234-567890", "123456789012", "1234-567890-11", "123456789011501"),
)
