"""New numbers in place of those that leaked: supplied by the issuer, given once, kept as what old ones point to.

That no number is given twice and nobody gets two is what the store's own tables demand (`schema.reissued`), whatever a
kill or another process does: a number leaves ``free`` in the transaction that gives it, and never comes back.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import pyarrow as pa

from sekisho.clock import utc_now
from sekisho.vault.acts import canonical
from sekisho.vault.store import Store

POOL, ALERT = "reissue.pool", "reissue.alert"
_AT_ONCE = 500


class Standing(StrEnum):
    """What became of a new number."""

    FREE = "free"
    GIVEN = "given"
    EXPORTED = "exported"  # the core system was told
    TAKEN = "taken"  # it said yes
    IN_FORCE = "in_force"  # the register has it as its holder's current one, and the old one leads to it
    REFUSED = "refused"  # the core system said no, or it turned out to be somebody's: nobody ever gets it
    FORGOTTEN = "forgotten"  # with the person who had it


GIVEN = (Standing.GIVEN, Standing.EXPORTED, Standing.TAKEN, Standing.IN_FORCE)
"""Those that are somebody's."""
REPLACED = (Standing.TAKEN, Standing.IN_FORCE)
"""Those that replaced an old number for good: that one raises an alert."""
REISSUES = pa.schema(
    [
        ("person", pa.int64()),  # as in the leak master
        ("old", pa.int64()),
        ("number", pa.int64()),
        ("state", pa.string()),
        ("version", pa.int64()),  # of the leak master
        ("export", pa.int64()),
        ("notice", pa.int64()),
        ("bundle", pa.int64()),
        ("at", pa.string()),
    ]
)


@dataclass(frozen=True, slots=True)
class Pool:
    """One file of numbers that the issuer supplied."""

    number: int
    at: str
    sha256: str
    account: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Alias:
    """An old number, what replaced it, and for which incident."""

    old: int
    number: int
    incident: int


@dataclass(frozen=True, slots=True)
class Alert:
    """A replaced number turned up: in a ``place`` (scan, match, register, person), ``times`` times."""

    number: int
    at: str
    place: str
    thing: int | None
    incident: int | None
    old: int | None
    times: int


@dataclass(frozen=True, slots=True)
class Bundle:
    """Notices that go to the print shop together: by which sink, and in which of the letters' words."""

    number: int
    sink: str
    words: int


