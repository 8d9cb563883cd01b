"""Items that were read one by one (in forms and prose), and the blocks that they become."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

import polars as pl

from sekisho.countries import known
from sekisho.countries.speech import listed
from sekisho.model import Item, Place
from sekisho.records import locators, shapes
from sekisho.records.block import NAMES, NATIONAL_ID, NUMBERS, OTHER, Block, fingerprint, other_key


@dataclass(frozen=True, slots=True)
class Mention:
    """One item as it stands in a document.

    ``key``: as in `block.Block`; ``text``: as written; ``row``, ``column``: where its value begins, within the
    content (cell, or line and character); ``end_row``, ``end_column``: where it ends, inclusive;
    ``label``: the words that name it; ``part``: which part of the item, as in `headers.Meaning`;
    ``group``: which person (配偶者), empty for the subject.
    """

    key: str
    text: str
    row: int
    column: int
    end_row: int
    end_column: int
    why: str
    label: str = ""
    part: str = ""
    group: str = ""
    sure: float = 1.0


@dataclass(slots=True)
class Sheaf:
    """The mentions that stand together about one person, with the corners of the place that they cover."""

    mentions: list[Mention] = field(default_factory=list)
    corners: list[tuple[int, int]] = field(default_factory=list)

    def add(self, mention: Mention) -> None:
        """Take one more mention in."""
        self.mentions.append(mention)

    def value(self, key: str) -> Mention | None:
        """The first mention of an item."""
        return next((m for m in self.mentions if m.key == key), None)

    def has(self, *keys: str) -> bool:
        """Whether any of the items is mentioned."""
        return any(m.key in keys for m in self.mentions)

    def box(self) -> tuple[int, int, int, int]:
        """First row, first column, last row, last column."""
        points = [*self.corners]
        points += [(m.row, m.column) for m in self.mentions] + [(m.end_row, m.end_column) for m in self.mentions]
        rows, columns = [p[0] for p in points], [p[1] for p in points]
        return min(rows), min(columns), max(rows), max(columns)


def stands(sheaf: Sheaf) -> bool:
    """Whether the mentions make a record: a number, or a name (or kana) and an item more."""
    keys = {m.key for m in sheaf.mentions}
    if keys & {*NUMBERS, NATIONAL_ID}:
        return True
    return bool(keys & set(NAMES)) and bool(keys - set(NAMES))


def valid(mentions: Sequence[Mention]) -> list[Mention]:
    """The mentions whose text is what their key says, by the countries' normal forms, in order; parts pass."""
    by_key: dict[str, list[int]] = defaultdict(list)
    for index, mention in enumerate(mentions):
        by_key[mention.key].append(index)
    good: set[int] = set()
    for key, indexes in by_key.items():
        normal = known.normalise(key, pl.Series([mentions[i].text for i in indexes], dtype=pl.String)).to_list()
        good.update(i for i, text in zip(indexes, normal, strict=True) if text or mentions[i].part)
    return [m for i, m in enumerate(mentions) if i in good]


def _full_name(parts: Mapping[str, str]) -> str:
    return f"{parts['family']} {parts['given']}"


def _full_date(parts: Mapping[str, str]) -> str:
    year, month = parts["year"].rstrip(shapes.YEAR), parts["month"].rstrip(shapes.MONTH)
    day = parts["day"].rstrip(shapes.DAY) + shapes.DAY if "day" in parts else ""
    return f"{parts.get('era', '')}{year}{shapes.YEAR}{month}{shapes.MONTH}{day}"


def _full_address(parts: Mapping[str, str]) -> str:
    return "".join(parts[part] for part in ("prefecture", "city", "street", "building") if part in parts)


_JOINED: Mapping[str, tuple[frozenset[str], Callable[[Mapping[str, str]], str]]] = {
    Item.NAME: (frozenset(("family", "given")), _full_name),
    Item.NAME_KANA: (frozenset(("family", "given")), _full_name),
    Item.BIRTH_DATE: (frozenset(("year", "month")), _full_date),
    Item.ADDRESS: (frozenset(), _full_address),
}
_HALVES = frozenset(("first", "second"))


def _halved(mentions: list[Mention]) -> list[Mention]:
    """What alone is a whole item is a part of it beside the other part: カナ名 beside カナ姓, 住所 beside 都道府県."""
    beside = {(m.key, m.part) for m in mentions if m.part}
    return [replace(m, part=part) if (part := _half(m, beside)) else m for m in mentions]


_GIVEN_NAME = listed("given_name_label_ends")


