from __future__ import annotations

from itertools import product

from hypothesis import given, settings
from hypothesis import strategies as st

from sekisho.disclosure import partition
from sekisho.figures import Breakdown, Combination, Count, Region, Row, Shield, Split
from sekisho.incidents.public import columns, public

CELLS = st.sampled_from([0, 0, 1, 2, 3, 9, 10, 11, 25, 400])
ROWS = st.dictionaries(st.sampled_from("abcdefgh"), st.tuples(CELLS, CELLS), max_size=8)


@given(ROWS)
def test_no_published_cell_is_small_and_nothing_is_lost(rows: dict[str, tuple[int, int]]) -> None:
    lines = partition(rows, 10)
    assert all(cell == 0 or cell >= 10 for _, cells in lines for cell in cells)
    if lines:
        assert [sum(c) for c in zip(*(cells for _, cells in lines), strict=True)] == [
            sum(c) for c in zip(*rows.values(), strict=True)
        ]


TINY = st.dictionaries(st.sampled_from("abcd"), st.tuples(st.integers(0, 4), st.integers(0, 4)), min_size=1, max_size=4)


@settings(max_examples=60, deadline=None)
@given(TINY)
def test_no_small_cell_can_be_worked_out_from_what_is_published(rows: dict[str, tuple[int, int]]) -> None:
    """Tries every table that would be published alike: each small cell takes more than one value among them."""
    below = 3
    published = partition(rows, below)
    for column in range(2):
        alike = [
            dict(zip(rows, values, strict=True))
            for values in product(range(9), repeat=len(rows))
            if all(sum(values[list(rows).index(key)] for key in keys) == cells[column] for keys, cells in published)
        ]
        for key, cells in rows.items():
            if 0 < cells[column] < below:
                assert len({values[key] for values in alike}) > 1


def test_a_split_that_would_show_a_few_is_not_published() -> None:
    few = {Shield.PROTECTED: 50, Shield.UNPROTECTED: 900, Shield.UNDETERMINED: 3}
    assert columns(few, 10) == (("unprotected", "undetermined"), ("protected",))
    assert len(columns({**few, Shield.PROTECTED: 2}, 10)) == 1
    assert len(columns({**few, Shield.UNDETERMINED: 0}, 10)) == 3


def some_persons(items: tuple[str, ...], persons: int) -> Combination:
    return Combination(items, persons, protected=0, unprotected=persons, undetermined=0)


def of_unprotected(records: int, persons: int) -> Split:
    count = Count(files=1, records=records, persons=persons, contents=records)
    return Split(all=count, unprotected=count)


def a_breakdown(few: int) -> Breakdown:
    number, kana = ("basic_pension_number", "name"), ("basic_pension_number", "name_kana")
    return Breakdown(
        files=3,
        documents=3,
        documents_with_records=2,
        endings=(),
        totals=of_unprotected(100 + few, 90 + few),
        worst_files={"unprotected": 2},
        table=(),
        announced=(Row(("number", "name"), of_unprotected(100, 90)), Row(("name", "phone"), of_unprotected(few, few))),
        combinations=(some_persons(number, 50), some_persons(kana, 40), some_persons(("name", "phone"), few)),
        centres=(),
        issuers=(Region("", 5, few), Region("82", 100, 90)),
        residences=(Region("沖縄県", 100 + few, 90 + few),),
        standings=(),
        conflicts={},
        locks=(),
        holders=None,
    )


def test_a_row_of_a_few_goes_up_in_another() -> None:
    shown = public(a_breakdown(few=3))
    assert [(line.name, line.total) for line in shown.persons_by_items] == [(None, 93)]
    assert [(line.name, line.total) for line in shown.persons_by_issuer] == [(None, 93)]
    assert [(line.name, line.total) for line in shown.persons_by_residence] == [(("沖縄県",), 93)]


def test_rows_that_are_large_enough_stay() -> None:
    shown = public(a_breakdown(few=12))
    assert [(line.name, line.total) for line in shown.persons_by_items] == [
        (("number", "name"), 90),
        (("name", "phone"), 12),
    ]


def test_fewer_than_the_bound_in_all_shows_no_number() -> None:
    made = a_breakdown(few=3)
    shown = public(made, below=200)
    assert (shown.records, shown.persons, shown.records_by_items) == (None, None, ())
