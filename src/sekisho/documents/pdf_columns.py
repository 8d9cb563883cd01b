"""Tables without ruled lines: told by gutters that several lines share."""

from __future__ import annotations

import re
import statistics
from bisect import bisect_right
from collections.abc import Iterator, Sequence

from sekisho.documents.blocks import Table
from sekisho.documents.pdf_cards import cards
from sekisho.documents.pdf_cells import Part, cell_text, line_part, lines_of
from sekisho.documents.pdf_marks import Run
from sekisho.documents.pdf_rows import Cell, Span, rows_of
from sekisho.documents.pdf_text import Line, as_text, bottom, character_width, top

_WIDE_GUTTER, _GUTTER, _NARROW_GUTTER = 1.4, 0.7, 0.03  # of the character width, between two columns
_WORD_GAP = 0.08  # between two words of a line
_LAST_IS_SINGLE = re.compile(r"(?:^|[\s　])[一-鿿ぁ-んァ-ヶ]$")
_APART = 4.0  # line heights of white space that end a table


def parts(runs: Sequence[Run]) -> Iterator[Part]:
    """Loose text as tables and single lines."""
    lines = [_with_whole_label(line) for line in lines_of(runs)]
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


def _with_whole_label(line: Line) -> Line:
    """The line with a label at its beginning whole that is spread out to fill its place (``氏      名``)."""
    whole = line[:1]
    for run in line[1:]:
        last = whole[-1]
        if len(whole) > 1 or not (run.glue and len(run.text) == 1 and _LAST_IS_SINGLE.search(last.text)):
            whole.append(run)
        else:
            lefts = [*last.lefts, *[last.right] * len(run.glue), *run.lefts]
            rights = [*last.rights, *[run.left] * len(run.glue), *run.rights]
            text = last.text + run.glue + run.text
            whole[-1] = Run(text, last.left, last.top, run.right, last.bottom, lefts, rights, last.glue)
    return whole


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
    end, told = at + 1, 1
    if len(columns) < 2:
        return end
    while end < len(lines) and top(lines[end]) - bottom(lines[at:end][-8:]) <= _APART * em:
        spans = _spans(lines[end], _WORD_GAP * em)
        if told < 3 and _begins_finer(lines[end : end + 4], columns, em):
            break
        if not _bridged(spans, columns) or told < 3:
            columns = _grown(columns, spans, _NARROW_GUTTER * em)
            told += 1
        elif not _is_total(spans, columns, em):
            break
        if len(columns) < 2:
            break
        end += 1
    while end - at > 1 and len(_spans(lines[end - 1], _GUTTER * em)) < 2 and not _close(lines, end - 1, em):
        end -= 1
    return end


def _bridged(spans: list[Span], columns: list[Span]) -> bool:
    """Whether a word runs over more than one column."""
    return any(sum(left < b and right > a for a, b in columns) > 1 for left, right in spans)


def _is_total(spans: list[Span], columns: list[Span], em: float) -> bool:
    """Whether a line has its first word in the first column and runs over others behind it: a total, a long value."""
    first = spans[0]
    return len(spans) > 1 and abs(first[0] - columns[0][0]) < em and first[1] < columns[1][0] and len(columns) > 2


def _begins_finer(lines: list[Line], columns: list[Span], em: float) -> bool:
    """Whether a table with more columns begins here, of which what stood above is only the title."""
    finer = [line for line in lines if len(_spans(line, _GUTTER * em)) > len(columns) == 2]
    return len(finer) > 2 and len(_grown(columns, _spans(lines[0], _WORD_GAP * em), _NARROW_GUTTER * em)) <= 2


