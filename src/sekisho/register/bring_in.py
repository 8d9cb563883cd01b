"""Takes a file of holders into the vault's register: what is new or has changed becomes a state, all else stays."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from sekisho.model import Item
from sekisho.register import columns, rows
from sekisho.register.read import no_columns
from sekisho.register.resolve import Resolved, resolve
from sekisho.register.rows import Rows
from sekisho.register.states import (
    ITEMS,
    JOINED,
    NUMBER,
    NUMBERS,
    STATES,
    Known,
    arrow,
    frame,
    keys,
    known,
    marks,
    old_numbers,
)
from sekisho.vault import Import, Part, Register, Span
from sekisho.wording import Tell, Text

PART_ROWS = 50_000
NUMBERS_A_PART = 100_000
_DRAFTS = "drafts"
READING = Text("rows", "行")
WHO = Text("who is known already?", "既存の人との照合")
WRITING = Text("writing to the vault", "保管庫への書き込み")


@dataclass(slots=True)
class Counts:
    """What became of the rows: each is ``kept``, ``repeated`` (the very same row again) or names ``nobody``.

    ``strays``: left out too, of another width than the header. Of the holders in the file some are ``new``, some
    ``changed``, some the ``same``; ``absent``: holders whom the file does not name, who stay as they are; ``joined``:
    known holders who turned out to be another one.

    Kept all the same: ``shared_number``: rows of a number that stands on several rows; ``no_number``, ``no_name``;
    ``unreadable``: by column, values that are none that can be; ``contested``: old numbers that several holders claim
    or that lead in a circle.
    """

    rows: int = 0
    kept: int = 0
    repeated: int = 0
    nobody: int = 0
    strays: int = 0
    holders: int = 0
    new: int = 0
    changed: int = 0
    same: int = 0
    absent: int = 0
    joined: int = 0
    shared_number: int = 0
    no_number: int = 0
    no_name: int = 0
    contested: int = 0
    unreadable: dict[str, int] = field(default_factory=dict)


@dataclass(slots=True)
class _Drafts:
    """The rows of the file on disk, not yet anybody's: ``parts`` in order, and by row what is needed to say whose."""

    parts: list[Part] = field(default_factory=list)
    keys: list[np.ndarray] = field(default_factory=list)
    marks: list[np.ndarray] = field(default_factory=list)
    olds: list[pl.DataFrame] = field(default_factory=list)
    rows: int = 0


def bring_in(register: Register, path: Path, sha256: str, program: str, tell: Tell) -> Import:
    """Import ``path``: all of it counts at the end, or nothing does. Raises InputError, VaultError."""
    file = rows.read(path)
    if not columns.is_header([column.label for column in file.columns]):
        raise no_columns(path)
    register.begin()
    counts, drafts, total = Counts(), _Drafts(), file.about
    for batch in file.batches():
        _draft(register, batch.select(ITEMS), counts, drafts)
        tell(READING, counts.rows, total)
    tell(WHO)
    before = known(register)
    key, mark = _whole(drafts.keys, np.int64), _whole(drafts.marks, np.uint64)
    olds = pl.concat([pl.DataFrame(schema={"row": pl.Int64, "old": pl.Int64}), *drafts.olds])
    found = resolve(key, olds, before)
    once = _once(found, mark)
    counts.repeated = int((~once).sum())
    counts.shared_number = _shared(key[once & found.several])
    kept = _kept(found, mark, once, before, counts)
    tell(WRITING)
    number = max((made.number for made in register.imports()), default=0) + 1
    spans = [*_states(register, drafts.parts, found, kept, number), *_leads(register, found, before, number)]
    _close(counts, file, found)
    made = Import(number, str(path.resolve()), sha256, _now(), program, _account(file, counts))
    register.commit(made, spans)
    register.discard(drafts.parts)
    return made


def _draft(register: Register, batch: pl.DataFrame, counts: Counts, drafts: _Drafts) -> None:
    number, name = pl.col(NUMBER), pl.coalesce(Item.NAME, Item.NAME_KANA)
    written = batch.filter(~pl.all_horizontal(pl.all().is_null()))
    somebody = written.filter(number.is_not_null() | (name.is_not_null() & pl.col(Item.BIRTH_DATE).is_not_null()))
    counts.rows += written.height
    counts.nobody += written.height - somebody.height
    counts.no_number += somebody[NUMBER].null_count()
    counts.no_name += int(somebody.select(name.is_null().sum()).item())
    drafts.parts.append(register.write(_DRAFTS, somebody.to_arrow(compat_level=pl.CompatLevel.oldest())))
    drafts.keys.append(keys(somebody))
    drafts.marks.append(marks(somebody))
    drafts.olds.append(old_numbers(somebody).with_columns(pl.col("row") + drafts.rows))
    drafts.rows += somebody.height


