"""PowerPoint presentations (.pptx, .pptm, .ppsx): slides with hidden ones, tables, notes, comments, embedded files."""

from __future__ import annotations

from collections.abc import Iterator

from lxml import etree

from sekisho.documents import edit_locks, ooxml, package
from sekisho.documents.blocks import Flow, Table
from sekisho.documents.ooxml import A
from sekisho.documents.package import Package, guarded
from sekisho.model import Blob, Format, Frame, Gap, Head, Limits, Piece, Reason
from sekisho.wording import Text

_P = "{http://schemas.openxmlformats.org/presentationml/2006/main}"
_R = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
_MC = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
_TABLE, _PARAGRAPH, _FALLBACK, _COMMENT = f"{A}tbl", f"{A}p", f"{_MC}Fallback", f"{_P}text"
_SIDE_PARTS = ("notesSlide", "comments", "diagramData")


def _recognise(head: Head) -> bool:
    return b"ppt/presentation" in package.directory(head) or package.declares(head, b"presentationml.presentation.main")


def _read(blob: Blob, limits: Limits) -> Iterator[Piece]:
    parts, flow = Package(blob, limits, salvage=True), Flow()
    slides = _slides(parts)
    for number, name in enumerate(slides, start=1):
        yield from guarded(_slide(parts, name, number, flow))
    yield from guarded(ooxml.charts(parts, "ppt", flow))
    yield from guarded(ooxml.properties(parts))
    yield from parts.gaps()
    files = list(ooxml.embedded(parts, "ppt"))
    if flow.empty and not files:
        yield from ooxml.pictures(parts, slides, limits)
    yield from files


def _slides(parts: Package) -> list[str]:
    """Slide parts in the order of the show; those that no list names come last."""
    main = next((t for _, kind, t in package.relations(parts, "") if kind == "officeDocument"), "ppt/presentation.xml")
    targets = {identifier: target for identifier, _, target in package.relations(parts, main)}
    listed = [targets.get(e.get(f"{_R}id", ""), "") for e in parts.xml(main)[0].iter(f"{_P}sldId")]
    known = [name for name in listed if parts.has(name)]
    return known + [name for name in parts.matching(r"ppt/slides/[^/]+\.xml") if name not in known]


def _slide(parts: Package, name: str, number: int, flow: Flow) -> Iterator[Piece]:
    """One slide with its notes and comments."""
    sides = [t for _, kind, t in package.relations(parts, name) if kind in _SIDE_PARTS and parts.has(t)]
    roots = [parts.xml(part) for part in (name, *sides)]
    blocks = (block for root, _ in roots for block in _blocks(root))
    yield from flow.contents(blocks, str(number), Frame.PAGE)
    if not all(whole for _, whole in roots):
        yield Gap(Reason.DAMAGED_PART, "slide")


def _blocks(root: etree._Element) -> Iterator[str | Table]:
    waiting = [iter(root)]
    while waiting:
        child = next(waiting[-1], None)
        if child is None:
            waiting.pop()
        elif child.tag == _TABLE:
            yield _table(child)
        elif child.tag == _PARAGRAPH:
            yield ooxml.drawing_paragraph(child)
        elif child.tag == _COMMENT:
            yield child.text or ""
        elif child.tag != _FALLBACK:
            waiting.append(iter(child))


def _table(element: etree._Element) -> Table:
    rows = [[_cell(cell) for cell in row.findall(f"{A}tc")] for row in element.findall(f"{A}tr")]
    return Table([row for row in rows if row])


def _cell(cell: etree._Element) -> str | None:
    if cell.get("hMerge") in ("1", "true") or cell.get("vMerge") in ("1", "true"):
        return None
    return "\n".join(ooxml.drawing_lines(cell)).strip("\n")


FORMAT = Format(
    kind="pptx",
    title=Text("PowerPoint presentation", "PowerPointプレゼンテーション"),
    suffixes=(".pptx", ".pptm", ".ppsx", ".ppsm", ".potx", ".potm"),
    recognise=_recognise,
    read=_read,
    lock=edit_locks.ooxml_lock,
    order=20,
)
