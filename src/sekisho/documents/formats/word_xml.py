"""Word documents in one XML file: of Word 2003, and a whole package as XML (.xml)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from sekisho.documents import package
from sekisho.documents.blocks import Flow
from sekisho.documents.wordml import Story, W
from sekisho.model import Blob, Format, Gap, Head, Limits, Piece, Reason
from sekisho.wording import Text

_OF_2003 = b"http://schemas.microsoft.com/office/word/2003/wordml"
_BEGINS = re.compile(rb"<(?:w:wordDocument|pkg:package)[\s>]")
_NOTES = (f"{W}footnote", f"{W}endnote", f"{W}comment")


def _recognise(head: Head) -> bool:
    start = bytes(head.data[:4096])
    begins = _BEGINS.search(start)
    return begins is not None and (b":wordDocument" in begins[0] or b"/word/document" in bytes(head.data[: 1 << 20]))


def _read(blob: Blob, limits: Limits) -> Iterator[Piece]:
    root, whole = package.parse(bytes(blob.data).replace(_OF_2003, W.strip("{}").encode("ascii")))
    story, flow = Story(), Flow()
    for name, tags in (("header", (f"{W}hdr",)), ("", (f"{W}body",)), ("note", _NOTES), ("footer", (f"{W}ftr",))):
        for element in root.iter(*tags):
            yield from flow.contents(story.blocks(element), name)
    yield from flow.contents(story.deleted, "deleted")
    if not whole:
        yield Gap(Reason.DAMAGED_PART, "body")


FORMAT = Format(
    kind="word_xml",
    title=Text("Word document as XML", "Word XML文書"),
    suffixes=(),
    recognise=_recognise,
    read=_read,
    order=20,
)
