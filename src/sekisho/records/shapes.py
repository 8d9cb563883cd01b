"""How items look in running text: the patterns that propose, before words and normal forms decide."""

from __future__ import annotations

import re

from sekisho.countries.shapes import shape
from sekisho.countries.speech import any_of, listed

_SAME_WIDTH = {0x3000: " ", 0xA0: " ", **{0xFF01 + i: chr(0x21 + i) for i in range(94)}}
_SAME_WIDTH |= dict.fromkeys(map(ord, "‐‑‒–—―−－﹣─━"), "-")


def fold(text: str) -> str:
    """The text with full-width letters, digits, blanks and dashes made narrow; every character keeps its place."""
    return text if text.isascii() else text.translate(_SAME_WIDTH)


_D4, _D2 = r"(?:18|19|20)\d\d", rf"(?:\d{{1,2}}|[?？*＊×]{{1,2}}|{any_of('unknown')})"
_MONTH_NAME = f"(?:{any_of('months')})"
DATE = re.compile(
    rf"{shape('date')}|(?<!\d){_D4}\s?[/.\-]\s?{_D2}[/.\-]\s?{_D2}(?!\d)"
    rf"|\b\d{{1,2}}(?:st|nd|rd|th)?[ -]{_MONTH_NAME}\.?,?[ -]{_D4}\b"
    rf"|\b{_MONTH_NAME}\.? \d{{1,2}}(?:st|nd|rd|th)?,? {_D4}\b"
)
CODED_DATE = re.compile(rf"(?<!\d){_D4}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])(?!\d)|{shape('coded_date')}")
CERTIFICATE = re.compile(r"(?<![\d-])\d{4}[- ]\d{6}[- ]\d{4}(?![\d-])")
PENSION = re.compile(r"(?<![\d-])\d{4}-\d{6}(?![\d-])")
TEN = re.compile(r"(?<![\d-])\d{4}[- ]?\d{6}(?![\d-])")
FOURTEEN = re.compile(r"(?<![\d-])\d{4}[- ]?\d{6}[- ]?\d{4}(?![\d-])")
TWELVE = re.compile(r"(?<![\d-])\d{4}([- ]?)\d{4}\1\d{4}(?![\d-])")
POSTAL = re.compile(shape("postal_code"))
PHONE = re.compile(shape("phone"))
PHONE_DIGITS = re.compile(shape("phone_digits"))
EMAIL = re.compile(r"(?<![\w.+-])[A-Za-z0-9][\w.+-]*@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+", re.ASCII)
KANA = re.compile(r"[ァ-ヴーｦ-ﾟ]{2,}(?:[ ・･][ァ-ヴーｦ-ﾟ]{1,}){0,4}|[ぁ-んー]{2,}(?: [ぁ-んー]{1,}){1,2}")
KANA_ONLY = re.compile(r"[ァ-ヴーｦ-ﾟぁ-ん・･\s()]+")

ADDRESS = re.compile(shape("address"))
CITY_ADDRESS = re.compile(shape("city_address"))
ADDRESS_START = re.compile(shape("address_start"))
REGION = re.compile(shape("region"))
BUILDING = re.compile(shape("building"))
OFFICE = re.compile(any_of("offices"))
FAX = re.compile(any_of("fax"))
YEAR, MONTH, DAY = tuple("".join(listed("date_ends")))[:3]
"""What stands behind the numbers of a date."""
_PRINTED = "".join(listed("printed"))
_BLANK = re.compile(rf"[\s○〇◯△×✕＊*_＿\-－ー―…．.・/／〒()（）□☐:：?？~〜～,、{_PRINTED}]*")


def says_nothing(text: str) -> bool:
    """Whether a value is only what a form prints for filling in: 　年　月　日, 〒   -    , ○○○."""
    return _BLANK.fullmatch(text) is not None
