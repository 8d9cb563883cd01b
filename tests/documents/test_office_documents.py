"""Word, OpenDocument and RTF: what stands in a document comes out once, in order, and what was struck out too."""

from __future__ import annotations

import importlib
import io
import os
import shutil
import subprocess
import zipfile
from collections.abc import Callable
from functools import cache
from pathlib import Path

import docx
import pytest
import xlsxwriter
from docx.document import Document as WordDocument
from docx.oxml import parse_xml
from PIL import Image

from sekisho.documents import compound
from sekisho.errors import OverLimitError, UnreadableError
from sekisho.model import Blob, Gap, Grid, Limits, Member, Piece, Place, Prose, Reason

NAMESPACES = (
    'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
    ' xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"'
    ' xmlns:wps="http://schemas.microsoft.com/office/word/2010/wordprocessingShape"'
    ' xmlns:v="urn:schemas-microsoft-com:vml"'
)


def read(kind: str, data: bytes, limits: Limits | None = None) -> list[Piece]:
    part = importlib.import_module(f"sekisho.documents.formats.{kind}").FORMAT
    return list(part.read(Blob(f"x.{kind}", data), limits or Limits()))


def lines(pieces: list[Piece], base: str = "") -> list[str]:
    return [line for p in pieces if isinstance(p, Prose) and p.place.base == base for line in p.lines]


def tables(pieces: list[Piece]) -> list[list[tuple[str | None, ...]]]:
    return [p.cells.rows() for p in pieces if isinstance(p, Grid)]


def gaps(pieces: list[Piece]) -> list[Reason]:
    return [p.reason for p in pieces if isinstance(p, Gap)]


def paragraph(document: WordDocument, xml: str) -> None:
    body = document.element.body
    body.insert(len(body) - 1, parse_xml(f"<w:p {NAMESPACES}>{xml}</w:p>"))


def run(text: str) -> str:
    return f"<w:r><w:t xml:space='preserve'>{text}</w:t></w:r>"


def deleted(text: str) -> str:
    return f"<w:del w:id='1'><w:r><w:delText xml:space='preserve'>{text}</w:delText></w:r></w:del>"


def inserted(text: str) -> str:
    return f"<w:ins w:id='2'>{run(text)}</w:ins>"


def saved(document: WordDocument) -> bytes:
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def word(*paragraphs: str) -> bytes:
    document = docx.Document()
    for xml in paragraphs:
        paragraph(document, xml)
    return saved(document)


def with_part(data: bytes, name: str, content: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as source, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        for info in source.infolist():
            if info.filename != name:
                target.writestr(info, source.read(info))
        target.writestr(name, content)
    return out.getvalue()


@cache
def workbook() -> bytes:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out) as book:
        book.add_worksheet().write(0, 0, "山田太郎")
    return out.getvalue()


# -- Word


def test_headers_comments_boxes_and_hidden_text_are_read_once() -> None:
    document = docx.Document()
    document.sections[0].header.paragraphs[0].text = "上の欄"
    document.sections[0].footer.paragraphs[0].text = "下の欄"
    body = document.add_paragraph("本文")
    document.add_comment(body.runs, text="注記 090-0000-0000", author="職員")
    paragraph(document, "<w:r><w:rPr><w:vanish/></w:rPr><w:t>隠し文字</w:t></w:r>")
    box = f"<w:txbxContent><w:p>{run('箱の中')}</w:p></w:txbxContent>"
    choice = f"<mc:Choice Requires='wps'><wps:txbx>{box}</wps:txbx></mc:Choice>"
    fallback = f"<mc:Fallback><w:pict><v:textbox>{box}</v:textbox></w:pict></mc:Fallback>"
    paragraph(document, f"<w:r><mc:AlternateContent>{choice}{fallback}</mc:AlternateContent></w:r>")
    pieces = read("docx", saved(document))
    everything = [line for p in pieces if isinstance(p, Prose) for line in p.lines]
    for text in ("上の欄", "下の欄", "本文", "注記 090-0000-0000", "隠し文字", "箱の中"):
        assert everything.count(text) == 1, text
    assert lines(pieces) == ["本文", "隠し文字", "箱の中"]


