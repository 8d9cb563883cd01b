import json
import subprocess
import sys
import time

import numpy as np
import polars as pl
import pytest
from benchmarks.linkage.generate import Order, generate
from hypothesis import given, settings
from hypothesis import strategies as st

from sekisho.cli._main import main
from sekisho.errors import UsageError
from sekisho.flow.matching.match import How, match
from sekisho.persons.linkage import people, splits
from sekisho.persons.linkage.kinds import Sides
from sekisho.persons.linkage.link import Linker
from sekisho.persons.linkage.model import Model
from sekisho.persons.linkage.policy import ASK, AUTO, OUTCOMES, UNRESOLVED, Policy, decided

HOLDERS, RECORDS = 20_000, 8_000


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    folder = tmp_path_factory.mktemp("linkage")
    generate(Order(HOLDERS, RECORDS, seed=7), folder)
    register = pl.read_parquet(folder / "register" / "part-*.parquet")
    register.write_parquet(folder / "register.parquet")
    return folder


def _match(folder, name, *more):
    call = ["match", str(folder / "records.parquet"), "--register", str(folder / "register.parquet")]
    code = main([*call, "--to", str(folder / name), "--force", "--quiet", "--json", *map(str, more)])
    return code, pl.read_parquet(folder / name) if code == 0 else None


@pytest.fixture(scope="module")
def matched(made):
    code, table = _match(made, "matches.parquet", "--keep-model", made / "model.json")
    assert code == 0
    return table


def _best_with_truth(made, matched):
    truth = pl.read_parquet(made / "truth.parquet").with_columns(pl.col("record").cast(pl.String))
    best = matched.filter(rank=1).join(truth.rename({"holder": "true"}), on="record", how="left")
    return best.with_columns(right=pl.col("holder").eq_missing(pl.col("true")))


def test_merges_are_nearly_all_right_and_most_records_that_have_a_holder_are_merged_or_asked_about(made, matched):
    best = _best_with_truth(made, matched)
    merged = best.filter(outcome=AUTO)
    held = pl.read_parquet(made / "truth.parquet")["holder"].count()
    assert (~merged["right"]).sum() <= 2
    assert merged["right"].sum() / held > 0.7
    assert best.filter(outcome=ASK)["right"].mean() > 0.5


def test_probabilities_promise_no_more_than_comes_true(made, matched):
    best = _best_with_truth(made, matched)
    for low, high in ((0.5, 0.9), (0.9, 0.99), (0.99, 1.01)):
        some = best.filter(pl.col("probability").is_between(low, high, closed="left"))
        assert some["right"].mean() > some["probability"].mean() - 0.03


def test_a_record_is_merged_with_its_best_candidate_alone_and_its_candidates_share_one_probability(matched):
    assert set(matched["outcome"].unique()) <= set(OUTCOMES)
    by_record = matched.group_by("record").agg(pl.col("probability").sum(), pl.col("rank"))
    assert set(matched.filter(outcome=AUTO)["rank"]) == {1}
    assert by_record["probability"].max() <= 1.0 + 1e-9
    assert all(ranks == sorted(ranks) == list(range(1, len(ranks) + 1)) for ranks in by_record["rank"].to_list())


def test_every_candidate_says_why_in_words(matched):
    assert matched["reasons"].str.contains("birth date|生年月日").mean() > 0.9


def test_a_kept_model_gives_the_same_matches(made, matched):
    _, again = _match(made, "again.parquet", "--model", made / "model.json")
    columns = ["record", "holder", "outcome", "rank"]
    assert again.select(columns).sort(columns).equals(matched.select(columns).sort(columns))


_SLOWLY = """
import sys
from pathlib import Path
from sekisho.flow.matching.match import How, match
from sekisho.persons.linkage.policy import Policy
folder = Path(sys.argv[1])
match(folder / "records.parquet", folder / "register.parquet", folder / "killed.parquet", How(Policy(), chunk=500))
"""


