"""What a form's labels say, and whether they speak of a person, of the office or of nobody (a sample)."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, replace

from sekisho.countries.headers import Meaning, Whose, listed, normal
from sekisho.countries.speech import any_of
from sekisho.model import Item
from sekisho.records import shapes
from sekisho.records.bodies import sample_names
from sekisho.records.mentions import Mention, Sheaf
from sekisho.records.shapes import fold
from sekisho.records.sheet import OFFICES, Cell, Sheet, is_clerks, section_of


@dataclass(frozen=True, slots=True)
class Entry:
    """A label at its cell and the items that it names; ``cells``: where their values stand."""

    row: int
    column: int
    label: str
    meaning: Meaning
    mentions: list[Mention]
    cells: tuple[tuple[int, int], ...]


_CONTACT_POINT = re.compile(any_of("contact_points"))
_CONTACT = {Item.PHONE, Item.EMAIL, Item.ADDRESS, Item.POSTAL_CODE, Item.NAME}


def is_offices(sheet: Sheet, entry: Entry) -> bool:
    """Whether a name, address or phone is the clerk's or the office's: beside a fax number or the clerk's label."""
    if _CONTACT_POINT.search(entry.label):
        return True
    if not any(m.key in _CONTACT for m in entry.mentions) or entry.meaning.whose is Whose.OFFICE:
        return False
    row = sheet.rows.get(entry.row, [])
    if not any(m.key == Item.NAME for m in entry.mentions):
        if any(shapes.FAX.search(fold(cell.text)) for cell in row):
            return True
        if (entry.row, entry.column) in entry.cells and _under_an_office(sheet, entry):
            return True
    named = [c for c in row if c.column < entry.column and c.speaks]
    return bool(named) and (_is_clerks(named[-1]) or _CONTACT_POINT.search(named[-1].text) is not None)


def _is_clerks(cell: Cell) -> bool:
    return is_clerks(cell.meaning) or any(is_clerks(pair.meaning) for pair, _ in cell.inside)


def _under_an_office(sheet: Sheet, entry: Entry) -> bool:
    """A letterhead: the office's name stands in the cell or right above it, and nobody's name is near."""
    near = [c for c in sheet.texts(entry.row - 2, entry.row) if abs(c.column - entry.column) <= 1]
    personal = any(c.meaning is not None and c.meaning.key in (Item.NAME, Item.NAME_KANA) for c in near)
    return not personal and any(not c.meaning and shapes.OFFICE.search(fold(c.text)) for c in near)


def sections(sheet: Sheet, entries: Iterable[Entry]) -> list[Entry]:
    """The entries, each with the group of the section that it stands in."""
    heads = [
        (cell.row, cell.column, section)
        for row in sheet.rows.values()
        for cell in row
        if not cell.inside and (cell.meaning is None or not cell.meaning.key)
        if (section := section_of(cell.text)) is not None
    ]
    entries = _after_relatives(entries)
    if not heads:
        return entries
    taken = {at for entry in entries for at in entry.cells}
    taken |= {(entry.row, entry.column) for entry in entries}
    heads = [head for head in heads if (head[0], head[1]) not in taken]
    return [_in_section(entry, heads) for entry in entries]


_OF_RELATIVES = _CONTACT | {Item.BIRTH_DATE, Item.SEX, Item.NAME_KANA}


def _after_relatives(entries: Iterable[Entry]) -> list[Entry]:
    """保護者氏名 | 鈴木一郎 | 電話 | 090-...: what follows a relative's or employer's name in its row is theirs."""
    found: list[Entry] = []
    row, group = -1, ""
    for entry in entries:
        own = next((m.group for m in entry.mentions if m.group), "")
        office = entry.meaning.whose is Whose.OFFICE
        named = office or any(m.key == Item.NAME for m in entry.mentions)
        if entry.row != row or named:
            row, group = entry.row, OFFICES if office else own if named else ""
        theirs = group and not own and all(m.key in _OF_RELATIVES for m in entry.mentions)
        found.append(replace(entry, mentions=[replace(m, group=group) for m in entry.mentions]) if theirs else entry)
    return found


def _in_section(entry: Entry, heads: list[tuple[int, int, str]]) -> Entry:
    above = [h for h in heads if h[0] <= entry.row and h[1] <= entry.column]
    if not above or entry.meaning.group:
        return entry
    group = max(above, key=lambda h: (h[0], h[1]))[2]
    return replace(entry, mentions=[replace(m, group=group) for m in entry.mentions])


def is_sample_name(text: str) -> bool:
    """Whether a name is that of the person whom samples show: 年金太郎."""
    bare = "".join(unicodedata.normalize("NFKC", text).split()).casefold()
    return bare in sample_names(maybe=False)


_SAMPLE = re.compile(any_of("sample_marks"), re.IGNORECASE)
_REFERS = re.compile(any_of("refers"), re.IGNORECASE)
_REACH = 5


def is_sample(sheet: Sheet, name: str, sheaf: Sheaf) -> bool:
    """Whether a form shows how to fill it in: the sheet or a cell on or over it says so, or the name is invented."""
    if _SAMPLE.search(name):
        return True
    named = sheaf.value(Item.NAME) or sheaf.value(Item.NAME_KANA)
    if named and is_sample_name(named.text):
        return True
    top, left, bottom, right = sheaf.box()
    for cell in sheet.texts(top - _REACH, bottom):
        if (
            marks_sample(cell.text)
            and (left - 3 <= cell.column <= right + 3)
            and not _other_between(sheet, cell, sheaf)
        ):
            return True
    return False


def marks_sample(text: str) -> bool:
    """Whether a line or cell says that what follows is a sample to copy."""
    bare = normal(text)
    if bare in listed("samples"):
        return True
    return len(bare) <= 14 and bool(_SAMPLE.search(text)) and not _REFERS.search(text)


def _other_between(sheet: Sheet, marker: Cell, sheaf: Sheaf) -> bool:
    """Whether another form's labels stand between the mark and this form."""
    top, left, _, right = sheaf.box()
    between = [c for c in sheet.texts(marker.row, top - 1) if left <= c.column <= right]
    return sum(1 for c in between if c.speaks) >= 2
