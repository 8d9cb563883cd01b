"""What humans decided, applied to what was found; and what the program was sure of, so that they can overrule it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

import polars as pl
import pyarrow as pa

from sekisho.model import Decision, Item
from sekisho.records.block import NAMES, NATIONAL_ID, NUMBERS, OTHER, SURE, Block, Doubt, other_key
from sekisho.records.columns import BY_HUMAN, SECOND, Column, subject

Decisions = Mapping[tuple[str, str], Decision]

SURE_COLUMN, SURE_PERSONS, SURE_NO_PERSONS = "sure_column", "sure_persons", "sure_no_persons"
REFUSED = "refused_record"
SURE_OF = (SURE_COLUMN, SURE_PERSONS, SURE_NO_PERSONS, REFUSED)
"""The kinds of doubts that are none: what was decided without asking, kept to be overruled."""

A_RECORD = "@record:"
"""What the subject of a decision about single records begins with; their `marks` follow."""
_WHO = (*NUMBERS, *NAMES, Item.BIRTH_DATE)
MARKED_BY = [*(f"{item}_as_written" for item in _WHO), "other"]
"""The columns of `model.RECORDS` that `marks` needs."""
_FEWEST = 3


def marks(records: pa.Table) -> list[str]:
    """One mark a record, of the number, name and birth date as they stand there: equal for records that say the same.

    Which column they stand in does not count, so that a decision about a column leaves the mark as it is.
    """
    columns = [records[name].to_pylist() for name in MARKED_BY[:-1]]
    national = [[text for key, text in other or () if key == NATIONAL_ID] for other in records["other"].to_pylist()]
    return [_mark([*texts, *more]) for *texts, more in zip(*columns, national, strict=True)]


def _mark(texts: Sequence[str | None]) -> str:
    said = sorted("".join(text.split()) for text in texts if text)
    return hashlib.blake2b("\x1f".join(said).encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()


@dataclass(frozen=True, slots=True)
class Decided:
    """``by_question``: decisions by layout and subject; ``refused``: by layout, the marks of records that are none."""

    by_question: Decisions
    refused: Mapping[str, frozenset[str]] = field(default_factory=dict)

    @staticmethod
    def of(decisions: Decisions) -> Decided:
        """The decisions, ready to be applied."""
        refused: dict[str, frozenset[str]] = {}
        for (layout, about), decision in decisions.items():
            if about.startswith(A_RECORD) and decision.answer == "no_person":
                refused[layout] = refused.get(layout, frozenset()) | {about.removeprefix(A_RECORD)}
        return Decided(decisions, refused)

    def block(self, block: Block) -> Block | None:
        """The block after what was decided about the whole of it, surely persons or none, and about its items."""
        decision = self.by_question.get((block.layout, ""))
        if decision is not None and decision.answer in ("no_person", "not_personal"):
            return None
        named = block if block.of_columns else self._items(block)
        return named if decision is None else replace(named, confidence=1.0)

    def records(self, records: pa.Table, layout: str) -> tuple[pa.Table, list[Doubt]]:
        """The records of one layout without those that a human said are none, and these with their places."""
        refused = self.refused.get(layout)
        if not refused:
            return records, []
        marked = marks(records)
        out = [mark in refused for mark in marked]
        where = zip(marked, records["locator"].to_pylist(), strict=True)
        said = [Doubt(REFUSED, at, layout, A_RECORD + mark, "no_person", 1) for mark, at in where if mark in refused]
        return records.filter(pa.array([not one for one in out])), said

    def _items(self, block: Block) -> Block:
        """The block with its items called what a human said."""
        answers = {key: self.by_question.get((block.layout, _called(key))) for key in block.cells.columns}
        if not any(answers.values()):
            return block
        cells: dict[str, pl.Series] = {}
        why: dict[str, tuple[str, str]] = {}
        for old, decision in answers.items():
            key = _answered(old, decision)
            if key:
                values, held = block.cells[old], cells.get(key)
                cells[key] = (values if held is None else _first(held, values)).alias(key)
                why.setdefault(key, (block.why[old][0], BY_HUMAN) if decision else block.why[old])
        return replace(block, cells=pl.DataFrame(cells), why=why)


def _called(key: str) -> str:
    """What a question calls an item of a form, a letter or a dump."""
    return key.removeprefix(OTHER)


def _answered(key: str, decision: Decision | None) -> str:
    """The key after a decision; empty where it is nothing of the person's."""
    if decision is None:
        return key
    return {"not_personal": "", "other": other_key(_called(key))}.get(decision.answer, decision.answer)


def _first(one: pl.Series, other: pl.Series) -> pl.Series:
    return pl.select(pl.coalesce(one, other)).to_series()


def of_table(named: Sequence[Column], layout: str, where: str, rows: int, doubts: Sequence[Doubt]) -> Iterator[Doubt]:
    """What the columns of a table were taken for, but for those that are asked about anyway."""
    asked = {doubt.subject for doubt in doubts}
    for column in named:
        called = subject(column)
        if called not in asked:
            asked.add(called)
            key = column.said.key if column.reason == SECOND else column.key
            yield Doubt(SURE_COLUMN, where, layout, called, _guess(key), rows)


def of_no_persons(layout: str, where: str, rows: int) -> Doubt:
    """That the rows of a table, or a block that was found, are no records."""
    return Doubt(SURE_NO_PERSONS, where, layout, "", "no_person", rows)


def of_block(block: Block, records: int) -> Iterator[Doubt]:
    """What a block was taken for: surely records, or records that a human should look at; and its items."""
    where, layout = str(block.locators[0]), block.layout
    yield Doubt(SURE_PERSONS if block.confidence >= SURE else "low_confidence", where, layout, "", "person", records)
    for key in () if block.of_columns else block.cells.columns:
        yield Doubt(SURE_COLUMN, where, layout, _called(key), _guess(key), records)


def is_worth_asking(is_bare: bool, columns: int, rows: int) -> bool:
    """Whether rows that were taken for no persons are a table at all: below a header, or a few of them."""
    return columns > 1 and (not is_bare or rows >= _FEWEST)


def _guess(key: str) -> str:
    return "other" if key.startswith(OTHER) else key or "not_personal"


def together(doubts: Sequence[Doubt]) -> list[Doubt]:
    """Doubts with what the program was sure of said once for each layout and subject."""
    found: dict[object, Doubt] = {}
    for at, doubt in enumerate(doubts):
        key = (doubt.doubt, doubt.layout, doubt.subject) if doubt.doubt in SURE_OF else at
        first = found.get(key)
        found[key] = doubt if first is None else replace(first, rows=first.rows + doubt.rows)
    return list(found.values())
