"""Letters as PDF: one A4 for each person, in Japanese or English, in large print where they need it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any

from sekisho.countries.letters import wording
from sekisho.report.code128 import bars
from sekisho.report.typeset import Press
from sekisho.wording import Text

MANY = 5
"""Items beyond which it is measured whether the page takes them."""


@dataclass(frozen=True, slots=True)
class Words:
    """What only the house can say: who it is, where it is asked, and what happened.

    ``sender``: the lines of its address; ``happened``: paragraphs.
    """

    organisation: Text
    helpline: str
    hours: Text
    sender: tuple[Text, ...] = ()
    happened: tuple[Text, ...] = ()


@dataclass(frozen=True, slots=True)
class Letter:
    """One letter. ``control``: its number as people read it; ``face``: as the machine does, digits; ``size``: of the
    recipient, in points; ``family``: a font that has every glyph of it; ``items``: names of them, as the leak master
    has them; ``more``: whether an earlier letter said less; ``paid``: whether a pension is known to be paid;
    ``version``: of the leak master that it tells of.
    """

    control: str
    face: str
    name: str
    postal_code: str
    address: str
    size: float
    family: str
    items: tuple[str, ...]
    large: bool = False
    more: bool = False
    paid: bool = False
    version: int = 0


def pdf(letters: Iterable[Letter], words: Words, language: str, day: date, at: datetime, *, tags: bool = True) -> bytes:
    """The letters in one language, a page each, dated ``day``; ``at``: when they were made, for the same bytes again.

    Raises MissingPartError.
    """
    return _press().pdf(values(letters, words, language, day), tags=tags, at=at)


def values(letters: Iterable[Letter], words: Words, language: str, day: date) -> dict[str, Any]:
    """What the template is given."""
    known = wording()
    say = dict(known.say[language])
    say["dated"] = say["dated"].format(year=day.year, month=day.month, day=day.day)
    say |= {
        "sender": [_in(line, language) for line in words.sender],
        "helpline": words.helpline,
        "hours": _in(words.hours, language),
        "happened": [_in(one, language) for one in words.happened],
    }
    return {
        "title": say["title"],
        "author": _in(words.organisation, language),
        "language": language,
        "say": say,
        "sheet": known.sheet,
        "points": known.points,
        "usual": _usual(say, known.items[language]),
        "letters": [_letter(one, say, known.items[language]) for one in letters],
    }


def named(items: Sequence[str], names: Mapping[str, str], other: str) -> list[str]:
    """What items are called, each once; whatever has no name is one of the ``other`` entries, which come last."""
    known = [names[item] for item in items if item in names]
    return list(dict.fromkeys(known)) + [other] * any(item not in names for item in items)


def _usual(say: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    """The body of a letter that says as much as one of a few items can."""
    longest = sorted(names.values(), key=len)[-MANY:]
    return {"items": say["between"].join(longest), "more": False, "paid": True}


def _letter(one: Letter, say: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    return {
        "control": one.control,
        "face": f"{one.face}  v{one.version}",
        "bars": bars(one.face),
        "name": one.name,
        "postal": f"〒{one.postal_code}" if one.postal_code else "",
        "address": one.address,
        "size": one.size,
        "family": one.family,
        "items": say["between"].join(named(one.items, names, say["other"])),
        "large": one.large,
        "much": len(one.items) > MANY or one.more,
        "more": one.more,
        "paid": one.paid,
    }


def _in(said: Text, language: str) -> str:
    return said.ja if language == "ja" else said.en


@cache
def _press() -> Press:
    return Press("letter")
