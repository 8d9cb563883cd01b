from __future__ import annotations

from sekisho.countries import dictionary


def test_names_are_known_whatever_form_their_letters_have() -> None:
    assert dictionary.folded("髙橋") in dictionary.surnames()
    assert dictionary.folded("惠子") in dictionary.given_names()


def test_given_names_are_known_in_kana_and_in_the_latin_letters_of_every_country() -> None:
    assert "はなこ" in dictionary.given_names()
    assert {"hanako", "juhani", "mary"} <= dictionary.latin_given_names()
