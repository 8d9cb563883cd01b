"""Lines of a page as text: in reading order, a sentence that was wrapped whole again."""

from __future__ import annotations

import re
import statistics
from collections.abc import Iterable, Iterator, Sequence

from sekisho.documents.blocks import Block
from sekisho.documents.pdf_cells import Part, line_text, wraps
from sekisho.documents.pdf_marks import Run

_HIRAGANA = re.compile("[ぁ-ん]")
_ENDED = "。．.！？!?」』）)：:"

Line = list[Run]


def in_order(parts: Iterable[Part]) -> Iterator[Block]:
    """The blocks of a page from top to bottom; lines that follow each other are read together."""
    lines: list[Line] = []
    for part in sorted(parts, key=lambda part: (part.top, part.left)):
        if part.line:
            lines.append(part.line)
            continue
        if lines:
            yield as_text(lines)
            lines = []
        if part.block is not None:
            yield part.block
    if lines:
        yield as_text(lines)


def character_width(runs: Sequence[Run]) -> float:
    """The width of a full-width character of this text, or what comes near it where there is none."""
    widths = [
        right - left
        for run in runs[:2000]
        for character, left, right in zip(run.text, run.lefts, run.rights, strict=True)
        if character > "\u3000" and right > left
    ]
    return statistics.median(widths or [run.height for run in runs if run.height > 0] or [10.0])


def as_text(lines: Sequence[Line]) -> str:
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


def top(line: Line) -> float:
    """Where the line begins."""
    return min(run.top for run in line)


def bottom(lines: Sequence[Line]) -> float:
    """Where the last of the lines ends."""
    return max(run.bottom for line in lines for run in line)
