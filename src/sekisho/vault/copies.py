"""What was read once is counted again without being read: from an earlier scan, or at a second place."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from sekisho.model import DOCUMENTS, SourceFile
from sekisho.vault.intake import DOCUMENT_BITS, FILES, PASSWORDS, Intake, with_source
from sekisho.vault.scans import Scan
from sekisho.vault.shelf import Part

_WITHIN = (1 << DOCUMENT_BITS) - 1


@dataclass(frozen=True, slots=True)
class Copy:
    """File ``number`` of a scan, to be counted as ``file``; ``named_kind`` is what the new name's ending says."""

    number: int
    file: SourceFile
    named_kind: str | None = None


Change = Callable[[pa.Table, Mapping[int, Copy]], pa.Table]


def copy(origin: Scan, copies: Sequence[Copy], intake: Intake, *, at_a_second_place: bool) -> None:
    """Have ``copies`` count in the intake's scan, all at once.

    ``at_a_second_place``: the origin counts too, so each document says which one was read in its stead.
    """
    turns = list(_turns(copies, intake))

    def placed(rows: pa.Table, by_number: Mapping[int, Copy]) -> pa.Table:
        return _placed(rows, by_number, at_a_second_place)

    changes: dict[str, Change] = {
        "files": _listed,
        "documents": placed,
        "records": lambda rows, _: intake.numbered(rows),
        "doubts": lambda rows, _: rows,
    }
    if not at_a_second_place:
        changes["passwords"] = _found_at
    intake.scan.commit(
        [part for table, change in changes.items() for part in _copied(origin, table, turns, intake, change)]
    )


@dataclass(frozen=True, slots=True)
class _Turn:
    """Copies that hold each old number once, and their new numbers."""

    old: pa.Array
    new: pa.Array
    by_number: Mapping[int, Copy]  # new numbers


def _turns(copies: Sequence[Copy], intake: Intake) -> Iterator[_Turn]:
    turns: list[list[Copy]] = []
    seen: dict[int, int] = {}
    for one in copies:
        turn = seen[one.number] = seen.get(one.number, -1) + 1
        if turn == len(turns):
            turns.append([])
        turns[turn].append(one)
    for group in turns:
        new = range(first := intake.new_numbers(len(group)), first + len(group))
        old = pa.array([one.number for one in group], pa.int64())
        yield _Turn(old, pa.array(new, pa.int64()), dict(zip(new, group, strict=True)))


def _copied(origin: Scan, table: str, turns: Sequence[_Turn], intake: Intake, change: Change) -> Iterator[Part]:
    """The parts of one table, changed; written whenever enough has come together."""
    waiting: list[pa.Table] = []
    for rows in origin.batches(table):
        numbers = (
            rows["file"] if table in ("files", "passwords") else pc.shift_right(rows["document_id"], DOCUMENT_BITS)
        )
        for turn in turns:
            place = pc.index_in(numbers, value_set=turn.old)
            kept = pc.is_valid(place)
            found = _renumbered(rows.filter(kept), pc.take(turn.new, place.filter(kept)))
            if found.num_rows:
                waiting.append(change(found, turn.by_number))
            if sum(t.num_rows for t in waiting) >= intake.part_rows:
                yield intake.write(table, waiting)
                waiting = []
    if waiting:
        yield intake.write(table, waiting)


def _renumbered(rows: pa.Table, numbers: pa.ChunkedArray) -> pa.Table:
    place = rows.schema.get_field_index("document_id")
    if place < 0:
        return rows.set_column(rows.schema.get_field_index("file"), FILES.field("file"), numbers)
    within = pc.bit_wise_and(rows["document_id"], _WITHIN)
    ids = pc.bit_wise_or(pc.shift_left(numbers, DOCUMENT_BITS), within)
    return rows.set_column(place, rows.schema.field(place), ids)


def _placed(documents: pa.Table, by_number: Mapping[int, Copy], at_a_second_place: bool) -> pa.Table:
    """Documents as they are called, and what the file system says of them, at their new place."""
    by_file: dict[int, list[dict[str, Any]]] = {}
    for row in documents.to_pylist():
        by_file.setdefault(row["document_id"] >> DOCUMENT_BITS, []).append(row)
    return pa.concat_tables(
        with_source(
            pa.Table.from_pylist([_moved(row, by_number[n], at_a_second_place) for row in rows], DOCUMENTS),
            by_number[n].file,
        )
        for n, rows in by_file.items()
    )


def _moved(row: dict[str, Any], copy: Copy, at_a_second_place: bool) -> dict[str, Any]:
    old, new, called = row["file"], copy.file.document, row["document"]
    same_as = row["same_as"] or ""
    if at_a_second_place:
        same_as = called
    elif same_as.startswith(f"{old}!"):
        same_as = new + same_as[len(old) :]
    else:
        same_as = None
    moved = {**row, "file": new, "document": new + called[len(old) :], "same_as": same_as}
    if copy.named_kind is not None and called == old:
        moved["named_kind"] = copy.named_kind
    return moved


def _listed(files: pa.Table, by_number: Mapping[int, Copy]) -> pa.Table:
    rows = []
    for row in files.to_pylist():
        file = by_number[row["file"]].file
        there = {"document": file.document, "size": file.size, "modified_ns": file.modified_ns, "inode": file.inode}
        rows.append({**row, **there})
    return pa.Table.from_pylist(rows, FILES)


def _found_at(passwords: pa.Table, by_number: Mapping[int, Copy]) -> pa.Table:
    names = [by_number[number].file.document for number in passwords["file"].to_pylist()]
    return passwords.set_column(1, PASSWORDS.field(1), pa.array(names, pa.string()))
