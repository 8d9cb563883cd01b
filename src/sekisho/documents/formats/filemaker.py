"""FileMaker databases (.fp7, .fmp12): named, not read."""

from __future__ import annotations

from sekisho.documents.named_only import named_only
from sekisho.model import Head
from sekisho.wording import Text

_MAGIC = b"\x00\x01\x00\x00\x00\x02\x00\x01\x00\x05\x00\x02\x00\x02\xc0HBAM"


def _recognise(head: Head) -> bool:
    return bytes(head.data[:20]).startswith(_MAGIC)


FORMAT = named_only(
    "filemaker", Text("FileMaker database", "FileMakerデータベース"), (".fmp12", ".fp7", ".fp5"), _recognise
)
