"""What the register says of one holder, in order: numbers, names and addresses with dates and sources, and changes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from sekisho.model import ITEM_TITLES, Item
from sekisho.register.columns import MANY
from sekisho.register.lookup import Life
from sekisho.register.rows import CLEAR, FLAGS, PENSION, SET
from sekisho.register.states import ITEMS, NUMBER, as_text
from sekisho.wording import Text

PLACES = (Item.ADDRESS, Item.POSTAL_CODE, "former_address", "former_postal_code")
"""What is not shown of whoever must not be found."""
TITLES: Mapping[str, Text] = {
    **{str(item): title for item, title in ITEM_TITLES.items()},
    "old_numbers": Text("old numbers", "旧番号"),
    "name_latin": Text("name in Latin letters", "ローマ字氏名"),
    "former_name": Text("former name", "旧姓・旧氏名"),
    "former_name_kana": Text("former name in kana", "旧姓・旧氏名カナ"),
    "former_name_until": Text("former name until", "改姓日"),
    "alias": Text("alias", "通称"),
    "alias_kana": Text("alias in kana", "通称カナ"),
    "address_from": Text("address since", "住定日"),
    "former_address": Text("address before", "前住所"),
    "former_postal_code": Text("postal code before", "前住所の郵便番号"),
    "periods": Text("contribution periods", "加入期間"),
    PENSION: Text("pension", "年金の受給"),
}
"""What the items are called, but the flags."""
Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Fact:
    """One number, name or address. ``kind``: current, former, ...; ``value``: its parts, a name and its kana, say.

    ``since`` and ``until``: dates that the register gives, or null. ``first`` and ``last``: the acts between which it
    stood there; ``now``: whether the last state still has it.
    """

    kind: str
    value: Mapping[str, str]
    since: str | None
    until: str | None
    first: int
    last: int
    now: bool


@dataclass(frozen=True, slots=True)
class Change:
    """What an act changed: ``item`` from ``before`` to ``after``.

    Items are those of the register, or ``holder`` (entered: ``after`` is the number, or gone), ``joined`` (``before``:
    the number of who turned out to be this holder), ``parted`` (who did not, after all), ``split`` (``before``: whose
    ``after`` was not).
    """

    number: int
    item: str
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True)
class Profile:
    """One holder as the register knows them now, with what it knew before.

    ``number``: their current one, null for who has none. ``pension``: one of `rows.PENSIONS`, null where that is not
    known. ``flags``: what is set, and since when where that is known;
    ``former_flags``: what was. ``imports``: the acts that said it. ``withheld``: whether addresses are left out, as
    this holder must not be found.
    """

    number: str | None
    birth_date: str | None
    sex: str | None
    periods: str | None
    pension: str | None
    flags: Mapping[str, str]
    former_flags: tuple[Fact, ...]
    numbers: tuple[Fact, ...]
    names: tuple[Fact, ...]
    addresses: tuple[Fact, ...]
    imports: tuple[int, ...]
    withheld: bool


def profile(life: Life, *, protected_too: bool = False) -> Profile:
    """The holder now; addresses of a protected one only where ``protected_too``."""
    rows = counted(life)
    main = _main(life, rows)
    flags = _flags(life, rows)
    withheld = is_withheld(life) and not protected_too
    former = (fact for fact in _facts(life, rows, _flag_facts) if not fact.now and fact.kind not in flags)
    return Profile(
        main[NUMBER],
        main[Item.BIRTH_DATE],
        main[Item.SEX],
        main["periods"],
        main[PENSION],
        flags,
        tuple(former),
        tuple(fact for fact in _facts(life, rows, _numbers) if fact.value["number"] not in _split_off(life)),
        _facts(life, rows, _names),
        () if withheld else _facts(life, rows, _addresses),
        tuple(sorted({row["act"] for row in rows})),
        withheld,
    )


def is_withheld(life: Life) -> bool:
    """Whether the holder must not be found, by the last state of them or of one who turned out to be them."""
    rows = counted(life)
    said = (row["protected_address"] for holder in life.group for row in _last(holder, rows))
    return any(value not in (None, CLEAR) for value in said)


def counted(life: Life) -> list[Row]:
    """The rows that count as said of this holder: not those that were undone, or of a number that is not theirs."""
    off = _split_off(life)
    rows = life.states.filter(~pl.col("act").is_in(list(life.undone))).to_dicts()
    return [row for row in rows if row[NUMBER] not in off or row["act"] > off[row[NUMBER]]]


def _split_off(life: Life) -> dict[str, int]:
    """Numbers that turned out not to be this holder's, and the acts that said so."""
    splits = life.splits.filter(~pl.col("act").is_in(list(life.undone)))
    mine = splits.filter(pl.col("source").is_in(list(life.group)) & ~pl.col("holder").is_in(list(life.group)))
    return dict(mine.select(as_text(pl.col("number")), "act").iter_rows())


