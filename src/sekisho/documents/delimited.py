"""Delimited text: which character divides it, and its rows, even where quotes were left open.

Common readers lose everything between two stray quotes without a word. Here each physical line comes out in exactly
one row: a line whose quoting does not close is joined with the next ones only where they close it, else its quotes
are text like any other character.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from functools import lru_cache

import polars as pl

from sekisho.documents import charset, lines
from sekisho.errors import UnreadableError
from sekisho.model import Frame, Gap, Grid, Head, Place, Reason

DELIMITERS = ("\t", ";", "|", ",", "\x1f", "\x01")
_SAMPLE_LINES = 400
_LONGEST_CELL = 60  # lines that a quoted cell may run over
_WIDEST = 256  # cells of a row that has more than its neighbours; what follows stays in the last one
_MOST_COLUMNS = 20_000
_QUOTED = re.compile(r'"[^"\n]*"')
# 1,234,567 in a print-out
_AMOUNT = re.compile(r"(?<=[ \u3000¥￥])\d{1,3}(?:,\d{3})+(?=[\s円]|\Z)")


def told(head: Head) -> str:
    """The delimiter of a text file, ``text`` for text without one, empty for what is no text."""
    hinted = head.name.lower().endswith((".csv", ".tsv"))
    return _told(bytes(head.data[: charset.SAMPLE]), len(head.data), hinted)


@lru_cache(maxsize=8)
def _told(sample: bytes, size: int, hinted: bool) -> str:
    if not charset.is_text(sample):
        return ""
    text = charset.decode(sample).text
    if size > len(sample):
        text = text.rpartition("\n")[0] or text
    return delimiter(text, hinted=hinted) or "text"


def delimiter(text: str, *, hinted: bool = False) -> str | None:
    """The character that divides the lines of ``text`` into the same number of cells again and again, if one does.

    ``hinted``: the name says that it is a table, so that a single line is believed.
    """
    bare = _QUOTED.sub("", text) if hinted else _AMOUNT.sub("", _QUOTED.sub("", text))
    some = [line for line in bare.splitlines()[:_SAMPLE_LINES] if line.strip()]
    found = [(weight, mark) for mark in DELIMITERS if (weight := _consistency(some, mark, hinted))]
    return max(found, key=lambda pair: pair[0])[1] if found else None


def _consistency(some: list[str], mark: str, hinted: bool) -> float:
    """How surely ``mark`` divides the lines: 0 for no, else more for the same count in more lines."""
    counts = Counter(line.count(mark) for line in some)
    divided = sum(times for count, times in counts.items() if count)
    if not divided:
        return 0.0
    alike, usual = max((times, count) for count, times in counts.items() if count)
    share, same = divided / len(some), alike / len(some)
    if hinted:
        return 0.01 + share * same * min(usual, 4)
    if sum(line.count(f"{mark} ") for line in some) * 2 > sum(line.count(mark) for line in some):
        if len(some) < 3:
            return 0.0
        share, same = share * 0.75, same * 0.75  # as prose has it
    certain = (same >= 0.8 and len(some) > 1) if usual == 1 else (same >= 0.4 and share >= 0.5)
    return share * same * min(usual, 4) if certain else 0.0


def grids(data: bytes | memoryview, mark: str, frame: Frame = Frame.LINE, base: str = "") -> Iterator[Grid | Gap]:
    """The rows of a delimited text. A large one comes in several Grids.

    They bear the same place but for ``first``, the line number of their first row; only the first of them begins
    with the header. A quoted cell that runs over lines makes the rows after it, within its Grid, stand one line
    further down than they are counted.
    """
    waiting, replaced = b"", 0
    for chunk in lines.chunks(data):
        replaced += chunk.replaced
        text = b"\n".join((waiting, chunk.data)) if waiting else chunk.data
        first = chunk.first - (waiting.count(b"\n") + 1 if waiting else 0)
        cells, waiting = table(text, mark, whole=chunk.last)
        if cells.height:
            yield Grid(_as_text(cells, text), Place(frame, base, first))
    if replaced:
        yield Gap(Reason.UNDECODED, f"{replaced} places")


def _as_text(cells: pl.DataFrame, data: bytes) -> pl.DataFrame:
    """``="0123"`` is how a file tells Excel that 0123 is text: the cell is what stands in it."""
    if b'="' not in data:
        return cells
    return cells.with_columns(pl.all().str.replace(r'(?s)^="(.*)"$', "${1}"))


def table(data: bytes, mark: str, *, whole: bool = True) -> tuple[pl.DataFrame, bytes]:
    """The rows of UTF-8 text as String columns "0", "1", ..., and the lines at its end that wait for a closing quote.

    A blank line is a row of nulls, as is an empty cell. Where ``whole`` says that nothing follows, nothing waits.
    """
    if b'"' not in data:
        return _parsed(data, mark, None), b""
    cells = _line_by_line(data, mark)
    if cells is not None:
        return cells, b""
    mended, waiting = _Mender(data.decode().replace("\r\n", "\n").split("\n"), mark, whole).mended()
    return _parsed(mended.encode(), mark, '"'), waiting.encode()


def _line_by_line(data: bytes, mark: str) -> pl.DataFrame | None:
    """The rows of quoted text, if each physical line gives one."""
    usual, width, _ = _widths(data, mark)
    try:
        cells = _read(data, mark, '"', width)
    except pl.exceptions.ComputeError:
        return None
    return _trimmed(_without_empty(cells, data), usual) if cells.height == data.count(b"\n") + 1 else None


def _parsed(data: bytes, mark: str, quote: str | None) -> pl.DataFrame:
    """The rows of well quoted text, none of them cut."""
    usual, width, limit = _widths(data, mark)
    try:
        cells = _read(data, mark, quote, width)
    except pl.exceptions.ComputeError:
        cells = _ragged(data.decode().split("\n"), mark, quote, limit)
    return _trimmed(_without_empty(cells, data) if quote else cells, usual)


def _widths(data: bytes, mark: str) -> tuple[int, int, int]:
    """The usual number of cells in a line, the most that one may have, and the most that any row gets."""
    sample = data[: charset.SAMPLE].decode("utf-8", "ignore")
    usual = Counter(line.count(mark) for line in _QUOTED.sub("", sample).split("\n")).most_common(1)[0][0] + 1
    limit = max(_WIDEST, 2 * usual)
    return usual, min(max(line.count(mark) for line in sample.split("\n")) + 1, limit), limit


def _without_empty(cells: pl.DataFrame, data: bytes) -> pl.DataFrame:
    """An empty cell in quotes is as null as one without."""
    if b'""' not in data:
        return cells
    return cells.with_columns(pl.when(pl.col(name) != "").then(pl.col(name)) for name in cells.columns)


def _ragged(physical: list[str], mark: str, quote: str | None, limit: int) -> pl.DataFrame:
    """Rows of different widths; what goes beyond ``limit`` cells stays in the last one."""
    counts = pl.Series(physical, dtype=pl.String).str.count_matches(mark, literal=True)
    for index in (counts >= limit).arg_true():
        physical[index] = _quoted(_fields(physical[index], mark, limit), mark)
        quote = '"'
    width = min(int(counts.max()) + 1, limit)  # type: ignore[arg-type]
    data = "\n".join(physical).encode()
    while width < _MOST_COLUMNS:
        try:
            return _read(data, mark, quote, width)
        except pl.exceptions.ComputeError:
            width *= 2  # a row over several lines has the marks of all of them
    raise UnreadableError(Reason.DAMAGED, "quotes")


def _trimmed(cells: pl.DataFrame, usual: int) -> pl.DataFrame:
    """Without empty columns at the right beyond the ``usual`` width: marks in quotes had been counted for them."""
    width = cells.width
    while width > usual and cells[:, width - 1].null_count() == cells.height:
        width -= 1
    return cells[:, :width]


def _read(data: bytes, mark: str, quote: str | None, width: int) -> pl.DataFrame:
    header = mark.join(str(i) for i in range(width)).encode()
    return pl.read_csv(
        b"".join((header, b"\n", data, b"\n")),
        separator=mark,
        quote_char=quote,
        infer_schema=False,
        truncate_ragged_lines=False,
    )


class _Mender:
    """Finds the lines whose quotes do not pair, joins those that belong together and quotes the others anew."""

    def __init__(self, physical: list[str], mark: str, whole: bool) -> None:
        self._lines, self._mark, self._whole = physical, mark, whole
        other, inner = f'[^{re.escape(mark)}"]*', '[^"]*(?:""[^"]*)*'
        cell = f'(?:{other}|"{inner}")'
        sep = re.escape(mark)
        self._fine = f"^{cell}(?:{sep}{cell})*$"
        self._opens = re.compile(f'(?:{cell}{sep})*"{inner}')
        self._closes = re.compile(f'{inner}"(?:{sep}{cell})*')
        self._closes_and_opens = re.compile(f'{inner}"(?:{sep}{cell})*{sep}"{inner}')
        self._stays = re.compile(inner)
        series = pl.Series(physical, dtype=pl.String)
        suspect = series.str.contains('"', literal=True) & ~series.str.contains(f"(?s){self._fine}")
        self._suspects = suspect.arg_true().to_list()
        fine = (line.count(mark) for i, line in enumerate(physical[:1000]) if '"' not in line and line)
        self._usual = Counter(fine).most_common(1)

    def mended(self) -> tuple[str, str]:
        """The text with every line well quoted, and the lines at its end that wait for a closing quote."""
        out: list[str] = []
        done = 0
        for suspect in self._suspects:
            if suspect < done:
                continue
            out += self._lines[done:suspect]
            run = self._run(suspect)
            if run is None:
                return "\n".join(out), "\n".join(self._lines[suspect:])
            if run == 0:
                out.append(_quoted(_fields(self._lines[suspect], self._mark), self._mark))
            else:
                out += self._lines[suspect : suspect + run]
            done = suspect + max(run, 1)
        return "\n".join(out + self._lines[done:]), ""

    def _run(self, start: int) -> int | None:
        """Over how many lines the row that begins at ``start`` runs; 0: its quotes pair with nothing; None: wait."""
        if not self._opens.fullmatch(self._lines[start]):
            return 0
        end = min(start + _LONGEST_CELL, len(self._lines))
        for at in range(start + 1, end):
            line = self._lines[at]
            if '"' not in line:
                if self._usual and self._usual[0][0] and line.count(self._mark) == self._usual[0][0]:
                    return 0  # a row like all others is no part of a cell
            elif self._closes.fullmatch(line):
                return at - start + 1
            elif not self._closes_and_opens.fullmatch(line) and not self._stays.fullmatch(line):
                return 0
        return None if end == len(self._lines) and not self._whole else 0


def _fields(line: str, mark: str, limit: int = 0) -> list[str]:
    """The cells of one line: well quoted ones without their quotes, others as they stand."""
    sep = re.escape(mark)
    pattern = re.compile(f'[ \\t]*"([^"]*(?:""[^"]*)*)"[ \\t]*(?={sep}|$)|([^{sep}]*)')
    cells: list[str] = []
    at = 0
    while at <= len(line):
        if limit and len(cells) == limit - 1:
            return [*cells, line[at:]]
        found = pattern.match(line, at)
        if found is None:
            break
        cells.append(found[2] if found[1] is None else found[1].replace('""', '"'))
        at = found.end() + 1
    return cells


def _quoted(cells: list[str], mark: str) -> str:
    return mark.join('"' + cell.replace('"', '""') + '"' if '"' in cell or mark in cell else cell for cell in cells)
