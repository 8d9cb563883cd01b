"""Lays like objects out as columns, key by key, and keeps apart what are lists of persons inside them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from sekisho.countries.headers import Meaning, Whose, meaning
from sekisho.countries.speech import any_of, listed
from sekisho.model import Item
from sekisho.records.block import NAMES, NATIONAL_ID, NUMBERS

Keys = tuple[str, ...]
Object = Mapping[str, Any]
_IDENTITY = frozenset((*NAMES, *NUMBERS, NATIONAL_ID))
_DEEPEST = 12
NUMBER_KEY = re.compile(r"\d{4}-?\d{6}")
_LABELS = (*listed("pair_labels"), "@name", "@label", "@key", "@id", "@field")
_VALUES = (*listed("pair_values"), "#text", "@value")
_KINDS = (*listed("pair_kinds"), "@type", "@kind", "@use", "@system")
_WHOLE = frozenset((*listed("wholes"), "#text"))
_AUTHORS = frozenset(listed("authors"))
_REST_OF_ADDRESS = re.compile(any_of("rests_of_addresses"))


@dataclass(slots=True)
class Columns:
    """Values as text by path of keys, one a row; and the lists of objects inside, with the row that holds each."""

    texts: dict[Keys, list[str | None]] = field(default_factory=dict)
    lists: dict[Keys, list[tuple[int, Sequence[Any]]]] = field(default_factory=dict)
    persons: dict[Keys, list[tuple[int, Object]]] = field(default_factory=dict)
    maps: dict[Keys, list[tuple[int, Object]]] = field(default_factory=dict)


def bare(key: str) -> str:
    """A key as a label: without the marks of XML (``@name``, ``ns:name``)."""
    plain = re.sub(r"^@|^[A-Za-z][\w-]*:(?=\w)", "", key)
    return re.sub(r"(?<=[a-z])_?[Kk]anji$", "", plain) or plain


@lru_cache(maxsize=65536)
def said(key: str) -> Meaning:
    """What a key means; a plural as its singular."""
    label = bare(key)
    what = meaning(label)
    if what.key or not label.isascii():
        return what
    for ending in ("es", "s", "List", "list"):
        if label.endswith(ending) and meaning(label.removesuffix(ending)).key:
            return meaning(label.removesuffix(ending))
    return what


def item(key: str) -> str:
    """The item that a key surely names; empty for a mere role (被保険者, person)."""
    what = said(key)
    return what.key if what.sure else ""


_PART_WORDS = {
    Item.NAME: {"family": "姓", "given": "名"},
    Item.NAME_KANA: {"family": "セイ", "given": "メイ"},
    Item.BIRTH_DATE: {"era": "元号", "year": "年", "month": "月", "day": "日"},
    Item.ADDRESS: {"prefecture": "都道府県", "city": "市区町村", "street": "番地", "building": "建物名"},
}
_PARTS = {
    "family": "family",
    "given": "given",
    "day": "day",
    "month": "month",
    "year": "year",
    "era": "era",
    "line": "street",
}


def label(keys: Keys) -> Keys:
    """A path of keys as labels from upper to lower: from the last item on, without what says that it is the whole."""
    if any(said(key).whose in (Whose.RELATIVE, Whose.OFFICE) for key in keys if key not in _WHOLE):
        return tuple(map(bare, keys))
    items = [i for i, key in enumerate(keys[:-1]) if item(key) in _PART_WORDS and not said(key).part]
    if not items:
        return (bare(keys[-1]),) if item(keys[-1]) else tuple(map(bare, keys[-2:]))
    upper, lower = Item(item(keys[items[-1]])), keys[-1]
    part = _PART_WORDS[upper].get(_part(upper, lower), "")
    if part:
        return (part,)
    return tuple(map(bare, keys[items[-1] :][:-1] if lower in _WHOLE else keys[items[-1] :]))


def _part(upper: Item, lower: str) -> str:
    """Which part of an item a key in it names: last, given, 市区町村以下."""
    if upper == Item.ADDRESS and _REST_OF_ADDRESS.search(lower):
        return "street"
    return _PARTS.get(bare(lower)) or said(lower).part


def is_authors(key: str) -> bool:
    """Whether what stands under a key is about those who work on the data."""
    return said(key).whose is Whose.CLERK or bare(key).replace("_", "").replace("-", "").casefold() in _AUTHORS


def names_somebody(value: Any) -> bool:
    """Whether an object itself holds a name or a number of a person."""
    if not isinstance(value, Mapping):
        return False
    return any(item(str(key)) in _IDENTITY and said(str(key)).whose is not Whose.OFFICE for key in value)


def columns(objects: Sequence[Object | None]) -> Columns:
    """The columns of like objects."""
    found = Columns()
    _fill(found, objects, (), 0)
    return found


def _fill(found: Columns, objects: Sequence[Object | None], path: Keys, depth: int) -> None:
    keys: dict[str, None] = {}
    for one in objects:
        if one:
            keys.update(dict.fromkeys(one))
    inner: dict[str, list[Any]] = {}
    for key in keys:
        values = [one.get(key) if one else None for one in objects]
        if depth and (is_authors(str(key)) or (item(path[-1]) and _is_about_form(str(key)))):
            continue
        _scalars(found, (*path, str(key)), values)
        if any(isinstance(value, (Mapping, list, tuple)) for value in values):
            inner[str(key)] = values
    _inner(found, inner, path, depth)


def _is_about_form(key: str) -> bool:
    """Whether a key in an item says how it is written rather than what: use, @calendar."""
    return key in _KINDS or (key.startswith("@") and not said(key).key and key not in _VALUES)


def _scalars(found: Columns, path: Keys, values: Sequence[Any]) -> None:
    texts = [text(value) for value in values]
    if any(one is not None for one in texts):
        _merge(found, path, texts)


def _merge(found: Columns, path: Keys, texts: list[str | None]) -> None:
    held = found.texts.get(path)
    found.texts[path] = texts if held is None else [a if a is not None else b for a, b in zip(held, texts, strict=True)]


def text(value: Any) -> str | None:
    """A scalar, or a list of scalars, as it would be written in a cell; None for objects and nothing."""
    if value is None or isinstance(value, str):
        return value or None
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else str(value)
    if isinstance(value, int):
        return str(value)
    if isinstance(value, (list, tuple)) and value and not any(isinstance(v, (Mapping, list, tuple)) for v in value):
        return " ".join(part for part in map(text, value) if part) or None
    return None


def _inner(found: Columns, inner: Mapping[str, list[Any]], path: Keys, depth: int) -> None:
    """Objects and lists under the keys of objects: parts of the same person, or persons of their own."""
    if depth >= _DEEPEST:
        return
    own = {item(keys[-1]) for keys in found.texts if keys[: len(path)] == path} | {item(key) for key in inner}
    apart = _others(inner, own & _IDENTITY)
    for key, values in inner.items():
        here = (*path, key)
        if is_authors(key):
            continue
        if key in apart:
            found.persons[here] = [(row, v) for row, v in enumerate(values) if isinstance(v, Mapping)]
            values = [None if isinstance(v, Mapping) else v for v in values]
        _nested(found, here, values, depth)


def _others(inner: Mapping[str, list[Any]], own: frozenset[str] | set[str]) -> set[str]:
    """The keys whose objects are persons of their own: who bears a name or number where another does already."""
    told = {key: _identity_of(values) for key, values in inner.items() if not item(key)}
    told = {key: items for key, items in told.items() if items}
    counted = Counter(one for items in told.values() for one in items)
    relatives = {key for key in told if said(key).whose is Whose.RELATIVE}
    return relatives | {key for key, items in told.items() if items & own or any(counted[one] > 1 for one in items)}


def _identity_of(values: Sequence[Any]) -> set[str]:
    """Which items that tell persons apart are named by the keys of some objects."""
    named = (value for value in values if names_somebody(value))
    return {item(str(key)) for value in named for key in value} & _IDENTITY


def is_keyed(value: Object) -> bool:
    """Whether an object is a map by number or name: its values are like objects, its keys no words of a schema."""
    objects = [one for one in value.values() if isinstance(one, Mapping)]
    if not objects or len(objects) * 10 < len(value) * 9:
        return False
    if any(said(str(key)).key and not re.search(r"\d", str(key)) for key in value):
        return False
    if len(objects) == 1:
        return bool(NUMBER_KEY.fullmatch(str(next(iter(value))))) and names_somebody(objects[0])
    common = set(objects[0]).intersection(*objects[1:50])
    union = set(objects[0]).union(*objects[1:50])
    return len(common) * 2 >= len(union) > 0


def _nested(found: Columns, here: Keys, values: Sequence[Any], depth: int) -> None:
    keyed = [(row, v) for row, v in enumerate(values) if isinstance(v, Mapping) and len(v) > 1 and is_keyed(v)]
    if keyed:
        found.maps[here] = keyed
        mapped = {row for row, _ in keyed}
        values = [None if row in mapped else value for row, value in enumerate(values)]
    objects = [_as_object(value, here[-1]) for value in values]
    if any(objects):
        _fill(found, objects, here, depth + 1)
    lists: list[tuple[int, Sequence[Any]]] = [
        (row, v)
        for row, v in enumerate(values)
        if isinstance(v, (list, tuple)) and objects[row] is None
        if any(isinstance(one, (Mapping, list, tuple)) for one in v)
    ]
    if lists:
        found.lists[here] = lists


def _as_object(value: Any, key: str) -> Object | None:
    """An object as it is; a list of labels (or kinds) with values as one; of an item's list the first."""
    if isinstance(value, Mapping):
        pair = _pair(value, _KINDS)
        by_kind = pair is not None and item(_kind(pair[0])) and not item(key)
        return {_kind(pair[0]): pair[1]} if pair and by_kind else value
    if not isinstance(value, (list, tuple)) or not value or not all(isinstance(one, Mapping) for one in value):
        return None
    labelled = labelled_values(value)
    if labelled is not None:
        return labelled
    return value[0] if item(key) else None


