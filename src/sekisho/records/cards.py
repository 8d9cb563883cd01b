"""Tells apart the persons on a sheet full of forms: cards one under another and side by side, sections in a form."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace

from sekisho.countries.headers import normal
from sekisho.model import Item
from sekisho.records.block import OTHER, other_key
from sekisho.records.entries import Entry
from sekisho.records.mentions import Mention, Sheaf, stands
from sekisho.records.sheet import OFFICES

_ANCHORS = (
    Item.NAME,
    Item.BASIC_PENSION_NUMBER,
    Item.NAME_KANA,
    Item.CERTIFICATE_NUMBER,
    Item.MY_NUMBER,
)
_REACH = 60
_UNBROKEN = 8  # an offset that crosses no empty row weighs as much as this many that do
_At = tuple[int, int]


def apart(entries: Sequence[Entry], empty: Sequence[int]) -> list[Sheaf]:
    """One sheaf a person, in reading order; ``empty``: rows without text, ascending."""
    people: list[Sheaf] = []
    for own in _by_card(entries, empty):
        people.extend(_of_card(own))
    return people


def _by_card(entries: Sequence[Entry], empty: Sequence[int]) -> list[list[Entry]]:
    anchors = _anchors(entries)
    if len(anchors) <= 1:
        return [list(entries)]
    owner = {anchor: i for i, anchor in enumerate(anchors)}
    owned: list[list[Entry]] = [[] for _ in anchors]
    by_label: dict[str, list[Entry]] = defaultdict(list)
    for entry in entries:
        by_label[f"{normal(entry.label)}|{entry.mentions[0].group}"].append(entry)
    for some in by_label.values():
        for entry, anchor in _owners(some, anchors, empty):
            owned[owner[anchor]].append(entry)
    return [sorted(own, key=lambda e: (e.row, e.column)) for own in owned]


def _anchors(entries: Sequence[Entry]) -> list[_At]:
    """Where each card's first identifying label stands: of those that repeat most, the first kind."""
    places: dict[tuple[str, str], list[_At]] = defaultdict(list)
    for entry in entries:
        for mention in entry.mentions[:1]:
            if mention.key in _ANCHORS and mention.part in ("", "family", "first") and not mention.group:
                places[(mention.key, normal(entry.label))].append((entry.row, entry.column))
    if not places:
        return []
    return max(places.items(), key=lambda item: (len(item[1]), -_ANCHORS.index(Item(item[0][0]))))[1]


def _owners(some: Sequence[Entry], anchors: Sequence[_At], empty: Sequence[int]) -> Iterable[tuple[Entry, _At]]:
    """Each entry of one label with the card it belongs to: by the offset that cards share, else by the nearest."""
    held = set(anchors)
    offsets: Counter[_At] = Counter()
    for entry in some:
        near = anchors[bisect_left(anchors, (entry.row - _REACH, 0)) : bisect_left(anchors, (entry.row + _REACH, 0))]
        for row, column in near:
            offsets[(entry.row - row, entry.column - column)] += 1 if _gap(empty, row, entry.row) else _UNBROKEN
    ranked = sorted(
        offsets.items(), key=lambda item: (-item[1], item[0][0] < 0, abs(item[0][0]) + abs(item[0][1]), item[0])
    )
    shared = [offset for offset, count in ranked if count > _UNBROKEN or len(some) == 1][:8]
    for entry in some:
        fitting = ((entry.row - down, entry.column - right) for down, right in shared)
        found = next((at for at in fitting if at in held), None)
        yield entry, found or _nearest(entry, anchors)


def _gap(empty: Sequence[int], one: int, other: int) -> bool:
    """Whether an empty row lies between two rows."""
    first, last = sorted((one, other))
    return bisect_left(empty, first) != bisect_left(empty, last)


def _nearest(entry: Entry, anchors: Sequence[_At]) -> _At:
    """The last card that begins before the entry in its columns, else the nearest one."""
    before = [a for a in anchors if a[0] <= entry.row and a[1] <= entry.column]
    if before:
        return max(before, key=lambda a: (a[1] if _side_by_side(anchors) else 0, a[0], a[1]))
    return min(anchors, key=lambda a: abs(a[0] - entry.row) + abs(a[1] - entry.column))


def _side_by_side(anchors: Sequence[_At]) -> bool:
    return len({row for row, _ in anchors}) < len(anchors)


def _of_card(entries: Sequence[Entry]) -> list[Sheaf]:
    """The persons of one card; each covers its labels too."""
    people = by_group(m for e in entries for m in e.mentions)
    for entry in entries:
        for sheaf in people:
            if any(own is mention for own in entry.mentions for mention in sheaf.mentions):
                sheaf.corners.append((entry.row, entry.column))
    return people


def by_group(mentions: Iterable[Mention], corners: Iterable[_At] = ()) -> list[Sheaf]:
    """The subject and the other persons spoken of; who is no record of their own stays under ``other``."""
    groups: dict[str, Sheaf] = {"": Sheaf(corners=list(corners))}
    for mention in mentions:
        groups.setdefault(mention.group, Sheaf()).add(mention)
    subject = groups.pop("")
    persons = {group for group, sheaf in groups.items() if stands(sheaf) and not group.startswith(OFFICES)}
    others = [groups[group] for group in groups if group in persons]
    for group, sheaf in groups.items():
        if group not in persons and stands(subject):
            for mention in sheaf.mentions:
                subject.add(_as_other(mention))
    return [s for s in (subject, *others) if s.mentions]


def _as_other(mention: Mention) -> Mention:
    whose = mention.group.removeprefix(OFFICES)
    label = mention.label if whose in mention.label else f"{whose}{mention.label}"
    key = mention.key if mention.key.startswith(OTHER) else other_key(label)
    return replace(mention, key=key, part="", group="")
