"""PDF pages: lists and letters as text, scans as images only, forms with fields. The font is one every reader knows."""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO
from typing import Any

from sekisho.estate.content import NOTICE, NOTICE_LONG, Book, Content, Letter, Picture, Row, Sheet
from sekisho.estate.writers.words import as_letter

FONT = "HeiseiMin-W3"


def pdf(content: Content) -> bytes:
    """A letter or list as text, a picture as an image."""
    return _scan(content) if isinstance(content, Picture) else _text(as_letter(content), wrap=False)


def pdf_narrow(content: Content) -> bytes:
    """A list whose columns are so narrow that numbers and dates break over two lines."""
    return _text(as_letter(content), wrap=True)


def _text(letter: Letter, wrap: bool) -> bytes:
    from reportlab.lib.pagesizes import A4
    from reportlab.pdfbase.cidfonts import UnicodeCIDFont
    from reportlab.pdfbase.pdfmetrics import registerFont
    from reportlab.platypus import Paragraph, SimpleDocTemplate, Spacer

    registerFont(UnicodeCIDFont(FONT))
    out = BytesIO()
    document = SimpleDocTemplate(
        out,
        pagesize=A4,
        title=letter.title,
        subject=NOTICE_LONG,
        author=NOTICE,
        leftMargin=40,
        rightMargin=40,
        invariant=1,
    )
    style = _style()
    flow: list[Any] = []
    for block in letter.blocks:
        if isinstance(block, Sheet):
            flow.append(_table(block, wrap))
        else:
            flow.append(Paragraph(_escaped(block), style) if block else Spacer(1, 10))
    document.build(flow)
    return out.getvalue()


def _style() -> Any:
    from reportlab.lib.styles import ParagraphStyle

    return ParagraphStyle("text", fontName=FONT, fontSize=9, leading=14, wordWrap="CJK")


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;")


def _table(sheet: Sheet, wrap: bool) -> Any:
    from reportlab.lib import colors
    from reportlab.platypus import LongTable, Paragraph, TableStyle

    width = max(len(row) for row in sheet.rows)
    rows = [[*_shown(row), *[""] * (width - len(row))] for row in sheet.rows]
    rule = TableStyle([("FONT", (0, 0), (-1, -1), FONT, 8), ("GRID", (0, 0), (-1, -1), 0.3, colors.black)])
    if not wrap:
        return LongTable(rows, repeatRows=0, style=rule)
    style = _style()
    cells = [[Paragraph(_escaped(text), style) for text in row] for row in rows]
    return LongTable(cells, colWidths=[48] * width, style=rule)


def _shown(row: Row) -> Sequence[str]:
    return ["" if v is None else str(v) for v in row]


def _scan(picture: Picture) -> bytes:
    """A page that is one image, as a scanner gives it."""
    from PIL import Image, ImageDraw
    from reportlab.lib.pagesizes import A4
    from reportlab.lib.utils import ImageReader
    from reportlab.pdfgen.canvas import Canvas

    image = Image.new("L", (1240, 1754), 255)
    pen = ImageDraw.Draw(image)
    for i, line in enumerate(picture.lines):
        pen.text((100, 120 + 40 * i), line, fill=0)
    out = BytesIO()
    canvas = Canvas(out, pagesize=A4, invariant=1)
    canvas.setTitle(picture.title)
    canvas.setSubject(NOTICE_LONG)
    canvas.drawImage(ImageReader(image), 0, 0, *A4)
    canvas.save()
    return out.getvalue()


def attaching(letter: Letter, name: str, data: bytes) -> bytes:
    """A letter with a file attached."""
    import pikepdf

    with pikepdf.open(BytesIO(_text(letter, wrap=False))) as document:
        document.attachments[name] = data
        out = BytesIO()
        document.save(out, deterministic_id=True)
    return out.getvalue()


def pdf_form(content: Content) -> bytes:
    """A form whose values are in its fields: every sheet row is a label and a value."""
    import pikepdf

    assert isinstance(content, Book)
    rows = [row for sheet in content.sheets for row in sheet.rows if len(row) > 1]
    labels = Letter((content.title, *(f"{row[0]}：" for row in rows)), content.title)
    with pikepdf.open(BytesIO(_text(labels, wrap=False))) as document:
        fields = [_field(document, i, str(row[0]), "" if row[1] is None else str(row[1])) for i, row in enumerate(rows)]
        document.Root.AcroForm = pikepdf.Dictionary(Fields=pikepdf.Array(fields), NeedAppearances=True)
        out = BytesIO()
        document.save(out, deterministic_id=True)
    return out.getvalue()


def _field(document: Any, i: int, label: str, value: str) -> Any:
    import pikepdf

    page = document.pages[0]
    top = 740 - 14 * i
    widget = document.make_indirect(
        pikepdf.Dictionary(
            Type=pikepdf.Name.Annot, Subtype=pikepdf.Name.Widget, FT=pikepdf.Name.Tx, T=f"{label}_{i}", TU=label,
            V=value, Rect=[200, top, 400, top + 12], P=page.obj,
        )
    )  # fmt: skip
    if "/Annots" not in page:
        page.Annots = document.make_indirect(pikepdf.Array())
    page.Annots.append(widget)
    return widget
