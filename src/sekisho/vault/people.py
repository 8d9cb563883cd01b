"""Identifying fields of register entries, and of persons of a scan, in envelopes, with blind indexes to find them by.

Beside the columns of the register and of the scans: one row a person, each field sealed under a key of that person
alone, which lies in ``keys.db`` and can be destroyed. Whoever gets at the rows, by a hole in a query or as the keeper
of the database, sees neither a number nor a name; looking one up takes a key of the field, reading it the person's.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sekisho.errors import VaultError
from sekisho.model import Item
from sekisho.vault.keys.envelopes import Blind, Envelope
from sekisho.vault.keys.keyring import Keyring
from sekisho.vault.keys.perishable import Perishable
from sekisho.vault.store import Store
from sekisho.wording import Text

PERSON = "person"
FIELDS = ("number", "name", "name_kana", "birth_date", "address")
_AT_ONCE = 5_000
_MANY = 500
REGISTER = 0
"""In place of a scan's number."""
_COLUMNS = f"person, key_id, {', '.join(FIELDS)}, named, read"


@dataclass(frozen=True, slots=True)
class Person:
    """What identifies somebody: ``numbers`` are all that lead to them.

    ``holder``: their place in the register; of a person of a scan the number that the scan gave them.

    Normal forms, names without blanks; None where the register says nothing.
    """

    holder: int
    number: str | None
    name: str | None
    name_kana: str | None
    birth_date: str | None
    address: str | None
    numbers: tuple[str, ...] = ()

    def fields(self) -> dict[str, str | None]:
        """The fields that are sealed, by name."""
        return dict(zip(FIELDS, (self.number, self.name, self.name_kana, self.birth_date, self.address), strict=True))


@dataclass(frozen=True, slots=True)
class Called:
    """Whom somebody asks for: a name, the same as a reading, and a birth date, all in their normal forms."""

    name: str
    reading: str
    birth_date: str

    def fits(self, one: Person) -> bool:
        """Whether that is what somebody is called now."""
        return one.birth_date == self.birth_date and (one.name == self.name or one.name_kana == self.reading)


