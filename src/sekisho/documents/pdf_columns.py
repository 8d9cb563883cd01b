"""Tables without ruled lines: columns told by gutters that several lines share, rows by how lines are spaced."""

from __future__ import annotations

import re
import statistics
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from sekisho.documents.blocks import Table
from sekisho.documents.pdf_cells import Part, cell_text, line_text, lines_of, wraps
from sekisho.documents.pdf_marks import Run

_GUTTER = 0.7  # of the character width, between two columns at least
_APART = 4.0  # line heights of white space that end a table
_HIRAGANA = re.compile("[ぁ-ん]")
_ENDED = "。．.！？!?」』）)：:"

Line = list[Run]


def parts(runs: Sequence[Run]) -> Iterator[Part]:
    """Loose text as tables and lines."""
    lines = lines_of(runs)
    em = character_width(runs)
    at = 0
    while at < len(lines):
        end = _table_end(lines, at, em)
        table = _table(lines[at:end], em) if end - at > 1 else None
        if table is None:
            end = max(at + 1, end if end - at == 1 else at + 1)
            yield _as_lines(lines[at:end])
        else:
            yield from table
        at = end


def character_width(runs: Sequence[Run]) -> float:
    """The width of a full-width character of this text, or what comes near it where there is none."""
    widths = [
        run.stops[i + 1] - run.stops[i] for run in runs[:2000] for i in range(len(run.text)) if run.text[i] > "\u3000"
    ]
    if widths:
        return statistics.median(widths)
    return statistics.median(run.height for run in runs) if runs else 10.0


def _as_lines(lines: Sequence[Line]) -> Part:
    first = lines[0]
    text = "\n".join(line_text(line, "\t") for line in lines)
    return Part(min(r.top for r in first), max(r.bottom for r in lines[-1]), first[0].left, text)


# -- which lines are one table ----------------------------------------------------------------------------------------

Span = tuple[float, float]


def _chunks(line: Line, em: float) -> list[Span]:
    spans: list[Span] = []
    for run in line:
        if spans and run.left - spans[-1][1] < _GUTTER * em:
            spans[-1] = (spans[-1][0], max(spans[-1][1], run.right))
        else:
            spans.append((run.left, run.right))
    return spans


