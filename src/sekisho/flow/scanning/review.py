"""`sekisho review export` and `import`: questions go out, what humans decided comes in."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from sekisho.clock import utc_now
from sekisho.errors import InputError
from sekisho.flow.clerks import acting_clerk
from sekisho.model import DOCUMENTS, DOUBTS, RECORDS, Decision
from sekisho.records.answers import UNDECIDED, all_said, possible, understood
from sekisho.records.decided import A_RECORD, MARKED_BY, SURE_OF, marks
from sekisho.records.questions import (
    OF_RECORDS,
    QUESTIONS,
    About,
    Decisions,
    of_records,
    question_of,
    questions,
    standing,
)
from sekisho.report import tabular
from sekisho.vault import Scan, Vault
from sekisho.wording import Text, printable


@dataclass(frozen=True, slots=True)
class Imported:
    """What a decisions file held: decisions that are new, that stood already, and questions left open."""

    new: int
    known: int
    open: int


@dataclass(frozen=True, slots=True)
class Asked:
    """Which questions go out: those that are open; with ``sure`` also what the program was sure of.

    ``document``: a document, a folder or an archive of the scan; all about it, single records too.
    """

    sure: bool = False
    document: str = ""


def export_questions(vault: Vault, scan: Scan, to: Path, asked: Asked | None = None, *, force: bool = False) -> int:
    """Write the questions that a scan leaves to a human; gives their number. Raises UsageError, InputError."""
    wanted = asked or Asked()
    tabular.look_at_target(to, force=force)
    scan.see_all("review.export")
    documents = scan.read("documents", DOCUMENTS, ["document_id", "document"])
    decisions: Decisions = standing(vault.decisions())
    if not wanted.document:
        doubts = _doubts(scan, _any if wanted.sure else partial(_open_or_decided, decisions))
        made = [questions(doubts, documents, decisions, sure=wanted.sure)]
    else:
        documents = _named(documents, wanted.document)
        doubts = _doubts(scan, partial(_of, documents))
        here = set(doubts["block"].to_pylist())
        single = of_records(_records(scan, documents), documents, decisions)
        listed = set(single["question"].to_pylist())
        about_it = {a: d for a, d in decisions.items() if a[0] in here and question_of(a) not in listed}
        made = [questions(doubts, documents, about_it, sure=True), single]
    return tabular.write(to, QUESTIONS, made, force=force)


def import_decisions(vault: Vault, scan: Scan, path: Path, who: str) -> Imported:
    """Keep what ``who`` answered in a file that `export_questions` wrote; raises InputError naming the row."""
    vault.demand("review.decide")
    who = acting_clerk(vault, who)
    now = utc_now()
    stands = standing(vault.decisions())
    rows = [
        (number, row["question"].strip(), row["answer"]) for number, row in tabular.read(path, ("question", "answer"))
    ]
    given = _answers(path, rows, _asked(scan, stands, {question for _, question, _ in rows}))
    answered = [(about, answer) for about, answer in given.items() if answer]
    new = [Decision(*about, answer, who, now) for about, answer in answered if not _stands(about, answer, stands)]
    vault.decide(new)
    return Imported(len(new), len(answered) - len(new), len(given) - len(answered))


def _doubts(scan: Scan, wanted: Callable[[pa.Table], pa.Table]) -> pa.Table:
    """The doubts that are wanted; the others, which are many, are not kept in memory."""
    parts = (wanted(part) for part in scan.batches("doubts"))
    return pa.concat_tables([DOUBTS.empty_table(), *parts]).unify_dictionaries()


def _any(doubts: pa.Table) -> pa.Table:
    return doubts


def _open_or_decided(decisions: Decisions, doubts: pa.Table) -> pa.Table:
    blocks = pa.array(sorted({block for block, _ in decisions}), pa.string())
    is_sure = pc.is_in(doubts["doubt"].cast(pa.string()), value_set=pa.array(SURE_OF))
    return doubts.filter(pc.or_(pc.invert(is_sure), pc.is_in(doubts["block"], value_set=blocks)))


def _named(documents: pa.Table, name: str) -> pa.Table:
    """The document of that name and all that lies in it; raises InputError where there is none."""
    beginnings = tuple(name.rstrip("/") + separator for separator in "!/")
    held = documents.filter([one == name or one.startswith(beginnings) for one in documents["document"].to_pylist()])
    if not held.num_rows:
        raise _no_document(name)
    return held


def _of(documents: pa.Table, rows: pa.Table) -> pa.Table:
    return rows.filter(pc.is_in(rows["document_id"], value_set=documents["document_id"].combine_chunks()))


def _records(scan: Scan, documents: pa.Table) -> pa.Table:
    schema = pa.schema([RECORDS.field(name) for name in OF_RECORDS])
    parts = (_of(documents, part) for part in scan.batches("records", OF_RECORDS))
    return pa.concat_tables([schema.empty_table(), *parts]).unify_dictionaries()


def _asked(scan: Scan, stands: Decisions, wanted: set[str]) -> dict[str, About]:
    """Every question that may be answered, by its short name; those about single records as far as ``wanted``."""
    parts = (part.group_by(["block", "subject"]).aggregate([]) for part in scan.batches("doubts", ["block", "subject"]))
    abouts = {(row["block"], row["subject"] or "") for part in parts for row in part.to_pylist()}
    asked = {question_of(about): about for about in abouts | stands.keys()}
    return asked | dict(_about_records(scan, wanted) if wanted - asked.keys() else ())


def _about_records(scan: Scan, wanted: set[str]) -> Iterator[tuple[str, About]]:
    for part in scan.batches("records", [*MARKED_BY, "block"]):
        for block, mark in set(zip(part["block"].to_pylist(), marks(part), strict=True)):
            about = (block, A_RECORD + mark)
            if question_of(about) in wanted:
                yield question_of(about), about


def _answers(path: Path, rows: Iterable[tuple[int, str, str]], asked: Mapping[str, About]) -> dict[About, str]:
    """What was answered to each question, empty where nothing was; raises InputError naming the row."""
    given: dict[About, tuple[str, int]] = {}
    for number, question, written in rows:
        about, answer = asked.get(question), understood(written)
        if about is None:
            raise _unknown_question(path, number)
        if answer and answer not in possible(about[1]):
            raise _impossible(path, number, written, possible(about[1]))
        before, at = given.get(about, ("", number))
        if before and answer and before != answer:
            raise _twice(path, at, number)
        given[about] = (answer or before, number if answer else at)
    return {about: answer for about, (answer, _) in given.items()}


def _stands(about: About, answer: str, stands: Decisions) -> bool:
    decided = stands.get(about)
    return decided.answer == answer if decided else answer == UNDECIDED


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


def _impossible(path: Path, number: int, written: str, answers: Sequence[str]) -> InputError:
    return InputError(
        Text(
            "{path}, row {n}: no such answer: {written!r}.", "{path} {n}行目: {written!r} という回答は選べません。"
        ).fill(path=path, n=number, written=written),
        Text("Possible: {answers}", "選べる回答: {answers}").fill(answers=all_said(answers)),
    )


def _twice(path: Path, at: int, number: int) -> InputError:
    return InputError(
        Text(
            "{path}, rows {at} and {n}: the same question, two answers.",
            "{path} {at}行目と{n}行目: 同じ確認事項に異なる回答があります。",
        ).fill(path=path, at=at, n=number),
        Text("Leave one of them empty.", "どちらかを空にしてください。"),
    )


def _no_document(name: str) -> InputError:
    return InputError(
        Text("The scan holds no document {name}.", "走査結果に文書 {name} がありません。").fill(name=printable(name)),
        Text(
            "Name it as the column `document` of `sekisho export documents` does; a folder or an archive will do.",
            "`sekisho export documents` の document 列のとおりに指定します。フォルダーや書庫も指定できます。",
        ),
    )
