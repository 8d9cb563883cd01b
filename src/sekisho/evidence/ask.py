"""Which terminal, who, on whose order, when: one question to the events of all logs, and how each answer is known."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime

import polars as pl
import pyarrow as pa

from sekisho.evidence.event import EVENTS, Kind
from sekisho.frames import from_arrow

Parts = Callable[[int | None, int | None], Iterator[tuple[int, pa.Table]]]
"""The number of a log and some of its `EVENTS`, of all parts that may lie between two times (microseconds)."""


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked; everything given must hold. Texts are parts of what a log has, whatever their case.

    ``terminal``: the machine from which, its address, or the one that wrote the log. ``most``: rows at most.
    """

    object: str = ""
    terminal: str = ""
    account: str = ""
    kinds: tuple[Kind, ...] = ()
    since: datetime | None = None
    until: datetime | None = None
    most: int = 200
    names: bool = False

    def is_then(self, at: datetime) -> bool:
        """Whether a moment lies in the time that is asked for; not where none is."""
        after, before = self.since is None or at >= self.since, self.until is None or at <= self.until
        return after and before and (self.since or self.until) is not None


@dataclass(frozen=True, slots=True)
class Told:
    """One event. ``log``: which, and ``place``: its record there. ``at``: UTC; null where it is not known.

    ``known_by``: how the terminal is known: ``log``, ``session`` (the logon of the same session says it), or empty.
    ``order``: the account that had it done, as far as a log says.
    """

    log: int
    place: int
    at: str | None
    written: str
    kind: str
    outcome: str
    host: str
    terminal: str
    address: str
    known_by: str
    account: str
    order: str
    object: str
    detail: str
    bytes: int | None


_TOLD = tuple(Told.__dataclass_fields__)
_EMPTY = ""


def answered(parts: Parts, question: Question) -> pl.DataFrame:
    """All events that the question means, with ``known_by`` and ``order``, in the order of time."""
    wanted = _wanted(question)
    found = [_frame(0, EVENTS.empty_table())]
    for number, table in parts(_micros(question.since), _micros(question.until)):
        found.append(_frame(number, table).filter(wanted))
    return _with_terminals(parts, pl.concat(found)).sort("at", "log", "place", nulls_last=True)


def told(rows: pl.DataFrame) -> tuple[Told, ...]:
    """Events as `answered` gives them, one by one."""
    shown = rows.with_columns(at=pl.col("at").dt.strftime("%Y-%m-%dT%H:%M:%S%.6f+00:00"))
    return tuple(Told(**row) for row in shown.select(_TOLD).to_dicts())


def unknown(rows: pl.DataFrame) -> dict[str, int]:
    """How many of them lack what was asked for. Who sat at a terminal, no log says of any."""
    lacking = {
        "when": rows["at"].null_count(),
        "terminal": rows.filter(pl.col("known_by") == _EMPTY).height,
        "account": rows.filter(pl.col("account") == _EMPTY).height,
        "order": rows.filter(pl.col("order") == _EMPTY).height,
    }
    return {"person": rows.height, **lacking}


def _wanted(question: Question) -> pl.Expr:
    tests = [pl.lit(True)]
    if question.since:
        tests.append(pl.col("at").is_null() | (pl.col("at") >= question.since))
    if question.until:
        tests.append(pl.col("at").is_null() | (pl.col("at") <= question.until))
    for text, columns in (
        (question.object, ("object",)),
        (question.terminal, ("terminal", "address", "host")),
        (question.account, ("account", "by")),
    ):
        if text:
            tests.append(pl.any_horizontal(_holds(column, text) for column in columns))
    if question.kinds:
        tests.append(pl.col("kind").is_in([str(kind) for kind in question.kinds]))
    return pl.all_horizontal(tests)


def _holds(column: str, text: str) -> pl.Expr:
    return pl.col(column).str.to_lowercase().str.contains(text.lower(), literal=True)


def _with_terminals(parts: Parts, rows: pl.DataFrame) -> pl.DataFrame:
    """``known_by`` and ``order``; a terminal that the logon of the same session on the same machine says is filled in.

    A number of a session is given again after a restart: the last logon before the event counts.
    """
    lacking = (pl.col("terminal") == _EMPTY) & (pl.col("address") == _EMPTY)
    by_log = pl.when(lacking).then(pl.lit(_EMPTY)).otherwise(pl.lit("log"))
    known = rows.with_columns(known_by=by_log).with_row_index("row")
    unsaid = known.filter(lacking, pl.col("session") != _EMPTY, pl.col("host") != _EMPTY, pl.col("at").is_not_null())
    starts = _logons(parts, unsaid).sort("at")
    met = unsaid.select("row", "host", "session", "at").sort("at")
    found = met.join_asof(starts, on="at", by=["host", "session"], check_sortedness=False)
    told_by_session = found.filter(pl.col("from_terminal").is_not_null())
    known = known.join(told_by_session.select("row", "from_terminal", "from_address"), on="row", how="left")
    is_linked = pl.col("from_terminal").is_not_null()
    is_order = (pl.col("by") != pl.col("account")) & ~pl.col("by").str.ends_with("$")  # not the machine's own account
    return known.with_columns(
        terminal=pl.coalesce("from_terminal", "terminal"),
        address=pl.coalesce("from_address", "address"),
        known_by=pl.when(is_linked).then(pl.lit("session")).otherwise("known_by"),
        order=pl.when(is_order).then("by").otherwise(pl.lit(_EMPTY)),
    )


def _logons(parts: Parts, wanted: pl.DataFrame) -> pl.DataFrame:
    """Where sessions began, of those that are wanted."""
    keys = wanted.select("host", "session").unique()
    texts = ("host", "session", "from_terminal", "from_address")
    found = [pl.DataFrame(schema=pl.Schema({"at": pl.Datetime("us", "UTC"), **dict.fromkeys(texts, pl.String())}))]
    for number, table in parts(None, None) if keys.height else ():
        rows = _frame(number, table).filter(
            pl.col("kind") == str(Kind.LOGON),
            pl.col("at").is_not_null(),
            (pl.col("terminal") != _EMPTY) | (pl.col("address") != _EMPTY),
        )
        named = rows.join(keys, on=["host", "session"], how="semi")
        found.append(
            named.select("at", "host", "session", from_terminal=pl.col("terminal"), from_address=pl.col("address"))
        )
    return pl.concat(found)


def _frame(number: int, table: pa.Table) -> pl.DataFrame:
    return from_arrow(table).with_columns(log=pl.lit(number, pl.Int64))


def _micros(at: datetime | None) -> int | None:
    return None if at is None else int(at.timestamp() * 1_000_000)
