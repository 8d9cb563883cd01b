"""What is announced: the figures, what is left out of them, and what changed since."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import UTC, datetime
from itertools import product
from pathlib import Path
from typing import Any

import pikepdf
import pypdfium2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sekisho.actions.announce import Announcement, Before, Contact, Facts, Figures, Words, figures, read
from sekisho.actions.announcement import paper
from sekisho.actions.public import public
from sekisho.actions.words import words_of
from sekisho.countries.announcements import wording
from sekisho.errors import InputError
from sekisho.figures import Leaked
from sekisho.paper import Contacts, Points, Rates, Table
from sekisho.report import paper as render
from sekisho.wording import Text

NUMBER, BORN, LIVES = ("number", "name"), ("number", "name", "birth_date"), ("number", "name", "birth_date", "address")
WORDS = Words(
    organisation=Text("Invented Pension Office", "架空年金機構"),
    summary=Text("Files were taken.", "ファイルが持ち出されました。"),
    cause=Text("A mail was opened.", "メールを開いたことによります。"),
    doing=(Text("The lines were cut.", "回線を遮断しました。"),),
    contacts=(Contact(Text("Helpline", "専用窓口"), "0120-000-000", Text("daily", "毎日")),),
    invented=True,
)
FACTS = Facts("leak", Text("8 May 2015", "2015年5月8日"), Text("8 May 2015", "2015年5月8日"), 3)


def split(unprotected: int, undetermined: int = 0, protected: int = 0) -> dict[str, int]:
    return {"unprotected": unprotected, "undetermined": undetermined, "protected": protected}


def counted(more: int = 0, **changed: Any) -> Leaked:
    of_2015 = {
        "files": split(940, 0, 9),
        "records": {
            NUMBER: split(21_000 + more, 0, 10_000),
            BORN: split(500_000, 0, 667_000),
            LIVES: split(29_000, 0, 23_000),
        },
        "persons": {
            NUMBER: split(20_000 + more, 0, 9_000),
            BORN: split(400_000, 0, 520_000),
            LIVES: split(45_000, 0, 20_653),
        },
        "also": {"bank_account": 1_200},
        "undecided": 310,
        "open_documents": 41,
    }
    return Leaked(**{**of_2015, **changed})


def announcement(shown: Figures, before: Announcement | None = None, **changed: Any) -> Announcement:
    earlier = Before(before.number, before.day, before.figures) if before else None
    number = before.number + 1 if before else 1
    made = Announcement(1, number, "2015-06-01", number, "2015-06-01T00:00:00+00:00", "0", shown, FACTS, WORDS, earlier)
    return replace(made, **changed)


def text(made: Announcement, language: str = "en") -> str:
    return " ".join(render.text(paper(made, wording()), language).split())


def numbers_in(value: object) -> set[int]:
    if isinstance(value, dict):
        return set().union(*map(numbers_in, value.values()))
    if isinstance(value, list):
        return set().union(*map(numbers_in, value))
    return {value} if isinstance(value, int) and not isinstance(value, bool) else set()


def test_files_records_and_persons_are_told_with_their_units_and_both_rates() -> None:
    made = announcement(figures(counted(), []))
    said = text(made, "ja")
    for needed in ("949個", "1,250,000件", "1,014,653人", "保護なし 99.1%（940個）", "保護なし 44%（550,000件）"):
        assert needed in said
    english = text(made)
    for needed in ("949 files", "1,250,000 records", "1,014,653 persons", "99.1%", "44%"):
        assert needed in english


def test_everybody_is_told_that_they_are_never_phoned_and_where_to_ask() -> None:
    made = announcement(figures(counted(), []))
    for language, never in (("en", "We never phone you"), ("ja", "お電話することはありません")):
        said = text(made, language)
        assert never in said.replace(" ", "") if language == "ja" else said
        assert "0120-000-000" in said
        assert said.index("0120-000-000") < said.index({"en": "How the data", "ja": "保護の状況"}[language])


def test_what_is_not_known_yet_stands_there() -> None:
    made = announcement(figures(counted(), []), facts=Facts(), words=replace(WORDS, cause=Text("", "")))
    said = text(made)
    for needed in ("When it began", "The cause", "41 documents", "Whose 310 records are", "lost or was damaged"):
        assert needed in said


def test_rows_of_a_few_go_up_in_others_and_nobody_is_named_by_being_few() -> None:
    few = {("name", "phone"): split(4), ("email",): split(3)}
    persons = {**counted().persons, **few}
    made = announcement(figures(counted(persons=persons), []))
    said = text(made)
    assert "name, phone number" not in said
    assert "phone number fewer than 10" in said
    assert "and other combinations" in said or "Other combinations" in said
    told = public(made, wording(), None)
    assert not {3, 4, 7} & numbers_in(told["figures"]["persons"])
    assert ["name", "phone"] not in [
        items for line in told["figures"]["persons"]["table"]["lines"] for items in line["items"]
    ]


def test_an_item_that_only_a_few_rows_hold_is_named_without_its_number() -> None:
    few = {("number", "my_number"): split(4), ("number", "email"): split(7), ("number", "name", "email"): split(8)}
    made = announcement(figures(counted(persons={**counted().persons, **few}), []))
    assert made.figures.hidden == {"my_number": True, "email": False}
    said = text(made)
    assert "My Number fewer than 10" in said
    assert "e-mail address number not given" in said
    assert public(made, wording(), None)["figures"]["items_in_no_row"] == {
        "my_number": {"few": True},
        "email": {"few": False},
    }


def test_a_class_of_a_few_persons_or_of_all_but_a_few_is_not_told() -> None:
    whole = 1_014_653
    shown = figures(counted(also={"health": 4, "bank_account": whole - 3, "pension_code": 50}), [])
    told = public(announcement(shown), wording(), None)["figures"]["persons_with"]
    assert {name: (one["exact"], one["few"]) for name, one in told.items()} == {
        "health": (None, True),
        "bank_account": (None, False),
        "pension_code": (50, False),
    }


def test_three_more_persons_are_said_to_be_a_few_and_no_number_gives_them_away() -> None:
    first = announcement(figures(counted(), []))
    second = announcement(figures(counted(more=3), [first.figures]), first)
    assert second.figures.persons.total is None
    assert second.figures.persons.near == 1_014_653
    said = text(second)
    assert "1,014,656" not in said
    assert "about 1,014,653" in said
    third = announcement(figures(counted(more=2_000), [first.figures, second.figures]), second)
    assert third.figures.persons.total == 1_016_653


def test_fewer_than_ten_persons_are_fewer_than_ten() -> None:
    few = {NUMBER: split(5)}
    made = announcement(figures(counted(files=split(1), records=few, persons=few, also={}, undecided=0), []))
    said = text(made)
    assert "fewer than 10" in said
    assert not re.search(r"\b5\b", said)
    told = public(made, wording(), None)["figures"]
    nothing = {"exact": None, "near": None, "by_protection": None, "few_in": [], "table": None}
    assert told["persons"] == nothing


def test_the_difference_to_the_last_one_is_shown() -> None:
    first = announcement(figures(counted(), []))
    second = announcement(figures(counted(more=2_000), [first.figures]), first)
    tables = [
        block for section in paper(second, wording()).sections for block in section.blocks if isinstance(block, Table)
    ]
    [totals] = [one for one in tables if one.caption == wording().say["totals_caption"]]
    assert [cell.en for cell in totals.rows[2].cells] == ["1,014,653", "1,016,653", "+2,000"]


def test_a_rate_that_would_show_a_few_records_is_left_out() -> None:
    records = {BORN: split(1_000, 0, 4)}
    page = paper(announcement(figures(counted(records=records), [])), wording())
    [rates] = [block for section in page.sections for block in section.blocks if isinstance(block, Rates)]
    assert rates.rates[0].parts
    assert not rates.rates[1].parts
    assert rates.rates[1].note.en


def test_both_rates_are_told_where_the_rows_are_too_small_to_be_split() -> None:
    rows = {(name,): split(60, 3, 2) for name in ("name", "phone", "email", "sex", "address", "birth_date")}
    made = announcement(figures(counted(records=rows), []))
    assert made.figures.records.table is not None
    assert len(made.figures.records.table.columns) == 1
    said = text(made)
    assert "Unprotected: 92.3% (360)" in said
    assert "Protected: 3.1% (12)" in said


def test_where_a_few_records_are_protected_it_is_said_that_they_are_a_few() -> None:
    said = text(announcement(figures(counted(records={BORN: split(1_000, 0, 4)}), [])))
    assert "Protected: fewer than 10" in said


@settings(max_examples=200, deadline=None)
@given(
    st.dictionaries(
        st.sampled_from([NUMBER, BORN, LIVES, ("email",)]),
        st.fixed_dictionaries({name: st.sampled_from([0, 1, 4, 12, 40, 300]) for name in split(0)}),
        min_size=1,
    )
)
def test_no_cell_follows_nearly_from_the_rows_and_the_columns_that_are_told(rows: dict[Any, dict[str, int]]) -> None:
    """Of what stands in a table of known margins no more follows than Frechet's bounds."""
    made = figures(counted(records=rows), []).records
    if made.table is None or made.shares is None:
        return
    for place, column in enumerate(made.table.columns):
        whole = sum(cells[place] for cells in made.table.cells)
        inside = [one for one in made.shares.columns if set(one) < set(column)]
        for names, row in product(inside, [cells[place] for cells in made.table.cells]):
            n = made.shares.column(names) or 0
            low, high = max(0, row + n - whole), min(row, n)
            assert high - low >= 10 or not 0 < low < 10
            assert high - low >= 10 or low == high


