"""Judges the pairs on which an item disagrees; the pairs that agree in all never leave SQL."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pyarrow as pa

from sekisho.model import Item
from sekisho.persons import compare
from sekisho.persons.compare import Level

JUDGED = pa.schema(
    [
        ("profile", pa.int64()),
        ("person", pa.string()),
        ("same", pa.bool_()),
        ("ask", pa.bool_()),
        ("conflict", pa.string()),
        ("strength", pa.int32()),
    ]
)
_NAME_COUNTS = 3  # times as much as a birth date
ALL_AGREE = Level.AGREE * (_NAME_COUNTS + 1)  # the strength of a hit with the right name and birth date
AT_ONCE = 50_000  # rows that are Python objects at the same time
NAMED = pa.schema([("profile", pa.int64()), ("ask", pa.bool_()), ("conflict", pa.string())])


def under_one_number(hits: pa.Table) -> pa.Table:
    """`JUDGED` for profiles and holders that share a number but not all else."""
    batches = (_hits_judged(pa.Table.from_batches([batch])) for batch in hits.to_batches(AT_ONCE))
    return pa.concat_tables([JUDGED.empty_table(), *batches])


def _hits_judged(hits: pa.Table) -> pa.Table:
    columns = [hits.column(name).to_pylist() for name in ("name", "holder_name", "kana", "holder_kana")]
    columns += [hits.column(name).to_pylist() for name in ("birth", "holder_birth", "sex", "holder_sex")]
    judged = [_judged(*pair) for pair in zip(*columns, strict=True)]
    same, ask, conflict, strength = zip(*judged, strict=True) if judged else ((), (), (), ())
    return pa.table([hits.column("profile"), hits.column("person"), same, ask, conflict, strength], schema=JUDGED)


def _judged(
    name: str | None,
    holder_name: str | None,
    kana: str | None,
    holder_kana: str | None,
    birth: str | None,
    holder_birth: str | None,
    sex: str | None,
    holder_sex: str | None,
) -> tuple[bool, bool, str, int]:
    names = compare.names(name, holder_name)
    readings = compare.readings(kana, holder_kana)
    births = compare.births(birth, holder_birth)
    called = compare.best(names, readings)
    sexes_differ = differ(sex, holder_sex)
    verdict = compare.verdict(called, births)
    same = verdict.same and not (sexes_differ and Level.AGREE not in (called, births))
    conflict = conflicts(name=names, kana=readings, birth=births, sexes_differ=sexes_differ)
    return same, verdict.ask, conflict, (called or 0) * _NAME_COUNTS + (births or 0)


def by_name(choices: pa.Table) -> pa.Table:
    """`NAMED` for profiles settled on a holder by name and birth date, on which something else disagrees."""
    said = [_named(choice) for batch in choices.to_batches(AT_ONCE) for choice in batch.to_pylist()]
    ask, conflict = zip(*said, strict=True) if said else ((), ())
    return pa.table([choices.column("profile"), ask, conflict], schema=NAMED)


def _named(choice: dict[str, Any]) -> tuple[bool, str]:
    """A number that differs is asked about, unless it is nearly the same or known to be a stranger's."""
    names = compare.names(choice["name"], choice["holder_name"])
    readings = compare.readings(choice["kana"], choice["holder_kana"])
    births = compare.births(choice["birth"], choice["holder_birth"])
    sexes_differ = differ(choice["sex"], choice["holder_sex"])
    other_number = not choice["same_number"] and differ(choice["number"], choice["holder_number"])
    far = other_number and not compare.numbers_are_near(choice["number"], choice["holder_number"])
    ask = (far and not choice["of_a_stranger"]) or sexes_differ or Level.DIFFER in (names, readings)
    return ask, conflicts(
        name=names, kana=readings, birth=births, sexes_differ=sexes_differ, numbers_differ=other_number
    )


def conflicts(
    *,
    name: Level | None = None,
    kana: Level | None = None,
    birth: Level | None = None,
    sexes_differ: bool = False,
    numbers_differ: bool = False,
) -> str:
    """The items that disagree, comma-joined, in the order of `Item`."""
    disagreeing = (
        (Item.BASIC_PENSION_NUMBER, numbers_differ),
        (Item.NAME, name in (Level.ALIKE, Level.DIFFER)),
        (Item.NAME_KANA, kana in (Level.ALIKE, Level.DIFFER)),
        (Item.BIRTH_DATE, birth in (Level.ALIKE, Level.DIFFER)),
        (Item.SEX, sexes_differ),
    )
    return in_order(item for item, differs in disagreeing if differs)


def in_order(items: Iterable[str]) -> str:
    """Items comma-joined in the order of `Item`."""
    there = set(items)
    return ",".join(item for item in Item if item in there)


def differ(one: str | None, other: str | None) -> bool:
    """Whether both are there and not equal."""
    return bool(one) and bool(other) and one != other
