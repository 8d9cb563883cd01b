"""Real bytes of the document and mail formats, about invented persons."""

from __future__ import annotations

import base64
import io
import os
import struct
import zipfile
from pathlib import Path

import docx
import pptx
import pytest
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls
from odfdo import Document, Frame, Paragraph, Row, Table
from PIL import Image
from reportlab.lib.pagesizes import A4
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen.canvas import Canvas

from sekisho.documents import compound

HEADER = ("基礎年金番号", "氏名", "生年月日")
PERSONS = (("0123-456789", "山田太郎", "昭和23年4月6日"), ("0123-456790", "鈴木花子", "昭和26年12月24日"))
ROWS = (HEADER, *PERSONS)


def sample(name: str) -> bytes:
    """A foreign sample, for kinds that nobody writes any more."""
    folder = os.environ.get("SEKISHO_SAMPLES")
    if not folder:
        pytest.skip("SEKISHO_SAMPLES is not set: no foreign sample of this kind")
    return Path(folder, "formats", name).read_bytes()


def word() -> bytes:
    document = docx.Document()
    document.sections[0].header.paragraphs[0].text = "年金事務所（見本）"
    document.add_paragraph("被保険者一覧")
    table = document.add_table(len(ROWS), len(HEADER))
    for at, row in enumerate(ROWS):
        for column, text in enumerate(row):
            table.cell(at, column).text = text
    removed = f"<w:p {nsdecls('w')}><w:del w:id='1'><w:r><w:delText>佐藤次郎</w:delText></w:r></w:del></w:p>"
    document.element.body.insert(0, parse_xml(removed))
    return saved(document)


def saved(document: object) -> bytes:
    out = io.BytesIO()
    document.save(out)  # type: ignore[attr-defined]
    return out.getvalue()


def slides() -> bytes:
    show = pptx.Presentation()
    slide = show.slides.add_slide(show.slide_layouts[5])
    slide.shapes.title.text = "被保険者一覧"
    table = slide.shapes.add_table(len(ROWS), len(HEADER), 0, 0, 9_000_000, 900_000).table
    for at, row in enumerate(ROWS):
        for column, text in enumerate(row):
            table.cell(at, column).text = text
    slide.notes_slide.notes_text_frame.text = "電話 03-0000-0000"
    return saved(show)


def open_text() -> bytes:
    document = Document("text")
    document.body.clear()
    document.body.append(Paragraph("被保険者一覧"))
    document.body.append(_open_table())
    return saved(document)


def open_slides() -> bytes:
    document = Document("presentation")
    page = document.body.get_draw_page(position=0)
    if page is None:
        from odfdo import DrawPage

        page = DrawPage("1")
        document.body.append(page)
    page.append(Frame.text_frame("被保険者一覧 山田太郎", size=("10cm", "2cm"), position=("1cm", "1cm")))
    return saved(document)


def _open_table() -> Table:
    table = Table("名簿")
    for row in ROWS:
        line = Row()
        line.set_values(list(row))
        table.append_row(line)
    return table


def rich_text() -> bytes:
    def cells(row: tuple[str, ...]) -> str:
        return "".join(f"{_escaped(text)}\\cell " for text in row)

    rows = "".join(f"\\trowd\\cellx2000\\cellx4000\\cellx6000\\intbl {cells(row)}\\row\n" for row in ROWS)
    start = "{\\rtf1\\ansi\\ansicpg932{\\fonttbl{\\f0\\fcharset128 x;}}\\f0 "
    return f"{start}{_escaped('一覧')}\\par\n{rows}\\pard}}".encode()


def _escaped(text: str) -> str:
    return "".join(f"\\'{byte:02x}" for byte in text.encode("cp932"))


def page_description() -> bytes:
    pdfmetrics.registerFont(UnicodeCIDFont("HeiseiMin-W3"))
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=A4)
    canvas.setFont("HeiseiMin-W3", 10)
    canvas.drawString(60, 780, "被保険者一覧")
    for at, row in enumerate(ROWS):
        for column, text in enumerate(row):
            canvas.rect(60 + column * 120, 740 - at * 20, 120, 20)
            canvas.drawString(64 + column * 120, 746 - at * 20, text)
    canvas.save()
    return out.getvalue()


def message() -> bytes:
    body = "氏名：山田太郎\r\n基礎年金番号：0123-456789\r\n".encode("iso2022_jp")
    subject = base64.b64encode("被保険者について".encode("iso2022_jp")).decode("ascii")
    head = f"From: yamada@example.jp\r\nTo: suzuki@example.jp\r\nSubject: =?ISO-2022-JP?B?{subject}?=\r\n"
    return head.encode() + b"Content-Type: text/plain; charset=ISO-2022-JP\r\n\r\n" + body


