from __future__ import annotations

import polars as pl
import pytest
from stdnum.jp import in_

from sekisho.countries import regions
from sekisho.estate.dice import Dice
from sekisho.estate.people import people


@pytest.fixture(scope="module")
def invented() -> pl.DataFrame:
    return people(20_000, Dice(7))


def test_nobody_shares_a_pension_number(invented: pl.DataFrame) -> None:
    assert invented["basic_pension_number"].n_unique() == invented.height
    assert invented["basic_pension_number"].str.contains(r"^\d{4}-\d{6}$").all()
    issuers = {code for country in regions.regions() for code in country.issuers}
    assert set(invented["basic_pension_number"].str.slice(0, 2).unique()) <= issuers


def test_every_my_number_passes_its_check_digit(invented: pl.DataFrame) -> None:
    assert all(in_.is_valid(number) for number in invented["my_number"].head(2_000))


def test_no_telephone_rings_anywhere(invented: pl.DataFrame) -> None:
    assert invented["phone"].str.contains(r"^0\d{1,2}-0\d{2,3}-\d{4}$").all()


def test_names_are_kanji_with_their_reading(invented: pl.DataFrame) -> None:
    japanese = invented.filter(~pl.col("foreign"))
    assert japanese["last_kana"].str.contains("^[ァ-ヴー]+$").all()
    assert japanese["first_kana"].str.contains("^[ァ-ヴー]+$").all()


def test_common_surnames_are_common_and_a_few_persons_have_latin_names(invented: pl.DataFrame) -> None:
    top = invented["last"].value_counts(sort=True)["last"].head(5).to_list()
    assert {"佐藤", "鈴木"} <= set(top)
    foreign = invented.filter("foreign")
    assert 0.002 < foreign.height / invented.height < 0.008
    assert foreign["alias"].null_count() == 0


def test_everybody_was_an_adult_in_2015(invented: pl.DataFrame) -> None:
    assert invented["birth_date"].min() >= "1922-01-01"
    assert invented["birth_date"].max() <= "1994-12-31"


def test_the_same_seed_invents_the_same_persons() -> None:
    assert people(500, Dice(3)).equals(people(500, Dice(3)), null_equal=True)
    assert not people(500, Dice(3)).equals(people(500, Dice(4)), null_equal=True)
