from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path

import pytest

import sekisho
from sekisho.countries.shapes import Shapes, shape

RULES = "".join(file.read_text("utf-8") for file in sorted((Path(sekisho.__file__).parent / "records").glob("*.py")))


@pytest.mark.parametrize("name", [one.name for one in fields(Shapes)])
def test_a_shape_is_a_pattern_without_groups_that_a_rule_asks_for(name: str) -> None:
    assert re.compile(shape(name)).groups == 0
    assert f'shape("{name}")' in RULES or f"shape('{name}')" in RULES


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("date", "昭和23年4月6日"),
        ("date", "一九四八年四月六日"),
        ("coded_date", "5230406"),
        ("postal_code", "〒900-0021"),
        ("phone", "098-861-0000"),
        ("phone_digits", "0988610000"),
        ("region", "沖縄県"),
        ("address", "沖縄県那覇市泉崎1-2-3"),
        ("city_address", "那覇市泉崎1丁目2番3号"),
        ("building", "メゾン泉崎203号室"),
    ],
)
def test_a_shape_takes_what_its_country_writes(name: str, text: str) -> None:
    assert re.fullmatch(shape(name), text)
