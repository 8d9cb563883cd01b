"""What is on its way out of the house: parcels, queued by the act that makes them and kept until they were received.

What is in a parcel lies sealed under the incident's key in a file of its own. It is written before the act, and counts
from the act on: a kill in between leaves a file that nobody names. A parcel's key is always the same for the same
incident, sink and name, so that a receiver who is given a parcel again (a kill came between their receipt and our
noting it, or the vault comes from a backup) knows that they have it.
"""

from __future__ import annotations

import hashlib
import hmac
import io
import re
import secrets
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from pathlib import Path

from sekisho.errors import FinalError, UsageError
from sekisho.vault.acts import canonical
from sekisho.vault.files import make_folder, not_written, write_new
from sekisho.vault.keys.secret import derive, unwrap, wrap
from sekisho.vault.store import Store
from sekisho.wording import Text

SEND, AGAIN = "sinks.send", "sinks.again"
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
"""What parcels and the files in them may be called: nothing that leads elsewhere."""
FOR_EVERYBODY = frozenset({"announcement"})
"""Kinds of parcels whose content is published anyway; all others go out sealed, or where only the receiver reads."""
_KEY_BYTES = 16
_LONG_AGO = (1980, 1, 1, 0, 0, 0)
_COLUMNS = (
    "parcel, incident, sink, name, kind, key, p.at, size, state, ended, "
    "COALESCE(NULLIF(p.said, ''), t.said), tries, due"
)


class State(StrEnum):
    """Where a parcel stands."""

    QUEUED = "queued"
    RECEIVED = "received"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Parcel:
    """What a sink hands over: ``key``: idempotency key; ``name``: what it is called outside; ``kind``: what is in it;
    ``content``: files by their names; ``at``: when it was made (ISO 8601, UTC).
    """

    key: str
    name: str
    kind: str
    content: Mapping[str, bytes] = field(repr=False)
    at: str = ""


@dataclass(frozen=True, slots=True)
class Kept:
    """Content that lies sealed in the vault and waits for the act that makes a parcel of it."""

    file: str
    sha256: str
    content: str
    size: int


@dataclass(frozen=True, slots=True)
class Queued:
    """One parcel and where it stands. ``due``: when it may be tried again; ``said``: what the receiver said, or why it
    failed the last time or for good.
    """

    number: int
    incident: int
    sink: str
    name: str
    kind: str
    key: str
    at: str
    size: int
    state: State
    ended: str | None
    said: str
    tries: int
    due: str