def test_a_call_that_was_killed_goes_on_and_gives_what_it_would_have_given(made):
    parts = made / ".killed.parquet.parts"
    call = [sys.executable, "-c", _SLOWLY, str(made)]
    with subprocess.Popen(call, stderr=subprocess.DEVNULL) as first:
        while first.poll() is None and len(list(parts.glob("0*.parquet"))) < 3:
            time.sleep(0.02)
        first.kill()
    before = {path.name: path.stat().st_mtime_ns for path in parts.glob("0*.parquet")}
    assert 3 <= len(before) < RECORDS / 500
    assert not (made / "killed.parquet").exists()
    subprocess.run(call, check=True, stderr=subprocess.DEVNULL)
    whole = pl.read_parquet(made / "killed.parquet")
    assert not parts.exists()
    match(
        made / "records.parquet",
        made / "register.parquet",
        made / "whole.parquet",
        How(Policy(), chunk=500, shown=False),
    )
    assert whole.equals(pl.read_parquet(made / "whole.parquet"))


def test_a_folder_of_somebody_else_is_left_alone(made, tmp_path, capsys):
    for name in ("register.parquet", "records.parquet"):
        (tmp_path / name).write_bytes((made / name).read_bytes())
    theirs = tmp_path / ".never.parquet.parts" / "theirs.txt"
    theirs.parent.mkdir()
    theirs.write_text("kept")
    code, _ = _match(tmp_path, "never.parquet")
    assert code != 0
    assert ".never.parquet.parts" in capsys.readouterr().err
    assert theirs.read_text() == "kept"


def test_a_broken_model_is_refused_with_what_to_do(made, capsys):
    (made / "broken.json").write_text("{}")
    code, _ = _match(made, "never.parquet", "--model", made / "broken.json")
    assert code != 0
    assert "--model" in capsys.readouterr().err
    assert not (made / "never.parquet").exists()


def test_a_model_comes_back_from_json_as_it_was(made, matched):
    text = (made / "model.json").read_text()
    assert json.loads(Model.from_json(text).to_json()) == json.loads(text)


@pytest.mark.parametrize("table", ["register", "records"])
def test_a_table_that_names_nobody_is_refused(made, tmp_path, table, capsys):
    for name in ("register", "records"):
        (tmp_path / f"{name}.parquet").write_bytes((made / f"{name}.parquet").read_bytes())
    pl.DataFrame({"品番": ["1"], "数量": ["2"]}).write_parquet(tmp_path / f"{table}.parquet")
    code, _ = _match(tmp_path, "never.parquet")
    assert code != 0
    assert f"{table}.parquet" in capsys.readouterr().err


@pytest.mark.parametrize("table", ["register", "records"])
def test_a_table_without_rows_is_refused_and_leaves_nothing_behind(made, tmp_path, table, capsys):
    for name in ("register", "records"):
        (tmp_path / f"{name}.parquet").write_bytes((made / f"{name}.parquet").read_bytes())
    pl.read_parquet(made / f"{table}.parquet").clear().write_parquet(tmp_path / f"{table}.parquet")
    code, _ = _match(tmp_path, "never.parquet")
    assert code != 0
    assert f"{table}.parquet" in capsys.readouterr().err
    assert sorted(path.name for path in tmp_path.iterdir()) == ["records.parquet", "register.parquet"]


@pytest.mark.parametrize(
    ("whole", "family", "given_name"),
    [
        ("サトウ ハナコ", "サトウ", "ハナコ"),
        ("サトウ　ハナコ", "サトウ", "ハナコ"),
        ("サトウハナコ", "サトウ", "ハナコ"),
        ("ワタナベケンイチ", "ワタナベ", "ケンイチ"),
        ("ミキミキ", "ミキ", "ミキ"),
        ("グエン ヴァン アン", "グエン", "ヴァンアン"),
        ("ホリグチシヨウタロウ", "ホリグチ", "シヨウタロウ"),
        ("コハヤシノフヤ", "コハヤシ", "ノフヤ"),
        ("シライトマサカズ", "シライト", "マサカズ"),
    ],
)
def test_a_reading_is_taken_apart_at_its_blank_or_where_surname_and_given_name_are_likeliest(whole, family, given_name):
    assert splits.apart(pl.Series([whole]), "kana").row(0) == (family, given_name)


@pytest.mark.parametrize(
    ("whole", "other"),
    [
        ("ハナコ サトウ", ("サトウ", "ハナコ")),
        ("ハナコサトウ", ("サトウ", "ハナコ")),
        ("サンチマケイコ", ("サンチ", "マケイコ")),
    ],
)
def test_other_ways_to_take_a_name_apart_are_tried_also_given_name_first(whole, other):
    assert other in splits.others(pl.Series([whole]), "kana").select("family", "given").rows()