def _whole(arrays: list[np.ndarray], kind: type[np.generic]) -> np.ndarray:
    """One array of all of them, which are let go of."""
    whole = np.concatenate([np.zeros(0, kind), *arrays])
    arrays.clear()
    return whole


def _once(found: Resolved, mark: np.ndarray) -> np.ndarray:
    """Which rows say what no row of their holder before them said."""
    once = np.ones(len(mark), bool)
    at = np.flatnonzero(found.several)
    told = pl.DataFrame({"holder": found.holder[at], "mark": mark[at]})
    once[at] = told.select(pl.struct("holder", "mark").is_first_distinct()).to_series().to_numpy()
    return once


def _shared(keys: np.ndarray) -> int:
    """Rows whose number stands on another row too."""
    return int(pl.Series(keys[keys >= 0]).is_duplicated().sum())


def _kept(found: Resolved, mark: np.ndarray, once: np.ndarray, before: Known, counts: Counts) -> np.ndarray:
    """Which rows are to be kept: those of holders who are new or have changed."""
    holders = found.holder
    now = np.zeros(found.count, np.uint64)
    np.add.at(now, holders[once], mark[once])
    there = np.zeros(found.count, bool)
    there[holders] = True
    is_new = np.arange(found.count) >= before.count
    changed = there & ~is_new
    changed[: before.count] &= now[: before.count] != before.marks
    still = before.root == np.arange(before.count)
    still[found.joined["holder"].to_numpy()] = False
    counts.holders = int(there.sum())
    counts.new = int((there & is_new).sum())
    counts.changed = int(changed.sum())
    counts.same = counts.holders - counts.new - counts.changed
    counts.absent = int((still & ~there[: before.count]).sum())
    counts.joined = found.joined.height
    kept: np.ndarray = (is_new | changed)[holders] & once
    return kept


def _states(
    register: Register, drafts: Sequence[Part], found: Resolved, kept: np.ndarray, number: int
) -> Iterator[Span]:
    waiting: list[pl.DataFrame] = []
    start = 0
    for draft in drafts:
        here = slice(start, start + draft.rows)
        start += draft.rows
        if kept[here].any():
            whose = (pl.Series("holder", found.holder[here]), pl.Series("place", found.place[here]))
            waiting.append(frame(register.rows_of(draft)).with_columns(*whose).filter(pl.Series(kept[here])))
        if sum(some.height for some in waiting) >= PART_ROWS:
            yield _span(register, "states", pl.concat(waiting), "holder", number)
            waiting = []
    if waiting:
        yield _span(register, "states", pl.concat(waiting), "holder", number)


def _leads(register: Register, found: Resolved, before: Known, number: int) -> Iterator[Span]:
    """The numbers that lead to another holder than before, and the holders that were joined."""
    real = found.numbers.filter(pl.col("number") >= 0)
    told = real.filter(pl.Series(before.find(real["number"].to_numpy())) != pl.col("holder")).sort("number")
    for some in told.iter_slices(NUMBERS_A_PART):
        yield _span(register, "numbers", some, "number", number)
    if found.joined.height:
        yield _span(register, "joined", found.joined, "holder", number)


_SCHEMAS = {"states": STATES, "numbers": NUMBERS, "joined": JOINED}


def _span(register: Register, table: str, rows: pl.DataFrame, by: str, number: int) -> Span:
    ordered = rows.sort(by, "place", maintain_order=True) if "place" in rows.columns else rows.sort(by)
    part = register.write(table, arrow(ordered, _SCHEMAS[table]))
    return Span(part, number, ordered[by][0], ordered[by][-1])


def _close(counts: Counts, file: Rows, found: Resolved) -> None:
    counts.strays = file.strays
    counts.rows += file.strays
    counts.kept = counts.rows - counts.strays - counts.nobody - counts.repeated
    counts.contested = found.contested
    counts.unreadable = {name: n for name, n in sorted(file.unreadable.items()) if n}


def _account(file: Rows, counts: Counts) -> dict[str, Any]:
    return {
        "columns": [asdict(column) for column in file.columns],
        "unused": list(file.unused),
        "counts": asdict(counts),
    }


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
