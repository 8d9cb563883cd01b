"""Slides: text boxes, tables, speaker notes and embedded workbooks."""

from __future__ import annotations

from io import BytesIO
from typing import Any

from sekisho.estate.content import NOTICE, NOTICE_LONG, Content, Sheet
from sekisho.estate.writers.sheets import MADE
from sekisho.estate.writers.words import as_letter

ROWS_A_SLIDE = 12


def pptx(content: Content) -> bytes:
    """A title, the lines of the text on one slide after the other, a table for each sheet."""
    from pptx import Presentation
    from pptx.util import Inches

    letter = as_letter(content)
    show = Presentation()
    properties = show.core_properties
    properties.title, properties.comments, properties.category = letter.title, NOTICE_LONG, NOTICE
    properties.created = properties.modified = MADE
    cover = show.slides.add_slide(show.slide_layouts[0])
    cover.shapes.title.text = letter.title
    cover.notes_slide.notes_text_frame.text = NOTICE
    lines: list[str] = []
    for block in letter.blocks:
        if isinstance(block, Sheet):
            _table(show, block)
        else:
            lines.append(block)
    for start in range(0, len(lines), ROWS_A_SLIDE):
        slide = show.slides.add_slide(show.slide_layouts[6])
        frame = slide.shapes.add_textbox(Inches(0.5), Inches(0.5), Inches(9), Inches(6)).text_frame
        frame.text = "\n".join(lines[start : start + ROWS_A_SLIDE])
    out = BytesIO()
    show.save(out)
    return out.getvalue()


def embedding(name: str, workbook: bytes) -> bytes:
    """A presentation in which a workbook is embedded."""
    from pptx import Presentation
    from pptx.enum.shapes import PROG_ID
    from pptx.util import Inches

    show = Presentation()
    show.core_properties.comments, show.core_properties.created = NOTICE_LONG, MADE
    slide = show.slides.add_slide(show.slide_layouts[5])
    slide.shapes.title.text = name
    place = Inches(1), Inches(2), Inches(4), Inches(2)
    slide.shapes.add_ole_object(BytesIO(workbook), PROG_ID.XLSX, *place)
    out = BytesIO()
    show.save(out)
    return out.getvalue()


def _table(show: Any, sheet: Sheet) -> None:
    from pptx.util import Inches

    slide = show.slides.add_slide(show.slide_layouts[6])
    width = max(len(row) for row in sheet.rows)
    frame = slide.shapes.add_table(len(sheet.rows), width, Inches(0.3), Inches(0.5), Inches(9.4), Inches(0.3))
    for r, row in enumerate(sheet.rows):
        for c, value in enumerate(row):
            frame.table.cell(r, c).text = "" if value is None else str(value)
