"""PDF: text in reading order, tables rebuilt from the page, form fields, notes, attachments."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sekisho.documents import ole, pdf_cells, pdf_columns
from sekisho.documents.blocks import Block, Flow
from sekisho.documents.pdf_marks import Page
from sekisho.errors import LockedError, UnreadableError
from sekisho.model import Blob, Format, Frame, Gap, Head, Limits, Piece, Place, Prose, Reason
from sekisho.wording import Text


def _recognise(head: Head) -> bool:
    return b"%PDF-" in bytes(head.data[:1024])


def _read(blob: Blob, limits: Limits) -> Iterator[Piece]:
    import pypdfium2

    data = bytes(blob.data)
    try:
        document = pypdfium2.PdfDocument(data, password=blob.key)
    except pypdfium2.PdfiumError as error:
        if "password" in str(error).lower():
            raise LockedError(Reason.PASSWORD_UNKNOWN) from error
        raise UnreadableError(Reason.TRUNCATED if b"%%EOF" not in data[-4096:] else Reason.DAMAGED) from error
    try:
        yield from _pages(document)
        yield from _properties(document)
        yield from _attachments(document)
        if b"%%EOF" not in data[-65536:]:
            yield Gap(Reason.TRUNCATED)
    finally:
        document.close()


def _pages(document: Any) -> Iterator[Piece]:
    import pypdfium2

    from sekisho.documents.pdf_page import read_page

    document.init_forms()
    form = document.formenv.raw if document.formenv else None
    flow = Flow()
    without_text, undecoded = [], 0
    for index in range(len(document)):
        try:
            page = document[index]
        except pypdfium2.PdfiumError:
            yield Gap(Reason.DAMAGED_PART, f"page {index + 1}")
            continue
        marks = read_page(page, form)
        page.close()
        yield from flow.contents(_blocks(marks), str(index + 1), Frame.PAGE)
        if _is_picture(marks):
            without_text.append(index + 1)
        undecoded += marks.undecoded > 0.2 * marks.characters
    if without_text:
        yield Gap(Reason.NO_TEXT, f"{len(without_text)} of {len(document)} pages")
    if undecoded:
        yield Gap(Reason.UNDECODED, f"{undecoded} of {len(document)} pages")


def _blocks(marks: Page) -> Iterator[Block]:
    tables, loose = pdf_cells.ruled(marks)
    yield from pdf_columns.in_order([*tables, *pdf_columns.parts(loose)])
    yield from marks.notes


def _is_picture(marks: Page) -> bool:
    """A page that shows something but says nothing, or hardly more than a stamp on a full-page picture."""
    if not marks.characters:
        return marks.pictured > 0.02 or marks.drawn > 100
    return marks.pictured > 0.8 and marks.characters < 80


def _properties(document: Any) -> Iterator[Piece]:
    """Title, subject and keywords; not who wrote it or with what."""
    told = document.get_metadata_dict(skip_empty=True)
    lines = [line for key in ("Title", "Subject", "Keywords") for line in told.get(key, "").splitlines()]
    lines = [line for line in lines if line.strip() and line not in ("untitled", "unspecified")]
    if lines:
        yield Prose(lines, Place(Frame.LINE, "properties"))


def _attachments(document: Any) -> Iterator[Piece]:
    for index in range(document.count_attachments()):
        attachment = document.get_attachment(index)
        yield ole.member(attachment.get_name() or f"attachment {index + 1}", bytes(attachment.get_data()))


FORMAT = Format(
    kind="pdf",
    title=Text("PDF", "PDF"),
    suffixes=(".pdf",),
    recognise=_recognise,
    read=_read,
    order=20,
)
