"""What is said of one is said in the singular, and what is counted has its unit."""

from __future__ import annotations

import re
from pathlib import Path

import sekisho
from sekisho.report.words import words
from sekisho.wording import Text

COUNTED = "record|person|file|document|holder|item|question|decision|row"
SOURCES = [path for path in Path(sekisho.__file__).parent.rglob("*") if path.suffix in (".py", ".toml", ".j2")]
FIELD = re.compile(r"\{(\w+)[^{}]*\}")


def filled(text: Text) -> Text:
    return text.fill(**dict.fromkeys(FIELD.findall(text.en + text.ja), "1"))


def test_one_of_a_kind_is_no_many() -> None:
    for name, text in words().items():
        assert not re.search(rf"\b1 (?:{COUNTED})s\b", filled(text).en), name


def test_no_message_joins_a_number_to_a_word_that_is_always_plural() -> None:
    said = re.compile(rf'Text\(\s*"[^"]*\{{\w+(?::,)?\}} (?:{COUNTED})s\b')
    assert [path.name for path in SOURCES if said.search(path.read_text("utf-8"))] == []


def test_documents_are_never_counted_with_the_unit_of_records() -> None:
    assert [path.name for path in SOURCES if re.search(r"文書\{[^}]*\}件", path.read_text("utf-8"))] == []
    assert str(words()["open"].fill(n="6").ja).startswith("6文書")
