"""A text in its parts: paragraphs, list items, quotes, letterheads and signatures."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from sekisho.countries.scripts import KANJI, KATAKANA
from sekisho.countries.speech import any_of
from sekisho.model import Item
from sekisho.records import names, shapes
from sekisho.records.labels import known_label, pairs
from sekisho.records.shapes import fold

_QUOTE = re.compile(r"^\s*((?:[>＞|｜]\s?)+)")
_RULE = re.compile(r"[\s\-=_*＊─━＝‐―－~〜・.#■□◆◇+＋┌┐└┘├┤┬┴┼│┃|]{3,}")
_BULLET = re.compile(
    r"\s*(?:[・●○■□◆◇▼▽※*►▶✓◎•‣]|[-–—](?=\s)|[(（]?\d{1,3}[)）.．、:：](?!\d)|[①-⑳]|No\.?\s?\d+|[(（][ア-ンa-z][)）])\s*"
)
_HEADER = re.compile(rf"\s*(?:{any_of('mail_headers')})\s*[:：]", re.IGNORECASE)
_HONOURED = re.compile(rf"[{KANJI}{KATAKANA}ぁ-ん][ 　]{{0,3}}(?:{names.HONORIFICS})|\b(?:{any_of('greetings')})\b")
_TO_NOBODY = re.compile(any_of("to_nobody"))


@dataclass(slots=True)
class Unit:
    """Lines that belong together, by their index; ``quoted``: how deep they are quoted; ``office``: whose they are."""

    lines: list[int] = field(default_factory=list)
    quoted: int = 0
    office: bool = False
    gap_before: bool = True


_MOST_LINES, _MOST_LETTERS = 40, 4000  # of a unit: nobody is spoken of longer


def depth(line: str) -> tuple[int, int]:
    """How deep a line is quoted, and where its own text begins."""
    mark = _QUOTE.match(line)
    if mark is None or ("|" in mark[1] and line.count("|") > 1):
        return 0, 0
    return sum(char in ">＞|｜" for char in mark[1]), mark.end()


def is_rule(line: str) -> bool:
    """Whether a line is blank or only drawn: -----."""
    return not line.strip() or _RULE.fullmatch(line) is not None


def is_mail_header(line: str) -> bool:
    """From:, To: and their kin: who writes to whom is no record of a client."""
    return _HEADER.match(line) is not None


def units(lines: Sequence[str], wanted: Sequence[int]) -> list[Unit]:
    """The parts of a text, of the lines in ``wanted`` (ascending)."""
    found: list[Unit] = []
    unit = Unit()
    last, size = -2, 0
    for index in wanted:
        quoted, start = depth(lines[index])
        text = lines[index][start:]
        apart = is_rule(text)
        large = len(unit.lines) >= _MOST_LINES or size > _MOST_LETTERS
        if unit.lines and (apart or large or quoted != unit.quoted or index != last + 1 or _begins_item(text)):
            found.append(unit)
            unit = Unit(gap_before=apart or quoted != unit.quoted)
            size = 0
        last = index
        unit.quoted = quoted
        if not apart:
            unit.lines.append(index)
            size += len(text)
    if unit.lines:
        found.append(unit)
    return [part for one in found for part in _without_office(lines, one)]


_COUNTED = re.compile(r"\s*\d{1,3}[ \u3000]+")
_PARTY = re.compile(rf"\s*(?:{any_of('parties')})[ \u3000:：]")


def begins_party(text: str) -> bool:
    """Whether a line opens the part of one party to a contract: 甲, 乙."""
    return _PARTY.match(text) is not None


def begins_line(text: str, at: int) -> bool:
    """Whether nothing but a bullet or a drawn mark stands before a position."""
    before = text[:at]
    bullet = _BULLET.match(before) or _COUNTED.match(before)
    return not before[bullet.end() if bullet else 0 :].strip(" \u3000\t|│┃【[（(<＜「*")


def _begins_item(text: str) -> bool:
    return _BULLET.match(text) is not None or begins_party(text)


def _without_office(lines: Sequence[str], unit: Unit) -> list[Unit]:
    """A unit cut where an office's own lines begin: its name, address and phone under an addressee."""
    own: list[int] = []
    offices: list[int] = []
    for index in unit.lines:
        text = fold(lines[index])
        if _HONOURED.search(text) and not _TO_NOBODY.search(text):
            own.extend(offices)
            offices = []
            own.append(index)
        elif offices and (_SENTENCE.search(text) or _is_persons(text)):
            own.append(index)  # below a letterhead the letter goes on
        elif offices or _opens_office(text):
            offices.append(index)
        else:
            own.append(index)
    parts = [Unit(own, unit.quoted, False, unit.gap_before)] if own else []
    if offices:
        parts.append(Unit(offices, unit.quoted, True, unit.gap_before and not own))
    return parts


_SENTENCE = re.compile(f"。|{any_of('sentence_ends', 'told_ends')}")


_PERSONAL = frozenset(
    (
        Item.NAME, Item.NAME_KANA, Item.BASIC_PENSION_NUMBER, Item.CERTIFICATE_NUMBER, Item.MY_NUMBER,
        Item.BIRTH_DATE, Item.SEX,
    )
)  # fmt: skip


def _is_persons(text: str) -> bool:
    """Whether a line says, by its label, what no letterhead says: a number, a birth date."""
    return any(pair.meaning.is_item and pair.meaning.key in _PERSONAL for pair in pairs(text))


def _opens_office(text: str) -> bool:
    """A line that is an office's name or contact, not a sentence and not a person's labelled item."""
    if not (shapes.OFFICE.search(text) or shapes.FAX.search(text)) or _SENTENCE.search(text):
        return False
    head = re.match(r"\s*([^:：\s]{1,16})\s*[:：]", text)
    what = known_label(head[1]) if head else None
    return what is None or not what.is_item
