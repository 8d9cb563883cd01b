"""Reads the marks of a PDF page: text, ruled lines, form fields, notes.

Text that runs upwards, downwards (vertical writing) or upside down is turned first, and the lines with it.
"""

from __future__ import annotations

import ctypes
from collections import Counter
from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import Any, NamedTuple

import pypdfium2.raw as pdfium

from sekisho.documents.pdf_marks import Page, Rule, Run, spread

_GAP = "\u200a"  # stands for a space that pdfium only concludes from a gap
_SPACES = frozenset(" \u200a\u00a0\u2000\u2001\u2002\u2003\u2004\u2005\u2009\u202f\u3000\t")
_HYPHENS = (0x02, 0xFFFE)  # what pdfium makes of a hyphen at the end of a line
_OVERLAP, _JOINED, _SPACED, _WIDE = 0.15, 0.3, 0.6, 1.6  # gaps in heights of the text
_THIN, _SHORT = 2.6, 4.0
_DEEP = 8
_WIDGET, _FREE_TEXT, _POPUP, _LINK = 20, 3, 16, 2


class _Box(NamedTuple):
    left: float
    top: float
    right: float
    bottom: float


_Turn = Callable[[float, float, float, float], _Box]
_TURNS: dict[str, _Turn] = {
    "right": lambda left, bottom, right, top: _Box(left, -top, right, -bottom),
    "left": lambda left, bottom, right, top: _Box(-right, bottom, -left, top),
    "up": lambda left, bottom, right, top: _Box(bottom, left, top, right),
    "down": lambda left, bottom, right, top: _Box(-top, -right, -bottom, -left),
}


def read_page(page: Any, form: Any) -> Page:
    """The marks of a pypdfium2 page; ``form`` is the raw form environment or None."""
    result = Page()
    glyphs = list(_glyphs(page.raw))
    turn = _TURNS[_direction(glyphs)]
    _take_runs(glyphs, turn, result)
    _take_shapes(page.raw, turn, result, page.get_size())
    _take_annotations(page.raw, form, turn, result)
    return result


_Glyph = tuple[str, float, float, float, float]


def _glyphs(page: Any) -> Iterator[_Glyph]:
    """Each character with its box (left, bottom, right, top); white space with a box of no width."""
    text_page = pdfium.FPDFText_LoadPage(page)
    if not text_page:
        return
    unicode, box = pdfium.FPDFText_GetUnicode, pdfium.FPDFText_GetLooseCharBox
    generated = pdfium.FPDFText_IsGenerated
    rect = pdfium.FS_RECTF()
    place = ctypes.byref(rect)
    high = 0
    try:
        for i in range(pdfium.FPDFText_CountChars(text_page)):
            code = unicode(text_page, i)
            if 0xD800 <= code < 0xDC00:
                high = code
                continue
            if high and 0xDC00 <= code < 0xE000:
                code = 0x10000 + ((high - 0xD800) << 10) + code - 0xDC00
            high = 0
            if code in _HYPHENS:
                code = 0x2D
            if code == 0x20 and generated(text_page, i):
                yield _GAP, 0.0, 0.0, 0.0, 0.0
            elif box(text_page, i, place):
                yield chr(code), rect.left, rect.bottom, rect.right, rect.top
    finally:
        pdfium.FPDFText_ClosePage(text_page)


