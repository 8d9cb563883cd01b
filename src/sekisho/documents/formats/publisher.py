"""Publisher documents (.pub): named, not read."""

from __future__ import annotations

from sekisho.documents import ole
from sekisho.documents.named_only import named_only
from sekisho.model import Head
from sekisho.wording import Text


def _recognise(head: Head) -> bool:
    return ole.named(head, "Quill")


FORMAT = named_only("publisher", Text("Publisher document", "Publisher文書"), (".pub",), _recognise)
