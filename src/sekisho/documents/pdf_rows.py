"""The rows of a table without ruled lines: which lines of its columns belong together."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

from sekisho.documents.pdf_cells import wraps
from sekisho.documents.pdf_text import Line

Span = tuple[float, float]


@dataclass(slots=True)
class Cell:
    """Lines of one column that belong together."""

    column: int
    lines: list[Line]

    @property
    def top(self) -> float:
        """Where its first line begins."""
        return min(run.top for line in self.lines for run in line)

    @property
    def bottom(self) -> float:
        """Where its last line ends."""
        return max(run.bottom for line in self.lines for run in line)


def rows_of(by_column: list[list[Line]], columns: list[Span]) -> list[list[Cell | None]]:
    """The rows of a table: with wrapped lines joined where the spacing shows them, else one a line."""
    for linked in (_by_leading(by_column), _by_key(by_column)):
        if linked and _mostly_wrapped(linked, columns):
            rows = _bands([cell for cells in linked for cell in cells], len(columns))
            if _one_stays_single(rows):
                return rows
    single = [Cell(i, [line]) for i, column in enumerate(by_column) for line in column]
    return _bands(single, len(columns))


def _by_leading(by_column: list[list[Line]]) -> list[list[Cell]]:
    """Cells where lines of one cell stand closer than cells do."""
    limit = _leading(by_column)
    return [_linked(i, column, limit) for i, column in enumerate(by_column)] if limit else []


def _by_key(by_column: list[list[Line]]) -> list[list[Cell]]:
    """Cells where the lines of all rows stand equally far apart: told by columns that have one line a row.

    The lines of the other columns belong to the key line that they begin, end or are centred at.
    """
    alike = max((_as_long_as(column, by_column) for column in by_column if len(column) > 1), key=len, default=[])
    longest = max((len(column) for column in by_column), default=0)
    if len(alike) < max(2, 0.3 * len(by_column)) or longest < 1.3 * len(alike[0]):
        return []
    keys = [_middle(line) for line in alike[0]]
    height = alike[0][0][0].height
    ways = (_from_key_on, _up_to_key, _nearest_key)
    tried = [[_grouped(i, column, keys, way) for i, column in enumerate(by_column)] for way in ways]
    fits = [_fit(linked, keys, height, at) for at, linked in enumerate(tried)]
    best = max(range(len(ways)), key=lambda i: fits[i])
    return tried[best] if fits[best] > 0.8 else []


def _as_long_as(column: list[Line], by_column: list[list[Line]]) -> list[list[Line]]:
    return [other for other in by_column if len(column) <= len(other) <= 1.1 * len(column)]


def _from_key_on(keys: list[float], place: float) -> int:
    return bisect_right(keys, place + 1.0) - 1


def _up_to_key(keys: list[float], place: float) -> int:
    return bisect_left(keys, place - 1.0)


def _nearest_key(keys: list[float], place: float) -> int:
    return min(range(len(keys)), key=lambda i: abs(keys[i] - place))


def _grouped(column: int, lines: list[Line], keys: list[float], way: Callable[[list[float], float], int]) -> list[Cell]:
    cells: dict[int, Cell] = {}
    for line in lines:
        cells.setdefault(way(keys, _middle(line)), Cell(column, [])).lines.append(line)
    return list(cells.values())


def _fit(linked: list[list[Cell]], keys: list[float], height: float, way: int) -> float:
    """The share of cells with several lines that begin (0), end (1) or are centred (2) at a key line."""
    hits = cells = 0
    for cell in (cell for column in linked for cell in column if len(cell.lines) > 1):
        first, last = _middle(cell.lines[0]), _middle(cell.lines[-1])
        place = (first, last, (first + last) / 2)[way]
        hits += any(abs(place - key) < 0.3 * height for key in keys)
        cells += 1
    return hits / cells if cells else 0.0


def _leading(by_column: list[list[Line]]) -> float:
    """The distance between wrapped lines at most, where lines stand at clearly different distances; else 0.

    Both distances must be seen within columns, not only between a full column and one with gaps.
    """
    within = [sorted(_middle(b) - _middle(a) for a, b in pairwise(column)) for column in by_column]
    steps = sorted(step for found in within for step in found if step > 1.0)
    limit = next(((a + b) / 2 for a, b in pairwise(steps) if b > 1.15 * a), 0.0)
    both = sum(bool(found) and found[0] <= limit < found[-1] for found in within)
    return limit if both else 0.0


def _middle(line: Line) -> float:
    return min(run.middle for run in line)


def _linked(column: int, lines: list[Line], limit: float) -> list[Cell]:
    cells: list[Cell] = []
    for line in lines:
        if cells and _middle(line) - _middle(cells[-1].lines[-1]) <= limit:
            cells[-1].lines.append(line)
        else:
            cells.append(Cell(column, [line]))
    return cells


def _bands(cells: list[Cell], width: int) -> list[list[Cell | None]]:
    """Cells that stand beside each other as rows."""
    rows: list[list[Cell | None]] = []
    bottom = float("-inf")
    for cell in sorted(cells, key=lambda c: (c.top + c.bottom) / 2 if len(c.lines) == 1 else c.top):
        top = cell.top + 0.3 * (cell.lines[0][0].height)
        if not rows or top >= bottom or rows[-1][cell.column] is not None:
            rows.append([None] * width)
            bottom = cell.bottom
        rows[-1][cell.column] = cell
        bottom = max(bottom, cell.bottom - 0.3 * cell.lines[-1][0].height)
    return rows


def _one_stays_single(rows: list[list[Cell | None]]) -> bool:
    """Whether some column that most rows fill has hardly ever more than one line: the mark of wrapped rows."""
    if len(rows) < 2:
        return False
    for cells in zip(*rows, strict=True):
        counts = [len(cell.lines) for cell in cells if cell is not None]
        exceptions = sum(n > 1 for n in counts[1:])  # the first row may be a header, wrapped more than the values
        if len(counts) > 0.7 * len(rows) and exceptions < 0.1 * len(counts):
            return True
    return False


def _mostly_wrapped(linked: list[list[Cell]], columns: list[Span]) -> bool:
    """Whether most lines that would be joined had no room left in the line before.

    Lines of one width (numbers under numbers) would always pass: enough others must be there to tell.
    """
    pairs = [(cell.column, a, b) for cells in linked for cell in cells for a, b in pairwise(cell.lines)]
    telling = [pair for pair in pairs if abs(_width(pair[1]) - _width(pair[2])) > 0.05 * _width(pair[1])]
    if len(telling) < 0.3 * len(pairs):
        return False
    full = sum(wraps(a, b, columns[column][1] - columns[column][0]) for column, a, b in telling)
    return full >= 0.7 * len(telling)


def _width(line: Line) -> float:
    return line[-1].right - line[0].left
