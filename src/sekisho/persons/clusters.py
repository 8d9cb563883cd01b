"""Persons known only from records: profiles that share a number, or a name and what makes it one person's.

SQL finds which profiles share a key and what hangs together. Where nothing within such a component contradicts, it is
one person; the few others are put together link by link, the strongest evidence first.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa

from sekisho.countries import compare
from sekisho.countries.compare import Level
from sekisho.model import Item
from sekisho.persons import judge
from sekisho.vault.analytics import Analytics, Step

CLUSTERED = pa.schema(
    [("profile", pa.int64()), ("cluster", pa.int64()), ("ask", pa.bool_()), ("conflict", pa.string())]
)
MOST_UNDER_ONE_KEY = 50  # different persons; a key that more bear is a placeholder (0000-000000), no evidence
MOST_PROFILES_UNDER_ONE_KEY = 200  # ways in which one person is written down

_KEYS = (  # the strongest evidence first; each names the items that two profiles must share
    ("number",),
    ("my_number",),
    ("name", "birth"),
    ("kana", "birth"),
    ("name", "address"),
    ("kana", "address"),
    ("name", "phone"),
    ("name", "email"),
    ("name", "office"),  # the first four digits of the number, then the last six: one of them survives a slip
    ("name", "serial"),
)
_BY_NUMBER = 2  # keys before this place are numbers, after which names and dates are verified
_BY_BIRTH = 4  # keys before this place hold the birth date
_BY_NEAR_NUMBER = 8  # keys from this place on count only where the numbers are one slip apart
_SINGLE = ("number", "my_number", "name", "kana", "birth", "sex")  # of which one person has one


def steps() -> list[Step]:
    """``leftover``: profiles of ``rest`` that say enough to be somebody; ``shared``: who shares which key."""
    keys = " UNION ALL ".join(
        f"SELECT hash({place}, {', '.join(key)}) AS key, profile FROM leftover WHERE {_present(key)}"
        for place, key in enumerate(_KEYS)
    )
    return [
        Step(
            "leftover",
            f"""SELECT *, left(number, 4) AS office, right(number, 6) AS serial FROM rest
                WHERE profile NOT IN (SELECT profile FROM settled)
                AND ({" OR ".join(_present(key) for key in _KEYS[:_BY_NEAR_NUMBER])})""",
        ),
        Step("keys", keys),
        Step(
            "shared",
            f"""SELECT dense_rank() OVER (ORDER BY key) AS key, profile FROM keys
               WHERE key IN (SELECT key FROM keys GROUP BY key
                             HAVING count(*) BETWEEN 2 AND {MOST_PROFILES_UNDER_ONE_KEY})""",
        ),
    ]


def _present(key: Sequence[str]) -> str:
    return "(" + " AND ".join(f"{item} IS NOT NULL" for item in key) + ")"


def find(db: Analytics) -> pa.Table:
    """`CLUSTERED` for every profile of ``leftover``; a cluster is called by the first of its profiles."""
    db.run(steps())
    db.feed("components", _components(db.table("SELECT key, profile FROM shared ORDER BY key, profile")))
    db.run(
        [
            Step(
                "parted",
                """SELECT l.*, coalesce(c.component, l.profile) AS component
                   FROM leftover l LEFT JOIN components c USING (profile)""",
            ),
            Step(
                "doubtful",
                f"""SELECT component FROM parted GROUP BY component
                    HAVING {" OR ".join(f"count(DISTINCT {item}) > 1" for item in _SINGLE)}""",
            ),
        ]
    )
    doubtful = db.table("SELECT * FROM parted WHERE component IN (SELECT component FROM doubtful) ORDER BY profile")
    clear = db.table(
        """SELECT profile, component AS cluster, false AS ask, '' AS conflict FROM parted
           WHERE component NOT IN (SELECT component FROM doubtful)"""
    )
    db.feed("firm", pa.concat_tables([clear.cast(CLUSTERED), _put_together(doubtful.to_pylist())]))
    db.run(_partial_dates())
    return db.table("SELECT profile, cluster, ask, conflict FROM joined").cast(CLUSTERED)


def _partial_dates() -> list[Step]:
    """``joined``: a cluster whose birth date is known in part joins the only one that it fits; a human is asked."""
    fits = "year = substr(f.birth, 1, 4) AND f.birth LIKE replace(l.birth, '?', '_') AND f.cluster <> l.cluster"
    meets = " UNION ".join(
        f"SELECT l.cluster, f.cluster AS home FROM loose l JOIN full_dates f ON l.{item} = f.{item} AND l.{fits}"
        for item in ("name", "kana")
    )
    return [
        Step("members", "SELECT cluster, l.* FROM firm JOIN leftover l USING (profile)"),
        Step(
            "loose",
            """SELECT m.*, substr(birth, 1, 4) AS year FROM members m WHERE cluster IN (
                   SELECT cluster FROM members GROUP BY cluster
                   HAVING bool_and(coalesce(contains(birth, '?'), false) AND number IS NULL AND my_number IS NULL))""",
        ),
        Step("full_dates", "SELECT cluster, name, kana, birth FROM members WHERE NOT contains(birth, '?')"),
        Step("homes", f"SELECT cluster, min(home) AS home, count(*) AS homes FROM ({meets}) GROUP BY cluster"),
        Step(
            "joined",
            """SELECT f.profile, CASE WHEN h.homes = 1 THEN h.home ELSE f.cluster END AS cluster,
                      f.ask OR h.cluster IS NOT NULL AS ask, f.conflict
               FROM firm f LEFT JOIN homes h USING (cluster)""",
        ),
    ]


def _components(shared: pa.Table) -> pa.Table:
    """What hangs together by shared keys, called by its first profile."""
    parent: dict[int, int] = {}
    keys, profiles = shared.column("key").to_pylist(), shared.column("profile").to_pylist()
    first_of: dict[int, int] = {}
    for key, profile in zip(keys, profiles, strict=True):
        _join(parent, first_of.setdefault(key, profile), profile)
    return pa.table(
        {
            "profile": pa.array(parent.keys(), pa.int64()),
            "component": pa.array([_root(parent, profile) for profile in parent], pa.int64()),
        }
    )


def _root(parent: dict[int, int], one: int) -> int:
    while parent[one] != one:
        parent[one] = one = parent[parent[one]]
    return one


def _join(parent: dict[int, int], one: int, other: int) -> None:
    first, second = _root(parent, parent.setdefault(one, one)), _root(parent, parent.setdefault(other, other))
    parent[max(first, second)] = min(first, second)


@dataclass(slots=True, eq=False)
class _Person:
    """A cluster as it grows: which profiles, and every value of each item."""

    profiles: list[int]
    values: dict[str, set[str]]
    ask: bool = False
    conflict: set[str] = field(default_factory=set)

    def take(self, other: _Person) -> None:
        self.profiles += other.profiles
        for item, values in other.values.items():
            self.values.setdefault(item, set()).update(values)
        self.ask |= other.ask
        self.conflict |= other.conflict

    def doubt(self, items: Iterable[str]) -> None:
        self.ask = True
        self.conflict |= set(items)


@dataclass(frozen=True, slots=True)
class _Finding:
    """Whether two persons who share a key are one, what disagrees, and whether a human must decide."""

    same: bool
    ask: bool = False
    conflict: frozenset[str] = frozenset()


def _put_together(profiles: Sequence[dict[str, Any]]) -> pa.Table:
    """`CLUSTERED` for profiles among which something contradicts, given in the order of their content."""
    person_of = {
        row["profile"]: _Person([row["profile"]], {item: {row[item]} for item in _SINGLE if row[item]})
        for row in profiles
    }
    for place, key in enumerate(_KEYS):
        for group in _groups(profiles, key):
            _link(group, place, person_of)
    rows = [(profile, min(p.profiles), p.ask, judge.in_order(p.conflict)) for profile, p in person_of.items()]
    return pa.table([pa.array(column) for column in zip(*rows, strict=True)] if rows else [[]] * 4, schema=CLUSTERED)


def _groups(profiles: Iterable[dict[str, Any]], key: Sequence[str]) -> Iterator[list[int]]:
    found: dict[tuple[str, ...], list[int]] = defaultdict(list)
    for row in profiles:
        values = tuple(row[item] for item in key)
        if all(values):
            found[values].append(row["profile"])
    return (group for group in found.values() if len(group) > 1)


def _link(group: Sequence[int], place: int, person_of: dict[int, _Person]) -> None:
    """Merge the persons of a group as far as nothing speaks against it; doubt those that are kept apart."""
    persons = list(dict.fromkeys(person_of[profile] for profile in group))
    if len(persons) > MOST_UNDER_ONE_KEY:
        return
    kept: list[_Person] = []
    for person in persons:
        found = [(other, _compared(other, person, place)) for other in kept]
        home = next((pair for pair in found if pair[1].same), None)
        for other, finding in found:
            if finding.ask and (home is None or other is not home[0]):
                other.doubt(finding.conflict)
                person.doubt(finding.conflict)
        if home is None:
            kept.append(person)
        else:
            _merge(home[0], person, home[1], person_of)


def _merge(home: _Person, person: _Person, finding: _Finding, person_of: dict[int, _Person]) -> None:
    home.take(person)
    home.ask |= finding.ask
    home.conflict |= finding.conflict
    for profile in person.profiles:
        person_of[profile] = home


def _compared(one: _Person, other: _Person, place: int) -> _Finding:
    if _apart(one, other, "my_number"):
        return _Finding(same=False, ask=True, conflict=frozenset({Item.MY_NUMBER}))
    if place < _BY_NUMBER:
        return _under_one_number(one, other)
    return _of_one_name(one, other, place)


def _under_one_number(one: _Person, other: _Person) -> _Finding:
    names, readings, births = _levels(one, other)
    verdict = compare.verdict(compare.best(names, readings), births)
    numbers_differ = _apart(one, other, "number")
    said = judge.conflicts(
        name=names,
        kana=readings,
        birth=births,
        sexes_differ=_apart(one, other, "sex"),
        numbers_differ=numbers_differ,
    )
    return _Finding(verdict.same, verdict.ask or numbers_differ, frozenset(said.split(",")) - {""})


def _of_one_name(one: _Person, other: _Person, place: int) -> _Finding:
    names, readings, births = _levels(one, other)
    if place >= _BY_BIRTH and births in (Level.ALIKE, Level.DIFFER):
        return _Finding(same=False)  # father and son
    sexes_differ, numbers_differ = _apart(one, other, "sex"), _apart(one, other, "number")
    near = numbers_differ and _near(one.values["number"], other.values["number"])
    if place >= _BY_NEAR_NUMBER and not near:
        return _Finding(same=False)
    said = judge.conflicts(name=names, kana=readings, sexes_differ=sexes_differ, numbers_differ=numbers_differ)
    others = sexes_differ or (numbers_differ and not near) or names == Level.DIFFER
    ask = bool(others or near or readings == Level.DIFFER)
    return _Finding(not others, ask, frozenset(said.split(",")) - {""})


def _levels(one: _Person, other: _Person) -> tuple[Level | None, Level | None, Level | None]:
    """The best agreement of any two values: names, readings, birth dates."""

    def pairs(item: str) -> Iterator[tuple[str, str]]:
        return ((a, b) for a in one.values.get(item, ()) for b in other.values.get(item, ()))

    return (
        compare.best(*(compare.names(a, b) for a, b in pairs("name"))),
        compare.best(*(compare.readings(a, b) for a, b in pairs("kana"))),
        compare.best(*(compare.births(a, b) for a, b in pairs("birth"))),
    )


def _apart(one: _Person, other: _Person, item: str) -> bool:
    """Whether both have values of an item and share none."""
    mine, theirs = one.values.get(item), other.values.get(item)
    return bool(mine and theirs and mine.isdisjoint(theirs))


def _near(numbers: Iterable[str], others: Sequence[str] | set[str]) -> bool:
    return any(compare.numbers_are_near(a, b) for a in numbers for b in others)
