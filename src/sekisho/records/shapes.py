"""How items look in running text: the patterns that propose, before words and normal forms decide."""

from __future__ import annotations

import re

from sekisho.countries.speech import any_of
from sekisho.records.names import KANJI

_SAME_WIDTH = {0x3000: " ", 0xA0: " ", **{0xFF01 + i: chr(0x21 + i) for i in range(94)}}
_SAME_WIDTH |= dict.fromkeys(map(ord, "‐‑‒–—―−－﹣─━"), "-")


def fold(text: str) -> str:
    """The text with full-width letters, digits, blanks and dashes made narrow; every character keeps its place."""
    return text if text.isascii() else text.translate(_SAME_WIDTH)


NUMERAL = r"(?:元|[0-9]{1,2}|[一二三四五六七八九十〇]{1,4})"
_UNKNOWN = r"(?:[?？*＊×]{1,2}|不詳|不明)"
_ERA = r"(?:明治|大正|昭和|平成|令和|㍾|㍽|㍼|㍻|㋿|[明大昭平令](?=\s?[0-9元]))"
_YMD = rf"\s?{NUMERAL}\s?年\s?(?:{NUMERAL}|{_UNKNOWN})\s?月(?:\s?(?:{NUMERAL}|{_UNKNOWN})\s?日)?"
_MD = rf"\s?年?\s?{NUMERAL}\s?月(?:\s?{NUMERAL}\s?日)?"
_MONTH = r"(?:Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?|Sep(?:t(?:ember)?)?|Oct(?:ober)?|Nov(?:ember)?|Dec(?:ember)?)"  # noqa: E501
_PART = rf"(?:\d{{1,2}}|{_UNKNOWN})"
ERA_DATE = re.compile(
    rf"{_ERA}(?:{_YMD}|\s?{NUMERAL}\s?[./\-・]\s?{_PART}\s?[./\-・]\s?{_PART})"
    rf"|(?<![A-Za-z])[MTSHRmtshr][. ]?\d{{1,2}}[./\-年 ]\s?{_PART}[./\-月 ]\s?{_PART}日?(?!\d)"
    r"|(?<![A-Za-z0-9])[MTSHR]\d{6}(?!\d)"
)
DATE = re.compile(
    rf"{ERA_DATE.pattern}"
    rf"|(?<!\d)(?:18|19|20)\d\d\s?年?\s?[(（](?:{_ERA}|[MTSHR])\s?{NUMERAL}年?[)）]{_MD}"
    rf"|(?:{_ERA})\s?{NUMERAL}\s?年?\s?[(（](?:18|19|20)\d\d年?[)）]{_MD}"
    rf"|(?<!\d)(?:18|19|20)\d\d\s?(?:年\s?{_PART}\s?月(?:\s?{_PART}\s?日)?|[/.\-]\s?{_PART}[/.\-]\s?{_PART}(?!\d))"
    rf"|[一二][〇八九][〇一二三四五六七八九]{{2}}年\s?{NUMERAL}\s?月(?:\s?{NUMERAL}\s?日)?"
    rf"|\b\d{{1,2}}(?:st|nd|rd|th)?[ -]{_MONTH}\.?,?[ -](?:18|19|20)\d\d\b"
    rf"|\b{_MONTH}\.? \d{{1,2}}(?:st|nd|rd|th)?,? (?:18|19|20)\d\d\b"
)
CODED_DATE = re.compile(
    r"(?<!\d)(?:(?:18|19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])"
    r"|[1-9]\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01]))(?!\d)"
)
CERTIFICATE = re.compile(r"(?<![\d-])\d{4}[- ]\d{6}[- ]\d{4}(?![\d-])")
PENSION = re.compile(r"(?<![\d-])\d{4}-\d{6}(?![\d-])")
TEN = re.compile(r"(?<![\d-])\d{4}[- ]?\d{6}(?![\d-])")
FOURTEEN = re.compile(r"(?<![\d-])\d{4}[- ]?\d{6}[- ]?\d{4}(?![\d-])")
TWELVE = re.compile(r"(?<![\d-])\d{4}([- ]?)\d{4}\1\d{4}(?![\d-])")
POSTAL = re.compile(r"〒\s?\d{3}-?\d{4}(?![\d-])|(?<![\d-])\d{3}-\d{4}(?![\d-])")
PHONE = re.compile(
    r"(?<![\d-])(?:\+81[- ]?\(?0?\)?\d{1,4}|\(?0\d{1,4}\)?)[- (]\d{1,4}[-) ]\d{3,4}(?![\d-])"
    r"|(?<![\d-])0[5789]0\d{8}(?![\d-])"
)
PHONE_DIGITS = re.compile(r"(?<![\d-])0\d{9,10}(?![\d-])")
EMAIL = re.compile(r"(?<![\w.+-])[A-Za-z0-9][\w.+-]*@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+", re.ASCII)
KANA = re.compile(r"[ァ-ヴーｦ-ﾟ]{2,}(?:[ ・･][ァ-ヴーｦ-ﾟ]{1,}){0,4}|[ぁ-んー]{2,}(?: [ぁ-んー]{1,}){1,2}")
KANA_ONLY = re.compile(r"[ァ-ヴーｦ-ﾟぁ-ん・･\s()]+")

