import json
from dataclasses import replace

import polars as pl
import pytest

from sekisho.cli._main import main
from sekisho.flow.matching.link import How, between
from sekisho.persons.linkage.link import Linker

DESIGN = """
[columns]
family = { kind = "name", heading = "Last name" }
born = "date"
card = "identifier"

[[blocks]]
on = ["family", "born"]
[[blocks]]
on = ["card"]
"""
HEADER = "No,Last name,born,card\n"


@pytest.fixture
def desk(tmp_path):
    (tmp_path / "design.toml").write_text(DESIGN)
    people = [
        (f"Lind{'aeiou'[i % 5]}{'bcdfgk'[i % 6]}", f"19{40 + i % 50}-0{1 + i % 9}-1{i % 8}", 31 * i * i + 70_001)
        for i in range(80)
    ]
    rows = [f"{at},{family},{born},{card}\n" for at, (family, born, card) in enumerate(people)]
    slips = [f"{at},{family.upper()},{born},{card}\n" for at, (family, born, card) in enumerate(people[:40])]
    (tmp_path / "one.csv").write_text(HEADER + "".join(rows))
    (tmp_path / "other.csv").write_text(HEADER + "".join(slips))
    (tmp_path / "both.csv").write_text("A list of cards\n" + HEADER + "".join(rows + slips))
    return tmp_path


def _link(desk, *call):
    return main(["link", *(str(desk / one) if "." in one else one for one in call), "--quiet", "--json"])


def test_the_rows_of_one_table_are_gathered_by_person(desk, capsys):
    assert _link(desk, "both.csv", "--design", "design.toml", "--to", "persons.parquet") == 0
    assert json.loads(capsys.readouterr().out) == {
        "file": str(desk / "persons.parquet"), "rows": 120, "persons": 80, "passed_over": 0,
    }  # fmt: skip
    person = pl.read_parquet(desk / "persons.parquet")["person"]
    assert person[:80].to_list() == list(range(1, 81))
    assert person[80:].to_list() == list(range(1, 41))


def test_the_rows_of_two_tables_are_paired_with_reasons(desk):
    assert _link(desk, "one.csv", "other.csv", "--design", "design.toml", "--to", "pairs.parquet") == 0
    pairs = pl.read_parquet(desk / "pairs.parquet")
    assert pairs["row"].to_list() == pairs["other"].to_list() == list(range(1, 41))
    assert pairs["reasons"].str.contains("Last name|born").all()


def test_rows_may_go_by_a_column_of_the_table(desk):
    assert _link(desk, "both.csv", "--design", "design.toml", "--to", "persons.csv", "--id", "card") == 0
    both = pl.read_csv(desk / "both.csv", skip_rows=1, schema_overrides={"card": pl.String})
    assert pl.read_csv(desk / "persons.csv", schema_overrides={"row": pl.String})["row"].equals(both["card"])
    assert _link(desk, "one.csv", "other.csv", "--design", "design.toml", "--to", "pairs.parquet", "--id", "card") == 0
    pairs = pl.read_parquet(desk / "pairs.parquet")
    assert pairs["row"].to_list() == pairs["other"].to_list() == both["card"][:40].to_list()


@pytest.mark.parametrize("tables", [["one.csv", "other.csv"], ["both.csv"]])
def test_a_kept_model_gives_the_same_again_and_is_not_taken_for_the_other_kind(desk, tables):
    how = ["--design", "design.toml", "--to"]
    assert _link(desk, *tables, *how, "first.parquet", "--keep-model", "model.json") == 0
    assert _link(desk, *tables, *how, "again.parquet", "--model", "model.json") == 0
    assert pl.read_parquet(desk / "first.parquet").equals(pl.read_parquet(desk / "again.parquet"))
    others = ["both.csv"] if len(tables) == 2 else ["one.csv", "other.csv"]
    assert _link(desk, *others, *how, "never.parquet", "--model", "model.json") == 3
    assert not (desk / "never.parquet").exists()


def test_a_link_that_was_broken_off_goes_on_with_what_was_done(desk, monkeypatch):
    tables, done = (desk / "one.csv", desk / "other.csv"), []
    work = Linker._link

    def broken(linker, records, model, since):
        if len(done) == 3:
            raise KeyboardInterrupt
        done.append(records["record"][0])
        return work(linker, records, model, since)

    monkeypatch.setattr(Linker, "_link", broken)
    how = How(desk / "design.toml", desk / "pairs.parquet", 0.95, shown=False, chunk=20)
    with pytest.raises(KeyboardInterrupt):
        between(tables, how)
    assert done == [0, 20, 40]
    done.clear()
    between(tables, how)
    assert done == [60]
    assert not list(desk.glob(".*"))
    monkeypatch.undo()
    between(tables, replace(how, to=desk / "whole.parquet"))
    assert pl.read_parquet(desk / "pairs.parquet").equals(pl.read_parquet(desk / "whole.parquet"))


@pytest.mark.parametrize(
    ("call", "code"),
    [
        (("both.csv", "--design", "design.toml", "--to", "a.csv", "--id", "Nummer"), 3),
        (("both.csv", "--design", "design.toml", "--to", "a.txt"), 2),
        (("both.csv", "--design", "design.toml", "--to", "both.csv"), 2),
        (("both.csv", "--design", "design.toml", "--to", "a.csv", "--from", "1"), 2),
        (("none.csv", "--design", "design.toml", "--to", "a.csv"), 3),
        (("both.csv", "--design", "none.toml", "--to", "a.csv"), 3),
        (("design.toml", "--design", "design.toml", "--to", "a.csv"), 3),
    ],
)
def test_what_cannot_be_linked_is_refused_and_nothing_written(desk, call, code):
    before = {path: path.read_bytes() for path in desk.iterdir()}
    assert _link(desk, *call) == code
    assert {path: path.read_bytes() for path in desk.iterdir()} == before
