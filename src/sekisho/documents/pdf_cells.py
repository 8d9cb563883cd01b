"""Ruled tables of a page, cut along their lines, so that a value wrapped in a narrow cell is whole again."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from sekisho.documents.blocks import Block, Table
from sekisho.documents.pdf_marks import Page, Rule, Run, cut

_NEAR = 3.0  # points within which two lines meet or are one
_MANY_RULES = 4000
_TOKEN = re.compile(r"[0-9A-Za-z!-/:-@\[-`{-~]*[-‐-―]|[0-9A-Za-z!-/:-@\[-`{-~]+|.", re.DOTALL)
_WORD = re.compile(r"[A-Za-z]")


@dataclass(slots=True)
class Part:
    """A block, or one ``line`` of loose text, that stands from ``top`` to ``bottom`` of the page."""

    top: float
    bottom: float
    left: float
    block: Block | None = None
    line: list[Run] = field(default_factory=list)


def line_part(line: list[Run]) -> Part:
    """One line of loose text."""
    return Part(min(r.top for r in line), max(r.bottom for r in line), line[0].left, line=line)


# -- ruled tables -------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Lattice:
    """The lines of one ruled table: where its columns and rows are cut, and which stretches are drawn."""

    xs: list[float]
    ys: list[float]
    down: list[Rule]
    across: list[Rule]

    def holds(self, run: Run) -> bool:
        """Whether the run begins in it, or has its middle in it and begins only a little before."""
        if not self.ys[0] <= run.middle <= self.ys[-1]:
            return False
        begins = self.xs[0] <= run.start <= self.xs[-1]
        return begins or (
            self.xs[0] - 2 * run.height <= run.left and self.xs[0] <= (run.left + run.right) / 2 <= self.xs[-1]
        )

    def column(self, x: float) -> int:
        return min(max(bisect_right(self.xs, x) - 1, 0), len(self.xs) - 2)

    def row(self, y: float) -> int:
        return min(max(bisect_right(self.ys, y) - 1, 0), len(self.ys) - 2)


def ruled(page: Page) -> tuple[list[Part], list[Run]]:
    """Tables cut along ruled lines, and the runs that stand in none of them."""
    if not page.across or not page.down or len(page.across) + len(page.down) > _MANY_RULES:
        return [], page.runs
    lattices = sorted(_lattices(page), key=lambda t: (t.xs[-1] - t.xs[0]) * (t.ys[-1] - t.ys[0]))
    inside: list[list[Run]] = [[] for _ in lattices]
    loose: list[Run] = []
    for run in page.runs:
        home = next((i for i, t in enumerate(lattices) if t.holds(run)), None)
        (loose if home is None else inside[home]).append(run)
    parts = [_ruled_table(lattice, runs) for lattice, runs in zip(lattices, inside, strict=True) if runs]
    return parts, loose


def _lattices(page: Page) -> Iterator[_Lattice]:
    across, down = _merged(page.across), _merged(page.down)
    groups = _Groups(len(across) + len(down))
    for i, a in enumerate(across):
        for j, d in enumerate(down):
            if a.start - _NEAR <= d.at <= a.end + _NEAR and d.start - _NEAR <= a.at <= d.end + _NEAR:
                groups.join(i, len(across) + j)
    for members in groups.all():
        rows = [across[i] for i in members if i < len(across)]
        columns = [down[i - len(across)] for i in members if i >= len(across)]
        ys = _cuts([r.at for r in rows] + [e for d in columns for e in (d.start, d.end)])
        xs = _cuts([d.at for d in columns] + [e for r in rows for e in (r.start, r.end)])
        if (len(xs) - 1) * (len(ys) - 1) > 1 and rows and columns:
            yield _Lattice(xs, ys, columns, rows)


class _Groups:
    """Which lines hang together."""

    def __init__(self, count: int) -> None:
        self._parent = list(range(count))

    def _root(self, i: int) -> int:
        while self._parent[i] != i:
            self._parent[i] = self._parent[self._parent[i]]
            i = self._parent[i]
        return i

    def join(self, i: int, j: int) -> None:
        self._parent[self._root(i)] = self._root(j)

    def all(self) -> Iterable[list[int]]:
        found: dict[int, list[int]] = {}
        for i in range(len(self._parent)):
            found.setdefault(self._root(i), []).append(i)
        return found.values()


def _merged(rules: list[Rule]) -> list[Rule]:
    """Pieces of one line, drawn one after the other or twice, as one."""
    result: list[Rule] = []
    for rule in sorted(rules, key=lambda r: (round(r.at), r.start)):
        last = next((i for i in range(len(result) - 1, max(-1, len(result) - 40), -1) if _same(result[i], rule)), None)
        if last is None:
            result.append(rule)
        else:
            kept = result[last]
            result[last] = Rule(kept.at, min(kept.start, rule.start), max(kept.end, rule.end))
    return result


def _same(a: Rule, b: Rule) -> bool:
    return abs(a.at - b.at) <= 1.5 and b.start <= a.end + _NEAR and a.start <= b.end + _NEAR


def _cuts(places: list[float]) -> list[float]:
    cuts: list[float] = []
    for place in sorted(places):
        if not cuts or place - cuts[-1] > _NEAR:
            cuts.append(place)
    return cuts


def _ruled_table(lattice: _Lattice, runs: list[Run]) -> Part:
    homes = _regions(lattice)
    filled: dict[tuple[int, int], list[Run]] = {}
    for run in runs:
        for piece in _cut_up(run, lattice, homes):
            at = homes[lattice.row(piece.middle)][lattice.column(piece.start)]
            filled.setdefault(at, []).append(piece)
    width = len(lattice.xs) - 1
    rows: list[list[str | None]] = [[None] * width for _ in range(len(lattice.ys) - 1)]
    margins = _margins(lattice, filled)
    for (row, column), pieces in filled.items():
        rows[row][column] = cell_text(pieces, _room(lattice, homes, row, column) - 2 * margins[column])
    rows = [row for row in rows if any(row)]  # empty columns stay, so that the next page counts columns alike
    return Part(lattice.ys[0], lattice.ys[-1], lattice.xs[0], Table(rows))


def _regions(lattice: _Lattice) -> list[list[tuple[int, int]]]:
    """For every unit of the lattice the first unit of the merged cell it belongs to."""
    height, width = len(lattice.ys) - 1, len(lattice.xs) - 1
    groups = _Groups(height * width)
    right, below = _walls(lattice)
    for row in range(height):
        for column in range(width):
            unit = row * width + column
            if column + 1 < width and (row, column) not in right:
                groups.join(unit, unit + 1)
            if row + 1 < height and (row, column) not in below:
                groups.join(unit, unit + width)
    homes = [[(0, 0)] * width for _ in range(height)]
    for members in groups.all():
        first = min(members)
        for unit in members:
            homes[unit // width][unit % width] = divmod(first, width)
    return homes


def _walls(lattice: _Lattice) -> tuple[set[tuple[int, int]], set[tuple[int, int]]]:
    """Units with a line at their right side, and units with a line below."""
    right, below = set(), set()
    for rule in lattice.down:
        column = _nearest(lattice.xs, rule.at) - 1
        right |= {(row, column) for row in _covered(lattice.ys, rule)}
    for rule in lattice.across:
        row = _nearest(lattice.ys, rule.at) - 1
        below |= {(row, column) for column in _covered(lattice.xs, rule)}
    return right, below


def _nearest(cuts: list[float], place: float) -> int:
    at = bisect_right(cuts, place)
    return min((i for i in (at - 1, at) if 0 <= i < len(cuts)), key=lambda i: abs(cuts[i] - place))


def _covered(cuts: list[float], rule: Rule) -> range:
    """Spaces between cuts whose middle the line passes."""
    middles = [(a + b) / 2 for a, b in pairwise(cuts)]
    return range(bisect_right(middles, rule.start), bisect_right(middles, rule.end))


def _cut_up(run: Run, lattice: _Lattice, homes: list[list[tuple[int, int]]]) -> Iterator[Run]:
    """The run cut where it goes over into another cell; text that runs over a line belongs where it begins."""
    row = lattice.row(run.middle)
    if homes[row][lattice.column(run.start)] == homes[row][lattice.column((run.lefts[-1] + run.rights[-1]) / 2)]:
        yield run
        return
    start = 0
    for i in range(1, len(run.text)):
        before = homes[row][lattice.column((run.lefts[i - 1] + run.rights[i - 1]) / 2)]
        column = lattice.column((run.lefts[i] + run.rights[i]) / 2)
        if before != homes[row][column] and _parted(run, i, lattice.xs[column]):
            yield cut(run, start, i)
            start = i
    yield cut(run, start, len(run.text)) if start else run


def _parted(run: Run, i: int, line: float) -> bool:
    """Whether characters i-1 and i stand clearly on two sides of the line, and not only where text runs over it."""
    if run.text[i].isspace() or run.text[i - 1].isspace():
        return True
    slack = 0.08 * run.height
    return run.lefts[i] - run.rights[i - 1] > slack and run.rights[i - 1] - slack < line < run.lefts[i] + slack


def _margins(lattice: _Lattice, filled: Mapping[tuple[int, int], list[Run]]) -> dict[int, float]:
    """By column, the least white space between a line at its left and the text of a cell that begins there."""
    margins: dict[int, float] = {}
    for (_, column), pieces in filled.items():
        margin = max(0.0, min(piece.left for piece in pieces) - lattice.xs[column])
        margins[column] = min(margins.get(column, margin), margin)
    return margins


def _room(lattice: _Lattice, homes: list[list[tuple[int, int]]], row: int, column: int) -> float:
    """Width of the merged cell that begins here."""
    last = column
    while last + 1 < len(lattice.xs) - 1 and homes[row][last + 1] == (row, column):
        last += 1
    return lattice.xs[last + 1] - lattice.xs[column]


# -- text of one cell -----------------------------------------------------------------------------------------------


def cell_text(runs: Sequence[Run], room: float) -> str:
    """The lines of a cell that leaves ``room`` points as one text: wrapped lines joined, others kept."""
    text = ""
    lines = lines_of(runs)
    full = _full(lines, room)
    before: list[Run] = []
    for line in lines:
        words = line_text(line)
        if before and wraps(before, line, full):
            text += (" " if _WORD.match(words) and text[-1:].isalpha() and text[-1:].isascii() else "") + words
        else:
            text += ("\n" if text else "") + words
        before = line
    return text.strip()


def _full(lines: list[list[Run]], room: float) -> float:
    """How wide a line of the cell can get; lines that were squeezed in show it better than the room."""
    return max([room, *(line[-1].right - line[0].left for line in lines)])


def wraps(before: list[Run], line: list[Run], full: float) -> bool:
    """Whether ``line`` goes on with ``before``: its first word would not have fitted there any more."""
    first = line[0]
    word = _TOKEN.match(first.text)
    need = first.rights[word.end() - 1 if word else 0] - first.left
    if before[-1].text[-1] in "-‐‑–−－ー・、,，(（":
        return True
    return before[-1].right - before[0].left + need > full


def lines_of(runs: Sequence[Run]) -> list[list[Run]]:
    """Runs by line, top to bottom, each left to right."""
    lines: list[list[Run]] = []
    for run in sorted(runs, key=lambda r: r.middle):
        if lines and run.middle - _middle(lines[-1]) < 0.5 * min(run.height, lines[-1][0].height):
            lines[-1].append(run)
        else:
            lines.append([run])
    for line in lines:
        line.sort(key=lambda r: r.left)
    return lines


def _middle(line: list[Run]) -> float:
    return sum(run.middle for run in line) / len(line)


def line_text(line: Sequence[Run], gap: str = " ") -> str:
    """The runs of one line with what stands between them: the text's own white space, else by the gap."""
    text = ""
    before: Run | None = None
    for run in line:
        if before is not None:
            text += run.glue or _space(before, run, gap)
        text += run.text
        before = run
    return text


def _space(before: Run, run: Run, gap: str) -> str:
    """What the white space between two runs stands for: a full-width space leaves no more than its own width."""
    space = (run.left - before.right) / run.height
    if space < 0.3:
        return ""
    wide = before.text[-1] > "\u2e80" and run.text[0] > "\u2e80"
    if space > 1.3 or not (wide or space < 0.6):
        return gap
    return "\u3000" if wide and space > 0.7 else " "
