import json

import polars as pl
import pytest

from sekisho.cli._main import main

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


@pytest.mark.parametrize(
    ("call", "code"),
    [
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