def _direction(glyphs: list[_Glyph]) -> str:
    """Which way most of the text runs."""
    ways: Counter[str] = Counter()
    before: _Glyph | None = None
    for glyph in glyphs[:: max(1, len(glyphs) // 2000)] if len(glyphs) < 4000 else glyphs[:4000]:
        if glyph[0].isspace():
            before = None
            continue
        if before is not None:
            across = (glyph[1] + glyph[3]) - (before[1] + before[3])
            up = (glyph[2] + glyph[4]) - (before[2] + before[4])
            reach = 3 * (abs(glyph[4] - glyph[2]) + abs(glyph[3] - glyph[1]))
            if max(abs(across), abs(up)) <= reach:
                ways[("right" if across > 0 else "left") if abs(across) >= abs(up) else "up" if up > 0 else "down"] += 1
        before = glyph
    return ways.most_common(1)[0][0] if ways else "right"


def _take_runs(glyphs: list[_Glyph], turn: _Turn, page: Page) -> None:
    run: Run | None = None
    white = ""
    for character, *box in glyphs:
        if character in _SPACES:
            white += character
            continue
        if character < " " or character == "\x7f":
            continue
        left, top, right, bottom = turn(*box)
        page.characters += 1
        page.undecoded += character == "\ufffd" or "\ue000" <= character <= "\uf8ff"
        if run is None or not _follows(run, left, top, right, bottom, white):
            run = Run(character, left, top, right, bottom, [left], [right], _glue(run, left, top, bottom, white))
            page.runs.append(run)
        elif white or run.text[-1] != character or left - run.lefts[-1] > 0.3 * (right - left):
            _extend(run, character, left, top, right, bottom, white)
        white = ""
    page.runs = _once(page.runs)


def _extend(run: Run, character: str, left: float, top: float, right: float, bottom: float, white: str) -> None:
    """Adds a character and the white space before it to the run."""
    if white and not _is_only_set_apart(run, character, left, right, white):
        run.text += " " if white == _GAP else white
        run.lefts.append(run.right)
        run.rights.append(left)
    run.text += character
    run.lefts.append(left)
    run.rights.append(right)
    run.right = right
    if top < run.top:
        run.top = top
    if bottom > run.bottom:
        run.bottom = bottom


def _is_only_set_apart(run: Run, character: str, left: float, right: float, white: str) -> bool:
    """Whether the space is no space, but the quarter em that typesetting puts between kanji and digits or letters."""
    before = run.text[-1]
    if white != _GAP or (before > "\u2e80") == (character > "\u2e80"):
        return False
    em = run.rights[-1] - run.lefts[-1] if before > "\u2e80" else right - left
    return left - run.right < 0.3 * em


def _follows(run: Run, left: float, top: float, right: float, bottom: float, white: str) -> bool:
    """Whether a character goes on with the run: same line, no more than a usual gap after it."""
    height = max(bottom - top, 0.1)
    if len(white) > 1 or abs(top + bottom - run.top - run.bottom) > 0.7 * max(height, run.bottom - run.top):
        return False
    limit = _WIDE if white == "\u3000" else _SPACED if white else _JOINED
    return -_OVERLAP * height < left - run.right < limit * height


def _glue(before: Run | None, left: float, top: float, bottom: float, white: str) -> str:
    """White space that stands in the text between a run and the next on the same line."""
    if before is None or left < before.right or abs((top + bottom) / 2 - before.middle) > 0.4 * (bottom - top):
        return ""
    white = white.replace(_GAP, "")
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


def _take_shapes(page: Any, turn: _Turn, result: Page, size: tuple[float, float]) -> None:
    area = max(1.0, size[0] * size[1])
    count = pdfium.FPDFPage_CountObjects(page)
    for i in range(count):
        shape = pdfium.FPDFPage_GetObject(page, i)
        _take_shape(shape, (1.0, 0.0, 0.0, 1.0, 0.0, 0.0), turn, result, area, 0)


_Matrix = tuple[float, float, float, float, float, float]


def _take_shape(shape: Any, outer: _Matrix, turn: _Turn, result: Page, area: float, depth: int) -> None:
    kind = pdfium.FPDFPageObj_GetType(shape)
    if kind == pdfium.FPDF_PAGEOBJ_PATH:
        result.drawn += 1
        _take_path(shape, _combined(_matrix(shape), outer), turn, result)
    elif kind in (pdfium.FPDF_PAGEOBJ_IMAGE, pdfium.FPDF_PAGEOBJ_SHADING):
        a, b, c, d, _, _ = _combined(_matrix(shape), outer)
        result.pictured += abs(a * d - b * c) / area if kind == pdfium.FPDF_PAGEOBJ_IMAGE else 0
    elif kind == pdfium.FPDF_PAGEOBJ_FORM and depth < _DEEP:
        inner = _combined(_matrix(shape), outer)
        for i in range(pdfium.FPDFFormObj_CountObjects(shape)):
            _take_shape(pdfium.FPDFFormObj_GetObject(shape, i), inner, turn, result, area, depth + 1)


def _matrix(shape: Any) -> _Matrix:
    m = pdfium.FS_MATRIX()
    if not pdfium.FPDFPageObj_GetMatrix(shape, ctypes.byref(m)):
        return (1.0, 0.0, 0.0, 1.0, 0.0, 0.0)
    return (m.a, m.b, m.c, m.d, m.e, m.f)


def _combined(m: _Matrix, n: _Matrix) -> _Matrix:
    return (
        m[0] * n[0] + m[1] * n[2],
        m[0] * n[1] + m[1] * n[3],
        m[2] * n[0] + m[3] * n[2],
        m[2] * n[1] + m[3] * n[3],
        m[4] * n[0] + m[5] * n[2] + n[4],
        m[4] * n[1] + m[5] * n[3] + n[5],
    )


def _take_path(path: Any, matrix: _Matrix, turn: _Turn, result: Page) -> None:
    """Straight level and upright strokes, thin filled bars, and the sides of stroked boxes."""
    mode, stroked = ctypes.c_int(), ctypes.c_int()
    pdfium.FPDFPath_GetDrawMode(path, ctypes.byref(mode), ctypes.byref(stroked))
    for points in _subpaths(path, matrix):
        boxes = [turn(min(x, u), min(y, v), max(x, u), max(y, v)) for (x, y), (u, v) in pairwise(points)]
        if not boxes:
            continue
        left, top, right, bottom = zip(*boxes, strict=True)
        hull = _Box(min(left), min(top), max(right), max(bottom))
        if min(hull.right - hull.left, hull.bottom - hull.top) <= _THIN:
            _take_line(hull, result)
        elif stroked.value:
            for box in boxes:
                _take_line(box, result)


def _subpaths(path: Any, matrix: _Matrix) -> Iterator[list[tuple[float, float]]]:
    x, y = ctypes.c_float(), ctypes.c_float()
    a, b, c, d, e, f = matrix
    points: list[tuple[float, float]] = []
    for i in range(min(pdfium.FPDFPath_CountSegments(path), 20_000)):
        segment = pdfium.FPDFPath_GetPathSegment(path, i)
        pdfium.FPDFPathSegment_GetPoint(segment, ctypes.byref(x), ctypes.byref(y))
        point = (a * x.value + c * y.value + e, b * x.value + d * y.value + f)
        if pdfium.FPDFPathSegment_GetType(segment) == pdfium.FPDF_SEGMENT_MOVETO and points:
            yield points
            points = []
        points.append(point)
        if pdfium.FPDFPathSegment_GetClose(segment):
            points.append(points[0])
    yield points


def _take_line(box: _Box, result: Page) -> None:
    width, height = box.right - box.left, box.bottom - box.top
    if height <= _THIN and width >= _SHORT:
        result.across.append(Rule((box.top + box.bottom) / 2, box.left, box.right))
    elif width <= _THIN and height >= _SHORT:
        result.down.append(Rule((box.left + box.right) / 2, box.top, box.bottom))


def _take_annotations(page: Any, form: Any, turn: _Turn, result: Page) -> None:
    for i in range(min(pdfium.FPDFPage_GetAnnotCount(page), 20_000)):
        note = pdfium.FPDFPage_GetAnnot(page, i)
        if not note:
            continue
        kind = pdfium.FPDFAnnot_GetSubtype(note)
        if kind == _WIDGET and form:
            _place(note, _field_text(form, note), turn, result)
        elif kind == _FREE_TEXT:
            _place(note, _contents(note), turn, result)
        elif kind not in (_WIDGET, _POPUP, _LINK):
            result.notes += [line for line in _contents(note).splitlines() if line.strip()]
        pdfium.FPDFPage_CloseAnnot(note)


def _place(note: Any, text: str, turn: _Turn, result: Page) -> None:
    """Puts the text of a field or note where it is shown, its lines one below the other."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    rect = pdfium.FS_RECTF()
    if not lines or not pdfium.FPDFAnnot_GetRect(note, ctypes.byref(rect)):
        return
    box = turn(rect.left, min(rect.bottom, rect.top), rect.right, max(rect.bottom, rect.top))
    step = (box.bottom - box.top) / len(lines)
    for i, line in enumerate(lines):
        top = box.top + i * step
        result.characters += len(line)
        result.runs.append(spread(line, box.left, top, box.right, top + step))


def _field_text(form: Any, note: Any) -> str:
    """What a form field shows: its value, a chosen option, a mark for a box that is ticked or not."""
    kind = pdfium.FPDFAnnot_GetFormFieldType(form, note)
    if kind in (pdfium.FPDF_FORMFIELD_CHECKBOX, pdfium.FPDF_FORMFIELD_RADIOBUTTON):
        return "☑" if pdfium.FPDFAnnot_IsChecked(form, note) else "☐"
    if kind in (pdfium.FPDF_FORMFIELD_PUSHBUTTON, pdfium.FPDF_FORMFIELD_SIGNATURE):
        return ""
    return _wide(lambda buffer, size: pdfium.FPDFAnnot_GetFormFieldValue(form, note, buffer, size))


def _contents(note: Any) -> str:
    return _wide(lambda buffer, size: pdfium.FPDFAnnot_GetStringValue(note, b"Contents", buffer, size))


def _wide(ask: Callable[[Any, int], int]) -> str:
    """A UTF-16 text that pdfium gives in two calls: how long it is, then the text."""
    size = ask(None, 0)
    if size <= 2:
        return ""
    buffer = ctypes.create_string_buffer(size)
    ask(ctypes.cast(buffer, ctypes.POINTER(pdfium.FPDF_WCHAR)), size)
    return buffer.raw[: size - 2].decode("utf-16-le", "replace").replace("\r\n", "\n").replace("\r", "\n")
