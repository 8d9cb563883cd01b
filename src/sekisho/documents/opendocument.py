"""Paragraphs and tables of OpenDocument XML, with notes, comments, boxes, form controls and tracked deletions."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator, Mapping

from lxml import etree

from sekisho.documents import ole
from sekisho.documents.blocks import Block, Flow, Table
from sekisho.documents.changes import Change, touched
from sekisho.documents.package import Package, directory, guarded, local_name, natural, parse
from sekisho.errors import DocumentError
from sekisho.model import Blob, Content, Frame, Gap, Head, Limits, Piece, Place, Prose, Reason

_BASE = "urn:oasis:names:tc:opendocument:xmlns:"
TEXT, TABLE, OFFICE, STYLE, FORM, DRAW, META = (
    f"{{{_BASE}{name}:1.0}}" for name in ("text", "table", "office", "style", "form", "drawing", "meta")
)
_P, _H = f"{TEXT}p", f"{TEXT}h"
_WHITE = {f"{TEXT}s": " ", f"{TEXT}tab": "\t", f"{TEXT}line-break": "\n"}
_RUBY = f"{TEXT}ruby"
_CHANGES = frozenset(f"{TEXT}{name}" for name in ("change", "change-start", "change-end"))
_ROW_GROUPS = frozenset(f"{TABLE}{name}" for name in ("table-header-rows", "table-rows", "table-row-group"))
_MARGINS = [f"{STYLE}{name}{end}" for name in ("header", "footer") for end in ("", "-left", "-first")]
_CONTROLS = [
    f"{FORM}{name}" for name in ("text", "textarea", "combobox", "listbox", "formatted-text", "date", "number")
]
_DC = "{http://purl.org/dc/elements/1.1/}"
_TOLD = (f"{_DC}title", f"{_DC}subject", f"{_DC}description", f"{META}keyword", f"{META}user-defined")
_XML_ID = "{http://www.w3.org/XML/1998/namespace}id"
_TECHNICAL = frozenset(  # what office programs write about a file by themselves
    ("AppVersion", "Company", "HiddenSlides", "MMClips", "Notes", "PresentationFormat", "Slides", "Template")
)
_FOLDED = re.compile(r"[\t\r\n ]+")
_ASIDE = frozenset((f"{TEXT}note", f"{OFFICE}annotation", f"{DRAW}text-box", f"{TABLE}table"))
_SKIPPED = frozenset((f"{TEXT}tracked-changes", f"{TEXT}note-citation", f"{OFFICE}forms"))
_MEDIA_TYPE = b"vnd.oasis.opendocument."
_SUFFIXES = {"text": ".odt", "spreadsheet": ".ods", "presentation": ".odp", "drawing": ".odg"}
_DEEP, _WIDE, _TALL = 200, 1024, 100_000


class Story:
    """Reads the text of one ODF document. ``deleted``: what tracked changes took away, in order."""

    def __init__(self, root: etree._Element) -> None:
        self.deleted: list[str] = []
        self._regions = {_name(region): region for region in root.iter(f"{TEXT}changed-region")}

    def blocks(self, container: etree._Element, depth: int = 0) -> Iterator[Block]:
        """The paragraphs and tables below ``container``, in reading order; what hangs on a paragraph follows it."""
        for child in container:
            if child.tag in (_P, _H):
                yield from self._paragraph(child, depth)
            elif child.tag == f"{TABLE}table":
                yield self._table(child, depth)
            elif isinstance(child.tag, str) and child.tag not in _SKIPPED and depth < _DEEP:
                yield from self.blocks(child, depth + 1)

    def _paragraph(self, paragraph: etree._Element, depth: int) -> Iterator[Block]:
        runs = _Runs(self._regions)
        runs.take(paragraph, 0)
        self.deleted += runs.lost()
        text = runs.text()
        if text.strip() or not (runs.aside or runs.removed):
            yield text
        for element in runs.aside:
            if element.tag == f"{TABLE}table":
                yield self._table(element, depth + 1)
            elif depth < _DEEP:
                yield from self.blocks(element, depth + 1)

    def _table(self, element: etree._Element, depth: int) -> Table:
        """A table with nulls where merged cells go on and its nested tables apart; repeated empty rows are cut."""
        result = Table([])
        for row in _rows(element):
            cells = self._cells(row, result, depth)
            result.rows += [cells] * min(_number(row, f"{TABLE}number-rows-repeated"), _TALL if any(cells) else 1)
        return result

    def _cells(self, row: etree._Element, result: Table, depth: int) -> list[str | None]:
        cells: list[str | None] = []
        for cell in row.iterchildren(f"{TABLE}table-cell", f"{TABLE}covered-table-cell"):
            lines: list[str] = []
            for block in self.blocks(cell, depth + 1):
                if isinstance(block, str):
                    lines.append(block)
                else:
                    result.nested.append(block)
            text = "\n".join(lines).strip("\n") or None
            cells += [text] * min(_number(cell, f"{TABLE}number-columns-repeated"), _WIDE)
        return cells


def _rows(element: etree._Element) -> Iterator[etree._Element]:
    """Rows of this table only: header rows and row groups are looked into, cells are not."""
    for child in element:
        if child.tag == f"{TABLE}table-row":
            yield child
        elif child.tag in _ROW_GROUPS:
            yield from _rows(child)


def _number(element: etree._Element, name: str) -> int:
    value = element.get(name, "1")
    return int(value) if value.isdigit() else 1


def _name(region: etree._Element) -> str:
    return region.get(f"{TEXT}id") or region.get(_XML_ID) or ""


class _Runs:
    """The text of one paragraph, each run kept, added or removed; notes, boxes and comments aside."""

    def __init__(self, regions: Mapping[str, etree._Element]) -> None:
        self.aside: list[etree._Element] = []
        self.removed = False
        self._regions = regions
        self._pieces: list[tuple[str, Change]] = []
        self._long: list[str] = []
        self._change = Change.KEPT
        self._reading = ""

    def text(self) -> str:
        """The paragraph as it stands now."""
        self._end_ruby()
        return "".join(text for text, change in self._pieces if change != Change.REMOVED)

    def lost(self) -> list[str]:
        """What was deleted in it, or at its end together with whole paragraphs."""
        inline = touched(self._pieces) if any(c == Change.REMOVED for _, c in self._pieces) else []
        return inline + self._long

    def take(self, element: etree._Element, depth: int) -> None:
        """Reads an element with its children, but not its tail."""
        self._add(element.text)
        for child in element:
            if child.tag in _WHITE:
                self._put(_WHITE[child.tag] * min(_number(child, f"{TEXT}c"), 1000))
            elif child.tag == _RUBY:
                self._ruby(child, depth)
            elif child.tag in _ASIDE:
                self.aside.append(child)
            elif child.tag in _CHANGES:
                self._changed(child)
            elif isinstance(child.tag, str) and child.tag not in _SKIPPED and depth < _DEEP:
                self.take(child, depth + 1)
            self._add(child.tail)

    def _add(self, text: str | None) -> None:
        if text:
            self._put(_FOLDED.sub(" ", text))

    def _put(self, text: str) -> None:
        self._end_ruby()
        self._pieces.append((text, self._change))

    def _ruby(self, ruby: etree._Element, depth: int) -> None:
        base, reading = ruby.find(f"{TEXT}ruby-base"), ruby.find(f"{TEXT}ruby-text")
        held, self._reading = self._reading, ""
        if base is not None:
            self.take(base, depth + 1)
        self._reading = held + ("" if reading is None else "".join(str(t) for t in reading.itertext()))

    def _end_ruby(self) -> None:
        if self._reading:
            self._pieces.append((f"（{self._reading}）", self._change))
            self._reading = ""

    def _changed(self, mark: etree._Element) -> None:
        region = self._regions.get(mark.get(f"{TEXT}change-id", ""))
        if mark.tag == f"{TEXT}change-end" or region is None:
            self._change = Change.KEPT
        elif region.find(f"{TEXT}insertion") is not None:
            self._change = Change.ADDED
        elif region.find(f"{TEXT}deletion") is None:
            return
        elif mark.tag == f"{TEXT}change-start":
            self._change = Change.REMOVED
            self.removed = True
        else:
            self._delete(region)

    def _delete(self, region: etree._Element) -> None:
        lines = ["".join(str(t) for t in p.itertext()) for p in region.iter(_P, _H)]
        self.removed = True
        if len(lines) == 1:
            self._pieces.append((lines[0], Change.REMOVED))
        else:
            self._long += lines


def controls(root: etree._Element) -> Iterator[str]:
    """What stands in form controls, as ``label: value`` where the control has a label or title."""
    for element in root.iter(*_CONTROLS):
        value = element.get(f"{FORM}current-value") or element.get(f"{FORM}value") or ""
        label = element.get(f"{FORM}label") or element.get(f"{FORM}title") or element.get(f"{FORM}name") or ""
        lines = ["".join(str(t) for t in p.itertext()) for p in element.iter(_P)]
        if value or any(lines):
            yield f"{label}: {value or chr(10).join(lines)}"


def properties(root: etree._Element) -> Iterator[Content]:
    """Title, subject, keywords, description and the user's own fields; not who wrote it, nor counts and dates."""
    lines = []
    for element in root.iter(*_TOLD):
        text = "".join(str(t) for t in element.itertext()).strip()
        label = element.get(f"{META}name")
        if text and label not in _TECHNICAL:
            lines.append(f"{label}: {text}" if label else text)
    if lines:
        yield Prose(lines, Place(Frame.LINE, "properties"))


