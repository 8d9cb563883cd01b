"""Finds the records in the contents of one document, whatever shape they have."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

import polars as pl
import pyarrow as pa

from sekisho.model import RECORDS, Content, Decision, Frame, Grid, Prose
from sekisho.records.block import Block, Doubt, Found, doubts_of, records_of
from sekisho.records.decided import Decided, of_block, of_no_persons, together
from sekisho.records.fixed_width import fixed_width
from sekisho.records.form_rows import is_form
from sekisho.records.forms import forms
from sekisho.records.letters import join_letter, may_be_part
from sekisho.records.nested import nested
from sekisho.records.notes import notes
from sekisho.records.prose import prose
from sekisho.records.tables import Tables, is_table

_PARTS = 12
Decisions = Mapping[tuple[str, str], Decision]
_WIDEST = 2048  # columns of a table; each costs a look, and no office has more


@dataclass(frozen=True, slots=True)
class Finds:
    """What a content gave: tables of `model.RECORDS` and `model.DOUBTS` with their ids still null."""

    records: pa.Table
    doubts: pa.Table


def find(contents: Iterable[Content], document: str, decisions: Decisions) -> Iterator[Finds]:
    """The records and doubts of each content, in order; nothing is yielded for a content that holds none.

    ``document``: its name, which may say what it is about. ``decisions``: what humans decided, by (block, subject);
    subject empty decides about the whole block, one that begins with `decided.A_RECORD` about single records.
    """
    decided = Decided.of(decisions)
    for found in _of_letter_or_each(contents, decisions):
        finds = _finds(found, decided)
        if finds.records.num_rows or finds.doubts.num_rows:
            yield finds


def _of_letter_or_each(contents: Iterable[Content], decisions: Decisions) -> Iterator[Iterable[Found]]:
    """What each content gave; of a document no larger than a letter what all of them gave together."""
    tables = Tables(decisions)
    held: list[list[Found]] = []
    is_letter = True
    for content in contents:
        found = _found(content, tables, decisions)
        is_letter = is_letter and len(held) < _PARTS and may_be_part(content)
        if is_letter:
            held.append(list(found))
            continue
        yield from held
        held = []
        yield found
    joined = join_letter([one for found in held for one in found])
    yield from [joined] if len(joined) < sum(map(len, held)) else held


def _found(content: Content, tables: Tables, decisions: Decisions) -> Iterator[Found]:
    """Asks whoever knows the content's kind."""
    if isinstance(content, Grid):
        yield from _in_grid(content, tables, decisions)
    elif isinstance(content, Prose):
        yield from list(fixed_width(content, decisions)) or prose(content)
    else:
        yield from nested(content, decisions)


def _in_grid(grid: Grid, tables: Tables, decisions: Decisions) -> Iterator[Found]:
    """A form, or tables; what a sheet holds beside its tables may be forms."""
    yield from notes(grid)
    if grid.cells.width > _WIDEST:
        yield from prose(_as_lines(grid))
        return
    form = list(forms(grid, decisions)) if not is_table(grid) and is_form(grid) else []
    if form:
        yield from form
        return
    found, rest = tables.find(grid)
    yield from found
    for part in rest:
        yield from forms(part, decisions)


def _as_lines(grid: Grid) -> Prose:
    """What is too wide for a table, row by row."""
    rows = grid.cells.select(pl.concat_str(pl.all(), separator=" ", ignore_nulls=True)).to_series()
    return Prose(rows.to_list(), replace(grid.place, frame=Frame.LINE))


def _finds(found: Iterable[Found], decided: Decided) -> Finds:
    records: list[pa.Table] = []
    doubts: list[Doubt] = []
    for one in found:
        if isinstance(one, Doubt):
            doubts.append(one)
        elif one.cells.height:
            table, said = _of_block(one, decided)
            records.append(table)
            doubts.extend(said)
    return Finds(pa.concat_tables(records) if records else RECORDS.empty_table(), doubts_of(together(doubts)))


def _of_block(found: Block, decided: Decided) -> tuple[pa.Table, list[Doubt]]:
    """The records of a block, and what it was taken for."""
    block = decided.block(found)
    table = records_of(block) if block is not None else RECORDS.empty_table()
    if block is None or not table.num_rows:
        return table, [of_no_persons(found.layout, str(found.locators[0]), found.cells.height)]
    kept, refused = decided.records(table, block.layout)
    return kept, [*of_block(block, kept.num_rows), *refused]
