"""`sekisho review sample`: a random sample of the records found, and what the marks in it say about all of them."""

from __future__ import annotations

import random
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from sekisho.errors import InputError
from sekisho.flow.scanning.export import records_shown
from sekisho.report import columns, tabular
from sekisho.report.interval import clopper_pearson
from sekisho.vault import Scan
from sekisho.wording import Text

SAMPLE = pa.schema(
    [("right", pa.string()), ("remark", pa.string())]
    + [
        (column.name, column.type)
        for column in columns.RECORDS
        if column.name not in ("person", "state", "ask", "conflict", "probability")
    ]
)
RIGHT = ("y", "yes", "1", "true", "○", "〇", "はい", "正")
WRONG = ("n", "no", "0", "false", "×", "✕", "いいえ", "誤")


@dataclass(frozen=True, slots=True)
class Checked:
    """What a checked sample says about all records found: ``share`` of wrong ones, with a 95 % interval."""

    checked: int
    wrong: int
    open: int
    share: float
    low: float
    high: float


def export_sample(scan: Scan, size: int, to: Path, *, seed: int | None = None, force: bool = False) -> int:
    """Write a random sample of the records found, to be marked in the column ``right``; gives its size."""
    total = sum(part.rows for part in scan.parts("records"))
    dice: random.Random = random.SystemRandom() if seed is None else random.Random(seed)  # noqa: S311 - to repeat it
    tabular.look_at_target(to, force=force)
    scan.see_all("review.export", counts={"sample": min(size, total)})
    chosen = sorted(dice.sample(range(total), min(size, total)))
    return tabular.write(to, SAMPLE, _rows_at(scan, chosen), force=force)


def read_sample(path: Path) -> Checked:
    """What the marks in a sample say; raises InputError for a mark that is neither yes nor no."""
    marks = [_mark(path, number, row.get("right", "")) for number, row in tabular.read(path, ("right",))]
    given = [mark for mark in marks if mark is not None]
    if not given:
        raise _unmarked(path)
    wrong = given.count(False)
    low, high = clopper_pearson(wrong, len(given))
    return Checked(len(given), wrong, len(marks) - len(given), wrong / len(given), low, high)


def _rows_at(scan: Scan, chosen: Sequence[int]) -> Iterator[pa.Table]:
    """The records at these places of the scan, ready to be marked."""
    before = 0
    for batch in records_shown(scan):
        after = before + batch.num_rows
        here = chosen[bisect_left(chosen, before) : bisect_left(chosen, after)]
        rows = batch.take(pa.array([at - before for at in here], pa.int64()))
        before = after
        for name in ("right", "remark"):
            rows = rows.append_column(name, pa.nulls(rows.num_rows, pa.string()))
        yield rows.select(SAMPLE.names).cast(SAMPLE)


def _mark(path: Path, number: int, mark: str) -> bool | None:
    said = mark.strip().lower()
    if said and said not in RIGHT + WRONG:
        raise InputError(
            Text(
                "{path}, row {n}: the mark in `right` is neither y nor n.",
                "{path} {n}行目: right 列が y でも n でもありません。",
            ).fill(path=path, n=number),
            Text("Mark rows with y or n, or leave them empty.", "各行に y か n を記入するか、空のままにします。"),
        )
    return said in RIGHT if said else None


def _unmarked(path: Path) -> InputError:
    return InputError(
        Text("No row of {path} is marked.", "{path} に記入された行がありません。").fill(path=path),
        Text("Write y or n into the column `right`.", "right 列に y か n を記入してください。"),
    )