def labelled_values(values: Sequence[Any]) -> Object | None:
    """[{label: 氏名, value: 山田太郎}, ...] as {氏名: 山田太郎}; None where the objects are not such pairs."""
    for labels in (_KINDS, _LABELS):
        pairs = [_pair(one, labels) for one in values]
        if all(pairs):
            found: dict[str, Any] = {}
            for pair in pairs:
                if pair:
                    found.setdefault(_kind(pair[0]), pair[1])
            return found
    return None


def _pair(one: Any, labels: Sequence[str]) -> tuple[str, Any] | None:
    if not isinstance(one, Mapping) or len(one) > 5:
        return None
    label = next((one[key] for key in labels if isinstance(one.get(key), str)), None)
    value = next((key for key in _VALUES if key in one and one[key] is not label), None)
    return (label, one[value]) if label and value is not None else None


def _kind(text: str) -> str:
    """The last word of a kind that is an address: http://hl7.org/fhir/sid/phone -> phone."""
    return re.split(r"[/#|:]", text.rstrip("/"))[-1] or text


def inherited(found: Columns) -> Iterator[tuple[str, list[str | None]]]:
    """Postal code and address of objects that are nobody's own (a household): they are its members', too."""
    if any(item(key) in _IDENTITY for keys in found.texts for key in keys):
        return
    for keys, texts in found.texts.items():
        whole = next((key for key in keys if item(key) in (Item.ADDRESS, Item.POSTAL_CODE)), None)
        if whole and said(whole).whose is Whose.SUBJECT:
            yield label(keys)[-1], texts


