"""Mail messages (.eml, .mht): headers, body, attachments, forwarded messages."""

from __future__ import annotations

import re
from collections.abc import Iterator

from sekisho.documents import mail, mime
from sekisho.model import Blob, Format, Head, Limits, Piece
from sekisho.wording import Text

_HEADER = re.compile(rb"([A-Za-z][A-Za-z0-9-]{0,60}):|([ \t])")
_TELLING = frozenset(
    b"from to cc subject date received message-id mime-version return-path content-type reply-to sender delivered-to"
    b" x-mailer x-originating-ip authentication-results dkim-signature in-reply-to x-unsent thread-topic".split()
)
_COUNT = re.compile(rb"\s*\d+\s*\r?\n")  # the first line of an Apple Mail message


def _recognise(head: Head) -> bool:
    start = bytes(head.data[:16384])
    count = _COUNT.match(start)
    names = set()
    for line in start[count.end() if count else 0 :].lstrip(b"\xef\xbb\xbf\r\n").split(b"\n")[:200]:
        match = _HEADER.match(line + b"\n")
        if match is None:
            break
        if match[1]:
            names.add(match[1].lower())
    return len(names & _TELLING) >= 2 and bool(names & {b"from", b"to", b"subject", b"message-id", b"received"})


def _read(blob: Blob, limits: Limits) -> Iterator[Piece]:
    data = bytes(blob.data)
    count = _COUNT.match(data)
    yield from mail.pieces(mime.read(data[count.end() if count else 0 :].lstrip(b"\xef\xbb\xbf\r\n")))


FORMAT = Format(
    kind="eml",
    title=Text("mail message", "メール"),
    suffixes=(".eml", ".emlx", ".mht", ".mhtml"),
    recognise=_recognise,
    read=_read,
    order=45,
)