def objects(parts: Package) -> Iterator[Piece]:
    """Embedded documents: whole ODF ones lie as folders and are packed up again, others as one part.

    Of a chart its table is read; a formula is no document.
    """
    folders = {name.rpartition("/")[0] for name in parts.matching(r"(.+/)?Object[^/]*/content\.xml")}
    for folder in sorted(folders, key=natural):
        root = parts.xml(f"{folder}/content.xml")[0]
        body = root.find(f"{OFFICE}body")
        kind = "" if body is None or not len(body) else local_name(body[0])
        if kind in _SUFFIXES:
            yield ole.member(f"{folder}{_SUFFIXES[kind]}", _packed(parts, folder, kind))
        else:
            yield from Flow().contents(Story(root).blocks(root), folder)
    for name in parts.matching(r"(.+/)?Object[^/]*"):
        yield from ole.unwrapped(name, parts.read(name))


def _packed(parts: Package, folder: str, kind: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as target:
        target.writestr("mimetype", f"application/vnd.oasis.opendocument.{kind}")
        for name in parts.names:
            if name.startswith(f"{folder}/") and name.endswith(".xml"):
                target.writestr(name.removeprefix(f"{folder}/"), parts.read(name))
    return out.getvalue()


def is_kind(head: Head, *kinds: bytes) -> bool:
    """Whether it is an ODF document of one of the kinds (``text``, ``presentation``), zipped or as flat XML."""
    start = bytes(head.data[:4096])
    if not start.startswith(b"PK\x03\x04"):
        mark = start.partition(b"<office:document ")[2].partition(_MEDIA_TYPE)[2]
    elif b"mimetype" in start[:300]:
        mark = start[:300].partition(_MEDIA_TYPE)[2]
    else:
        mark = _media_type(head).partition(_MEDIA_TYPE)[2]
    return any(mark.startswith(kind) for kind in kinds)


def _media_type(head: Head) -> bytes:
    """The type of a package that does not begin with it."""
    names = directory(head)
    if b"content.xml" not in names or b"mimetype" not in names:
        return b""
    try:
        return Package(Blob("", head.data), Limits()).read("mimetype")
    except DocumentError:
        return b""


def read(blob: Blob, limits: Limits) -> Iterator[Piece]:
    """The contents of an ODF text, presentation or drawing."""
    if bytes(blob.data[:2]) == b"PK":
        yield from _read_package(Package(blob, limits, salvage=True))
    else:
        root, whole = parse(bytes(blob.data))
        flow = Flow()
        yield from _headers(root, flow)
        yield from _read_root(root, flow)
        if not whole:
            yield Gap(Reason.DAMAGED_PART, "body")


def _read_package(parts: Package) -> Iterator[Piece]:
    flow = Flow()
    if parts.has("styles.xml"):
        yield from guarded(_headers(parts.xml("styles.xml")[0], flow))
    root, whole = parts.xml("content.xml")
    yield from _read_root(root, flow)
    if not whole:
        yield Gap(Reason.DAMAGED_PART, "body")
    if parts.has("meta.xml"):
        yield from guarded(piece for piece in properties(parts.xml("meta.xml")[0]))
    yield from parts.gaps()
    files = list(guarded(objects(parts)))
    if flow.empty and not files and any(name.startswith(("Pictures/", "media/")) for name in parts.names):
        yield Gap(Reason.NO_TEXT)
    yield from files


def _read_root(root: etree._Element, flow: Flow) -> Iterator[Piece]:
    story = Story(root)
    for body in root.iter(f"{OFFICE}body"):
        pages = list(body.iter(f"{DRAW}page"))
        for number, page in enumerate(pages, start=1):
            yield from flow.contents(story.blocks(page), str(number), Frame.PAGE)
        if not pages:
            yield from flow.contents(story.blocks(body))
    yield from flow.contents(story.deleted, "deleted")
    yield from flow.contents(controls(root), "controls")


def _headers(root: etree._Element, flow: Flow) -> Iterator[Piece]:
    """Headers and footers of all page styles, each text once."""
    seen = set()
    for element in root.iter(*_MARGINS):
        text = "".join(str(t) for t in element.itertext())
        if text not in seen:
            seen.add(text)
            yield from flow.contents(Story(root).blocks(element), etree.QName(element).localname)
