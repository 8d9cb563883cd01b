"""Phone numbers of persons: digits and hyphens as written; a lost leading zero is put back."""

from __future__ import annotations

import re

import polars as pl

from sekisho.countries import columns
from sekisho.model import Identifier, Item, Proof
from sekisho.wording import Text

_LABEL = r"(?i)^(?:(?:携帯|自宅|電話|勤務先|連絡先|日中|昼|夜|固定|tel|fax|phone|mobile|h|m|℡|☎|📞)[:：.\s)]*)+"
_WHOSE = "内線|ext\\.?|x|代表|代|携帯|自宅|本人|勤務先|呼出|呼|妻|夫|母|父|子|長男|長女"
_TAIL = rf"(?i)\s*(?:[(\[]?(?:{_WHOSE})[:.\s]*[0-9]*[)\]]?)+$"

_LOOKS = re.compile(
    rf"\(?0[0-9]{{1,4}}(?:{columns.DASH}|[()])[0-9]{{1,4}}(?:{columns.DASH}|\))[0-9]{{3,4}}|0[5789]0[0-9]{{8}}"
)


def normalise(column: pl.Series) -> pl.Series:
    """Digits and hyphens (a leading + stays); of several numbers in a cell the first."""
    return columns.first_that_takes_it(column, _plain, _any)


@columns.way
def _plain() -> pl.Expr:
    return columns.matching(columns.text(), "^0(?:[0-9]{9,10}|[0-9]{1,4}-[0-9]{1,4}-[0-9]{3,4})$")


@columns.way
def _any() -> pl.Expr:
    bare = columns.dashed(columns.text()).str.replace(_LABEL, "")
    bare = bare.str.replace(r"^[='\"]+", "").str.replace(r"[\"']+$", "").str.replace(_TAIL, "")
    bare = bare.str.replace(r"^(\+?[0-9() .-]{9,}?[0-9])\s*[/,、;・\n].*$", "$1")
    round_ = bare.str.replace(r"^\(([0-9]{2,5})\)\s*-?", "$1-").str.replace(r"\(([0-9]{1,4})\)", "-$1-")
    flat = round_.str.replace_all(r"[\s.-]+", "-").str.strip_chars("-")
    full = columns.matching(
        flat, r"^0[0-9]{9,10}$|^0[0-9]{1,4}-[0-9]{1,4}-[0-9]{3,4}$|^0[0-9]{1,4}-[0-9]{5,8}$|^0[0-9]{5}-[0-9]{4}$"
    )
    lost = columns.matching(flat, r"^[1-9][0-9]{8,9}$|^[1-9][0-9]{0,3}-[0-9]{1,4}-[0-9]{4}$")
    abroad = columns.matching(flat, r"^\+[0-9]{1,3}(?:-?[0-9]){7,12}$")
    local = columns.matching(flat, r"^[0-9]{1,4}-[0-9]{4}$")
    return pl.coalesce(full, pl.lit("0") + lost, abroad, local)


def looks(text: str) -> bool:
    """Whether it is a phone number by its hyphens, or a mobile number."""
    return _LOOKS.fullmatch(text) is not None


IDENTIFIER = Identifier(
    item=Item.PHONE,
    title=Text("phone", "電話番号"),
    headers=(
        "電話番号",
        "電話",
        "tel",
        "℡",
        "☎",
        "telno",
        "tel番号",
        "連絡先",
        "連絡先電話番号",
        "連絡先電話",
        "連絡先tel",
        "連絡電話",
        "連絡電話番号",
        "携帯",
        "携帯電話",
        "携帯番号",
        "携帯電話番号",
        "携帯tel",
        "自宅電話",
        "自宅電話番号",
        "自宅tel",
        "固定電話",
        "固定電話番号",
        "電話no",
        "電話番号携帯",
        "電話番号自宅",
        "でんわ",
        "デンワ",
        "デンワバンゴウ",
        "でんわばんごう",
        "電番",
        "スマホ",
        "スマートフォン",
        "telfax",
        "denwa",
        "denwabango",
        "phone",
        "phoneno",
        "phonenumber",
        "telephone",
        "telephoneno",
        "telephonenumber",
        "mobile",
        "mobilephone",
        "mobileno",
        "mobilenumber",
        "mobilephonenumber",
        "cell",
        "cellphone",
        "cellphonenumber",
        "contactnumber",
        "contactno",
    ),
    normalise=normalise,
    looks=looks,
    proof=Proof.WEAK,
    examples={
        "03-1234-5678": "03-1234-5678",
        "０９０－１２３４－５６７８": "090-1234-5678",
        "0312345678": "0312345678",
        "312345678": "0312345678",
        "9012345678": "09012345678",
        "03(1234)5678": "03-1234-5678",
        "(03)1234-5678": "03-1234-5678",
        "03ー1234ー5678": "03-1234-5678",
        "TEL:03-1234-5678": "03-1234-5678",
        "03-1234-5678(自宅)": "03-1234-5678",
        "03-1234-5678 / 090-1234-5678": "03-1234-5678",
        "090 1234 5678": "090-1234-5678",
        "+81-3-1234-5678": "+81-3-1234-5678",
        "22-3456": "22-3456",
    },
    counter_examples=("12345", "1234-567890", "123456789012", "なし", "2024-04-01"),
    parts={
        "市外局番": "first",
        "市内局番": "second",
        "局番": "second",
        "末尾番号": "third",
        "電話番号上": "first",
        "電話番号中": "second",
        "電話番号下": "third",
    },
)
