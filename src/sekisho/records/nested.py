"""Records in nested values: lists of objects, maps by number, objects in objects, columns of lists; JSON and XML."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import polars as pl

from sekisho.model import ITEM_TITLES, Decision, Frame, Item, Place, Tree
from sekisho.records import flat, names, table
from sekisho.records.block import Block, Found
from sekisho.records.bodies import ROW
from sekisho.records.decided import of_no_persons
from sekisho.records.labels import known_label
from sekisho.records.locators import column_name

_WORD = re.compile(r"[^\W\d]\w*")
_DEEPEST = 60
_SURE = 0.4
_SURELY = 0.9
_FEW = 3
_SAMPLE = 50
_REACH = frozenset((Item.EMAIL, Item.ADDRESS, Item.PHONE))
_PERSONAL = frozenset(Item) - {Item.NAME, Item.NAME_KANA, *_REACH}
_NOBODY: Mapping[tuple[str, str], Decision] = {}


@dataclass(slots=True)
class Objects:
    """Like objects with the path of each; ``keys``: of the map that holds them; ``given``: what they inherit."""

    name: str
    values: list[flat.Object]
    paths: list[str]
    keys: list[str] = field(default_factory=list)
    given: dict[str, list[str | None]] = field(default_factory=dict)


def nested(tree: Tree, decisions: Mapping[tuple[str, str], Decision] = _NOBODY) -> Iterator[Found]:
    """The records in nested values, each with the path of its object.

    Members of a household, which has an address and is nobody itself, are given that address.
    """
    for objects in _walk(tree.value, tree.place.base or "$", "", tree.place.first, 0):
        yield from _of_objects(objects, decisions, 0)


def _walk(value: Any, path: str, name: str, first: int, depth: int) -> Iterator[Objects]:
    if depth > _DEEPEST:
        return
    if isinstance(value, Mapping):
        table_ = _columnar(value, path, name)
        if table_ is not None:
            yield table_
        elif flat.is_keyed(value):
            keys = [str(key) for key, one in value.items() if isinstance(one, Mapping)]
            yield Objects(
                name, [value[k] for k in value if isinstance(value[k], Mapping)], [_at(path, k) for k in keys], keys
            )
        else:
            yield Objects(name, [value], [path])
    elif isinstance(value, (list, tuple)):
        yield from _of_list(value, path, name, first, depth)


def _of_list(value: Sequence[Any], path: str, name: str, first: int, depth: int) -> Iterator[Objects]:
    labelled = flat.labelled_values(value)
    if labelled is not None and any(flat.said(label).key for label in labelled):
        yield Objects(name, [labelled], [path])
        return
    rows = _as_rows(value)
    if rows is not None:
        yield Objects(name, rows, [f"{path}[{first + i}]" for i in range(len(rows))])
        return
    at = [i for i, one in enumerate(value) if isinstance(one, Mapping)]
    if at:
        yield Objects(name, [value[i] for i in at], [f"{path}[{first - 1 + i}]" for i in at])
    for i, one in enumerate(value):
        if isinstance(one, (list, tuple)):
            yield from _walk(one, f"{path}[{first - 1 + i}]", name, 1, depth + 1)


def _as_rows(value: Sequence[Any]) -> list[flat.Object] | None:
    """A list of lists whose first holds labels, as objects."""
    if len(value) < 2 or not all(isinstance(one, (list, tuple)) for one in value):
        return None
    head = value[0]
    if not all(isinstance(label, str) for label in head) or not any(flat.said(label).is_item for label in head):
        return None
    return [dict(zip(head, row, strict=False)) for row in value[1:]]


def _columnar(value: flat.Object, path: str, name: str) -> Objects | None:
    """{氏名: [...], 生年月日: [...]} and {columns: [...], data: [[...], ...]} as objects."""
    lists = {k: v for k, v in value.items() if isinstance(v, (list, tuple)) and v}
    heads = [v for v in lists.values() if any(isinstance(x, str) and flat.said(x).is_item for x in v)]
    for head in heads:
        for key, rows in lists.items():
            if rows is not head and all(isinstance(r, (list, tuple)) and len(r) == len(head) for r in rows):
                paths = [f"{_at(path, key)}[{i}]" for i in range(len(rows))]
                return Objects(name, [dict(zip(map(str, head), row, strict=True)) for row in rows], paths)
    scalars = {k: v for k, v in lists.items() if not any(isinstance(x, (Mapping, list, tuple)) for x in v)}
    items = [k for k in scalars if flat.said(str(k)).is_item]
    length = len(scalars[items[0]]) if items else 0
    if len(items) < 2 or length < 2 or any(len(scalars[k]) != length for k in items):
        return None
    even = {k: v for k, v in scalars.items() if len(v) == length}
    return Objects(
        name, [{k: v[i] for k, v in even.items()} for i in range(length)], [f"{path}.*[{i}]" for i in range(length)]
    )


def _at(path: str, key: str) -> str:
    return f"{path}.{key}" if _WORD.fullmatch(key) else f"{path}['{key}']"


def _of_objects(objects: Objects, decisions: Mapping[tuple[str, str], Decision], depth: int) -> Iterator[Found]:
    """The records of like objects, then those of the lists inside them."""
    found = flat.columns(objects.values)
    labels, texts = _labelled(objects, found)
    yield from _records(objects, labels, texts, frozenset(found.texts), decisions)
    if depth > _DEEPEST:
        return
    given = dict(objects.given) | dict(flat.inherited(found))
    for keys, holders in found.persons.items():
        inner = Objects(keys[-1], [one for _, one in holders], [_path(objects.paths[row], keys) for row, _ in holders])
        inner.given = {key: [some[row] for row, _ in holders] for key, some in given.items()}
        yield from _of_objects(inner, decisions, depth + 1)
    inside: list[tuple[flat.Keys, Sequence[tuple[int, Any]]]] = [*found.lists.items(), *found.maps.items()]
    for keys, lists in inside:
        for inner in _gathered(objects, keys, lists, given):
            yield from _of_objects(inner, decisions, depth + 1)


def _path(path: str, keys: flat.Keys) -> str:
    for key in keys:
        path = _at(path, key)
    return path


def _gathered(
    objects: Objects, keys: flat.Keys, lists: Sequence[tuple[int, Any]], given: Mapping[str, list[str | None]]
) -> Iterator[Objects]:
    """The members of the lists under one path together, each with what its holder gives it."""
    together = Objects(keys[-1], [], [], given={key: [] for key in given})
    for row, members in lists:
        for inner in _walk(members, _path(objects.paths[row], keys), keys[-1], 1, 0):
            together.values += inner.values
            together.paths += inner.paths
            together.keys += inner.keys
            for key, some in given.items():
                together.given[key] += [some[row]] * len(inner.values)
    if together.values:
        yield together


def _labelled(objects: Objects, found: flat.Columns) -> tuple[list[flat.Keys], list[list[str | None]]]:
    """Labels and columns: the objects' own, the keys of their map, and what they inherit and do not have."""
    labels = flat.of_the_person(found)
    texts = [found.texts[keys] for keys in labels]
    key_label = _key_label(objects.keys) if len(objects.keys) == len(objects.values) else ""
    own = {flat.said(key).key for keys in labels for key in keys}
    if key_label and flat.said(key_label).key not in own:
        labels.append((key_label,))
        texts.append(list(objects.keys))
    for key, some in objects.given.items():
        if flat.said(key).key not in own:
            labels.append((key,))
            texts.append(some)
    return labels, texts


