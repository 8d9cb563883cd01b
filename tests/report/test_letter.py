"""A letter as it comes out of the printer: one A4, the recipient in the window, what leaked, a number to be read."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import UTC, date, datetime
from functools import cache

import numpy as np
import pikepdf
import polars as pl
import pypdfium2
import pytest
import zxingcpp

from sekisho.actions.control import Face, read, read_all
from sekisho.actions.letters import Rules, fitted
from sekisho.countries.letters import LANGUAGES, wording
from sekisho.report.code128 import bars
from sekisho.report.letter import Letter, Words, pdf
from sekisho.report.typeset import families, family_for, visible
from sekisho.wording import Text

DAY, AT = date(2015, 6, 5), datetime(2015, 6, 3, 9, tzinfo=UTC)
WORDS = Words(
    Text("Sample Pension Service", "見本年金機構"),
    "0120-000-000",
    Text("Monday to Friday 8:30-21:00", "平日 8時30分から21時"),
    (Text("3-5-24 Takaido-nishi, Suginami-ku, Tokyo", "東京都杉並区高井戸西3-5-24"),),
    (Text("On 8 May 2015 a mail with malware was opened. " * 3, "5月8日、不正な電子メールが開かれました。" * 4),),
)
EVERY = (*wording().items["ja"], "other:備考")
ADDRESS = "沖縄県那覇市泉崎一丁目二番二号"
NAMES = {
    "usual": "架空 太郎",
    "60 characters": "寿限無" * 20,
    "60 letters": "Wolfeschlegelsteinhausenbergerdorffwelchevoralternwarengewi",
    "60 of the widest": "W" * 60,
    "60 with accents": "É" * 60,
    "60 that no line break divides": "éA" * 30,
    "kana": "アレクサンドラ・マリア・グアダルーペ・コンセプシオン・フェルナンデス・ゴンサレス・サンチェス・ベガ",
    "markup": "#strong[架空]<b>*_`$太郎",
    "right to left": "架空\u202e太郎\u200f",
    "rare": "𠮷田 髙﨑",
    "variant": "邉\U000e0102 葛\U000e0100子",
}
MM = 72 / 25.4
FIRST_LARGE = len(NAMES) + 1


def fit(name: str, address: str) -> tuple[str, str, float, str]:
    """Name and address as they are planned."""
    sheet = wording().sheet
    width, height = (sheet["window"][side] - 2 * sheet["inset"][at] for side, at in (("width", "x"), ("height", "y")))
    rows = pl.DataFrame({"name": visible(pl.Series([name])), "address": [address]})
    made = fitted(rows, Rules(65, width, height)).row(0, named=True)
    return made["name"], made["address"], made["size"], family_for(rows["name"] + rows["address"])[0]


def letter(number: int = 1, name: str = "架空 太郎", address: str = ADDRESS) -> Letter:
    face = Face(1, number)
    shown, where, size, family = fit(name, address)
    items = ("basic_pension_number", "name", "birth_date", "address")
    return Letter(face.written, face.digits, shown, "900-0021", where, size, family, items, version=1)


@cache
def made(language: str = "ja") -> tuple[list[Letter], bytes]:
    """Letters of every kind in one file."""
    some = [letter(n, name) for n, name in enumerate(NAMES.values(), 1)]
    some.append(letter(len(some) + 1, "寿" * 60, ADDRESS * 5))
    some += [replace(one, large=True, paid=True) for one in some]
    some += [replace(some[0], items=EVERY, more=more, large=large) for more in (True, False) for large in (True, False)]
    return some, pdf(some, WORDS, language, DAY, AT)


def texts(data: bytes) -> list[str]:
    return [page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(data)]


def bare(text: str) -> str:
    return "".join(text.split()).replace("\u200b", "").replace("\ufffe", "")


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_letter_is_one_a4_whatever_it_says(language: str) -> None:
    some, data = made(language)
    pages = pypdfium2.PdfDocument(data)
    assert len(pages) == len(some)
    assert {tuple(round(side / MM) for side in page.get_size()) for page in pages} == {(210, 297)}


@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_leaves_its_place(language: str) -> None:
    """The recipient is in the window and nothing else, the body ends above the codes, all ink is on the sheet."""
    window, body = wording().sheet["window"], wording().sheet["body"]
    for page in pypdfium2.PdfDocument(made(language)[1]):
        image = page.render(scale=1).to_numpy()[:, :, 0] < 128
        x, y, right, low = (window["x"], window["y"], window["x"] + window["width"], window["y"] + window["height"])
        ink = places(image, top=0, bottom=body["y"] - 1, right=right + 4)
        assert ink[0].min() >= y
        assert ink[0].max() <= low
        assert ink[1].min() >= x
        assert ink[1].max() <= right
        under = places(image, top=body["y"] + body["height"], bottom=297 - 25, right=165)
        assert not under[0].size
        assert places(image, top=body["y"], bottom=body["y"] + body["height"], right=210)[1].max() <= 191


def places(image: np.ndarray, top: float, bottom: float, right: float) -> tuple[np.ndarray, np.ndarray]:
    """Where there is ink, in millimetres from the top and from the left."""
    rows, columns = np.nonzero(image[int(top * MM) : int(bottom * MM), : int(right * MM)])
    return rows / MM + top, columns / MM


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_text_comes_back_with_the_name_and_what_leaked(language: str) -> None:
    some, data = made(language)
    say, items = wording().say[language], wording().items[language]
    for one, text in zip(some, map(bare, texts(data)), strict=True):
        assert bare(one.name) in text
        assert bare(one.address) in text
        assert one.control in text
        assert all(bare(items[item]) in text for item in one.items if item in items)
        assert bare(say["never_title"]) in text
        assert (bare(say["paid"]) in text) == one.paid
        assert bare(say["helpline_title"]) in text


def test_the_first_lines_say_what_leaked_that_nothing_is_to_be_done_and_what_we_never_do() -> None:
    say = wording().say["ja"]
    text = bare(texts(made()[1])[FIRST_LARGE])
    told = [
        text.index(bare(say[name])) for name in ("leaked", "paid", "nothing_to_do", "never_title", "helpline_title")
    ]
    assert told == sorted(told)


def test_the_number_on_every_face_is_read_by_another_programs_reader() -> None:
    some, data = made()
    for one, page in zip(some[:4], pypdfium2.PdfDocument(data), strict=False):
        found = zxingcpp.read_barcodes(page.render(scale=3).to_numpy())
        assert [(code.format, code.text) for code in found] == [(zxingcpp.BarcodeFormat.Code128, one.face)]


def test_large_print_is_larger_and_fits_all_the_same() -> None:
    sizes = [max(letters_of(page)) for page in pypdfium2.PdfDocument(made()[1])]
    assert sizes[FIRST_LARGE] > sizes[0] * 1.15


def letters_of(page: pypdfium2.PdfPage) -> list[float]:
    """The heights of the characters of the body."""
    text = page.get_textpage()
    boxes = (text.get_charbox(at) for at in range(text.count_chars()))
    return [top - low for _, low, _, top in boxes if top < (297 - 66) * MM and low > 60 * MM]


def test_no_box_is_printed_and_fonts_title_language_and_tags_are_there() -> None:
    for language in LANGUAGES:
        with pikepdf.open(io.BytesIO(made(language)[1])) as pdf_:
            assert str(pdf_.Root.Lang) == language
            assert pdf_.Root.MarkInfo.Marked
            with pdf_.open_metadata() as said:
                assert (said["pdfaid:part"], said["pdfaid:conformance"]) == ("2", "B")
                assert said["dc:title"] == wording().say[language]["title"]
            fonts = {font.BaseFont: font for page in pdf_.pages for font in page.Resources.Font.values()}
            assert all(
                {"/FontFile2", "/FontFile3"} & set(font.DescendantFonts[0].FontDescriptor.keys())
                for font in fonts.values()
            )
        assert "\ufffd" not in "".join(texts(made(language)[1]))


def test_a_rare_character_goes_to_a_font_that_has_it() -> None:
    assert fit("𠮷田", ADDRESS)[3] in families()
    assert family_for(pl.Series(["架空\ue000"]))[0] is None


@pytest.mark.parametrize("digits", ["0001000001231172", "00", "99999999"])
def test_a_code_is_whole_symbols(digits: str) -> None:
    widths = bars(digits)
    assert sum(widths) == 11 * (len(digits) // 2 + 2) + 13
    assert len(widths) % 2 == 1


@pytest.mark.parametrize("wrong", ["", "1", "12a4", "１２"])
def test_what_is_no_pair_of_digits_is_no_code(wrong: str) -> None:
    if wrong:
        with pytest.raises(ValueError, match=wrong):
            bars(wrong)


def test_the_number_of_a_letter_shows_every_wrong_digit_and_every_swap() -> None:
    face = Face(12, 345678)
    assert read(face.digits) == read(face.written) == face
    for at in range(16):
        for digit in set("0123456789") - {face.digits[at]}:
            assert read(face.digits[:at] + digit + face.digits[at + 1 :]) is None
    for at in range(15):
        swapped = face.digits[:at] + face.digits[at + 1] + face.digits[at] + face.digits[at + 2 :]
        assert swapped == face.digits or read(swapped) is None
    assert read_all(pl.Series([face.digits, face.digits.lstrip("0"), "x"]))["letter"].to_list() == [
        345678,
        345678,
        None,
    ]


def test_too_much_for_the_window_has_no_size() -> None:
    assert fit("寿" * 60, ADDRESS)[2] >= 7
    assert fit("寿" * 60, ADDRESS * 30)[2] is None
