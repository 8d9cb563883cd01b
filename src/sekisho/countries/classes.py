"""What the law treats apart among the items of persons: sensitive ones, money, My Number; declared by each country."""

from __future__ import annotations

import tomllib
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files

from sekisho.countries import known
from sekisho.wording import Text

OTHER = "other:"


@dataclass(frozen=True, slots=True)
class Class:
    """One class: ``items`` that are of it, ``words`` in the header of any other item, ``values`` of an item."""

    name: str
    title: Text
    items: frozenset[str]
    words: tuple[str, ...]
    values: Mapping[str, frozenset[str]] = field(default_factory=dict)

    def holds(self, item: str, value: str = "") -> bool:
        """Whether an item (or a key of ``other``) is of this class, with this value."""
        if item in self.items or value in self.values.get(item, ()):
            return True
        header = _folded(item.removeprefix(OTHER)) if item.startswith(OTHER) else ""
        return any(word in header for word in self.words)


@cache
def classes() -> tuple[Class, ...]:
    """The classes of every country; one that several declare holds what any of them names."""
    found: dict[str, Class] = {}
    for country in known.names():
        file = files("sekisho.countries") / country / "classes.toml"
        for name, said in tomllib.loads(file.read_text("utf-8")).items() if file.is_file() else ():
            found[name] = _with(found.get(name), name, said)
    return tuple(found.values())


def valued() -> frozenset[str]:
    """The items whose value decides."""
    return frozenset(item for one in classes() for item in one.values)


def of(item: str, value: str = "") -> tuple[str, ...]:
    """The classes of an item.

    >>> of("pension_code", "1350"), of("other:病名"), of("name")
    (('sensitive',), ('sensitive',), ())
    """
    return tuple(one.name for one in classes() if one.holds(item, value))


def _with(there: Class | None, name: str, said: Mapping[str, object]) -> Class:
    words = tuple(map(_folded, str(said.get("words", "")).split()))
    values = said.get("values", {})
    assert isinstance(values, dict)
    one = Class(
        name,
        Text(str(said["en"]), str(said["ja"])),
        frozenset(_strings(said.get("items", ()))),
        words,
        {item: frozenset(some) for item, some in values.items()},
    )
    if there is None:
        return one
    merged = {item: there.values.get(item, frozenset()) | one.values.get(item, frozenset()) for item in one.values}
    return Class(name, there.title, there.items | one.items, there.words + words, {**there.values, **merged})


def _strings(some: object) -> list[str]:
    assert isinstance(some, list | tuple)
    return [str(one) for one in some]


def _folded(text: str) -> str:
    return "".join(unicodedata.normalize("NFKC", text).casefold().replace("_", "").split())
