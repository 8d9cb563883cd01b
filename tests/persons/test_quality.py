import json
import re
from dataclasses import replace

import polars as pl
import pytest
from benchmarks.linkage.generate import Order, generate

from sekisho.cli._main import main
from sekisho.flow.matching.explain import loaded
from sekisho.flow.matching.labels import labels
from sekisho.persons.linkage.model import Model
from sekisho.report.interval import clopper_pearson

RECORDS = 5_000


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    folder = tmp_path_factory.mktemp("quality")
    generate(Order(12_000, RECORDS, seed=5), folder)
    pl.read_parquet(folder / "register" / "part-*.parquet").write_parquet(folder / "register.parquet")
    truth = pl.read_parquet(folder / "truth.parquet")
    truth.select("record", "holder").filter(pl.col("record") % 2 == 0).write_csv(folder / "labels.csv")
    return folder


def _match(folder, *more):
    call = ["match", folder / "records.parquet", "--register", folder / "register.parquet"]
    return main([*map(str, call), "--to", str(folder / "matches.parquet"), "--force", *map(str, more)])


@pytest.fixture(scope="module")
def told(made):
    """What one matching with labels says, as JSON and as a page."""
    with pytest.MonkeyPatch.context() as patch:
        said = []
        patch.setattr("sekisho.cli._command.print", lambda text, **_: said.append(text), raising=False)
        kept = ("--labels", made / "labels.csv", "--report", made / "report.html", "--keep-model", made / "model.json")
        assert _match(made, *kept, "--json", "--quiet") == 0
    return json.loads(said[0]), (made / "report.html").read_text()


def test_the_counts_close_and_each_record_is_counted_once_in_every_dimension(told):
    quality = told[0]["quality"]
    assert sum(quality["outcomes"].values()) == quality["records"] == RECORDS
    for dimension in ("sex", "cohort", "name", "script"):
        groups = [one for one in quality["groups"] if one["dimension"] == dimension]
        assert sum(one["tally"]["records"] for one in groups) == RECORDS
        assert sum(sum(one["outcomes"].values()) + one["none"] for one in groups) == RECORDS
        assert sum(one["outcomes"]["auto"] for one in groups) == quality["outcomes"]["auto"]
    taken = sum(one["tally"]["taken"] for one in quality["calibration"])
    assert taken == RECORDS - quality["outcomes"]["none"]


def test_what_came_true_is_counted_from_the_labels_alone(made, told):
    truth = pl.read_parquet(made / "truth.parquet").filter(pl.col("record") % 2 == 0)
    best = pl.read_parquet(made / "matches.parquet").filter(rank=1, outcome="auto")
    merged = best.with_columns(pl.col("record").cast(pl.Int64)).join(truth, on="record", suffix="_true")
    right = merged["holder"].eq_missing(merged["holder_true"]).sum()
    tally = told[0]["quality"]["merged"]
    assert told[0]["quality"]["labels"] == truth.height
    assert (tally["labelled"], tally["came_true"], tally["held"]) == (merged.height, right, truth["holder"].count())
    assert tally["true_recall"] == pytest.approx(right / truth["holder"].count())


def test_estimates_lie_near_what_came_true_wherever_many_records_are_known(told):
    for one in told[0]["quality"]["calibration"]:
        tally = one["tally"]
        if tally["labelled"] >= 100:
            assert tally["precision"] < clopper_pearson(tally["came_true"], tally["labelled"], 0.9999)[1]


def test_a_laxer_policy_merges_more_and_its_own_row_is_what_was_done(told):
    quality = told[0]["quality"]
    rows = quality["policies"]
    merged = [one["outcomes"]["auto"] for one in rows]
    assert merged == sorted(merged)
    own = next(one for one in rows if one["wrong"] == quality["policy"]["wrong"])
    assert own["outcomes"] == {name: quality["outcomes"][name] for name in own["outcomes"]}
    assert own["tally"]["taken"] - own["tally"]["right"] == pytest.approx(told[0]["expected_wrong"])


def test_the_page_stands_alone_and_says_nothing_of_anybody(made, told):
    page = told[1]
    assert "<svg" in page
    assert not re.search(r"(src|href)=|<script|@import|url\(", page)
    register = pl.read_parquet(made / "register.parquet")
    for column in ("basic_pension_number", "name", "name_kana", "address"):
        assert not [value for value in register[column].drop_nulls().sample(500, seed=1) if value in page]


def test_without_labels_the_page_says_that_all_is_estimated_in_japanese_too(made, told, capsys):
    kept = ("--model", made / "model.json", "--report", made / "ja.html", "--lang", "ja", "--quiet")
    assert _match(made, *kept) == 0
    page = (made / "ja.html").read_text()
    assert 'lang="ja"' in page
    assert "正解データなし" in page
    assert "実績の再現率" in page
    assert "<th>姓</th>" in page
    assert "モデルと今回の記録との違い" in page


def test_a_model_says_its_levels_and_what_it_was_learned_from(made, told):
    model = json.loads((made / "model.json").read_text())
    assert model["levels"]["sex"] == ["missing", "same", "differ"]
    assert (model["origin"]["records"], model["origin"]["holders"]) == (RECORDS, 12_000)
    assert model["origin"]["labels"] == told[0]["quality"]["labels"]
    assert model["origin"]["trained"].startswith("20")


def test_a_model_of_other_levels_or_of_changed_numbers_is_refused(made, told, capsys):
    text = (made / "model.json").read_text()
    other = Model.from_json(text)
    for name, changed in (
        ("levels", replace(other, levels={**other.levels, "sex": ["missing", "alike", "differ"]}).to_json()),
        ("numbers", text.replace('"alias_u": 0.', '"alias_u": 1.')),
    ):
        (made / f"{name}.json").write_text(changed)
        assert _match(made, "--model", made / f"{name}.json", "--quiet") == 3
        assert "--model" in capsys.readouterr().err


def test_labels_teach_what_was_true_and_without_them_nearly_the_same_is_learned(made):
    with loaded((made / "records.parquet", made / "register.parquet")) as (linker, rows, holders):
        known = labels(_all_labels(made), rows.filter(alias=0)["id"], holders.places)
        taught, alone = linker.train(rows, known), linker.train(rows)
    assert (taught.origin.labels, alone.origin.labels) == (RECORDS, 0)
    for group in (1, 2):
        assert alone.held[group] == pytest.approx(taught.held[group], abs=0.02)
        assert alone.m["birth"][0][1] == pytest.approx(taught.m["birth"][0][1], abs=0.02)


def _all_labels(made):
    pl.read_parquet(made / "truth.parquet").select("record", "holder").write_csv(made / "all.csv")
    return made / "all.csv"


@pytest.mark.parametrize(
    ("text", "said"),
    [("id,number\n1,2\n", "record and holder"), ("record,holder\n2,1111-111111\n2,2222-222222\n", "two holders")],
)
def test_labels_that_cannot_be_used_are_refused(made, told, capsys, text, said):
    (made / "bad.csv").write_text(text)
    assert _match(made, "--model", made / "model.json", "--labels", made / "bad.csv", "--quiet") == 3
    assert said in capsys.readouterr().err
