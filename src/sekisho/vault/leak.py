"""The leak master in the vault: each version of who is exposed, as tables under the incident's own key.

A version is complete and never changed; what is asked of an incident is asked of one version, the last one as a rule.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sekisho.clock import utc_now
from sekisho.vault.files import make_folder
from sekisho.vault.keys.secret import derive
from sekisho.vault.shelf import Part, Shelf
from sekisho.vault.store import Store


@dataclass(frozen=True, slots=True)
class Version:
    """One version of a leak master: its number from 1, when it was made (ISO 8601, UTC), by which version of the
    program, and its counts.
    """

    number: int
    at: str
    program: str
    account: Mapping[str, Any]


class Leak(Shelf):
    """The versions of the leak master of one incident; its tables are those of one ``version``."""

    def __init__(self, store: Store, folder: Path, incident: int, key: bytes, version: int | None = None) -> None:
        super().__init__(folder, derive(key, "leak master"))
        self._store = store
        self._incident_key = key
        self.incident = incident
        self.version = version

    @property
    def secret(self) -> bytes:
        """What persons get their numbers with: the same person has the same one in all versions."""
        return derive(self._incident_key, "exposed persons")

    def versions(self) -> list[Version]:
        """All versions, oldest first."""
        rows = self._store.rows(
            "SELECT version, at, program, account FROM leak_versions WHERE incident = ? ORDER BY version",
            (self.incident,),
        )
        return [Version(number, at, program, json.loads(account)) for number, at, program, account in rows]

    def of(self, version: int) -> Leak:
        """The tables of that version."""
        return Leak(self._store, self.folder, self.incident, self._incident_key, version)

    def parts(self, table: str | None = None) -> list[Part]:
        """The parts of the version, or of all versions where none is chosen."""
        rows = self._store.rows(
            "SELECT name, table_name, row_count, sha256 FROM leak_parts WHERE incident = ? AND ? IN (0, version) "
            "ORDER BY version, name",
            (self.incident, self.version or 0),
        )
        return [part for part in (Part(*row) for row in rows) if table in (None, part.table)]

    def begin(self) -> None:
        """Make room for parts; what no version names, as a call was killed, goes."""
        make_folder(self.folder)
        named = {part.name for part in Leak(self._store, self.folder, self.incident, self._incident_key).parts()}
        for path in self.folder.iterdir():
            if path.name not in named:
                path.unlink(missing_ok=True)

    def commit(self, parts: Sequence[Part], program: str, account: Mapping[str, Any], counts: dict[str, int]) -> int:
        """Have parts be the next version; gives its number. Raises RightsError, VaultError."""
        number = len(self.versions()) + 1
        said = {"parts": [part.sha256 for part in parts]}
        with self._store.act("incident.count", incident=self.incident, counts={"version": number, **counts}, more=said):
            now = utc_now()
            self._store.run(
                "INSERT INTO leak_versions (incident, version, at, program, account) VALUES (?, ?, ?, ?, ?)",
                (self.incident, number, now, program, json.dumps(account, ensure_ascii=False, sort_keys=True)),
            )
            self._store.run(
                "INSERT INTO leak_parts (incident, version, name, table_name, row_count, sha256) "
                "VALUES (?, ?, ?, ?, ?, ?)",
                *((self.incident, number, part.name, part.table, part.rows, part.sha256) for part in parts),
            )
        return number
