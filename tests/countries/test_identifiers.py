from __future__ import annotations

import polars as pl
import pytest

from sekisho.countries import headers, known
from sekisho.countries.jp import birth_date
from sekisho.model import Identifier

every_identifier = pytest.mark.parametrize("one", known.identifiers(), ids=lambda one: f"{one.title.en}")


def normal(one: Identifier, texts: tuple[str, ...]) -> list[str | None]:
    return [one.normalise(known.tidy(pl.Series([text]))).to_list()[0] for text in texts]


@every_identifier
def test_an_identifier_gives_the_normal_form_of_its_examples(one: Identifier) -> None:
    assert one.examples
    written = tuple(one.examples)
    assert dict(zip(written, normal(one, written), strict=True)) == dict(one.examples)


@every_identifier
def test_an_identifier_refuses_its_counter_examples(one: Identifier) -> None:
    assert one.counter_examples
    refused = dict(zip(one.counter_examples, normal(one, one.counter_examples), strict=True))
    assert refused == dict.fromkeys(one.counter_examples)


@every_identifier
def test_a_normal_form_is_its_own_normal_form(one: Identifier) -> None:
    forms = tuple(one.examples.values())
    assert normal(one, forms) == list(forms)


@every_identifier
def test_a_column_of_nothing_stays_nothing(one: Identifier) -> None:
    column = pl.Series([None, "", " "], dtype=pl.String)
    assert one.normalise(known.tidy(column)).null_count() == 3


@every_identifier
def test_every_header_word_means_its_item(one: Identifier) -> None:
    assert {word: headers.meaning(word).key for word in one.headers} == dict.fromkeys(one.headers, one.item)


def test_tidy_values_are_in_nfkc_whatever_characters_they_hold() -> None:
    letters = [chr(code) for code in range(0x20, 0x30000) if not 0xD800 <= code < 0xE000]
    words = [f"山{letter}か\u3099" for letter in letters] + letters
    assert known.tidy(pl.Series(words)).fill_null("").to_list() == [
        word.strip() for word in pl.Series(words).str.normalize("NFKC").to_list()
    ]


def test_four_digits_among_counted_days_are_a_day_before_1927_and_elsewhere_none() -> None:
    days = ["17629", "7230", "30393", "1919-10-17"]
    assert birth_date.normalise(pl.Series(days)).to_list() == ["1948-04-06", "1919-10-17", "1983-03-18", "1919-10-17"]
    assert birth_date.normalise(pl.Series(["7230", "S23.4.6", "1950/1/1"])).to_list()[0] is None
