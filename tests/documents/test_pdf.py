"""PDF: what comes out is what a person sees on the page, table cells whole however narrow they are."""

from __future__ import annotations

import io
import re
from collections.abc import Sequence

import pikepdf
import pytest
from PIL import Image
from reportlab.lib import colors
from reportlab.lib.pagesizes import A4, landscape
from reportlab.lib.styles import ParagraphStyle
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Paragraph, SimpleDocTemplate, Table, TableStyle

from sekisho.documents import pdf_columns
from sekisho.documents.formats.pdf import FORMAT
from sekisho.documents.pdf_marks import Run
from sekisho.documents.pdf_text import character_width
from sekisho.errors import LockedError, UnreadableError
from sekisho.model import Blob, Frame, Gap, Grid, Limits, Member, Piece, Prose, Reason

FONT = "HeiseiKakuGo-W5"
HEADER = ("基礎年金番号", "氏名", "カナ", "生年月日", "性別", "住所", "電話番号")
WIDE, NARROW = (90, 70, 100, 90, 30, 260, 90), (38, 42, 50, 50, 24, 110, 48)
GRID = (("GRID", (0, 0), (-1, -1), 0.5, colors.black),)
UNDERLINED = (("LINEBELOW", (0, 0), (-1, -1), 0.5, colors.black),)
HEADED = (("LINEBELOW", (0, 0), (-1, 0), 0.5, colors.black),)


@pytest.fixture(autouse=True, scope="module")
def _font() -> None:
    pdfmetrics.registerFont(UnicodeCIDFont(FONT))


def person(i: int) -> tuple[str, ...]:
    name = f"{'山田高橋'[i % 4]}{'田野本川'[i % 3]}{'太花次三'[i % 4]}{'郎子'[i % 2]}"
    address = f"東京都千代田区霞が関{i % 3 + 1}丁目{i % 20}番{i % 7}号 見本コーポ{i}号室"
    return (
        f"{1000 + i}-{110336 + i * 7:06d}",
        name,
        "ヤマダ タロウ",
        f"昭和{i % 60 + 3}年{i % 12 + 1}月6日",
        "男女"[i % 2],
        address,
        f"03-0000-{i:04d}",
    )


def table(widths: Sequence[int], style: Sequence[object], align: str = "MIDDLE", count: int = 60) -> bytes:
    text = ParagraphStyle("x", fontName=FONT, fontSize=8, leading=9.6, wordWrap="CJK")
    rows = [[Paragraph(value, text) for value in row] for row in (HEADER, *map(person, range(count)))]
    listed = Table(rows, colWidths=list(widths), repeatRows=1)
    listed.setStyle(TableStyle([("VALIGN", (0, 0), (-1, -1), align), *style]))
    out = io.BytesIO()
    SimpleDocTemplate(out, pagesize=landscape(A4) if sum(widths) > 550 else A4, leftMargin=20, rightMargin=20).build(
        [listed]
    )
    return out.getvalue()


def drawn(*pages: object) -> bytes:
    """A document of pages, each a function that draws on the canvas."""
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=A4)
    for page in pages:
        canvas.setFont(FONT, 10)
        page(canvas)  # type: ignore[operator]
        canvas.showPage()
    canvas.save()
    return out.getvalue()


def read(data: bytes, key: str | None = None) -> list[Piece]:
    return list(FORMAT.read(Blob("x.pdf", data, key), Limits()))


def rows(pieces: list[Piece]) -> list[tuple[str | None, ...]]:
    return [row for p in pieces if isinstance(p, Grid) for row in p.cells.rows()]


def lines(pieces: list[Piece]) -> list[str]:
    return [line for p in pieces if isinstance(p, Prose) for line in p.lines]


def gaps(pieces: list[Piece]) -> list[Reason]:
    return [p.reason for p in pieces if isinstance(p, Gap)]


# -- tables


@pytest.mark.parametrize(
    ("widths", "style", "align"),
    [
        (WIDE, GRID, "MIDDLE"),
        (NARROW, GRID, "MIDDLE"),
        (NARROW, GRID, "TOP"),
        (NARROW, UNDERLINED, "TOP"),
        (NARROW, HEADED, "MIDDLE"),
        (WIDE, (), "MIDDLE"),
        (NARROW, (), "MIDDLE"),
        (NARROW, (), "BOTTOM"),
    ],
    ids=["wide", "narrow", "narrow top", "rows ruled", "head ruled", "bare wide", "bare narrow", "bare bottom"],
)
def test_every_cell_of_a_table_is_whole(widths: Sequence[int], style: Sequence[object], align: str) -> None:
    found = rows(read(table(widths, style, align)))
    assert [row for row in found if row != HEADER] == [person(i) for i in range(60)]


