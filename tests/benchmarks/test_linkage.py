from pathlib import Path

import polars as pl
import pytest
from benchmarks.linkage import readings, shares
from benchmarks.linkage.births import LAST_YEAR, days, slice_of
from benchmarks.linkage.generate import Order, generate
from benchmarks.linkage.persons import tables
from benchmarks.linkage.spoil import cut, misdated

from sekisho.estate.dice import Dice
from sekisho.model import HOLDERS as HOLDERS_SCHEMA

HOLDERS, RECORDS = 20_000, 10_000
NATION = 2_000_000


def _made(folder: Path, order: Order) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    generate(order, folder)
    return (
        pl.read_parquet(folder / "register" / "part-*.parquet"),
        pl.read_parquet(folder / "records.parquet"),
        pl.read_parquet(folder / "truth.parquet"),
    )


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    return _made(tmp_path_factory.mktemp("linkage"), Order(HOLDERS, RECORDS, seed=3))


@pytest.fixture(scope="module")
def joined(made):
    register, records, truth = made
    return truth.join(records, on="record").join(
        register, left_on="holder", right_on="basic_pension_number", how="left", suffix="_holder"
    )


def test_as_much_is_made_as_was_asked_for_and_every_number_is_given_once(made):
    register, records, truth = made
    assert (register.height, records.height, truth.height) == (HOLDERS, RECORDS, RECORDS)
    assert register["basic_pension_number"].n_unique() == HOLDERS
    assert register["basic_pension_number"].str.contains(r"^(0[1-9]|[1-3][0-9]|4[0-7])\d\d-\d{6}$").all()
    assert sorted(records["record"]) == sorted(truth["record"]) == list(range(RECORDS))
    assert truth["holder"].null_count() == RECORDS * 0.2
    assert truth["holder"].drop_nulls().is_in(register["basic_pension_number"].implode()).all()


def test_the_same_seed_makes_the_same_and_another_seed_another(made, tmp_path):
    again = _made(tmp_path / "again", Order(HOLDERS, RECORDS, seed=3))
    other = _made(tmp_path / "other", Order(HOLDERS, RECORDS, seed=4))
    assert all(a.equals(b) for a, b in zip(made, again, strict=True))
    assert not any(a.equals(b) for a, b in zip(made, other, strict=True))


def test_the_register_is_one_that_the_product_reads(made):
    register, _, _ = made
    assert set(HOLDERS_SCHEMA.names) <= set(register.columns)


