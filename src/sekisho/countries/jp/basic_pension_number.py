"""The basic pension number: four digits of the issuing office and six of a serial, no check digit.

Ten digits alone prove nothing. A number that was kept as a whole number has lost its leading zeros; under its
header it is padded again.
"""

from __future__ import annotations

import polars as pl

from sekisho.countries import columns
from sekisho.model import Identifier, Item
from sekisho.wording import Text


def normalise(column: pl.Series) -> pl.Series:
    """NNNN-NNNNNN."""
    return columns.first_that_takes_it(column, _plain, _any)


@columns.way
def _plain() -> pl.Expr:
    return columns.matching(columns.text(), "^(?:[0-9]{3}[1-9]|[1-9][0-9]{3})-[0-9]{6}$")


@columns.way
def _any() -> pl.Expr:
    bare = columns.bare_number(columns.text())
    pair = bare.str.extract_groups(r"^(?<a>[0-9]{1,4})[ .・/](?<b>[0-9]{1,6})$|^(?<c>[0-9]{3,4})-(?<d>[0-9]{5,6})$")
    first = pl.coalesce(pair.struct.field("a"), pair.struct.field("c")).str.zfill(4)
    second = pl.coalesce(pair.struct.field("b"), pair.struct.field("d")).str.zfill(6)
    whole = columns.matching(bare, r"^[0-9]{7,10}$").str.zfill(10)
    number = pl.coalesce(whole, first + second)
    joined = pl.concat_str(number.str.slice(0, 4), pl.lit("-"), number.str.slice(4))
    return pl.when(number.str.contains("[1-9]")).then(joined)


IDENTIFIER = Identifier(
    item=Item.BASIC_PENSION_NUMBER,
    title=Text("basic pension number", "基礎年金番号"),
    headers=(
        "基礎年金番号",
        "年金番号",
        "基年番",
        "基番",
        "基礎番号",
        "年金手帳番号",
        "年金手帳の番号",
        "年金手帳記号番号",
        "基礎年金no",
        "年金no",
        "基年番号",
        "基礎年金",
        "国民年金番号",
        "厚生年金番号",
        "年金手帳の記号番号",
        "年金記号番号",
        "キソネンキンバンゴウ",
        "ネンキンバンゴウ",
        "キソネンキン",
        "kisonenkinno",
        "kisonenkinbango",
        "nenkinno",
        "nenkinbango",
        "nenkinnumber",
        "basicpensionnumber",
        "basicpensionno",
        "pensionnumber",
        "pensionno",
        "pensionid",
        "bpn",
    ),
    normalise=normalise,
    examples={
        "1234-567890": "1234-567890",
        "1234567890": "1234-567890",
        "1234－567890": "1234-567890",
        "１２３４ー５６７８９０": "1234-567890",
        "1234−567890": "1234-567890",
        "1234 567890": "1234-567890",
        "123456789": "0123-456789",
        "123 4567": "0123-004567",
        '="0123456789"': "0123-456789",
    },
    counter_examples=(
        "12345-67890",
        "12345678901",
        "123456",
        "0000-000000",
        "1234-ABCDEF",
        "1234-******",
        "090-1234-5678",
    ),
    parts={
        "番号1": "first",
        "番号2": "second",
        "番号前": "first",
        "番号後": "second",
        "基礎年金番号上": "first",
        "基礎年金番号下": "second",
        "基礎年金番号上4桁": "first",
        "基礎年金番号下6桁": "second",
        "基礎年金番号前4桁": "first",
        "基礎年金番号後6桁": "second",
        "基礎年金番号前": "first",
        "基礎年金番号後": "second",
        "基礎年金番号1": "first",
        "基礎年金番号2": "second",
        "基礎年金番号課所符号": "first",
        "基礎年金番号一連番号": "second",
        "年金番号課所符号": "first",
        "年金番号一連番号": "second",
        "課所符号": "first",
        "年金番号1": "first",
        "年金番号2": "second",
        "基年番1": "first",
        "基年番2": "second",
        "前4桁": "first",
        "後6桁": "second",
        "後ろ6桁": "second",
        "上4桁": "first",
        "下6桁": "second",
        "基礎年金番号記号": "first",
        "基礎年金番号番号": "second",
        "記号": "first",
        "番号": "second",
        "4桁": "first",
        "6桁": "second",
    },
)