class People:
    """The envelopes of the register, or of one scan."""

    def __init__(self, store: Store, perishable: Perishable, keys: Keyring, scan: int = REGISTER) -> None:
        self._store, self._perishable, self._scan = store, perishable, scan
        self._numbers = Blind(keys.key(f"blind {Item.BASIC_PENSION_NUMBER}"))
        self._names = Blind(keys.key(f"blind {Item.NAME}"))
        self._readings = Blind(keys.key(f"blind {Item.NAME_KANA}"))

    def state(self) -> tuple[int, bool]:
        """Of the register: as of which act on it the envelopes are, and whether they are of everybody in it."""
        act, complete = self._store.rows("SELECT act, complete FROM people_state")[0]
        return int(act), bool(complete)

    def holders(self, some: Sequence[int] | None = None) -> set[int]:
        """Who has envelopes, of all or of a few."""
        if some is None:
            return {holder for (holder,) in self._store.rows("SELECT person FROM people WHERE scan = ?", (self._scan,))}
        return {row[0] for row in self._rows("person", "people", some)}

    def without_key(self) -> list[int]:
        """Whose envelopes nobody can open here: their keys did not come back with a backup of the data."""
        found = self._store.rows("SELECT person, key_id FROM people WHERE scan = ?", (self._scan,))
        rows = [(holder, bytes(key_id)) for holder, key_id in found]
        here = self._perishable.some([key_id for _, key_id in rows])
        return [holder for holder, key_id in rows if key_id not in here]

    def count(self) -> int:
        """How many have them."""
        return int(self._store.rows("SELECT COUNT(*) FROM people WHERE scan = ?", (self._scan,))[0][0])

    def key_ids(self) -> Iterator[list[bytes]]:
        """The ids of everybody's keys, of all scans too, some at a time."""
        last: tuple[int, int] = (-1, -1)
        sql = "SELECT scan, person, key_id FROM people WHERE (scan, person) > (?, ?) ORDER BY scan, person LIMIT ?"
        while some := self._store.rows(sql, (*last, _MANY)):
            yield [bytes(key_id) for _, _, key_id in some]
            last = some[-1][:2]

    def mark(self, number: str) -> bytes:
        """What the blind index says of a number."""
        return self._numbers.whole(number)

    def put(self, people: Iterable[Person]) -> int:
        """Seal some, each under a new key, in place of what was sealed of them; gives how many. Raises VaultError."""
        done = 0
        for some in _in_lots(people):
            self._put(some)
            done += len(some)
        return done

    def drop(self, holders: Iterable[int]) -> None:
        """Remove the envelopes of some, and destroy their keys."""
        every = list(holders)
        for start in range(0, len(every), _MANY):
            with self._store.transaction():
                ids = self.remove(every[start : start + _MANY])
            self._perishable.destroy(ids)

    def are_of(self, act: int, *, complete: bool) -> None:
        """Of the register: say that the envelopes are as of an act, and whether of everybody."""
        with self._store.transaction():
            self._store.run("UPDATE people_state SET act = ?, complete = ?", (act, int(complete)))

    def by_number(self, number: str) -> Person | None:
        """The person whom a number leads to, the first of all as in `by_numbers`; None where there is none."""
        return next(iter(self.by_numbers([number])), None)

    def by_numbers(self, numbers: Iterable[str]) -> list[Person]:
        """The persons whom any of some numbers (digits) lead to, read from their envelopes.

        Not those whose key is not here: `cannot_tell` says whether there are any.
        """
        return list(self._opened(self._led(numbers)))

    def has(self, number: str) -> bool:
        """Whether a number leads to anybody who has envelopes, be their key here or not."""
        return bool(self._store.rows(_IS_THERE, (self._numbers.whole(number), self._scan)))

    def by_name(self, called: Called) -> list[Person]:
        """The persons who are called so, read from their envelopes; others who share their bits are dropped.

        Not those whose key is not here, as in `by_numbers`.
        """
        return [one for one in self._opened(self._sharing(called)) if called.fits(one)]

    def cannot_tell(self, asked: Called | Sequence[str]) -> bool:
        """Whether somebody may be called so, or have one of these numbers, whose key is not here."""
        rows = self._sharing(asked) if isinstance(asked, Called) else self._led(asked)
        return bool(self._perishable.missing([_raw(row[1]) for row in rows]))

    def _led(self, numbers: Iterable[str]) -> list[Any]:
        """The rows of all whom some numbers lead to, each once; in a scan all numbers of a holder lead to the same."""
        sql = (
            f"SELECT {_QUALIFIED} FROM people_numbers n JOIN people p ON p.scan = n.scan AND p.person = n.person "  # noqa: S608
            "WHERE n.number = ? AND n.scan = ?"
        )
        marks = {self._numbers.whole(number) for number in numbers}
        if self._scan != REGISTER:
            marks |= {_raw(row[0]) for mark in tuple(marks) for row in self._store.rows(_SAME_HOLDER, (mark,))}
        found = (self._store.rows(sql, (mark, self._scan)) for mark in marks)
        return list({row[0]: row for some in found for row in some}.values())

    def _sharing(self, called: Called) -> list[Any]:
        """The rows of all who share the bits of a name, or its reading, and birth date."""
        sql = f"SELECT {_COLUMNS} FROM people WHERE (scan = ? AND named = ?) OR (scan = ? AND read = ?)"  # noqa: S608
        named = self._names.shared(called.name, called.birth_date)
        read = self._readings.shared(called.reading, called.birth_date)
        return self._store.rows(sql, (self._scan, named, self._scan, read))

    def _rows(self, columns: str, table: str, holders: Sequence[int]) -> list[Any]:
        """Some columns of some persons."""
        among = f"scan = ? AND person IN ({', '.join('?' * len(holders))})"
        return self._store.rows(f"SELECT {columns} FROM {table} WHERE {among}", (self._scan, *holders))  # noqa: S608

    def differing(self, people: Iterable[Person]) -> Iterator[int]:
        """Those of some whose envelopes, or what leads to them, say something else or are not there.

        Whose key is not here is passed over: nobody can tell.
        """
        for lot in _in_lots(people):
            for start in range(0, len(lot), _MANY):
                some = lot[start : start + _MANY]
                holders = [one.holder for one in some]
                rows = {row[0]: row for row in self._rows(_COLUMNS, "people", holders)}
                led: dict[int, set[bytes]] = {holder: set() for holder in holders}
                for mark, holder in self._rows("number, person", "people_numbers", holders):
                    led[holder].add(_raw(mark))
                yield from (one.holder for one in some if self._differs(one, rows.get(one.holder), led[one.holder]))

    def _differs(self, one: Person, row: Sequence[object] | None, led: set[bytes]) -> bool:
        if row is None:
            return True
        key = self._perishable.some([_raw(row[1])]).get(_raw(row[1]))
        if key is None:
            return False
        try:
            found = self._person(one.holder, Envelope(key), row[2 : 2 + len(FIELDS)])
        except VaultError:
            return True
        same = tuple(row[-2:]) == self._row(one, b"", key)[-2:]
        return found.fields() != one.fields() or not same or led != {self._numbers.whole(n) for n in one.numbers}

    def remove(self, holders: Sequence[int]) -> list[bytes]:
        """Within an act: remove the envelopes of some; gives the ids of their keys, which are to be destroyed then."""
        ids = self._ids(holders)
        self._delete((self._scan, holder) for holder in holders)
        return ids

    def remove_led(self, marks: Sequence[bytes]) -> list[bytes]:
        """Within an act, as `remove`: the persons of all scans whom numbers lead to, by what the blind index says."""
        sql = (
            "SELECT p.scan, p.person, p.key_id FROM people_numbers n JOIN people p "
            "ON p.scan = n.scan AND p.person = n.person WHERE n.number = ? AND n.scan <> ?"
        )
        found = {row for mark in marks for row in map(tuple, self._store.rows(sql, (mark, REGISTER)))}
        self._delete((scan, person) for scan, person, _ in found)
        return [bytes(key_id) for _, _, key_id in found]

    def _delete(self, persons: Iterable[tuple[int, int]]) -> None:
        every = list(persons)
        for table in ("people", "people_numbers") if every else ():
            self._store.run(f"DELETE FROM {table} WHERE scan = ? AND person = ?", *every)  # noqa: S608

    def _put(self, people: Sequence[Person]) -> None:
        keys = self._perishable.make(PERSON, len(people))
        rows = [self._row(one, key_id, key) for one, (key_id, key) in zip(people, keys, strict=True)]
        old: list[bytes] = []
        marks = {(self._numbers.whole(number), self._scan, one.holder) for one in people for number in one.numbers}
        with self._store.transaction():
            for start in range(0, len(people), _MANY):  # inside: another reader may seal the same ones now
                old += self._ids([one.holder for one in people[start : start + _MANY]])
            self._delete((self._scan, one.holder) for one in (people if old else ()))
            said = ((self._scan, *row) for row in rows)
            self._store.run(f"INSERT INTO people (scan, {_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", *said)  # noqa: S608
            self._store.run("INSERT INTO people_numbers (number, scan, person) VALUES (?, ?, ?)", *sorted(marks))
        if old:
            self._perishable.destroy(old)

    def _row(self, one: Person, key_id: bytes, key: bytes) -> tuple[object, ...]:
        sealed = Envelope(key).seal_all("people", self._place(one.holder), one.fields())
        named = self._names.shared(one.name, one.birth_date) if one.name and one.birth_date else None
        read = self._readings.shared(one.name_kana, one.birth_date) if one.name_kana and one.birth_date else None
        return one.holder, key_id, *sealed, named, read

    def _ids(self, holders: Sequence[int]) -> list[bytes]:
        return [bytes(key_id) for (key_id,) in self._rows("key_id", "people", holders)]

    def _place(self, holder: object) -> str:
        """The row that an envelope is bound to."""
        return str(holder) if self._scan == REGISTER else f"{self._scan}.{holder}"

    def _opened(self, rows: Sequence[Sequence[object]]) -> Iterator[Person]:
        """Persons read from their envelopes; those whose key is not here are not given."""
        keys = self._perishable.some([_raw(row[1]) for row in rows])
        for holder, key_id, *sealed in (row[: 2 + len(FIELDS)] for row in rows):
            key = keys.get(_raw(key_id))
            if key is not None:
                yield self._person(holder, Envelope(key), sealed)

    def _person(self, holder: object, envelope: Envelope, sealed: Sequence[object]) -> Person:
        from cryptography.exceptions import InvalidTag

        place = self._place(holder)
        try:
            number, name, name_kana, birth_date, address = (
                envelope.open("people", field, place, value) if (value := _raw(one)) else None
                for field, one in zip(FIELDS, sealed, strict=True)
            )
        except InvalidTag as error:
            raise _changed() from error
        return Person(int(str(holder)), number, name, name_kana, birth_date, address)


