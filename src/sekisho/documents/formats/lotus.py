"""Lotus 1-2-3 sheets (.wk1 to .123, .wj2): named, not read."""

from __future__ import annotations

from sekisho.documents.named_only import named_only
from sekisho.model import Head
from sekisho.wording import Text

_MAGICS = (
    b"\x00\x00\x02\x00\x04\x04",
    b"\x00\x00\x02\x00\x06\x04",
    b"\x00\x00\x1a\x00\x00\x10",
    b"\x00\x00\x1a\x00\x02\x10",
)


def _recognise(head: Head) -> bool:
    return bytes(head.data[:6]) in _MAGICS


FORMAT = named_only(
    "lotus",
    Text("Lotus 1-2-3 sheet", "Lotus 1-2-3シート"),
    (".wk1", ".wk3", ".wk4", ".wj2", ".wj3", ".123"),
    _recognise,
)
