"""What a header or a label says: which item, which part of it, and whose."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import cache, lru_cache

from sekisho.countries import known


class Whose(StrEnum):
    """Whom the value under a header belongs to."""

    SUBJECT = ""  # the person that the record is about
    RELATIVE = "relative"  # another person: `Meaning.group` says who
    OFFICE = "office"  # an employer, a school, the body itself: kept under ``other``
    CLERK = "clerk"  # who did the work, and when: no item at all
    RUNNING = "running"  # a row number: no item at all
    THING = "thing"  # rows of this table are things, not persons


@dataclass(frozen=True, slots=True)
class Meaning:
    """``key``: an `Item`, a key under ``other``, or empty where the label names none that we know.

    ``part``: empty for the whole, else the part of it that stands here (``family``, ``given``, ``first``,
    ``second``, ``third``, ``era``, ``year``, ``month``, ``day``, ``prefecture``, ``city``, ``street``,
    ``building``). ``group``: which person, where several stand in one row (配偶者, 2), empty for the subject.
    """

    key: str = ""
    part: str = ""
    whose: Whose = Whose.SUBJECT
    group: str = ""

    @property
    def is_item(self) -> bool:
        """Whether it names a known item of a person."""
        return bool(self.key) and self.whose in (Whose.SUBJECT, Whose.RELATIVE)


UNKNOWN = Meaning()
_AROUND = re.compile(r"[\s　*※★☆●○◎■□▲△▼▽◆◇・:：;。、,.'\"“”‘’_＿\-‐–—/|=~!?#<>«»♯+]+")
_BRACKETS = re.compile(r"[(\[{「『【〈《〔][^()\[\]{}「」『』【】〈〉《》〔〕]*[)\]}」』】〉》〕]")


@lru_cache(maxsize=65536)
def normal(label: str) -> str:
    """A label in the form that header words are held in: NFKC, lower case, no blanks, brackets or ornaments.

    >>> normal("※ 氏　名（カナ）")
    '氏名カナ'
    """
    text = unicodedata.normalize("NFKC", label).casefold()
    return _AROUND.sub("", re.sub(r"[()\[\]{}「」『』【】〈〉《》〔〕]", "", text))


def without_brackets(label: str) -> str:
    """The label without what stands in brackets: 氏名(漢字) -> 氏名."""
    return _BRACKETS.sub("", unicodedata.normalize("NFKC", label))


@cache
def _words() -> dict[str, Meaning]:
    """Header word -> what it means, of every country."""
    return dict(_each_word())


def _each_word() -> Iterator[tuple[str, Meaning]]:
    for one in known.identifiers():
        for word in one.headers:
            yield normal(word), Meaning(one.item)
        for word, part in one.parts.items():
            yield normal(word), Meaning(one.item, part)


@lru_cache(maxsize=65536)
def meaning(label: str) -> Meaning:
    """What ``label`` as written says. `UNKNOWN` where it says nothing that we know."""
    for text in (normal(label), normal(without_brackets(label))):
        found = _words().get(text)
        if found:
            return found
    return UNKNOWN