def test_a_tracked_change_gives_the_text_as_it_is_and_the_words_that_were_taken_away() -> None:
    changed = run("氏名：") + deleted("山田太郎") + inserted("鈴木太郎") + run(" 電話：03-0000-000") + deleted("1")
    pieces = read("docx", word(changed + inserted("2") + run(" 以上"), deleted("消えた 段落 0123-456789")))
    assert lines(pieces) == ["氏名：鈴木太郎 電話：03-0000-0002 以上"]
    assert lines(pieces, "deleted") == ["氏名：山田太郎 電話：03-0000-0001", "消えた 段落 0123-456789"]


def test_a_deleted_row_stays_in_its_table() -> None:
    document = docx.Document()
    table = document.add_table(2, 2)
    table.cell(0, 0).text, table.cell(0, 1).text = "氏名", "番号"
    for cell, text in zip(table.rows[1].cells, ("山田太郎", "0123-456789"), strict=True):
        cell.paragraphs[0]._p.append(
            parse_xml(f"<w:del {NAMESPACES} w:id='1'><w:r><w:delText>{text}</w:delText></w:r></w:del>")
        )
    assert tables(read("docx", saved(document))) == [[("氏名", "番号"), ("山田太郎", "0123-456789")]]


def test_moved_text_is_read_where_it_is_now() -> None:
    source = f"<w:moveFrom w:id='1'>{run('動いた文')}</w:moveFrom>"
    target = f"<w:moveTo w:id='2'>{run('動いた文')}</w:moveTo>"
    assert lines(read("docx", word(source, target))) == ["", "動いた文"]


def test_merged_cells_hold_their_text_once_and_nested_tables_follow() -> None:
    document = docx.Document()
    table = document.add_table(3, 3)
    table.cell(0, 0).merge(table.cell(0, 1)).text = "横"
    table.cell(1, 0).merge(table.cell(2, 0)).text = "縦"
    table.cell(1, 1).text = "中"
    inner = table.cell(2, 2).add_table(1, 2)
    inner.cell(0, 0).text, inner.cell(0, 1).text = "内1", "内2"
    assert tables(read("docx", saved(document))) == [
        [("横", None, None), ("縦", "中", None), (None, None, None)],
        [("内1", "内2")],
    ]


def test_a_frame_around_paragraphs_is_no_table() -> None:
    document = docx.Document()
    document.add_table(1, 1).cell(0, 0).text = "山田太郎 様\n番号 0123-456789"
    assert lines(read("docx", saved(document))) == ["山田太郎 様", "番号 0123-456789"]


def test_a_content_control_gives_its_value_but_not_its_prompt() -> None:
    filled = f"<w:sdt><w:sdtPr/><w:sdtContent>{run('山田太郎')}</w:sdtContent></w:sdt>"
    prompt = (
        f"<w:sdt><w:sdtPr><w:showingPlcHdr/></w:sdtPr><w:sdtContent>{run('クリックして入力')}</w:sdtContent></w:sdt>"
    )
    assert lines(read("docx", word(run("氏名 ") + filled, run("住所 ") + prompt))) == ["氏名 山田太郎", "住所 "]


def test_form_fields_show_what_was_chosen() -> None:
    def field(data: str) -> str:
        return f"<w:r><w:fldChar w:fldCharType='begin'><w:ffData>{data}</w:ffData></w:fldChar></w:r>"

    box = (
        field("<w:checkBox><w:checked/></w:checkBox>")
        + run("男")
        + field("<w:checkBox><w:checked w:val='0'/></w:checkBox>")
    )
    choice = field("<w:ddList><w:result w:val='1'/><w:listEntry w:val='東京'/><w:listEntry w:val='大阪'/></w:ddList>")
    assert lines(read("docx", word(box + run("女"), choice))) == ["☑男☐女", "大阪"]


def test_a_phonetic_guide_keeps_the_name_whole_and_gives_the_reading_behind_it() -> None:
    def guide(base: str, reading: str) -> str:
        return f"<w:r><w:ruby><w:rt>{run(reading)}</w:rt><w:rubyBase>{run(base)}</w:rubyBase></w:ruby></w:r>"

    assert lines(read("docx", word(guide("山田", "やまだ") + guide("太郎", "たろう") + run("様")))) == [
        "山田太郎（やまだたろう）様"
    ]


def test_a_hyphen_that_does_not_break_and_a_tab_are_characters() -> None:
    text = "<w:r><w:t>0123</w:t><w:noBreakHyphen/><w:t>456789</w:t><w:tab/><w:t>山田</w:t></w:r>"
    assert lines(read("docx", word(text))) == ["0123-456789\t山田"]


