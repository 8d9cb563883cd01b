"""Names in kanji without their kana are met by how they are read."""

import polars as pl
import pytest

from sekisho.cli._main import main
from sekisho.persons.linkage import splits

NAMES = [("佐藤", "サトウ"), ("鈴木", "スズキ"), ("高橋", "タカハシ"), ("田中", "タナカ")]
GIVEN = [("花子", "ハナコ"), ("健一", "ケンイチ"), ("直樹", "ナオキ"), ("恵子", "ケイコ"), ("大輔", "ダイスケ")]
PEOPLE = [
    (
        f"{1101 + at}-{100003 + 7 * at}",
        NAMES[at % 4],
        GIVEN[at % 5],
        f"19{30 + at % 53}-{1 + at % 12:02d}-{1 + at % 27:02d}",
    )
    for at in range(240)
]


def test_a_part_that_the_book_does_not_know_stands_as_it_is():
    found = splits.readings(pl.Series(["田中　恵子", "鯰鯱　恵子", "鯰鯱　鰯鱠", None]))
    kana = dict(found.group_by("name").agg("kana").iter_rows())
    assert "タナカ ケイコ" in kana["田中　恵子"]
    assert "鯰鯱 ケイコ" in kana["鯰鯱　恵子"]
    assert set(kana) == {"田中　恵子", "鯰鯱　恵子"}


@pytest.mark.parametrize("without", ["records", "register"])
def test_kanji_alone_on_one_side_find_their_person(tmp_path, without):
    kanji = [f"{family[0]}　{given[0]}" for _, family, given, _ in PEOPLE]
    kana = [f"{family[1]}　{given[1]}" for _, family, given, _ in PEOPLE]
    numbers, births = [one[0] for one in PEOPLE], [one[3] for one in PEOPLE]
    register = {"basic_pension_number": numbers, "name": kanji, "name_kana": kana, "birth_date": births}
    records = {"record": numbers, "name": kanji, "birth_date": births}
    if without == "register":
        register.pop("name_kana")
        records = {"record": numbers, "name_kana": kana, "birth_date": births}
    pl.DataFrame(register).write_csv(tmp_path / "register.csv")
    pl.DataFrame(records).write_csv(tmp_path / "records.csv")
    call = ["match", tmp_path / "records.csv", "--register", tmp_path / "register.csv", "--to", tmp_path / "m.parquet"]
    assert main([*map(str, call), "--quiet"]) == 0
    best = pl.read_parquet(tmp_path / "m.parquet").filter(rank=1)
    assert best.height > 200
    assert (best["record"] == best["holder"]).all()
