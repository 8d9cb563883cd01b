"""Running text with tables: docx, odt, rtf and html."""

from __future__ import annotations

from io import BytesIO
from typing import Any
from xml.sax.saxutils import escape

from sekisho.estate.content import NOTICE, NOTICE_LONG, Book, Cell, Content, Letter, Sheet
from sekisho.estate.writers.sheets import MADE, open_document
from sekisho.estate.writers.texts import encoded


def as_letter(content: Content) -> Letter:
    """A content as running text: a book's sheets become tables under their names."""
    if isinstance(content, Letter):
        return content
    if isinstance(content, Book):
        top = content.sheets[0].rows[0][:1]
        return Letter(content.sheets if top == (content.title,) else (content.title, *content.sheets), content.title)
    raise TypeError(type(content))


def docx(content: Content) -> bytes:
    """A Word document with header, footer, comment, tracked deletion and text box where the letter has them."""
    import docx as word

    letter = as_letter(content)
    document = word.Document()
    properties = document.core_properties
    properties.title, properties.comments, properties.category = letter.title, NOTICE_LONG, NOTICE
    properties.created = properties.modified = MADE
    section = document.sections[0]
    section.header.paragraphs[0].text = letter.header
    section.footer.paragraphs[0].text = letter.footer or NOTICE
    last = None
    for block in letter.blocks:
        if isinstance(block, str):
            last = document.add_paragraph(block)
        else:
            _docx_table(document, block)
    if letter.comment and last is not None:
        document.add_comment(last.add_run(" "), letter.comment, author="審査", initials="S")
    for text, make in ((letter.deleted, _deleted), (letter.box, _box)):
        if text:
            document.add_paragraph()._p.append(make(text))
    out = BytesIO()
    document.save(out)
    return out.getvalue()


def _docx_table(document: Any, sheet: Sheet) -> None:
    width = max(len(row) for row in sheet.rows)
    table = document.add_table(rows=0, cols=width)
    for row in sheet.rows:
        cells = table.add_row().cells
        for cell, value in zip(cells, row, strict=False):
            cell.paragraphs[0].text = "" if value is None else str(value)
    for first_row, first, last_row, last in sheet.merged:
        text = table.cell(first_row, first).text
        table.cell(first_row, first).merge(table.cell(last_row, last)).text = text


_W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'


def _deleted(text: str) -> Any:
    from docx.oxml import parse_xml

    return parse_xml(
        f'<w:del {_W} w:id="900" w:author="審査" w:date="2015-04-01T09:00:00Z">'
        f'<w:r><w:delText xml:space="preserve">{escape(text)}</w:delText></w:r></w:del>'
    )


def _box(text: str) -> Any:
    from docx.oxml import parse_xml

    return parse_xml(
        f'<w:r {_W} xmlns:v="urn:schemas-microsoft-com:vml"><w:pict><v:shape style="width:200pt;height:60pt">'
        "<v:textbox>"
        f"<w:txbxContent><w:p><w:r><w:t>{escape(text)}</w:t></w:r></w:p></w:txbxContent>"
        "</v:textbox></v:shape></w:pict></w:r>"
    )


def odt(content: Content) -> bytes:
    """An OpenDocument text."""
    letter = as_letter(content)
    body = "".join(_odt_block(b) for b in letter.blocks) + f"<text:p>{NOTICE}</text:p>"
    spaces = " ".join(f'xmlns:{k}="urn:oasis:names:tc:opendocument:xmlns:{k}:1.0"' for k in ("office", "table", "text"))
    document = (
        f'<?xml version="1.0" encoding="UTF-8"?><office:document-content {spaces} office:version="1.2">'
        f"<office:body><office:text>{body}</office:text></office:body></office:document-content>"
    )
    return open_document("application/vnd.oasis.opendocument.text", document)


