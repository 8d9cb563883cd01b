"""Mailboxes (mbox): each message is a document of its own."""

from __future__ import annotations

import re
from collections.abc import Iterator

from sekisho.model import Blob, Format, Head, Limits, Member, Piece
from sekisho.wording import Text

_DATED = rb"From \S[^\r\n]* \d\d?:\d\d[^\r\n]* \d{4}[^\r\n]*\r?\n"
_FROM = rb"(?:From [^\r\n]*\d[^\r\n]*\r?\n(?=[A-Za-z][A-Za-z0-9-]*:|>From )|" + _DATED + rb"(?=\r?\n))"
_FIRST = re.compile(rb"\s*" + _FROM)
_NEXT = re.compile(rb"\r?\n(?:\r?\n)?(?=" + _FROM + rb")")
_LINE = re.compile(rb"\s*From [^\r\n]*\r?\n")
_QUOTED = re.compile(rb"^>(>*From )", re.MULTILINE)


def _recognise(head: Head) -> bool:
    return _FIRST.match(bytes(head.data[:4096])) is not None


def _read(blob: Blob, limits: Limits) -> Iterator[Piece]:
    start = 0
    ends = [match.end() for match in _NEXT.finditer(blob.data)]
    for number, end in enumerate([*ends, len(blob.data)], start=1):
        yield _message(blob, f"message {number}.eml", start, end)
        start = end


def _message(blob: Blob, name: str, start: int, end: int) -> Member:
    def load(_: str | None) -> Blob:
        data = bytes(blob.data[start:end])
        return Blob(name, _QUOTED.sub(rb"\1", _LINE.sub(b"", data, count=1)))

    return Member(name, load)


FORMAT = Format(
    kind="mbox",
    title=Text("mailbox", "メールボックス"),
    suffixes=(".mbox", ".mbx"),
    recognise=_recognise,
    read=_read,
    order=44,
)