def mailbox() -> bytes:
    return b"".join(b"From x@example.jp Mon May 18 10:00:00 2015\n" + message() + b"\n\n" for _ in range(2))


def outlook_message() -> bytes:
    """A message with its texts in the code page of Japan, as Outlook wrote it before 2003."""
    texts = {0x1A: "IPM.Note", 0x37: "被保険者について", 0x1000: "氏名：山田太郎", 0x0C1A: "鈴木花子"}
    streams = {(f"__substg1.0_{tag:04X}001E",): text.encode("cp932") for tag, text in texts.items()}
    page = struct.pack("<HHIQ", 3, 0x3FFD, 6, 932)
    return compound.written({**streams, ("__properties_version1.0",): bytes(32) + page})


def outlook_for_others() -> bytes:
    def attribute(level: int, identifier: int, data: bytes) -> bytes:
        return struct.pack("<BII", level, identifier, len(data)) + data + struct.pack("<H", sum(data) & 0xFFFF)

    page = attribute(1, 0x00069007, struct.pack("<II", 932, 0))
    body = attribute(1, 0x0002800C, "氏名：山田太郎".encode("cp932"))
    file = attribute(2, 0x00069002, bytes(14)) + attribute(2, 0x00018010, b"list.csv\0")
    return b"\x78\x9f\x3e\x22\x01\x00" + page + body + file + attribute(2, 0x0006800F, "氏名\n山田太郎\n".encode())


