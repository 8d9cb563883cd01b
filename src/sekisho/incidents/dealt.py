"""Differences that were dealt with person by person, and the ways out of those that keep everything shut.

What was told cannot be taken back; once whom it concerns were written to, two officers say so, and work goes on. That
nobody has told somebody, or no letter is there, is never said away: `letters plan` puts that right.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Collection, Mapping
from dataclasses import replace

import polars as pl

from sekisho.incidents.reconcile import Finding, Kind, Reconciliation
from sekisho.wording import Text

DEALT = "dealt_with"
"""The kind of fact that says which differences these are."""
PLANNED = frozenset({Kind.UNTOLD, Kind.AHEAD, Kind.LETTER_MISSING, Kind.OUTGROWN})
_BY = ("person", "version", "call", "answer")
_PLAN = Text(
    "say how each of them is told: `sekisho letters plan {n}`",
    "`sekisho letters plan {n}` で通知方法を定めてください",
)
_DEAL = Text(
    "write to them, then say so: `sekisho incident reconcile {n} --dealt-with FILE --why WHAT`, FILE as --to wrote it",
    "本人に連絡した後、--to で書き出したファイルを `sekisho incident reconcile {n} --dealt-with ファイル --why 内容` で"
    "対応済みにしてください",
)


def way_out(kind: Kind, incident: int) -> Text:
    """What is to be done about a difference."""
    return (_PLAN if kind in PLANNED else _DEAL).fill(n=incident)


def marks(finding: Finding, secret: bytes) -> pl.Series:
    """What each row goes by, in all versions: a keyed hash; null where it cannot be dealt with so."""
    if finding.kind in PLANNED:
        return pl.Series("mark", [None] * finding.count, dtype=pl.String)
    rows = finding.rows.select(name for name in _BY if name in finding.rows.columns).iter_rows()
    said = ("\x1f".join([str(finding.kind), *map(str, row)]) for row in rows)
    return pl.Series("mark", [hmac.digest(secret, one.encode(), hashlib.sha256).hex() for one in said], dtype=pl.String)


def by_mark(found: Reconciliation, secret: bytes) -> Mapping[str, Kind]:
    """The kind of each difference that can be dealt with."""
    return {mark: one.kind for one in found.findings for mark in marks(one, secret).drop_nulls()}


def left(found: Reconciliation, dealt: Collection[str], secret: bytes) -> Reconciliation:
    """Without what was ``dealt`` with, which is counted."""
    if not dealt:
        return found
    some = [(one, marks(one, secret).is_in(list(dealt)).fill_null(value=False)) for one in found.findings]
    rest = (Finding(one.kind, one.rows.filter(~gone)) for one, gone in some)
    count = sum(int(gone.sum()) for _, gone in some)
    return replace(found, findings=tuple(one for one in rest if one.count), dealt=count)
