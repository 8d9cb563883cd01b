"""What lies in workbooks: hidden sheets, comments, boxes, pivot caches, linked cells, and sheets of any size."""

from __future__ import annotations

import contextlib
import datetime
import io
import os
import random
import struct
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path

import polars as pl
import pytest
import xlsxwriter
import xlwt
from hypothesis import given, settings
from hypothesis import strategies as st
from xlsxwriter.worksheet import Worksheet

from sekisho.documents import biff8, biff_cells, compound, ole, serial_dates, sheet_xml, spreadsheetml
from sekisho.documents.formats import ods, xls, xlsb
from sekisho.documents.package import Package
from sekisho.errors import OverLimitError, UnreadableError, UnsupportedError
from sekisho.model import Blob, Gap, Grid, Head, Limits, Member, Piece, Prose

PERSONS = [
    ("基礎年金番号", "氏名", "生年月日"),
    ("0123-456789", "山田太郎", "1948-04-06"),
    ("0123-456790", "鈴木花子", "1951-12-24"),
    ("0999-000001", "髙橋一郎", "1939-01-30"),
]


def sample(name: str) -> bytes:
    folder = os.environ.get("SEKISHO_SAMPLES")
    if not folder:
        pytest.skip("SEKISHO_SAMPLES is not set")
    return Path(folder, "formats", name).read_bytes()


def book(write: Callable[[xlsxwriter.Workbook], None]) -> bytes:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out) as target:
        write(target)
    return out.getvalue()


def sheet(write: Callable[[Worksheet], None]) -> bytes:
    return book(lambda target: write(target.add_worksheet("名簿")))


def with_persons(worksheet: Worksheet) -> None:
    for at, row in enumerate(PERSONS):
        worksheet.write_row(at, 0, row)