def test_nothing_stands_in_it_that_has_nothing_to_say() -> None:
    made = announcement(figures(counted(), []), words=Words())
    for section in paper(made, wording()).sections:
        assert section.blocks
        assert all(block.points for block in section.blocks if isinstance(block, Points))
        assert all(block.contacts for block in section.blocks if isinstance(block, Contacts))


def test_an_announcement_is_kept_and_read_again_as_it_was() -> None:
    first = announcement(figures(counted(), []))
    second = announcement(figures(counted(more=3), [first.figures]), first)
    for made in (first, second):
        assert read(json.loads(json.dumps(made.as_json()))) == made


def test_what_has_to_be_said_before_publishing_is_named() -> None:
    assert Words().missing() == ["organisation", "summary", "contact"]
    assert replace(WORDS, cause=Text("only English", "")).missing() == ["translation"]
    assert WORDS.missing() == []


def test_in_a_draft_one_language_stands_in_for_the_other() -> None:
    words = replace(WORDS, summary=Text("", "持ち出されました。"))
    assert "持ち出されました。" in text(announcement(figures(counted(), []), words=words), "en")


FILE = """
invented = true
organisation = { en = "Invented Pension Office", ja = "架空年金機構" }
summary = { en = "Files were taken.", ja = "ファイルが持ち出されました。" }
cause = { en = "A mail was opened.", ja = "メールを開いたことによります。" }
doing = [{ en = "The lines were cut.", ja = "回線を遮断しました。" }]

[[contact]]
title = { en = "Helpline", ja = "専用窓口" }
value = "0120-000-000"
hours = { en = "daily", ja = "毎日" }
"""