class Numbers:
    """All new numbers of a vault, and the old ones that they replaced."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def pools(self) -> list[Pool]:
        """What was supplied, oldest first."""
        rows = self._store.rows("SELECT pool, at, sha256, account FROM number_pools ORDER BY pool")
        return [Pool(number, at, sha256, json.loads(account)) for number, at, sha256, account in rows]

    def supply(self, numbers: Sequence[int], sha256: str, program: str, account: Mapping[str, Any]) -> int:
        """Put numbers into the pool, in their order; gives the pool's number. Raises RightsError."""
        with self._store.act(POOL, counts={"numbers": len(numbers)}, about=canonical([sha256])) as act:
            pool = int(self._store.rows("SELECT COALESCE(MAX(pool), 0) + 1 FROM number_pools")[0][0])
            act.counts["pool"] = pool
            sql = "INSERT INTO number_pools (pool, at, sha256, program, account) VALUES (?, ?, ?, ?, ?)"
            self._store.run(sql, (pool, utc_now(), sha256, program, json.dumps(account, ensure_ascii=False)))
            rows = [(number, pool, place, str(Standing.FREE)) for place, number in enumerate(numbers, 1)]
            self._store.add("new_numbers (number, pool, place, state)", rows)
        return pool

    def counts(self) -> dict[Standing, int]:
        """How many numbers stand where."""
        return _counted(self._store.rows("SELECT state, COUNT(*) FROM new_numbers GROUP BY state"))

    def every(self) -> pa.Table:
        """``number``, ``state`` of every number that was ever supplied."""
        rows = self._store.rows("SELECT number, state FROM new_numbers ORDER BY number")
        return _table(rows, pa.schema([("number", pa.int64()), ("state", pa.string())]))

    def free(self) -> pa.Table:
        """``number`` of all that are left, in the order in which they are given."""
        rows = self._store.rows("SELECT number FROM new_numbers WHERE state = 'free' ORDER BY pool, place")
        return _table(rows, pa.schema([("number", pa.int64())]))

    def spoil(self, numbers: Iterable[int]) -> None:
        """Within an act: some that are left turned out to be somebody's. Nobody ever gets them."""
        sql = "UPDATE new_numbers SET state = ?, at = ? WHERE number = ? AND state = 'free'"
        now = utc_now()
        self._store.run(sql, *((str(Standing.REFUSED), now, number) for number in numbers))

    def succeeded(self) -> pa.Table:
        """``old`` of all that have a successor, in force or on its way, for whatever incident."""
        rows = self._store.rows("SELECT old FROM new_numbers WHERE old IS NOT NULL ORDER BY old")
        return _table(rows, pa.schema([("old", pa.int64())]))

    def has_replaced(self) -> bool:
        """Whether any number was replaced."""
        return bool(self._store.rows(f"SELECT 1 FROM new_numbers WHERE {_REPLACED} LIMIT 1"))  # noqa: S608

    def replaced(self) -> pa.Table:
        """``old``, ``number``, ``at`` (since when) of all that were replaced, in order of the old ones."""
        rows = self._store.rows(f"SELECT old, number, taken FROM new_numbers WHERE {_REPLACED} ORDER BY old")  # noqa: S608
        return _table(rows, pa.schema([("old", pa.int64()), ("number", pa.int64()), ("at", pa.string())]))

    def aliases(self, numbers: Iterable[int]) -> list[Alias]:
        """Of some numbers, those that were replaced."""
        asked = sorted(set(numbers))
        found: list[Alias] = []
        for some in (asked[at : at + _AT_ONCE] for at in range(0, len(asked), _AT_ONCE)):
            marks = ", ".join("?" * len(some))
            sql = f"SELECT old, number, incident FROM new_numbers WHERE old IN ({marks}) AND {_REPLACED}"  # noqa: S608
            found += [Alias(*row) for row in self._store.rows(sql, some)]
        return found

    def alert(self, place: str, times: Mapping[int, int], thing: int | None = None) -> list[Alias]:
        """Say that some numbers turned up, so many times each; an alert for each that was replaced, durable.

        Inside an act (a look that is on its way) it is a part of that. Gives which. Raises RightsError.
        """
        found = self.aliases(times)
        if not found:
            return []
        rows = [(utc_now(), place, thing, one.incident, one.old, times[one.old]) for one in found]
        if self._store.is_acting:
            self._put(rows)
        else:
            counts = {"numbers": len(rows), "times": sum(times[one.old] for one in found)}
            with self._store.act(ALERT, counts=counts, more={"place": place, "thing": thing or 0}):
                self._put(rows)
        return found

    def last_alert(self) -> int:
        """The number of the last alert, 0 where there is none."""
        return int(self._store.rows("SELECT COALESCE(MAX(alert), 0) FROM number_alerts")[0][0])

    def alerts(self) -> list[Alert]:
        """Every alert, oldest first."""
        columns = "alert, at, place, thing, incident, old, times"
        return [Alert(*row) for row in self._store.rows(f"SELECT {columns} FROM number_alerts ORDER BY alert")]  # noqa: S608

    def forget(self, numbers: Sequence[int]) -> None:
        """Within an act: whose a number was, and what it replaced, of somebody who is forgotten. It stays given."""
        for column in ("number", "old", "was"):
            self._store.run(
                f"UPDATE new_numbers SET state = ?, person = NULL, old = NULL, was = NULL "  # noqa: S608
                f"WHERE {column} = ? AND state != 'free'",
                *((str(Standing.FORGOTTEN), number) for number in numbers),
            )
        self._store.run("UPDATE number_alerts SET old = NULL WHERE old = ?", *((number,) for number in numbers))

    def _put(self, rows: Sequence[Sequence[object]]) -> None:
        self._store.run(
            "INSERT INTO number_alerts (at, place, thing, incident, old, times) VALUES (?, ?, ?, ?, ?, ?) "
            "ON CONFLICT (place, thing, old) DO UPDATE SET times = excluded.times",
            *rows,
        )


