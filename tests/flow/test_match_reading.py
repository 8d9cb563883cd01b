"""What `sekisho match` makes of the headings, files and targets that it is given."""

import json

import polars as pl
import pytest

from sekisho.cli._main import main

FAMILIES = ["スズキ", "サトウ", "タナカ", "ヤマダ", "コバヤシ", "ワタナベ", "イノウエ", "キムラ", "ハヤシ", "シミズ"]
GIVEN = ["ハナコ", "タロウ", "ヨシコ", "イチロウ", "ジロウ", "カズコ", "ミチコ"]
PEOPLE = [
    (f"{1000 + at}-{100000 + 7 * at:06d}", FAMILIES[at % 10], GIVEN[at % 7], 20 + at % 43, 1 + at % 12, 1 + at % 28)
    for at in range(140)
]
REGISTER = "基礎年金番号,氏名カナ,生年月日,性別,住所フリガナ,資格取得年月日,資格喪失年月日\n" + "".join(
    f"{number},{family}　{given},昭和{y}年{m}月{d}日,{1 + at % 2},トウキョウト,S40.4.1,S50.4.1\n"
    for at, (number, family, given, y, m, d) in enumerate(PEOPLE)
)
RECORDS = "記録番号,カナ氏名,生年月日,性別,課所符号,資格取得年月日,資格喪失年月日,備考\n" + "".join(
    f"K{at},{family} {given},S{y:02d}{m:02d}{d:02d},{1 + at % 2},{number[:4].lstrip('0')},S500401,S55.3.31,x\n"
    for at, (number, family, given, y, m, d) in enumerate(PEOPLE)
)


@pytest.fixture
def desk(tmp_path):
    (tmp_path / "register.csv").write_bytes(REGISTER.encode("cp932"))
    (tmp_path / "records.csv").write_text(RECORDS)
    return tmp_path


def match(desk, *more, records="records.csv", register="register.csv", to="matches.parquet"):
    call = ["match", desk / records, "--register", desk / register, "--to", desk / to, *more]
    return main([*map(str, call), "--json"])


def test_headings_as_offices_write_them_are_understood_and_what_was_read_is_said(desk, capsys):
    assert match(desk) == 0
    out, err = capsys.readouterr()
    read = json.loads(out)["read"]
    assert read["records"]["columns"] == {
        "記録番号": "record", "カナ氏名": "name_kana", "生年月日": "birth_date", "性別": "sex", "課所符号": "office",
        "資格取得年月日": "period_from", "資格喪失年月日": "period_to",
    }  # fmt: skip
    assert read["records"]["unused"] == ["備考"]
    assert read["register"]["unused"] == ["住所フリガナ"]
    assert "not used: 備考" in err
    best = pl.read_parquet(desk / "matches.parquet").filter(rank=1)
    truth = {f"K{at}": one[0] for at, one in enumerate(PEOPLE)}
    assert best.height > 100
    assert all(truth[record] == holder for record, holder in best.select("record", "holder").iter_rows())


def test_a_period_that_ends_on_the_first_does_not_meet_the_one_that_begins_there(desk):
    assert match(desk) == 0
    reasons = pl.read_parquet(desk / "matches.parquet").filter(rank=1)["reasons"]
    assert not reasons.str.contains("overlap: one person pays once").any()


def test_what_cannot_be_read_is_counted(desk, capsys):
    spoilt = RECORDS.replace("S2910", "S2990").replace("K7,", "K7,too,many,")
    (desk / "records.csv").write_text(spoilt)
    assert match(desk) == 0
    out, err = capsys.readouterr()
    records = json.loads(out)["read"]["records"]
    assert records["strays"] == 1
    assert records["unreadable"]["birth_date"] == spoilt.count("S2990")
    assert "1 row left out" in err


def test_ids_that_do_not_tell_the_records_apart_are_refused(desk, capsys):
    (desk / "records.csv").write_text(RECORDS.replace("K5,", "K4,"))
    assert match(desk) == 3
    assert "記録番号" in capsys.readouterr().err


def test_no_file_that_is_read_is_written_over(desk, capsys):
    assert match(desk, "--force", to="records.csv") == 2
    assert match(desk, "--force", "--keep-model", str(desk / "register.csv")) == 2
    assert (desk / "records.csv").read_text() == RECORDS


def test_columns_of_lists_and_empty_files_end_with_a_clear_word(desk, capsys):
    pl.DataFrame({"name_kana": [["スズキ", "ハナコ"]], "birth_date": ["1950-01-01"]}).write_parquet(
        desk / "lists.parquet"
    )
    (desk / "nothing.csv").touch()
    assert match(desk, register="lists.parquet") == 3
    assert "holds lists" in capsys.readouterr().err
    assert match(desk, records="nothing.csv") == 3
    assert "is empty" in capsys.readouterr().err


def test_rows_of_a_register_that_share_a_number_are_counted(desk, capsys):
    (desk / "register.csv").write_bytes(REGISTER.replace(PEOPLE[7][0], PEOPLE[9][0]).encode("cp932"))
    assert match(desk) == 0
    out, err = capsys.readouterr()
    assert json.loads(out)["holders"] == len(PEOPLE) - 1
    assert json.loads(out)["read"]["further_rows"] == 1
    assert "1 row of the register stands under the number of another row" in err