_PREFECTURES = (
    "北海道|青森県|岩手県|宮城県|秋田県|山形県|福島県|茨城県|栃木県|群馬県|埼玉県|千葉県|東京都|神奈川県|新潟県|富山県|石川県"
    "|福井県|山梨県|長野県|岐阜県|静岡県|愛知県|三重県|滋賀県|京都府|大阪府|兵庫県|奈良県|和歌山県|鳥取県|島根県|岡山県|広島県"
    "|山口県|徳島県|香川県|愛媛県|高知県|福岡県|佐賀県|長崎県|熊本県|大分県|宮崎県|鹿児島県|沖縄県"
)
_KANJI_CLASS = f"[{KANJI}]"
_KANA_KANJI = rf"{KANJI}ぁ-んァ-ヴヵヶケノー"
_HOUSE = (
    rf"(?:[0-9]+(?:丁目|番地|番|号|条|線|区|の|-)?"
    rf"|[一二三四五六七八九十〇]+(?:丁目|番地|番(?![町丁])|号|条|線(?!{_KANJI_CLASS})|区|(?!{_KANJI_CLASS})))"
)  # 一番町 and 三方原町 are names of places
ADDRESS = re.compile(
    rf"(?:{_PREFECTURES}) ?[{_KANA_KANJI}]{{1,25}}? ?{_HOUSE}"
    rf"(?:[0-9一二三四五六七八九十丁目番地号条の東西南北-]|甲|乙|丙)*"
    r"(?:(?! ?(?:TEL|Tel|tel|電話|携帯|FAX|Fax))"
    rf"(?: [{KANJI}ァ-ヴーヶA-Za-z・]{{2,20}} ?[A-Z]?[0-9-]{{1,5}}(?:号室|号|室|階)?"
    rf"|[{KANJI}ァ-ヴーヶA-Za-z]{{2,20}}[0-9-]{{1,5}}(?:号室|号|室|階)"
    rf"|[ァ-ヴー]{{2,12}}[{KANJI}ぁ-んァ-ヴーヶ]{{1,10}}[0-9-]{{1,5}}(?:号室|号|室|階)?))?"
)
CITY_ADDRESS = re.compile(
    rf"(?<![{KANJI}])[{KANJI}ヶケ]{{1,5}}[市区郡][{KANJI}ヶケノぁ-ん]{{1,14}}\s?\d{{1,4}}(?:丁目|番地?|-\d{{1,4}})"
    r"(?:[\d-]|番地?|号|丁目){0,10}"
)
ADDRESS_START = re.compile(
    rf"(?:{_PREFECTURES})|[{KANJI}ヶケァ-ヴー]{{1,7}}[市区郡町村][{_KANA_KANJI}]{{0,16}}?\s?[0-9０-９一二三四五六七八九十]"
)
OFFICE = re.compile(any_of("offices"))
FAX = re.compile(any_of("fax"))
_BLANK = re.compile(r"[\s○〇◯△×✕＊*_＿\-－ー―…．.・/／年月日時分〒()（）□☐:：?？~〜～様殿番号市区町村都道府県印㊞,、]*")


def says_nothing(text: str) -> bool:
    """Whether a value is only what a form prints for filling in: 　年　月　日, 〒   -    , ○○○."""
    return _BLANK.fullmatch(text) is not None
