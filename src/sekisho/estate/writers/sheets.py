"""Workbooks: xlsx and xlsm by xlsxwriter, xls by xlwt, ods as a zip of our own."""

from __future__ import annotations

import datetime as dt
from io import BytesIO
from typing import Any
from xml.sax.saxutils import escape, quoteattr
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile

from sekisho.estate.content import NOTICE, NOTICE_LONG, Book, Cell, Sheet

MADE = dt.datetime(2015, 4, 1, tzinfo=dt.UTC).replace(tzinfo=None)
DATE_FORMATS = ("yyyy/m/d", '[$-411]ggge"年"m"月"d"日"', "[$-411]ge.m.d")  # one value, three ways to show it
LARGE = 2_000  # rows from which memory is kept constant and strings stand in their cells


def xlsx(book: Book) -> bytes:
    """An Excel workbook."""
    import xlsxwriter

    out = BytesIO()
    large = sum(len(s.rows) for s in book.sheets) > LARGE and not any(s.merged or s.hidden_rows for s in book.sheets)
    options = {"in_memory": True, "strings_to_urls": False, "strings_to_formulas": False, "constant_memory": large}
    workbook = xlsxwriter.Workbook(out, options)
    workbook.set_properties(
        {"title": book.title, "comments": NOTICE_LONG, "category": NOTICE, "author": "仲村", "created": MADE}
    )
    shown = DATE_FORMATS[len(book.sheets[0].rows) % len(DATE_FORMATS)]
    dates = workbook.add_format({"num_format": shown})
    for sheet in book.sheets:
        _xlsx_sheet(workbook.add_worksheet(sheet.name), sheet, dates)
    workbook.close()
    return out.getvalue()


_MAIN = b"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"


def xlsm(book: Book) -> bytes:
    """The same as a workbook that may hold macros; it holds none."""
    out = BytesIO()
    with ZipFile(BytesIO(xlsx(book))) as old, ZipFile(out, "w", ZIP_DEFLATED) as new:
        for info in old.infolist():
            data = old.read(info)
            if info.filename == "[Content_Types].xml":
                data = data.replace(_MAIN, b"application/vnd.ms-excel.sheet.macroEnabled.main+xml")
            new.writestr(info, data, ZIP_DEFLATED)
    return out.getvalue()


def _xlsx_sheet(target: Any, sheet: Sheet, dates: Any) -> None:
    for (row, column), text in sheet.comments.items():
        target.write_comment(row, column, text)
    for r, cells in enumerate(sheet.rows):
        for c, value in enumerate(cells):
            _xlsx_cell(target, r, c, value, dates)
    for top, left, bottom, right in sheet.merged:
        target.merge_range(top, left, bottom, right, _corner(sheet, top, left))
    for hidden in sheet.hidden_rows:
        target.set_row(hidden, None, None, {"hidden": True})
    for hidden in sheet.hidden_columns:
        target.set_column(hidden, hidden, None, None, {"hidden": True})
    if sheet.hidden:
        target.hide()
    if sheet.protected:
        target.protect("kinshi")


def _corner(sheet: Sheet, row: int, column: int) -> Cell:
    values = sheet.rows[row]
    return values[column] if column < len(values) else ""


def _xlsx_cell(target: Any, r: int, c: int, value: Cell, dates: Any) -> None:
    if value is None:
        return
    if isinstance(value, str):
        target.write_string(r, c, value)
    elif isinstance(value, dt.date):
        target.write_datetime(r, c, value, dates)
    else:
        target.write_number(r, c, value)


def xls(book: Book) -> bytes:
    """An Excel 97-2003 workbook."""
    import xlwt

    workbook = xlwt.Workbook(encoding="utf-8")
    dates = xlwt.easyxf(num_format_str="yyyy/m/d")
    for sheet in book.sheets:
        target = workbook.add_sheet(sheet.name, cell_overwrite_ok=True)
        for r, row in enumerate(sheet.rows):
            for c, value in enumerate(row):
                if value is not None:
                    target.write(r, c, value, *([dates] if isinstance(value, dt.date) else []))
        for top, left, bottom, right in sheet.merged:
            target.write_merge(top, bottom, left, right, _corner(sheet, top, left))
        target.visibility = 1 if sheet.hidden else 0
    out = BytesIO()
    workbook.save(out)
    return out.getvalue()


_ODS = "application/vnd.oasis.opendocument.spreadsheet"
_SPACES = " ".join(
    f'xmlns:{k}="urn:oasis:names:tc:opendocument:xmlns:{v}:1.0"'
    for k, v in {"office": "office", "table": "table", "text": "text", "meta": "meta", "style": "style"}.items()
)


def ods(book: Book) -> bytes:
    """An OpenDocument spreadsheet."""
    tables = "".join(_ods_table(s) for s in book.sheets)
    styles = (
        '<office:automatic-styles><style:style style:name="hidden" style:family="table">'
        '<style:table-properties table:display="false"/></style:style></office:automatic-styles>'
    )
    content = (
        f'<?xml version="1.0" encoding="UTF-8"?><office:document-content {_SPACES} office:version="1.2">{styles}'
        f"<office:body><office:spreadsheet>{tables}</office:spreadsheet></office:body></office:document-content>"
    )
    return open_document(_ODS, content)


def open_document(mime: str, content: str) -> bytes:
    """The zip of an OpenDocument file around its content.xml; the notice stands in meta.xml."""
    meta = (
        f'<?xml version="1.0" encoding="UTF-8"?><office:document-meta {_SPACES} '
        'xmlns:dc="http://purl.org/dc/elements/1.1/" office:version="1.2"><office:meta>'
        f"<dc:description>{escape(NOTICE_LONG)}</dc:description></office:meta></office:document-meta>"
    )
    names = {"content.xml": content, "meta.xml": meta}
    entries = "".join(f'<manifest:file-entry manifest:full-path="{n}" manifest:media-type="text/xml"/>' for n in names)
    manifest = (
        '<?xml version="1.0" encoding="UTF-8"?>'
        '<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0" manifest:version="1.2">'
        f'<manifest:file-entry manifest:full-path="/" manifest:media-type="{mime}"/>{entries}</manifest:manifest>'
    )
    out = BytesIO()
    with ZipFile(out, "w", ZIP_DEFLATED) as package:
        package.writestr("mimetype", mime, ZIP_STORED)
        for name, text in {**names, "META-INF/manifest.xml": manifest}.items():
            package.writestr(name, text)
    return out.getvalue()


def _ods_table(sheet: Sheet) -> str:
    rows = "".join(f"<table:table-row>{''.join(_ods_cell(v) for v in row)}</table:table-row>" for row in sheet.rows)
    style = ' table:style-name="hidden"' if sheet.hidden else ""
    return f"<table:table table:name={quoteattr(sheet.name)}{style}>{rows}</table:table>"


def _ods_cell(value: Cell) -> str:
    if value is None:
        return "<table:table-cell/>"
    if isinstance(value, str):
        kind = 'office:value-type="string"'
    elif isinstance(value, dt.date):
        kind = f'office:value-type="date" office:date-value="{value.isoformat()}"'
    else:
        kind = f'office:value-type="float" office:value="{value}"'
    return f"<table:table-cell {kind}><text:p>{escape(str(value))}</text:p></table:table-cell>"
