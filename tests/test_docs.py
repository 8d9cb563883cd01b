"""What the documentation says of the code was made from the code."""

from __future__ import annotations

import re
import runpy
import shlex
from pathlib import Path
from typing import Any

import pytest

from sekisho.cli._main import parse

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="module")
def docs() -> dict[str, Any]:
    return runpy.run_path(str(ROOT / "scripts" / "docs.py"))


def test_generated_sections_are_up_to_date(docs: dict[str, Any]) -> None:
    stale = [page.name for page in docs["PAGES"] if docs["filled"](page.read_text("utf-8")) != page.read_text("utf-8")]
    assert stale == [], "run `python scripts/docs.py`"


def test_every_section_stands_somewhere(docs: dict[str, Any]) -> None:
    pages = "".join(page.read_text("utf-8") for page in docs["PAGES"])
    assert set(re.findall(r"<!-- generated: ([\w -]+) -->", pages)) == set(docs["SECTIONS"])


def called(page: str) -> list[list[str]]:
    """What a page says to type, in its order."""
    said = re.findall(r"`sekisho ([^`]+)`|^(?:\$ )?sekisho (.+)$", (ROOT / page).read_text("utf-8"), re.MULTILINE)
    return [shlex.split(inline or line, comments=True) for inline, line in said]


@pytest.mark.parametrize("page", ["docs/after-a-leak.md", "docs/after-a-leak.ja.md"])
def test_what_is_to_be_typed_after_a_leak_can_be_typed(page: str) -> None:
    calls = called(page)
    assert len(calls) > 40
    for call in calls:
        parse(call)


def test_both_languages_say_to_type_the_same() -> None:
    english, japanese = ([call[:2] for call in called(f"docs/after-a-leak{ending}.md")] for ending in ("", ".ja"))
    assert english == japanese
