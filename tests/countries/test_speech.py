from __future__ import annotations

import re
from pathlib import Path

import pytest

import sekisho
from sekisho.countries import known, speech

COUNTRIES = {country: speech.of_country(country) for country in known.names()}
ROOM = Path(sekisho.__file__).parent
RULES = "".join(
    file.read_text("utf-8") for file in (*(ROOM / "records").glob("*.py"), *(ROOM / "countries").glob("*.py"))
)


@pytest.mark.parametrize(
    ("country", "kind"), [(country, kind) for country, lists in COUNTRIES.items() for kind in lists]
)
def test_every_list_of_a_country_is_of_patterns_that_a_rule_asks_for(country: str, kind: str) -> None:
    assert COUNTRIES[country][kind]
    for word in COUNTRIES[country][kind]:
        re.compile(word)
    assert f'"{kind}"' in RULES or f"'{kind}'" in RULES


def test_what_any_country_says_is_one_pattern() -> None:
    assert re.fullmatch(speech.any_of("honorifics", "posts"), "係長")
    assert not re.search(speech.any_of("honorifics"), "氏名")


def test_a_list_that_no_country_has_is_an_error() -> None:
    with pytest.raises(LookupError):
        speech.any_of("honourifics")


def test_letters_are_those_of_all_words_of_a_list() -> None:
    assert {"課", "様"} < speech.letters("body_ends")
