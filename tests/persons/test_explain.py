import json
from math import exp

import polars as pl
import pytest
from benchmarks.linkage.generate import Order, generate

from sekisho.cli._main import main
from sekisho.flow.matching.explain import loaded
from sekisho.flow.matching.models import model_of


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    folder = tmp_path_factory.mktemp("explain")
    generate(Order(12_000, 5_000, seed=3), folder)
    pl.read_parquet(folder / "register" / "part-*.parquet").write_parquet(folder / "register.parquet")
    call = ["match", str(folder / "records.parquet"), "--register", str(folder / "register.parquet")]
    kept = ["--to", str(folder / "matches.parquet"), "--keep-model", str(folder / "model.json")]
    assert main([*call, *kept, "--quiet"]) == 0
    return folder


@pytest.fixture(scope="module")
def matches(made):
    return pl.read_parquet(made / "matches.parquet")


def _explain(made, record, holder, *more):
    files = ["--records", made / "records.parquet", "--register", made / "register.parquet"]
    return main([*more, "explain", record, holder, *map(str, files), "--model", str(made / "model.json"), "--quiet"])


def _added_up(bits):
    return 1 / (1 + 2**-bits)


def test_the_waterfall_of_every_pair_adds_up_to_the_probability_that_match_gave(made, matches):
    others = matches.filter(pl.len().over("record") > 1).head(30)
    renamed = matches.filter(pl.col("reasons").str.contains("another name")).head(20)
    some = pl.concat([others, renamed, matches.sample(60, seed=1)]).unique(["record", "holder"])
    model = model_of(made / "model.json")
    with loaded((made / "records.parquet", made / "register.parquet")) as (linker, rows, holders):
        for record, holder, probability in some.select("record", "holder", "probability").iter_rows():
            why = linker.explain(rows.filter(id=record), holders.places(pl.Series([holder]))[0], model)
            assert why.met
            assert why.probability == pytest.approx(probability, rel=1e-5)
            assert 1 / (1 + exp(-why.log_odds)) == pytest.approx(probability, rel=1e-5)
            assert why.probability + why.none + sum(p for _, p in why.others) == pytest.approx(1.0)


def test_the_command_says_the_same_as_match_and_its_bits_add_up(made, matches, capsys):
    record, holder, probability = matches.filter(pl.col("probability") < 0.9).row(0)[:3]
    assert _explain(made, record, holder, "--json") == 0
    told = json.loads(capsys.readouterr().out)
    assert told["compared"]
    assert told["probability"] == pytest.approx(probability, rel=1e-5)
    bits = told["prior"]["bits"] + sum(one["bits"] for one in told["weights"]) + told["shared"]["bits"]
    assert _added_up(bits) == pytest.approx(probability, rel=1e-5)


@pytest.mark.parametrize(("language", "said"), [("en", "birth date"), ("ja", "生年月日")])
def test_the_waterfall_is_said_in_words(made, matches, capsys, language, said):
    assert _explain(made, *matches.row(0)[:2], "--lang", language) == 0
    assert said in capsys.readouterr().out


def test_a_pair_that_was_never_compared_is_explained_as_if_it_had_been(made, matches, capsys):
    one = matches.filter(pl.col("probability") > 0.99)
    assert _explain(made, one["record"][0], one["holder"][1], "--json") == 0
    told = json.loads(capsys.readouterr().out)
    assert not told["compared"]
    assert told["probability"] < 1e-3
    assert told["others"][0]["holder"] == one["holder"][0]
    assert told["others"][0]["probability"] == pytest.approx(one["probability"][0], abs=1e-3)


@pytest.mark.parametrize(("record", "holder"), [("no such record", None), (None, "9999-999999")])
def test_a_record_or_holder_that_is_not_there_is_an_error_that_names_it(made, matches, capsys, record, holder):
    known = matches.row(0)
    assert _explain(made, record or known[0], holder or known[1]) == 3
    assert (record or holder) in capsys.readouterr().err
