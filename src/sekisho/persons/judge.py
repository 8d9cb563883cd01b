"""Says in which items two persons known from records disagree."""

from __future__ import annotations

from collections.abc import Iterable

from sekisho.countries.compare import Level
from sekisho.model import Item


def conflicts(
    *,
    name: Level | None = None,
    kana: Level | None = None,
    birth: Level | None = None,
    sexes_differ: bool = False,
    numbers_differ: bool = False,
) -> str:
    """The items that disagree, comma-joined, in the order of `Item`."""
    disagreeing = (
        (Item.BASIC_PENSION_NUMBER, numbers_differ),
        (Item.NAME, name in (Level.ALIKE, Level.DIFFER)),
        (Item.NAME_KANA, kana in (Level.ALIKE, Level.DIFFER)),
        (Item.BIRTH_DATE, birth in (Level.ALIKE, Level.DIFFER)),
        (Item.SEX, sexes_differ),
    )
    return in_order(item for item, differs in disagreeing if differs)


def in_order(items: Iterable[str]) -> str:
    """Items comma-joined in the order of `Item`."""
    there = set(items)
    return ",".join(item for item in Item if item in there)
