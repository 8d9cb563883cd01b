"""HTML pages (.html, also named .xls): tables, text, hidden fields, remarks in the source."""

from __future__ import annotations

import re
from collections.abc import Iterator

from sekisho.documents import charset, markup
from sekisho.documents.blocks import Flow
from sekisho.model import Blob, Format, Gap, Head, Limits, Piece, Reason
from sekisho.wording import Text

_BEGINS = re.compile(
    r"\s*(?:<\?xml[^>]*>\s*|<!--.*?-->\s*)*"
    r"<(?:!doctype\s+html|(?:html|head|body|meta|title|table|div|p|center|font|h[1-6]|span|ul|ol|style|form|br)[\s>/])",
    re.IGNORECASE | re.DOTALL,
)
_META = re.compile(rb"<meta[^>]+charset\s*=\s*[\"']?\s*([\w.:-]+)", re.IGNORECASE)


def _recognise(head: Head) -> bool:
    start = bytes(head.data[:8192])
    if b"<" not in start[:2000] or not charset.is_text(start[: len(start) - len(start) % 4]):
        return False
    return _BEGINS.match(charset.decode(start).text) is not None


def _read(blob: Blob, limits: Limits) -> Iterator[Piece]:
    declared = _META.search(bytes(blob.data[:8192]))
    decoded = charset.decode(blob.data, declared[1].decode("ascii") if declared else None)
    root = markup.root(decoded.text)
    flow = Flow()
    yield from flow.contents(markup.blocks(root))
    yield from flow.contents(markup.comments(root), "comments")
    if decoded.replaced:
        yield Gap(Reason.UNDECODED, f"{decoded.replaced} places")


FORMAT = Format(
    kind="html",
    title=Text("HTML page", "HTMLページ"),
    suffixes=(".html", ".htm", ".xhtml"),
    recognise=_recognise,
    read=_read,
    order=60,
)
