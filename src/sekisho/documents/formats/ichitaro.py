"""Ichitaro documents (.jtd, .jtt): the runs of text in them; how they are laid out is not published.

What is read is told to be a part, since nobody can say that it is all.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from sekisho.documents import ole
from sekisho.documents.blocks import Flow
from sekisho.errors import UnsupportedError
from sekisho.model import Blob, Format, Gap, Head, Limits, Piece, Reason
from sekisho.wording import Text

_STREAM = "DocumentText"
_RUN = re.compile(
    "[\t\n\r -~\u00a0-\u00ff\u2010-\u2312\u2460-\u25ff\u3000-\u30ff\u3200-\u33ff\u4e00-\u9fff\uf900-\ufaff"
    "\uff00-\uffee]{2,}"
)


def _recognise(head: Head) -> bool:
    return ole.named(head, _STREAM)


def _read(blob: Blob, limits: Limits) -> Iterator[Piece]:
    with ole.open_ole(blob.data) as file:
        text = ole.stream(file, _STREAM).decode("utf-16-be", "replace")
        lines = [line for run in _RUN.findall(text) for line in re.split("[\\r\\n]+", run) if line.strip()]
        if not lines:
            raise UnsupportedError(Reason.NO_READER)
        yield from Flow().contents(lines)
        yield Gap(Reason.UNREAD_PART, "layout not published")


FORMAT = Format(
    kind="ichitaro",
    title=Text("Ichitaro document", "一太郎文書"),
    suffixes=(".jtd", ".jtt", ".jtdc", ".jttc"),
    recognise=_recognise,
    read=_read,
    order=30,
)
