"""Outlook mails sent as winmail.dat (TNEF): body and attachments."""

from __future__ import annotations

from collections.abc import Iterator

from sekisho.documents import mail, tnef
from sekisho.model import Blob, Format, Head, Limits, Piece
from sekisho.wording import Text


def _recognise(head: Head) -> bool:
    return bytes(head.data[:4]) == tnef.MAGIC


def _read(blob: Blob, limits: Limits) -> Iterator[Piece]:
    yield from mail.pieces(tnef.read(bytes(blob.data)))


FORMAT = Format(
    kind="winmail",
    title=Text("Outlook mail packed for others (winmail.dat)", "Outlook形式の添付（winmail.dat）"),
    suffixes=(".tnef",),
    recognise=_recognise,
    read=_read,
    order=10,
)
