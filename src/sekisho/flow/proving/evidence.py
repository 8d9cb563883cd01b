"""`sekisho ledger evidence`: logs of other machines brought in, and asked together with our own acts.

An answer says only what a log says, or two logs together, and how it is known; what none of them says is said, too.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from sekisho.actors import roster_of
from sekisho.documents.apart import Apart, ApartError
from sekisho.errors import InputError, not_opened
from sekisho.evidence.ask import Question, Told, answered, told, unknown
from sekisho.evidence.read import ROWS_AT_ONCE, unclear
from sekisho.flow.proving.logs import NEEDED, Given, parsed, received
from sekisho.ledger.read import said
from sekisho.model import Limits
from sekisho.report.progress import Phases
from sekisho.vault import Vault
from sekisho.vault.evidence import MOST_SAID, Evidence, Log
from sekisho.wording import Text

IMPORT, ASK, NAMES = "evidence.import", "evidence.ask", "ledger.name_lookers"
MOST_BYTES = 512 << 20
IMPORTING, READING = Text("Evidence", "証拠の取り込み"), Text("reading the log", "ログの読み取り")
KEEPING = Text("writing to the vault", "保管庫への書き込み")
_LIMITS = Limits(memory_bytes=6 << 30, seconds=900, output_bytes=4 << 30)
_REASONS = frozenset({"format", "zone", "year"})


@dataclass(frozen=True, slots=True)
class Imported:
    """``log``: as it was kept; ``again``: whether an earlier one, as the file is the same and was read the same."""

    log: Log
    again: bool


def import_log(vault: Vault, path: Path, given: Given, *, shown: bool = True) -> Imported:
    """Keep what a log says; the same file read the same way changes nothing.

    Raises InputError, UsageError, VaultError, AccountError.
    """
    vault.demand(IMPORT)
    data = _read(path)
    sha256 = hashlib.sha256(data).hexdigest()
    said_of_it = {"zone": str(given.zone or ""), "year": given.year, "fast": str(given.fast), "host": given.host}
    evidence = vault.evidence()
    same = [log for log in evidence.logs() if (log.sha256, log.given, log.program) == (sha256, said_of_it, _program())]
    if same:
        return Imported(same[-1], again=True)
    now = datetime.now(UTC)
    with Phases(IMPORTING, shown=shown) as tell:
        tell(READING)
        account, table = _parsed(data, given, now)
        tell(KEEPING)
        evidence.begin()
        number = evidence.next_number()
        table = _with_host(table, given.host)
        starts = range(0, table.num_rows, ROWS_AT_ONCE)
        pieces = [evidence.put(table.slice(start, ROWS_AT_ONCE), number) for start in starts]
        file, when = str(path.resolve()), now.isoformat(timespec="seconds")
        log = Log(number, file, sha256, when, _program(), said_of_it, account)
        evidence.commit(log, pieces)
    return Imported(log, again=False)


def logs(vault: Vault) -> list[Log]:
    """All logs that were brought in."""
    return vault.evidence().logs()


@dataclass(frozen=True, slots=True)
class Act:
    """One of our own acts. ``ordered``: the proposal that it carries out; ``approved``: by which actors, if any."""

    entry: int
    at: str
    action: str
    actor: str
    role: str
    purpose: str
    incident: int | None
    ordered: str
    approved: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Answer:
    """``found`` events, of which ``events`` are shown, and our own ``acts`` of the same time.

    ``unknown``: how many of the found lack what was asked for, by what; ``gaps``: logs whose clock was set, or who lost
    records, by number. ``span``: between which times any log says something, by log.
    """

    found: int
    events: tuple[Told, ...]
    acts: tuple[Act, ...]
    unknown: dict[str, int] = field(default_factory=dict)
    gaps: dict[int, list[str]] = field(default_factory=dict)
    span: dict[int, tuple[str | None, str | None]] = field(default_factory=dict)


def ask(vault: Vault, question: Question) -> Answer:
    """Which terminal, who, on whose order, when: as far as it is known. Raises RightsError, VaultError, LedgerError."""
    vault.demand(ASK)
    if question.names:
        vault.demand(NAMES)
    evidence = vault.evidence()
    whole = answered(evidence.events, question)
    vault.log(NAMES if question.names else ASK, counts={"events": whole.height})
    all_logs = list({log.sha256: log for log in evidence.logs()}.values())
    acts, strange = _entries(vault, question)
    return Answer(
        whole.height,
        told(whole.head(question.most)),
        acts,
        unknown(whole),
        {log.number: gaps for log in all_logs if (gaps := _gaps(log, doctored=log.number in strange))},
        {log.number: (log.account["first"], log.account["last"]) for log in all_logs},
    )


def _gaps(log: Log, *, doctored: bool) -> list[str]:
    """Why a log may not say all, or say it wrongly."""
    account = log.account
    passed = account["passed"]
    doubts = {
        "doctored": doctored,
        "clock_set": account["back"],
        "future": account["late"],
        "no_time": account["timeless"],
        "broken": passed.get("broken", 0) + passed.get("too_long", 0) + account["cut"],
        "undecoded": account["undecoded"],
    }
    return [name for name, count in doubts.items() if count]


def _entries(vault: Vault, question: Question) -> tuple[tuple[Act, ...], set[int]]:
    """Our own acts of the time asked for (none where no time is), and logs that are not what was brought in."""
    called = {one.id: one.name for one in roster_of(vault).actors.values()} if question.names else {}
    approvals: dict[str, list[str]] = {}
    sealed: dict[int, list[str]] = {}
    acts = []
    for one in said(vault):
        entry = one.entry
        if one.action == IMPORT:
            sealed[entry["counts"]["evidence"]] = one.more["parts"]
        elif one.action == "proposal.approve":
            approvals.setdefault(entry["refers"], []).append(called.get(entry["actor"], entry["actor"]))
        if question.is_then(datetime.fromisoformat(entry["time"])):
            who = tuple(approvals.get(entry["refers"], ())) if entry["refers"] else ()
            about = (entry["role"], entry["purpose"], entry["incident"], entry["refers"])
            acts.append(
                Act(one.seq, entry["time"], one.action, called.get(entry["actor"], entry["actor"]), *about, who)
            )
    return tuple(acts), _doctored(vault.evidence(), sealed)


def _doctored(evidence: Evidence, sealed: Mapping[int, list[str]]) -> set[int]:
    """Logs whose parts are not those that the entries of their imports name, or of which no entry speaks."""
    there: dict[int, list[str]] = {log.number: [] for log in evidence.logs()}
    for piece in evidence.pieces():
        there.setdefault(piece.log, []).append(piece.part.sha256)
    return {log for log, parts in there.items() if parts[:MOST_SAID] != sealed.get(log)}


def _with_host(table: pa.Table, host: str) -> pa.Table:
    if not host:
        return table
    place = table.schema.get_field_index("host")
    filled = pc.if_else(pc.equal(table["host"], ""), host, table["host"])
    return table.set_column(place, table.schema.field(place), filled)


def _parsed(data: bytes, given: Given, now: datetime) -> tuple[Mapping[str, Any], pa.Table]:
    with Apart(NEEDED, _LIMITS) as apart:
        try:
            return received(apart.run(parsed, data, given, now))
        except ApartError as error:
            if error.reason in _REASONS:
                raise unclear(error.reason) from error
            raise _failed() from error
        except (ValueError, KeyError, TypeError, AttributeError, pa.ArrowException) as error:
            raise _failed() from error


def _read(path: Path) -> bytes:
    try:
        size = os.stat(path).st_size
        if size > MOST_BYTES:
            raise InputError(
                Text("{file} is larger than {n} MB.", "{file} が{n}MBを超えています。").fill(
                    file=path, n=MOST_BYTES >> 20
                ),
                Text("Split it between two lines (`split -C`).", "行の境目で分割してください（`split -C`）。"),
            )
        return path.read_bytes()
    except OSError as error:
        raise not_opened(path, error) from error


def _program() -> str:
    return version("sekisho")


def _failed() -> InputError:
    return InputError(
        Text("The log cannot be read: its reader failed.", "ログを読み取れません（読み取り処理が異常終了）。"),
        Text(
            "Nothing was kept. Try the other export format, or split the file.",
            "何も取り込んでいません。別の形式で出力するか、ファイルを分割してください。",
        ),
    )
