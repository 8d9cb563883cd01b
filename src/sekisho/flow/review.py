"""`sekisho review`: doubts go out, what humans decided comes in, and a sample says how good it all is."""

from __future__ import annotations

import random
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa

from sekisho.errors import InputError
from sekisho.flow.export import records_shown
from sekisho.model import DOCUMENTS, DOUBTS, Decision
from sekisho.records.questions import (
    QUESTIONS,
    UNDECIDED,
    About,
    Decisions,
    possible,
    question_of,
    questions,
    standing,
)
from sekisho.report import columns, tabular
from sekisho.report.interval import clopper_pearson
from sekisho.vault import Scan, Vault
from sekisho.wording import Text

SAMPLE = pa.schema(
    [("right", pa.string()), ("remark", pa.string())]
    + [
        (column.name, column.type)
        for column in columns.RECORDS
        if column.name not in ("person", "state", "ask", "conflict")
    ]
)
RIGHT = ("y", "yes", "1", "true", "○", "〇", "はい", "正")
WRONG = ("n", "no", "0", "false", "×", "✕", "いいえ", "誤")


@dataclass(frozen=True, slots=True)
class Imported:
    """What a decisions file held: decisions that are new, that stood already, and questions left open."""

    new: int
    known: int
    open: int


@dataclass(frozen=True, slots=True)
class Checked:
    """What a checked sample says about all records found: ``share`` of wrong ones, with a 95 % interval."""

    checked: int
    wrong: int
    open: int
    share: float
    low: float
    high: float


def export_questions(vault: Vault, scan: Scan, to: Path, *, force: bool = False) -> int:
    """Write the questions that a scan left to a human; gives their number. Raises UsageError."""
    made = questions(*_doubts(scan), standing(vault.decisions()))
    return tabular.write(to, QUESTIONS, [made], force=force)


def import_decisions(vault: Vault, scan: Scan, path: Path, who: str) -> Imported:
    """Keep what ``who`` answered in a file that `export_questions` wrote; raises InputError naming the row."""
    now = datetime.now(UTC).isoformat(timespec="seconds")
    stands = standing(vault.decisions())
    given = list(_answers(path, _asked(scan, stands)))
    answered = [(about, answer) for about, answer in given if answer]
    new = [Decision(*about, answer, who, now) for about, answer in answered if not _stands(about, answer, stands)]
    vault.decide(new)
    return Imported(len(new), len(answered) - len(new), len(given) - len(answered))


def export_sample(scan: Scan, size: int, to: Path, *, seed: int | None = None, force: bool = False) -> int:
    """Write a random sample of the records found, to be marked in the column ``right``; gives its size."""
    total = sum(part.rows for part in scan.parts("records"))
    dice: random.Random = random.SystemRandom() if seed is None else random.Random(seed)  # noqa: S311 - to repeat it
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


def _doubts(scan: Scan) -> tuple[pa.Table, pa.Table]:
    return scan.read("doubts", DOUBTS), scan.read("documents", DOCUMENTS, ["document_id", "document"])


def _asked(scan: Scan, stands: Decisions) -> dict[str, About]:
    """Every question that may be answered, by its short name: those of the scan and those decided before."""
    doubts = scan.read("doubts", DOUBTS, ["block", "subject"]).group_by(["block", "subject"]).aggregate([])
    abouts = {(row["block"], row["subject"] or "") for row in doubts.to_pylist()}
    return {question_of(about): about for about in abouts | stands.keys()}


def _answers(path: Path, asked: Mapping[str, About]) -> Iterator[tuple[About, str]]:
    for number, row in tabular.read(path, ("question", "answer")):
        about, answer = asked.get(row["question"].strip()), row["answer"].strip().lower()
        if about is None:
            raise _unknown_question(path, number)
        if answer and answer not in possible(about[1]):
            raise _impossible(path, number, possible(about[1]))
        yield about, answer


def _stands(about: About, answer: str, stands: Decisions) -> bool:
    decided = stands.get(about)
    return decided.answer == answer if decided else answer == UNDECIDED


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


def _unknown_question(path: Path, number: int) -> InputError:
    return InputError(
        Text("{path}, row {n}: no such question.", "{path} {n}行目: 該当する確認事項がありません。").fill(
            path=path, n=number
        ),
        Text(
            "Fill in what `sekisho review export` wrote after the last scan.",
            "最後の走査の後に `sekisho review export` が書き出したものに記入してください。",
        ),
    )


def _impossible(path: Path, number: int, answers: Iterable[str]) -> InputError:
    return InputError(
        Text("{path}, row {n}: no such answer.", "{path} {n}行目: この回答は選べません。").fill(path=path, n=number),
        Text("Possible: {answers}", "選べる回答: {answers}").fill(answers=" ".join(answers)),
    )