def test_words_are_read_from_a_file() -> None:
    assert words_of(FILE) == WORDS


@pytest.mark.parametrize(
    "wrong",
    [
        "summary = 1",
        'summary = "one language"',
        'summary = { de = "eine" }',
        "contact = 3",
        '[[contact]]\ntitle = { en = "a", ja = "b" }',
        'typo = { en = "a", ja = "b" }',
        'invented = "yes"',
        "[[",
        f'summary = {{ en = "{"a" * 20_001}" }}',
    ],
)
def test_words_that_cannot_be_used_are_refused_with_the_place(wrong: str) -> None:
    with pytest.raises(InputError):
        words_of(wrong)


def test_markup_in_words_is_text() -> None:
    evil = Text("<script>alert(1)</script>\u202e #panic() $x$", "<b>太字</b>")
    made = announcement(figures(counted(), []), words=replace(WORDS, organisation=evil, summary=evil))
    page = render.html(paper(made, wording()), "en")
    assert "<script" not in page
    assert "\u202e" not in page
    assert "&lt;script&gt;" in page


def test_a_class_of_a_few_persons_is_said_to_be_there() -> None:
    said = text(announcement(figures(counted(also={"health": 4}), [])))
    assert "health or disability fewer than 10" in said


def test_a_character_that_no_font_has_is_spelled_out_in_the_pdf_and_stays_on_the_page() -> None:
    words = replace(WORDS, summary=Text("lost \U0001f9ff", "紛失 \U0001f9ff"))
    made = paper(announcement(figures(counted(), []), words=words), wording())
    assert "[U+1F9FF]" in text_of(render.pdf(made, "ja", datetime(2015, 6, 1, tzinfo=UTC)))
    assert "\U0001f9ff" in render.html(made, "ja")


def test_only_pages_and_numbers_to_call_are_links() -> None:
    values = ("https://example.jp/a", "0120-000-000", "javascript:alert(1)", "http://example.jp", "〒000-0000 見本市")
    contacts = tuple(Contact(Text("ask", "窓口"), value) for value in values)
    page = render.html(
        paper(announcement(figures(counted(), []), words=replace(WORDS, contacts=contacts)), wording()), "ja"
    )
    assert re.findall(r'href="([^"]*)"', page) == ["https://example.jp/a", "tel:0120000000"]


def text_of(pdf: bytes) -> str:
    return "".join(page.get_textpage().get_text_bounded() for page in pypdfium2.PdfDocument(pdf))


def test_a_pdf_says_what_the_text_says_in_fonts_of_its_own(tmp_path: Path) -> None:
    made = paper(announcement(figures(counted(), [])), wording())
    for language, needed in (("en", "1,014,653 persons"), ("ja", "1,014,653人")):
        content = render.pdf(made, language, datetime(2015, 6, 1, tzinfo=UTC))
        file = tmp_path / f"{language}.pdf"
        file.write_bytes(content)
        with pikepdf.open(file) as opened:
            assert str(opened.Root.Lang).startswith(language)
            assert bool(opened.Root.MarkInfo.Marked)
            assert opened.docinfo["/Title"]
        assert needed in text_of(content)
        assert "0120-000-000" in text_of(content)
        assert content == render.pdf(made, language, datetime(2015, 6, 1, tzinfo=UTC))