def _half(mention: Mention, beside: set[tuple[str, str]]) -> str:
    key, label = mention.key, mention.label.strip()
    if mention.part or not any(other == key for other, _ in beside):
        return ""
    if key in NAMES and label.endswith(_GIVEN_NAME) and (key, "family") in beside and (key, "given") not in beside:
        return "given"
    if key == Item.ADDRESS and (key, "street") not in beside and not shapes.REGION.match(mention.text):
        return "street"
    return ""


def join_parts(mentions: Iterable[Mention]) -> list[Mention]:
    """Parts of one item put together (姓 and 名, 年 and 月 and 日); whole ones stay; order by first part.

    A part without the parts that it needs is no item of ours: it goes to ``other`` under its own label.
    """
    mentions = _halved(list(mentions))
    parts: dict[str, list[Mention]] = defaultdict(list)
    for mention in mentions:
        if mention.part:
            parts[mention.key].append(mention)
    whole = {m.key for m in mentions if not m.part}
    joined = {key: _joined(key, some) for key, some in parts.items() if key not in whole}
    result: list[Mention] = []
    for mention in mentions:
        one = joined.get(mention.key) if mention.part else mention
        if one is not None and one not in result:
            result.append(one)
        elif one is None and len(mention.label.strip()) > 1:
            result.append(replace(mention, key=other_key(mention.label), part=""))
    return result


def _joined(key: str, parts: list[Mention]) -> Mention | None:
    """The item that some parts make; None where one that it needs is not there."""
    texts = {m.part: m.text for m in reversed(parts)}
    needed, join = _JOINED.get(key, (_HALVES, _hyphened))
    if not needed <= texts.keys():
        return None
    last = max(parts, key=lambda m: (m.end_row, m.end_column))
    why = " + ".join(dict.fromkeys(m.why for m in parts))
    return replace(parts[0], text=join(texts), part="", end_row=last.end_row, end_column=last.end_column, why=why)


def _hyphened(parts: Mapping[str, str]) -> str:
    return "-".join(parts[part] for part in ("first", "second", "third") if part in parts)


def one_each(sheaf: Sheaf) -> Sheaf:
    """Each item once: what is said twice stays once; another value goes to ``other`` under its own label."""
    kept: dict[str, Mention] = {}
    for mention in join_parts(sheaf.mentions):
        first = kept.get(mention.key)
        if first is None:
            kept[mention.key] = mention
        elif _same(first.text, mention.text) or not mention.label:
            continue
        elif mention.label != first.label and (key := other_key(mention.label)) not in kept:
            kept[key] = replace(mention, key=key)
    return Sheaf(list(kept.values()), sheaf.corners)


def _same(one: str, other: str) -> bool:
    return "".join(one.split()) == "".join(other.split())


_Layout = tuple[float, tuple[tuple[str, tuple[str, str]], ...]]
Where = Callable[[Mention, tuple[int, int, int, int]], str]


def in_cells(mention: Mention, box: tuple[int, int, int, int]) -> str:
    """The place of an item in a form, counted from the record's first cell: R2C3."""
    return f"R{mention.row - box[0] + 1}C{mention.column - box[1] + 1}"


def in_lines(mention: Mention, box: tuple[int, int, int, int]) -> str:
    """The place of an item in a text, counted from the record's first line: line 2."""
    return f"line {mention.row - box[0] + 1}"


def blocks(shape: str, place: Place, sheaves: Iterable[Sheaf], where: Where, confidence: float) -> Iterator[Block]:
    """The records that stand among ``sheaves``, those of one layout in one block."""
    alike: dict[_Layout, list[Sheaf]] = defaultdict(list)
    for sheaf in map(one_each, sheaves):
        if not stands(sheaf):
            continue
        box = sheaf.box()
        sure = round(confidence * min(m.sure for m in sheaf.mentions if m.key in (*NUMBERS, *NAMES, NATIONAL_ID)), 2)
        why = tuple((m.key, (where(m, box), m.why)) for m in sheaf.mentions)
        alike[(sure, why)].append(sheaf)
    for (sure, why), some in alike.items():
        yield _block(shape, place, some, dict(why), sure)


def _block(shape: str, place: Place, sheaves: list[Sheaf], why: dict[str, tuple[str, str]], confidence: float) -> Block:
    cells = pl.DataFrame(
        {key: [next(m.text for m in s.mentions if m.key == key) for s in sheaves] for key in why},
        schema=dict.fromkeys(why, pl.String),
    )
    places = [_locator(place, s.box()) for s in sheaves]
    labels = [m.label or str(m.key) for m in sheaves[0].mentions]
    labels = [label.removeprefix(OTHER) for label in labels]
    return Block(shape, cells, pl.Series("locator", places), why, fingerprint(shape, labels), confidence)


def _locator(place: Place, box: tuple[int, int, int, int]) -> str:
    return locators.span(place, box[0], box[2], (box[1], box[3]))
