"""Writes what an import found: states of holders who are new or changed, which number leads to whom, who was joined."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import polars as pl

from sekisho.frames import to_arrow
from sekisho.register import looks
from sekisho.register.carry import Carried
from sekisho.register.drafts import Drafts
from sekisho.register.known import Known
from sekisho.register.resolve import Resolved
from sekisho.register.states import JOINED, LISTED, NUMBERS, RECURRING, STATES, compact, empty
from sekisho.vault import Finished, Register, Span
from sekisho.wording import Tell, Text

PART_ROWS = 100_000
LISTED_A_PART = 400_000
LISTED_RECURRING = ("place", "part")
NUMBERS_A_PART = 200_000
CARRIED_AT_ONCE = 2_000_000
"""Rows whose carried values are in memory at once."""
WRITTEN = "written"
"""The step of an import that writes states."""
WRITING = Text("writing, rows", "書き込み（行）")


@dataclass(frozen=True, slots=True)
class Kept:
    """``rows``: which rows (Boolean) become states; ``marks``: by holder, of the state that they make."""

    rows: np.ndarray
    marks: np.ndarray


@dataclass(frozen=True, slots=True)
class _Group:
    """Drafts from ``first`` to before ``after`` whose kept rows go into one part; ``row``: the first one's first."""

    first: int
    after: int
    row: int


class Writing:
    """The parts of one import; states that a killed import had written are not written again."""

    def __init__(self, register: Register, finished: Finished, number: int) -> None:
        self._register, self._number = register, number
        self._spans = finished.spans.get(WRITTEN, [])

    def states(self, drafts: Drafts, found: Resolved, kept: Kept, carried: Carried, tell: Tell) -> list[Span]:
        """The states, and what they are looked up by; each part is made durable as it is written."""
        groups = _groups(drafts.heights, kept.rows)
        written = len(self._spans) // 2
        values = _Values(carried, found.holder, kept.rows, groups)
        done, total = 0, int(kept.rows.sum())
        for at, group in enumerate(groups):
            if at >= written:
                rows = _of_group(drafts, found, kept.rows, group)
                spans = self._written(values.filled(rows, at))
                self._spans += spans
                self._register.finish(WRITTEN, spans, drafts.note)
            done += self._spans[2 * at].part.rows
            tell(WRITING, done, total)
        return self._spans

    def _written(self, rows: pl.DataFrame) -> list[Span]:
        new_in_order = (rows["holder"].diff() > 0).all()
        ordered = rows if new_in_order else rows.sort("holder", "place")
        put = self._register.put
        return [
            put("states", to_arrow(ordered, STATES), self._number, "holder", RECURRING),
            put("looks", to_arrow(looks.of(ordered), looks.LOOKS), self._number, "holder", looks.RECURRING),
        ]

    def listed(self, heights: list[int], found: Resolved, kept: Kept) -> Iterator[Span]:
        """The table ``holders``."""
        begins = np.array([group.row for group in _groups(heights, kept.rows)])
        count = int(kept.rows.sum())
        for first in range(0, len(kept.marks), LISTED_A_PART) if count else ():
            mine = kept.rows & (found.holder >= first) & (found.holder < first + LISTED_A_PART)
            at = np.flatnonzero(mine)
            if len(at):
                yield self._listed(at, begins, found, kept)

    def _listed(self, at: np.ndarray, begins: np.ndarray, found: Resolved, kept: Kept) -> Span:
        holder, place = found.holder[at], _places(found, at)
        mark = np.where(place == 0, kept.marks[holder], np.uint64(0))
        part = np.searchsorted(begins, at, "right") - 1
        number = pl.when(pl.col("number") >= 0).then("number")
        columns = {"holder": holder, "place": place, "number": found.keys(at), "mark": mark, "part": part}
        rows = pl.DataFrame(columns).with_columns(number).sort("holder", "place")
        return self._register.put("holders", to_arrow(rows, LISTED), self._number, "holder", LISTED_RECURRING)

    def leads(self, found: Resolved, known: Known) -> Iterator[Span]:
        """The numbers that lead to another holder than before, and the holders that were joined."""
        waiting = empty(NUMBERS)
        for some in found.numbers(known):
            waiting = pl.concat([waiting, some])
            whole = waiting.height // NUMBERS_A_PART * NUMBERS_A_PART
            for part in waiting.head(whole).iter_slices(NUMBERS_A_PART) if whole else ():
                yield self._register.put("numbers", to_arrow(part, NUMBERS), self._number, "number")
            waiting = waiting.slice(whole)
        if waiting.height:
            yield self._register.put("numbers", to_arrow(waiting, NUMBERS), self._number, "number")
        if found.joined.height:
            yield self._register.put("joined", to_arrow(found.joined.sort("holder"), JOINED), self._number, "holder")


class _Values:
    """What is carried into the rows of each group, read for several groups at once."""

    def __init__(self, carried: Carried, holder: np.ndarray, kept: np.ndarray, groups: list[_Group]) -> None:
        self._carried, self._holder, self._kept, self._groups = carried, holder, kept, groups
        self._until = 0
        self._values = pl.DataFrame()

    def filled(self, rows: pl.DataFrame, at: int) -> pl.DataFrame:
        """The rows of group ``at`` with what is carried in the first row of each holder."""
        columns = self._carried.columns
        if not columns:
            return rows
        if at >= self._until:
            self._until = at + max(1, CARRIED_AT_ONCE // PART_ROWS)
            end = self._groups[self._until].row if self._until < len(self._groups) else len(self._kept)
            here = slice(self._groups[at].row, end)
            self._values = self._carried.values(self._holder[here][self._kept[here]])
        both = rows.drop(columns).join(self._values, on="holder", how="left", maintain_order="left")
        first = pl.col("place") == 0
        return both.with_columns(pl.when(first).then(pl.col(name)).alias(name) for name in columns).select(rows.columns)


def _groups(heights: list[int], kept: np.ndarray) -> list[_Group]:
    """Drafts in order, so many that their kept rows make a part."""
    groups, rows, first, begin, row = [], 0, 0, 0, 0
    for at, height in enumerate(heights):
        rows += int(kept[row : row + height].sum())
        row += height
        if rows >= PART_ROWS or (rows and at == len(heights) - 1):
            groups.append(_Group(first, at + 1, begin))
            rows, first, begin = 0, at + 1, row
    return groups


def _of_group(drafts: Drafts, found: Resolved, kept: np.ndarray, group: _Group) -> pl.DataFrame:
    some, row = [], group.row
    for draft in range(group.first, group.after):
        height = drafts.heights[draft]
        at = row + np.flatnonzero(kept[row : row + height])
        if len(at):
            whose = (pl.Series("holder", found.holder[at], pl.Int64), pl.Series("place", _places(found, at)))
            chosen = drafts.rows(draft)
            chosen = chosen if len(at) == height else compact(chosen[at - row])
            some.append(chosen.with_columns(*whose))
        row += height
    return pl.concat(some)


def _places(found: Resolved, rows: np.ndarray) -> np.ndarray:
    """The place of each of some rows."""
    places = np.zeros(len(rows), np.int32)
    if len(found.several):
        at = np.minimum(np.searchsorted(found.several, rows), len(found.several) - 1)
        there = found.several[at] == rows
        places[there] = found.places[at[there]]
    return places
