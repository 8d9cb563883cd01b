"""Reads the marks of a PDF page: text, ruled lines, form fields, notes.

Text that runs upwards, downwards (vertical writing) or upside down is turned first, and the lines with it.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import Any

import pypdfium2.raw as pdfium

from sekisho.documents.pdf_marks import Page, Rule, spread
from sekisho.documents.pdf_runs import GAP, TURNS, Box, Glyph, Turn, direction, runs_of

_BEYOND = 0x110000  # no character has this code or a higher one
_SPECIAL = frozenset((0x02, 0x20, 0xA0, 0xFFFE, *range(0xD800, 0xE000)))
_THIN, _SHORT = 2.6, 4.0
_DEEP = 8
_WIDGET, _FREE_TEXT, _POPUP, _LINK = 20, 3, 16, 2


def read_page(page: Any, form: Any) -> Page:
    """The marks of a pypdfium2 page; ``form`` is the raw form environment or None."""
    glyphs = _glyphs(page.raw)
    way = direction(glyphs)
    turn = TURNS[way]
    if way != "right":
        glyphs = [(glyph[0], *turn(*glyph[1:])) for glyph in glyphs]
    result = runs_of(glyphs)
    _take_shapes(page.raw, turn, result, page.get_size())
    _take_annotations(page.raw, form, turn, result)
    return result


def _glyphs(page: Any) -> list[Glyph]:
    """Each character with its box, y counted downwards; white space has none."""
    text_page = pdfium.FPDFText_LoadPage(page)
    if not text_page:
        return []
    unicode, box = pdfium.FPDFText_GetUnicode, pdfium.FPDFText_GetLooseCharBox
    edges = (ctypes.c_float * 4)()
    place = ctypes.cast(edges, ctypes.POINTER(pdfium.FS_RECTF))
    found: list[Glyph] = []
    usual: set[float] = set()  # heights of boxes that are known to span the line
    height = 0.0  # the last of them
    try:
        for i in range(pdfium.FPDFText_CountChars(text_page)):
            code = unicode(text_page, i)
            character = chr(code) if code not in _SPECIAL and code < _BEYOND else _special(text_page, i, code)
            if character > " " and box(text_page, i, place):
                left, top, right, bottom = edges
                glyph = (character, left, -top, right, -bottom)
                if not -0.01 < top - bottom - height < 0.01:
                    height = round(top - bottom, 2)
                    if height not in usual:
                        glyph = _spanning(text_page, i, whole := glyph)
                        usual |= {height} if glyph is whole else set()
                found.append(glyph)
            elif character == " ":
                found.append((" ", 0.0, 0.0, 0.0, 0.0))
    finally:
        pdfium.FPDFText_ClosePage(text_page)
    return found


def _spanning(text_page: Any, i: int, glyph: Glyph) -> Glyph:
    """The glyph with a box as high as its line, where pdfium gives only the box of its ink (fonts drawn as shapes)."""
    matrix = pdfium.FS_MATRIX()
    x, y = ctypes.c_double(), ctypes.c_double()
    character, left, top, right, bottom = glyph
    if not pdfium.FPDFText_GetMatrix(text_page, i, ctypes.byref(matrix)) or abs(matrix.b) + abs(matrix.c) > 0.01:
        return glyph
    size = pdfium.FPDFText_GetFontSize(text_page, i) * abs(matrix.d)
    if bottom - top >= 0.95 * size or not 2 < size < 200:
        return glyph
    pdfium.FPDFText_GetCharOrigin(text_page, i, ctypes.byref(x), ctypes.byref(y))
    right = x.value + size if character > "\u2e80" else right
    return character, min(left, x.value), -y.value - 0.88 * size, right, -y.value + 0.12 * size


def _special(text_page: Any, i: int, code: int) -> str:
    """What a code of pdfium stands for: a hyphen at the end of a line, a space it concluded, half a character."""
    if code >= _BEYOND:
        return "\ufffd"
    if code in (0x02, 0xFFFE):
        return "-"
    if code == 0x20 and pdfium.FPDFText_IsGenerated(text_page, i):
        return GAP
    if 0xDC00 <= code < 0xE000 and i:
        high = pdfium.FPDFText_GetUnicode(text_page, i - 1)
        return chr(0x10000 + ((high - 0xD800) << 10) + code - 0xDC00) if 0xD800 <= high < 0xDC00 else "\ufffd"
    return " " if code in (0x20, 0xA0) else "\0"


def _take_shapes(page: Any, turn: Turn, result: Page, size: tuple[float, float]) -> None:
    area = max(1.0, size[0] * size[1])
    count = pdfium.FPDFPage_CountObjects(page)
    for i in range(count):
        shape = pdfium.FPDFPage_GetObject(page, i)
        _take_shape(shape, (1.0, 0.0, 0.0, 1.0, 0.0, 0.0), turn, result, area, 0)


_Matrix = tuple[float, float, float, float, float, float]


def _take_shape(shape: Any, outer: _Matrix, turn: Turn, result: Page, area: float, depth: int) -> None:
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


def _take_path(path: Any, matrix: _Matrix, turn: Turn, result: Page) -> None:
    """Straight level and upright strokes, thin filled bars, and the sides of stroked boxes."""
    mode, stroked = ctypes.c_int(), ctypes.c_int()
    pdfium.FPDFPath_GetDrawMode(path, ctypes.byref(mode), ctypes.byref(stroked))
    for points in _subpaths(path, matrix):
        boxes = [turn(min(x, u), min(y, v), max(x, u), max(y, v)) for (x, y), (u, v) in pairwise(points)]
        if not boxes:
            continue
        left, top, right, bottom = zip(*boxes, strict=True)
        hull = Box(min(left), min(top), max(right), max(bottom))
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
        point = (a * x.value + c * y.value + e, -(b * x.value + d * y.value + f))
        if pdfium.FPDFPathSegment_GetType(segment) == pdfium.FPDF_SEGMENT_MOVETO and points:
            yield points
            points = []
        points.append(point)
        if pdfium.FPDFPathSegment_GetClose(segment):
            points.append(points[0])
    yield points


def _take_line(box: Box, result: Page) -> None:
    width, height = box.right - box.left, box.bottom - box.top
    if height <= _THIN and width >= _SHORT:
        result.across.append(Rule((box.top + box.bottom) / 2, box.left, box.right))
    elif width <= _THIN and height >= _SHORT:
        result.down.append(Rule((box.left + box.right) / 2, box.top, box.bottom))


def _take_annotations(page: Any, form: Any, turn: Turn, result: Page) -> None:
    for i in range(min(pdfium.FPDFPage_GetAnnotCount(page), 20_000)):
        note = pdfium.FPDFPage_GetAnnot(page, i)
        if not note:
            continue
        kind = pdfium.FPDFAnnot_GetSubtype(note)
        result.fields += kind == _WIDGET
        if kind == _WIDGET and form:
            _place(note, _field_text(form, note), turn, result)
        elif kind == _FREE_TEXT:
            _place(note, _contents(note), turn, result)
        elif kind not in (_WIDGET, _POPUP, _LINK):
            result.notes += [line for line in _contents(note).splitlines() if line.strip()]
        pdfium.FPDFPage_CloseAnnot(note)


def _place(note: Any, text: str, turn: Turn, result: Page) -> None:
    """Puts the text of a field or note where it is shown, its lines one below the other."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    rect = pdfium.FS_RECTF()
    if not lines or not pdfium.FPDFAnnot_GetRect(note, ctypes.byref(rect)):
        return
    box = turn(rect.left, -max(rect.bottom, rect.top), rect.right, -min(rect.bottom, rect.top))
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
