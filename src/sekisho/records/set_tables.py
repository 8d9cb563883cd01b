"""Tables inside a text: drawn with bars, parted by tabs or commas, or set in columns with blanks."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import polars as pl

from sekisho.countries.headers import UNKNOWN, meaning
from sekisho.countries.speech import any_of
from sekisho.records import evidence
from sekisho.records.dump import FILLER, sliced, widened
from sekisho.records.gate import persons_near
from sekisho.records.labels import known_label
from sekisho.records.shapes import fold
from sekisho.records.units import depth, is_rule

_BARS = re.compile(r"[│┃|｜║]")
_LABELLED = re.compile(r"[^\s\d:：]{1,16}[ \u3000]?[:：][ \u3000]*[^\s/]")
_GAP = 8
_REACH = 6
_TITLES = 3
_LONGEST = 2000  # characters of a line; a longer one is no row of a table that is set
_SAMPLE = 50
_Label = tuple[int, str]  # where it begins, and the label


@dataclass(frozen=True, slots=True)
class SetTable:
    """Rows of cells and the lines where they stand; ``lines`` are the table's own, titles above it left out."""

    cells: list[list[str | None]]
    rows: list[int]
    lines: list[int]


def set_tables(lines: Sequence[str]) -> Iterator[SetTable]:
    """The tables that may stand in a text, from top to bottom."""
    kinds = [""] * len(lines)
    for row in persons_near(lines, _REACH):
        kinds[row] = _kind(lines[row])
    for kind, cut in _CUTS.items():
        for rows in _runs(kinds, kind):
            for part in _before_other_lines(lines, rows, kind):
                made = cut([lines[row] for row in part])
                if made is not None:
                    titles = _titles(lines, kinds, part[0])
                    above: list[list[str | None]] = [[lines[row].strip()] for row in titles]
                    yield SetTable([*above, *made], [*titles, *part], part)


def _kind(line: str) -> str:
    """How a line's cells are parted; empty where it is no line of a table."""
    text = line[depth(line)[1] :]
    if len(text) > _LONGEST:
        return ""
    if is_rule(text):
        return "rule"
    if len(_BARS.findall(text)) >= 2:
        return "bars"
    if text.count("\t") >= 2:
        return "tabs"
    if _commas(text) >= 2 and not _IN_A_SENTENCE.search(text):
        return "commas"
    if _LABELLED.search(text):
        return ""
    return "blanks" if len(_tokens(text)) >= 3 or _single_tokens(text) else ""


def _commas(text: str) -> int:
    """The commas that part cells: those within amounts of a line that is set with blanks part nothing."""
    spaced = len(_tokens(text)) >= 3
    return len(_PARTING_COMMA.findall(text)) if spaced else text.count(",")


_IN_A_SENTENCE = re.compile(r"[。]|, \w")
_PARTING_COMMA = re.compile(r",(?!(?<=\d,)\d{3}(?!\d))")
_BLANKS = re.compile(" {2,}")
_PARTING = re.compile(r"[│┃|｜║\t,]")
_FOUR_DIGITS = re.compile(r"\d{4}")


def _tokens(text: str) -> list[str]:
    return [token for token in _BLANKS.split(fold(text).strip()) if token]


_SENTENCE = re.compile(f"。|{any_of('sentence_ends')}")


def _single_tokens(text: str) -> bool:
    """Whether single blanks part what are labels or items, not words of a sentence."""
    tokens = text.split()
    if len(tokens) < 3 or _SENTENCE.search(text):
        return False
    return sum(bool(known_label(token)) for token in tokens) * 2 > len(tokens) or bool(_FOUR_DIGITS.search(fold(text)))


def _runs(kinds: Sequence[str], kind: str) -> Iterator[list[int]]:
    """Lines of one kind with nothing between them but rules, blanks and what a new page brings."""
    run: list[int] = []
    for row, one in enumerate(kinds):
        if one != kind:
            continue
        if run and row - run[-1] > 1 and _breaks(kinds[run[-1] + 1 : row]):
            yield from [run] if len(run) > 1 else []
            run = []
        run.append(row)
    if len(run) > 1:
        yield run


def _breaks(between: Sequence[str]) -> bool:
    return len(between) > _GAP or sum(kind != "rule" for kind in between) > _TITLES