def test_a_plain_name_is_taken_apart_in_one_way():
    assert not splits.others(pl.Series(["サトウ ハナコ", "サトウハナコ", None]), "kana").height


def test_a_foreigner_is_known_by_the_letters_alone_too():
    rows = pl.DataFrame({"name": ["SILVA MARIA", "佐藤 花子"], "name_kana": ["シルバ マリア", "サトウ ハナコ"]})
    assert people.other_names(rows).rows() == [("SILVA MARIA", None)]
    record = people.prepare(pl.DataFrame({"name_kana": ["SILVA MARIA"]}))
    assert record.select("family_kana", "family_kanji", "given_kanji").row(0) == (None, "SILVA", "MARIA")


def test_a_surname_that_differs_says_more_where_the_former_one_is_known():
    texts = {"name_kana": ["キムラ ハナコ"], "former_name_kana": ["サトウ"]}
    holder = people.prepare(pl.DataFrame(texts)).rename(lambda column: f"{column}_right")
    record = people.prepare(pl.DataFrame({"name_kana": ["タナカ ハナコ"]}))
    level = people.DESIGN.comparisons[0].compare(pl.concat([record, holder], how="horizontal"))
    assert people.FAMILY_LEVELS[level.item()].name == "neither"


def test_a_name_in_kanji_is_taken_apart_too():
    found = splits.apart(pl.Series(["佐藤花子", None, "長谷川 健"]), "kanji")
    assert found.rows() == [("佐藤", "花子"), (None, None), ("長谷川", "健")]


@settings(deadline=None)  # the book of names is read once
@given(st.text(alphabet="アイウカキサタナハマヤラワガギャッー", min_size=1, max_size=12))
def test_taking_apart_loses_no_letter(whole):
    family, given_name = splits.apart(pl.Series([whole]), "kana").row(0)
    assert (family or "") + (given_name or "") == whole


def _name_level(*pair):
    columns = ("kana", "kanji", "kana_right", "kanji_right")
    frame = pl.DataFrame({c: pl.Series([v], dtype=pl.String) for c, v in zip(columns, pair, strict=True)})
    return people.NAME_LEVELS[people.name_level(frame).item()].name


@pytest.mark.parametrize(
    ("pair", "level"),
    [
        (("ハナコ", "花子", "ハナコ", "花子"), "same"),
        (("サイトウ", "髙", "サイトウ", "高"), "same"),
        (("ハナコ", None, "ハナコ", "花子"), "kana"),
        (("ハナコ", "花子", "ハナコ", "華子"), "homophone"),
        (("キヨウコ", None, "キョウコ", "京子"), "spelling"),
        (("シズコ", None, "シヅコ", "静子"), "spelling"),
        (("トヨダ", None, "トヨタ", "豊田"), "voicing"),
        (("ヒロコ", None, "ユウコ", "裕子"), "reading"),
        (("コウハシ", None, "タカハシ", "高橋"), "characters"),
        (("ハナゴ", "花子", "カナコ", "花子"), "kanji"),
        (("ハナエ", None, "ハナオ", "花尾"), "edit"),
        (("ケンタロ", None, "ケンタロウノスケ", None), "cut"),
        (("ハナコ", None, "タロウ", "太郎"), "differ"),
        (("ハナコ", "花子", "タロウ", "太郎"), "others"),
        ((None, None, "タロウ", "太郎"), "missing"),
    ],
)
def test_names_agree_in_levels(pair, level):
    assert _name_level(*pair) == level


@pytest.mark.parametrize(
    ("one", "other", "level"),
    [
        ("1948-04-06", "1948-04-06", "same"),
        ("1948-04-??", "1948-04-06", "partly"),
        ("1948-04-06", "1948-06-04", "swapped"),
        ("1948-04-06", "1948-04-07", "digit"),
        ("1948-04-09", "1948-04-10", "near"),
        ("1948-04-06", "1962-04-06", "era"),
        ("1948-04-06", "1948-12-06", "two"),
        ("1948-04-06", "1977-11-23", "differ"),
        ("????-??-??", "1948-04-06", "missing"),
        (None, "1948-04-06", "missing"),
    ],
)
def test_birth_dates_agree_in_levels(one, other, level):
    sides = [pl.Series([side], dtype=pl.String) for side in (one, other)]
    assert people.BIRTH.levels[people.BIRTH.compare(Sides(*sides, *sides)).item()].name == level