def _key_label(keys: Sequence[str]) -> str:
    """What the keys of a map are, by their looks."""
    if keys and all(flat.NUMBER_KEY.fullmatch(key) for key in keys):
        return ITEM_TITLES[Item.BASIC_PENSION_NUMBER].ja
    if keys and sum(names.sureness(key) >= 0.9 for key in keys) * 2 > len(keys):
        return ITEM_TITLES[Item.NAME].ja
    return ""


def _records(
    objects: Objects,
    labels: Sequence[flat.Keys],
    texts: Sequence[list[str | None]],
    own: frozenset[flat.Keys],
    decisions: Mapping[tuple[str, str], Decision],
) -> Iterator[Found]:
    count = len(objects.values)
    labelled = any(flat.said(key).key for keys in labels for key in keys)
    if not labelled and not _hold_names(texts, count):
        return
    cells = {str(i): pl.Series(str(i), some, dtype=pl.String) for i, some in enumerate(texts)}
    rows = pl.DataFrame({ROW: pl.Series(ROW, range(count), dtype=pl.UInt32), **cells})
    said = {i: flat.label(keys) for i, keys in enumerate(labels)} if labelled else {}
    alone = count == 1 and not objects.paths[0].endswith("]")
    inside = flat.holder([keys for keys in labels if keys in own]) if alone else ()
    where = pl.Series("locator", [_path(path, inside) for path in objects.paths], dtype=pl.String)
    place = Place(Frame.PATH, objects.paths[0] if count == 1 else "")
    one = table.Table(rows, said, where, "", objects.name, place, 0, count - 1, is_bare=not labelled)
    places = {column_name(i): ".".join(keys) for i, keys in enumerate(labels)}
    for found in table.read(one, decisions).found:
        if not isinstance(found, Block):
            yield found
        elif found.cells.height and ((found.layout, "") in decisions or _may_be_persons(found)):
            yield _renamed(found, places)
        elif found.cells.height:
            yield of_no_persons(found.layout, str(found.locators[0]), found.cells.height)


def _renamed(block: Block, places: Mapping[str, str]) -> Block:
    """The block as nested: its places are keys."""
    why = {
        key: (" ".join(places.get(letter, letter) for letter in place.split()), _reason(reason))
        for key, (place, reason) in block.why.items()
    }
    return replace(block, shape="nested", why=why)


def _reason(reason: str) -> str:
    return re.sub(r" \([A-Z]+\)", "", reason.replace("header ", "key ", 1))


def _hold_names(texts: Sequence[list[str | None]], count: int) -> bool:
    """Whether some values are names, though no key says so."""
    if count < _FEW:
        return False
    samples = ([text for text in some[:_SAMPLE] if text] for some in texts)
    return any(sum(names.sureness(text) >= _SURELY for text in some) * 2 > len(some) > 0 for some in samples)


def _may_be_persons(block: Block) -> bool:
    """Whether a name under "name" is a person's: {"name": "my-app", "version": ...} is a thing's, 氏名 a label."""
    cells = block.cells
    called = [name for name in cells[Item.NAME].head(_SAMPLE) if name] if Item.NAME in cells.columns else []
    if called and all(_is_label(name) for name in called):
        return False
    if cells.height == 1 and any(key in _PERSONAL for key in cells.columns):
        return True
    if cells.height > 1 and any(key in _PERSONAL | _REACH for key in cells.columns):
        return True
    return sum(names.sureness(name) >= _SURE for name in called) * 2 > len(called) > 0


def _is_label(name: str) -> bool:
    what = known_label(name)
    return what is not None and what.sure
