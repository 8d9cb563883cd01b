"""What is to be done with each file that breaks the rules: encrypt, move, delete, or leave it, and why.

A document inside an archive or a mail cannot be mended where it lies: the file that it lies in is moved.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import pyarrow as pa

from sekisho.figures import Breach
from sekisho.model import Protection
from sekisho.protect.locking import has_own_lock
from sekisho.protect.reasons import Left
from sekisho.protect.rules import Mending, Rules
from sekisho.wording import Text

COLUMNS = ("document", "file", "kind", "named_kind", "protection")
"""Columns of the documents that a plan needs."""
_OPEN = {Protection.NONE.name, Protection.EDIT_ONLY.name}
_READABLE = {Breach.UNPROTECTED, Breach.PASSWORD_BESIDE, Breach.TOO_WIDE}


class Measure(StrEnum):
    """What is to be done with a file."""

    ENCRYPT = "encrypt"
    MOVE = "move"
    DELETE = "delete"
    LEAVE = "leave"


MEASURES: Mapping[Measure, Text] = {
    Measure.ENCRYPT: Text("encrypt in place", "その場で暗号化"),
    Measure.MOVE: Text("move to the restricted folder", "限定フォルダーへ移動"),
    Measure.DELETE: Text("delete", "削除"),
    Measure.LEAVE: Text("leave", "そのまま"),
}


@dataclass(frozen=True, slots=True)
class Planned:
    """One file. ``otherwise``: what is done where its format does not take the lock after all; ``why`` it is left."""

    document: str
    sha256: str
    size: int
    kind: str
    breaches: tuple[str, ...]
    records: int
    measure: Measure
    otherwise: Measure = Measure.LEAVE
    why: str = ""


def planned(
    violations: pa.Table, documents: pa.Table, files: pa.Table, rules: Rules, kept: Callable[[str], Left | None]
) -> list[Planned]:
    """A plan, file by file in the order of their names.

    ``violations``: `figures.VIOLATIONS`; ``documents``: at least `COLUMNS`; ``files``: document, size, sha256 of each
    file. ``kept``: why a content, by its SHA-256, must stay as it is, if it must.
    """
    tops = {row["file"]: row for row in _rows(documents) if row["document"] == row["file"]}
    states = {row["document"]: row for row in files.select(["document", "size", "sha256"]).to_pylist()}
    return [
        _one(file, breaches, records, tops[file], states[file], rules, kept)
        for file, breaches, records in _by_file(violations)
    ]


def _rows(documents: pa.Table) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = documents.select(list(COLUMNS)).to_pylist()
    return rows


def _by_file(violations: pa.Table) -> Iterator[tuple[str, frozenset[Breach], int]]:
    """Each file with the ways in which documents in it break the rules, and the records in these documents."""
    found: dict[str, list[dict[str, Any]]] = {}
    for row in violations.to_pylist():
        found.setdefault(row["file"], []).append(row)
    for file, rows in sorted(found.items()):
        records = {row["document_id"]: row["records"] for row in rows}
        yield file, frozenset(Breach(row["rule"]) for row in rows), sum(records.values())


def _one(
    file: str,
    breaches: frozenset[Breach],
    records: int,
    top: Mapping[str, Any],
    state: Mapping[str, Any],
    rules: Rules,
    kept: Callable[[str], Left | None],
) -> Planned:
    measure, otherwise, why = _measure(file, breaches, top, rules)
    if must_stay := kept(state["sha256"]):
        measure, otherwise, why = Measure.LEAVE, Measure.LEAVE, str(must_stay)
    return Planned(
        document=file,
        sha256=state["sha256"],
        size=state["size"],
        kind=top["kind"] or "",
        breaches=tuple(sorted(breaches)),
        records=records,
        measure=measure,
        otherwise=otherwise,
        why=why,
    )


def _measure(
    file: str, breaches: frozenset[Breach], top: Mapping[str, Any], rules: Rules
) -> tuple[Measure, Measure, str]:
    mending = rules.mending
    if Breach.OVERDUE in breaches and mending.delete_overdue:
        return Measure.DELETE, Measure.LEAVE, ""
    if not breaches & _READABLE:
        why = Left.NOT_SWITCHED_ON if Breach.OVERDUE in breaches else Left.RIGHTS_UNKNOWN
        return Measure.LEAVE, Measure.LEAVE, why
    moving, why_not = _moving(file, mending)
    if Breach.TOO_WIDE not in breaches and _may_encrypt(top, rules):
        return Measure.ENCRYPT, moving, ""
    return moving, Measure.LEAVE, why_not


def _moving(file: str, mending: Mending) -> tuple[Measure, str]:
    if not mending.move_to:
        return Measure.LEAVE, Left.NOWHERE_TO_MOVE
    if file.startswith(mending.move_to.strip("/") + "/"):
        return Measure.LEAVE, Left.THERE_ALREADY
    return Measure.MOVE, ""


def _may_encrypt(top: Mapping[str, Any], rules: Rules) -> bool:
    """Its format has a lock of its own that counts, nothing locks it yet, and its name says what it is."""
    return (
        rules.mending.encrypt
        and Protection.STRONG.name in rules.counts
        and has_own_lock(top["kind"] or "")
        and top["named_kind"] == top["kind"]
        and top["protection"] in _OPEN
    )


def counted(plan: Iterable[Planned]) -> dict[str, int]:
    """How many files each measure is planned for."""
    found = dict.fromkeys(map(str, Measure), 0)
    for one in plan:
        found[one.measure] += 1
    return found