def test_embedded_files_are_members_without_their_wrapping() -> None:
    package = compound.written({("Package",): workbook()})
    data = with_part(word(run("本文")), "word/embeddings/oleObject1.bin", package)
    (member,) = [p for p in read("docx", data) if isinstance(p, Member)]
    assert bytes(member.load(None).data) == workbook()


def test_a_file_dragged_in_keeps_its_own_name() -> None:
    name = "名簿.csv".encode("cp932") + b"\0"
    body = b"\x02\0" + name + b"C:\\" + name + bytes(4) + b"\x04\0\0\0C:\\\0" + (6).to_bytes(4, "little") + b"a,b\n1,"
    package = compound.written({("\x01Ole10Native",): len(body).to_bytes(4, "little") + body})
    data = with_part(word(run("本文")), "word/embeddings/oleObject1.bin", package)
    (member,) = [p for p in read("docx", data) if isinstance(p, Member)]
    assert member.name == "名簿.csv"
    assert bytes(member.load(None).data).startswith(b"a,b")


def test_a_document_of_pictures_is_told_to_have_no_text() -> None:
    out = io.BytesIO()
    Image.new("RGB", (20, 20)).save(out, "PNG")
    document = docx.Document()
    document.add_picture(io.BytesIO(out.getvalue()))
    assert gaps(read("docx", saved(document))) == [Reason.NO_TEXT]


def test_the_title_is_read_and_the_author_is_not() -> None:
    document = docx.Document()
    document.core_properties.title, document.core_properties.author = "山田太郎 様の件", "佐藤職員"
    document.core_properties.comments = ""
    assert lines(read("docx", saved(document)), "properties") == ["山田太郎 様の件"]


def test_a_damaged_header_leaves_a_gap_and_the_body_is_read() -> None:
    document = docx.Document()
    document.sections[0].header.paragraphs[0].text = "見出し"
    document.add_paragraph("本文")
    pieces = read("docx", with_part(saved(document), "word/header1.xml", b"<w:hdr"))
    assert lines(pieces) == ["本文"]
    assert gaps(pieces) == [Reason.DAMAGED_PART]


def test_a_body_that_breaks_off_gives_what_there_is_and_a_gap() -> None:
    data = word(run("一行目"), run("二行目"))
    with zipfile.ZipFile(io.BytesIO(data)) as parts:
        body = parts.read("word/document.xml")
    pieces = read("docx", with_part(data, "word/document.xml", body[: body.index("二行目".encode()) - 5]))
    assert lines(pieces)[0] == "一行目"
    assert gaps(pieces) == [Reason.DAMAGED_PART]


def test_a_file_cut_short_gives_what_is_left_of_it() -> None:
    pieces = read("docx", word(run("本文"))[:-200])
    assert lines(pieces) == ["本文"]
    assert gaps(pieces) == [Reason.TRUNCATED]


def test_a_file_cut_before_its_text_is_told_to_be() -> None:
    data = word(run("本文"))
    with pytest.raises(UnreadableError, match=Reason.TRUNCATED):
        read("docx", data[: data.index(b"word/")])


def test_a_part_that_unpacks_beyond_the_limit_is_refused() -> None:
    data = with_part(word(run("本文")), "word/document.xml", b" " * 3_000_000)
    with pytest.raises(OverLimitError):
        read("docx", data, Limits(output_bytes=1_000_000))


def test_entities_are_not_resolved() -> None:
    bomb = b"<!DOCTYPE x [<!ENTITY a 'boom'><!ENTITY b '&a;&a;&a;'>]>"
    with zipfile.ZipFile(io.BytesIO(word(run("本文")))) as parts:
        body = parts.read("word/document.xml").replace("本文".encode(), b"&b;")
    pieces = read("docx", with_part(word(run("本文")), "word/document.xml", bomb + body.partition(b"?>")[2]))
    assert "boom" not in "".join(lines(pieces))


def test_strict_open_xml_is_read_alike() -> None:
    data = word(run("本文"))
    with zipfile.ZipFile(io.BytesIO(data)) as parts:
        body = parts.read("word/document.xml")
    old = b"http://schemas.openxmlformats.org/wordprocessingml/2006/main"
    strict = body.replace(old, b"http://purl.oclc.org/ooxml/wordprocessingml/main")
    assert lines(read("docx", with_part(data, "word/document.xml", strict))) == ["本文"]