def _close(lines: list[Line], at: int, em: float) -> bool:
    return top(lines[at]) - bottom(lines[at - 1 : at]) < 0.6 * em


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
    fine = _unbridged(lines, em)
    columns = fine[:1]
    for span in fine[1:]:
        last = columns[-1]
        gap, witnesses = (span[0] - last[1]) / em, _witnesses(lines, last, span)
        if gap >= _WIDE_GUTTER or witnesses >= (min(2, len(lines) - 1) if gap >= _GUTTER else max(3, len(lines) // 10)):
            columns.append(span)
        else:
            columns[-1] = (last[0], span[1])
    return columns


def _unbridged(lines: list[Line], em: float) -> list[Span]:
    """Columns as fine as they can be seen; a gutter that words run over more often than it parts a line is none."""
    spans = sorted((span for line in lines for span in _spans(line, _WORD_GAP * em)), key=lambda s: s[1] - s[0])
    columns: list[Span] = []
    bridges: list[Span] = []
    for span in spans:
        if _bridged([span], columns):
            bridges.append(span)
        else:
            columns = _grown(columns, [span], _NARROW_GUTTER * em)
    merged = columns[:1]
    for column in columns[1:]:
        last = merged[-1]
        over = sum(left < last[1] and right > column[0] for left, right in bridges)
        if over * 2 > _parted(lines, last[1], column[0]):
            merged[-1] = (last[0], column[1])
        else:
            merged.append(column)
    for span in bridges:
        if not _bridged([span], merged):
            merged = _grown(merged, [span], _NARROW_GUTTER * em)
    return merged


def _parted(lines: list[Line], left: float, right: float) -> int:
    """How many lines have text on both sides of a gutter and none in it."""
    return sum(
        any(run.right <= left + 0.1 for run in line)
        and any(run.left >= right - 0.1 for run in line)
        and not any(run.left < left and run.right > right for run in line)
        for line in lines
    )


def _witnesses(lines: list[Line], left: Span, right: Span) -> int:
    """How many lines have text at the one and how many at the other side of a gutter: the fewer of both."""
    return min(sum(any(_within(run, span) for run in line) for line in lines) for span in (left, right))


def _within(run: Run, span: Span) -> bool:
    return span[0] - 0.1 <= run.left and run.right <= span[1] + 0.1


def _table(lines: list[Line], em: float) -> list[Part] | None:
    columns = _columns(lines, em)
    by_column = _by_column(lines, columns, em)
    if _is_running_text(by_column, columns, em):
        both = zip(by_column, columns, strict=True)
        return [Part(top(lines[0]), bottom(lines), span[0], as_text(column)) for column, span in both if column]
    if found := cards(by_column, lines):
        return found
    rows = rows_of(by_column, columns)
    if len(rows) < 2 or (len(rows) < 3 and len(columns) < 3):
        return None
    texts = [[_text(cell, columns) for cell in row] for row in rows]
    return [Part(top(lines[0]), bottom(lines), columns[0][0], Table(texts))]


def _text(cell: Cell | None, columns: list[Span]) -> str | None:
    if cell is None:
        return None
    left, right = columns[cell.column]
    return cell_text([run for line in cell.lines for run in line], right - left)


def _by_column(lines: list[Line], columns: list[Span], em: float) -> list[list[Line]]:
    """The lines of each column; what runs over several stands in the one where it begins."""
    lefts = [left - 0.3 * em for left, _ in columns]
    found: list[list[Line]] = [[] for _ in columns]
    for line in lines:
        parts: dict[int, Line] = {}
        for run in line:
            parts.setdefault(max(0, bisect_right(lefts, run.left) - 1), []).append(run)
        for column, part in parts.items():
            found[column].append(part)
    return found


def _is_running_text(by_column: list[list[Line]], columns: list[Span], em: float) -> bool:
    """Whether the columns are columns of a text (long lines that fill them) rather than of a table."""
    if len(columns) > 3:
        return False
    for column, (left, right) in zip(by_column, columns, strict=True):
        widths = [line[-1].right - line[0].left for line in column]
        if len(column) < 3 or right - left < 12 * em or statistics.median(widths) < 0.75 * (right - left):
            return False
    return True
