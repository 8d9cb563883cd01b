"""Records in text that is set in columns: host dumps, printed lists, tables drawn with rules."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial

import polars as pl

from sekisho.model import Decision, Frame, Grid, Place, Prose
from sekisho.records import dump, dump_fields, locators
from sekisho.records.block import Block, Found, fingerprint
from sekisho.records.dump_fields import Named
from sekisho.records.forms import forms
from sekisho.records.prose import prose
from sekisho.records.set_tables import SetTable, is_head, set_tables
from sekisho.records.tables import Tables

_TOP = 20
_WIDEST = 4096  # characters of a line; a record of a host is not longer, and each position costs a look
_UNDECIDED: Mapping[tuple[str, str], Decision] = {}


def fixed_width(content: Prose, decisions: Mapping[tuple[str, str], Decision] = _UNDECIDED) -> Iterator[Found]:
    """The records of a host dump or of tables in a text, and then those of the text around them.

    Nothing where the text holds neither: then it is all prose.
    """
    left = list(content.lines)
    found: list[Found] = []
    ways: list[Callable[[Prose], Iterator[tuple[Found, set[int]]]]] = [_dumped, partial(_set, decisions=decisions)]
    for read in reversed(ways) if any(map(is_head, content.lines[:_TOP])) else ways:
        for block, rows in read(Prose(left, content.place)):
            found.append(block)
            left = [("" if row in rows else line) for row, line in enumerate(left)]
    if found:
        yield from found
        yield from prose(Prose(left, content.place))


def _dumped(content: Prose) -> Iterator[tuple[Found, set[int]]]:
    """The records of a host dump, with the lines that they take."""
    lines = pl.Series("line", content.lines, dtype=pl.String)
    packed = dump.packed(lines) & (lines.str.len_chars() <= _WIDEST)
    count, filled = int(packed.sum()), int(lines.str.contains(r"\S").sum())
    if not count or count * 2 < filled:
        return
    rows = packed.arg_true().cast(pl.Int64)
    wide = dump.widened(lines.filter(packed))
    kinds = dump.classes(wide)
    keep = dump.fits_most(kinds, dump.shares(kinds))
    wide, rows, kinds = wide.filter(keep), rows.filter(keep), kinds.filter(keep)
    looked_at = dump.sample(wide)
    fields = dump.joined(looked_at, dump.fields(dump.shares(kinds)))
    named = dump_fields.name_fields(looked_at, fields)
    sure = dump_fields.confidence(named)
    if sure > 0:
        yield _block(content.place, wide, rows, named, sure), set(packed.arg_true().to_list())


def _block(place: Place, wide: pl.Series, rows: pl.Series, named: Sequence[Named], sure: float) -> Block:
    cells = pl.DataFrame({one.key: dump.sliced(wide, one.start, one.end) for one in named})
    whole = cells.select(pl.sum_horizontal(pl.all().is_not_null()) > 1).to_series()  # a trailer holds but a count
    cells, rows = cells.filter(whole), rows.filter(whole)
    why = {one.key: (f"{one.start + 1}-{one.end}", one.reason) for one in named}
    layout = fingerprint("fixed_width", [f"{one.key}@{one.start}-{one.end}" for one in named])
    return Block("fixed_width", cells, locators.rows(place, rows), why, layout, sure)


def _set(content: Prose, decisions: Mapping[tuple[str, str], Decision]) -> Iterator[tuple[Found, set[int]]]:
    """The records of tables in a text, with the lines that they take."""
    tables = Tables(decisions)
    taken: set[int] = set()
    for one in set_tables(content.lines):
        if taken.intersection(one.lines):
            continue
        found, rest = tables.find(_grid(one))
        read = [(block, one.lines) for block in found]
        read += [(block, _lines_in(block, one)) for grid in rest for block in forms(grid)]
        for block, where in read:
            if not isinstance(block, Block):
                yield replace(block, locator=str(_lines_of(pl.Series([block.locator]), one, content.place)[0])), set()
            elif lines := set(where).intersection(one.lines):
                taken.update(lines)
                yield _moved(block, one, content.place), lines


def _lines_in(block: Found, one: SetTable) -> list[int]:
    """The lines that hold its records: none of the table's own where it was made of a title, which is left to prose."""
    if not isinstance(block, Block):
        return []
    return [row for first, last in _rows_of(block.locators).iter_rows() for row in one.rows[first : last + 1]]


def _grid(one: SetTable) -> Grid:
    """The cells as a grid whose places count its rows from 0."""
    width = max(map(len, one.cells))
    rows = [row + [None] * (width - len(row)) for row in one.cells]
    names = [str(i) for i in range(width)]
    return Grid(pl.DataFrame(rows, schema=dict.fromkeys(names, pl.String), orient="row"), Place(Frame.LINE, "", 0))


def _moved(block: Block, one: SetTable, place: Place) -> Block:
    """The block with the places of its lines in the text."""
    return replace(block, shape="fixed_width", locators=_lines_of(block.locators, one, place))


def _lines_of(where: pl.Series, one: SetTable, place: Place) -> pl.Series:
    """Places in the grid of a table as places in the text that it stands in."""
    lines = pl.Series(one.rows, dtype=pl.Int64)
    rows = _rows_of(where)
    return locators.rows(place, lines.gather(rows["first"]), lines.gather(rows["last"]))


def _rows_of(where: pl.Series) -> pl.DataFrame:
    """The first and last row of each place in the grid of a table."""
    first, last = (where.str.extract(at, 1).cast(pl.Int64) for at in (r"L(\d+)", r"L(\d+)$"))
    return pl.DataFrame({"first": first, "last": last})