def changed(data: bytes, parts: Mapping[str, bytes | None], **replaced: tuple[str, bytes, bytes]) -> bytes:
    """A package with parts added, dropped (None) or changed."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as source, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        for info in source.infolist():
            if info.filename in parts:
                continue
            content = source.read(info)
            for name, old, new in replaced.values():
                if info.filename == name:
                    content = content.replace(old, new)
            target.writestr(info.filename, content)
        for name, added in parts.items():
            if added is not None:
                target.writestr(name, added)
    return out.getvalue()


def pieces(data: bytes, limits: Limits | None = None) -> list[Piece]:
    return list(spreadsheetml.read(Blob("book.xlsx", data), limits or Limits()))


def grids(data: bytes) -> list[Grid]:
    return [piece for piece in pieces(data) if isinstance(piece, Grid)]


def test_hidden_and_very_hidden_sheets_rows_and_columns_are_read() -> None:
    def write(target: xlsxwriter.Workbook) -> None:
        shown, hidden, very = (target.add_worksheet(name) for name in ("表", "隠し", "深い隠し"))
        for worksheet in (shown, hidden, very):
            with_persons(worksheet)
        hidden.hide()
        very.very_hidden()
        shown.set_row(2, None, None, {"hidden": True})
        shown.set_column(1, 1, None, None, {"hidden": True})

    found = grids(book(write))
    assert [(grid.place.base, grid.hidden) for grid in found] == [("表", False), ("隠し", True), ("深い隠し", True)]
    assert all(grid.cells.rows() == PERSONS for grid in found)


def test_rows_and_columns_keep_their_place_in_the_sheet() -> None:
    def write(worksheet: Worksheet) -> None:
        worksheet.write(4, 2, "氏名")
        worksheet.write(7, 3, "山田太郎")

    (grid,) = grids(sheet(write))
    assert grid.place.first == 5
    assert grid.cells.rows() == [
        (None, None, "氏名", None),
        (None, None, None, None),
        (None, None, None, None),
        (None, None, None, "山田太郎"),
    ]


def test_numbers_carry_no_point_and_dates_are_iso() -> None:
    def write(target: xlsxwriter.Workbook) -> None:
        worksheet = target.add_worksheet()
        day = target.add_format({"num_format": '[$-411]ggge"年"m"月"d"日"'})
        moment = target.add_format({"num_format": "yyyy/mm/dd hh:mm"})
        worksheet.write_row(0, 0, [123456789, 1.5, 1234567890123, True, " 前後の空白 \n二行目 "])
        worksheet.write_datetime(1, 0, datetime.date(1948, 4, 6), day)
        worksheet.write_datetime(1, 1, datetime.datetime.fromisoformat("2015-05-08T10:28"), moment)

    (grid,) = grids(book(write))
    assert grid.cells.row(0) == ("123456789", "1.5", "1234567890123", "true", " 前後の空白 \n二行目 ")
    assert grid.cells.row(1)[:2] == ("1948-04-06", "2015-05-08 10:28:00")


# numbers and codes of the formats in which Japanese Excel shows days: S23.4.6, 昭和23年4月6日, 1948年4月6日, 昭23
ERA_FORMATS = [27, 28, 30, 31, 36, 50, 51, 57, 58, "[$-411]ge.m.d", '[$-ja-JP-x-gannen]ggge"年"m"月"d"日";@', "gge"]


@pytest.mark.parametrize("code", ERA_FORMATS)
def test_days_shown_the_japanese_way_are_days(code: int | str) -> None:
    def write(target: xlsxwriter.Workbook) -> None:
        worksheet = target.add_worksheet()
        worksheet.write_number(0, 0, 17629, target.add_format({"num_format": code}))
        worksheet.write_number(0, 1, 17629, target.add_format({"num_format": "0000-000000"}))
        worksheet.write_number(0, 2, 0.00001, target.add_format({"num_format": "0.00E+00"}))

    data = book(write)
    (grid,) = grids(data)
    assert grid.cells.row(0) == ("1948-04-06", "17629", "0.00001")
    assert cell_by_cell(data, "Sheet1").row(0)[:2] == ("1948-04-06", "17629")


def test_days_shown_the_japanese_way_are_days_in_old_workbooks_too() -> None:
    source = xlwt.Workbook()
    style = xlwt.XFStyle()
    style.num_format_str = "yyyy/m/d"
    source.add_sheet("名簿").write(0, 0, 17629, style)
    out = io.BytesIO()
    source.save(out)
    with ole.open_ole(out.getvalue()) as file:
        stream = bytearray(ole.stream(file, "Workbook"))
    at = 0
    for number, body, more in biff8.records(bytes(stream)):
        if number == 0xE0 and struct.unpack_from("<H", body, 2)[0] >= 164:
            struct.pack_into("<H", stream, at + 6, 57)
        at += 4 + len(body) + sum(4 + len(part) for part in more)
    data = compound.written({("Workbook",): bytes(stream)})
    (grid,) = xls.FORMAT.read(Blob("x.xls", data), Limits())
    assert isinstance(grid, Grid)
    assert grid.cells.rows() == [("1948-04-06",)]


def binary_record(number: int, body: bytes = b"") -> bytes:
    head = bytes([number]) if number < 128 else bytes([number & 0x7F | 0x80, number >> 7])
    return head + bytes([len(body)]) + body


def counted(text: str) -> bytes:
    return struct.pack("<I", len(text)) + text.encode("utf-16-le")


def binary_book(cells: bytes, codes: list[tuple[int, str]], styles: list[int]) -> bytes:
    """An xlsb with one sheet of these cell records, written by hand."""
    space = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    relation = f'<Relationship Id="{{}}" Type="{space}/{{}}" Target="{{}}"/>'
    relations = '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{}</Relationships>'
    content = "application/vnd.ms-excel.sheet.binary.macroEnabled.main"
    types = (
        '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
        f'<Default Extension="bin" ContentType="{content}"/></Types>'
    )
    sheet_record = struct.pack("<II", 0, 1) + counted("rId1") + counted("名簿")
    own = b"".join(binary_record(44, struct.pack("<H", number) + counted(code)) for number, code in codes)
    of_cells = b"".join(binary_record(47, struct.pack("<HH", 0, number) + bytes(12)) for number in styles)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as target:
        target.writestr("[Content_Types].xml", types)
        target.writestr("_rels/.rels", relations.format(relation.format("rId1", "officeDocument", "xl/workbook.bin")))
        links = relation.format("rId1", "worksheet", "worksheets/sheet1.bin") + relation.format(
            "rId2", "styles", "styles.bin"
        )
        target.writestr("xl/_rels/workbook.bin.rels", relations.format(links))
        target.writestr("xl/workbook.bin", binary_record(143) + binary_record(156, sheet_record) + binary_record(144))
        target.writestr("xl/styles.bin", own + binary_record(617) + of_cells + binary_record(618))
        target.writestr(
            "xl/worksheets/sheet1.bin", binary_record(148, bytes(16)) + binary_record(145) + cells + binary_record(146)
        )
    return out.getvalue()


def test_days_and_text_of_a_binary_workbook_are_read() -> None:
    whole = struct.pack("<i", 17629 << 2 | 2)
    cells = b"".join(
        (
            binary_record(0, struct.pack("<I", 2) + bytes(21)),
            binary_record(2, struct.pack("<II", 0, 0) + whole),
            binary_record(2, struct.pack("<II", 1, 1) + whole),
            binary_record(2, struct.pack("<II", 2, 2) + whole),
            binary_record(6, struct.pack("<II", 3, 0) + counted("山田太郎")),
            binary_record(5, struct.pack("<IId", 4, 0, 123456789.0)),
            binary_record(4, struct.pack("<II", 5, 0) + b"\1"),
        )
    )
    data = binary_book(cells, [(164, "yyyy/m/d")], [0, 164, 57])
    assert spreadsheetml.kind(Head(data, "")) == "xlsb"
    (grid,) = grids(data)
    assert (grid.place.base, grid.place.first) == ("名簿", 3)
    assert grid.cells.rows() == [("17629", "1948-04-06", "1948-04-06", "山田太郎", "123456789", "true")]


def test_comments_hang_on_their_cells_and_those_beside_come_as_text() -> None:
    def write(worksheet: Worksheet) -> None:
        worksheet.write(2, 1, "山田太郎")
        worksheet.write_comment(2, 1, "旧姓 鈴木")
        worksheet.write_comment(30, 9, "電話 03-0000-0000")

    found = pieces(sheet(write))
    assert [dict(piece.notes) for piece in found if isinstance(piece, Grid)] == [{(0, 1): "旧姓 鈴木"}]
    assert [piece.lines for piece in found if isinstance(piece, Prose)] == [["電話 03-0000-0000"]]


def test_a_thread_is_read_once_and_whole() -> None:
    def write(worksheet: Worksheet) -> None:
        worksheet.write(0, 0, "山田太郎")
        worksheet.write_comment(0, 0, "[スレッド化されたコメント]\n住所変更あり")

    data = sheet(write)
    name = "xl/worksheets/_rels/sheet1.xml.rels"
    relation = (
        b'<Relationship Id="rId99" Type="http://schemas.microsoft.com/office/2017/10/relationships/threadedComment"'
        b' Target="../threadedComments/threadedComment1.xml"/></Relationships>'
    )
    threads = (
        '<ThreadedComments xmlns="http://schemas.microsoft.com/office/spreadsheetml/2018/threadedcomments">'
        '<threadedComment ref="A1"><text>住所変更あり</text></threadedComment>'
        '<threadedComment ref="A1"><text>大阪市へ</text></threadedComment></ThreadedComments>'
    ).encode()
    data = changed(data, {"xl/threadedComments/threadedComment1.xml": threads}, a=(name, b"</Relationships>", relation))
    (grid,) = grids(data)
    assert grid.notes == {(0, 0): "住所変更あり\n大阪市へ"}


def test_text_boxes_are_read() -> None:
    def write(worksheet: Worksheet) -> None:
        worksheet.write(0, 0, "x")
        worksheet.insert_textbox(3, 3, "取扱注意\n基礎年金番号 0123-456789")

    assert [piece.lines for piece in pieces(sheet(write)) if isinstance(piece, Prose)] == [
        ["取扱注意", "基礎年金番号 0123-456789"]
    ]


def with_pivot_cache(data: bytes, records: list[tuple[str, ...]]) -> bytes:
    """The workbook with a pivot cache of persons, as Excel writes one: shared names, texts, a date."""
    space = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
    names = [record[1] for record in records]
    fields = (
        '<cacheField name="基礎年金番号"><sharedItems/></cacheField>'
        f'<cacheField name="氏名"><sharedItems>{"".join(f"<s v={chr(34)}{n}{chr(34)}/>" for n in names)}</sharedItems>'
        '</cacheField><cacheField name="生年月日"><sharedItems containsDate="1"/></cacheField>'
        '<cacheField name="年代" databaseField="0"><fieldGroup/></cacheField>'
    )
    rows = "".join(
        f'<r><s v="{number}"/><x v="{at}"/><d v="{birth}T00:00:00"/></r>'
        for at, (number, _, birth) in enumerate(records)
    )
    relation = (
        '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" '
        'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/pivotCacheRecords" '
        'Target="pivotCacheRecords1.xml"/></Relationships>'
    )
    folder = "xl/pivotCache"
    return changed(
        data,
        {
            f"{folder}/pivotCacheDefinition1.xml": f"<pivotCacheDefinition {space}><cacheFields>{fields}</cacheFields>"
            "</pivotCacheDefinition>".encode(),
            f"{folder}/_rels/pivotCacheDefinition1.xml.rels": relation.encode(),
            f"{folder}/pivotCacheRecords1.xml": f"<pivotCacheRecords {space}>{rows}</pivotCacheRecords>".encode(),
        },
    )


def test_a_pivot_cache_gives_back_the_rows_of_a_deleted_sheet() -> None:
    data = with_pivot_cache(sheet(lambda worksheet: worksheet.write(0, 0, "集計")), PERSONS[1:])
    _, cache = grids(data)
    assert cache.hidden
    assert cache.cells.rows() == PERSONS


def test_a_pivot_cache_whose_rows_stand_in_a_sheet_is_not_counted_twice() -> None:
    data = sheet(with_persons)
    assert len(grids(with_pivot_cache(data, PERSONS[1:]))) == 1
    more = [*PERSONS[1:], ("0777-000001", "渡辺三郎", "1960-02-29")]
    _, cache = grids(with_pivot_cache(data, more))
    assert cache.cells.rows() == [PERSONS[0], more[-1]]


def test_last_values_of_linked_workbooks_are_read() -> None:
    link = (
        '<externalLink xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><externalBook>'
        '<sheetNames><sheetName val="台帳"/></sheetNames><sheetDataSet><sheetData sheetId="0"><row r="2">'
        '<cell r="A2" t="str"><v>0123-456789</v></cell><cell r="B2" t="str"><v>山田太郎</v></cell></row></sheetData>'
        "</sheetDataSet></externalBook></externalLink>"
    ).encode()
    data = changed(sheet(with_persons), {"xl/externalLinks/externalLink1.xml": link})
    linked = grids(data)[1]
    assert (linked.place.base, linked.place.first) == ("externalLink1 台帳", 2)
    assert linked.cells.rows() == [("0123-456789", "山田太郎")]


def test_what_a_shared_workbook_keeps_of_deleted_rows_is_read() -> None:
    log = (
        '<revisions xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
        '<rrc rId="1" sId="1" ref="A5:XFD5" action="deleteRow">'
        '<rcc rId="0" sId="1"><nc r="A5" t="inlineStr"><is><t>0123-456789</t></is></nc></rcc>'
        '<rcc rId="0" sId="1"><nc r="B5" t="inlineStr"><is><t>渡辺三郎</t></is></nc></rcc></rrc>'
        '<rcc rId="2" sId="1"><oc r="B7" t="inlineStr"><is><t>旧氏名</t></is></oc>'
        '<nc r="B7" t="inlineStr"><is><t>新氏名</t></is></nc></rcc></revisions>'
    ).encode()
    old = grids(changed(sheet(with_persons), {"xl/revisions/revisionLog1.xml": log}))[1]
    assert (old.place.first, old.hidden) == (5, True)
    assert old.cells.rows() == [("0123-456789", "渡辺三郎"), (None, None), (None, "旧氏名")]


def test_embedded_workbooks_become_members() -> None:
    data = changed(sheet(with_persons), {"xl/embeddings/Microsoft_Excel_Worksheet.xlsx": sheet(with_persons)})
    (member,) = [piece for piece in pieces(data) if isinstance(piece, Member)]
    assert grids(bytes(member.load(None).data))[0].cells.rows() == PERSONS


def test_cells_strewn_over_a_huge_sheet_cost_no_memory() -> None:
    def write(worksheet: Worksheet) -> None:
        worksheet.write(0, 0, "左上")
        worksheet.write(1_048_575, 16_383, "右下")

    found = grids(sheet(write))
    assert [(grid.place.first, grid.cells.height) for grid in found] == [(1, 1), (1_048_576, 1)]
    assert [value for grid in found for row in grid.cells.rows() for value in row if value] == ["左上", "右下"]


def test_a_sheet_that_lies_about_its_size_is_measured() -> None:
    def write(worksheet: Worksheet) -> None:
        worksheet.write(0, 0, "左上")
        worksheet.write(1_048_575, 16_383, "右下")

    name = "xl/worksheets/sheet1.xml"
    data = changed(sheet(write), {}, a=(name, b'ref="A1:XFD1048576"', b'ref="A1"'))
    assert len(grids(data)) == 2


def test_a_workbook_that_the_native_reader_refuses_is_read_cell_by_cell() -> None:
    data = changed(sheet(with_persons), {"xl/styles.xml": b"<broken"})
    assert grids(data)[0].cells.rows() == PERSONS


def cell_by_cell(data: bytes, name: str = "名簿") -> pl.DataFrame:
    parts = Package(Blob("", data), Limits())
    shared = sheet_xml.book(parts, "xl/workbook.xml")
    (grid,) = sheet_xml.grids(parts, "xl/worksheets/sheet1.xml", shared, name, hidden=False)
    return grid.cells


@settings(max_examples=30, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.one_of(
                st.text("山田ｱ1 -\n\t&<'\"", min_size=1, max_size=8),
                st.integers(-(10**12), 10**12),
                st.floats(-1e6, 1e6).map(lambda number: round(number, 3) + 0.0),
                st.booleans(),
            ),
            st.dates(datetime.date(1901, 1, 1), datetime.date(2100, 1, 1)),
        ),
        min_size=1,
        max_size=12,
    )
)
def test_both_ways_of_reading_a_sheet_agree(rows: list[tuple[object, datetime.date]]) -> None:
    def write(target: xlsxwriter.Workbook) -> None:
        worksheet = target.add_worksheet("名簿")
        day = target.add_format({"num_format": "yyyy/m/d"})
        for at, (value, date) in enumerate(rows):
            (worksheet.write_string if isinstance(value, str) else worksheet.write)(at, 0, value)
            worksheet.write_datetime(at, 1, date, day)

    data = book(write)
    assert cell_by_cell(data).rows() == grids(data)[0].cells.rows()


def test_a_bomb_is_refused_before_it_is_unpacked() -> None:
    bomb = b"<worksheet><sheetData>" + b" " * (80 << 20) + b"</sheetData></worksheet>"
    data = changed(sheet(with_persons), {"xl/worksheets/sheet1.xml": bomb})
    with pytest.raises(OverLimitError):
        pieces(data)


def test_a_damaged_sheet_is_a_gap_and_the_others_are_read() -> None:
    def write(target: xlsxwriter.Workbook) -> None:
        for name in ("一", "二"):
            with_persons(target.add_worksheet(name))

    found = pieces(changed(book(write), {"xl/worksheets/sheet1.xml": b"<worksheet><sheetData><row"}))
    assert [piece.place.base for piece in found if isinstance(piece, Grid)] == ["二"]
    assert len([piece for piece in found if isinstance(piece, Gap)]) == 1


@pytest.mark.parametrize(
    ("number", "code", "dated"),
    [
        ("14", None, True),
        ("0", None, False),
        ("57", None, True),
        ("164", '[$-411]ge"."m"."d', True),
        ("165", "0000-000000", False),
        ("166", '"平成"0"年"', False),
        ("167", "[h]:mm", True),
        ("168", "#,##0;[Red]-#,##0", False),
        ("169", "General", False),
    ],
)
def test_formats_that_show_days_are_told_from_others(number: str, code: str | None, dated: bool) -> None:
    assert serial_dates.is_date(number, code) is dated


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("17629", "1948-04-06"),
        ("17629.5", "1948-04-06 12:00:00"),
        ("0.5", "12:00:00"),
        ("60", "1900-02-28"),
        ("1", "1900-01-01"),
    ],
)
def test_days_are_counted_as_excel_counts_them(value: str, text: str) -> None:
    assert serial_dates.text(value, dated=True) == text


@pytest.mark.parametrize("name", ["testEXCEL.xlsb", "test-columnar.xlsb"])
def test_foreign_binary_workbooks_are_read(name: str) -> None:
    found = list(xlsb.FORMAT.read(Blob(name, sample(name)), Limits()))
    assert [piece for piece in found if isinstance(piece, Grid)]
    assert not [piece for piece in found if isinstance(piece, Gap)]


@pytest.mark.parametrize(
    ("name", "rows"),
    [("testEXCEL_5.xls", 22), ("testEXCEL_phonetic.xls", 18), ("testEXCEL_big_numbers.xls", 2)],
)
def test_foreign_old_workbooks_are_read(name: str, rows: int) -> None:
    found = [piece for piece in xls.FORMAT.read(Blob(name, sample(name)), Limits()) if isinstance(piece, Grid)]
    assert found[0].cells.height == rows


def record(number: int, body: bytes) -> bytes:
    return struct.pack("<HH", number, len(body)) + body


def wide(text: str) -> bytes:
    return b"\1" + text.encode("utf-16-le")


def an_old_sheet() -> bytes:
    """The records of an xls with one sheet that has a comment, whose text runs over two records, and a text box."""
    note, box = "旧姓 鈴木" * 40, "取扱注意"

    def shape(kind: int, number: int, text: bytes, size: int, *more: bytes) -> bytes:
        head = record(0x5D, struct.pack("<HHHH", 0x15, 0x12, kind, number) + bytes(14))
        told = record(0x1B6, struct.pack("<HHHHHHH", 0, 0, 0, 0, 0, size, 16) + bytes(4))
        return head + told + b"".join(record(0x3C, part) for part in (text, *more))

    sheet_start = record(0x809, bytes(16))
    name = record(0x85, struct.pack("<IHBB", 100, 0, 2, 1) + "名簿".encode("utf-16-le"))
    return b"".join(
        (
            record(0x809, bytes(16)),
            name,
            record(0x0A, b""),
            sheet_start,
            shape(0x19, 7, wide(note[:100]), len(note), wide(note[100:])),
            shape(0x06, 8, wide(box), len(box)),
            record(0x1C, struct.pack("<HHHH", 2, 1, 0, 7) + bytes(4)),
            record(0x0A, b""),
        )
    )


def test_comments_and_boxes_of_old_workbooks_are_put_together() -> None:
    (found,) = biff8.beside(an_old_sheet())
    assert found.name == "名簿"
    assert found.notes == {(2, 1): "旧姓 鈴木" * 40}
    assert found.boxes == ["取扱注意"]


@given(st.binary(max_size=400), st.integers(0, 400))
def test_broken_records_of_old_workbooks_end_quietly(noise: bytes, at: int) -> None:
    data = an_old_sheet()
    data = data[: at % len(data)] + noise + data[at % len(data) :]
    list(biff8.beside(data))
    biff8.pivot_cache(data)
    with contextlib.suppress(UnreadableError):
        list(biff_cells.grids(data))


def test_a_pivot_cache_of_an_old_workbook_gives_its_rows() -> None:
    def field(flags: int, groups: int, size: int, name: str) -> bytes:
        head = struct.pack("<7H", flags, 0, 0, size, groups, 0, size)
        return record(0xC7, head + struct.pack("<H", len(name)) + wide(name)) + record(0x1BB, b"\0\0")

    def text(value: str) -> bytes:
        return record(0xCD, struct.pack("<H", len(value)) + wide(value))

    data = b"".join(
        (
            record(0xC6, bytes(21)),
            field(0x481, 0, 2, "氏名"),
            text("山田太郎"),
            text("鈴木花子"),
            field(0x520, 0, 0, "金額"),
            field(0x481, 0, 1, "生年月日"),
            record(0xCE, struct.pack("<HHBBBB", 1948, 4, 6, 0, 0, 0)),
            record(0xC8, b"\1\0"),
            record(0xC9, struct.pack("<d", 1000.0)),
            record(0xC8, b"\0\0"),
            record(0xC9, struct.pack("<d", 0.5)),
            record(0x0A, b""),
        )
    )
    assert biff8.pivot_cache(data) == (
        ["氏名", "金額", "生年月日"],
        [["鈴木花子", "1000", "1948-04-06"], ["山田太郎", "0.5", "1948-04-06"]],
    )


def ods_book(rows: str, extra: str = "", *, flat: bool = False) -> bytes:
    """An OpenDocument spreadsheet of these rows, zipped or flat."""
    base = "urn:oasis:names:tc:opendocument:xmlns:"
    names = {name: name for name in ("office", "table", "text", "style", "draw")} | {"draw": "drawing"}
    spaces = " ".join(f'xmlns:{short}="{base}{name}:1.0"' for short, name in names.items())
    mime = "application/vnd.oasis.opendocument.spreadsheet"
    tag = f'office:document office:mimetype="{mime}"' if flat else "office:document-content"
    text = (
        f'<?xml version="1.0" encoding="UTF-8"?><{tag} {spaces}><office:automatic-styles>'
        '<style:style style:name="h" style:family="table"><style:table-properties table:display="false"/></style:style>'
        "</office:automatic-styles><office:body><office:spreadsheet>"
        f'<table:table table:name="名簿" table:style-name="h">{extra}{rows}</table:table>'
        f"</office:spreadsheet></office:body></{tag.split()[0]}>"
    ).encode()
    if flat:
        return text
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as target:
        target.writestr("mimetype", mime)
        target.writestr("content.xml", text)
        target.writestr("META-INF/manifest.xml", "<manifest/>")
    return out.getvalue()


def ods_cell(value: str, inner: str = "", attributes: str = "") -> str:
    paragraph = f"<text:p>{value}</text:p>"
    return f'<table:table-cell office:value-type="string"{attributes}>{inner}{paragraph}</table:table-cell>'


@pytest.mark.parametrize("flat", [False, True])
def test_comments_boxes_and_hidden_sheets_of_opendocument_are_read(flat: bool) -> None:
    note = "<office:annotation><text:p>旧姓 鈴木</text:p></office:annotation>"
    box = (
        "<table:shapes><draw:frame><draw:text-box><text:p>取扱注意</text:p></draw:text-box></draw:frame></table:shapes>"
    )
    row = f"<table:table-row>{ods_cell('0123-456789')}{ods_cell('山田太郎', note)}</table:table-row>"
    data = ods_book(
        '<table:table-row table:number-rows-repeated="2"><table:table-cell/></table:table-row>' + row, box, flat=flat
    )
    assert ods.FORMAT.recognise(Head(data, ""))
    grid, prose = ods.FORMAT.read(Blob("book.ods", data), Limits())
    assert isinstance(grid, Grid)
    assert (grid.place.base, grid.place.first, grid.hidden) == ("名簿", 3, True)
    assert grid.cells.rows() == [("0123-456789", "山田太郎")]
    assert grid.notes == {(0, 1): "旧姓 鈴木"}
    assert isinstance(prose, Prose)
    assert list(prose.lines) == ["取扱注意"]


def test_times_of_day_and_cells_far_away_are_kept_in_opendocument() -> None:
    time = '<table:table-cell office:value-type="time"><text:p>10:28</text:p></table:table-cell>'
    far = '<table:table-cell table:number-columns-repeated="16000"/>'
    gap = '<table:table-row table:number-rows-repeated="1000000"><table:table-cell/></table:table-row>'
    row = f"<table:table-row>{ods_cell('山田')}{time}{far}{ods_cell('端')}</table:table-row>"
    found = [
        piece for piece in ods.FORMAT.read(Blob("x", ods_book(row + gap + row)), Limits()) if isinstance(piece, Grid)
    ]
    assert [(grid.place.first, grid.cells.rows()) for grid in found] == [
        (1, [("山田", "10:28", "端")]),
        (1_000_002, [("山田", "10:28", "端")]),
    ]


def test_a_word_file_with_a_workbook_inside_is_no_workbook() -> None:
    assert not xls.FORMAT.recognise(Head(sample("test_recursive_embedded.doc"), "x.xls"))
    assert not xls.FORMAT.recognise(Head(sample("testWORD.doc"), "x.xls"))


def old_book(write: Callable[[xlwt.Worksheet], None]) -> bytes:
    target = xlwt.Workbook()
    write(target.add_sheet("名簿"))
    out = io.BytesIO()
    target.save(out)
    return out.getvalue()


def workbook_stream(data: bytes) -> bytes:
    with ole.open_ole(data) as file:
        return ole.stream(file, "Workbook")


def test_both_ways_of_reading_an_old_workbook_agree() -> None:
    choose = random.Random(2)

    def write(worksheet: xlwt.Worksheet) -> None:
        day = xlwt.XFStyle()
        day.num_format_str = "yyyy/m/d"
        for row in range(400):
            # so much text that it runs over many records, in one byte a character and in two
            letters = "山田太郎ｱ髙" if row % 2 else "abcxyz"
            worksheet.write(row, 0, "".join(choose.choices(letters, k=choose.randrange(1, 300))))
            worksheet.write(row, 1, choose.choice([1, 1.5, 10**9, 123456.78, -3, 0.1 + 0.2]))
            worksheet.write(row, 2, choose.randrange(1, 50_000), day)
            worksheet.write(row, 3, row % 3 == 0)

    data = old_book(write)
    (native,) = xls.FORMAT.read(Blob("x.xls", data), Limits())
    (own,) = biff_cells.grids(workbook_stream(data))
    assert isinstance(native, Grid)
    assert (own.place, own.hidden) == (native.place, native.hidden)
    assert own.cells.drop("1").rows() == native.cells.drop("1").rows()
    assert [float(x) for x in own.cells["1"]] == pytest.approx([float(x) for x in native.cells["1"]])


def excel_95(texts: list[str], page: int) -> bytes:
    """A workbook of Excel 95 in a code page."""

    def beginning(kind: int) -> bytes:
        return record(0x809, struct.pack("<HHHH", 0x500, kind, 0, 0))

    labels = b"".join(
        record(0x204, struct.pack("<HHHH", row, 0, 0, len(text.encode("cp932"))) + text.encode("cp932"))
        for row, text in enumerate(texts)
    )
    style = record(0xE0, struct.pack("<HH", 0, 0) + bytes(12))
    name = "名簿".encode("cp932")
    book = beginning(5) + record(0x42, struct.pack("<H", page)) + style
    book += record(0x85, struct.pack("<IHB", len(book) + 15 + len(name), 0, len(name)) + name) + record(0x0A, b"")
    return compound.written({("Book",): book + beginning(0x10) + labels + record(0x0A, b"")})


@pytest.mark.parametrize("page", [932, 10001])
def test_a_japanese_workbook_of_excel_95_is_read_by_its_code_page(page: int) -> None:
    data = excel_95(["髙橋①", "ﾔﾏﾀﾞ ﾀﾛｳ", "0123-456789"], page)
    assert xls.FORMAT.recognise(Head(data, ""))
    (grid,) = xls.FORMAT.read(Blob("x.xls", data), Limits())
    assert isinstance(grid, Grid)
    assert grid.place.base == "名簿"
    assert grid.cells.rows() == [("髙橋①",), ("ﾔﾏﾀﾞ ﾀﾛｳ",), ("0123-456789",)]


def test_the_numbers_of_a_chart_do_not_overwrite_the_sheet() -> None:
    data = old_book(lambda worksheet: [worksheet.write(row, 0, text) for row, text in enumerate(("氏名", "山田"))])
    stream = workbook_stream(data)
    chart = record(0x809, struct.pack("<HHII", 0x600, 0x20, 0, 0) + bytes(4))
    chart += record(0x203, struct.pack("<HHHd", 0, 0, 0, 55.0)) + record(0x0A, b"")
    data = compound.written({("Workbook",): stream[:-4] + chart + stream[-4:]})
    (grid,) = xls.FORMAT.read(Blob("x.xls", data), Limits())
    assert isinstance(grid, Grid)
    assert grid.cells.rows() == [("氏名",), ("山田",)]


def test_an_old_sheet_with_cells_in_its_corners_costs_no_memory() -> None:
    def write(worksheet: xlwt.Worksheet) -> None:
        worksheet.write(0, 0, "左上")
        worksheet.write(65_535, 255, "右下")

    found = [piece for piece in xls.FORMAT.read(Blob("x", old_book(write)), Limits()) if isinstance(piece, Grid)]
    assert [(grid.place.first, grid.cells.height) for grid in found] == [(1, 1), (65_536, 1)]


def test_workbooks_of_excel_2_to_4_are_named() -> None:
    data = record(0x409, struct.pack("<HHH", 0x400, 0x10, 0)) + record(0x0A, b"")
    assert xls.FORMAT.recognise(Head(data, "x.xls"))
    with pytest.raises(UnsupportedError):
        list(xls.FORMAT.read(Blob("x.xls", data), Limits()))