def odp(content: Content) -> bytes:
    """An OpenDocument presentation: a page for each dozen paragraphs, a table on a page of its own."""
    pages, lines = [], []
    for block in as_letter(content).blocks:
        if isinstance(block, str):
            lines.append(block)
        else:
            pages.append(f"<draw:frame>{_odt_block(block)}</draw:frame>")
    for start in range(0, len(lines), 12):
        text = "".join(_odt_block(line) for line in lines[start : start + 12])
        pages.append(f"<draw:frame><draw:text-box>{text}</draw:text-box></draw:frame>")
    names = {"office": "office", "table": "table", "text": "text", "draw": "drawing"}
    spaces = " ".join(f'xmlns:{k}="urn:oasis:names:tc:opendocument:xmlns:{v}:1.0"' for k, v in names.items())
    body = "".join(f'<draw:page draw:name="{i + 1}">{page}</draw:page>' for i, page in enumerate(pages))
    document = (
        f'<?xml version="1.0" encoding="UTF-8"?><office:document-content {spaces} office:version="1.2">'
        f"<office:body><office:presentation>{body}</office:presentation></office:body></office:document-content>"
    )
    return open_document("application/vnd.oasis.opendocument.presentation", document)


def _odt_block(block: str | Sheet) -> str:
    if isinstance(block, str):
        return f"<text:p>{escape(block)}</text:p>"
    width = max(len(row) for row in block.rows)
    column = f'<table:table-column table:number-columns-repeated="{width}"/>'
    rows = "".join(f"<table:table-row>{''.join(_odt_cell(v) for v in row)}</table:table-row>" for row in block.rows)
    return f'<table:table table:name="{escape(block.name)}">{column}{rows}</table:table>'


def _odt_cell(value: Cell) -> str:
    return f"<table:table-cell><text:p>{escape('' if value is None else str(value))}</text:p></table:table-cell>"


def rtf(content: Content) -> bytes:
    """Rich text with its Japanese in Unicode escapes."""
    letter = as_letter(content)
    lines = "".join(
        rf"\pard {_rtf(b)}\par" + "\n" if isinstance(b, str) else "".join(_rtf_row(r) for r in b.rows)
        for b in letter.blocks
    )
    info = rf"{{\info{{\title {_rtf(letter.title)}}}{{\doccomm {_rtf(NOTICE_LONG)}}}}}"
    head = r"{\rtf1\ansi\ansicpg932\deff0{\fonttbl{\f0\fnil\fcharset128 MS Mincho;}}"
    return f"{head}{info}\n\\f0\\fs21 {lines}}}".encode("ascii")


def _rtf_row(row: Any) -> str:
    edges = "".join(rf"\cellx{2000 * (i + 1)}" for i in range(len(row)))
    cells = "".join(rf"\pard\intbl {_rtf('' if v is None else str(v))}\cell" for v in row)
    return rf"\trowd{edges}{cells}\row" + "\n"


def _rtf(text: str) -> str:
    units = text.encode("utf-16-le")
    codes = [int.from_bytes(units[i : i + 2], "little", signed=True) for i in range(0, len(units), 2)]
    return "".join(chr(c) if 32 <= c < 127 and chr(c) not in "\\{}" else rf"\u{c}?" for c in codes)


def html(content: Content, charset: str = "utf-8") -> bytes:
    """A page as an intranet system prints it."""
    letter = as_letter(content)
    body = "\n".join(f"<p>{escape(b)}</p>" if isinstance(b, str) else _html_table(b) for b in letter.blocks)
    name = {"cp932": "Shift_JIS", "euc_jp": "EUC-JP"}.get(charset, charset)
    page = (
        f'<!DOCTYPE html>\n<html lang="ja"><head><meta charset="{name}"><title>{escape(letter.title)}</title>'
        f'<meta name="description" content="{NOTICE}"></head>\n<body>\n{body}\n</body></html>\n'
    )
    return encoded(page, charset)


def _html_table(sheet: Sheet) -> str:
    spans = {(r, c): last - c + 1 for r, c, _, last in sheet.merged}
    rows = []
    for r, row in enumerate(sheet.rows):
        cells, skip = [], 0
        for c, value in enumerate(row):
            if skip:
                skip -= 1
                continue
            span = spans.get((r, c), 1)
            skip = span - 1
            attribute = f' colspan="{span}"' if span > 1 else ""
            cells.append(f"<td{attribute}>{escape('' if value is None else str(value))}</td>")
        rows.append(f"<tr>{''.join(cells)}</tr>")
    return '<table border="1">\n' + "\n".join(rows) + "\n</table>"