@pytest.mark.parametrize(
    ("one", "other", "level"),
    [
        ("1971-04/1975-03", "1975-04/1980-01", "apart"),
        ("1971-04/1975-03;1990-01/1991-01", "1975-01/1980-01", "overlap"),
        (None, "1975-04/1980-01", "missing"),
    ],
)
def test_periods_that_overlap_speak_against_one_person(one, other, level):
    frame = pl.DataFrame({"periods": [one], "periods_right": [other]}, schema_overrides={"periods": pl.String})
    assert people.PERIOD_LEVELS[people.period_level(frame).item()].name == level


@pytest.mark.parametrize(
    ("one", "other", "level"),
    [
        (("900-0001", "沖縄県那覇市港町一丁目2番3号"), ("900-0001", "那覇市港町1-2-3"), "same"),
        (("900-0001", None), ("900-0001", "那覇市港町1-2-3"), "postal"),
        (("900-0001", "那覇市港町1-2-3"), ("900-0002", "那覇市曙1-1"), "area"),
        (("900-0001", "那覇市港町1-2-3"), ("100-0001", "千代田区千代田1-1"), "differ"),
        ((None, None), ("100-0001", "千代田区千代田1-1"), "missing"),
    ],
)
def test_addresses_agree_in_levels_however_their_numbers_are_written(one, other, level):
    values = {"postal": one[0], "address": one[1], "postal_right": other[0], "address_right": other[1]}
    frame = pl.DataFrame({name: pl.Series([value], dtype=pl.String) for name, value in values.items()})
    assert people.PLACE_LEVELS[people.place_level(frame).item()].name == level


def _linked(holders, records):
    texts = ("name_kana", "name", "birth_date", "sex")
    with Linker(people.DESIGN) as linker:
        for side in (holders, records):
            assert all(len(row) == len(texts) for row in side)
        schema = dict.fromkeys(texts, pl.String)
        one, other = (pl.DataFrame(side, schema=schema, orient="row") for side in (holders, records))
        plain = {"alias": pl.lit(0, pl.Int8)}
        linker.know([one.with_columns(holder=pl.int_range(one.height, dtype=pl.Int32), **plain)])
        rows = other.with_columns(record=pl.int_range(other.height, dtype=pl.Int32), **plain)
        return pl.concat(linker.link(rows, linker.train(rows)))


def test_two_holders_who_look_alike_share_the_probability():
    twin = ("サトウ ハナコ", "佐藤 花子", "1948-04-06", "F")
    found = _linked([twin, twin, ("スズキ イチロウ", "鈴木 一郎", "1950-01-02", "M")], [twin])
    assert found.height == 2
    assert np.allclose(found["probability"], found["probability"][0])
    assert found["probability"].sum() <= 1.0


def test_records_that_say_too_little_have_no_candidates():
    holder = ("サトウ ハナコ", "佐藤 花子", "1948-04-06", "F")
    assert _linked([holder], [(None, None, "1948-04-06", "F"), (None, None, None, None)]).height == 0


def test_what_thousands_share_is_passed_over_instead_of_never_ending():
    crowd = [("フメイ フメイ", None, "1900-01-01", None)] * 30_000
    assert _linked([*crowd, ("サトウ ハナコ", "佐藤 花子", "1948-04-06", "F")], crowd[:2000]).height == 0


@given(st.lists(st.floats(0.001, 1.0), min_size=1, max_size=60), st.floats(0.0001, 0.2))
def test_no_more_is_merged_than_the_policy_allows(probabilities, wrong):
    count = len(probabilities)
    candidates = pl.DataFrame({"record": range(count), "holder": range(count), "probability": probabilities})
    told = decided(candidates, Policy(wrong=wrong, ask_from=0.05))
    merged = told.filter(outcome=AUTO)
    assert (1.0 - merged["probability"]).sum() <= wrong * merged.height + 1e-9
    assert told.height == count
    assert told.filter(pl.col("probability") < 0.05)["outcome"].is_in([UNRESOLVED, AUTO]).all()


@pytest.mark.parametrize("policy", [{"wrong": 0.0}, {"ask_from": 1.5}, {"shown": 0}])
def test_a_policy_that_cannot_be_is_refused(policy):
    with pytest.raises(UsageError):
        Policy(**policy)
