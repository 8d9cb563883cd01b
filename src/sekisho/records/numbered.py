"""0843-594181 森永 花月（昭和57年9月25日生）: between a number and a birth date a name stands, whatever it is."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from sekisho.countries.headers import is_word
from sekisho.countries.scripts import KANJI
from sekisho.countries.speech import any_of, letters, listed
from sekisho.model import Item
from sekisho.records import names, shapes
from sekisho.records.labels import known_label
from sekisho.records.names import NameSpan
from sekisho.records.spoken import Find, is_birth, is_of_thing

_LETTER = rf"{KANJI}〓\ue000-\uf8ffぁ-ゖゝゞァ-ヺーヽヾｦ-ﾟA-Za-zÀ-ɏ"
_KANA = rf"(?:{shapes.KANA.pattern})"
_AND = r"[、,・/ ]{1,3}"
_DATE = re.compile(f"{shapes.DATE.pattern}|{shapes.CODED_DATE.pattern}")
_NAMED = re.compile(
    rf"(?:{any_of('possessives', 'particles')}|[ \t:,、・/|)\]】]{{0,4}})"
    rf"(?P<name>[{_LETTER}][{_LETTER}'’.,・･= -]{{0,38}}?[{_LETTER}.])"
    rf" {{0,3}}(?:{names.HONORIFICS})? {{0,3}}(?:[(\[<] ?{_KANA} ?[)\]>] ?)?"
    rf"(?:(?P<bracket>[(\[<〔【〈]) ?|[ 、,・/:]{{1,3}})(?:{_KANA}{_AND})?(?:(?:{any_of('sex_words', 'sexes')}){_AND})?"
    rf"(?:(?i:{any_of('before_birth_date')})[ :]{{0,2}})?(?={_DATE.pattern})"
)
_LED = re.compile(
    rf"(?:{any_of('leads', 'relations')})(?:{any_of('possessives')})?[ :]*|.*(?:{any_of('particles')})(?=[{KANJI}])"
)
_WORD_ENDS = letters("body_ends")
_NOBODY = frozenset(listed("nobody"))
_NO_NAME = re.compile(any_of("no_names", "done_on_a_day"))
_SURE, _UNSURE = 0.85, 0.6
_SHORTEST, _FARTHEST = 2, 80


@dataclass(frozen=True, slots=True)
class Numbered:
    """The ``name`` behind a number, and the items beside it that nothing else tells."""

    name: NameSpan
    finds: tuple[Find, ...]


def numbered(text: str, finds: Iterable[Find]) -> Iterator[Numbered]:
    """The names in a line (folded) that stand so; ``finds``: the items that it says otherwise.

    A date that nothing calls one of birth counts in brackets behind a pension number only, and behind no word for what
    is done.
    """
    told = {find.start: find for find in finds}
    for number in shapes.TEN.finditer(text):
        behind = _NAMED.match(text, number.end(), number.end() + _FARTHEST)
        date = _DATE.match(text, behind.end()) if behind else None
        if behind and date and (behind["bracket"] or is_birth(text, date)):
            yield from _told(text, number, _bare(text, *behind.span("name")), date, told)


def _told(
    text: str, number: re.Match[str], name: tuple[int, int], date: re.Match[str], told: Mapping[int, Find]
) -> Iterator[Numbered]:
    is_sure = is_birth(text, date)
    is_pension = number.start() in told or (is_sure and not is_of_thing(text, number.start()))
    if not (is_sure or is_pension) or not _may_be_called(text[slice(*name)], is_sure=is_sure):
        return
    more = []
    if is_pension and number.start() not in told:
        more.append(Find(Item.BASIC_PENSION_NUMBER, *number.span(), "beside a name", alone=False))
    if date.start() not in told:
        more.append(Find(Item.BIRTH_DATE, *date.span(), "a date beside a name", alone=is_sure, sure=0.8))
    named = told.get(number.start())
    sure = _SURE if is_sure or (named and named.alone) else _UNSURE
    yield Numbered(NameSpan(*name, sure, "between a number and a birth date"), tuple(more))


def _bare(text: str, start: int, end: int) -> tuple[int, int]:
    """Without what is said before a name: 被保険者の, 妻."""
    led = _LED.match(text, start, end)
    is_led = led is not None and led.end() - start >= _SHORTEST and end - led.end() >= _SHORTEST
    return (led.end() if led and is_led else start), end


def _may_be_called(name: str, *, is_sure: bool) -> bool:
    bare = "".join(name.split())
    if len(bare) < _SHORTEST or bare in _NOBODY or is_word(name):
        return False
    return is_sure or not (_NO_NAME.search(bare) or shapes.OFFICE.search(name) or known_label(name))


def beside(spans: Iterable[NameSpan], text: str, name: NameSpan) -> Iterator[NameSpan]:
    """The names found otherwise, with this one in the place of those that it overlaps.

    Of 加入者山田太郎 the name stays that is known; 森 of 椥辻森 does not.
    """
    kept = name
    for span in spans:
        if span.end <= name.start or name.end <= span.start:
            yield span
        elif span.end == name.end and _ends_a_word(text[name.start : span.start]):
            kept = NameSpan(span.start, span.end, max(span.sure, name.sure), span.why)
        elif (span.start, span.end) == (name.start, name.end) and span.sure > name.sure:
            kept = span
    yield kept


def _ends_a_word(before: str) -> bool:
    return len(before) >= _SHORTEST and before[-1] in _WORD_ENDS
