"""Pages as PDF: what stands in the data stands on the page, in an embedded font, and never becomes source."""

from __future__ import annotations

import io
from datetime import UTC, datetime
from typing import Any

import pikepdf
import polars as pl
import pypdfium2
import pytest

from sekisho.errors import MissingPartError
from sekisho.report.typeset import Press, coverage, families, family_for, visible

DAY = datetime(2026, 11, 23, 8, 30, 0, 123, tzinfo=UTC)


@pytest.fixture(scope="module")
def press(tmp_path_factory: pytest.TempPathFactory) -> Press:
    folder = tmp_path_factory.mktemp("templates")
    (folder / "note.typ").write_text('#set page(paper: "a4")\n#heading(data.title)\n#for one in data.said { par(one) }')
    return Press("note", folder)


def page(press: Press, *said: str, **how: Any) -> bytes:
    return press.pdf({"title": "お知らせ", "author": "見本機構", "language": "ja", "said": said}, at=DAY, **how)


def text(pdf: bytes) -> str:
    return "".join(one.get_textpage().get_text_range() for one in pypdfium2.PdfDocument(pdf))


def test_the_text_comes_back(press: Press) -> None:
    assert "髙橋 𠮷子" in text(page(press, "髙橋 𠮷子"))


@pytest.mark.parametrize(
    "hostile", ['#panic("x")', "*太字*", "$x^2$", "= 見出し", '"]; #read("/etc/passwd")', "\\u{41} // /* <a> @b", "`a`"]
)
def test_markup_in_the_data_is_letters(press: Press, hostile: str) -> None:
    assert hostile in text(page(press, hostile))


def test_it_says_that_it_is_pdf_a_and_has_title_language_tags_and_all_fonts(press: Press) -> None:
    with pikepdf.open(io.BytesIO(page(press, "本文"))) as pdf:
        with pdf.open_metadata() as said:
            assert (said["pdfaid:part"], said["pdfaid:conformance"]) == ("2", "B")
            assert said["dc:title"] == "お知らせ"
        assert str(pdf.Root.Lang) == "ja"
        assert pdf.Root.MarkInfo.Marked
        fonts = [font for one in pdf.pages for font in one.Resources.Font.values()]
        described = [font.DescendantFonts[0].FontDescriptor for font in fonts]
        assert described
        assert all("/FontFile2" in one or "/FontFile3" in one for one in described)


def test_the_same_data_of_the_same_time_are_the_same_bytes(press: Press) -> None:
    assert page(press, "本文") == page(press, "本文")


@pytest.mark.parametrize("lost", ["\ue000", "\ufffd", "𓀀", "مرحبا"])
def test_a_character_that_no_font_has_stops_it_and_is_named_by_its_code_only(press: Press, lost: str) -> None:
    with pytest.raises(MissingPartError) as caught:
        page(press, f"山田{lost}")
    assert f"U+{ord(sorted(lost)[0]):04X}" in str(caught.value.message)
    assert "山" not in str(caught.value.message)


def test_a_name_goes_to_the_first_family_that_has_all_of_it() -> None:
    rare = next(iter(sorted(coverage(families()[-1]) - coverage(families()[0]))), None)
    names = pl.Series(["山田 太郎", "髙橋 𠮷子", "山田\ue000", None, "O'Brien", rare])
    found = family_for(names).to_list()
    assert found[:5] == [families()[0], families()[0], None, None, families()[0]]
    assert found[5] is None if rare is None else found[5] in families()[1:]


@pytest.mark.parametrize("name", ["?橋 太郎", "架空□子", "架空■子", "⿰亻架 太郎", "〓橋 太郎"])
def test_no_font_has_what_was_lost_before_it_came_to_us(name: str) -> None:
    assert family_for(pl.Series([name])).to_list() == [None]


def test_a_variant_that_no_font_has_is_printed_in_its_common_form(press: Press) -> None:
    name = "山\U000e01e0田"
    assert family_for(pl.Series([name]))[0] in families()
    assert "山" in text(page(press, name))


def test_what_cannot_be_seen_is_taken_out() -> None:
    assert visible(pl.Series(["山\u202e田\u200b 太\u2066郎\x00\x1b", "か\u3099"])).to_list() == ["山田 太郎", "が"]
