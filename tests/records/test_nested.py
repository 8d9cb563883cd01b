from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sekisho.model import Frame, Item, Place, Tree
from sekisho.records.block import Block, records_of
from sekisho.records.nested import nested

TREES = Path(__file__).parent / "trees"


def written() -> Iterator[tuple[str, Any, list[str]]]:
    """Each value of the files beside: its title, the value, and its records as they stand behind the arrow."""
    for file in sorted(TREES.glob("*.txt")):
        for document in re.split(r"^## ", file.read_text("utf-8"), flags=re.MULTILINE)[1:]:
            title, _, rest = document.partition("\n")
            body, _, expected = rest.partition("\n=>\n")
            yield f"{file.stem}: {title}", json.loads(body), [e for e in expected.split("\n") if e.strip()]


def said(value: Any, first: int = 1) -> list[str]:
    found = []
    for block in nested(Tree(value, Place(Frame.PATH, "$", first))):
        if isinstance(block, Block):
            for record in records_of(block).to_pylist():
                items = [f"{item} {record[item]}" for item in Item if record[item]]
                found.append(" | ".join([record["locator"], *items, *(f"{k} {v}" for k, v in record["other"] or ())]))
    return found


def in_order(record: str) -> list[str]:
    place, *items = record.split(" | ")
    return [place, *sorted(items)]


DOCUMENTS = list(written())


@pytest.mark.parametrize(("value", "expected"), [d[1:] for d in DOCUMENTS], ids=[d[0] for d in DOCUMENTS])
def test_nested_values_give_their_records_and_no_others(value: Any, expected: list[str]) -> None:
    assert sorted(map(in_order, said(value))) == sorted(map(in_order, expected))


def test_places_count_on_where_a_long_list_comes_in_runs() -> None:
    people = [{"name": "山田太郎", "birthDate": "1948-04-06"}, {"name": "佐藤花子", "birthDate": "1955-01-02"}]
    assert [record.split(" | ")[0] for record in said(people, first=10_001)] == ["$[10000]", "$[10001]"]


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text("山田太郎1234-S.", max_size=8),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from(["name", "氏名", "birthDate", "people", "x", "@id", "#text", "1"]), inner)
    ),
    max_leaves=20,
)


@settings(deadline=None)
@given(VALUES)
def test_any_value_is_read_without_failing(value: Any) -> None:
    for record in said(value):
        assert record.startswith("$")


@settings(deadline=None)
@given(st.integers(1, 60))
def test_every_object_of_a_list_is_a_record(count: int) -> None:
    people = [{"name": f"山田{'一二三四五'[i % 5]}郎", "birthDate": f"19{10 + i}-04-06"} for i in range(count)]
    assert len(said({"people": people})) == count


def test_many_objects_are_read_as_columns() -> None:
    people = [
        {"氏名": "山田太郎", "生年月日": f"19{10 + i % 80}-04-06", "住所": {"市区町村": "那覇市"}} for i in range(5000)
    ]
    assert len(said(people)) == 5000
