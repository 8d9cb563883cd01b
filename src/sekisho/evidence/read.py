"""A log becomes a table of events and an account that closes: records = events + those passed, each for a reason."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from functools import cache
from typing import Any, TextIO, cast

import pyarrow as pa

from sekisho import parts
from sekisho.errors import AccountError, InputError, SekishoError, UsageError
from sekisho.evidence.clock import Clock
from sekisho.evidence.event import EVENTS, Event, Kind, Left, LogFormat, Passed
from sekisho.wording import Text

ROWS_AT_ONCE = 50_000
SAMPLE = 1 << 16  # characters that a format is told by
LONGEST = 1 << 15  # characters of a line that are kept
PIECE = 1 << 16
_A_STEP_BACK = timedelta(seconds=60)


@dataclass(slots=True)
class Account:
    """What became of a log. ``events`` and ``passed`` (by reason) are ``records``; ``lines``: of the file.

    ``timeless``: events whose time the log does not let be known. ``back``: times that lie more than a minute before
    the one before them (after, where the log runs from new to old): the clock was set, or lines were moved.
    ``late``: events after the import itself. ``undecoded``: places where the bytes are no characters.
    ``cut``: lines that are longer than may be.
    """

    format: str
    lines: int = 0
    events: int = 0
    timeless: int = 0
    back: int = 0
    late: int = 0
    undecoded: int = 0
    cut: int = 0
    passed: dict[str, int] = field(default_factory=dict)
    kinds: dict[str, int] = field(default_factory=dict)
    first: str | None = None
    last: str | None = None

    @property
    def records(self) -> int:
        """All that the log holds."""
        return self.events + sum(self.passed.values())

    @classmethod
    def of(cls, told: Mapping[str, Any]) -> Account:
        """From `as_json` of a child that may be captured; raises ValueError, KeyError, TypeError."""
        account = cls(str(told["format"]))
        if account.format not in formats():
            raise ValueError("no such format")
        for name in ("lines", "events", "timeless", "back", "late", "undecoded", "cut"):
            setattr(account, name, int(told[name]))
        for name, known in (("passed", Left), ("kinds", Kind)):
            setattr(account, name, {str(known(key)): int(count) for key, count in told[name].items()})
        for name in ("first", "last"):
            setattr(account, name, told[name] and datetime.fromisoformat(told[name]).isoformat())
        return account

    def as_json(self) -> dict[str, Any]:
        """JSON-able, with no text of the log."""
        return {**asdict(self), "records": self.records}


@cache
def formats() -> Mapping[str, LogFormat]:
    """Every log format, by the name of its module."""
    return cast(Mapping[str, LogFormat], parts.find("sekisho.evidence.formats", "LOG"))


class UnclearError(Exception):
    """A log cannot be read without being told more. ``reason``: ``format``, ``zone`` or ``year``."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def recognised(sample: str) -> str:
    """Which format a sample is of; raises UnclearError where none, or several, fit."""
    fitting = [name for name, log in formats().items() if log.fits(sample)]
    if len(fitting) != 1:
        raise UnclearError("format")
    return fitting[0]


def look(name: str, sample: str, clock: Clock) -> None:
    """Raises UnclearError where times of this log cannot be told without being told more."""
    lacking = formats()[name].lacks(sample)
    if "zone" in lacking and clock.zone is None:
        raise UnclearError("zone")
    if "year" in lacking and clock.year is None:
        raise UnclearError("year")


def unclear(reason: str) -> SekishoError:
    """The error for somebody who has to say more of a log."""
    if reason == "zone":
        return UsageError(
            Text("The times of this log do not say their time zone.", "このログの時刻には時間帯の記載がありません。"),
            Text("Say it: --zone Asia/Tokyo.", "--zone Asia/Tokyo のように指定してください。"),
        )
    if reason == "year":
        return UsageError(
            Text("The times of this log do not say their year.", "このログの時刻には年の記載がありません。"),
            Text("Say the year of its first line: --year 2015.", "先頭行の年を --year 2015 のように指定してください。"),
        )
    known = ", ".join(formats())
    return InputError(
        Text("This is no log of a kind that can be read, or of several.", "読み取れる形式のログか判別できません。"),
        Text("Name its format: --format {known}.", "--format で形式を指定してください: {known}").fill(known=known),
    )