class Parcels:
    """The parcels of one incident.

    ``kept = parcels.keep(content)``, then inside the act that makes it ``parcels.put(sink, name, kind, kept)``.
    """

    def __init__(self, store: Store, folder: Path, incident: int, key: bytes, marking: bytes) -> None:
        """``key``: the incident's; ``marking``: what idempotency keys are made with."""
        self._store, self.folder, self.incident = store, folder, incident
        self._key, self._marking = derive(key, "parcels"), marking

    def keep(self, content: Mapping[str, bytes]) -> Kept:
        """Seal the files of a parcel, durably; raises VaultError, ValueError for names that could lead elsewhere."""
        packed = _packed(content)
        file = f"{secrets.token_hex(16)}.parcel"
        sealed = wrap(self._key, packed, file)
        try:
            make_folder(self.folder)
            write_new(self.folder / file, sealed)
        except OSError as error:
            raise not_written(error) from error
        size = sum(map(len, content.values()))
        return Kept(file, hashlib.sha256(sealed).hexdigest(), hashlib.sha256(packed).hexdigest(), size)

    def put(self, sink: str, name: str, kind: str, kept: Kept) -> int:
        """Queue a parcel for a sink, inside an act that is on its way; gives its number.

        One of that name that the sink has, or had, is that parcel: nothing is sent twice. Raises UsageError where that
        one had another content, ValueError for a name that could lead elsewhere.
        """
        _look_at(name)
        there = "SELECT parcel, content FROM parcels WHERE incident = ? AND sink = ? AND name = ?"
        for number, content in self._store.rows(there, (self.incident, sink, name)):
            if content != kept.content:
                raise _other_content(name, sink)
            return int(number)
        number = int(self._store.rows("SELECT COALESCE(MAX(parcel), 0) + 1 FROM parcels")[0][0])
        now = _now()
        key = self._idempotency_key(sink, name)
        columns = "parcel, incident, sink, name, kind, key, at, content, size, file, sha256, state, said"
        row = (number, self.incident, sink, name, kind, key, now, kept.content, kept.size, kept.file, kept.sha256)
        self._store.run(
            f"INSERT INTO parcels ({columns}) VALUES ({', '.join('?' * 13)})",  # noqa: S608
            (*row, str(State.QUEUED), ""),
        )
        self._store.run("INSERT INTO parcel_tries (parcel, tries, due, said) VALUES (?, 0, ?, '')", (number, now))
        return number

    def all(self, *states: State) -> list[Queued]:
        """Every parcel, or those in some states, oldest first."""
        rows = self._store.rows(
            f"SELECT {_COLUMNS} FROM parcels p JOIN parcel_tries t USING (parcel) "  # noqa: S608
            "WHERE incident = ? ORDER BY parcel",
            (self.incident,),
        )
        found = [Queued(*(*row[:8], State(row[8]), *row[9:])) for row in rows]
        return [one for one in found if not states or one.state in states]

    def due(self, now: datetime | None = None) -> list[Queued]:
        """The queued parcels that may be tried now, oldest first."""
        at = _now(now)
        return [one for one in self.all(State.QUEUED) if one.due <= at]

    def parcel(self, one: Queued) -> Parcel:
        """What is in it; raises FinalError where that was changed or is gone."""
        from cryptography.exceptions import InvalidTag

        [(file, content)] = self._store.rows("SELECT file, content FROM parcels WHERE parcel = ?", (one.number,))
        try:
            packed = unwrap(self._key, (self.folder / file).read_bytes(), file)
        except (OSError, InvalidTag) as error:
            raise _gone(one) from error
        if hashlib.sha256(packed).hexdigest() != content:
            raise _gone(one)
        return Parcel(one.key, one.name, one.kind, dict(_unpacked(packed)), one.at)

    def tried(self, one: Queued, said: str, wait: timedelta) -> None:
        """A try failed, and another may follow after a while."""
        due = _now(datetime.now(UTC) + wait)
        with self._store.transaction():
            sql = "UPDATE parcel_tries SET tries = tries + 1, due = ?, said = ? WHERE parcel = ?"
            self._store.run(sql, (due, said, one.number))

    def received(self, one: Queued, said: str) -> None:
        """The receiver has it."""
        self._end(one, State.RECEIVED, said)

    def failed(self, one: Queued, said: str) -> None:
        """It cannot be handed over, and is not tried again unless somebody says so."""
        self._end(one, State.FAILED, said)

    def again(self, one: Queued) -> None:
        """Queue a parcel that failed for good once more, under the same key. Raises RightsError."""
        with self._store.act(AGAIN, incident=self.incident, counts={"parcel": one.number}, about=one.key.encode()):
            self._become(one, State.QUEUED, None, "")
            sql = "UPDATE parcel_tries SET tries = 0, due = ?, said = '' WHERE parcel = ?"
            self._store.run(sql, (_now(), one.number))

    def sweep(self) -> None:
        """Remove what killed runs left behind; for a vault that is open to write, and nobody keeps content in it."""
        sql = "SELECT file FROM parcels WHERE incident = ?"
        named = {name for (name,) in self._store.rows(sql, (self.incident,))}
        for path in self.folder.glob("*"):
            if path.name not in named:
                path.unlink(missing_ok=True)

    def _end(self, one: Queued, state: State, said: str) -> None:
        about = canonical([one.key, said])
        counts = {"parcel": one.number, "bytes": one.size}
        with self._store.act(SEND, incident=self.incident, counts=counts, about=about, more={"state": str(state)}):
            self._become(one, state, _now(), said)

    def _become(self, one: Queued, state: State, ended: str | None, said: str) -> None:
        sql = "UPDATE parcels SET state = ?, ended = ?, said = ? WHERE parcel = ?"
        self._store.run(sql, (str(state), ended, said, one.number))

    def _idempotency_key(self, sink: str, name: str) -> str:
        about = canonical([self.incident, sink, name])
        return hmac.new(self._marking, about, hashlib.sha256).hexdigest()[: 2 * _KEY_BYTES]


def _packed(content: Mapping[str, bytes]) -> bytes:
    """Files as one: the same ones are the same bytes."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_STORED) as file:
        for name in sorted(content):
            _look_at(name)
            file.writestr(zipfile.ZipInfo(name, _LONG_AGO), content[name])
    return packed.getvalue()


def _unpacked(packed: bytes) -> Iterator[tuple[str, bytes]]:
    with zipfile.ZipFile(io.BytesIO(packed)) as file:
        for name in file.namelist():
            yield name, file.read(name)


def _look_at(name: str) -> None:
    if not NAME.fullmatch(name):
        raise ValueError(f"a name of a parcel, or of a file in it: {NAME.pattern}")


def _now(at: datetime | None = None) -> str:
    return (at or datetime.now(UTC)).isoformat(timespec="seconds")


def _other_content(name: str, sink: str) -> UsageError:
    return UsageError(
        Text(
            "{sink} was given a parcel {name} before, with another content.",
            "送付先 {sink} には、同じ名前で内容の異なる送付物 {name} があります。",
        ).fill(name=name, sink=sink),
        Text("What was given stays. Make a new version of it.", "先のものは変わりません。新しい版を作ってください。"),
    )


def _gone(one: Queued) -> FinalError:
    return FinalError(
        Text("Parcel {n} is damaged or gone.", "送付物{n}が破損または欠落しています。").fill(n=one.number),
        Text(
            "Restore the vault from a backup, then `sekisho sinks again`.",
            "保管庫を控えから戻し、`sekisho sinks again` を実行してください。",
        ),
    )
