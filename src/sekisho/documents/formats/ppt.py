"""Old PowerPoint presentations (.ppt, 97 to 2003): slides, tables, notes, comments, embedded objects."""

from __future__ import annotations

from collections.abc import Iterator

from sekisho.documents import charset, ole, ole_locks
from sekisho.documents.blocks import Flow
from sekisho.documents.powerpoint97 import Presentation
from sekisho.errors import UnreadableError
from sekisho.model import Blob, Format, Frame, Gap, Head, Limits, Piece, Reason
from sekisho.wording import Text

_OF_97_BESIDE = "PP97_DUALSTORAGE"  # in files saved for PowerPoint 95 and 97 alike
_TEXT_OF_95 = "Text_Content"
_LINES = bytes.maketrans(b"\r\x0b\0", b"\n\n\n")


def _recognise(head: Head) -> bool:
    return ole.named(head, "PowerPoint Document") and not ole.named(head, "EncryptedPackage")


def _read(blob: Blob, limits: Limits) -> Iterator[Piece]:
    with ole.open_ole(blob.data) as file:
        flow = Flow()
        where = (_OF_97_BESIDE,) if file.exists(_OF_97_BESIDE) else ()
        if not where and file.exists(_TEXT_OF_95):
            yield from flow.contents(_text_of_95(ole.stream(file, _TEXT_OF_95)))
            yield Gap(Reason.UNREAD_PART, "PowerPoint 95")
            return
        shown = Presentation(ole.stream(file, *where, "PowerPoint Document"), ole.stream(file, *where, "Current User"))
        for number, blocks in enumerate(shown.slides(), start=1):
            yield from flow.contents(blocks, str(number), Frame.PAGE)
        files, gaps = _objects(shown)
        if flow.empty and not files and file.exists("Pictures"):
            gaps.append(Gap(Reason.NO_TEXT))
        yield from flow.contents(ole.properties(file), "properties")
    yield from gaps
    yield from files


def _text_of_95(data: bytes) -> list[str]:
    return [line for line in charset.decode(data.translate(_LINES)).text.split("\n") if line.strip()]


def _objects(shown: Presentation) -> tuple[list[Piece], list[Gap]]:
    """The documents embedded in slides, and a gap where one is damaged."""
    found: list[Piece] = []
    try:
        for number, data in enumerate(shown.objects(), start=1):
            found += ole.unwrapped(f"object {number}", data)
    except UnreadableError as error:
        return found, [Gap(Reason.DAMAGED_PART, error.detail)]
    return found, []


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
