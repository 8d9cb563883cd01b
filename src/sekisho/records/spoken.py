"""Items that running text speaks of: told by the words and neighbours around them, never by their shape alone."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from sekisho.model import Item
from sekisho.records import names, shapes
from sekisho.records.shapes import fold


@dataclass(frozen=True, slots=True)
class Find:
    """An item in a line: where it begins and ends, why, and whether that holds without a name beside it."""

    key: str
    start: int
    end: int
    why: str
    alone: bool
    sure: float = 1.0


_BEFORE = 24
_PENSION_WORDS = re.compile(
    r"基礎年金|年金番号|年金手帳|基番|基年番|被保険者番号|pension\s+(?:number|no|id)", re.IGNORECASE
)
_CERTIFICATE_WORDS = re.compile(r"証書|年金コード|certificate", re.IGNORECASE)
_MY_NUMBER_WORDS = re.compile(r"個人番号|マイナンバー|my\s?number", re.IGNORECASE)
_THINGS = re.compile(
    r"品番|部品|製品|商品|型番|型式|伝票|注文|受注|発注|見積|請求書|管理番号|受付番号|整理番号|問い?合わ?せ番号|追跡|口座|電話|TEL|FAX|機器|資産"
    r"|図番|シリアル|ロット|契約番号|証券|法人番号|登録番号|チケット|part|item|order|invoice|serial|ticket|request|tracking|account",
    re.IGNORECASE,
)
_BORN_BEFORE = re.compile(r"生年月日|誕生日|生まれ|\bborn\b|\bbirth|\bdob\b|D\.O\.B", re.IGNORECASE)
_BORN_AFTER = re.compile(r"\s?(?:日)?\s?(?:生まれ|出生|誕生|生(?![活産計徒命涯前存保])|\(?born)")
_HOME = re.compile(
    r"住所|居所|居住|在住|お住まい|転居先|送付先|宛先|自宅|\b(?:lives?|living|resid\w+|address)\b", re.IGNORECASE
)
_OFFICES_OWN = re.compile(
    r"[当本弊](?:事務所|センター|課|係|社|行|店|院|組合|協会|会|校|園|市|区|町|村|県|局)[(（の]?\s?(?:電話|TEL|直通|代表|℡)"
    r"|まで(?:に)?(?:お|ご)?問い?合わ?せ",
    re.IGNORECASE,
)
_CALL = re.compile(r"電話|TEL|携帯|連絡先|℡|☎|\bphone|\bmobile|\bcell", re.IGNORECASE)
_SEX = re.compile(r"(?<=[(\s、・,/])(男性?|女性?)(?=[)\s、・,/]|$)")


def is_offices_own(line: str) -> bool:
    """Whether a line (folded) says how to reach the office that writes: 当事務所（電話...）までお問い合わせください."""
    return _OFFICES_OWN.search(line) is not None


def spoken(line: str) -> Iterator[Find]:
    """The items in a line (folded, see `shapes.fold`), names left out."""
    taken: list[tuple[int, int]] = []
    for find in (*_numbers(line), *_births(line), *_contacts(line), *_homes(line), *_sexes(line)):
        if all(find.end <= start or find.start >= end for start, end in taken):
            taken.append((find.start, find.end))
            yield find


def _head(line: str, at: int, reach: int = _BEFORE) -> str:
    """What stands before, back to the end of the sentence or the last item in it."""
    return re.split(r"[。]", line[max(0, at - reach) : at])[-1]


def _numbers(line: str) -> Iterator[Find]:
    for match in shapes.CERTIFICATE.finditer(line):
        head = _head(line, match.start())
        if not _THINGS.search(head[-12:]):
            yield Find(
                Item.CERTIFICATE_NUMBER, *match.span(), _why(head, _CERTIFICATE_WORDS), _said(head, _CERTIFICATE_WORDS)
            )
    for match in shapes.TWELVE.finditer(line):
        head = _head(line, match.start())
        if _MY_NUMBER_WORDS.search(head):
            yield Find(Item.MY_NUMBER, *match.span(), _why(head, _MY_NUMBER_WORDS), alone=True)
    for match in shapes.TEN.finditer(line):
        head = _head(line, match.start())
        said = _said(head, _PENSION_WORDS)
        if said or ("-" in match[0] and not _THINGS.search(head[-14:])):
            yield Find(Item.BASIC_PENSION_NUMBER, *match.span(), _why(head, _PENSION_WORDS), said)


def _said(head: str, words: re.Pattern[str]) -> bool:
    return words.search(head) is not None


def _why(head: str, words: re.Pattern[str]) -> str:
    found = [match[0] for match in words.finditer(head)]
    return f"word {found[-1]} before it" if found else "beside a name"


def _births(line: str) -> Iterator[Find]:
    for match in shapes.DATE.finditer(line):
        before, after = _head(line, match.start(), 14), line[match.end() : match.end() + 8]
        if _BORN_BEFORE.search(before):
            yield Find(Item.BIRTH_DATE, *match.span(), "word of birth before it", alone=True)
        elif _BORN_AFTER.match(after):
            yield Find(Item.BIRTH_DATE, *match.span(), "生 behind it", alone=True)
        elif _in_bracket(line, match.start()) or _listed(line, match):
            yield Find(Item.BIRTH_DATE, *match.span(), "a date beside a name", alone=False, sure=0.8)


def _in_bracket(line: str, at: int) -> bool:
    """（昭和23年4月6日 right behind a bracket that follows a name."""
    return bool(re.search(rf"[{names.KANJI}ァ-ヴーa-z]\s?(?:様|殿|氏|さん)?\s?[(（]\s?$", line[:at]))


def _listed(line: str, match: re.Match[str]) -> bool:
    """A date in a row of items parted by blanks, commas or bars; no point in time."""
    if re.match(r"[ T]\d{1,2}:\d\d", line[match.end() :]) or re.search(r"[。はがをに]", line):
        return False
    return bool(re.search(r"[\s,、/|・'\"]$", line[: match.start()]))


def _contacts(line: str) -> Iterator[Find]:
    for match in shapes.EMAIL.finditer(line):
        if line[: match.start()].endswith("<"):
            continue
        yield Find(Item.EMAIL, *match.span(), "an e-mail address beside a name", alone=False)
    if shapes.FAX.search(line) and not _CALL.search(line):
        return
    for pattern in (shapes.PHONE, shapes.PHONE_DIGITS):
        for match in pattern.finditer(line):
            head = _head(line, match.start(), 12)
            if shapes.FAX.search(head[-6:]):
                continue
            said = _CALL.search(head)
            if said or pattern is shapes.PHONE:
                yield Find(
                    Item.PHONE, *match.span(), f"word {said[0]} before it" if said else "beside a name", alone=False
                )


def _homes(line: str) -> Iterator[Find]:
    for match in shapes.POSTAL.finditer(line):
        at = match.start() + match[0].find(match[0].lstrip("〒 ")) if match[0].startswith("〒") else match.start()
        if (
            match[0].startswith("〒")
            or "郵便番号" in _head(line, match.start())
            or shapes.ADDRESS_START.match(line[match.end() :].lstrip())
        ):
            yield Find(Item.POSTAL_CODE, at, match.end(), "postal mark or address beside it", alone=False)
    for match in shapes.ADDRESS.finditer(line):
        end = match.start() + len(_without_tail(match[0]))
        said = _HOME.search(_head(line, match.start()) + line[match.end() : match.end() + 8])
        why = f"word {said[0]} beside it" if said else "begins with a prefecture and ends in a house number"
        yield Find(Item.ADDRESS, match.start(), end, why, bool(said))
    for match in shapes.CITY_ADDRESS.finditer(line):
        yield Find(Item.ADDRESS, *match.span(), "a city and a house number beside a name", alone=False)


def _without_tail(text: str) -> str:
    return re.sub(r"[の\s-]+$", "", text)


def _sexes(line: str) -> Iterator[Find]:
    if re.search(r"男.{0,3}女", line):
        return
    for match in _SEX.finditer(line):
        yield Find(Item.SEX, *match.span(1), "男 or 女 beside a name", alone=False)


def readings(line: str, start: int, end: int) -> tuple[int, int] | None:
    """Where the kana reading of the name at ``start``..``end`` stands: 山田太郎（ヤマダタロウ）."""
    behind = re.match(rf"\s?(?:{names.HONORIFICS})?\s?[(\[<]\s?({shapes.KANA.pattern})\s?[)\]>、,・]", line[end:])
    if behind:
        return end + behind.start(1), end + behind.end(1)
    if shapes.KANA_ONLY.fullmatch(line[start:end]):
        return None
    beside = re.match(rf"[\s,、/|]{{1,4}}({shapes.KANA.pattern})(?=$|[\s,、/|(])", line[end:])
    if beside:
        return end + beside.start(1), end + beside.end(1)
    before = re.search(rf"(?:^|[\s,、/|・])({shapes.KANA.pattern})(?:[\s,、/|]{{1,4}}|\s?[(\[])$", line[:start])
    return before.span(1) if before else None


def fold_line(line: str) -> str:
    """The line as the patterns read it."""
    return fold(line)
