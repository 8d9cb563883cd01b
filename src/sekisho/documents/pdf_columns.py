"""Tables without ruled lines: columns told by gutters that several lines share, rows by how lines are spaced."""

from __future__ import annotations

import re
import statistics
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from sekisho.documents.blocks import Block, Table
from sekisho.documents.pdf_cells import Part, cell_text, line_part, line_text, lines_of, wraps
from sekisho.documents.pdf_marks import Run

_GUTTER, _NARROW_GUTTER = 0.7, 0.08  # of the character width, between two columns at least
_APART = 4.0  # line heights of white space that end a table
_HIRAGANA = re.compile("[ぁ-ん]")
_ENDED = "。．.！？!?」』）)：:"

Line = list[Run]


def parts(runs: Sequence[Run]) -> Iterator[Part]:
    """Loose text as tables and single lines."""
    lines = lines_of(runs)
    em = character_width(runs)
    at = 0
    while at < len(lines):
        end = _table_end(lines, at, em)
        table = _table(lines[at:end], em) if end - at > 1 else None
        if table is None:
            yield line_part(lines[at])
            at += 1
        else:
            yield from table
            at = end


def in_order(parts: Iterable[Part]) -> Iterator[Block]:
    """The blocks of a page from top to bottom; lines that follow each other are read together."""
    lines: list[Line] = []
    for part in sorted(parts, key=lambda part: (part.top, part.left)):
        if part.line:
            lines.append(part.line)
            continue
        if lines:
            yield _as_text(lines)
            lines = []
        if part.block is not None:
            yield part.block
    if lines:
        yield _as_text(lines)


def character_width(runs: Sequence[Run]) -> float:
    """The width of a full-width character of this text, or what comes near it where there is none."""
    widths = [
        right - left
        for run in runs[:2000]
        for character, left, right in zip(run.text, run.lefts, run.rights, strict=True)
        if character > "\u3000"
    ]
    if widths:
        return statistics.median(widths)
    return statistics.median(run.height for run in runs) if runs else 10.0


def _as_text(lines: Sequence[Line]) -> str:
    """Lines of text; a sentence that was wrapped goes on in the same line."""
    texts: list[str] = []
    room = max(line[-1].right for line in lines) - min(line[0].left for line in lines)
    before: Line = []
    for line in lines:
        text = line_text(line, "\t")
        if before and _is_wrapped(before, texts[-1], line, text, room):
            texts[-1] += text
        else:
            texts.append(text)
        before = line
    return "\n".join(texts)


def _is_wrapped(before: Line, above: str, line: Line, text: str, room: float) -> bool:
    """Whether a line of running text was cut in two only because the page ends there.

    Asked for Japanese sentences (with hiragana), full lines, and where the next begins at the left again.
    """
    if above.endswith(_ENDED) or "\t" in above or len(_HIRAGANA.findall(above[-60:] + text[:60])) < 6:
        return False
    return wraps(before, line, 0.97 * room) and line[0].left <= before[0].left + 0.5 * line[0].height


# -- which lines are one table ----------------------------------------------------------------------------------------

Span = tuple[float, float]


def _spans(line: Line, gutter: float) -> list[Span]:
    """The stretches that a line covers, where gaps below ``gutter`` are none."""
    spans: list[Span] = []
    for run in line:
        if spans and run.left - spans[-1][1] < gutter:
            spans[-1] = (spans[-1][0], max(spans[-1][1], run.right))
        else:
            spans.append((run.left, run.right))
    return spans


