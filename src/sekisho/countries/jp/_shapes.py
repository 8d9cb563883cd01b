"""How dates, addresses and phone numbers look in Japanese text."""

from __future__ import annotations

from sekisho.countries.jp._regions import REGIONS
from sekisho.countries.scripts import KANJI
from sekisho.countries.shapes import Shapes
from sekisho.countries.speech import of_country

_SAID = of_country("jp")
_KANJI_NUMBERS = "".join(_SAID["numerals"]) + "〇"
_LETTERS = "".join(_SAID["era_letters"])

_NUMERAL = rf"(?:元|[0-9]{{1,2}}|[{_KANJI_NUMBERS}]{{1,4}})"
_UNKNOWN = rf"(?:[?？*＊×]{{1,2}}|{'|'.join(_SAID['unknown'])})"
_PART = rf"(?:\d{{1,2}}|{_UNKNOWN})"
_ERA = "|".join((*_SAID["eras"], *"㍾㍽㍼㍻㋿", rf"[{''.join(_SAID['era_signs'])}](?=\s?[0-9元])"))
_YMD = rf"\s?{_NUMERAL}\s?年\s?(?:{_NUMERAL}|{_UNKNOWN})\s?月(?:\s?(?:{_NUMERAL}|{_UNKNOWN})\s?日)?"
_MD = rf"\s?年?\s?{_NUMERAL}\s?月(?:\s?{_NUMERAL}\s?日)?"
_WESTERN = r"(?:18|19|20)\d\d"
_DATE = (
    rf"(?:{_ERA})(?:{_YMD}|\s?{_NUMERAL}\s?[./\-・]\s?{_PART}\s?[./\-・]\s?{_PART})",
    rf"(?<![A-Za-z])[{_LETTERS}{_LETTERS.lower()}][. ]?\d{{1,2}}[./\-年 ]\s?{_PART}[./\-月 ]\s?{_PART}日?(?!\d)",
    rf"(?<![A-Za-z0-9])[{_LETTERS}]\d{{6}}(?!\d)",
    rf"(?<!\d){_WESTERN}\s?年?\s?[(（](?:{_ERA}|[{_LETTERS}])\s?{_NUMERAL}年?[)）]{_MD}",
    rf"(?:{_ERA})\s?{_NUMERAL}\s?年?\s?[(（]{_WESTERN}年?[)）]{_MD}",
    rf"(?<!\d){_WESTERN}\s?年\s?{_PART}\s?月(?:\s?{_PART}\s?日)?",
    rf"[一二][〇八九][{_KANJI_NUMBERS.replace('十', '')}]{{2}}年\s?{_NUMERAL}\s?月(?:\s?{_NUMERAL}\s?日)?",
)
_ERA_CODED = r"(?<!\d)[1-9]\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])(?!\d)"

_PREFECTURES = "|".join(REGIONS.residences)
_KANA_KANJI = rf"{KANJI}ぁ-んァ-ヴヵヶケノー"
_HOUSE = (
    rf"(?:[0-9]+(?:丁目|番地|番|号|条|線|区|の|-)?"
    rf"|[{_KANJI_NUMBERS}]+(?:丁目|番地|番(?![町丁])|号|条|線(?![{KANJI}])|区|(?![{KANJI}])))"
)  # 一番町 and 三方原町 are names of places
_ADDRESS = (
    rf"(?:{_PREFECTURES}) ?[{_KANA_KANJI}]{{1,25}}? ?{_HOUSE}"
    rf"(?:[0-9一二三四五六七八九十丁目番地号条の東西南北-]|甲|乙|丙)*"
    r"(?:(?! ?(?:TEL|Tel|tel|電話|携帯|FAX|Fax))"
    rf"(?: [{KANJI}ァ-ヴーヶA-Za-z・]{{2,20}} ?[A-Z]?[0-9-]{{1,5}}(?:号室|号|室|階)?"
    rf"|[{KANJI}ァ-ヴーヶA-Za-z]{{2,20}}[0-9-]{{1,5}}(?:号室|号|室|階)"
    rf"|[ァ-ヴー]{{2,12}}[{KANJI}ぁ-んァ-ヴーヶ]{{1,10}}[0-9-]{{1,5}}(?:号室|号|室|階)?))?"
)
_CITY_ADDRESS = (
    rf"(?<![{KANJI}])[{KANJI}ヶケ]{{1,5}}[市区郡][{KANJI}ヶケノぁ-ん]{{1,14}}\s?\d{{1,4}}(?:丁目|番地?|-\d{{1,4}})"
    r"(?:[\d-]|番地?|号|丁目){0,10}"
)

SHAPES = Shapes(
    date="|".join(_DATE),
    coded_date=_ERA_CODED,
    postal_code=r"〒\s?\d{3}-?\d{4}(?![\d-])|(?<![\d-])\d{3}-\d{4}(?![\d-])",
    phone=(
        r"(?<![\d-])(?:\+81[- ]?\(?0?\)?\d{1,4}|\(?0\d{1,4}\)?)[- (]\d{1,4}[-) ]\d{3,4}(?![\d-])"
        r"|(?<![\d-])0[5789]0\d{8}(?![\d-])"
    ),
    phone_digits=r"(?<![\d-])0\d{9,10}(?![\d-])",
    region=r"北海道|東京都|(?:京都|大阪)府|[^\d\s]{2,3}県",
    address=_ADDRESS,
    city_address=_CITY_ADDRESS,
    address_start=(
        rf"(?:{_PREFECTURES})"
        rf"|[{KANJI}ヶケァ-ヴー]{{1,7}}[市区郡町村][{_KANA_KANJI}]{{0,16}}?\s?[0-9０-９一二三四五六七八九十]"
    ),
    building=(
        r"(?=.*[ァ-ヴー]{2}|.*(?:荘|館|棟|号室|住宅|団地))"
        rf"[{KANJI}ぁ-んァ-ヴーA-Za-z・ ]{{2,24}}[0-9-]{{1,6}}(?:号室|号|室|階|F)?"
    ),
)