def forget_all(store: Store, scan: int) -> None:
    """Within an act: remove the envelopes of a scan; their keys wait to be destroyed by `Vault.finish_forgetting`."""
    store.run("INSERT INTO forgetting (kind, value) SELECT 'key', key_id FROM people WHERE scan = ?", (scan,))
    for table in ("people", "people_numbers"):
        store.run(f"DELETE FROM {table} WHERE scan = ?", (scan,))  # noqa: S608


_IS_THERE = "SELECT 1 FROM people_numbers WHERE number = ? AND scan = ?"
_SAME_HOLDER = """
    SELECT number FROM people_numbers WHERE scan = 0
    AND person IN (SELECT person FROM people_numbers WHERE number = ? AND scan = 0)
"""
_QUALIFIED = ", ".join(f"p.{name}" for name in _COLUMNS.split(", "))


def _raw(value: object) -> bytes:
    assert isinstance(value, bytes | memoryview)
    return bytes(value)


def _in_lots(people: Iterable[Person]) -> Iterator[list[Person]]:
    some: list[Person] = []
    for one in people:
        some.append(one)
        if len(some) == _AT_ONCE:
            yield some
            some = []
    if some:
        yield some


def _changed() -> VaultError:
    return VaultError(
        Text(
            "A sealed field in the vault was changed or moved.",
            "保管庫の封緘された項目が書き換え、または移動されています。",
        ),
        Text(
            "`sekisho vault check` looks at everything; restore the vault from a backup.",
            "`sekisho vault check` で全体を確かめ、控えから戻してください。",
        ),
    )