def _table_end(lines: list[Line], at: int, em: float) -> int:
    """The line after the last one that shares columns with the line ``at``."""
    columns = _spans(lines[at], _GUTTER * em)
    if len(columns) < 2:
        return at + 1
    bottom = max(run.bottom for run in lines[at])
    end = at + 1
    while end < len(lines):
        line = lines[end]
        spans = _spans(line, _NARROW_GUTTER * em)
        grown = _grown(columns, spans, _NARROW_GUTTER * em)
        if _top(line) - bottom > _APART * em or not _goes_on(columns, grown):
            break
        if end - at < 3 and _begins_finer(lines[end : end + 4], columns, em):
            break
        columns, bottom, end = grown, max(bottom, max(run.bottom for run in line)), end + 1
    while end - at > 1 and len(_spans(lines[end - 1], _GUTTER * em)) < 2 and not _close(lines, end - 1, em):
        end -= 1
    return end


def _goes_on(columns: list[Span], grown: list[Span]) -> bool:
    """Whether a line that makes ``grown`` of the columns belongs to their table; it may bridge a few (a total)."""
    return len(grown) >= max(2, len(columns) - len(columns) // 4)


def _begins_finer(lines: list[Line], columns: list[Span], em: float) -> bool:
    """Whether a table with more columns begins here, of which what stood above is only the title."""
    finer = [line for line in lines if len(_spans(line, _GUTTER * em)) > len(columns) == 2]
    return len(finer) > 2 and len(_grown(columns, _spans(lines[0], _NARROW_GUTTER * em), _NARROW_GUTTER * em)) <= 2


def _close(lines: list[Line], at: int, em: float) -> bool:
    return min(run.top for run in lines[at]) - max(run.bottom for run in lines[at - 1]) < 0.6 * em


def _grown(columns: list[Span], spans: list[Span], gutter: float) -> list[Span]:
    """The columns with what another line covers added; columns that it bridges become one."""
    grown: list[Span] = []
    for left, right in sorted([*columns, *spans]):
        if grown and left - grown[-1][1] < gutter:
            grown[-1] = (grown[-1][0], max(grown[-1][1], right))
        else:
            grown.append((left, right))
    return grown


def _columns(lines: list[Line], em: float) -> list[Span]:
    """The columns of a table: parted by a wide gutter, or by a narrow one that enough lines have text around."""
    fine: list[Span] = []
    for line in lines:
        fine = _grown(fine, _spans(line, _NARROW_GUTTER * em), _NARROW_GUTTER * em)
    columns = fine[:1]
    for span in fine[1:]:
        last = columns[-1]
        if span[0] - last[1] >= _GUTTER * em or _witnesses(lines, last, span) >= max(3, len(lines) // 4):
            columns.append(span)
        else:
            columns[-1] = (last[0], span[1])
    return columns


def _witnesses(lines: list[Line], left: Span, right: Span) -> int:
    """How many lines have text at the one and how many at the other side of a gutter: the fewer of both."""
    return min(sum(any(_within(run, span) for run in line) for line in lines) for span in (left, right))


def _within(run: Run, span: Span) -> bool:
    return span[0] - 0.1 <= run.left and run.right <= span[1] + 0.1


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
    columns = _columns(lines, em)
    by_column = [_in_column(lines, span) for span in columns]
    if _is_running_text(by_column, columns, em):
        both = zip(by_column, columns, strict=True)
        return [Part(_top(lines[0]), _bottom(lines), span[0], _as_text(column)) for column, span in both if column]
    rows = _rows(by_column, columns)
    if len(rows) < 2 or (len(rows) < 3 and len(columns) < 3):
        return None
    texts = [[_text(cell, columns) for cell in row] for row in rows]
    return [Part(_top(lines[0]), _bottom(lines), columns[0][0], Table(texts))]


def _text(cell: _Cell | None, columns: list[Span]) -> str | None:
    if cell is None:
        return None
    left, right = columns[cell.column]
    return cell_text([run for line in cell.lines for run in line], right - left)


def _in_column(lines: list[Line], span: Span) -> list[Line]:
    found = [[run for run in line if _within(run, span)] for line in lines]
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
    """The rows of a table: with wrapped lines joined where the spacing shows them, else one a line."""
    for linked in (_by_leading(by_column), _by_key(by_column)):
        if linked and _mostly_wrapped(linked, columns):
            rows = _bands([cell for cells in linked for cell in cells], len(columns))
            if _one_stays_single(rows):
                return rows
    single = [_Cell(i, [line]) for i, column in enumerate(by_column) for line in column]
    return _bands(single, len(columns))


def _by_leading(by_column: list[list[Line]]) -> list[list[_Cell]]:
    """Cells where lines of one cell stand closer than cells do."""
    limit = _leading(by_column)
    return [_linked(i, column, limit) for i, column in enumerate(by_column)] if limit else []


def _by_key(by_column: list[list[Line]]) -> list[list[_Cell]]:
    """Cells where the lines of all rows stand equally far apart: told by columns that have one line a row.

    The lines of the other columns belong to the key line that they begin, end or are centred at.
    """
    counts = sorted(len(column) for column in by_column)
    fewest = next((n for n in counts if n > 1), 0)
    alike = [column for column in by_column if fewest <= len(column) <= 1.1 * fewest]
    if not fewest or len(alike) < max(2, 0.3 * len(by_column)) or counts[-1] < 1.3 * fewest:
        return []
    keys = [_middle(line) for line in alike[0]]
    height = alike[0][0][0].height
    ways = (_from_key_on, _up_to_key, _nearest_key)
    tried = [[_grouped(i, column, keys, way) for i, column in enumerate(by_column)] for way in ways]
    fits = [_fit(linked, keys, height, at) for at, linked in enumerate(tried)]
    best = max(range(len(ways)), key=lambda i: fits[i])
    return tried[best] if fits[best] > 0.8 else []


def _from_key_on(keys: list[float], place: float) -> int:
    return bisect_right(keys, place + 1.0) - 1


def _up_to_key(keys: list[float], place: float) -> int:
    return bisect_left(keys, place - 1.0)


def _nearest_key(keys: list[float], place: float) -> int:
    return min(range(len(keys)), key=lambda i: abs(keys[i] - place))


def _grouped(
    column: int, lines: list[Line], keys: list[float], way: Callable[[list[float], float], int]
) -> list[_Cell]:
    cells: dict[int, _Cell] = {}
    for line in lines:
        cells.setdefault(way(keys, _middle(line)), _Cell(column, [])).lines.append(line)
    return list(cells.values())


def _fit(linked: list[list[_Cell]], keys: list[float], height: float, way: int) -> float:
    """The share of cells with several lines that begin (0), end (1) or are centred (2) at a key line."""
    hits = cells = 0
    for cell in (cell for column in linked for cell in column if len(cell.lines) > 1):
        first, last = _middle(cell.lines[0]), _middle(cell.lines[-1])
        place = (first, last, (first + last) / 2)[way]
        hits += any(abs(place - key) < 0.3 * height for key in keys)
        cells += 1
    return hits / cells if cells else 0.0


def _leading(by_column: list[list[Line]]) -> float:
    """The distance between wrapped lines at most, where lines stand at two clearly different distances; else 0."""
    steps = sorted(_middle(b) - _middle(a) for column in by_column for a, b in pairwise(column))
    steps = [step for step in steps if step > 0]
    best, limit = 1.12, 0.0
    for a, b in pairwise(steps):
        if b / a > best and b / a < 1e9:
            best, limit = b / a, (a + b) / 2
    return limit


def _middle(line: Line) -> float:
    return min(run.middle for run in line)


def _top(line: Line) -> float:
    return min(run.top for run in line)


def _bottom(lines: Sequence[Line]) -> float:
    return max(run.bottom for line in lines for run in line)


def _linked(column: int, lines: list[Line], limit: float) -> list[_Cell]:
    cells: list[_Cell] = []
    for line in lines:
        if cells and _middle(line) - _middle(cells[-1].lines[-1]) <= limit:
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
        exceptions = sum(n > 1 for n in counts[1:])  # the first row may be a header, wrapped more than the values
        if len(counts) > 0.7 * len(rows) and exceptions < 0.1 * len(counts):
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
