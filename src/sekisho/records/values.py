"""Takes the value behind a label apart: a name and its reading, a postal code and an address, a date and a sex."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from sekisho.countries.headers import Meaning, Whose
from sekisho.countries.scripts import KANJI
from sekisho.countries.speech import any_of, listed
from sekisho.model import Item
from sekisho.records import choices, names, shapes
from sekisho.records.block import other_key
from sekisho.records.labels import known_label
from sekisho.records.shapes import DAY, MONTH, YEAR, fold


@dataclass(frozen=True, slots=True)
class Piece:
    """An item found within a value: its key, the text to keep, and where that begins and ends in the value."""

    key: str
    text: str
    start: int
    end: int


def pieces(what: Meaning, label: str, value: str) -> list[Piece]:
    """The items in ``value``, which stands behind ``label``; none where it says nothing."""
    if what.whose in (Whose.CLERK, Whose.RUNNING) or shapes.says_nothing(value):
        return []
    if _SPACED.fullmatch(value.strip()):
        value = "".join(value.split())
    if not what.is_item or what.part:
        return [_whole(what.key if what.is_item else other_key(label), value)]
    reader = _READERS.get(what.key)
    return list(reader(value)) if reader else [_whole(what.key, value)]


_SPACED = re.compile(r"(?:\S[ \u3000]+){4,}\S")


def _whole(key: str, value: str) -> Piece:
    lead = len(value) - len(value.lstrip())
    text = value.strip()
    return Piece(key, text, lead, lead + len(text))


def _cut(key: str, value: str, start: int, end: int) -> Piece:
    piece = _whole(key, value[start:end])
    return Piece(key, piece.text, start + piece.start, start + piece.end)


_READING = re.compile(r"[(\[（［〔【<＜]\s*(?P<in>[^()\[\]（）［］〔〕【】<>＜＞]{1,40})\s*[)\]）］〕】>＞]")
_SEALS = "".join(listed("seals"))
_SEX_WORDS = any_of("sex_words", "sexes")
_SEX_BEHIND = re.compile(rf"[(\s・、/]({_SEX_WORDS})(?=$|[)\s・、/])")
_NAME_ENDS = re.compile(
    rf"\s*(?:(?:{names.HONORIFICS})(?=$|[\s、。(]))|\s*[、,;/]|\d|\s[-–]\s|[{_SEALS}]$"
    rf"|\s+(?:{_SEX_WORDS})(?=$|\s)|\s+(?:{any_of('eras')})|\s+(?:{any_of('era_letters')})\d"
)


def _name(value: str) -> Iterator[Piece]:
    """山田太郎（ヤマダタロウ）様 -> name and kana."""
    folded = fold(value)
    bracket = _READING.search(folded)
    if bracket and bracket.start() == 0:
        bracket = None
    end = bracket.start() if bracket else len(value)
    stop = _NAME_ENDS.search(folded[:end])
    first = value[: stop.start() if stop else end]
    yield from _kanji_and_kana(first)
    if bracket and _is_kana(bracket["in"]) and not _is_kana(first):
        yield _cut(Item.NAME_KANA, value, *bracket.span("in"))
    yield from _beside(folded[len(first) :], value[len(first) :], len(first))


_TWO_SCRIPTS = re.compile(
    rf"\s*(?P<a>[ァ-ヴーｦ-ﾟぁ-ん \u3000]+?)[ \u3000\n]+(?P<b>[{KANJI}][{KANJI}ぁ-んァ-ヴー \u3000]*)"
    rf"|\s*(?P<c>[{KANJI}][{KANJI} \u3000]*?)[ \u3000\n]+(?P<d>[ァ-ヴーｦ-ﾟ]{{2,}}[ァ-ヴーｦ-ﾟ \u3000]*)"
)


def _kanji_and_kana(text: str) -> Iterator[Piece]:
    """A reading that stands before or behind the name without brackets: ヤマダ タロウ 山田 太郎."""
    parts = _TWO_SCRIPTS.fullmatch(text)
    if parts and parts["a"] and len(parts["b"].replace(" ", "")) >= 3:
        yield _cut(Item.NAME, text, *parts.span("b"))
        yield _cut(Item.NAME_KANA, text, *parts.span("a"))
    elif parts and parts["c"] and len(parts["c"].replace(" ", "")) >= 3:
        yield _cut(Item.NAME, text, *parts.span("c"))
        yield _cut(Item.NAME_KANA, text, *parts.span("d"))
    elif text.strip():
        yield _cut(Item.NAME, text, 0, len(text))


def _is_kana(text: str) -> bool:
    return shapes.KANA_ONLY.fullmatch(text) is not None


def _beside(folded: str, value: str, offset: int) -> Iterator[Piece]:
    """A birth date and a sex that stand behind the name: 山田太郎（昭和23年4月6日生・男）."""
    date = shapes.DATE.search(folded)
    if date:
        yield Piece(Item.BIRTH_DATE, value[slice(*date.span())], offset + date.start(), offset + date.end())
    sex = _SEX_BEHIND.search(folded)
    if sex and not (choices.sex(value) is None and choices.offers_both(value)):
        yield Piece(Item.SEX, sex[1], offset + sex.start(1), offset + sex.end(1))


def _kana(value: str) -> Iterator[Piece]:
    stripped = re.sub(r"^[\s(（]+|[\s)）]+$", "", value)
    at = value.find(stripped)
    if _is_kana(stripped):
        yield Piece(Item.NAME_KANA, stripped, at, at + len(stripped))
        return
    yield from _kanji_and_kana(value) if any(_is_kana(word) for word in value.split()) else _name(value)


_DATE_LETTERS, _FIRST, _ERA_LETTERS = YEAR + MONTH + DAY, "".join(listed("first_years")), "".join(listed("eras"))
_BLANK_IN_DATE = re.compile(
    rf"(?<=[\d{_FIRST}{_DATE_LETTERS}]) +(?=[\d{_DATE_LETTERS}])|(?<=[{_ERA_LETTERS}]) +(?=[\d{_FIRST}])"
)


def _birth(value: str) -> Iterator[Piece]:
    text = choices.with_era(value)
    spaced = _BLANK_IN_DATE.sub("", fold(text))
    folded = fold(text)
    date = shapes.DATE.search(folded) or shapes.DATE.search(spaced) or shapes.CODED_DATE.search(folded)
    if date is None:
        if re.search(r"\d", folded) and len(folded) <= 20:
            yield _whole(Item.BIRTH_DATE, value)
        return
    inside = value.find(text[slice(*date.span())]) if date.string is folded else -1
    start, end = (inside, inside + len(date[0])) if inside >= 0 else (0, len(value))
    yield Piece(Item.BIRTH_DATE, value[start:end] if inside >= 0 else date[0], start, end)
    rest = folded[date.end() :] if date.string is folded else ""
    sex = _SEX_BEHIND.search(rest)
    if sex:
        yield Piece(Item.SEX, sex[1], start, end)


_LAST_CODE = re.compile(
    rf"(?<=[A-Za-z])[\s,]+(?:〒\s?)?(?P<code>\d{{3}}-\d{{4}})"
    rf"(?:[\s,]+(?:{any_of('country_names')}))?\s*$"
)
"""A postal code behind an address in Latin letters: 1-2-3 Marunouchi, Tokyo 100-0005."""

_PHONE_BEHIND = re.compile(rf"[\s(（]*(?:{any_of('opens_phone')})[\s:.]*(?P<number>[\d+(][\d() -]{{8,}})")


def _address(value: str) -> Iterator[Piece]:
    folded = fold(value)
    postal = re.match(rf"\s*[(（]?(?:{shapes.POSTAL.pattern}|〒\s?\d{{7}})\)?\s*", folded)
    start = postal.end() if postal else 0
    if postal:
        code = re.search(r"\d{3}-?\d{4}", postal[0])
        at = postal.start() + (code.start() if code else 0)
        yield Piece(Item.POSTAL_CODE, value[at : at + len(code[0])] if code else value, at, start)
    blank = re.match(r"\s*〒[\s-]*(?=\D)", folded)
    start = max(start, blank.end() if blank else 0)
    phone = _PHONE_BEHIND.search(folded[start:])
    stop = start + phone.start() if phone else len(value)
    last = _LAST_CODE.search(folded[start:stop]) if not postal else None
    if last:
        yield _cut(Item.POSTAL_CODE, value, start + last.start("code"), start + last.end("code"))
        stop = start + last.start()
    if value[start:stop].strip():
        yield _cut(Item.ADDRESS, value, start, stop)
    if phone:
        yield _cut(Item.PHONE, value, start + phone.start("number"), start + phone.end("number"))


def _postal(value: str) -> Iterator[Piece]:
    folded = fold(value)
    code = re.search(r"\d{3}\s?-?\s?\d{4}(?!\d)", folded)
    if code is None:
        return
    yield Piece(Item.POSTAL_CODE, value[slice(*code.span())], *code.span())
    if re.search(rf"[{KANJI}]{{2}}", folded[code.end() :]):
        yield _cut(Item.ADDRESS, value, code.end(), len(value))


def _phone(value: str) -> Iterator[Piece]:
    folded = fold(value)
    found = shapes.PHONE.search(folded) or shapes.PHONE_DIGITS.search(folded)
    if found:
        yield Piece(Item.PHONE, value[slice(*found.span())], *found.span())
    elif not shapes.EMAIL.search(folded) and re.search(r"\d{2}.*\d{4}", folded):
        yield _whole(Item.PHONE, value)
    mail = shapes.EMAIL.search(folded)
    if mail:
        yield Piece(Item.EMAIL, value[slice(*mail.span())], *mail.span())


def _mail(value: str) -> Iterator[Piece]:
    found = shapes.EMAIL.search(fold(value))
    if found:
        yield Piece(Item.EMAIL, value[slice(*found.span())], *found.span())


def _sex(value: str) -> Iterator[Piece]:
    chosen = choices.sex(value)
    if chosen is not None:
        at = max(value.find(chosen), 0)
        yield Piece(Item.SEX, chosen, at, at + 1)
    elif len(value.strip()) <= 8 and not choices.offers_both(value, near=False):
        yield _whole(Item.SEX, value)


def _number(pattern: re.Pattern[str], key: str) -> Callable[[str], Iterator[Piece]]:
    def read(value: str) -> Iterator[Piece]:
        folded = fold(value)
        found = shapes.CERTIFICATE.search(folded) if key != Item.MY_NUMBER else None
        if found:
            yield Piece(Item.CERTIFICATE_NUMBER, value[slice(*found.span())], *found.span())
        elif found := pattern.search(folded):
            yield Piece(key, value[slice(*found.span())], *found.span())
        else:
            yield _whole(key, value)

    return read


_READERS: Mapping[str, Callable[[str], Iterator[Piece]]] = {
    Item.NAME: _name,
    Item.NAME_KANA: _kana,
    Item.BIRTH_DATE: _birth,
    Item.ADDRESS: _address,
    Item.POSTAL_CODE: _postal,
    Item.PHONE: _phone,
    Item.EMAIL: _mail,
    Item.SEX: _sex,
    Item.BASIC_PENSION_NUMBER: _number(shapes.TEN, Item.BASIC_PENSION_NUMBER),
    Item.CERTIFICATE_NUMBER: _number(shapes.FOURTEEN, Item.CERTIFICATE_NUMBER),
    Item.MY_NUMBER: _number(shapes.TWELVE, Item.MY_NUMBER),
}


_LIKELY: Mapping[str, re.Pattern[str]] = {
    Item.NAME: re.compile(r"[^\d@:/]{2,60}"),
    Item.NAME_KANA: re.compile(r"[ァ-ヴーｦ-ﾟぁ-ん・･=\s\-]{2,60}"),
    Item.BIRTH_DATE: re.compile(rf".*\d.*|.*[{_FIRST}{''.join(listed('numerals'))}]{YEAR}.*"),
    Item.SEX: re.compile(
        rf"(?:[12]|{any_of('sex_letters', 'english_sexes')}|{_SEX_WORDS})(?:[.:]?\s?(?:{_SEX_WORDS}))?", re.IGNORECASE
    ),
    Item.POSTAL_CODE: re.compile(r"\D*\d{3}\s?-?\s?\d{4}\D*"),
    Item.ADDRESS: re.compile(r".*[^\W\d_a-zA-Z]{2}.*|(?=.*\d).*[A-Za-z]{3}.*"),
    Item.PHONE: re.compile(r"\D*(?:\d\D{0,2}){8,14}\D*"),
    Item.EMAIL: re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+"),
    Item.BASIC_PENSION_NUMBER: re.compile(r"\d{3,4}[- ]?\d{6}"),
    Item.CERTIFICATE_NUMBER: re.compile(r"\d{4}[- ]?\d{6}[- ]?\d{4}"),
    Item.MY_NUMBER: re.compile(r"\d{4}[- ]?\d{4}[- ]?\d{4}"),
}


def part_of(what: Meaning, text: str) -> str:
    """Which part of its item a text is: none where it is a whole number of its own (番号: 1234-567890)."""
    whole = what.key == Item.BASIC_PENSION_NUMBER and shapes.PENSION.fullmatch(fold(text).strip())
    return "" if whole else what.part


def may_be_name(text: str) -> bool:
    """Whether what stands behind 氏名 may be somebody's name: no sentence and no label."""
    return names.sureness(text) > 0 and known_label(text) is None


def likely(key: str, text: str) -> bool:
    """Whether a text may be what its key says, without asking for its normal form."""
    pattern = _LIKELY.get(key)
    return pattern is None or pattern.fullmatch(fold(text).strip()) is not None
