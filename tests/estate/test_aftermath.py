"""What is planted around a leak: each lot is what it says, and nothing gives it away."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from sekisho.estate.aftermath import changes
from sekisho.estate.aftermath.make import LATE, Case, make

SCALE, SEED = 0.001, 5


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Case]:
    folder = tmp_path_factory.mktemp("case")
    return folder, make(folder, SCALE, SEED)


def truth(folder: Path, name: str) -> pl.DataFrame:
    return pl.read_parquet(folder / "truth" / f"{name}.parquet")


def test_the_second_centre_comes_later_and_brings_persons_and_items(case: tuple[Path, Case]) -> None:
    folder, made = case
    assert {path.name for path in (folder / "later").iterdir()} == set(LATE)
    assert not set(LATE) & {path.name for path in (folder / "estate").iterdir()}
    known = truth(folder, "exposed")
    assert (known["since"] == 1).sum() == made.exposed_first < made.exposed == known.height
    assert set(truth(folder, "records")["person"]) == set(known["person"])
    assert known.filter(since=2)["items_1"].unique().to_list() == [""]
    grown = known.filter(pl.col("since") == 1, pl.col("items_1") != pl.col("items_2"))
    assert grown.height
    assert all(set(one.split("+")) < set(both.split("+")) for one, both in grown.select("items_1", "items_2").rows())


def test_planted_changes_are_since_first_infection_of_exposed_persons_and_others_are_not(
    case: tuple[Path, Case],
) -> None:
    folder, made = case
    rows, known = truth(folder, "changes"), truth(folder, "exposed")
    assert made.changes == changes.ADDRESSES + changes.BOTH
    planted, others = rows.filter(why="planted"), rows.filter(pl.col("why") != "planted")
    assert dict(planted["kind"].value_counts().rows()) == {"住所変更": 74, "住所・受取口座変更": 35}
    assert (planted["at"] > "2015/05/08 10:28").all()
    assert (planted["at"] < "2015/06/01 17:00").all()
    exposed = pl.col("person").is_in(known["person"].implode())
    assert planted.filter(exposed).height == planted.height == planted["person"].n_unique()
    since = others.filter(pl.col("at") >= "2015/05/08 10:28")
    assert since.filter(exposed).is_empty()
    assert set(since["why"]) == {"not_exposed", "nobody", "shut_in"}
    assert others.filter(why="before")["at"].max() == "2015/05/08 10:27"


def test_the_register_after_is_that_of_whoever_changed(case: tuple[Path, Case]) -> None:
    folder, _ = case
    before = pl.read_csv(folder / "register-2015-05-01.csv", infer_schema=False)
    after = pl.read_csv(folder / "register-2015-06-01.csv", infer_schema=False)
    moved = after.filter(pl.col("死亡年月日").is_null()).join(before, on="基礎年金番号", suffix="_before")
    assert (moved["前住所"] == moved["住所_before"]).all()
    assert (moved["住定日"] > "2015-05-01").all()
    planted = truth(folder, "changes").drop_nulls("person")["person"]
    assert len(set(truth(folder, "changed")["person"]) - set(planted)) == 5 + 3  # moved or died without a change
    assert before["受給区分"].value_counts().height == 3
    for flag in ("死亡年月日", "支援措置", "国外転出", "旧基礎年金番号", "前住所"):
        assert before[flag].drop_nulls().len(), flag
    assert before["住所"].null_count()
    assert (before["住所"] == "居所不明").any()


def test_callers_of_every_kind_call_and_the_truth_knows_whom_the_leak_has(case: tuple[Path, Case]) -> None:
    folder, made = case
    calls, known = truth(folder, "callers"), truth(folder, "exposed")
    assert calls.height == made.calls
    assert {
        "exposed",
        "late",
        "changed",
        "dead",
        "doubtful",
        "unregistered",
        "shut_in",
        "not_exposed",
        "nobody",
    } <= set(calls["why"])
    guessed = calls.filter(why="impostor").join(truth(folder, "holders"), on="person", suffix="_own")
    assert guessed.height == 3
    assert (guessed["address"] != guessed["address_own"]).all()
    assert {"本人", "家族", "成年後見人", "施設職員"} == set(calls["relation"])
    since = dict(known.select("person", "since").rows())
    assert all(since.get(person, 0) == said for person, said in calls.select("person", "since").rows())
    shut_in = truth(folder, "shut_in")["person"]
    assert calls.filter(why="shut_in")["person"].is_in(shut_in.implode()).all()
    assert not calls.filter(why="not_exposed")["person"].is_in(shut_in.implode()).any()
    said = pl.read_csv(folder / "callers.csv", infer_schema=False)
    assert said.height == calls.height
    assert not {"why", "person", "since"} & set(said.columns)


def test_a_list_made_in_a_hurry_lacks_some_and_is_wrong_about_others(case: tuple[Path, Case]) -> None:
    folder, _ = case
    listed = truth(folder, "hurried").join(truth(folder, "holders"), on="basic_pension_number", suffix="_so")
    faults = dict(listed["fault"].value_counts().rows())
    assert 0.04 < faults["missing"] / listed.height < 0.07
    there = pl.read_csv(folder / "helpline-list.csv", infer_schema=False)
    assert there.height == listed.height - faults["missing"]
    other = (pl.col("name") != pl.col("name_so")) | (pl.col("birth_date") != pl.col("birth_date_so"))
    assert set(listed.filter(other)["fault"]) == {"wrong"}
    assert listed.filter(other).height == faults["wrong"] < faults["missing"]


def test_new_numbers_are_enough_and_were_never_anybodys(case: tuple[Path, Case]) -> None:
    folder, made = case
    fresh = pl.read_csv(folder / "new-numbers.csv", infer_schema=False)["基礎年金番号"]
    assert fresh.n_unique() == fresh.len() > made.exposed
    holders = truth(folder, "holders")
    assert not fresh.is_in(holders["basic_pension_number"].implode()).any()
    assert not fresh.is_in(holders["old_number"].implode()).any()


def test_names_are_there_that_are_hard_on_a_letter(case: tuple[Path, Case]) -> None:
    names = truth(case[0], "holders")["name"]
    assert names.str.contains("\ue0f3", literal=True).sum() == 1
    assert names.str.len_chars().max() == 60
    assert names.str.contains("#strong", literal=True).sum() == 1
    assert names.str.contains("[𠮷㐂𣘺圡]").any()


def test_the_same_seed_makes_the_same_case(tmp_path: Path) -> None:
    for name in ("one", "two"):
        make(tmp_path / name, 0.0003, 3)
    for part in ("callers.csv", "changes.csv", "register-2015-06-01.csv", "new-numbers.csv", "truth/exposed.parquet"):
        assert (tmp_path / "one" / part).read_bytes() == (tmp_path / "two" / part).read_bytes()
