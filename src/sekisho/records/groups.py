"""Which person a column is about where several stand in one row: a spouse, a second child, the next of the list."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from sekisho.countries.headers import Whose, normal
from sekisho.countries.scripts import KANJI
from sekisho.model import Item
from sekisho.records import evidence
from sekisho.records.columns import IDENTITY, SECOND, Column


def grouped(columns: Sequence[Column]) -> list[Column]:
    """The columns with the person that each is about; of two for the same item of a person one keeps it."""
    columns = _again(_numbered(_after_relatives(_same_groups(_in_roles(columns)))))
    columns = _only_clerks(_only_relatives(columns))
    columns = _one_relative(columns)
    identified = {c.group for c in columns if c.group and c.key in IDENTITY}
    enough = {g for g in identified if sum(c.group == g and bool(c.key) for c in columns) > 1}
    return _single([c if not c.group or c.group in enough else _beside_subject(c) for c in columns])


def _in_roles(columns: Sequence[Column]) -> list[Column]:
    """契約者氏名, 契約者住所, 被保険者氏名, 被保険者住所: a person for each role, the first is the subject."""
    named = [c for c in columns if c.key == Item.NAME and c.part in ("", "family") and not c.group]
    others = {c.said.role for c in named[1:]} - {c.said.role for c in named[:1]} - {""}
    return [replace(c, group=c.said.role) if c.said.role in others and not c.group else c for c in columns]


def _same_groups(columns: Sequence[Column]) -> list[Column]:
    """緊急 (連絡先電話) and 緊急連絡先 (氏名) are one person; 子 and 子2 are not."""
    groups = sorted({c.group for c in columns if c.group}, key=len, reverse=True)
    whole = {
        g: next((w for w in groups if len(g) > 1 and w.startswith(g) and not w[len(g) :].isdigit()), g) for g in groups
    }
    return [replace(c, group=whole.get(c.group, c.group)) for c in columns]


def _one_relative(columns: Sequence[Column]) -> list[Column]:
    """妻氏名 beside 配偶者生年月日: a relative with nothing but a name and one without any are the same person."""
    groups = {c.group for c in columns if c.group and c.key}
    named = {c.group for c in columns if c.group and c.key in IDENTITY}
    bare = [g for g in named if all(c.key in IDENTITY for c in columns if c.group == g)]
    if len(bare) != 1 or len(groups - named) != 1:
        return list(columns)
    other = (groups - named).pop()
    return [replace(c, group=bare[0]) if c.group == other else c for c in columns]


def _beside_subject(column: Column) -> Column:
    """A relative of whom only one thing stands there is a remark on the subject: 世帯主氏名."""
    return replace(column, key="", part="", group="", reason="")


def _after_relatives(columns: Sequence[Column]) -> list[Column]:
    """氏名, 生年月日, 配偶者氏名, 生年月日: the second birth date is the spouse's."""
    found: list[Column] = []
    last = ""
    for column in columns:
        have = {(c.key, c.part, c.group) for c in found}
        again = (column.key, column.part, "") in have and (column.key, column.part, last) not in have
        if last and column.is_known and not column.group and again:
            column = replace(column, group=last)
        if column.key in (Item.NAME, Item.NAME_KANA):
            last = column.group
        found.append(column)
    return found


def _numbered(columns: Sequence[Column]) -> list[Column]:
    """氏名1 生年月日1 氏名2 生年月日2: a person for each number."""
    numbers = {c.said.number for c in columns if c.key in IDENTITY and c.said.number and not c.group}
    if len(numbers) < 2:
        return list(columns)
    return [replace(c, group=f"#{c.said.number}") if c.said.number in numbers else c for c in columns]


def _again(columns: Sequence[Column]) -> list[Column]:
    """The same labels again and again: one person after the other."""
    labels = Counter(normal(c.label) for c in columns if c.label and not c.group and not c.part)
    times = max((labels[normal(c.label)] for c in columns if _identifies(c)), default=0)
    if times < 2:
        return list(columns)
    seen: Counter[str] = Counter()
    found: list[Column] = []
    for column in columns:
        word = normal(column.label)
        seen[word] += 1
        repeats = bool(word) and labels[word] == times and not column.group and not column.part
        found.append(replace(column, group=f"#{seen[word]}") if repeats else column)
    return found


def _identifies(column: Column) -> bool:
    return column.key in IDENTITY and not column.group and not column.part and bool(column.label)


def _only_relatives(columns: Sequence[Column]) -> list[Column]:
    """Where nobody but relatives is named, the rows are about the first of them (世帯主, and then 配偶者)."""
    if any(c.key in IDENTITY and not c.group for c in columns):
        return list(columns)
    first = next((c.group for c in columns if c.key in IDENTITY), None)
    if not first or first.startswith("#"):
        return list(columns)
    return [replace(c, group="", whose=Whose.SUBJECT) if c.group == first else c for c in columns]


_OF_PERSONS = (Item.BIRTH_DATE, Item.SEX, Item.ADDRESS, Item.POSTAL_CODE)


def _only_clerks(columns: Sequence[Column]) -> list[Column]:
    """Where nobody is named but by a word for clerks, and birth dates or addresses stand beside, it is the person."""
    personal = sum(c.key in _OF_PERSONS for c in columns)
    named = [c for c in columns if c.whose is Whose.CLERK and evidence.looks(Item.NAME, c.values) >= 0.5]
    if personal < 2 or len(named) != 1 or any(c.key in IDENTITY for c in columns):
        return list(columns)
    reason = f"header {named[0].label}: the only names, beside birth dates and addresses"
    found = replace(named[0], key=Item.NAME, whose=Whose.SUBJECT, reason=reason, sure=0.7)
    return [found if c is named[0] else c for c in columns]


def _single(columns: Sequence[Column]) -> list[Column]:
    """Of two columns with the same item of a person one keeps it: that with values, the name in kanji, the first."""
    best: dict[tuple[str, str], Column] = {}
    for column in columns:
        if column.is_known and not column.part:
            at = (column.key, column.group)
            if at not in best or _rank(column) > _rank(best[at]):
                best[at] = column
    return [_second(c) if c.is_known and not c.part and best[c.key, c.group] is not c else c for c in columns]


def _second(column: Column) -> Column:
    return replace(column, key="", reason=SECOND, said=replace(column.said, key=column.key))


def _rank(column: Column) -> tuple[bool, bool, float]:
    kanji = column.key != Item.NAME or not column.values or evidence.match(column.values, f"[{KANJI}]") > 0.5
    return kanji, len(column.values) > 0, column.sure
