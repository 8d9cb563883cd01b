"""Microsoft Works documents (.wps): named, not read."""

from __future__ import annotations

from sekisho.documents import ole
from sekisho.documents.named_only import named_only
from sekisho.model import Head
from sekisho.wording import Text


def _recognise(head: Head) -> bool:
    return ole.named(head, "MatOST", "MM")


FORMAT = named_only("works", Text("Works document", "Works文書"), (".wps", ".wdb"), _recognise)
