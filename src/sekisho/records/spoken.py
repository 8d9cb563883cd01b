"""Items that running text speaks of: told by the words and neighbours around them, never by their shape alone."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from sekisho.countries.scripts import KANJI
from sekisho.countries.speech import any_of
from sekisho.model import Item
from sekisho.records import choices, names, shapes


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
_PENSION_WORDS = re.compile(any_of("before_basic_pension_number"), re.IGNORECASE)
_CERTIFICATE_WORDS = re.compile(any_of("before_certificate_number"), re.IGNORECASE)
_MY_NUMBER_WORDS = re.compile(any_of("before_my_number"), re.IGNORECASE)
_THINGS = re.compile(any_of("numbers_of_things"), re.IGNORECASE)
_BORN_BEFORE = re.compile(any_of("before_birth_date"), re.IGNORECASE)
_BORN_AFTER = re.compile(rf"\s?{shapes.DAY}?\s?(?:{any_of('behind_birth_date')})")
_HOME = re.compile(any_of("beside_address"), re.IGNORECASE)
_OFFICES_OWN = re.compile(any_of("offices_own"), re.IGNORECASE)
_POSTAL = re.compile(any_of("before_postal_code"))
_CALL = re.compile(any_of("before_phone"), re.IGNORECASE)
_CALLED_BEFORE = re.compile(rf"[{KANJI}ァ-ヴーa-z]\s?(?:{any_of('bracket_honorifics')})?\s?[(（]\s?$")
_SEX = re.compile(rf"(?<=[(\s、・,/])({any_of('sex_words', 'sexes')})(?=[)\s、・,/]|$)")


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
        if said or ("-" in match[0] and not is_of_thing(line, match.start())):
            yield Find(Item.BASIC_PENSION_NUMBER, *match.span(), _why(head, _PENSION_WORDS), said)


def is_of_thing(line: str, at: int) -> bool:
    """Whether a number at a place is called one of a thing: 受付番号."""
    return _THINGS.search(_head(line, at)[-14:]) is not None


def is_birth(line: str, date: re.Match[str]) -> bool:
    """Whether words say that a date is one of birth."""
    is_said = _BORN_BEFORE.search(_head(line, date.start(), 14))
    return (is_said or _BORN_AFTER.match(line[date.end() : date.end() + 8])) is not None


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
    return _CALLED_BEFORE.search(line[:at]) is not None


_SAYS = re.compile(f"。|{any_of('particles')}")


def _listed(line: str, match: re.Match[str]) -> bool:
    """A date in a row of items parted by blanks, commas or bars; no point in time."""
    if re.match(r"[ T]\d{1,2}:\d\d", line[match.end() :]) or _SAYS.search(line):
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
            or _POSTAL.search(_head(line, match.start()))
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


_TAIL = re.compile(rf"(?:{any_of('possessives')}|[\s-])+$")


def _without_tail(text: str) -> str:
    return _TAIL.sub("", text)


def _sexes(line: str) -> Iterator[Find]:
    if choices.offers_both(line):
        return
    for match in _SEX.finditer(line):
        yield Find(Item.SEX, *match.span(1), "男 or 女 beside a name", alone=False)


_READ_BEHIND = re.compile(rf"\s?(?:{names.HONORIFICS})?\s?[(\[<]\s?({shapes.KANA.pattern})\s?[)\]>、,・]")
_READ_BESIDE = re.compile(rf"[\s,、/|]{{1,4}}({shapes.KANA.pattern})(?=$|[\s,、/|(])")
_READ_BEFORE = re.compile(rf"(?:^|[\s,、/|・])({shapes.KANA.pattern})(?:[\s,、/|]{{1,4}}|\s?[(\[])$")


def readings(line: str, start: int, end: int) -> tuple[int, int] | None:
    """Where the kana reading of the name at ``start``..``end`` stands: 山田太郎（ヤマダタロウ）."""
    behind = _READ_BEHIND.match(line[end:])
    if behind:
        return end + behind.start(1), end + behind.end(1)
    if shapes.KANA_ONLY.fullmatch(line[start:end]):
        return None
    beside = _READ_BESIDE.match(line[end:])
    if beside:
        return end + beside.start(1), end + beside.end(1)
    before = _READ_BEFORE.search(line[:start])
    return before.span(1) if before else None
