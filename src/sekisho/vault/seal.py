"""The register's seal: what each act left behind, in the act's own entry in the ledger.

An entry says of the parts that its act brought, and of all acts up to it, what they are: marks under the register's
key, so that nobody else can tell anything by them. Whoever changes a part and what the store says of it, or adds,
changes or removes an act, leaves the ledger saying something else.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sekisho.vault.acts import canonical
from sekisho.vault.database import Database
from sekisho.vault.schema import TRIGGERS, triggers

MOST_PARTS = 1000
"""Of an act with more, the entry says what they are together, not one by one."""
_MARK = 32  # hexadecimal digits


class Broken(StrEnum):
    """What is wrong with a part or an act."""

    PART_CHANGED = "part_changed"  # the store says something else of it than when its act was done
    PART_ADDED = "part_added"
    PART_GONE = "part_gone"
    FILE_CHANGED = "file_changed"  # the file is not the one that the store names
    FILE_GONE = "file_gone"
    PARTS_CHANGED = "parts_changed"  # of an act with many parts: one of them
    ACT_CHANGED = "act_changed"
    ACT_GONE = "act_gone"
    ACT_ADDED = "act_added"  # no entry of the ledger speaks of it
    ACT_TWICE = "act_twice"
    EARLIER_CHANGED = "earlier_changed"  # something before this act, which may have no seal of its own
    NOBODY = "nobody"  # an entry whose actor had not signed in, or a sign-in that nobody signed
    MERGES_CHANGED = "merges_changed"  # acts on merges are not what they were, or some are gone or were put in
    STANDING_CHANGED = "standing_changed"  # a record does not stand where its acts lead
    PERSON_CHANGED = "person_changed"  # the index that leads to somebody, or their envelope, is not what parts say
    GUARD_GONE = "guard_gone"  # the store no longer refuses changes that the ledger knows nothing of


@dataclass(frozen=True, slots=True)
class Finding:
    """What no request explains: an act by its number, a part by its name, or a guard of the store by its name."""

    broken: Broken
    act: int | None = None
    part: str = ""
    table: str = ""


@dataclass(frozen=True, slots=True)
class Sealed:
    """What an entry of the ledger says of one act. ``parts``: marks in order, None where there were too many."""

    act: int
    row: str
    parts: tuple[str, ...] | None
    together: str
    state: str

    @classmethod
    def of(cls, said: Mapping[str, Any]) -> Sealed:
        """From an entry's ``sealed``; raises KeyError, TypeError."""
        parts = said["parts"]
        return cls(said["act"], said["row"], None if parts is None else tuple(parts), said["together"], said["state"])


