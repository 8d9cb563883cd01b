"""WordPerfect documents (.wpd): named, not read."""

from __future__ import annotations

from sekisho.documents.named_only import named_only
from sekisho.model import Head
from sekisho.wording import Text


def _recognise(head: Head) -> bool:
    return bytes(head.data[:4]) == b"\xffWPC"


FORMAT = named_only(
    "wordperfect", Text("WordPerfect document", "WordPerfect文書"), (".wpd", ".wp5", ".wp6"), _recognise
)
