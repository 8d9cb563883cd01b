"""PDF: text in reading order, tables rebuilt from the page, form fields, notes, attachments."""

from __future__ import annotations

import io
import logging
from collections import Counter
from collections.abc import Iterator
from typing import Any

from sekisho.documents import ocr, ole, package, pdf_cells, pdf_columns, pdf_locks, pdf_text
from sekisho.documents.blocks import Block, Flow
from sekisho.documents.pdf_marks import Page
from sekisho.errors import LockedError, UnreadableError
from sekisho.model import Blob, Format, Frame, Gap, Head, Limits, Piece, Place, Prose, Reason
from sekisho.wording import Text

_OCR_SCALE = 200 / 72


def _recognise(head: Head) -> bool:
    return b"%PDF-" in bytes(head.data[:1024])


def _read(blob: Blob, limits: Limits) -> Iterator[Piece]:
    import pypdfium2

    logging.getLogger("pypdfium2").setLevel(logging.CRITICAL)
    data = bytes(blob.data)
    try:
        document = pypdfium2.PdfDocument(data, password=blob.key)
    except pypdfium2.PdfiumError as error:
        if "password" in str(error).lower():
            raise LockedError(Reason.PASSWORD_UNKNOWN) from error
        raise UnreadableError(Reason.TRUNCATED if b"%%EOF" not in data[-65536:] else Reason.DAMAGED) from error
    try:
        pages = _Pages(document, limits)
        yield from pages.pieces()
        yield from _properties(document)
        if not pages.fields and document.get_formtype() == pypdfium2.raw.FORMTYPE_XFA_FULL:
            yield from _xfa(blob)
        yield from _attachments(document)
        if b"%%EOF" not in data[-65536:]:
            yield Gap(Reason.TRUNCATED)
    finally:
        document.close()


class _Pages:
    """Reads page after page, and remembers what could not be read."""

    def __init__(self, document: Any, limits: Limits) -> None:
        document.init_forms()
        self._document = document
        self._form = document.formenv.raw if document.formenv else None
        self._limits = limits
        self._flow = Flow()
        self._gaps: Counter[Reason] = Counter()
        self.fields = 0

    def pieces(self) -> Iterator[Piece]:
        """The contents of all pages, then a gap for each kind of page that was not read."""
        import pypdfium2

        count = len(self._document)
        for index in range(count):
            try:
                page = self._document[index]
            except pypdfium2.PdfiumError:
                self._gaps[Reason.DAMAGED_PART] += 1
                continue
            yield from self._flow.contents(self._blocks(page), str(index + 1), Frame.PAGE)
            page.close()
        for reason, pages in self._gaps.items():
            yield Gap(reason, f"{pages} of {count} pages")

    def _blocks(self, page: Any) -> list[Block]:
        from sekisho.documents.pdf_page import read_page

        marks = read_page(page, self._form)
        self.fields += marks.fields
        tables, loose = pdf_cells.ruled(marks)
        blocks = [*pdf_text.in_order([*tables, *pdf_columns.parts(loose)]), *marks.notes]
        unreadable = marks.undecoded > 0.2 * marks.characters
        if not unreadable and not _is_picture(marks):
            return blocks
        if self._limits.ocr:
            seen = ocr.read(page.render(scale=_OCR_SCALE).to_pil())
            if seen:
                return seen if unreadable else [*blocks, *seen]
        self._gaps[Reason.UNDECODED if unreadable else Reason.NO_TEXT] += 1
        return blocks


def _is_picture(marks: Page) -> bool:
    """A page that shows something but says nothing, or hardly more than a stamp on a full-page picture."""
    if not marks.characters:
        return marks.pictured > 0.02 or marks.drawn > 100
    return marks.pictured > 0.8 and marks.characters < 80


def _xfa(blob: Blob) -> Iterator[Piece]:
    """The values of an XFA form, which are XML beside the pages."""
    import pikepdf

    try:
        with pikepdf.open(io.BytesIO(blob.data), password=blob.key or "") as document:
            packets = document.Root.AcroForm.XFA
            parts = [packets] if isinstance(packets, pikepdf.Stream) else [p for p in packets if _is_stream(p)]
            packed = [part.read_bytes() for part in parts]
    except (pikepdf.PdfError, pikepdf.PasswordError, AttributeError, KeyError, TypeError):
        yield Gap(Reason.UNREAD_PART, "XFA form")
        return
    for xml in packed:
        if b"xfa:datasets" in xml:
            lines = list(_values(package.parse(xml)[0]))
            yield from Flow().contents(lines, "form")


def _is_stream(part: Any) -> bool:
    import pikepdf

    return isinstance(part, pikepdf.Stream)


def _values(root: package.Element) -> Iterator[str]:
    """``name: value`` of each field that has one."""
    for data in root.iter("{*}data"):
        for element in data.iter("*"):
            text = (element.text or "").strip()
            if text and not len(element):
                yield f"{package.local_name(element)}: {text}"


def _properties(document: Any) -> Iterator[Piece]:
    """Title, subject and keywords; not who wrote it or with what."""
    told = document.get_metadata_dict(skip_empty=True)
    lines = [line for key in ("Title", "Subject", "Keywords") for line in told.get(key, "").splitlines()]
    lines = [line for line in lines if line.strip() and line not in ("untitled", "unspecified")]
    if lines:
        yield Prose(lines, Place(Frame.LINE, "properties"))


def _attachments(document: Any) -> Iterator[Piece]:
    import pypdfium2

    for index in range(document.count_attachments()):
        attachment = document.get_attachment(index)
        try:
            data = bytes(attachment.get_data())
        except pypdfium2.PdfiumError:
            yield Gap(Reason.DAMAGED_PART, "attachment")
        else:
            yield ole.member(attachment.get_name() or f"attachment {index + 1}", data)


FORMAT = Format(
    kind="pdf",
    title=Text("PDF", "PDF"),
    suffixes=(".pdf",),
    recognise=_recognise,
    read=_read,
    lock=pdf_locks.lock_of,
    unlock=pdf_locks.unlocked,
    order=20,
)
