"""Whoever an undecided record could be is found, one by one and many at once; what speaks against it rules it out."""

from __future__ import annotations

from itertools import product

import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sekisho.incidents.could_be import Kind, Open, _fits
from sekisho.incidents.master import OPEN, UNREAD

TARO = {"number": "4701-000001", "name": "架空太郎", "kana": "カクウタロウ", "birth": "1948-04-06"}


def open_records(*records: dict[str, str | None], unread: int = 0) -> Open:
    rows = [
        {**dict.fromkeys(OPEN.names), "scan": 1, "record_id": at, "doc": 0, "state": "unmatched", "ask": False, **one}
        for at, one in enumerate(records)
    ]
    documents = [{**dict.fromkeys(UNREAD.names), "doc": at} for at in range(unread)]
    return Open(pa.Table.from_pylist(rows, OPEN), pa.Table.from_pylist(documents, UNREAD))


def is_found(record: dict[str, str | None]) -> bool:
    found = open_records(record)
    one = bool(found.could_be([TARO["number"]], [(TARO["name"], TARO["kana"])], TARO["birth"]))
    many = found.many(pl.DataFrame({**{name: [text] for name, text in TARO.items()}, "place": [5]}))
    assert many["place"].to_list() == ([5] if one else [])
    return one


@pytest.mark.parametrize(
    ("record", "could_be"),
    [
        ({}, True),  # it says nothing, and could be anybody's
        ({"name": "架空太郎"}, True),
        ({"name": "架空太朗"}, True),  # a slip in a long name
        ({"name": "架空花子"}, False),  # the same surname alone
        ({"name": "見本次郎"}, False),
        ({"kana": "カクウタロ"}, True),
        ({"kana": "ミホンタロウ"}, False),
        ({"birth": "1948-04-06"}, True),
        ({"birth": "1948-??-??"}, True),
        ({"birth": "1948-06-04"}, True),  # month and day changed places
        ({"birth": "1949-04-06"}, True),
        ({"birth": "1960-01-02"}, False),
        ({"number": "4701-000001"}, True),
        ({"number": "4701-000010"}, True),  # two digits changed places
        ({"number": "4705-123456"}, False),
        ({"number": "4705-123456", "name": "架空太郎"}, True),
        ({"number": "4705-123456", "birth": "1948-04-06"}, False),
        ({"name": "架空太郎", "birth": "1960-01-02"}, False),
        ({"name": "見本太郎", "birth": "1948-04-06"}, True),  # a former surname, born on the same day
        ({"name": "試験次郎", "birth": "1948-04-06"}, False),
        ({"number": "4701-000001", "name": "見本次郎", "birth": "1960-01-02"}, True),
        ({"number": "4701-000002", "name": "架空太郎", "birth": "1960-01-02"}, True),
    ],
)
def test_a_record_could_be_theirs_unless_it_speaks_against_it(record: dict[str, str | None], could_be: bool) -> None:
    assert is_found(record) is could_be


def test_a_former_name_counts_and_so_does_every_unread_document() -> None:
    found = open_records({"name": "仮名花子", "birth": "1948-04-06"}, unread=2)
    whys = found.could_be(["4701-000001"], [("架空華子", None), ("仮名花子", None)], "1948-04-06")
    assert {why.kind: why.count for why in whys} == {Kind.UNMATCHED: 1, Kind.UNREAD: 2}
    assert [why.kind for why in found.could_be(["4702-000002"], [("見本次郎", None)], "1960-01-01")] == [Kind.UNREAD]


numbers = st.sampled_from([None, "4701-000001", "4701-000010", "4701-000002", "4705-123456"])
called = st.sampled_from([None, "架空太郎", "架空太朗", "架空花子", "見本太郎", "見本次郎"])
read = st.sampled_from([None, "カクウタロウ", "カクウタロ", "ミホンタロウ"])
born = st.sampled_from([None, "1948-04-06", "1948-06-04", "1948-??-??", "1948-04-??", "1949-04-06", "1960-01-02"])


@settings(max_examples=60)
@given(st.tuples(numbers, called, read, born))
def test_the_index_finds_all_that_a_comparison_one_by_one_finds(record: tuple[str | None, ...]) -> None:
    fits = _fits(tuple(TARO.values()), record) if any(record) else True
    assert is_found(dict(zip(TARO, record, strict=True))) == fits


def test_many_are_found_as_one_by_one() -> None:
    records = [
        dict(zip(TARO, one, strict=True))
        for one in product(("4701-000002", None), ("架空太郎", None), (None,), (None, "1948-04-06"))
    ]
    found = open_records(*records)
    people = [("4701-000001", "架空太郎", None, "1948-04-06"), ("4705-123456", "見本次郎", None, "1960-01-02")]
    frame = pl.DataFrame(people, schema=["number", "name", "kana", "birth"], orient="row").with_row_index("place")
    many = dict(found.many(frame).iter_rows())
    for place, (number, name, kana, birth) in enumerate(people):
        whys = found.could_be([number], [(name, kana)], birth)
        assert many.get(place, 0) == sum(why.count for why in whys)
