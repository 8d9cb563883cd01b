import polars as pl
import pytest
from benchmarks.linkage.leak import AFFECTED, NUMBER_FAULTS, OUTSIDE, leak
from benchmarks.linkage.leak_held import measured

from sekisho.frames import from_arrow
from sekisho.model import HOLDERS as HOLDERS_SCHEMA
from sekisho.model import MATCHES
from sekisho.model import RECORDS as RECORDS_SCHEMA
from sekisho.persons.settle import COLUMNS, settle

HOLDERS, RECORDS = 10_000, 12_500


@pytest.fixture(scope="module")
def made():
    return leak(HOLDERS, RECORDS, seed=5)


def test_as_much_leaked_as_was_asked_for_of_as_many(made):
    assert (made.holders.height, made.records.height, made.truth.height) == (HOLDERS, RECORDS, RECORDS)
    assert made.records.columns == list(COLUMNS)
    assert made.truth["holder"].n_unique() == HOLDERS * AFFECTED + 1
    assert made.truth["holder"].null_count() == round(RECORDS * OUTSIDE)


def test_the_same_seed_leaks_the_same_and_another_seed_other_records(made):
    again, other = leak(HOLDERS, RECORDS, seed=5), leak(HOLDERS, RECORDS, seed=6)
    assert made.records.equals(again.records)
    assert made.truth.equals(again.truth)
    assert not made.records.equals(other.records)


def test_a_fault_in_a_number_shows_in_it(made):
    both = made.truth.join(made.records, on="record_id").filter(pl.col("holder").is_not_null())
    number = pl.coalesce("basic_pension_number", pl.col("certificate_number").str.slice(0, 11))
    wrong = pl.any_horizontal(f"number_{kind}" for kind in NUMBER_FAULTS)
    assert both.filter(wrong & (number == pl.col("holder"))).is_empty()
    assert both.filter(~wrong & (number != pl.col("holder"))).is_empty()
    assert both.filter("number_missing").select(number.is_null()).to_series().all()


def test_a_number_of_the_family_is_one_of_the_same_address(made):
    both = made.truth.join(made.records, on="record_id").filter("number_family", pl.col("holder").is_not_null())
    homes = made.holders.select("basic_pension_number", "address")
    theirs = both.join(homes, on="basic_pension_number", suffix="_theirs").join(
        homes, left_on="holder", right_on="basic_pension_number", suffix="_own"
    )
    assert theirs.height
    assert (theirs["address_theirs"] == theirs["address_own"]).all()


def test_nearly_all_that_leaked_is_settled_and_nothing_sure_is_wrong(made):
    records = made.records.to_arrow().cast(RECORDS_SCHEMA.empty_table().select(COLUMNS).schema)
    matches = settle(records, made.holders.to_arrow().cast(HOLDERS_SCHEMA))
    assert matches.schema == MATCHES
    said = measured(made.truth, from_arrow(matches))
    assert said["sure"]["wrong"] == 0
    assert said["with_asked"]["precision"] >= 0.9999
    assert said["with_asked"]["recall"] >= 0.995
    assert said["pairs"]["precision"] >= 0.999
