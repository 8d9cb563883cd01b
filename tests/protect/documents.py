"""Small documents to protect."""

from __future__ import annotations

import io
from collections.abc import Sequence

import pikepdf
import xlsxwriter


def a_workbook(rows: Sequence[Sequence[str]]) -> bytes:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as workbook:
        sheet = workbook.add_worksheet()
        for number, row in enumerate(rows):
            sheet.write_row(number, 0, row)
    return out.getvalue()


def a_pdf(text: str) -> bytes:
    """One page; ``text`` stands in its title and, as bytes, in its content."""
    document = pikepdf.new()
    page = document.add_blank_page(page_size=(300, 300))
    page.Contents = document.make_stream(b"BT /F1 12 Tf (" + text.encode() + b") Tj ET\n" * 20)
    document.docinfo["/Title"] = text
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()