def old_word() -> bytes:
    """A Word 97 file with one table: header, text, piece table, and what says which paragraphs are cells and rows."""
    text = "被保険者一覧\r" + "".join("".join(f"{cell}\x07" for cell in row) + "\x07" for row in ROWS) + "\r"
    at, data = 1024, text.encode("utf-16-le")
    marks = [i + 1 for i, c in enumerate(text) if c in "\r\x07"]
    ends = [at + 2 * mark for mark in marks]
    row_ends = {m for m in marks if m > 1 and text[m - 2 : m] == "\x07\x07"}
    page = bytearray(512)
    struct.pack_into(f"<{len(ends) + 1}I", page, 0, at, *ends)
    kinds = {"plain": b"", "cell": b"\x16\x24\x01", "row": b"\x16\x24\x01\x17\x24\x01"}
    places, place = {}, 510
    for kind, codes in kinds.items():
        place -= 12
        page[place : place + 4] = bytes((0, (len(codes) + 3) // 2, 0, 0))
        page[place + 4 : place + 4 + len(codes)] = codes
        places[kind] = place // 2
    for i, mark in enumerate(marks):
        kind = "row" if mark in row_ends else "cell" if text[mark - 1] == "\x07" else "plain"
        page[4 * (len(ends) + 1) + 13 * i] = places[kind]
    page[511] = len(ends)
    body = data.ljust(-(-len(data) // 512) * 512, b"\0")
    pieces = struct.pack("<IIHIH", 0, len(text), 0, at, 0)
    table = b"\x02" + struct.pack("<I", len(pieces)) + pieces
    index = struct.pack("<III", at, ends[-1], (at + len(body)) // 512)
    header = bytearray(at)
    struct.pack_into("<HHHHHH", header, 0, 0xA5EC, 0xC1, 0, 0x411, 0, 0)
    struct.pack_into("<I", header, 0x4C, len(text))
    struct.pack_into("<II", header, 0x102, len(table), len(index))
    struct.pack_into("<II", header, 0x1A2, 0, len(table))
    return compound.written({("WordDocument",): bytes(header) + body + bytes(page), ("0Table",): table + index})


def old_slides() -> bytes:
    """A PowerPoint 97 file with one slide: records in records, and the directory that says where they stand."""

    def record(kind: int, content: bytes, *, container: bool = True, instance: int = 0) -> bytes:
        return struct.pack("<HHI", (15 if container else 0) | instance << 4, kind, len(content)) + content

    def shape(text: str) -> bytes:
        letters = record(0x0FA0, text.encode("utf-16-le"), container=False)
        return record(0xF004, record(0xF00D, letters))

    drawing = record(0x040C, record(0xF002, record(0xF003, shape("被保険者一覧") + shape("氏名：山田太郎"))))
    slide = record(0x03EE, drawing)
    listed = record(0x03F3, struct.pack("<IIIII", 2, 0, 0, 256, 0), container=False)
    document = record(0x03E8, record(0x0FF0, listed))
    directory = record(0x1772, struct.pack("<III", 1 | 2 << 20, 0, len(document)), container=False)
    places = len(document) + len(slide)
    edit = record(0x0FF5, struct.pack("<IIIIIIHH", 0, 0, 0, places, 1, 2, 0, 0), container=False)
    current = struct.pack("<HHIIII", 0, 0x0FF6, 12, 12, 0xE391C05F, places + len(directory))
    stream = document + slide + directory + edit
    return compound.written({("PowerPoint Document",): stream, ("Current User",): current})


def card() -> bytes:
    return (
        "BEGIN:VCARD\r\nVERSION:3.0\r\nN:山田;太郎;;;\r\nFN:山田 太郎\r\nTEL;TYPE=CELL:090-0000-0000\r\n"
        "ADR:;;霞が関1-2-3;千代田区;東京都;100-0001;\r\nEND:VCARD\r\n"
    ).encode()


def calendar() -> bytes:
    return (
        "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nSUMMARY:面談 山田太郎様\r\n"
        "ATTENDEE;CN=鈴木花子:mailto:suzuki@example.jp\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
    ).encode()


def picture() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (40, 20), "white").save(out, "PNG")
    return out.getvalue()


def ichitaro() -> bytes:
    text = b"SsmgV.01\x00\x1f" + "氏名　山田太郎\r基礎年金番号　0123-456789\r".encode("utf-16-be")
    return compound.written({("DocumentText",): text, ("DocumentViewStyles",): b"x"})


def word_xml() -> bytes:
    def cell(text: str) -> str:
        return f"<w:tc><w:p><w:r><w:t>{text}</w:t></w:r></w:p></w:tc>"

    rows = "".join(f"<w:tr>{''.join(map(cell, row))}</w:tr>" for row in ROWS)
    body = f"<w:body><wx:sect><w:p><w:r><w:t>被保険者一覧</w:t></w:r></w:p><w:tbl>{rows}</w:tbl></wx:sect></w:body>"
    base = "http://schemas.microsoft.com/office/word/2003"
    start = f'<?xml version="1.0"?><w:wordDocument xmlns:w="{base}/wordml" xmlns:wx="{base}/auxHint">'
    return f"{start}{body}</w:wordDocument>".encode()


def signed() -> bytes:
    """A signed message as far as a reader looks: content type and octets inside."""

    def value(tag: int, *inner: bytes) -> bytes:
        body = b"".join(inner)
        return bytes((tag, 0x82)) + len(body).to_bytes(2, "big") + body

    name = bytes.fromhex("06092a864886f70d0107")
    text = "Content-Type: text/plain; charset=utf-8\r\n\r\n氏名：山田太郎\r\n".encode()
    inner = value(0x30, name + b"\x01", value(0xA0, value(0x24, value(4, text[:30]), value(4, text[30:]))))
    return value(0x30, name + b"\x02", value(0xA0, value(0x30, b"\x02\x01\x01", value(0x31), inner)))


def visio() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as parts:
        parts.writestr("visio/document.xml", "<x/>")
    return out.getvalue()


EXAMPLES = {
    "doc": old_word,
    "docuworks": lambda: b"\x60\x0e\x82\x8a" + bytes(range(256)) * 4,
    "docx": word,
    "eml": message,
    "filemaker": lambda: b"\x00\x01\x00\x00\x00\x02\x00\x01\x00\x05\x00\x02\x00\x02\xc0HBAM7" + bytes(100),
    "icalendar": calendar,
    "ichitaro": ichitaro,
    "lotus": lambda: b"\x00\x00\x02\x00\x06\x04\x06\x00" + bytes(100),
    "mbox": mailbox,
    "msg": outlook_message,
    "odp": open_slides,
    "odt": open_text,
    "old_powerpoint": lambda: compound.written({("PP40",): b"x"}),
    "old_word": lambda: b"\xdb\xa5\x2d\x00" + bytes(100),
    "onenote": lambda: bytes.fromhex("e4525c7b8cd8a74daeb15378d02996d3") + bytes(100),
    "pdf": page_description,
    "picture": picture,
    "ppt": old_slides,
    "pptx": slides,
    "pst": lambda: sample("testPST_variousBodyTypes.pst"),
    "publisher": lambda: compound.written({("Quill", "QuillSub", "CONTENTS"): b"x"}),
    "rtf": rich_text,
    "signed_mail": signed,
    "vcard": card,
    "visio": visio,
    "winmail": outlook_for_others,
    "word_xml": word_xml,
    "wordperfect": lambda: b"\xffWPC" + bytes(100),
    "works": lambda: compound.written({("MatOST",): b"x", ("CONTENTS",): b"x"}),
}
