from itertools import pairwise

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sekisho.register import numbering
from sekisho.register.numbering import Numbering

NUMBERS = [None, *(f"47{at:02}-{at:06}" for at in range(12))]


def _batches(rows, cuts):
    frame = pl.DataFrame(rows, schema={"basic_pension_number": pl.String, "record": pl.String}, orient="row")
    edges = [0, *sorted(cuts), frame.height]
    return [frame[one:other] for one, other in pairwise(edges)]


def _numbered(rows, cuts=()):
    names = Numbering()
    return names, pl.concat(list(names.numbered(_batches(rows, cuts))))


@pytest.mark.parametrize("waiting", [0, 5, 1000])
@settings(deadline=None, max_examples=60)
@given(st.lists(st.sampled_from(NUMBERS), min_size=1, max_size=40), st.lists(st.integers(0, 40), max_size=5))
def test_rows_are_one_holder_if_they_share_a_number_wherever_they_stand(waiting, numbers, cuts):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(numbering, "MOST_WAITING", waiting)
        names, rows = _numbered([(number, f"id {at}") for at, number in enumerate(numbers)], cuts)
    assert rows.height == len(numbers)
    told = rows.filter(pl.col("basic_pension_number").is_not_null())
    assert told["holder"].n_unique() == told["basic_pension_number"].n_unique()
    assert told.select(pl.struct("holder", "basic_pension_number").n_unique()).item() == told["holder"].n_unique()
    assert rows.filter(again=False)["holder"].sort().to_list() == list(range(rows["holder"].n_unique()))
    named = names.named(rows["holder"])
    assert named.to_list() == rows.select(pl.coalesce("basic_pension_number", "record")).to_series().to_list()
    assert names.places(named).to_list() == rows["holder"].to_list()


def test_nothing_is_lost_where_every_number_seems_to_have_come_before(monkeypatch):
    monkeypatch.setattr(numbering._Sieve, "_BITS", 4)
    rows = [(f"4701-{at:06}", None) for at in range(500)]
    names, numbered = _numbered(rows + rows[:100], range(0, 600, 50))
    assert numbered["holder"].n_unique() == 500
    assert numbered["again"].sum() == 100
    assert set(names.named(numbered["holder"])) == {number for number, _ in rows}


def test_who_has_no_number_goes_by_an_id_of_the_files_own_or_by_the_row():
    ids = ["A-1", "A-2", "A-2", None, "4701-000001", "row 1"]
    names, rows = _numbered([("4702-000009", "N"), *((None, one) for one in ids)])
    named = names.named(rows["holder"])
    assert named.to_list() == ["4702-000009", "A-1", "row 3", "row 4", "row 5", "row 6", "row 7"]
    assert names.places(named).to_list() == rows["holder"].to_list()


@pytest.mark.parametrize("name", ["4799-999999", "row 1", "row 9", "row", "nobody", "N"])
def test_a_name_that_is_nobodys_leads_to_nobody(name):
    names, _ = _numbered([("4702-000009", "N"), (None, None)])
    assert names.places(pl.Series([name])).to_list() == [None]


def test_a_number_is_found_however_it_is_written():
    names, rows = _numbered([("4702-000009", None)])
    assert names.places(pl.Series(["４７０２０００００９"])).to_list() == rows["holder"].to_list()