def events(name: str, file: TextIO, clock: Clock, account: Account) -> Iterator[pa.Table]:
    """Tables of `EVENTS`, of at most `ROWS_AT_ONCE` rows; ``account`` is filled as they come."""
    lines = (numbered if formats()[name].in_lines else in_pieces)(file, account)
    passed: Counter[str] = Counter()
    rows: list[Event] = []
    for one in formats()[name].read(lines, clock):
        if isinstance(one, Passed):
            passed[one.why] += 1
            continue
        rows.append(one)
        if len(rows) >= ROWS_AT_ONCE:
            yield _table(rows)
            rows = []
    account.passed = {str(why): count for why, count in sorted(passed.items())}
    if rows:
        yield _table(rows)


def counted(tables: Iterable[pa.Table], account: Account, now: datetime) -> Iterator[pa.Table]:
    """The same tables; ``account`` says what is in them."""
    kinds: Counter[str] = Counter()
    ups = downs = 0
    before: datetime | None = None
    least: datetime | None = None
    most: datetime | None = None
    for table in tables:
        times = [at for at in table["at"].to_pylist() if at is not None]
        kinds.update(table["kind"].to_pylist())
        account.events += table.num_rows
        account.timeless += table.num_rows - len(times)
        account.late += sum(at > now for at in times)
        for at in times:
            if before is not None:
                ups += at - before > _A_STEP_BACK
                downs += before - at > _A_STEP_BACK
            before = at
        if times:
            least, most = min([*times, *([least] if least else [])]), max([*times, *([most] if most else [])])
        yield table
    account.back = min(ups, downs)
    account.kinds = {str(kind): count for kind, count in sorted(kinds.items())}
    account.first, account.last = (at.isoformat() if at else None for at in (least, most))


def numbered(file: TextIO, account: Account) -> Iterator[tuple[int, str]]:
    """Number and text of each line, without its end. What is longer than `LONGEST` is cut, and counted."""
    while line := file.readline(LONGEST):
        account.lines += 1
        account.undecoded += line.count("\ufffd")
        number = account.lines
        if not line.endswith("\n") and len(line) == LONGEST:
            account.cut += 1
            while (more := file.readline(LONGEST)) and not more.endswith("\n"):
                pass
        yield number, line.removesuffix("\n").removesuffix("\r")


def in_pieces(file: TextIO, account: Account) -> Iterator[tuple[int, str]]:
    """Number and text of each piece, which ends with ``>`` where it is not longer than any event."""
    held, number, end = "", 0, "\n"
    while more := file.read(PIECE):
        account.lines += more.count("\n")
        account.undecoded += more.count("\ufffd")
        end = more[-1]
        held += more
        cut = held.rfind(">") + 1 or (len(held) if len(held) > LONGEST * 64 else 0)
        if cut:
            number += 1
            yield number, held[:cut]
            held = held[cut:]
    account.lines += end != "\n"
    if held:
        yield number + 1, held


def close(account: Account, rows: int) -> None:
    """Raises AccountError where events that were kept are not those that were read."""
    if rows != account.events:
        raise AccountError(
            Text("{n} events of the log are missing.", "ログの事象が{n}件足りません。").fill(n=account.events - rows),
            Text("Import it again.", "もう一度取り込んでください。"),
        )


def _table(rows: list[Event]) -> pa.Table:
    columns = zip(*rows, strict=True)
    return pa.table(
        [pa.array(values, field.type) for values, field in zip(columns, EVENTS, strict=True)], schema=EVENTS
    )
