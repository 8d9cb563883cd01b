"""Paragraphs and tables of WordprocessingML: what stands there, and what tracked changes took away."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lxml import etree

from sekisho.documents import phonetic
from sekisho.documents.blocks import Block, Table
from sekisho.documents.changes import Change, touched

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_MC = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
_P, _TBL, _TR, _TC = f"{W}p", f"{W}tbl", f"{W}tr", f"{W}tc"
_TC_PR, _SPAN, _MERGES = f"{W}tcPr", f"{W}gridSpan", (f"{W}vMerge", f"{W}hMerge")
_T, _TAB, _BR, _CR, _HYPHEN, _DEL_TEXT = (f"{W}{n}" for n in ("t", "tab", "br", "cr", "noBreakHyphen", "delText"))
_BOX, _RUBY, _FIELD, _ALTERNATE = f"{W}txbxContent", f"{W}ruby", f"{W}instrText", f"{_MC}AlternateContent"
_PLAIN = {_TAB: "\t", f"{W}ptab": "\t", _BR: "\n", _CR: "\n", _HYPHEN: "-"}
_SIMPLE = (_T, *_PLAIN)
_NOTES = (f"{W}footnote", f"{W}endnote")  # stand in the run itself in Word 2003's XML
_UNUSUAL = (
    *(_DEL_TEXT, _BOX, _RUBY, _FIELD, _ALTERNATE, *_NOTES),
    *(f"{W}{n}" for n in ("moveFrom", "ffData", "sdt", "customXml")),
)
_WRAPPERS = frozenset(
    f"{W}{n}" for n in ("sdt", "sdtContent", "customXml", "smartTag", "ins", "moveTo", "del", "moveFrom", "body")
)
_WRAPPERS_2003 = frozenset(
    f"{{http://schemas.microsoft.com/office/word/2003/auxHint}}{n}"
    for n in ("sect", "sub-section", "pBdrGroup", "borders")
)
_NOT_TEXT = frozenset((*_NOTES, f"{W}pPr", f"{W}rPr", f"{W}sdtPr", f"{W}moveFrom", f"{_MC}Fallback"))
_DEEP = 200
_PROMPT = re.compile(r"クリック|タップ|選択してください|[Cc]lick|[Cc]hoose an item|[Tt]ap ")


class Story:
    """Reads one story (body, header, comment...). ``deleted``: what tracked changes took away, in order."""

    def __init__(self) -> None:
        self.deleted: list[str] = []
        self.too_deep = False

    def blocks(self, container: etree._Element, depth: int = 0) -> Iterator[Block]:
        """The paragraphs and tables in a body, cell, text box, header or note, in reading order."""
        if depth > _DEEP:
            self.too_deep = True
            return
        for child in _flat(container):
            if child.tag == _P:
                yield from self._paragraph(child, depth)
            elif child.tag == _TBL:
                yield self._table(child, depth)

    def _paragraph(self, paragraph: etree._Element, depth: int) -> Iterator[Block]:
        if next(paragraph.iter(*_UNUSUAL), None) is None:
            yield _simple(paragraph)
            return
        runs = _Runs()
        runs.take(paragraph)
        if runs.removed:
            self.deleted += touched(runs.pieces)
        text = runs.text()
        if text.strip() or not (runs.removed or runs.boxes):
            yield text
        for box in runs.boxes:
            yield from self.blocks(box, depth + 1)

    def _table(self, element: etree._Element, depth: int) -> Table:
        table = Table([])
        plain = next(element.iterdescendants(_TBL, *_UNUSUAL), None) is None
        for row in element.iterchildren(_TR) if plain else _flat(element):
            if row.tag == _TR:
                table.rows.append(self._row(row, table, depth, plain=plain))
        return table

    def _row(self, row: etree._Element, table: Table, depth: int, *, plain: bool) -> list[str | None]:
        cells: list[str | None] = [None] * _cells_left_out(row)
        for cell in row.iterchildren(_TC) if plain else _flat(row):
            if cell.tag != _TC:
                continue
            span, goes_on = _cell_marks(cell)
            if plain:
                text = "\n".join([_simple(paragraph) for paragraph in cell.iterchildren(_P)]).strip("\n")
            else:
                text = self._cell(cell, table, depth)
            cells.append(None if goes_on and not text else text)
            if span > 1:
                cells += [None] * (span - 1)
        return cells

    def _cell(self, cell: etree._Element, table: Table, depth: int) -> str:
        lines: list[str] = []
        before = len(self.deleted)
        for block in self.blocks(cell, depth + 1):
            if isinstance(block, str):
                lines.append(block)
            else:
                table.nested.append(block)
        text = "\n".join(lines).strip("\n")
        if not text.strip() and len(self.deleted) > before:
            text = "\n".join(self.deleted[before:])
            del self.deleted[before:]
        return text


class _Runs:
    """The runs of one paragraph, each kept, added or removed by a tracked change; text boxes apart."""

    def __init__(self) -> None:
        self.pieces: list[tuple[str, Change]] = []
        self.boxes: list[etree._Element] = []
        self.removed = False
        self._change = Change.KEPT
        self._reading = ""
        self._code = ""

    def text(self) -> str:
        self._end_ruby()
        return "".join(text for text, change in self.pieces if change != Change.REMOVED)

    def take(self, element: etree._Element, depth: int = 0) -> None:
        for child in element:
            if child.tag in _NOT_TEXT or not isinstance(child.tag, str) or depth > _DEEP or _placeholder(child):
                continue
            if child.tag == f"{W}ins":
                self._change = Change.ADDED
                self.take(child, depth + 1)
                self._change = Change.KEPT
            elif child.tag == _RUBY:
                self._ruby(child)
            elif child.tag == _BOX:
                self.boxes.append(child)
            elif child.tag == _ALTERNATE:
                self._alternate(child, depth)
            elif not self._leaf(child):
                self.take(child, depth + 1)

    def _leaf(self, child: etree._Element) -> bool:
        if child.tag == _T:
            self._add(child.text or "")
        elif child.tag in _PLAIN:
            self._add(_PLAIN[child.tag])
        elif child.tag == _DEL_TEXT:
            self._add(child.text or "", Change.REMOVED)
        elif child.tag == _FIELD:
            self._code += child.text or ""
        elif child.tag == f"{W}fldChar":
            self._field(child)
        else:
            return False
        return True

    def _add(self, text: str, change: Change | None = None) -> None:
        if text:
            self._end_ruby()
            self.pieces.append((text, self._change if change is None else change))
            self.removed = self.removed or change == Change.REMOVED

    def _ruby(self, ruby: etree._Element) -> None:
        base, reading = ruby.find(f"{W}rubyBase"), ruby.find(f"{W}rt")
        self.pieces.append((_simple(base) if base is not None else "", self._change))
        self._reading += _simple(reading) if reading is not None else ""

    def _end_ruby(self) -> None:
        if self._reading:
            self.pieces.append((f"（{self._reading}）", self._change))
            self._reading = ""

    def _alternate(self, element: etree._Element, depth: int) -> None:
        boxes, pieces = len(self.boxes), len(self.pieces)
        choice, fallback = element.find(f"{_MC}Choice"), element.find(f"{_MC}Fallback")
        if choice is not None:
            self.take(choice, depth + 1)
        if fallback is not None and len(self.boxes) == boxes and len(self.pieces) == pieces:
            self.take(fallback, depth + 1)

    def _field(self, mark: etree._Element) -> None:
        self._add(_form_field(mark))
        if mark.get(f"{W}fldCharType") != "begin":
            found = phonetic.guide(self._code)
            if found:
                self.pieces.append((found.base, self._change))
                self._reading += found.reading
            self._code = ""


def _simple(element: etree._Element) -> str:
    found = list(element.iter(*_SIMPLE))
    if len(found) == 1 and found[0].tag == _T:
        return found[0].text or ""
    return "".join([(e.text or "") if e.tag == _T else _PLAIN[e.tag] for e in found if _visible(e)])


def _visible(element: etree._Element) -> bool:
    """False for a tab stop in paragraph properties, which shares its name with a tab in a run."""
    if element.tag != _TAB:
        return True
    parent = element.getparent()
    return parent is None or parent.tag != f"{W}tabs"


def _flat(container: etree._Element) -> Iterator[etree._Element]:
    """Children, with content controls, tracked moves and the like taken as if their frame were not there."""
    waiting = [iter(container)]
    while waiting:
        child = next(waiting[-1], None)
        if child is None:
            waiting.pop()
        elif (child.tag in _WRAPPERS or child.tag in _WRAPPERS_2003) and len(waiting) < _DEEP:
            if child.tag != f"{W}moveFrom" and not _placeholder(child):
                waiting.append(iter(child))
        elif child.tag == _ALTERNATE:
            choice = child.find(f"{_MC}Choice")
            if choice is not None:
                waiting.append(iter(choice))
        else:
            yield child


def _cells_left_out(row: etree._Element) -> int:
    """How many grid columns the row leaves out before its first cell."""
    for properties in row.iterchildren(f"{W}trPr"):
        for mark in properties.iterchildren(f"{W}gridBefore"):
            return _number(mark, 0)
    return 0


def _cell_marks(cell: etree._Element) -> tuple[int, bool]:
    """How many columns a cell spans, and whether it only goes on with a merged one."""
    span, goes_on = 1, False
    for properties in cell.iterchildren(_TC_PR):
        for mark in properties.iterchildren(_SPAN, *_MERGES):
            if mark.tag == _SPAN:
                span = _number(mark, 1)
            else:
                goes_on = goes_on or mark.get(f"{W}val", "continue") == "continue"
    return span, goes_on


def _number(mark: etree._Element | None, default: int) -> int:
    value = "" if mark is None else mark.get(f"{W}val", "")
    return min(int(value), 1000) if value.isdigit() else default


def _form_field(mark: etree._Element) -> str:
    """What a legacy drop-down or check box shows; text fields show their value as a run."""
    data = mark.find(f"{W}ffData")
    if data is None:
        return ""
    box, choices = data.find(f"{W}checkBox"), data.find(f"{W}ddList")
    if box is not None:
        checked = box.find(f"{W}checked")
        checked = box.find(f"{W}default") if checked is None else checked
        return "☑" if checked is not None and checked.get(f"{W}val", "1") not in ("0", "false") else "☐"
    if choices is not None:
        entries = [entry.get(f"{W}val", "") for entry in choices.findall(f"{W}listEntry")]
        chosen = _number(choices.find(f"{W}result"), 0)
        return entries[chosen] if chosen < len(entries) else ""
    return ""


def _placeholder(control: etree._Element) -> bool:
    """Whether a content control shows only its own prompt."""
    return (
        control.tag == f"{W}sdt"
        and control.find(f"{W}sdtPr/{W}showingPlcHdr") is not None
        and _PROMPT.search("".join(t.text or "" for t in control.iter(_T))) is not None
    )
