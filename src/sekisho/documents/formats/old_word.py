"""Word before version 6 and Windows Write (.doc, .wri): named, not read."""

from __future__ import annotations

from sekisho.documents.named_only import named_only
from sekisho.model import Head
from sekisho.wording import Text

_MAGICS = (b"\xdb\xa5\x2d\x00", b"\x9b\xa5\x21\x00", b"\x31\xbe\x00\x00", b"\x32\xbe\x00\x00")


def _recognise(head: Head) -> bool:
    return bytes(head.data[:4]) in _MAGICS


FORMAT = named_only("old_word", Text("Word document before version 6", "Word 6より前の文書"), (".wri",), _recognise)
