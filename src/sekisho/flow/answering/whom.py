"""Finds a person by number, name or kana, birth date and town: holders of the register, and who is in records only.

Whoever is found is in the ledger before the answer is given, and so is that nobody was.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import polars as pl

from sekisho.countries import known
from sekisho.errors import UsageError
from sekisho.flow.registering import holder_envelopes, person_envelopes
from sekisho.model import Item
from sekisho.register import lookup
from sekisho.register.lookup import Life
from sekisho.vault import Vault, looks
from sekisho.vault.people import REGISTER, Called, Person
from sekisho.wording import Text

MOST_SHOWN = 20
MOST_HELD_AGAINST = 500
"""How many whom name or birth date lead to are held against a town."""


@dataclass(frozen=True, slots=True)
class Sought:
    """Whom somebody asks for, however it is written: a number alone, or two of name (or kana), birth date and town.

    What is given beside a number must fit, too.
    """

    number: str = field(default="", repr=False)
    name: str = field(default="", repr=False)
    birth_date: str = field(default="", repr=False)
    town: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Whom:
    """One person: a holder of the register (``scan`` is `REGISTER`), or one whom only the records of a scan know.

    ``person.holder``: their place in the register, or the number that the scan gave them.
    """

    scan: int
    person: Person = field(repr=False)

    @property
    def is_holder(self) -> bool:
        """Whether the register knows them."""
        return self.scan == REGISTER

    def numbers(self) -> set[str]:
        """All that are known of them, as digits."""
        return _numbers_of(self.person)

    def subjects(self) -> tuple[str, ...]:
        """What a look at them is a look at."""
        if self.is_holder:
            return (looks.holder(self.person.holder),)
        return (looks.person(self.scan, self.person.holder), *map(looks.number, self.numbers()))


@dataclass(frozen=True, slots=True)
class Found:
    """``persons``: at most as many as were asked for, of the ``count`` who fit."""

    persons: tuple[Whom, ...]
    count: int


def find(
    vault: Vault,
    sought: Sought,
    action: str,
    *,
    scans: Sequence[int] = (),
    incident: int | None = None,
    most: int = MOST_SHOWN,
) -> Found:
    """Who fits what is said of them, once the look is in the ledger as ``action``.

    ``scans``: settled scans in which persons are sought, too, whom the register does not know: those of an incident.
    Raises UsageError where too little is said, RightsError, VaultError: then nothing may be shown.
    """
    asked = _read(sought)
    vault.demand(action)
    holders = list(_holders(vault, asked))
    found = [*holders, *_others(vault, asked, scans, holders)]
    shown = tuple(found[:most])
    subjects = [subject for one in shown for subject in one.subjects()]
    if not found and asked.number is not None:
        subjects.append(looks.number(str(asked.number)))
    vault.looks().see(action, subjects, {"persons": len(found)}, incident=incident)
    return Found(shown, len(found))


@dataclass(frozen=True, slots=True)
class _Asked:
    """`Sought` in normal forms; ``names``: the ways in which the name may be written."""

    number: int | None
    names: tuple[str, ...]
    birth_date: str | None
    town: str

    def ways(self) -> list[list[str]]:
        """Words that the register is to have of them, a list for each way to write the name."""
        dates = [self.birth_date] if self.birth_date else []
        return [[name, *dates] for name in self.names] or [dates]


def _read(sought: Sought) -> _Asked:
    number = lookup.number_in(sought.number) if sought.number.strip() else None
    birth_date = _normal(Item.BIRTH_DATE, sought.birth_date)
    if (sought.number.strip() and number is None) or (sought.birth_date.strip() and birth_date is None):
        raise _unreadable()
    asked = _Asked(number, _names(sought.name), birth_date, _town(sought.town))
    if number is None and sum(map(bool, (asked.names, birth_date, asked.town))) < 2:
        raise _too_little()
    return asked


def _names(written: str) -> tuple[str, ...]:
    bare = "".join(written.split())
    normal = (_normal(item, written) for item in (Item.NAME, Item.NAME_KANA))
    return tuple(dict.fromkeys(name for name in (*normal, bare) if name))


def _normal(item: Item, written: str) -> str | None:
    value: str | None = known.normalise(item, pl.Series([written], dtype=pl.String))[0]
    return value


def _town(text: str) -> str:
    """To where the numbers begin: nobody finds out by looking for it where in a town somebody lives."""
    return re.split(r"\d", _plain(text), maxsplit=1)[0]


def _plain(text: str) -> str:
    return "".join(unicodedata.normalize("NFKC", text).split())


def _holders(vault: Vault, asked: _Asked) -> Iterator[Whom]:
    register = vault.register()
    if asked.number is not None:
        holder = holder_envelopes.by_number(vault, str(asked.number).zfill(10))
        places = [] if holder is None else [holder]
    else:
        places = lookup.written(register, asked.ways())
    if asked.town and len(places) > MOST_HELD_AGAINST:
        raise _too_many(len(places))
    for life in lookup.lives(register, places):
        if _fits(life, asked):
            yield from (Whom(REGISTER, one) for one in holder_envelopes.now(register, life))


def _fits(life: Life, asked: _Asked) -> bool:
    """Whether all that is said was ever written of them."""
    here = life.states
    if asked.town:
        lived = pl.concat([here[Item.ADDRESS], here["former_address"]]).drop_nulls()
        if not any(asked.town in _plain(address) for address in lived):
            return False
    if asked.number is None:
        return True
    if asked.birth_date and asked.birth_date not in set(here[Item.BIRTH_DATE]):
        return False
    called = {"".join(name.split()) for column in _NAMES for name in here[column].drop_nulls()}
    return not asked.names or not called.isdisjoint(asked.names)


_NAMES = (str(Item.NAME), str(Item.NAME_KANA), *("former_name", "former_name_kana", "alias", "alias_kana"))


def _others(vault: Vault, asked: _Asked, scans: Sequence[int], holders: Sequence[Whom]) -> Iterator[Whom]:
    """Those of the scans who are not one of the holders."""
    there = {(number, one.person.birth_date) for one in holders for number in one.person.numbers}
    for number in scans:
        scan = vault.scan(number)
        for person in _of_scan(vault, asked, number) if scan.note("settled") else ():
            if there.isdisjoint((one, person.birth_date) for one in _numbers_of(person)):
                yield Whom(number, person)


def _of_scan(vault: Vault, asked: _Asked, number: int) -> list[Person]:
    scan = vault.scan(number)
    if asked.number is not None:
        found = person_envelopes.by_number(vault, scan, str(asked.number).zfill(10))
        return [one for one in found if _person_fits(one, asked)]
    if asked.names and asked.birth_date:
        called = (Called(name, name, asked.birth_date) for name in asked.names)
        found = [one for whom in called for one in person_envelopes.by_name(vault, scan, whom)]
        return [one for one in dict.fromkeys(found) if _person_fits(one, asked)]
    return person_envelopes.by_town(vault, scan, asked.town, asked.names, asked.birth_date)


def _person_fits(one: Person, asked: _Asked) -> bool:
    named = not asked.names or not {one.name, one.name_kana}.isdisjoint(asked.names)
    born = not asked.birth_date or one.birth_date == asked.birth_date
    return named and born and (not asked.town or asked.town in _plain(one.address or ""))


def _numbers_of(one: Person) -> set[str]:
    """All that are known of somebody, as digits; envelopes of a scan tell the first only."""
    return {*one.numbers, *lookup.numbers_in([one.number or ""])}


def _unreadable() -> UsageError:
    return UsageError(
        Text("That is no number, or no date.", "番号または日付として読み取れません。"),
        Text("As: 4701-000001, 1950-04-06", "例: 4701-000001、1950-04-06"),
    )


def _too_little() -> UsageError:
    return UsageError(
        Text("That is too little to find one person by.", "一人を探すには情報が足りません。"),
        Text(
            "Give a number, or two of name (or kana), birth date and town.",
            "番号、または氏名（カナ）・生年月日・市区町村のうち2つを指定してください。",
        ),
    )


def _too_many(count: int) -> UsageError:
    return UsageError(
        Text("{n:,} {n|holder|holders} are called so or born then.", "該当者が{n:,}人います。").fill(n=count),
        Text("Give the birth date, or a number.", "生年月日または番号を指定してください。"),
    )
