"""How each exposed person is told, or why not: one row a person, which only acts change."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

import pyarrow as pa

from sekisho.vault.store import Store


class Way(StrEnum):
    """How a person is told; every exposed person has exactly one."""

    LETTER = "letter"
    HELD = "held"
    UNREACHABLE = "unreachable"
    DECEASED = "deceased"
    PUBLICATION = "publication"


TELLINGS = pa.schema(
    [
        ("person", pa.int64()),
        ("way", pa.string()),
        ("reason", pa.string()),
        ("version", pa.int64()),
        ("at", pa.string()),
    ]
)


class Tellings:
    """The tellings of one incident."""

    def __init__(self, store: Store, incident: int) -> None:
        self._store = store
        self.incident = incident

    def all(self) -> pa.Table:
        """`TELLINGS`, in the order of the persons' numbers."""
        columns = ", ".join(TELLINGS.names)
        rows = self._store.rows(
            f"SELECT {columns} FROM tellings WHERE incident = ? ORDER BY person",  # noqa: S608
            (self.incident,),
        )
        values = list(zip(*rows, strict=True)) or [()] * len(TELLINGS)
        return pa.table(
            [pa.array(column, field.type) for column, field in zip(values, TELLINGS, strict=True)], TELLINGS
        )

    def put(self, rows: Iterable[tuple[int, Way, str, int]], at: str) -> None:
        """Say of persons how they are told: person, way, reason, version; inside an act. A later say stands."""
        columns = "incident, person, way, reason, version, at"
        self._store.run(
            f"INSERT INTO tellings ({columns}) VALUES (?, ?, ?, ?, ?, ?) "  # noqa: S608
            "ON CONFLICT (incident, person) DO UPDATE SET way = excluded.way, reason = excluded.reason, "
            "version = excluded.version, at = excluded.at",
            *((self.incident, person, str(way), reason, version, at) for person, way, reason, version in rows),
        )

    def drop(self, persons: Iterable[int]) -> None:
        """Say nothing of persons any more who are exposed no longer; inside an act."""
        sql = "DELETE FROM tellings WHERE incident = ? AND person = ?"
        self._store.run(sql, *((self.incident, person) for person in persons))