# -- OpenDocument


def open_text(body: str, **parts: bytes) -> bytes:
    names = {"office": "office", "text": "text", "table": "table", "draw": "drawing", "form": "form"}
    spaces = " ".join(f'xmlns:{k}="urn:oasis:names:tc:opendocument:xmlns:{v}:1.0"' for k, v in names.items())
    content = f"<office:document-content {spaces}><office:body>{body}</office:body></office:document-content>"
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as target:
        target.writestr("mimetype", "application/vnd.oasis.opendocument.text")
        target.writestr("content.xml", content)
        for name, data in parts.items():
            target.writestr(name, data)
    return out.getvalue()


def test_open_text_gives_spaces_tabs_notes_and_boxes() -> None:
    cited = "<text:note-citation>1</text:note-citation>"
    note = f"<text:note>{cited}<text:note-body><text:p>注</text:p></text:note-body></text:note>"
    box = "<draw:frame><draw:text-box><text:p>箱</text:p></draw:text-box></draw:frame>"
    body = f"<office:text><text:p>氏名<text:s text:c='2'/>山田<text:tab/>様{note}{box}</text:p></office:text>"
    assert lines(read("odt", open_text(body))) == ["氏名  山田\t様", "注", "箱"]


def test_open_text_form_fields_come_with_their_labels() -> None:
    fields = "<form:form><form:text form:name='氏名' form:current-value='山田太郎'/></form:form>"
    body = f"<office:text><office:forms>{fields}</office:forms><text:p>本文</text:p></office:text>"
    pieces = read("odt", open_text(body))
    assert (lines(pieces), lines(pieces, "controls")) == (["本文"], ["氏名: 山田太郎"])


def test_a_sheet_embedded_in_open_text_is_a_member_and_the_table_of_a_chart_is_read() -> None:
    cell = "<table:table-cell><text:p>山田</text:p></table:table-cell>"
    table = f"<table:table><table:table-row>{cell}{cell}</table:table-row></table:table>"
    with zipfile.ZipFile(io.BytesIO(open_text(f"<office:spreadsheet>{table}</office:spreadsheet>"))) as parts:
        sheet = parts.read("content.xml")
    chart = sheet.replace(b"office:spreadsheet", b"office:chart")
    objects = {"Object 1/content.xml": sheet, "Object 2/content.xml": chart}
    pieces = read("odt", open_text("<office:text><text:p>本文</text:p></office:text>", **objects))
    (member,) = [p for p in pieces if isinstance(p, Member)]
    assert member.name == "Object 1.ods"
    assert b"opendocument.spreadsheet" in bytes(member.load(None).data)[:100]
    assert tables(pieces) == [[("山田", "山田")]]


# -- RTF


def rtf(body: str, head: str = r"\ansi\ansicpg932\uc1") -> list[Piece]:
    return read(
        "rtf", f"{{\\rtf1{head}{{\\fonttbl{{\\f0\\fcharset128 x;}}{{\\f1\\fcharset0 y;}}}}{body}}}".encode("cp932")
    )


def escaped(text: str) -> str:
    return "".join(f"\\'{byte:02x}" for byte in text.encode("cp932"))


def test_rtf_bytes_are_read_in_the_code_page_of_their_font_or_document() -> None:
    assert lines(rtf(rf"\f0 {escaped('山田髙')}\par")) == ["山田髙"]
    assert lines(rtf(rf"\f1 {escaped('山田')}\par")) == ["山田"]
    assert lines(rtf(r"\f1 caf\'e9\par", r"\ansi\ansicpg1252")) == ["café"]
    assert lines(rtf(rf"\f0 {escaped('山田')}\par", r"\ansi\ansicpg1252")) == ["山田"]


def test_rtf_unicode_beats_its_fallback_also_beyond_the_basic_plane() -> None:
    assert lines(rtf(r"\u23665?\u30000?{\uc2\u-10174??\u-8265??}A\par")) == ["山田𠮷A"]
    assert lines(rtf(rf"\uc2\u39641{escaped('高')}{escaped('橋')}\par")) == ["髙橋"]