def of_the_person(found: Columns) -> list[Keys]:
    """The paths that speak of the person: of unknown ones only those in the object that names somebody."""
    if not any(said(key).key for keys in found.texts for key in keys):
        return list(found.texts)
    homes = {_home(keys) for keys in found.texts if any(item(key) in _IDENTITY for key in keys)}
    return [
        keys
        for keys in found.texts
        if any(said(key).key for key in keys) or any(_inside(keys, at) or _numbers(keys, at) for at in homes)
    ]


_NUMBER = re.compile(f"(?:{any_of('key_number_ends')})$", re.IGNORECASE)


def _numbers(keys: Keys, home: Keys) -> bool:
    """Whether a key beside the object that holds the name numbers the person: memberId, 患者番号."""
    return keys[:-1] == home[:-1] and said(keys[-1]).is_another and _NUMBER.search(keys[-1]) is not None


def _home(keys: Keys) -> Keys:
    """The path of the object that holds an item: person.name.last -> person."""
    return keys[: next((i for i, key in enumerate(keys) if item(key)), len(keys) - 1)]


def holder(paths: Sequence[Keys]) -> Keys:
    """The path of the innermost object that holds all of some columns."""
    homes = [_home(keys) for keys in paths]
    shared = 0
    while homes and all(len(home) > shared and home[shared] == homes[0][shared] for home in homes):
        shared += 1
    return homes[0][:shared] if homes else ()


def _inside(keys: Keys, home: Keys) -> bool:
    return keys[: len(home)] == home
