"""Whether the rows of a table are persons: what its columns, its title and its neighbours say."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from sekisho.countries.headers import Whose, normal
from sekisho.countries.speech import any_of
from sekisho.model import Item
from sekisho.records import callings
from sekisho.records.block import NATIONAL_ID, NUMBERS
from sekisho.records.columns import Column

_STAFF_TITLE = re.compile(any_of("staff_titles"))
_STAFF_LABEL = re.compile(any_of("staff_labels"))
_ACCOUNT = re.compile(any_of("accounts"))
_REACH = {Item.NAME, Item.NAME_KANA, Item.PHONE, Item.EMAIL}
_NAMES = {Item.NAME, Item.NAME_KANA}
_PERSONAL = {Item.BIRTH_DATE, Item.SEX, Item.ADDRESS, Item.POSTAL_CODE, Item.NAME_KANA, Item.MY_NUMBER}


@dataclass(frozen=True, slots=True)
class Verdict:
    """``persons``: whether rows are records; ``confidence``: 0..1; ``doubt``: whether a human should look."""

    persons: bool
    confidence: float = 0.0
    doubt: bool = False


NOTHING = Verdict(persons=False)


def judge(columns: Sequence[Column], title: str) -> Verdict:
    """What the named columns of one person make of a table. ``title``: what stands above it and the sheet's name."""
    items = {c.key for c in columns if c.is_known or c.key == NATIONAL_ID}
    sure = min((c.sure for c in columns if c.key in items and c.key in (*NUMBERS, *_NAMES)), default=0.0)
    if items & {*NUMBERS, NATIONAL_ID}:
        return Verdict(persons=True, confidence=_numbered(columns, items))
    if not items & _NAMES:
        bodies = any(c.whose in (Whose.OFFICE, Whose.THING) for c in columns)
        return Verdict(persons=False, doubt=len(items & _PERSONAL) >= 2 and not bodies)
    bodies = any(c.whose in (Whose.OFFICE, Whose.THING) for c in columns) or _are_branches(columns)
    if Item.NAME not in items and bodies and not items & (_PERSONAL - {Item.ADDRESS, Item.NAME_KANA}):
        return Verdict(persons=False, doubt=True)
    if _is_office_list(columns, items, title):
        return Verdict(persons=False, doubt=True)
    if _things(columns) >= 2 and not items & (_PERSONAL - {Item.ADDRESS}):
        return Verdict(persons=False, doubt=True)
    if not items - {Item.NAME, Item.ADDRESS, Item.POSTAL_CODE, Item.PHONE, Item.EMAIL} and _may_be_things(columns):
        return Verdict(persons=False, doubt=True)
    if not items - _NAMES and _things(columns) and not _are_persons(columns):
        return Verdict(persons=False, doubt=True)
    if sure < 0.8 and not items & _PERSONAL:
        return Verdict(persons=False, doubt=True)
    if len(items - _NAMES) == 0 and Item.NAME_KANA not in items:
        return Verdict(persons=sure >= 0.8, confidence=0.7, doubt=sure < 0.8)
    return Verdict(persons=True, confidence=min(0.95, sure))


def _may_be_things(columns: Sequence[Column]) -> bool:
    """Whether what is called by the bare word "name" is not surely persons: hotels, countries, goods."""
    called = [c for c in columns if c.key == Item.NAME and not c.part]
    return bool(called) and all(callings.is_of_things_too(c.label) for c in called) and not _are_persons(called)


def _are_persons(columns: Sequence[Column]) -> bool:
    """Whether whole names of persons stand in a column, or their parts in several."""
    called = [c for c in columns if c.key == Item.NAME]
    return any(c.part or callings.are_persons(c.values) for c in called)


def _numbered(columns: Sequence[Column], items: set[str]) -> float:
    sure = max(c.sure for c in columns if c.key in (*NUMBERS, NATIONAL_ID))
    return max(0.3, min(1.0, sure) - (0.3 if _things(columns) >= 2 and len(items) == 1 else 0.0))


def _are_branches(columns: Sequence[Column]) -> bool:
    """Banks and branches, and nobody's account."""
    bank = [normal(c.label) for c in columns if c.key == "bank_account"]
    return bool(bank) and not any(map(_ACCOUNT.search, bank))


def _things(columns: Sequence[Column]) -> int:
    return sum(c.whose is Whose.THING for c in columns)


def _is_office_list(columns: Sequence[Column], items: set[str], title: str) -> bool:
    """Colleagues and how to reach them at work: nothing but names, phones and mail beside departments."""
    if items - _REACH:
        return False
    rest = [c for c in columns if c.label and c.key not in items and c.whose is not Whose.RUNNING]
    staff = [c for c in rest if _STAFF_LABEL.search(normal(c.label))]
    office = [c for c in rest if c in staff or c.whose in (Whose.OFFICE, Whose.CLERK)]
    phones = [c for c in columns if c.key == Item.PHONE]
    extension = any(_STAFF_LABEL.search(normal(c.label)) for c in phones)
    if extension or (staff and len(office) * 2 >= len(rest)):
        return True
    return bool(_STAFF_TITLE.search(normal(title))) and len(office) == len(rest)
