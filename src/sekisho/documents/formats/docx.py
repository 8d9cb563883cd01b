"""Word documents (.docx, .docm, templates): body, headers, notes, comments, text boxes, deletions, embedded files."""

from __future__ import annotations

from collections.abc import Iterator

from sekisho.documents import edit_locks, ole, ooxml, package
from sekisho.documents.blocks import Block, Flow
from sekisho.documents.package import Package, guarded
from sekisho.documents.wordml import Story, W
from sekisho.model import Blob, Format, Gap, Head, Limits, Piece, Reason
from sekisho.wording import Text

_MAIN = r"word/document\d*\.xml"
_HEADS, _FEET = r"word/header\d*\.xml", r"word/footer\d*\.xml"
_NOTES = r"word/(footnotes|endnotes|comments)\d*\.xml"


def _recognise(head: Head) -> bool:
    return b"word/document" in package.directory(head) or package.declares(head, b"wordprocessingml.document.main")


def _read(blob: Blob, limits: Limits) -> Iterator[Piece]:
    parts = Package(blob, limits, salvage=True)
    flow, story = Flow(), Story()
    seen: set[str] = set()
    for name in parts.matching(_HEADS):
        yield from guarded(_part(parts, name, flow, story, seen))
    yield from _body(parts, flow, story)
    for name in (*parts.matching(_NOTES), *parts.matching(_FEET)):
        yield from guarded(_part(parts, name, flow, story, seen))
    yield from flow.contents(story.deleted, "deleted")
    yield from guarded(ooxml.diagrams(parts, "word"))
    yield from guarded(ooxml.charts(parts, "word", flow))
    yield from guarded(ooxml.properties(parts))
    if story.too_deep:
        yield Gap(Reason.UNREAD_PART, "nested too deep")
    yield from parts.gaps()
    files = [*ooxml.embedded(parts, "word"), *_imported(parts)]
    if flow.empty and not files:
        yield from ooxml.pictures(parts, [_main(parts)], limits)
    yield from files


def _body(parts: Package, flow: Flow, story: Story) -> Iterator[Piece]:
    root, whole = parts.xml(_main(parts))
    yield from flow.contents(story.blocks(root))
    if not whole:
        yield Gap(Reason.DAMAGED_PART, "body")


def _main(parts: Package) -> str:
    """The name of the part that holds the body."""
    named = [target for _, kind, target in package.relations(parts, "") if kind == "officeDocument"]
    return next((name for name in [*named, *parts.matching(_MAIN)] if parts.has(name)), "word/document.xml")


def _part(parts: Package, name: str, flow: Flow, story: Story, seen: set[str]) -> Iterator[Piece]:
    """One header, footer or notes part; what an earlier one said already is not said again."""
    root, whole = parts.xml(name)
    text = "".join(str(t) for t in root.itertext())
    if text in seen:
        return
    seen.add(text)
    yield from flow.contents(_stories(root, story), name.rpartition("/")[2].removesuffix(".xml"))
    if not whole:
        yield Gap(Reason.DAMAGED_PART, "header, footer or note")


def _stories(root: package.Element, story: Story) -> Iterator[Block]:
    notes = root.findall(f"{W}footnote") + root.findall(f"{W}endnote") + root.findall(f"{W}comment")
    for note in notes or [root]:
        yield from story.blocks(note)


def _imported(parts: Package) -> Iterator[Piece]:
    """Documents that stand in the body as imported chunks (HTML, RTF, another Word file)."""
    for main in parts.matching(_MAIN):
        for _, kind, target in package.relations(parts, main):
            if kind == "aFChunk" and parts.has(target):
                yield ole.member(target.rpartition("/")[2], parts.read(target))


FORMAT = Format(
    kind="docx",
    title=Text("Word document", "Word文書"),
    suffixes=(".docx", ".docm", ".dotx", ".dotm"),
    recognise=_recognise,
    read=_read,
    lock=edit_locks.ooxml_lock,
    order=20,
)
