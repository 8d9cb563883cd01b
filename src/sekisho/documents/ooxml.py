"""What every Office Open XML file carries beside its body: properties, embedded files, diagrams, pictures."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from lxml import etree

from sekisho.documents import ole
from sekisho.documents.blocks import Flow, Table
from sekisho.documents.package import Package, guarded, relations
from sekisho.model import Content, Frame, Gap, Limits, Member, Piece, Place, Prose, Reason

A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
_C = "{http://schemas.openxmlformats.org/drawingml/2006/chart}"
_TOLD = frozenset(("title", "subject", "keywords", "description", "category", "contentStatus"))


def drawing_lines(element: etree._Element) -> Iterator[str]:
    """The paragraphs of DrawingML text bodies below ``element``."""
    for paragraph in element.iter(f"{A}p"):
        yield drawing_paragraph(paragraph)


def drawing_paragraph(paragraph: etree._Element) -> str:
    """The text of one ``a:p``."""
    return "".join("\n" if e.tag == f"{A}br" else e.text or "" for e in paragraph.iter(f"{A}t", f"{A}br"))


def properties(package: Package) -> Iterator[Content]:
    """Title, subject, keywords, comment and the user's own properties; not who wrote it, nor counts and dates."""
    lines = []
    for name in ("docProps/core.xml", "docProps/custom.xml"):
        if package.has(name):
            lines += [line for line in _property_lines(package.xml(name)[0]) if line]
    if lines:
        yield Prose(lines, Place(Frame.LINE, "properties"))


def _property_lines(root: etree._Element) -> Iterator[str]:
    for element in root.iterchildren(tag=etree.Element):
        name = etree.QName(element).localname
        text = "".join(str(t) for t in element.itertext()).strip()
        if name == "property" and text:
            yield f"{element.get('name', '')}: {text}"
        elif name in _TOLD:
            yield text


def embedded(package: Package, folder: str) -> Iterator[Piece]:
    """Files put into the document; OLE wrappers are taken off. What cannot be opened is a Gap."""
    for name in package.matching(rf"{folder}/embeddings/.+"):
        yield from guarded(_unwrapped(package, name))


def _unwrapped(package: Package, name: str) -> Iterator[Member]:
    yield from ole.unwrapped(name.rpartition("/")[2], package.read(name))


def diagrams(package: Package, folder: str) -> Iterator[Piece]:
    """The texts of SmartArt diagrams."""
    for name in package.matching(rf"{folder}/diagrams/data\d*\.xml"):
        lines = [line for line in drawing_lines(package.xml(name)[0]) if line.strip()]
        if lines:
            yield Prose(lines, Place(Frame.LINE, name.rpartition("/")[2].removesuffix(".xml")))


def charts(parts: Package, folder: str, flow: Flow) -> Iterator[Content]:
    """The figures that charts show, where the workbook they come from is not in the file."""
    for name in parts.matching(rf"{folder}/charts/chart\d*\.xml"):
        if all(kind != "package" for _, kind, _ in relations(parts, name)):
            series = list(parts.xml(name)[0].iter(f"{_C}ser"))
            yield from flow.contents([_chart(series)], name.rpartition("/")[2].removesuffix(".xml"))


def _chart(series: Sequence[etree._Element]) -> Table:
    """Categories down, series across, their names above."""
    names = [_points(one, "tx") for one in series]
    values = [_points(one, "val", "yVal") for one in series]
    categories = _points(series[0], "cat", "xVal") if series else {}
    numbers = sorted({number for found in (categories, *values) for number in found})
    head: list[str | None] = [None, *(next(iter(name.values()), None) for name in names)]
    return Table([head, *([categories.get(n), *(found.get(n) for found in values)] for n in numbers)])


def _points(series: etree._Element, *kinds: str) -> dict[int, str]:
    """The cached texts of a series by their number."""
    found: dict[int, str] = {}
    for kind in kinds:
        for point in series.iterfind(f"{_C}{kind}//{_C}pt"):
            number = point.get("idx", "0")
            if number.isdigit():
                found[int(number)] = "".join(str(text) for text in point.itertext()).strip()
    return found


def pictures(parts: Package, of: Sequence[str], limits: Limits) -> Iterator[Piece]:
    """The pictures of a document in which no text was found: read with OCR as members, else a gap."""
    shown = {t for part in of for _, kind, t in relations(parts, part) if kind == "image" and parts.has(t)}
    if shown and not limits.ocr:
        yield Gap(Reason.NO_TEXT)
    for name in sorted(shown) if limits.ocr else ():
        yield ole.member(name.rpartition("/")[2], parts.read(name))