def _by_header(lines: Sequence[str], rows: Sequence[int]) -> Iterator[list[int]]:
    """A run cut where another header begins."""
    part: list[int] = []
    head = ""
    for row in rows:
        text = "".join(fold(lines[row]).split())
        if is_head(lines[row]) and text != head:
            if len(part) > 1:
                yield part
            part, head = [], text
        part.append(row)
    if len(part) > 1:
        yield part


def _before_other_lines(lines: Sequence[str], rows: Sequence[int], kind: str) -> Iterator[list[int]]:
    """The parts of a run, each without what stands apart below it and has not as many words as its header."""
    for part in _by_header(lines, rows):
        width = len(_tokens_of(lines[part[0]])) if kind == "blanks" and is_head(lines[part[0]]) else 0
        even = max((i + 1 for i, row in enumerate(part) if len(_tokens_of(lines[row])) == width), default=0)
        apart = 1 < even < len(part) and part[even] > part[even - 1] + 1
        yield part[:even] if width >= _COLUMNS and apart else part


_COLUMNS = 3


def is_head(line: str) -> bool:
    """Whether at least two words of a line, and most of them, are labels of items."""
    tokens = _head_tokens(line)
    known = [token for token in tokens if meaning(token) != UNKNOWN]
    return len(known) >= 2 and len(known) * 2 >= len(tokens) and not _FOUR_DIGITS.search(fold(line))


def _head_tokens(line: str) -> list[str]:
    parted = [cell for cell in _PARTING.split(line) if cell.strip()]
    if len(parted) > 1:
        return [cell.strip() for cell in parted]
    tokens = _tokens(line)
    return tokens if len(tokens) >= 2 else line.split()


def _titles(lines: Sequence[str], kinds: Sequence[str], first: int) -> list[int]:
    """The lines right above a table that may be its title."""
    above = [row for row in range(max(0, first - 5), first) if lines[row].strip() and kinds[row] != "rule"]
    return above[-_TITLES:]


Cut = Callable[[Sequence[str]], list[list[str | None]] | None]


def _by_bars(lines: Sequence[str]) -> list[list[str | None]] | None:
    rows = [[_cell(cell) for cell in _BARS.split(line)] for line in lines]
    if all(row[0] is None for row in rows) and all(row[-1] is None for row in rows):
        rows = [row[1:-1] for row in rows]
    return rows


def _by_mark(mark: str) -> Cut:
    def cut(lines: Sequence[str]) -> list[list[str | None]] | None:
        rows = [[_cell(cell) for cell in line.split(mark)] for line in lines]
        width, times = Counter(len(row) for row in rows).most_common(1)[0]
        return rows if width >= 3 and times * 10 >= len(rows) * 8 else None

    return cut


def _cell(text: str) -> str | None:
    return text.strip().strip('"') or None


def _by_blanks(lines: Sequence[str]) -> list[list[str | None]] | None:
    """By equal counts of words where they are equal, else by the columns in which the words stand."""
    for split in (_tokens_of, str.split):
        rows = [split(line) for line in lines]
        width = len(rows[0])
        if width >= 3 and all(len(row) == width for row in rows) and (split is _tokens_of or is_head(lines[0])):
            return [list(row) for row in rows]
    return _by_position(lines)


def _tokens_of(line: str) -> list[str]:
    """Words parted by two blanks or more, as written."""
    return [token for token in re.split(r" {2,}|\u3000{2,}| \u3000|\u3000 |\t", line.strip()) if token]


def _by_position(lines: Sequence[str]) -> list[list[str | None]] | None:
    wide = widened(pl.Series(lines, dtype=pl.String))
    if not is_head(lines[0]):
        starts = _starts(wide)
        return [list(row) for row in zip(*_columns(wide, starts), strict=True)] if len(starts) >= 3 else None
    labels = _labels_at(wide[0])
    body = wide.slice(1)
    starts = _starts(body)
    if len(starts) < len(labels):
        starts = _starts_below(labels, body)
    if len(starts) < 3:
        return None
    columns = list(_columns(body, starts))
    head: list[str | None] = [None] * len(starts)
    for (_, label), place in zip(labels, _places(labels, starts, columns), strict=True):
        head[place] = f"{head[place] or ''}{label}"
    return [head, *(list(row) for row in zip(*columns, strict=True))]


