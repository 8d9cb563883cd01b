"""OneNote notebooks (.one): named, not read."""

from __future__ import annotations

from uuid import UUID

from sekisho.documents.named_only import named_only
from sekisho.model import Head
from sekisho.wording import Text

_GUIDS = tuple(
    UUID(text).bytes_le for text in ("7B5C52E4-D88C-4DA7-AEB1-5378D02996D3", "43FF2FA1-EFD9-4C76-9EE2-10EA5722765F")
)


def _recognise(head: Head) -> bool:
    return bytes(head.data[:16]) in _GUIDS


FORMAT = named_only("onenote", Text("OneNote notebook", "OneNoteノートブック"), (".one", ".onetoc2"), _recognise)
