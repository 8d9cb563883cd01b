"""Old PowerPoint presentations (.ppt, 97 to 2003): slides, tables, notes, comments, embedded objects."""

from __future__ import annotations

from collections.abc import Iterator

from sekisho.documents import ole, ole_locks
from sekisho.documents.blocks import Flow
from sekisho.documents.powerpoint97 import Presentation
from sekisho.errors import UnreadableError
from sekisho.model import Blob, Format, Frame, Gap, Head, Limits, Piece, Reason
from sekisho.wording import Text


def _recognise(head: Head) -> bool:
    return ole.named(head, "PowerPoint Document") and not ole.named(head, "EncryptedPackage")


def _read(blob: Blob, limits: Limits) -> Iterator[Piece]:
    with ole.open_ole(blob.data) as file:
        shown = Presentation(ole.stream(file, "PowerPoint Document"), ole.stream(file, "Current User"))
        flow = Flow()
        for number, blocks in enumerate(shown.slides(), start=1):
            yield from flow.contents(blocks, str(number), Frame.PAGE)
        yield from flow.contents(ole.properties(file), "properties")
        if flow.empty and file.exists("Pictures"):
            yield Gap(Reason.NO_TEXT)
    try:
        for number, data in enumerate(shown.objects(), start=1):
            yield from ole.unwrapped(f"object {number}", data)
    except UnreadableError as error:
        yield Gap(Reason.DAMAGED_PART, error.detail)


FORMAT = Format(
    kind="ppt",
    title=Text("PowerPoint 97-2003 presentation", "PowerPoint 97-2003プレゼンテーション"),
    suffixes=(".ppt", ".pps", ".pot"),
    recognise=_recognise,
    read=_read,
    lock=ole_locks.ppt_lock,
    unlock=ole_locks.ppt_unlocked,
    order=30,
)
