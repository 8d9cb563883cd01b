"""Which documents with personal data break the rules.

Self-report is what failed in 2015: a folder that a rule calls restricted counts only as far as the real rights of the
files in it bear that out.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import partial
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from sekisho.figures import VIOLATIONS, Breach, Check, Claim, Sum
from sekisho.protect.rights import readers_of, wider
from sekisho.protect.rules import Restricted, Rules

COLUMNS = (
    "document_id", "document", "file", "sha256", "protection", "password_beside", "records", "modified", "owner",
    "group", "mode", "acl",
)  # fmt: skip


def check(documents: pa.Table, rules: Rules, now: datetime) -> Check:
    """Hold every document with records against the rules. ``documents``: at least `COLUMNS`; ``now``: with a zone."""
    personal = documents.select(COLUMNS).filter(pc.greater(documents["records"], 0)).to_pylist()
    claims, named = rules.claims(), {claim.folder for claim in rules.restricted}
    found = [(row, breach) for row in personal for breach in _breaches(row, rules, claims, now)]
    rows = [
        {**{name: row[name] for name in ("document_id", "document", "file", "sha256", "records")}, **breach}
        for row, breach in found
    ]
    table = pa.Table.from_pylist(rows, VIOLATIONS)
    return Check(
        documents=len(personal),
        breaking=len({row["document_id"] for row in rows}),
        sums={breach: _sum(rows, breach) for breach in Breach if any(row["rule"] == breach for row in rows)},
        claims=tuple(said for said in map(partial(_claim, personal), claims) if said.documents or said.folder in named),
        table=table,
    )


def _breaches(
    row: Mapping[str, Any], rules: Rules, claims: Iterable[Restricted], now: datetime
) -> Iterable[dict[str, str]]:
    holding = [claim for claim in claims if claim.holds(row["file"])]
    states = [_state(row, claim) for claim in holding]
    for claim, (state, found) in zip(holding, states, strict=True):
        if state:
            yield _breach(state, ", ".join(sorted(claim.readers)), found)
    restricted = bool(holding) and not any(state for state, _ in states)
    locked = row["protection"] in rules.counts
    beside = bool(row["password_beside"]) and not rules.password_beside_counts
    if not restricted and (not locked or beside):
        rule = Breach.PASSWORD_BESIDE if locked else Breach.UNPROTECTED
        yield _breach(rule, ", ".join(sorted(rules.counts)), str(row["protection"]))
    age = (now - row["modified"]).days if row["modified"] else 0
    if rules.days is not None and age > rules.days:
        yield _breach(Breach.OVERDUE, f"{rules.days}", f"{age}")


def _breach(rule: Breach, demanded: str, found: str) -> dict[str, str]:
    return {"rule": rule, "demanded": demanded, "found": found}


def _state(row: Mapping[str, Any], claim: Restricted) -> tuple[Breach | None, str]:
    """Whether the claim is true for one document; else how not, and who else may read it."""
    readers = readers_of(row["mode"], row["owner"] or "", row["group"] or "", row["acl"] or "")
    if readers is None:
        return Breach.RIGHTS_UNKNOWN, ""
    others = wider(readers, claim.readers)
    return (Breach.TOO_WIDE, ", ".join(others)) if others else (None, "")


def _sum(rows: Iterable[Mapping[str, Any]], rule: Breach) -> Sum:
    mine = {row["document_id"]: row for row in rows if row["rule"] == rule}
    return Sum(len(mine), len({row["file"] for row in mine.values()}), sum(row["records"] for row in mine.values()))


def _claim(personal: Iterable[Mapping[str, Any]], claim: Restricted) -> Claim:
    states = [_state(row, claim)[0] for row in personal if claim.holds(row["file"])]
    return Claim(
        folder=claim.folder,
        readers=tuple(sorted(claim.readers)),
        documents=len(states),
        true=states.count(None),
        wider=states.count(Breach.TOO_WIDE),
        unknown=states.count(Breach.RIGHTS_UNKNOWN),
    )