def test_neither_place_nor_number_says_who_has_no_holder(made):
    _, _, truth = made
    for order in (truth, truth.sort("record")):
        nobody = order["holder"].is_null()
        assert nobody.head(RECORDS // 2).mean() == pytest.approx(nobody.tail(RECORDS // 2).mean(), abs=0.03)


def test_a_slice_of_the_birth_dates_is_as_crowded_as_the_nation(tmp_path):
    register, _, _ = _made(tmp_path, Order(HOLDERS, RECORDS, seed=3, density=NATION))
    dates = register["birth_date"].value_counts()
    assert dates["count"].mean() == pytest.approx(NATION / days().height, rel=0.1)
    expected = days().select(birth_date=pl.col("date").dt.to_string("%Y-%m-%d"), expected=pl.col("share") * NATION)
    both = dates.join(expected, on="birth_date")
    assert both["count"].sum() == pytest.approx(both["expected"].sum(), rel=0.03)


def test_a_slice_spans_all_cohorts_and_holds_most_years_off_by_ten():
    dates = slice_of(0.005, Dice("slice"))
    assert dates["share"].sum() == pytest.approx(0.005, rel=0.02)
    years = dates["date"].dt.year()
    assert years.min() < 1935
    assert years.max() > 1990
    ten_later = dates.filter(pl.col("date").dt.year() + 10 <= LAST_YEAR)["date"].dt.offset_by("10y")
    assert ten_later.is_in(dates["date"].implode()).mean() > 0.8


def test_periods_of_orphans_never_overlap_what_their_holder_is_known_to_have(joined):
    stints = (
        joined.drop_nulls(["period_from", "periods"])
        .with_columns(pl.col("periods").str.split(";"))
        .explode("periods")
        .with_columns(a=pl.col("periods").str.slice(0, 7), b=pl.col("periods").str.slice(8))
    )
    assert stints.height > RECORDS / 2
    assert (stints["a"] <= stints["b"]).all()
    assert stints.filter(pl.col("period_from") <= pl.col("b"), pl.col("period_to") >= pl.col("a")).is_empty()


def test_a_record_without_an_error_says_what_the_register_says(joined):
    clean = joined.filter(pl.col("errors").list.len() == 0, pl.col("holder").is_not_null())
    assert clean.height > RECORDS / 4
    plain = pl.col("name_kana").str.replace(" ", "") == pl.col("name_kana_holder").str.replace(" ", "")
    assert clean.filter(plain, pl.col("birth_date") == pl.col("birth_date_holder")).height == clean.height
    assert (clean["sex"] == clean["sex_holder"]).all()


def test_every_error_changed_something(joined):
    held = joined.drop_nulls("holder").with_columns(
        same_name=pl.col("name_kana").str.replace(" ", "").eq_missing(pl.col("name_kana_holder").str.replace(" ", ""))
    )
    names = ("given_name_misread", "small_kana_large", "cut", "soundalike", "no_name", "latin", "former_surname")
    of_names = held.filter(pl.col("errors").list.eval(pl.element().is_in(names)).list.any())
    assert of_names["same_name"].mean() < 0.02  # the name taken and the name at birth may read alike
    dates = held.filter(pl.col("errors").list.eval(pl.element().str.contains("day|month|year|era")).list.any())
    assert dates.height > 0
    assert (dates["birth_date"] != dates["birth_date_holder"]).all()


def test_shares_are_what_they_say(made):
    register, records, truth = made
    errors = truth.explode("errors")["errors"].value_counts()
    found = dict(zip(errors["errors"], errors["count"] / RECORDS, strict=True))
    assert found["no_name"] == pytest.approx(shares.NO_NAME, abs=0.01)
    assert found["sex_missing"] == pytest.approx(shares.SEX_MISSING, abs=0.01)
    assert records["name_kana"].drop_nulls().str.contains(" ").mean() == pytest.approx(0.5, abs=0.03)
    assert records["name"].is_not_null().mean() == pytest.approx(shares.KANJI * (1 - shares.NO_NAME), abs=0.01)
    assert register["name"].str.contains("[A-Z]").mean() == pytest.approx(shares.FOREIGN, abs=0.005)


def test_women_carry_the_fashion_of_their_cohort(made):
    women = made[0].filter(pl.col("sex") == "F", ~pl.col("name").str.contains("[A-Z]"))
    ko, year = women["name"].str.ends_with("子"), women["birth_date"].str.slice(0, 4).cast(int)
    assert ko.filter(year < 1950).mean() > 0.7
    assert ko.filter(year > 1995).mean() < 0.15


def test_the_office_agrees_with_the_address_for_about_two_thirds(joined):
    from sekisho.estate.places import PREFECTURES

    lives = pl.col("address").str.extract(f"^({'|'.join(PREFECTURES)})")
    codes = {name: f"{i:02}" for i, name in enumerate(PREFECTURES, 1)}
    held = joined.drop_nulls("holder")
    agree = held.select(pl.col("office").str.slice(0, 2) == lives.replace_strict(codes)).to_series()
    assert agree.mean() == pytest.approx(0.65, abs=0.03)


def test_what_is_cut_loses_a_voicing_mark_at_the_edge():
    assert cut(pl.Series(["ヤマダ タロウ", "ナガシマ"]), 4).to_list() == ["ヤマダ", "ナガシ"]
    assert cut(pl.Series(["ヤマダ タロウ", "ナカジマ"]), 3).to_list() == ["ヤマタ", "ナカシ"]


def test_a_wrong_date_is_a_date_or_says_what_is_unknown():
    births = days()["date"].gather_every(7)
    text, error = misdated(births, Dice("dates"))
    known = text.filter(~text.str.contains("?", literal=True))
    assert known.str.to_date("%Y-%m-%d", strict=True).null_count() == 0
    assert 0.02 < error.is_not_null().mean() < 0.07


def test_readings_come_from_another_source_and_without_it_character_by_character(monkeypatch):
    names = pl.DataFrame({"kanji": ["裕子", "秀一", "NGUYEN"], "kana": ["ヒロコ", "シュウイチ", "グエン"]})
    monkeypatch.setattr(readings, "_dictionary", dict)
    others = readings.misreadings(names, surname=False).to_list()
    assert "ユウコ" in others[0]
    assert "ヒデカズ" in others[1]
    assert others[2] == []


def test_no_name_of_the_tables_is_empty():
    for table in (tables().last, tables().first):
        assert table.select(pl.all().str.len_chars().min()).row(0) >= (1, 1)
        assert table["kana"].str.contains("^[ァ-ヶー]+$").all()