def test_a_column_with_few_values_does_not_join_the_rows_of_the_others() -> None:
    people = [(f"0{100 + i}-{i:06d}", f"山田{i}郎", "障害年金" if i % 3 == 0 else None) for i in range(30)]

    def page(canvas: Canvas) -> None:
        for y, row in enumerate((("番号", "氏名", "備考"), *people)):
            for x, text in enumerate(row):
                canvas.drawString(60 + x * 90, 780 - y * 16, text or "")

    assert rows(read(drawn(page))) == [("番号", "氏名", "備考"), *people]


def test_merged_cells_are_null_where_they_go_on() -> None:
    def page(canvas: Canvas) -> None:
        for x, y, width, text in (
            (0, 0, 2, "氏名"),
            (2, 0, 1, "年"),
            (0, 1, 1, "姓"),
            (1, 1, 1, "名"),
            (2, 1, 1, "元年"),
        ):
            canvas.rect(60 + x * 80, 700 - y * 20, width * 80, 20)
            canvas.drawString(64 + x * 80, 706 - y * 20, text)

    assert rows(read(drawn(page))) == [("氏名", None, "年"), ("姓", "名", "元年")]


def test_text_that_runs_over_a_line_stays_in_the_cell_where_it_begins() -> None:
    def page(canvas: Canvas) -> None:
        for y in range(2):
            for x in range(3):
                canvas.rect(60 + x * 60, 700 - y * 20, 60, 20)
        canvas.drawString(64, 706, "東京都千代田区霞が関一丁目二番")
        canvas.drawString(64, 686, "一")
        canvas.drawString(184, 686, "三")

    assert rows(read(drawn(page))) == [("東京都千代田区霞が関一丁目二番", None, None), ("一", None, "三")]


def test_an_open_table_without_side_lines_is_ruled_too() -> None:
    def page(canvas: Canvas) -> None:
        for y in range(4):
            canvas.line(60, 700 - y * 20, 360, 700 - y * 20)
        for x in (160, 260):
            canvas.line(x, 700, x, 640)
        for y in range(3):
            for x in range(3):
                canvas.drawString(66 + x * 100, 686 - y * 20, f"値{y}{x}")

    assert rows(read(drawn(page))) == [tuple(f"値{y}{x}" for x in range(3)) for y in range(3)]


def test_a_form_of_labels_and_values_comes_row_by_row() -> None:
    def page(canvas: Canvas) -> None:
        for y, (label, value) in enumerate((("氏名", "山田　太郎"), ("住所", "〒100-0001 東京都千代田区"))):
            canvas.rect(60, 700 - y * 30, 80, 30)
            canvas.rect(140, 700 - y * 30, 300, 30)
            canvas.drawString(66, 710 - y * 30, label)
            canvas.drawString(150, 710 - y * 30, value)

    assert rows(read(drawn(page))) == [("氏名", "山田　太郎"), ("住所", "〒100-0001 東京都千代田区")]


def test_lists_side_by_side_are_columns_of_one_grid() -> None:
    def page(canvas: Canvas) -> None:
        for column in range(2):
            for y, (number, name) in enumerate((("番号", "氏名"), *((f"000{i}", f"山田{i}郎") for i in range(1, 9)))):
                canvas.drawString(60 + column * 250, 780 - y * 16, number)
                canvas.drawString(140 + column * 250, 780 - y * 16, name)

    assert rows(read(drawn(page)))[:2] == [("番号", "氏名", "番号", "氏名"), ("0001", "山田1郎", "0001", "山田1郎")]


