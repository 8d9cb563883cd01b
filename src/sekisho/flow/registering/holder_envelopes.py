"""Keeps envelopes in step with the register: of everybody in a small one, in a large one of those who were touched."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence

import numpy as np
import polars as pl

from sekisho.countries import known
from sekisho.errors import UsageError
from sekisho.flow.registering import replaced
from sekisho.model import Item
from sekisho.register import lookup
from sekisho.register.current import numbers, total, under_one_number
from sekisho.register.lookup import Life
from sekisho.register.roots import Roots
from sekisho.register.since import GONE, since
from sekisho.vault import Register, Vault
from sekisho.vault.people import Called, Person
from sekisho.wording import Text

MOST, DEFAULT = "SEKISHO_ENVELOPES", 50_000
"""How many persons a register may hold for all of them to get envelopes when it is imported."""
_WANTED = (Item.NAME, Item.NAME_KANA, Item.BIRTH_DATE, Item.ADDRESS)
_TOLD = ("holder", "lead", *_WANTED, "numbers")


def keep_in_step(vault: Vault) -> int:
    """Seal what is new or has changed, drop what is gone; gives how many were sealed. For a vault open to write."""
    register, people = vault.register(), vault.people()
    number = register.next_number() - 1
    was, complete = people.state()
    if was == number:
        return 0
    whole = complete and total(register) <= most()
    there = np.fromiter(people.holders(), np.int64)
    if not whole and not len(there):
        people.are_of(number, complete=False)
        return 0
    wanted, gone = _concerned(register, was)
    if not whole:
        here = np.zeros(len(wanted), bool)
        here[there] = True
        wanted &= here
    people.drop(gone)
    sealed = people.put(_people(register, wanted)) if wanted.any() else 0
    people.are_of(number, complete=whole)
    return sealed


def seal_again(vault: Vault) -> None:
    """Seal those anew whose keys are not here, from the register's parts. For a vault that was just restored."""
    people = vault.people()
    lost = people.without_key()
    if lost:
        people.drop(lost)
        act, complete = people.state()
        people.are_of(0 if complete else act, complete=complete)
        keep_in_step(vault)


def touch(vault: Vault, lives: Sequence[Life]) -> None:
    """Seal some persons who have been looked at, where they have no envelopes yet and those are in step."""
    register, people = vault.register(), vault.people()
    act, complete = people.state()
    if complete or act != register.next_number() - 1:
        return
    there = people.holders([life.holder for life in lives])
    people.put(one for life in lives if life.holder not in there for one in now(register, life))


def by_number(vault: Vault, text: str) -> int | None:
    """The holder whom a number leads to: by the blind index where it can tell, else from the register's parts."""
    register = vault.register()
    number = lookup.number_in(text)
    if number is not None:
        replaced.in_hand(vault, number)
    act, complete = vault.people().state()
    if number is not None and act == register.next_number() - 1:
        found = vault.people().by_number(str(number))
        if found is not None:
            return found.holder
        if complete and not vault.people().cannot_tell([str(number)]):
            return None
    return lookup.by_number(register, text)


def knows(vault: Vault, number: int) -> bool:
    """Whether the blind index can tell whom of the register a number leads to, without opening an envelope."""
    people = vault.people()
    act, complete = people.state()
    return act == vault.register().next_number() - 1 and (complete or people.has(str(number)))


def called(name: str, born: str) -> Called:
    """A name (or its reading) and a birth date, however they are written; raises UsageError where there is no date."""
    normal = {
        item: known.normalise(item, pl.Series([text], dtype=pl.String))[0]
        for item, text in ((Item.NAME, name), (Item.NAME_KANA, name), (Item.BIRTH_DATE, born))
    }
    if normal[Item.BIRTH_DATE] is None or not name.strip():
        raise UsageError(
            Text("That is no name with a birth date.", "氏名と生年月日として読み取れません。"),
            Text(
                "As: --name 架空太郎 --born 1950-04-06 (or --name - and both on standard input, a line each).",
                "例: --name 架空太郎 --born 1950-04-06（--name - なら標準入力から1行ずつ）。",
            ),
        )
    bare = "".join(name.split())
    return Called(normal[Item.NAME] or bare, normal[Item.NAME_KANA] or bare, normal[Item.BIRTH_DATE])


