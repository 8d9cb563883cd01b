"""Records in tables: finds the tables of a grid, names their columns and takes each row for a record."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import polars as pl

from sekisho.model import Decision, Grid, Place
from sekisho.records import bodies, heads, table, turned
from sekisho.records.block import Found
from sekisho.records.heads import Head
from sekisho.records.table import Table

_TITLE_ROWS = 6


@dataclass(frozen=True, slots=True)
class _Taken:
    """What a part of a grid gave, and which of its rows a table has taken."""

    found: tuple[Found, ...]
    rows: tuple[range, ...]


class Tables:
    """Finds tables in the grids of one document; a header carries over to a grid that has none of its own."""

    def __init__(self, decisions: Mapping[tuple[str, str], Decision]) -> None:
        self._decisions = decisions
        self._last: Head | None = None

    def find(self, grid: Grid) -> tuple[list[Found], list[Grid]]:
        """The tables' records and doubts, and the parts of the grid that no table took."""
        cells = _filled(grid.cells)
        found: list[Found] = []
        rest: list[Grid] = []
        for side in _sides(cells):
            taken = self._side(side, grid.place)
            found.extend(taken.found)
            rest.extend(_rest(grid, side, taken.rows))
        return found, rest

    def _side(self, cells: pl.DataFrame, place: Place) -> _Taken:
        if not cells.height:
            return _Taken((), ())
        runs = _runs(heads.heads(cells))
        if not runs:
            return self._without_head(cells, place)
        takens = list(self._above(cells, runs[0][0], place))
        for run, after in zip(runs, [*runs[1:], None], strict=True):
            end = min([after[0].rows[0], *bodies.titles(cells, after[0])]) if after else cells.height
            title = _title(cells, run[0].rows[0], place)
            takens.append(self._headed(cells, run, end, title, place))
        return _Taken(tuple(f for t in takens for f in t.found), tuple(r for t in takens for r in t.rows))

    def _above(self, cells: pl.DataFrame, head: Head, place: Place) -> Iterator[_Taken]:
        """Rows above the first header and its title, as at a page's top: more of the table before, or a bare one."""
        first = head.rows[0]
        while first and _is_sparse(cells.row(first - 1), head):
            first -= 1
        above = cells.head(first)
        more = self._last is not None and above.height and table.goes_on(self._last, bodies.filled(above))
        if more or head.rows[0] > _TITLE_ROWS:
            yield self._without_head(above, place)

    def _headed(self, cells: pl.DataFrame, run: Sequence[Head], end: int, title: str, place: Place) -> _Taken:
        body = bodies.body(cells, run, end)
        at = str(run[0].rows[-1] + place.first)
        found = table.read(Table.below(run[0], body.rows, at, title, place), self._decisions)
        self._last = run[0]
        taken = range(run[0].rows[0], body.end)
        if body.end < end:
            later = self._without_head(cells.slice(body.end, end - body.end), _moved(place, body.end), carry=False)
            moved = tuple(range(r.start + body.end, r.stop + body.end) for r in later.rows)
            return _Taken((*found.found, *later.found), (taken, *moved) if found.taken else moved)
        return _Taken(tuple(found.found), (taken,) if found.taken else ())

    def _without_head(self, cells: pl.DataFrame, place: Place, *, carry: bool = True) -> _Taken:
        found = table.Reading()
        for one in self._headless(cells, place, carry):
            found = table.read(one, self._decisions)
            if found.taken:
                return _Taken(tuple(found.found), (range(one.top, one.bottom + 1),))
        return _Taken(tuple(found.found), ())

    def _headless(self, cells: pl.DataFrame, place: Place, carry: bool) -> Iterator[Table]:
        """What a grid without a header may be: more rows of the table before, a table on its side, a bare one."""
        rows = bodies.filled(cells)
        if carry and self._last is not None and table.goes_on(self._last, rows):
            yield Table.below(self._last, rows, "", "", place)
        on_its_side = turned.turned(cells)
        if on_its_side is not None:
            yield Table.turned(on_its_side, _title(cells, on_its_side.top, place), place)
        yield Table.bare(rows, _title(cells, 0, place), place)


