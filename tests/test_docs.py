"""What the documentation says of the code was made from the code."""

from __future__ import annotations

import re
import runpy
from pathlib import Path
from typing import Any

import pytest

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