def changes(life: Life, *, protected_too: bool = False) -> list[Change]:
    """Everything that acts changed, oldest first."""
    rows = life.states.to_dicts()
    withheld = is_withheld(life) and not protected_too
    shown = [item for item in ITEMS if not withheld or item not in PLACES]
    found = [
        change for holder in {row["holder"] for row in rows} for change in _of_one(holder, rows, shown, life.undone)
    ]
    numbers = {row["holder"]: row[NUMBER] for row in rows if row["place"] == 0}
    for row in life.joined.to_dicts():
        named = (numbers.get(row["holder"]), numbers.get(row["into"]))
        found.append(Change(row["act"], "joined", *named))
        if row["act"] in life.undone:
            found.append(Change(life.undone[row["act"]], "parted", *named))
    for row in life.splits.with_columns(as_text(pl.col("number"))).to_dicts():
        found.append(Change(row["act"], "split", numbers.get(row["source"]), row["number"]))
        if row["act"] in life.undone:
            found.append(Change(life.undone[row["act"]], "joined", row["number"], numbers.get(row["source"])))
    return sorted(found, key=lambda change: change.number)


def _flags(life: Life, rows: Sequence[Row]) -> dict[str, str]:
    """What is set on any row of the last state: since when, or `SET`."""
    now = _last(life.holder, rows)
    found = {flag: [row[flag] for row in now if row[flag] not in (None, CLEAR)] for flag in FLAGS}
    return {flag: values[0] for flag, values in found.items() if values}


def _last(holder: int, rows: Sequence[Row]) -> list[Row]:
    """The rows of a holder's last state."""
    mine = [row for row in rows if row["holder"] == holder]
    last = max((row["act"] for row in mine), default=0)
    return [row for row in mine if row["act"] == last]


def _main(life: Life, rows: Sequence[Row]) -> Row:
    """The row that counts: the first of the holder's last state."""
    return min(_last(life.holder, rows), key=lambda row: row["place"])


def _of_one(holder: int, rows: Sequence[Row], items: Sequence[str], undone: Mapping[int, int]) -> Iterator[Change]:
    """What each act that concerns the holder left otherwise than it was."""
    mine = [row for row in rows if row["holder"] == holder]
    said = {row["act"] for row in mine}
    before: dict[str, str | None] | None = None
    for number in sorted(said | {undone[act] for act in said if act in undone}):
        standing = [act for act in said if act <= number and undone.get(act, number + 1) > number]
        now = _values([row for row in mine if row["act"] == max(standing)], items) if standing else None
        if before is None or now is None:
            yield Change(number, "holder", (before or {}).get(NUMBER), (now or {}).get(NUMBER))
        else:
            yield from (Change(number, i, before[i], now[i]) for i in items if before[i] != now[i])
        before = now


def _values(state: Sequence[Row], items: Sequence[str]) -> dict[str, str | None]:
    return {item: " / ".join(dict.fromkeys(row[item] for row in state if row[item])) or None for item in items}


_Told = tuple[str, dict[str, str], str | None, str | None]  # kind, value, since, until


def _facts(life: Life, rows: Sequence[Row], told: Callable[[Row], Iterator[_Told]]) -> tuple[Fact, ...]:
    """What states say, each once: those that stand there now first."""
    last = _main(life, rows)["act"]
    found: dict[tuple[Any, ...], Fact] = {}
    for row in rows:
        now = row["holder"] == life.holder and row["act"] == last
        for kind, value, since, until in told(row):
            key = (kind, *value.items())
            first = found[key].first if key in found else row["act"]
            is_now = now or (key in found and found[key].now)
            found[key] = Fact(kind, value, since, until, first, row["act"], is_now)
    return tuple(sorted(found.values(), key=lambda fact: (not fact.now, -fact.last)))


def _numbers(row: Row) -> Iterator[_Told]:
    if row[NUMBER]:
        yield ("current" if row["place"] == 0 else "further"), {"number": row[NUMBER]}, None, None
    for number in (row[MANY] or "").split(";"):
        if number:
            yield "old", {"number": number}, None, None


def _names(row: Row) -> Iterator[_Told]:
    ways = (
        ("name", Item.NAME, Item.NAME_KANA, None),
        ("latin", "name_latin", "", None),
        ("former", "former_name", "former_name_kana", row["former_name_until"]),
        ("alias", "alias", "alias_kana", None),
    )
    for kind, name, kana, until in ways:
        value = _value(row, {"name": name, "kana": kana})
        if value:
            yield kind, value, None, until


def _addresses(row: Row) -> Iterator[_Told]:
    here = _value(row, {"postal_code": Item.POSTAL_CODE, "address": Item.ADDRESS})
    if here:
        yield "address", here, row["address_from"], None
    before = _value(row, {"postal_code": "former_postal_code", "address": "former_address"})
    if before:
        yield "former", before, None, row["address_from"]


def _flag_facts(row: Row) -> Iterator[_Told]:
    for flag in FLAGS:
        if row[flag] not in (None, CLEAR):
            yield flag, {}, row[flag] if row[flag] != SET else None, None


def _value(row: Row, columns: Mapping[str, str]) -> dict[str, str]:
    return {title: row[column] for title, column in columns.items() if column and row[column]}