def test_labels_side_by_side_are_read_one_by_one() -> None:
    def page(canvas: Canvas) -> None:
        for i in range(6):
            label = (f"〒100-000{i}", f"東京都千代田区霞が関{i + 1}丁目2番", "山田　太郎　様")
            for y, text in enumerate(label):
                canvas.drawString(60 + i % 3 * 170, 760 - i // 3 * 90 - y * 14, text)

    found = [line for line in lines(read(drawn(page))) if line]
    assert found[:6] == [
        *("〒100-0000", "東京都千代田区霞が関1丁目2番", "山田　太郎　様"),
        *("〒100-0001", "東京都千代田区霞が関2丁目2番", "山田　太郎　様"),
    ]


def test_a_value_that_runs_over_columns_does_not_merge_them() -> None:
    def page(canvas: Canvas) -> None:
        for y, row in enumerate((("氏名", "山田太郎", "性別", "男"), ("番号", "0123-456789", "電話", "03-0000-0000"))):
            for x, text in enumerate(row):
                canvas.drawString((60, 120, 300, 360)[x], 700 - y * 16, text)
        canvas.drawString(60, 668, "住所")
        canvas.drawString(120, 668, "東京都千代田区霞が関一丁目二番三号中央合同庁舎")

    assert rows(read(drawn(page))) == [
        ("氏名", "山田太郎", "性別", "男"),
        ("番号", "0123-456789", "電話", "03-0000-0000"),
        ("住所", "東京都千代田区霞が関一丁目二番三号中央合同庁舎", None, None),
    ]


def test_a_footer_below_a_table_does_not_merge_its_columns() -> None:
    def page(canvas: Canvas) -> None:
        for y in range(8):
            for x in range(3):
                canvas.drawString(60 + x * 60, 700 - y * 16, f"値{y}{x}")
        canvas.drawString(60, 560, "この一覧は見本です。実在の方とは関係ありません。")

    pieces = read(drawn(page))
    assert rows(pieces) == [tuple(f"値{y}{x}" for x in range(3)) for y in range(8)]
    assert lines(pieces) == ["この一覧は見本です。実在の方とは関係ありません。"]


def test_a_label_spread_out_over_its_place_is_one_label() -> None:
    def page(canvas: Canvas) -> None:
        for y, text in enumerate(
            ("１　基礎年金番号　　0123-456789", "２　氏　　　　名　　山田太郎", "３　住　　　　所　　東京都")
        ):
            canvas.drawString(60, 700 - y * 16, text)

    assert rows(read(drawn(page))) == [
        ("１　基礎年金番号", "0123-456789"),
        ("２　氏　　　　名", "山田太郎"),
        ("３　住　　　　所", "東京都"),
    ]


# -- text


def test_a_letter_comes_line_by_line_and_a_sentence_goes_on_over_the_line_end() -> None:
    def page(canvas: Canvas) -> None:
        for y, text in enumerate(
            (
                "山田　太郎　様",
                "　あなた様の記録についてお知らせいたしますので、基礎年金番号が0123-",
                "456789であることをお確かめください。",
                "電話：03-0000-0000",
            )
        ):
            canvas.drawString(60, 700 - y * 16, text)

    assert lines(read(drawn(page))) == [
        "山田　太郎　様",
        "あなた様の記録についてお知らせいたしますので、基礎年金番号が0123-456789であることをお確かめください。",
        "電話：03-0000-0000",
    ]


def test_columns_of_text_are_read_one_after_the_other() -> None:
    text = "年金制度は世代と世代の支え合いの仕組みであり、ここでは段組みの読み順を確かめる。" * 12

    def page(canvas: Canvas) -> None:
        for i in range(24):
            canvas.drawString(60 + i // 12 * 260, 780 - i % 12 * 16, text[i * 20 : i * 20 + 20])

    assert "".join(lines(read(drawn(page)))) == text[:480]


def test_upright_and_turned_text_is_read_as_it_runs() -> None:
    def upright(canvas: Canvas) -> None:
        for x, text in enumerate(("年金記録のお知らせ", "氏名山田太郎")):
            for y, character in enumerate(text):
                canvas.drawString(480 - x * 24, 760 - y * 12, character)

    def turned(canvas: Canvas) -> None:
        canvas.rotate(90)
        canvas.drawString(60, -100, "氏名 山田太郎")
        canvas.drawString(60, -130, "番号 0123-456789")

    found = lines(read(drawn(upright, turned)))
    assert found == ["年金記録のお知らせ", "氏名山田太郎", "氏名 山田太郎", "番号 0123-456789"]


def test_text_printed_twice_to_look_bold_is_read_once() -> None:
    def page(canvas: Canvas) -> None:
        canvas.drawString(60, 700, "山田太郎")
        canvas.drawString(60.3, 700, "山田太郎")

    assert lines(read(drawn(page))) == ["山田太郎"]


# -- what else is in it


def test_form_fields_show_their_values_where_they_stand() -> None:
    def page(canvas: Canvas) -> None:
        canvas.drawString(60, 700, "氏名")
        canvas.acroForm.textfield(name="n", x=130, y=692, width=200, height=22, value="yamada taro")
        canvas.drawString(60, 660, "性別")
        for x, (text, checked) in enumerate((("男", True), ("女", False))):
            canvas.acroForm.checkbox(name=text, x=130 + x * 60, y=656, size=14, checked=checked)
            canvas.drawString(150 + x * 60, 660, text)

    pieces = read(drawn(page))
    text = [" ".join(cell or "" for cell in row) for row in rows(pieces)] + lines(pieces)
    assert [re.sub(r"\s", "", line) for line in text] == ["氏名yamadataro", "性別☑男☐女"]


def test_notes_on_a_page_and_attached_files_are_read() -> None:
    pdf = pikepdf.open(io.BytesIO(drawn(lambda canvas: canvas.drawString(60, 700, "本文"))))
    note = pikepdf.Dictionary(
        Type=pikepdf.Name.Annot, Subtype=pikepdf.Name.Text, Contents="覚え書き", Rect=[0, 0, 9, 9]
    )
    pdf.pages[0].Annots = pikepdf.Array([pdf.make_indirect(note)])
    pdf.attachments["名簿.csv"] = pikepdf.AttachedFileSpec(pdf, b"a,b", filename="名簿.csv")
    out = io.BytesIO()
    pdf.save(out)
    pieces = read(out.getvalue())
    assert lines(pieces) == ["本文", "覚え書き"]
    assert {p.name: bytes(p.load(None).data) for p in pieces if isinstance(p, Member)} == {"名簿.csv": b"a,b"}


def test_a_scanned_page_is_told_to_have_no_text_and_the_others_are_read() -> None:
    out = io.BytesIO()
    Image.new("RGB", (400, 600), "white").save(out, "PNG")

    def scanned(canvas: Canvas) -> None:
        from reportlab.lib.utils import ImageReader

        canvas.drawImage(ImageReader(io.BytesIO(out.getvalue())), 0, 0, *A4)

    pieces = read(drawn(lambda canvas: canvas.drawString(60, 700, "本文"), scanned))
    assert lines(pieces) == ["本文"]
    assert [(p.reason, p.detail) for p in pieces if isinstance(p, Gap)] == [(Reason.NO_TEXT, "1 of 2 pages")]


def test_an_empty_page_is_no_gap() -> None:
    assert read(drawn(lambda canvas: None)) == []


def test_an_owner_password_does_not_keep_a_reader_out_and_a_user_password_does() -> None:
    plain = pikepdf.open(io.BytesIO(drawn(lambda canvas: canvas.drawString(60, 700, "本文"))))

    def locked(**passwords: str) -> bytes:
        out = io.BytesIO()
        plain.save(out, encryption=pikepdf.Encryption(**passwords))  # type: ignore[arg-type]
        return out.getvalue()

    assert lines(read(locked(owner="o", user=""))) == ["本文"]
    assert lines(read(locked(owner="o", user="u"), "u")) == ["本文"]
    with pytest.raises(LockedError):
        read(locked(owner="o", user="u"))


def test_a_file_cut_short_says_so() -> None:
    with pytest.raises(UnreadableError, match=Reason.TRUNCATED):
        read(table(WIDE, GRID)[:2000])


def test_places_are_pages_and_lines() -> None:
    places = [p.place for p in read(table(WIDE, GRID)) if isinstance(p, Grid)]
    assert [(place.frame, place.base, place.first) for place in places[:2]] == [
        (Frame.PAGE, "1", 1),
        (Frame.PAGE, "2", 1),
    ]


def test_an_attachment_that_is_not_there_is_a_gap() -> None:
    pdf = pikepdf.new()
    pdf.add_blank_page()
    pdf.attachments["a.csv"] = pikepdf.AttachedFileSpec(pdf, b"a,b", filename="a.csv")
    del pdf.attachments["a.csv"].obj["/EF"]
    pdf.save(out := io.BytesIO())
    assert Gap(Reason.DAMAGED_PART, "attachment") in list(FORMAT.read(Blob("a.pdf", out.getvalue()), Limits()))


def test_letters_without_any_height_are_read_all_the_same() -> None:
    flat = [Run(word, left, 5, left + 9, 5, [left], [left + 9]) for word in ("a", "b") for left in (0.0, 50.0)]
    assert character_width(flat) > 0
    assert list(pdf_columns.parts(flat))
