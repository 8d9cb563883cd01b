"""My Number: twelve digits, the last a check digit over the first eleven.

One in ten random strings of twelve digits passes the check, so it is only weak evidence, and a digit mistyped
under the header is still a person's My Number: the check decides only where there is no header.
"""

from __future__ import annotations

import re

import polars as pl

from sekisho.countries import columns
from sekisho.model import Identifier, Item, Proof
from sekisho.wording import Text

WEIGHTS = (6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2)
_SHAPE = re.compile("[0-9]{4}[- ]?[0-9]{4}[- ]?[0-9]{4}")


@columns.way
def normalise() -> pl.Expr:
    """Twelve digits."""
    bare = columns.bare_number(columns.text())
    apart = columns.matching(bare, r"^[0-9]{4}[- ][0-9]{4}[- ][0-9]{4}$").str.replace_all(r"\D", "")
    number = pl.coalesce(apart, columns.matching(bare, r"^[0-9]{11,12}$").str.zfill(12))
    return pl.when(number.str.contains("[1-9]")).then(number)


def looks(text: str) -> bool:
    """Whether it is twelve digits whose check digit fits."""
    if not _SHAPE.fullmatch(text):
        return False
    *digits, check = (int(digit) for digit in text if digit.isdigit())
    rest = sum(weight * digit for weight, digit in zip(WEIGHTS, digits, strict=True)) % 11
    return check == (0 if rest <= 1 else 11 - rest)


IDENTIFIER = Identifier(
    item=Item.MY_NUMBER,
    title=Text("My Number", "個人番号（マイナンバー）"),
    headers=(
        "個人番号",
        "マイナンバー",
        "個人番号マイナンバー",
        "マイナンバー個人番号",
        "マイナンバー番号",
        "個番",
        "個人no",
        "個人番号12桁",
        "マイナンバー12桁",
        "マイナ番号",
        "まいなんばー",
        "kojinbango",
        "kojinno",
        "mynumber",
        "mynumberno",
        "mynum",
        "individualnumber",
    ),
    normalise=normalise,
    looks=looks,
    proof=Proof.WEAK,
    examples={
        "123456789018": "123456789018",
        "1234 5678 9018": "123456789018",
        "１２３４－５６７８－９０１８": "123456789018",
        "23456789013": "023456789013",
    },
    counter_examples=("1234567890123", "12345", "000000000000", "1234-5678-90AB"),
)
