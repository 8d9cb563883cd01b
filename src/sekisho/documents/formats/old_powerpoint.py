"""PowerPoint before 95 (.ppt): named, not read."""

from __future__ import annotations

from sekisho.documents import ole
from sekisho.documents.named_only import named_only
from sekisho.model import Head
from sekisho.wording import Text

_TITLE = Text("PowerPoint presentation before 95", "PowerPoint 95より前のプレゼンテーション")


def _recognise(head: Head) -> bool:
    return ole.named(head, "PP40") and not ole.named(head, "PowerPoint Document")


FORMAT = named_only("old_powerpoint", _TITLE, (), _recognise)
