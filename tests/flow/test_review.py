"""Doubts go out as questions, answers come back with who and when, and a sample says how good the result is."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import pytest

from sekisho.errors import InputError
from sekisho.flow.scanning.review import export_questions, import_decisions
from sekisho.flow.scanning.sample import export_sample, read_sample
from sekisho.flow.scanning.scan import Wishes, scan
from sekisho.model import Decision
from sekisho.records.questions import question_of, standing
from sekisho.report import tabular
from sekisho.vault import Scan, Vault


@pytest.fixture
def made(vault: Vault, share: Any, reader: Any) -> Scan:
    share.put("a.txt", "record 架空太郎", "doubt X", "doubt Y")
    share.put("b.txt", "record 架空花子", "doubt X")
    return scan(vault, Wishes(share.root, shown=False), reader)


def answered(path: Path, answers: dict[str, str]) -> Path:
    """The file with these answers, by block; saved as a spreadsheet of an office would."""
    rows = [row for _, row in tabular.read(path, ["question", "answer"])]
    by_question = {question_of((block, "備考")): answer for block, answer in answers.items()}
    filled = path.with_name("answers.csv")
    with filled.open("w", encoding="cp932", newline="") as file:
        writer = csv.DictWriter(file, rows[0].keys())
        writer.writeheader()
        writer.writerows({**row, "answer": by_question.get(row["question"], row["answer"])} for row in rows)
    return filled


@pytest.mark.parametrize("ending", [".csv", ".xlsx", ".parquet"])
def test_a_question_stands_for_all_rows_of_all_like_documents(
    vault: Vault, made: Scan, tmp_path: Path, ending: str
) -> None:
    assert export_questions(vault, made, tmp_path / f"q{ending}") == 2
    first, second = (row for _, row in tabular.read(tmp_path / f"q{ending}", ["question"]))
    assert (first["question"], first["subject"], first["example"]) == (question_of(("X", "備考")), "備考", "a.txt")
    assert [float(first[n]) for n in ("rows", "documents")] == [6, 2]
    assert [float(second[n]) for n in ("rows", "documents")] == [3, 1]
    assert "not_personal" in first["possible"].split()


def test_answers_are_kept_with_who_and_when_and_apply_to_the_documents_concerned(
    vault: Vault, made: Scan, share: Any, reader: Any, tmp_path: Path
) -> None:
    export_questions(vault, made, tmp_path / "q.csv")
    read = import_decisions(vault, made, answered(tmp_path / "q.csv", {"Y": "other"}), "係長 田中")
    assert (read.new, read.known, read.open) == (1, 0, 1)
    (decision,) = vault.decisions()
    assert (decision.block, decision.subject, decision.answer, decision.who) == ("Y", "備考", "other", "係長 田中")
    assert decision.when.startswith("20")
    again = import_decisions(vault, made, answered(tmp_path / "q.csv", {"Y": "other"}), "someone else")
    assert (again.new, again.known) == (0, 1)
    reader.read.clear()
    scan(vault, Wishes(share.root, shown=False), reader)
    assert reader.read == ["a.txt"]


def test_an_answer_can_be_changed_and_taken_back_and_nothing_is_forgotten(
    vault: Vault, made: Scan, tmp_path: Path
) -> None:
    export_questions(vault, made, tmp_path / "q.csv")
    for answer in ("other", "name", "undecided"):
        import_decisions(vault, made, answered(tmp_path / "q.csv", {"X": answer}), "who")
    assert [decision.answer for decision in vault.decisions()] == ["other", "name", "undecided"]
    assert standing(vault.decisions()) == {}


def test_what_was_decided_is_shown_again_even_when_no_doubt_is_left(vault: Vault, made: Scan, tmp_path: Path) -> None:
    vault.decide([Decision("Z", "続柄", "other", "who", "2026-01-01T00:00:00+00:00")])
    export_questions(vault, made, tmp_path / "q.csv")
    rows = [row for _, row in tabular.read(tmp_path / "q.csv", ["question"])]
    assert [(row["subject"], row["answer"], row["who"]) for row in rows if row["answer"]] == [("続柄", "other", "who")]


def test_an_impossible_answer_or_an_unknown_question_refuses_the_whole_file(
    vault: Vault, made: Scan, tmp_path: Path
) -> None:
    export_questions(vault, made, tmp_path / "q.csv")
    with pytest.raises(InputError, match="row 3: no such answer"):
        import_decisions(vault, made, answered(tmp_path / "q.csv", {"X": "name", "Y": "person"}), "who")
    (tmp_path / "bad.csv").write_text("question,answer\nQ-0,name\n")
    with pytest.raises(InputError, match="row 2: no such question"):
        import_decisions(vault, made, tmp_path / "bad.csv", "who")
    assert vault.decisions() == []


def test_a_sample_holds_each_record_at_most_once_and_can_be_drawn_again(
    vault: Vault, share: Any, reader: Any, tmp_path: Path
) -> None:
    share.put("a.txt", *(f"record 架空{i}" for i in range(100)))
    made = scan(vault, Wishes(share.root, shown=False), reader)
    drawn = []
    for seed in (1, 1, 2):
        assert export_sample(made, 20, tmp_path / "s.csv", seed=seed, force=True) == 20
        drawn.append([row["name"] for _, row in tabular.read(tmp_path / "s.csv", ["right", "name"])])
    assert drawn[0] == drawn[1] != drawn[2]
    assert len(set(drawn[0])) == 20
    assert export_sample(made, 500, tmp_path / "s.csv", force=True) == 100


def test_the_marks_of_a_sample_give_the_share_of_errors_and_its_interval(tmp_path: Path) -> None:
    marks = ["y"] * 90 + ["はい"] * 5 + ["n", "×", "NO", " N "] + ["", "x?"][:1]
    (tmp_path / "s.csv").write_text("right,name\n" + "".join(f"{mark},a\n" for mark in marks), "utf-8")
    checked = read_sample(tmp_path / "s.csv")
    assert (checked.checked, checked.wrong, checked.open) == (99, 4, 1)
    assert checked.low < checked.share < checked.high
    assert (round(checked.low, 3), round(checked.high, 3)) == (0.011, 0.1)


@pytest.mark.parametrize(("marks", "said"), [(["y", "x?"], "row 3"), (["", ""], "No row")])
def test_a_mark_that_says_nothing_is_refused(tmp_path: Path, marks: list[str], said: str) -> None:
    (tmp_path / "s.csv").write_text("right,name\n" + "".join(f"{mark},a\n" for mark in marks), "utf-8")
    with pytest.raises(InputError, match=said):
        read_sample(tmp_path / "s.csv")