def _columns(wide: pl.Series, starts: Sequence[int]) -> Iterator[list[str | None]]:
    ends = [*starts[1:], None]
    return (sliced(wide, start, end).to_list() for start, end in zip(starts, ends, strict=True))


_FITS = 60  # a label over values of its kind outweighs so many positions of distance


def _places(labels: Sequence[_Label], starts: Sequence[int], columns: Sequence[Sequence[str | None]]) -> list[int]:
    """The column of each label, in order: over values of its kind, and near."""
    if len(labels) > len(starts):
        return [max(i for i, start in enumerate(starts) if start <= at or i == 0) for at, _ in labels]
    options: dict[int, tuple[float, list[int]]] = {-1: (0.0, [])}
    for index, (at, label) in enumerate(labels):
        last = len(starts) - (len(labels) - index)
        gains = {c: _gain(at, label, starts[c], columns[c]) for c in range(index, last + 1)}
        options = {
            c: max((score + gain, [*chosen, c]) for before, (score, chosen) in options.items() if before < c)
            for c, gain in gains.items()
            if any(before < c for before in options)
        }
    return max(options.values())[1]


def _gain(at: int, label: str, start: int, values: Sequence[str | None]) -> float:
    key = meaning(label).key
    held = evidence.sample_of(values[:_SAMPLE])
    fits = evidence.share(key, held) * max(evidence.looks(key, held), 0.2) if key else 0.0
    return _FITS * fits - abs(at - start)


def _flat(wide: pl.Series) -> pl.Series:
    return wide.str.replace_all(f"\u3000{FILLER}?", "  ")


def _blank_share(body: pl.Series, width: int) -> list[float]:
    flat = _flat(body).str.pad_end(width, " ")
    return [float((flat.str.slice(at, 1) == " ").sum()) / max(len(flat), 1) for at in range(width)]


def _width(body: pl.Series) -> int:
    longest = body.str.len_chars().max()
    return longest if isinstance(longest, int) else 0


def _starts(body: pl.Series) -> list[int]:
    """Where columns begin by their values: behind two blanks (one, where lines are many) that all lines share."""
    width = _width(body)
    blank = _blank_share(body, width)
    gap = 1 if len(body) >= 8 else 2
    first = next((at for at in range(width) if blank[at] < 0.97), 0)
    starts = [first]
    for at in range(first + gap, width):
        if blank[at] < 0.97 and all(share >= 0.97 for share in blank[at - gap : at]):
            starts.append(at)
    return [0, *starts[1:]]


def _starts_below(labels: Sequence[_Label], body: pl.Series) -> list[int]:
    """Where columns begin below a header: near each label, at the last position behind a blank in most lines."""
    width = max(_width(body), labels[-1][0] + 1)
    blank = _blank_share(body, width)
    starts = [0]
    for (before, _), (here, _) in pairwise(labels):
        reach = range(min(here, width - 1), max(before, starts[-1]), -1)
        starts.append(max(reach, key=lambda at: (round(blank[at - 1], 2), at), default=here))
    return starts


def _labels_at(head: str) -> list[_Label]:
    """The labels of a header with their positions; letters set apart (氏　　名) are one label."""
    found: list[_Label] = []
    flat = _flat(pl.Series([head]))[0]
    for match in re.finditer(r"[^ ]+(?: (?! )[^ ]+)*" if "  " in flat.strip() else r"[^ ]+", flat):
        text = match[0].replace(FILLER, "")
        if found and _spells(found[-1][1], text):
            found[-1] = (found[-1][0], found[-1][1] + text)
        else:
            found.append((match.start(), text))
    return found


def _spells(before: str, text: str) -> bool:
    """氏 and 名 are 氏名, 住 and 所 are 住所."""
    return (len(before) <= 3 and len(text) == 1 and meaning(before + text) != UNKNOWN and not meaning(before).key) or (
        len(before) == len(text) == 1 and meaning(before + text).is_item
    )


_CUTS: dict[str, Cut] = {"bars": _by_bars, "tabs": _by_mark("\t"), "commas": _by_mark(","), "blanks": _by_blanks}
