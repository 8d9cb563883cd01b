from __future__ import annotations

import re
from collections.abc import Iterator
from html.parser import HTMLParser

import pyarrow as pa
import pytest

from sekisho.figures import (
    VIOLATIONS,
    Breakdown,
    Centre,
    Check,
    Claim,
    Combination,
    Count,
    Ending,
    Lock,
    Region,
    Row,
    Split,
    Standing,
    Sum,
)
from sekisho.incidents.public import public
from sekisho.model import Outcome, Reason
from sekisho.report import terminal, view, words
from sekisho.report.page import render, render_public
from sekisho.report.view import About
from sekisho.wording import speak

ABOUT = About(3, "/mnt/山田太郎", "2026-11-22T10:00:00+00:00", "2026-11-22T10:05:00+00:00", "0.1.0")
EVIL = "<script>alert(1)</script>\u202e"


@pytest.fixture(params=["en", "ja"], autouse=True)
def language(request: pytest.FixtureRequest) -> Iterator[str]:
    speak(request.param)
    yield request.param
    speak("en")


def split(unprotected: int, protected: int = 0, undetermined: int = 0) -> Split:
    counts = [Count(1, n, n, n) if n else Count() for n in (unprotected, protected, undetermined)]
    whole = unprotected + protected + undetermined
    return Split(Count(2, whole, whole, whole), counts[1], counts[0], counts[2])


def a_breakdown() -> Breakdown:
    counts = split(700, 280, 20)
    return Breakdown(
        files=9,
        documents=12,
        documents_with_records=4,
        endings=(
            *(Ending(outcome, Reason.NONE, 1, 1, 10) for outcome in Outcome),
            Ending(Outcome.LOCKED, Reason.PASSWORD_UNKNOWN, 4, 1, 5_000_000),
        ),
        totals=counts,
        worst_files={"unprotected": 3, "protected": 1},
        table=(Row(("basic_pension_number", "name_kana"), counts, {"health": 30, "other": 4}),),
        announced=(Row(("number", "name"), counts, {"health": 30}), Row((), split(0), {"other": 4})),
        combinations=(Combination(("basic_pension_number", "name_kana"), 1000, 280, 700, 20),),
        centres=(Centre(EVIL, counts), Centre("", split(0))),
        issuers=(Region("", 5, 5), Region("82", 990, 990), Region("42", 5, 5)),
        residences=(Region("沖縄県", 995, 995), Region("", 5, 5)),
        standings=(
            Standing("settled", 990, 990, 3, 3),
            Standing("clustered", 10, 10, 0, 0),
            Standing("unmatched", 0, 0, 0, 0),
        ),
        conflicts={"birth_date": 2},
        locks=(Lock("NONE", False, 3, 3, 700), Lock("STRONG", True, 1, 1, 1), Lock("UNDETERMINED", False, 1, 1, 20)),
        holders=5,
    )


def a_check() -> Check:
    row = {"document_id": 1, "document": f"東京/山田太郎{EVIL}.xlsx", "file": "x", "sha256": "abcdef0123456789"}
    rows = [{**row, "rule": rule, "demanded": "group:kiroku", "found": found, "records": 9} for rule, found in BREACHES]
    sums = {rule: Sum(1, 1, 9) for rule, _ in BREACHES}
    claims = (Claim(EVIL, ("group:kiroku",), 5, 3, 1, 1),)
    return Check(4, 2, sums, claims, pa.Table.from_pylist(rows, VIOLATIONS))


BREACHES = (("unprotected", "NONE"), ("too_wide", f"user:suzuki{EVIL}"), ("overdue", "412"))


class Tags(HTMLParser):
    """Every tag and attribute of a page, and whether all that was opened was closed."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in ("meta", "rect", "br", "wbr"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag != "rect":
            assert self.open.pop() == tag


def test_the_page_stands_alone() -> None:
    for page in (render(a_breakdown(), a_check(), ABOUT), render_public(public(a_breakdown()), ABOUT)):
        found = Tags(page)
        assert found.open == []
        names = {tag for tag, _ in found.tags}
        assert names.isdisjoint({"script", "link", "img", "iframe", "object", "form", "base"})
        attributes = {name for _, attributes in found.tags for name in attributes}
        assert attributes.isdisjoint({"src", "href", "style", "onclick", "onload"})
        assert not re.search(r"url\(|@import|https?://", page)


def test_what_was_read_is_escaped_and_neutralised() -> None:
    page = render(a_breakdown(), a_check(), ABOUT, with_paths=True)
    assert "<script>" not in page
    assert "\u202e" not in page
    assert "&lt;script&gt;" in page


def test_names_of_files_and_people_are_masked_unless_asked_for() -> None:
    masked, open_ = (render(a_breakdown(), a_check(), ABOUT, with_paths=paths) for paths in (False, True))
    assert "山田太郎" not in masked
    assert "suzuki" not in masked
    assert "abcdef012345" in masked
    assert "東京/山田太郎" in open_
    assert "user:suzuki" in open_
    assert "/mnt/山田太郎" in open_


def test_the_three_numbers_and_both_rates_are_there() -> None:
    page = render(a_breakdown(), None, ABOUT)
    assert page.count("1,000") >= 2
    assert "75%" in page
    assert "70%" in page


def test_nothing_found_is_said_in_words() -> None:
    empty = Breakdown(1, 1, 0, (Ending("READ", "", 1, 1, 3),), Split(), {}, (), (), (), (), (), (), (), {}, (), None)
    page = render(empty, None, ABOUT)
    assert str(words.words()["verdict_none"]) in page
    assert str(words.words()["table"]) not in page
    assert str(words.words()["verdict_none"]) not in terminal.render(empty, None)
    render_public(public(empty), ABOUT)


def test_the_public_page_names_no_file_and_no_small_number() -> None:
    page = render_public(public(a_breakdown()), ABOUT)
    assert "山田" not in page
    assert ">5" not in page


def test_every_text_is_there_in_both_languages() -> None:
    for name, text in words.words().items():
        assert text.ja, name
        assert text.en or name.startswith("unit_"), name
        assert set(re.findall(r"{\w+}", text.en)) <= set(re.findall(r"{\w+}", text.ja)), name


def test_the_terminal_shows_the_table_and_no_control_characters() -> None:
    text = terminal.render(a_breakdown(), a_check())
    assert "1,000" in text
    assert "\x1b" not in text
    assert "\u202e" not in text
    assert "\x1b[" in terminal.render(a_breakdown(), a_check(), colour=True)


@pytest.mark.parametrize(
    ("share", "shown"),
    [
        (None, "–"),
        (0.0, "0%"),
        (1.0, "100%"),
        (0.00001, "<0.1%"),
        (0.99999, ">99.9%"),
        (0.44, "44%"),
        (0.123456, "12.3%"),
    ],
)
def test_a_rate_is_never_rounded_to_nothing_or_all(share: float | None, shown: str) -> None:
    assert view.percent(share) == shown


def test_bytes_are_shown_in_their_largest_unit() -> None:
    assert [view.size(n) for n in (0, 1023, 1024, 5 << 20, 3 << 40)] == ["0 B", "1023 B", "1 KB", "5 MB", "3.0 TB"]
