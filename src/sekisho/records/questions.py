"""Doubts as questions to a human: one for all rows of all like documents; and what was sure, to be overruled."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from typing import Any

import polars as pl
import pyarrow as pa

from sekisho.frames import from_arrow
from sekisho.model import ITEM_TITLES, Decision, Item
from sekisho.records.answers import UNDECIDED, all_said, possible, said
from sekisho.records.decided import (
    A_RECORD,
    MARKED_BY,
    REFUSED,
    SURE_COLUMN,
    SURE_NO_PERSONS,
    SURE_OF,
    SURE_PERSONS,
    marks,
)
from sekisho.wording import Text

QUESTIONS = pa.schema(
    [
        ("question", pa.string()),
        pa.field("asks", pa.string(), metadata={"width": "70"}),
        ("guess", pa.string()),
        ("answer", pa.string()),
        ("possible", pa.string()),
        ("rows", pa.int64()),
        ("documents", pa.int64()),
        pa.field("example", pa.string(), metadata={"width": "50"}),
        ("locator", pa.string()),
        ("doubt", pa.string()),
        ("subject", pa.string()),
        ("who", pa.string()),
        ("when", pa.string()),
    ]
)

OF_RECORDS = [*MARKED_BY, *map(str, Item), "document_id", "locator", "block"]
"""The columns of `model.RECORDS` that `of_records` needs."""
RECORD = "record"
NO_PERSON_TABLE = "no_person_table"
_ASKS: Mapping[str, Text] = {
    "unnamed_column": Text(
        "What is in the column {subject}? Nothing names it.", "「{subject}」列は何ですか。判定できませんでした。"
    ),
    NO_PERSON_TABLE: Text(
        "Are the rows of this table persons? It was not taken for such.",
        "この表の各行は人の記録ですか。人の記録ではないと見なしました。",
    ),
    "low_confidence": Text(
        "Are these records of persons? They were taken for some, not surely.",
        "これは人の記録ですか。確度は低いものの、人の記録と見なしました。",
    ),
    SURE_COLUMN: Text(
        "{subject} was taken for: {guess}. Where that is wrong, answer what it is.",
        "「{subject}」は「{guess}」と判定しました。違うときは正しいものを回答してください。",
    ),
    SURE_PERSONS: Text(
        "Taken for records of persons. Where that is wrong, answer {no}.",
        "人の記録と判定しました。違うときは「{no}」と回答してください。",
    ),
    SURE_NO_PERSONS: Text(
        "Taken for no records of persons. Where that is wrong, answer {yes}, and below which column is the name.",
        "人の記録ではないと判定しました。違うときは「{yes}」と回答し、氏名の列も下の行で回答してください。",
    ),
    REFUSED: Text("One record, taken out because somebody answered so.", "回答に基づいて除いた一件の記録です。"),
    RECORD: Text(
        "Taken for a record: {values}. Where that is wrong, answer {no}.",
        "記録と判定しました: {values}。違うときは「{no}」と回答してください。",
    ),
}

About = tuple[str, str]  # block and subject
Decisions = Mapping[About, Decision]


def standing(decisions: Iterable[Decision]) -> dict[About, Decision]:
    """What holds of all that was ever decided, oldest first: the last word on each question, unless taken back."""
    last = {(decision.block, decision.subject): decision for decision in decisions}
    return {about: decision for about, decision in last.items() if decision.answer != UNDECIDED}


def taken_for_nobody(doubts: pa.Table, decisions: Decisions) -> pl.Series:
    """The documents (``document_id``) with rows that were taken for no persons though they may be some, and of which
    nobody said that they are none; ``doubts``: `model.DOUBTS`.
    """
    asked = from_arrow(doubts).filter(pl.col("doubt").cast(pl.String) == NO_PERSON_TABLE)
    said_none = [block for (block, subject), one in decisions.items() if (subject, one.answer) == ("", "no_person")]
    return asked.filter(~pl.col("block").cast(pl.String).is_in(said_none))["document_id"].unique()


def question_of(about: About) -> str:
    """The short name of a question, which no spreadsheet takes for a number or a date."""
    block, subject = about
    return "Q-" + hashlib.blake2b(f"{block}\t{subject}".encode("utf-8", "surrogatepass"), digest_size=6).hexdigest()


def questions(doubts: pa.Table, documents: pa.Table, decisions: Decisions, *, sure: bool = False) -> pa.Table:
    """`QUESTIONS`, each once; doubts before what is sure, the layouts that most rows hang on first.

    ``doubts``: `model.DOUBTS`; ``documents``: document_id and document. ``sure``: also what nobody need ask. What was
    decided already follows, to be looked at again.
    """
    asked = (
        from_arrow(doubts)
        .with_columns(pl.col("doubt").cast(pl.String), pl.col("subject").fill_null(""))
        .with_columns(pl.col("doubt").is_in(SURE_OF).alias("sure"), _about().is_in(["\t".join(a) for a in decisions]))
        .filter(pl.lit(sure) | ~pl.col("sure") | pl.col("decided"))
        .join(from_arrow(documents), on="document_id", how="left")
        .sort("sure", "document", "locator")
        .group_by("block", "subject", maintain_order=True)
        .agg(
            pl.col("sure", "doubt", "guess", "locator").first(),
            pl.col("rows").sum(),
            pl.col("document").n_unique().alias("documents"),
            pl.col("document").first().alias("example"),
        )
        .with_columns(pl.col("rows").max().over("block").alias("most"), (pl.col("subject") != "").alias("is_column"))
        .sort("sure", "most", "block", "is_column", descending=[False, True, False, False], maintain_order=True)
        .to_dicts()
    )
    rows = [_row((row["block"], row["subject"]), row, decisions) for row in asked]
    open_ones = {(row["block"], row["subject"]) for row in asked}
    rows += [_row(about, {}, decisions) for about in decisions if about not in open_ones]
    return pa.Table.from_pylist(rows, QUESTIONS)


def of_records(records: pa.Table, documents: pa.Table, decisions: Decisions) -> pa.Table:
    """`QUESTIONS` about single records, in their order; records that say the same are one question.

    ``records``: the columns `OF_RECORDS` of `model.RECORDS`.
    """
    named = from_arrow(records.select(["document_id", "block", "locator", *map(str, Item)]))
    asked = (
        named.with_columns(pl.col("block").cast(pl.String), pl.Series("mark", marks(records), dtype=pl.String))
        .join(from_arrow(documents), on="document_id", how="left", maintain_order="left")
        .group_by("block", "mark", maintain_order=True)
        .agg(
            pl.col("locator", *map(str, Item)).first(),
            pl.len().cast(pl.Int64).alias("rows"),
            pl.col("document").n_unique().alias("documents"),
            pl.col("document").first().alias("example"),
        )
        .to_dicts()
    )
    rows = [
        _row((row["block"], A_RECORD + row["mark"]), {**row, "doubt": RECORD, "guess": "person"}, decisions)
        for row in asked
    ]
    return pa.Table.from_pylist(rows, QUESTIONS)


def _about() -> pl.Expr:
    return pl.concat_str("block", "subject", separator="\t").alias("decided")


def _row(about: About, doubt: Mapping[str, Any], decisions: Decisions) -> dict[str, Any]:
    decided = decisions.get(about)
    made = {"answer": said(decided.answer), "who": decided.who, "when": decided.when} if decided else {"answer": ""}
    words = {
        "question": question_of(about),
        "asks": _asks(about[1], doubt),
        "subject": "" if about[1].startswith(A_RECORD) else about[1],
        "guess": said(doubt.get("guess") or ""),
        "possible": all_said(possible(about[1])),
    }
    return {**dict.fromkeys(QUESTIONS.names), **doubt, **words, **made}


def _asks(subject: str, doubt: Mapping[str, Any]) -> str:
    asks = _ASKS.get(doubt.get("doubt", ""))
    if asks is None:
        return str(Text("Decided earlier.", "判断済み。"))
    values = " / ".join(f"{ITEM_TITLES[item]} {doubt[item]}" for item in Item if doubt.get(item))
    guess, yes, no = (said(answer) for answer in (doubt.get("guess") or "", "person", "no_person"))
    return str(asks.fill(subject=subject, values=values, guess=guess, yes=yes, no=no))