def test_rtf_tables_are_cut_in_cells_and_spanning_cells_keep_the_columns() -> None:
    rows = r"\trowd\cellx1000\cellx2000\cellx3000\intbl a\cell b\par c\cell d\cell\row"
    wide = r"\trowd\cellx2000\cellx3000\intbl e\cell f\cell\row\pard z\par"
    pieces = rtf(rows + wide)
    assert tables(pieces) == [[("a", "b\nc", "d"), ("e", None, "f")]]
    assert lines(pieces) == ["z"]


def test_rtf_deletions_headers_notes_and_titles_are_set_apart() -> None:
    body = r"{\info{\title t}{\author a}}{\header h\par}x{\deleted 0123-456789}{\footnote n}y\par"
    pieces = rtf(body)
    assert lines(pieces) == ["xy"]
    assert lines(pieces, "header") == ["h"]
    assert lines(pieces, "note") == ["n"]
    assert lines(pieces, "deleted") == ["x0123-456789y"]
    assert lines(pieces, "properties") == ["t"]


def test_rtf_pictures_styles_and_field_codes_are_no_text() -> None:
    body = r"{\stylesheet{\s1 heading;}}{\pict\wmetafile8 0102ff}{\field{\*\fldinst HYPERLINK x}{\fldrslt y}}\par"
    assert lines(rtf(body)) == ["y"]


def test_rtf_binary_data_is_passed_over() -> None:
    assert lines(rtf(r"a{\pict\bin5 }}{{{}b\par")) == ["ab"]


def test_an_object_in_rtf_is_a_member() -> None:
    inner = compound.written({("Package",): workbook()})
    words = b"".join(len(w).to_bytes(4, "little") + w for w in (b"Excel.Sheet.12\0", b"", b""))
    native = b"\x01\x05\0\0\x02\0\0\0" + words + len(inner).to_bytes(4, "little") + inner
    (member,) = [p for p in rtf(r"{\object{\*\objdata " + native.hex() + "}}") if isinstance(p, Member)]
    assert bytes(member.load(None).data) == workbook()


def test_rtf_that_ends_early_says_so() -> None:
    assert Reason.TRUNCATED in gaps(read("rtf", rb"{\rtf1\ansi abc\par def"))


# -- what LibreOffice makes of the same document


@pytest.fixture(scope="module")
def converted(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], bytes]:
    office = shutil.which("soffice")
    if office is None:
        if os.environ.get("CI"):
            pytest.fail("LibreOffice is missing")
        pytest.skip("LibreOffice is not installed")
    folder = tmp_path_factory.mktemp("converted")
    document = docx.Document()
    document.sections[0].header.paragraphs[0].text = "上の欄"
    paragraph(document, run("氏名：") + deleted("山田太郎") + inserted("鈴木太郎"))
    table = document.add_table(3, 8)
    for at in range(3):
        for column in range(8):
            table.cell(at, column).text = f"値{at}{column}"
    table.cell(1, 0).merge(table.cell(1, 1)).text = "横"
    (folder / "x.docx").write_bytes(saved(document))

    def convert(kind: str) -> bytes:
        home = f"-env:UserInstallation=file://{folder}/home"
        command = [office, home, "--headless", "--convert-to", kind, "--outdir", str(folder), str(folder / "x.docx")]
        subprocess.run(command, check=True, capture_output=True, timeout=120)
        return Path(folder, f"x.{kind}").read_bytes()

    return convert


@pytest.mark.parametrize("kind", ["odt", "fodt", "rtf", "doc"])
def test_a_document_says_the_same_in_every_format(converted: Callable[[str], bytes], kind: str) -> None:
    pieces = read("odt" if kind == "fodt" else kind, converted(kind))
    assert "氏名：鈴木太郎" in lines(pieces)
    assert any("氏名：山田太郎" in line for line in lines(pieces, "deleted"))
    row = ("横", None, *(f"値1{column}" for column in range(2, 8)))
    assert tables(pieces) == [[tuple(f"値0{c}" for c in range(8)), row, tuple(f"値2{c}" for c in range(8))]]
    assert "上の欄" in lines(pieces, "header")


def test_places_count_paragraphs_from_one() -> None:
    document = docx.Document()
    document.add_paragraph("一")
    document.add_table(1, 2).cell(0, 0).text = "表"
    document.add_paragraph("二")
    places = [
        p.place for p in read("docx", saved(document)) if isinstance(p, Prose | Grid) and p.place.base != "properties"
    ]
    assert [place.first for place in places] == [1, 1, 2]
    assert isinstance(places[1], Place)
    assert places[1].base == "table 1"
