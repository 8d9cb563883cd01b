"""Doubts as questions to a human: one for all rows of all like documents, and what may be answered."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping

import polars as pl
import pyarrow as pa

from sekisho.model import Decision, Item

UNDECIDED = "undecided"  # takes a decision back
OF_A_COLUMN = (
    *map(str, Item),
    *("bank_account", "pension_amount", "pension_code", "work_history", "health"),
    *("other", "not_personal", UNDECIDED),
)
OF_A_BLOCK = ("person", "no_person", UNDECIDED)

QUESTIONS = pa.schema(
    [
        ("question", pa.string()),
        ("doubt", pa.string()),
        ("subject", pa.string()),
        ("guess", pa.string()),
        ("rows", pa.int64()),
        ("documents", pa.int64()),
        ("example", pa.string()),
        ("locator", pa.string()),
        ("possible", pa.string()),
        ("answer", pa.string()),
        ("who", pa.string()),
        ("when", pa.string()),
    ]
)

About = tuple[str, str]  # block and subject
Decisions = Mapping[About, Decision]


def standing(decisions: Iterable[Decision]) -> dict[About, Decision]:
    """What holds of all that was ever decided, oldest first: the last word on each question, unless taken back."""
    last = {(decision.block, decision.subject): decision for decision in decisions}
    return {about: decision for about, decision in last.items() if decision.answer != UNDECIDED}


def question_of(about: About) -> str:
    """The short name of a question, which no spreadsheet takes for a number or a date."""
    block, subject = about
    return "Q-" + hashlib.blake2b(f"{block}\t{subject}".encode("utf-8", "surrogatepass"), digest_size=6).hexdigest()


def possible(subject: str) -> tuple[str, ...]:
    """The answers to a question about a column, or, without a subject, about a whole block."""
    return OF_A_COLUMN if subject else OF_A_BLOCK


def questions(doubts: pa.Table, documents: pa.Table, decisions: Decisions) -> pa.Table:
    """`QUESTIONS`, those that most rows hang on first; what was decided already follows, to be looked at again.

    ``doubts``: `model.DOUBTS`; ``documents``: document_id and document.
    """
    named = _frame(doubts).join(_frame(documents), on="document_id", how="left")
    asked = (
        named.sort("document", "locator")
        .group_by("block", pl.col("subject").fill_null(""), pl.col("doubt").cast(pl.String), maintain_order=True)
        .agg(
            pl.col("guess").first(),
            pl.col("rows").sum(),
            pl.col("document").n_unique().alias("documents"),
            pl.col("document").first().alias("example"),
            pl.col("locator").first(),
        )
        .sort("rows", "documents", descending=True, maintain_order=True)
        .to_dicts()
    )
    rows = [_row((row["block"], row["subject"]), row, decisions) for row in asked]
    open_ones = {(row["block"], row["subject"]) for row in asked}
    rows += [_row(about, {}, decisions) for about in decisions if about not in open_ones]
    return pa.Table.from_pylist(rows, QUESTIONS)


def _row(about: About, doubt: Mapping[str, object], decisions: Decisions) -> dict[str, object]:
    decided = decisions.get(about)
    made = {"answer": decided.answer, "who": decided.who, "when": decided.when} if decided else {"answer": ""}
    said = {"question": question_of(about), "subject": about[1], "possible": " ".join(possible(about[1]))}
    return {**dict.fromkeys(QUESTIONS.names), **doubt, **said, **made}


def _frame(table: pa.Table) -> pl.DataFrame:
    frame = pl.from_arrow(table)
    assert isinstance(frame, pl.DataFrame)
    return frame