def by_name(vault: Vault, whom: Called) -> list[int]:
    """The holders who are called so now: by the blind index where it can tell, else from the register's parts."""
    register, people = vault.register(), vault.people()
    act, complete = people.state()
    if complete and act == register.next_number() - 1 and not people.cannot_tell(whom):
        return sorted(one.holder for one in people.by_name(whom))
    found = lookup.called(register, [whom.name, whom.reading], whom.birth_date)
    lives = lookup.lives(register, found)
    return sorted(life.holder for life in lives for one in now(register, life) if whom.fits(one))


def differing(vault: Vault) -> list[int]:
    """Holders of whom the envelopes, as far as they are used, say something else than the register's parts."""
    register, people = vault.register(), vault.people()
    act, complete = people.state()
    if act != register.next_number() - 1:
        return []
    there = people.holders()
    wanted = np.full(total(register), complete)
    wanted[[holder for holder in there if holder < len(wanted)]] = True
    known_ones: set[int] = set()

    def told() -> Iterator[Person]:
        for one in _people(register, wanted):
            known_ones.add(one.holder)
            yield one

    wrong = set(people.differing(told()))
    return sorted(wrong | (there - known_ones))


def most() -> int:
    """How many persons get envelopes at once; raises UsageError."""
    said = os.environ.get(MOST, str(DEFAULT))
    if not said.isdecimal():
        raise UsageError(
            Text("{name} is no number: {said!r}.", "{name} が数ではありません: {said!r}。").fill(name=MOST, said=said),
            Text("As: {name}=50000", "例: {name}=50000").fill(name=MOST),
        )
    return int(said)


def _concerned(register: Register, was: int) -> tuple[np.ndarray, list[int]]:
    """Who is new or changed since an act (Boolean by holder), and who is gone."""
    wanted, gone = np.zeros(total(register), bool), []
    for some in since(register, was):
        is_gone = pl.col("change") == GONE
        gone += some.filter(is_gone)["holder"].to_list()
        wanted[some.filter(~is_gone)["holder"].to_numpy()] = True
    return wanted, gone


def now(register: Register, life: Life) -> Iterator[Person]:
    """Who somebody is now, by all that was ever said of them; nobody where nothing of it counts any more."""
    counted = life.states.filter(~pl.col("act").is_in(list(life.undone)), holder=life.holder)
    last = counted.filter(pl.col("act") == pl.col("act").max(), place=0)
    numbers_ = [number for number in lookup.numbers_said(life) if lookup.leads_to(register, number) == life.holder]
    bare = {item: known.normalise(item, last[item]) for item in (Item.NAME, Item.NAME_KANA)}
    told = last.with_columns(**bare).select(Item.BASIC_PENSION_NUMBER, *_WANTED)
    for number, name, name_kana, birth_date, address in told.iter_rows():
        yield Person(life.holder, number, name, name_kana, birth_date, address, tuple(map(str, sorted(numbers_))))


def _people(register: Register, wanted: np.ndarray) -> Iterator[Person]:
    """Some holders (Boolean by holder), as what they are called now."""
    led = _numbers(register, wanted)
    for rows in under_one_number(register, _WANTED, wanted):
        first = rows.filter(pl.col("root") == pl.col("holder"), pl.col("place") == 0)
        bare = {item: known.normalise(item, first[item]) for item in (Item.NAME, Item.NAME_KANA)}
        told = first.with_columns(holder=pl.col("root"), **bare)
        both = told.join(led, on="holder", how="left", maintain_order="left").select(_TOLD)
        for holder, number, name, name_kana, birth_date, address, every in both.iter_rows():
            yield Person(holder, number, name, name_kana, birth_date, address, tuple(map(str, every or ())))


def _numbers(register: Register, wanted: np.ndarray) -> pl.DataFrame:
    """``holder``, ``numbers``: all that lead to some holders."""
    roots = Roots(register)
    found = [pl.DataFrame(schema={"number": pl.Int64, "holder": pl.Int64})]
    for told in numbers(register):
        root = roots.now(told["holder"].to_numpy())
        mine = told.select("number", holder=pl.Series(root, dtype=pl.Int64)).filter(pl.Series(wanted[root]))
        found.append(mine)
    return pl.concat(found).group_by("holder").agg(numbers="number")
