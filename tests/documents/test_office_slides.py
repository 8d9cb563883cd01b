"""Presentations, new and old: slides in the order of the show, with hidden ones, tables, notes and embedded files."""

from __future__ import annotations

import importlib
import io
import struct
import zlib

import pptx
from pptx.presentation import Presentation
from pptx.util import Inches

from sekisho.documents import compound
from sekisho.model import Blob, Frame, Gap, Grid, Limits, Member, Piece, Prose, Reason


def read(kind: str, data: bytes) -> list[Piece]:
    part = importlib.import_module(f"sekisho.documents.formats.{kind}").FORMAT
    return list(part.read(Blob(f"x.{kind}", data), Limits()))


def page(pieces: list[Piece], number: int) -> list[str]:
    return [line for p in pieces if isinstance(p, Prose) and p.place.base == str(number) for line in p.lines]


def saved(show: Presentation) -> bytes:
    out = io.BytesIO()
    show.save(out)
    return out.getvalue()


def box(slide: object, text: str) -> None:
    slide.shapes.add_textbox(Inches(1), Inches(1), Inches(4), Inches(1)).text_frame.text = text  # type: ignore[attr-defined]


def test_hidden_slides_and_notes_are_read_too() -> None:
    show = pptx.Presentation()
    shown, hidden = (show.slides.add_slide(show.slide_layouts[6]) for _ in range(2))
    box(shown, "氏名：山田太郎\n電話：03-0000-0000")
    shown.notes_slide.notes_text_frame.text = "覚え書き"
    box(hidden, "隠れた頁")
    hidden._element.set("show", "0")
    pieces = read("pptx", saved(show))
    assert page(pieces, 1)[:3] == ["氏名：山田太郎", "電話：03-0000-0000", "覚え書き"]
    assert page(pieces, 2) == ["隠れた頁"]


def test_slides_come_in_the_order_of_the_show() -> None:
    show = pptx.Presentation()
    for text in ("一", "二", "三"):
        box(show.slides.add_slide(show.slide_layouts[6]), text)
    listed = show.slides._sldIdLst
    listed.insert(0, listed[2])
    pieces = read("pptx", saved(show))
    assert [page(pieces, number) for number in (1, 2, 3)] == [["三"], ["一"], ["二"]]


def test_a_table_on_a_slide_is_a_grid_placed_by_its_line() -> None:
    show = pptx.Presentation()
    slide = show.slides.add_slide(show.slide_layouts[5])
    slide.shapes.title.text = "名簿"
    table = slide.shapes.add_table(2, 3, 0, 0, Inches(6), Inches(1)).table
    for at in range(2):
        for column in range(3):
            table.cell(at, column).text = f"{at}{column}"
    table.cell(0, 0).merge(table.cell(0, 1))
    table.cell(0, 0).text = "横"
    (grid,) = [p for p in read("pptx", saved(show)) if isinstance(p, Grid)]
    assert grid.cells.rows() == [("横", None, "02"), ("10", "11", "12")]
    assert (grid.place.frame, grid.place.base, grid.place.first) == (Frame.PAGE, "1", 2)


def test_a_show_of_pictures_is_told_to_have_no_text() -> None:
    from PIL import Image

    out = io.BytesIO()
    Image.new("RGB", (20, 20)).save(out, "PNG")
    show = pptx.Presentation()
    show.core_properties.title = ""
    show.slides.add_slide(show.slide_layouts[6]).shapes.add_picture(io.BytesIO(out.getvalue()), 0, 0)
    assert [p.reason for p in read("pptx", saved(show)) if isinstance(p, Gap)] == [Reason.NO_TEXT]


# -- PowerPoint 97


def record(kind: int, *inner: bytes, container: bool = True, instance: int = 0) -> bytes:
    content = b"".join(inner)
    return struct.pack("<HHI", (15 if container else 0) | instance << 4, kind, len(content)) + content


def atom(kind: int, content: bytes, instance: int = 0) -> bytes:
    return record(kind, content, container=False, instance=instance)


def shape(text: str, *place: int) -> bytes:
    anchor = atom(0xF00F, struct.pack("<4i", *place)) if place else b""
    return record(0xF004, anchor, record(0xF00D, atom(0x0FA0, text.encode("utf-16-le"))))


def slide(*shapes: bytes) -> bytes:
    return record(0x03EE, record(0x040C, record(0xF002, record(0xF003, *shapes))))


def show_97(slides: list[bytes], others: list[bytes], *, before: bytes = b"", outline: bytes = b"") -> bytes:
    """A presentation whose last edit knows the document, its slides and other persistent objects."""
    listed = b"".join(
        atom(0x03F3, struct.pack("<5I", 2 + i, 0, 0, 256 + i, 0)) + (outline if not i else b"")
        for i in range(len(slides))
    )
    objects = [record(0x03E8, record(0x0FF0, listed)), *slides, *others]
    places, stream = [], before
    for each in objects:
        places.append(len(stream))
        stream += each
    directory = len(stream)
    stream += atom(0x1772, struct.pack(f"<I{len(places)}I", 1 | len(places) << 20, *places))
    edit = len(stream)
    stream += atom(0x0FF5, struct.pack("<IIIIIIHH", 0, 0, 0, directory, 1, len(places), 0, 0))
    current = struct.pack("<HHIIII", 0, 0x0FF6, 12, 12, 0xE391C05F, edit)
    return compound.written({("PowerPoint Document",): stream, ("Current User",): current})


def test_old_slides_give_their_texts_and_what_their_outline_holds() -> None:
    reference = record(0xF004, record(0xF00D, atom(0x0F9E, struct.pack("<I", 0))))
    outline = atom(0x0F9F, bytes(4)) + atom(0x0FA0, "題名".encode("utf-16-le"))
    pieces = read(
        "ppt", show_97([slide(reference, shape("氏名：山田太郎\r電話")), slide(shape("次"))], [], outline=outline)
    )
    assert page(pieces, 1) == ["題名", "氏名：山田太郎", "電話"]
    assert page(pieces, 2) == ["次"]


def test_what_an_earlier_save_left_in_an_old_file_is_passed() -> None:
    pieces = read("ppt", show_97([slide(shape("今"))], [], before=slide(shape("前"))))
    assert page(pieces, 1) == ["今"]


def test_boxes_that_lie_in_rows_and_columns_on_an_old_slide_are_a_table() -> None:
    cells = [shape(f"{y}{x}", x * 100, y * 50, x * 100 + 100, y * 50 + 50) for y in range(2) for x in range(3)]
    pieces = read("ppt", show_97([slide(record(0xF003, *cells))], []))
    assert [p.cells.rows() for p in pieces if isinstance(p, Grid)] == [[("00", "01", "02"), ("10", "11", "12")]]


def test_an_object_on_an_old_slide_is_a_member() -> None:
    inner = compound.written({("Package",): b"PK\x03\x04rest"})
    packed = atom(0x1011, struct.pack("<I", len(inner)) + zlib.compress(inner), instance=1)
    (member,) = [p for p in read("ppt", show_97([slide(shape("一"))], [packed])) if isinstance(p, Member)]
    assert bytes(member.load(None).data) == b"PK\x03\x04rest"
