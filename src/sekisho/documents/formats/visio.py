"""Visio drawings (.vsd, .vsdx): named, not read."""

from __future__ import annotations

from sekisho.documents import ole, package
from sekisho.documents.named_only import named_only
from sekisho.model import Head
from sekisho.wording import Text


def _recognise(head: Head) -> bool:
    return ole.named(head, "VisioDocument") or b"visio/document.xml" in package.directory(head)


FORMAT = named_only("visio", Text("Visio drawing", "Visio図面"), (".vsd", ".vsdx", ".vsdm"), _recognise)
