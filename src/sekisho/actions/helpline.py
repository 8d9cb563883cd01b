"""What a caller is asked and told: verified by what did not leak, answered as of a version of the leak master.

Pure: it knows neither the vault nor the register. What is told wrongly here is told to a person: "not affected" needs
that nothing exposes them, nobody who may be them is exposed, and nothing undecided or unread could be theirs.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

import polars as pl

from sekisho.countries import known, regions
from sekisho.countries.helpline import Helpline, Question
from sekisho.model import Item
from sekisho.wording import Text


class Answer(StrEnum):
    """What a caller is told."""

    AFFECTED = "affected"
    NOT_AFFECTED = "not_affected"
    CANNOT_TELL = "cannot_tell"
    IN_WRITING = "in_writing"  # to the address from before the leak
    IN_PERSON = "in_person"  # where there is no such address


class Caller(StrEnum):
    """Who calls. Only the person themselves can be answered on the telephone."""

    SELF = "self"
    GUARDIAN = "guardian"
    FAMILY = "family"
    FACILITY = "facility"
    OTHER = "other"


CALLERS: Mapping[Caller, Text] = {
    Caller.SELF: Text("the person themselves", "本人"),
    Caller.GUARDIAN: Text("a guardian or legal representative", "法定代理人（成年後見人など）"),
    Caller.FAMILY: Text("family without authority", "委任のない家族"),
    Caller.FACILITY: Text("a care facility", "介護施設など"),
    Caller.OTHER: Text("somebody else", "その他"),
}
ANSWERS: Mapping[Answer, Text] = {
    Answer.AFFECTED: Text("affected", "対象"),
    Answer.NOT_AFFECTED: Text("not affected", "対象外"),
    Answer.CANNOT_TELL: Text("cannot tell", "判明していない"),
    Answer.IN_WRITING: Text("answered in writing", "文書で回答"),
    Answer.IN_PERSON: Text("answered at an office", "窓口で回答"),
}


@dataclass(frozen=True, slots=True)
class Standing:
    """How one version of the leak master stands to a person. ``exposed``: it names them.

    ``alike``: it names somebody who may be them under another number. ``doubts``: what undecided or unread could be
    theirs. ``current``: False where a later version is on its way that nobody has held against what was told.
    """

    exposed: bool
    alike: bool = False
    doubts: Collection[object] = ()
    current: bool = True


def answer(standing: Standing) -> Answer:
    """Affected where they are named; not affected only where nothing at all speaks against it.

    >>> [str(answer(one)) for one in (Standing(True), Standing(False), Standing(False, doubts=["unread"]))]
    ['affected', 'not_affected', 'cannot_tell']
    """
    if standing.exposed:
        return Answer.AFFECTED
    unsure = standing.alike or standing.doubts or not standing.current
    return Answer.CANNOT_TELL if unsure else Answer.NOT_AFFECTED


@dataclass(frozen=True, slots=True)
class Check:
    """The ``questions`` for one caller, one at least; ``bits`` of these and what was given; whether they are enough."""

    questions: tuple[Question, ...]
    bits: int
    enough: bool


def check(
    helpline: Helpline,
    known_of: Mapping[str, str],
    leaked: Collection[str],
    given: Collection[str] = (),
    of_others: Collection[str] = (),
) -> Check:
    """What to ask a person of whom the register knows some values, and some items ``leaked``.

    ``given``: values by which they were found, which count where they did not leak. What leaked of nobody
    (``of_others``: items of anybody) is asked first: then the questions tell nobody what leaked of this person. Else in
    the order of the country's list.
    """
    usable = [one for one in helpline.questions if known_of.get(one.of) and one.worthless.isdisjoint(leaked)]
    groups = {one.group: one.bits for one in usable if one.of in given}
    asked: list[Question] = []
    for one in sorted(usable, key=lambda one: not one.worthless.isdisjoint(of_others)):
        if one.group not in groups and not (asked and _is_enough(helpline, groups)):
            groups[one.group] = one.bits
            asked.append(one)
    enough = bool(asked) and _is_enough(helpline, groups)
    return Check(tuple(asked) if enough else (), sum(groups.values()), enough)


def _is_enough(helpline: Helpline, groups: Mapping[str, int]) -> bool:
    return sum(groups.values()) >= helpline.needed_bits and len(groups) >= helpline.needed_questions


def passes(questions: Sequence[Question], known_of: Mapping[str, str], answers: Sequence[str]) -> bool:
    """Whether every question is answered, and rightly. Which one is wrong is told to nobody."""
    pairs = list(zip(questions, answers, strict=False))
    right = [_HOW[one.how](known_of[one.of], said) for one, said in pairs]
    return bool(questions) and len(right) == len(questions) and all(right)


def script(helpline: Helpline, keys: Sequence[str], version: int = 0, day: str = "") -> list[Text]:
    """What the operator says, a paragraph each."""
    return [helpline.script[key].fill(version=version, day=day) for key in keys]


def _plain(text: str) -> str:
    return "".join(unicodedata.normalize("NFKC", text).casefold().split())


def _digits(held: str, said: str) -> bool:
    own, other = (("".join(letter for letter in _plain(text) if letter.isdecimal())) for text in (held, said))
    return len(own) > 0 and own == other


def _normal(item: Item, text: str) -> str | None:
    value: str | None = known.normalise(item, pl.Series([text], dtype=pl.String))[0]
    return value


def _day(held: str, said: str) -> bool:
    own = _normal(Item.BIRTH_DATE, held)
    return own is not None and own == _normal(Item.BIRTH_DATE, said)


def _month(held: str, said: str) -> bool:
    """A month, or any day of it."""
    own, other = (_normal(Item.BIRTH_DATE, text if _has_day(text) else f"{text.strip()}-01") for text in (held, said))
    other = other or _normal(Item.BIRTH_DATE, f"{said.strip()}1日")
    return own is not None and other is not None and own[:7] == other[:7]


def _has_day(text: str) -> bool:
    return _normal(Item.BIRTH_DATE, text) is not None and not (_normal(Item.BIRTH_DATE, text) or "").endswith("?")


def _name(held: str, said: str) -> bool:
    own, other = _plain(held), _plain(said)
    return bool(own) and other in {own, *map(_plain, held.split())}


def _place(held: str, said: str) -> bool:
    """The same place to the house number; people leave out the region, and the building."""
    own, other = _house(held), _house(said)
    return own is not None and own == other


def _house(address: str) -> tuple[str, str] | None:
    """What stands before the numbers, and these; None where no number is said."""
    text = _KANJI.sub(_digit, _plain(_normal(Item.ADDRESS, address) or address)).translate(_GA)
    for start in regions.residences():
        text = text.removeprefix(_plain(start))
    found = _NUMBERED.match(_BETWEEN.sub("-", text))
    return (found[1], re.sub("-+", "-", found[2]).strip("-")) if found else None


_BETWEEN = re.compile("丁目|番地の?|番|号|(?<=\\d)の(?=\\d)|[-‐‑–—−ー]+(?=\\d)")
_NUMBERED = re.compile(r"(?:大字|字)?([^\d]+)(\d+(?:-+\d+)*-*)")
_KANJI = re.compile("[一二三四五六七八九](?=丁目)")
_GA = str.maketrans(dict.fromkeys("ヶケヵガ", "が"))


def _digit(found: re.Match[str]) -> str:
    return str("一二三四五六七八九".index(found[0]) + 1)


_HOW = {"digits": _digits, "day": _day, "month": _month, "name": _name, "place": _place}