class Seal:
    """Seals of the acts in a store; ``key``: the one that marks are made with."""

    def __init__(self, store: Database, key: bytes) -> None:
        self._store = store
        self._key = key

    def now(self, act: int) -> dict[str, Any]:
        """What the entry of an act says, once its rows are in the store."""
        rows, parts = self._rows(), self._parts()
        marks = [self._mark(part) for part in parts.get(act, ())]
        return {
            "act": act,
            "row": self._mark(rows[act]),
            "parts": marks if len(marks) <= MOST_PARTS else None,
            "together": self._mark(marks),
            "state": self._state(act, rows, parts),
        }

    def anew(self) -> dict[str, Any]:
        """What the entry of a forgetting says: all acts up to the last as they are without the person."""
        rows, parts = self._rows(), self._parts()
        last = max(rows, default=0)
        return {"act": last, "state": self._state(last, rows, parts)}

    def compare(self, sealed: Sequence[Sealed], anew: Mapping[str, Any] | None = None) -> list[Finding]:
        """What the store says that is not what entries said, oldest act first.

        ``anew``: what the entry of the last forgetting said. Of the acts until then it holds what all their parts are
        together, no longer each.
        """
        rows, parts = self._rows(), self._parts()
        until = anew["act"] if anew else 0
        found: list[Finding] = []
        told = {one.act: one for one in sealed}
        found += [Finding(Broken.ACT_TWICE, act) for act in _twice(one.act for one in sealed)]
        if told:
            found += [Finding(Broken.ACT_ADDED, act) for act in rows if act not in told and act > min(told)]
        for act, one in sorted(told.items()):
            if act not in rows:
                found.append(Finding(Broken.ACT_GONE, act))
                continue
            if act > until:
                found += self._compared(one, rows[act], parts.get(act, ()))
            elif self._mark(rows[act]) != one.row:
                found.append(Finding(Broken.ACT_CHANGED, act))
            if not found and act >= until and self._state(act, rows, parts) != self._wanted(one, anew):
                found.append(Finding(Broken.EARLIER_CHANGED, act))
        return found

    def _wanted(self, one: Sealed, anew: Mapping[str, Any] | None) -> str:
        return str(anew["state"]) if anew and anew["act"] == one.act else one.state

    def guards(self) -> list[Finding]:
        """Triggers that the store should have and has not, or has otherwise."""
        there = dict(self._store.rows(TRIGGERS))
        wanted = triggers()
        wrong = [name for name, sql in wanted.items() if there.get(name) != sql]
        return [Finding(Broken.GUARD_GONE, part=name) for name in sorted({*wrong, *(there.keys() - wanted.keys())})]

    def unsealed(self, sealed: Iterable[Sealed]) -> list[int]:
        """Acts from before there was a ledger, of which no later act says what they were."""
        return [] if any(True for _ in sealed) else sorted(self._rows())

    def _compared(self, one: Sealed, row: Sequence[object], parts: Sequence[Sequence[Any]]) -> Iterable[Finding]:
        if self._mark(row) != one.row:
            yield Finding(Broken.ACT_CHANGED, one.act)
        marks = [self._mark(part) for part in parts]
        if one.parts is None:
            if self._mark(marks) != one.together:
                yield Finding(Broken.PARTS_CHANGED, one.act)
            return
        strange = [part for mark, part in zip(marks, parts, strict=True) if mark not in one.parts]
        gone = len(set(one.parts) - set(marks))
        for at, part in enumerate(strange):
            yield Finding(Broken.PART_CHANGED if at < gone else Broken.PART_ADDED, one.act, part[0], part[1])
        yield from [Finding(Broken.PART_GONE, one.act)] * (gone - len(strange))
        if not strange and not gone and self._mark(marks) != one.together:
            yield Finding(Broken.PARTS_CHANGED, one.act)

    def _state(self, act: int, rows: Mapping[int, Sequence[object]], parts: Mapping[int, Sequence[object]]) -> str:
        return self._mark([[rows[one], parts.get(one, [])] for one in sorted(rows) if one <= act])

    def _mark(self, value: object) -> str:
        return _marked(self._key, value)

    def _rows(self) -> dict[int, list[Any]]:
        sql = "SELECT import, file, sha256, at, program, account, kind, target, reason FROM imports ORDER BY import"
        return {row[0]: list(row) for row in self._store.rows(sql)}

    def _parts(self) -> dict[int, list[list[Any]]]:
        found: dict[int, list[list[Any]]] = {}
        for act, *part in self._store.rows(
            "SELECT import, name, table_name, row_count, sha256, first_number, last_number FROM register_parts "
            "ORDER BY import, part"
        ):
            found.setdefault(act, []).append(part)
        return found


class MergesSeal:
    """Seals of what happened to records, a run of acts at a time."""

    def __init__(self, store: Database, key: bytes) -> None:
        self._store = store
        self._key = key

    def next(self) -> int:
        """The number of the next act."""
        return int(self._store.rows("SELECT COALESCE(MAX(act), 0) + 1 FROM acts")[0][0])

    def now(self, first: int) -> dict[str, Any]:
        """What an entry says of the acts from ``first`` on, once they are in the store."""
        last = self.next() - 1
        return {"first": first, "last": last, "mark": self._of(first, last)}

    def compare(self, sealed: Sequence[Mapping[str, Any]]) -> list[Finding]:
        """Runs of acts that are not what entries said, and acts between them of which none speaks."""
        found, after = [], None
        for one in sorted(sealed, key=lambda one: one["first"]):
            first, last = one["first"], one["last"]
            if after is not None and first != after:
                found.append(Finding(Broken.MERGES_CHANGED, part=f"{after}-{first - 1}"))
            if self._of(first, last) != one["mark"]:
                found.append(Finding(Broken.MERGES_CHANGED, part=f"{first}-{last}"))
            after = last + 1
        if after is not None and after != self.next():
            found.append(Finding(Broken.MERGES_CHANGED, part=f"{after}-{self.next() - 1}"))
        return found

    def _of(self, first: int, last: int) -> str:
        sql = "SELECT act, record, at, who, kind, value FROM acts WHERE act BETWEEN ? AND ? ORDER BY act"
        return _marked(self._key, [list(row) for row in self._store.rows(sql, (first, last))])


def _marked(key: bytes, value: object) -> str:
    return hmac.new(key, canonical(value), hashlib.sha256).hexdigest()[:_MARK]


def _twice(acts: Iterable[int]) -> list[int]:
    seen: set[int] = set()
    return [act for act in acts if act in seen or seen.add(act)]  # type: ignore[func-returns-value]
