"""Puts the characters of a page together to runs: what follows each other on one line without a wide gap."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from typing import NamedTuple

from sekisho.documents.pdf_marks import Page, Run

Glyph = tuple[str, float, float, float, float]  # character, left, top, right, bottom
GAP = "\u200a"  # stands for a space that is only concluded from a gap
_SPACES = frozenset(" \u200a\u00a0\u2000\u2001\u2002\u2003\u2004\u2005\u2009\u202f\u3000\t")
_OVERLAP, _JOINED, _SPACED, _WIDE = 0.15, 0.3, 0.6, 1.6  # gaps in heights of the text
_SAMPLE = 600  # characters that tell which way the text runs


class Box(NamedTuple):
    """A rectangle; y counts downwards."""

    left: float
    top: float
    right: float
    bottom: float


Turn = Callable[[float, float, float, float], Box]
TURNS: dict[str, Turn] = {
    "right": Box,
    "left": lambda left, top, right, bottom: Box(-right, -bottom, -left, -top),
    "up": lambda left, top, right, bottom: Box(-bottom, left, -top, right),
    "down": lambda left, top, right, bottom: Box(top, -right, bottom, -left),
}


def direction(glyphs: Sequence[Glyph]) -> str:
    """Which way most of the text runs: ``right``, ``left``, ``up`` or ``down``."""
    ways: Counter[str] = Counter()
    start = max(0, len(glyphs) // 2 - _SAMPLE)
    for before, glyph in zip(glyphs[start : start + 2 * _SAMPLE], glyphs[start + 1 :], strict=False):
        if before[0] in _SPACES or glyph[0] in _SPACES:
            continue
        across = glyph[1] + glyph[3] - before[1] - before[3]
        down = glyph[2] + glyph[4] - before[2] - before[4]
        reach = 3 * (abs(glyph[4] - glyph[2]) + abs(glyph[3] - glyph[1]))
        if max(abs(across), abs(down)) > reach:
            continue
        if abs(across) >= abs(down):
            ways["right" if across > 0 else "left"] += 1
        else:
            ways["down" if down > 0 else "up"] += 1
    return ways.most_common(1)[0][0] if ways else "right"


def runs_of(glyphs: Sequence[Glyph]) -> Page:
    """A page with the runs of the characters, in their order; what is printed twice at a place counts once."""
    page = Page()
    run: Run | None = None
    white = ""
    for character, left, top, right, bottom in glyphs:
        if character in _SPACES:
            white += character
            continue
        page.characters += 1
        if run is None or not _follows(run, left, top, right, bottom, white):
            run = Run(character, left, top, right, bottom, [left], [right], _glue(run, left, top, bottom, white))
            page.runs.append(run)
        elif white or run.text[-1] != character or left - run.lefts[-1] > 0.3 * (right - left):
            if white and not _is_only_set_apart(run, character, left, right, white):
                run.text += " " if white == GAP else white
                run.lefts.append(run.right)
                run.rights.append(left)
            run.text += character
            run.lefts.append(left)
            run.rights.append(right)
            run.right = right
        white = ""
    page.undecoded = sum(c == "\ufffd" or "\ue000" <= c <= "\uf8ff" for run in page.runs for c in run.text)
    page.runs = _once(page.runs)
    return page


def _follows(run: Run, left: float, top: float, right: float, bottom: float, white: str) -> bool:
    """Whether a character goes on with the run: same line, no more than a usual gap after it."""
    height = bottom - top
    gap = left - run.right
    if not white:
        near = -_OVERLAP * height < gap < _JOINED * height
    else:
        near = len(white) == 1 and -_OVERLAP * height < gap < (_WIDE if white == "\u3000" else _SPACED) * height
    if not near:
        return False
    off, own = top + bottom - run.top - run.bottom, run.bottom - run.top
    return -0.7 * own < off < 0.7 * own or -0.7 * height < off < 0.7 * height


def _is_only_set_apart(run: Run, character: str, left: float, right: float, white: str) -> bool:
    """Whether the space is no space, but the quarter em that typesetting puts between kanji and digits or letters."""
    before = run.text[-1]
    if white != GAP or not (before > "\u2e80" or character > "\u2e80"):
        return False
    em = run.rights[-1] - run.lefts[-1] if before > "\u2e80" else right - left
    return left - run.right < 0.3 * em


def _glue(before: Run | None, left: float, top: float, bottom: float, white: str) -> str:
    """White space that stands in the text between a run and the next on the same line."""
    if not white or before is None or left < before.right:
        return ""
    if abs((top + bottom) / 2 - before.middle) > 0.4 * (bottom - top):
        return ""
    white = white.replace(GAP, "")
    return white if len(white) > 1 or white == "\u3000" else ""


def _once(runs: list[Run]) -> list[Run]:
    """Runs without those printed again at the same place (shadows, bold by double printing)."""
    seen = set()
    kept = []
    for run in runs:
        key = (run.text, round(run.left / 1.5), round(run.top / 1.5))
        if key not in seen:
            seen.add(key)
            kept.append(run)
    return kept