def _is_sparse(row: Sequence[str | None], head: Head) -> bool:
    """Whether so few cells are filled that it is the title above a header, no row of a table."""
    return 3 * sum(text is not None for text in row) <= 2 * len(head.labels)


def is_table(grid: Grid) -> bool:
    """Whether it is surely a table, though its labels may also stand as they do in a form."""
    cells = _filled(grid.cells)
    return heads.is_list(cells) or turned.turned(cells) is not None


def _filled(cells: pl.DataFrame) -> pl.DataFrame:
    """The cells with blank ones as null, without columns in which nothing stands."""
    texts = cells.with_columns(pl.when(pl.all().str.strip_chars() != "").then(pl.all()))
    return texts.select([name for name in texts.columns if texts[name].null_count() < texts.height])


def _runs(found: Sequence[Head]) -> list[list[Head]]:
    """Heads that are the same again, as on every page, together."""
    runs: list[list[Head]] = []
    for head in found:
        if runs and heads.same(runs[-1][0], head):
            runs[-1].append(head)
        else:
            runs.append([head])
    return runs


def _sides(cells: pl.DataFrame) -> list[pl.DataFrame]:
    """Tables side by side: the columns between empty ones, where more than one has a header that names a person."""
    indices = [int(name) for name in cells.columns]
    cuts = [i for i in range(1, len(indices)) if indices[i] > indices[i - 1] + 1]
    if not cuts:
        return [cells]
    edges = [0, *cuts, len(indices)]
    parts = [cells[:, a:b] for a, b in pairwise(edges)]
    named = [table.names_a_person(heads.heads(part)) for part in parts]
    if sum(named) > 1:
        return parts
    legends = [i for i, part in enumerate(parts) if sum(named) == 1 and not named[i] and _is_legend(part, cells)]
    kept = [name for i, part in enumerate(parts) if i not in legends for name in part.columns]
    return [cells.select(kept), *(parts[i] for i in legends)]


def _is_legend(part: pl.DataFrame, cells: pl.DataFrame) -> bool:
    """Whether it is a short list of its own beside the persons: of two columns and more, without gaps, ending early."""
    filled = part.select(pl.any_horizontal(pl.all().is_not_null())).to_series()
    rows = filled.arg_true()
    whole = all(part[name].is_not_null().sum() * 2 > len(rows) for name in part.columns)
    unbroken = len(rows) > 1 and int(rows[-1]) - int(rows[0]) + 1 == len(rows)
    return part.width > 1 and unbroken and whole and len(rows) < cells.height * 0.8


def _title(cells: pl.DataFrame, row: int, place: Place) -> str:
    """What stands above a table, and the sheet's name."""
    above = [text for i in range(max(0, row - _TITLE_ROWS), row) for _, text in heads.filled_cells(cells, i)]
    return " ".join([place.base, *above[:20]])


def _moved(place: Place, rows: int) -> Place:
    return replace(place, first=place.first + rows)


def _rest(grid: Grid, side: pl.DataFrame, taken: Sequence[range]) -> Iterator[Grid]:
    """The rows that no table took, where anything stands, as grids of their own."""
    if not side.height or not side.width:
        return
    begin = 0
    for rows in [*sorted(taken, key=lambda r: r.start), range(side.height, side.height)]:
        part = side.slice(begin, rows.start - begin) if rows.start > begin else side.head(0)
        if part.height and any(part[name].null_count() < part.height for name in part.columns):
            notes = {(r - begin, c): text for (r, c), text in grid.notes.items() if begin <= r < rows.start}
            yield Grid(_wide(part), _moved(grid.place, begin), grid.hidden, notes)
        begin = max(begin, rows.stop)


def _wide(part: pl.DataFrame) -> pl.DataFrame:
    """The part with the columns left of and between its own, so that they count from 0 again."""
    last = max(int(name) for name in part.columns)
    empty = pl.lit(None, dtype=pl.String)
    return part.select(pl.col(str(i)) if str(i) in part.columns else empty.alias(str(i)) for i in range(last + 1))