class Reissues:
    """The new numbers of one incident."""

    def __init__(self, store: Store, incident: int) -> None:
        self._store = store
        self.incident = incident

    def all(self, *states: Standing) -> pa.Table:
        """`REISSUES`: of everybody who was given a number, or of those in some states; in order of persons."""
        wanted = states or GIVEN
        rows = self._store.rows(
            f"SELECT {', '.join(REISSUES.names)} FROM new_numbers "  # noqa: S608
            f"WHERE incident = ? AND state IN ({', '.join('?' * len(wanted))}) AND old IS NOT NULL ORDER BY person",
            (self.incident, *map(str, wanted)),
        )
        return _table(rows, REISSUES)

    def asked(self) -> pa.Table:
        """``old``, ``number``, ``state`` of all that the core system was told, those that it refused too."""
        rows = self._store.rows(
            "SELECT COALESCE(old, was), number, state FROM new_numbers "
            "WHERE incident = ? AND export IS NOT NULL AND COALESCE(old, was) IS NOT NULL ORDER BY number",
            (self.incident,),
        )
        return _table(rows, pa.schema([("old", pa.int64()), ("number", pa.int64()), ("state", pa.string())]))

    def counts(self) -> dict[Standing, int]:
        """How many numbers stand where."""
        sql = "SELECT state, COUNT(*) FROM new_numbers WHERE incident = ? GROUP BY state"
        return _counted(self._store.rows(sql, (self.incident,)))

    def give(self, whom: Sequence[tuple[int, int]], version: int) -> None:
        """Within an act: give persons (person, old number), in their order, the next numbers of the pool.

        Raises ValueError where there are fewer numbers than persons.
        """
        sql = "SELECT number FROM new_numbers WHERE state = 'free' ORDER BY pool, place LIMIT ?"
        numbers = [number for (number,) in self._store.rows(sql, (len(whom),))]
        now = utc_now()
        sql = (
            "UPDATE new_numbers SET state = ?, incident = ?, person = ?, old = ?, version = ?, at = ? "
            "WHERE number = ? AND state = 'free'"
        )
        self._store.run(
            sql,
            *(
                (str(Standing.GIVEN), self.incident, person, old, version, now, number)
                for (person, old), number in zip(whom, numbers, strict=True)
            ),
        )

    def export(self) -> int:
        """Within an act: say that the core system gets all that were given since the last time; gives which time."""
        sql = "SELECT COALESCE(MAX(export), 0) + 1 FROM new_numbers WHERE incident = ?"
        number = int(self._store.rows(sql, (self.incident,))[0][0])
        row = (str(Standing.EXPORTED), number, utc_now(), self.incident, str(Standing.GIVEN))
        self._store.run("UPDATE new_numbers SET state = ?, export = ?, at = ? WHERE incident = ? AND state = ?", row)
        return number

    def announce(self, numbers: Sequence[int], a_bundle: int, sink: str, words: int) -> None:
        """Within an act: give the notices of some new numbers their numbers, in order, and put them into bundles.

        ``sink``, ``words``: by which all of them go and in which of the letters' words, whoever queues them.
        """
        last = "SELECT COALESCE(MAX(notice), 0), COALESCE(MAX(bundle), 0) FROM new_numbers WHERE incident = ?"
        [(notice, bundle)] = self._store.rows(last, (self.incident,))
        sql = "UPDATE new_numbers SET notice = ?, bundle = ? WHERE number = ? AND incident = ? AND notice IS NULL"
        rows = (
            (notice + at + 1, bundle + at // a_bundle + 1, number, self.incident) for at, number in enumerate(numbers)
        )
        self._store.run(sql, *rows)
        made = [(self.incident, bundle + at // a_bundle + 1, sink, words) for at in range(0, len(numbers), a_bundle)]
        self._store.add("notice_bundles (incident, bundle, sink, words)", made)

    def bundles(self) -> list[Bundle]:
        """All bundles of notices, oldest first."""
        sql = "SELECT bundle, sink, words FROM notice_bundles WHERE incident = ? ORDER BY bundle"
        return [Bundle(*row) for row in self._store.rows(sql, (self.incident,))]

    def become(self, state: Standing, numbers: Iterable[int]) -> None:
        """Within an act: what some numbers are from now on. One that is refused is nobody's, and never free again."""
        whose = ", person = NULL, was = old, old = NULL" if state is Standing.REFUSED else ""
        now = utc_now()
        taken = f", taken = '{now}'" if state is Standing.TAKEN else ""
        sql = f"UPDATE new_numbers SET state = ?, at = ?{taken}{whose} WHERE number = ? AND incident = ?"  # noqa: S608
        self._store.run(sql, *((str(state), now, number, self.incident) for number in numbers))


_REPLACED = f"state IN ({', '.join(repr(str(state)) for state in REPLACED)}) AND old IS NOT NULL"


def _counted(rows: Iterable[tuple[Any, ...]]) -> dict[Standing, int]:
    return {Standing(state): count for state, count in rows}


def _table(rows: Sequence[tuple[Any, ...]], schema: pa.Schema) -> pa.Table:
    columns = list(zip(*rows, strict=True)) or [()] * len(schema)
    return pa.table([pa.array(column, field.type) for column, field in zip(columns, schema, strict=True)], schema)
