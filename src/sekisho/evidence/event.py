"""One line of evidence: what a log says happened, when, at which machine, by which account. Never more than it says.

An empty text means that the log does not say. An account is not a person: who sat at the machine no log knows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

import pyarrow as pa

from sekisho.evidence.clock import Clock
from sekisho.wording import Text


class Kind(StrEnum):
    """What happened."""

    LOGON = "logon"
    LOGON_FAILED = "logon_failed"
    LOGOFF = "logoff"
    FILE = "file"
    WEB = "web"
    ORDER = "order"  # one account acted as another: sudo, su, run as


class Left(StrEnum):
    """Why a record of a log became no event."""

    OTHER = "other"  # of a kind that says nothing of these
    BROKEN = "broken"  # not of the log's form: cut off, or not from this log at all
    TOO_LONG = "too_long"


class Event(NamedTuple):
    """``place``: number of the record in the file, from 1. ``written``: its time as the log has it; ``at``: as known.

    ``host``: the machine that wrote it; ``terminal`` and ``address``: from where; ``session``: the host's number of the
    logon; ``by``: the account that acted as ``account``; ``outcome``: ok, failed, or empty.
    """

    place: int
    at: datetime | None
    written: str
    kind: Kind
    outcome: str = ""
    host: str = ""
    terminal: str = ""
    address: str = ""
    account: str = ""
    by: str = ""
    object: str = ""
    detail: str = ""
    session: str = ""
    bytes: int | None = None


class Passed(NamedTuple):
    """A record that became no event."""

    place: int
    why: Left


EVENTS = pa.schema(
    [
        ("place", pa.int64()),
        ("at", pa.timestamp("us", "UTC")),  # null: the log does not let it be known
        *((name, pa.string()) for name in ("written", "kind", "outcome", "host", "terminal", "address")),
        *((name, pa.string()) for name in ("account", "by", "object", "detail", "session")),
        ("bytes", pa.int64()),
    ]
)
Lines = Iterable[tuple[int, str]]
"""Number from 1 and text of each line, without its end; or of each piece, as they follow each other."""


@dataclass(frozen=True, slots=True)
class LogFormat:
    """One log format. ``fits``: whether a sample (the first lines) is of it; ``read``: its records, one by one.

    ``lacks``: what the times in a sample do not say and somebody must: ``zone``, ``year``. ``example``: a log of one
    logon, or of what comes closest, at 00:12:33 UTC on 2015-05-20. ``in_lines``: else it is read in pieces that end
    with ``>``, as it may be one long line.
    """

    name: Text
    fits: Callable[[str], bool]
    read: Callable[[Lines, Clock], Iterator[Event | Passed]]
    example: str
    lacks: Callable[[str], frozenset[str]] = lambda sample: frozenset()
    in_lines: bool = True
