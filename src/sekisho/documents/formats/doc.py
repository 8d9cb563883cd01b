"""Old Word documents (.doc, Word 6 to 2003): body, tables, headers, notes, comments, text boxes, deletions, objects."""

from __future__ import annotations

from collections.abc import Iterator

from sekisho.documents import ole, ole_locks
from sekisho.documents.blocks import Flow
from sekisho.documents.word97 import Document
from sekisho.model import Blob, Format, Gap, Head, Limits, Piece, Reason
from sekisho.wording import Text


def _recognise(head: Head) -> bool:
    return ole.named(head, "WordDocument") and not ole.named(head, "EncryptedPackage")


def _read(blob: Blob, limits: Limits) -> Iterator[Piece]:
    with ole.open_ole(blob.data) as file:
        flow = Flow()
        document = Document(ole.stream(file, "WordDocument"), lambda name: ole.stream(file, name))
        for name, blocks in document.stories():
            yield from flow.contents(blocks, name)
        yield from flow.contents(document.deleted, "deleted")
        yield from flow.contents(ole.properties(file), "properties")
        files = list(ole.objects(file, "ObjectPool"))
        if flow.empty and not files and document.has_pictures:
            yield Gap(Reason.NO_TEXT)
        yield from files


FORMAT = Format(
    kind="doc",
    title=Text("Word 97-2003 document", "Word 97-2003文書"),
    suffixes=(".doc", ".dot", ".wiz"),
    recognise=_recognise,
    read=_read,
    lock=ole_locks.doc_lock,
    unlock=ole_locks.doc_unlocked,
    order=30,
)
