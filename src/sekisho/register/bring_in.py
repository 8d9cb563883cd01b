"""Takes a file of holders into the vault's register: what is new or has changed becomes a state, all else stays."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from sekisho.clock import utc_now
from sekisho.errors import InputError
from sekisho.register import columns, rows
from sekisho.register.carry import Carried
from sekisho.register.drafts import Counts, Drafts
from sekisho.register.enter import Kept, Writing
from sekisho.register.known import AT_ONCE, Known
from sekisho.register.read import no_columns
from sekisho.register.resolve import Resolved, resolve
from sekisho.register.rows import Rows
from sekisho.register.states import dialect
from sekisho.vault import Entry, Register
from sekisho.wording import Tell, Text

WHO = Text("who is known already?", "既存の人との照合")
LEADS = Text("which number leads to whom", "番号の対応の書き込み")


def bring_in(
    register: Register, path: Path, sha256: str, program: str, tell: Tell, is_same: Callable[[], bool] = lambda: True
) -> Entry:
    """Import ``path``: all of it counts at the end, or nothing does. Raises InputError, VaultError.

    What a killed import of the same file by the same program had finished is not done again. ``is_same``: whether the
    file is still the one of ``sha256``.
    """
    return take_in(register, look(path), sha256, program, tell, is_same)


def take_in(
    register: Register, file: Rows, sha256: str, program: str, tell: Tell, is_same: Callable[[], bool] = lambda: True
) -> Entry:
    """Import the rows of ``file``, wherever they come from; as `bring_in`."""
    finished = register.begin(sha256, program)
    drafts = Drafts(register, finished)
    drafts.read(file, tell)
    if not is_same():
        register.give_up()
        raise _changed(file.path)
    counts = drafts.counts
    tell(WHO)
    known = Known(register)
    key, mark, olds = drafts.keys()
    found = resolve(key, olds, known)
    del key, olds
    once = _once(found, mark)
    counts.repeated = int((~once).sum())
    counts.shared_number = _shared(found.keys(found.several[once[found.several]]))
    carried = Carried(register, known, {column.item for column in file.columns})
    kept = _kept(found, mark, once, known, carried, counts)
    del mark
    number = register.next_number()
    writing = Writing(register, finished, number)
    spans = [*writing.states(drafts, found, kept, carried, tell)]
    tell(LEADS)
    spans += [*writing.listed(drafts.heights, found, kept), *writing.leads(found, known)]
    counts.kept = counts.rows - counts.strays - counts.nobody - counts.repeated
    counts.contested, counts.refused = found.contested, found.refused
    counts.unreadable = {name: n for name, n in sorted(file.unreadable.items()) if n}
    made = Entry(number, str(file.path.resolve()), sha256, utc_now("microseconds"), program, _account(file, counts))
    register.commit(made, spans)
    drafts.discard()
    return made


def look(path: Path) -> Rows:
    """The rows of a file of holders, not read yet; raises InputError where it cannot be read or names nobody."""
    return rows.read_under(path, columns.is_header, no_columns)


def _once(found: Resolved, mark: np.ndarray) -> np.ndarray:
    """Which rows say what no row of their holder before them said."""
    once = np.ones(len(mark), bool)
    told = pl.DataFrame({"holder": found.holder[found.several], "mark": mark[found.several]})
    once[found.several] = told.select(pl.struct("holder", "mark").is_first_distinct()).to_series().to_numpy()
    return once


def _shared(keys: np.ndarray) -> int:
    """Rows whose number stands on another row too."""
    return int(pl.Series(keys[keys >= 0]).is_duplicated().sum())


def _kept(found: Resolved, mark: np.ndarray, once: np.ndarray, known: Known, carried: Carried, counts: Counts) -> Kept:
    """Which rows are to be kept: those of holders who are new or have changed."""
    now, there = np.zeros(found.count, np.uint64), np.zeros(found.count, bool)
    for start in range(0, len(mark), AT_ONCE):
        here = slice(start, start + AT_ONCE)
        np.add.at(now, found.holder[here], np.where(once[here], mark[here], np.uint64(0)))
        there[found.holder[here]] = True
    carried.add_marks(now, there)
    other, still = known.differ(now)
    differs = there.copy()
    differs[: known.count] &= other
    still[found.joined["holder"].to_numpy()] = False
    counts.holders = int(there.sum())
    counts.new = found.count - known.count
    counts.changed = int(differs[: known.count].sum())
    counts.same = counts.holders - counts.new - counts.changed
    counts.absent = int((still & ~there[: known.count]).sum())
    counts.joined = found.joined.height
    return Kept(differs[found.holder] & once, now)


def _account(file: Rows, counts: Counts) -> dict[str, Any]:
    return {
        "columns": [asdict(column) for column in file.columns],
        "unused": list(file.unused),
        "counts": asdict(counts),
        "hash": dialect(),
    }


def _changed(path: Path) -> InputError:
    return InputError(
        Text("{file} was changed while it was read.", "{file} が読み取り中に変更されました。").fill(file=path),
        Text(
            "The register is as it was. Import the file again once nobody writes to it.",
            "台帳は元のままです。書き込みが終わってから、もう一度取り込んでください。",
        ),
    )