def _table_end(lines: list[Line], at: int, em: float) -> int:
    """The line after the last one that shares columns with the line ``at``."""
    columns = _chunks(lines[at], em)
    if len(columns) < 2:
        return at + 1
    bottom = max(run.bottom for run in lines[at])
    end = at + 1
    while end < len(lines):
        line = lines[end]
        if min(run.top for run in line) - bottom > _APART * em:
            break
        grown = _grown(columns, _chunks(line, em), em)
        if len(grown) < 2 or len(grown) < len(columns) - max(0, len(columns) // 4):
            break
        columns, bottom, end = grown, max(bottom, max(run.bottom for run in line)), end + 1
    while end - at > 1 and len(_chunks(lines[end - 1], em)) < 2 and not _close(lines[end - 2], lines[end - 1], em):
        end -= 1
    return end


def _close(above: Line, below: Line, em: float) -> bool:
    return min(run.top for run in below) - max(run.bottom for run in above) < 0.6 * em


def _grown(columns: list[Span], spans: list[Span], em: float) -> list[Span]:
    """The columns with what another line covers added; columns that it bridges become one."""
    grown: list[Span] = []
    for left, right in sorted([*columns, *spans]):
        if grown and left - grown[-1][1] < _GUTTER * em:
            grown[-1] = (grown[-1][0], max(grown[-1][1], right))
        else:
            grown.append((left, right))
    return grown


# -- its rows -------------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Cell:
    """Lines of one column that belong together."""

    column: int
    lines: list[Line]

    @property
    def top(self) -> float:
        return min(run.top for line in self.lines for run in line)

    @property
    def bottom(self) -> float:
        return max(run.bottom for line in self.lines for run in line)


def _table(lines: list[Line], em: float) -> list[Part] | None:
    columns: list[Span] = []
    for line in lines:
        columns = _grown(columns, _chunks(line, em), em)
    by_column = [_in_column(lines, span) for span in columns]
    if _is_running_text(by_column, columns, em):
        return [_as_lines(column) for column in by_column if column]
    rows = _rows(by_column, columns)
    if len(rows) < 2 or (len(rows) < 3 and len(columns) < 3):
        return None
    texts = [[_text(cell, columns) for cell in row] for row in rows]
    return [Part(min(r.top for r in lines[0]), max(r.bottom for r in lines[-1]), columns[0][0], Table(texts))]


def _text(cell: _Cell | None, columns: list[Span]) -> str | None:
    if cell is None:
        return None
    left, right = columns[cell.column]
    return cell_text([run for line in cell.lines for run in line], right - left)


def _in_column(lines: list[Line], span: Span) -> list[Line]:
    found = [[run for run in line if span[0] - 0.1 <= run.left and run.right <= span[1] + 0.1] for line in lines]
    return [line for line in found if line]


def _is_running_text(by_column: list[list[Line]], columns: list[Span], em: float) -> bool:
    """Whether the columns are columns of a text (long lines that fill them) rather than of a table."""
    if len(columns) > 3:
        return False
    for column, (left, right) in zip(by_column, columns, strict=True):
        widths = [line[-1].right - line[0].left for line in column]
        if len(column) < 3 or right - left < 12 * em or statistics.median(widths) < 0.75 * (right - left):
            return False
    return True


def _rows(by_column: list[list[Line]], columns: list[Span]) -> list[list[_Cell | None]]:
    single = [[_Cell(i, [line]) for line in column] for i, column in enumerate(by_column)]
    limit = _leading(by_column)
    if limit:
        linked = [_linked(i, column, limit) for i, column in enumerate(by_column)]
        rows = _bands([cell for cells in linked for cell in cells], len(columns))
        if _one_stays_single(rows) and _mostly_wrapped(linked, columns):
            return rows
    return _bands([cell for cells in single for cell in cells], len(columns))


def _leading(by_column: list[list[Line]]) -> float:
    """The distance between wrapped lines at most, where lines stand at two clearly different distances; else 0."""
    steps = sorted(_top(b) - _top(a) for column in by_column for a, b in pairwise(column))
    steps = [step for step in steps if step > 0]
    best, limit = 1.12, 0.0
    for a, b in pairwise(steps):
        if b / a > best and b / a < 1e9:
            best, limit = b / a, (a + b) / 2
    return limit


def _top(line: Line) -> float:
    return min(run.middle for run in line)


def _linked(column: int, lines: list[Line], limit: float) -> list[_Cell]:
    cells: list[_Cell] = []
    for line in lines:
        if cells and _top(line) - _top(cells[-1].lines[-1]) <= limit:
            cells[-1].lines.append(line)
        else:
            cells.append(_Cell(column, [line]))
    return cells


def _bands(cells: list[_Cell], width: int) -> list[list[_Cell | None]]:
    """Cells that stand beside each other as rows."""
    rows: list[list[_Cell | None]] = []
    bottom = float("-inf")
    for cell in sorted(cells, key=lambda c: (c.top + c.bottom) / 2 if len(c.lines) == 1 else c.top):
        top = cell.top + 0.3 * (cell.lines[0][0].height)
        if not rows or top >= bottom or rows[-1][cell.column] is not None:
            rows.append([None] * width)
            bottom = cell.bottom
        rows[-1][cell.column] = cell
        bottom = max(bottom, cell.bottom - 0.3 * cell.lines[-1][0].height)
    return rows


def _one_stays_single(rows: list[list[_Cell | None]]) -> bool:
    """Whether some column that most rows fill has hardly ever more than one line: the mark of wrapped rows."""
    if len(rows) < 2:
        return False
    for cells in zip(*rows, strict=True):
        counts = [len(cell.lines) for cell in cells if cell is not None]
        if len(counts) > 0.7 * len(rows) and sum(n == 1 for n in counts) > 0.9 * len(counts):
            return True
    return False


def _mostly_wrapped(linked: list[list[_Cell]], columns: list[Span]) -> bool:
    """Whether most lines that would be joined had no room left in the line before."""
    tests = [
        wraps(a, b, columns[cell.column][1] - columns[cell.column][0])
        for cells in linked
        for cell in cells
        for a, b in pairwise(cell.lines)
    ]
    return sum(tests) >= 0.7 * len(tests)
