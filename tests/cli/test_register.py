"""The register as a user keeps it: files come in one after another, and nothing that was ever said is lost."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow as pa
import pytest
from tests.cli.calls import Calls

from sekisho.register.states import STATES
from sekisho.vault.register import Register

FIRST = """基礎年金番号,旧基礎年金番号,氏名,フリガナ,旧姓,旧姓カナ,改姓日,通称,ローマ字氏名,生年月日,性別,郵便番号,住所,住所異動日,死亡日,支援措置,備考
4701-000001,9901-000001、9902 000002,架空　太郎,ｶｸｳ ﾀﾛｳ,,,,,KAKU TARO,昭和23年4月6日,男,900-0029,沖縄県那覇市旭町1-9,R1.5.2,,,x
4701-000002,,架空 花子,カクウ ハナコ,仮名,カメイ,1975-04,,,1950-01-02,女,900-0001,沖縄県那覇市港町1-1,,,○,
4701-000003,,リンダ・ロウ,リンダ ロウ,,,,架空 凛,LINDA LOW,1960-05-06,女,,,,2020/3/4,無,
"""  # noqa: E501
SECOND = """基礎年金番号,旧基礎年金番号,氏名,フリガナ,生年月日,性別,郵便番号,住所
4701-000009,4701-000001,架空 太郎,カクウ タロウ,1948-04-06,男,901-0151,沖縄県那覇市鏡原町2-2
4701-000004,,架空 次郎,カクウ ジロウ,1970-01-01,男,,
"""


class Desk(Calls):
    """A folder with a register."""

    def take(self, text: str, name: str = "holders.csv") -> Any:
        self.put(name, text)
        return self.json("register", "import", name)

    def shown(self, *what: str) -> Any:
        return self.json("register", "show", *what)["shown"]

    def exported(self, *more: str) -> list[dict[str, str]]:
        self.run("register", "export", "--to", "out.csv", "--force", *more)
        return self.rows("out.csv")


@pytest.fixture
def desk(place: Path, capsys: pytest.CaptureFixture[str]) -> Desk:
    return Desk(place, capsys)


def facts(profile: Any, title: str, *, now: bool = True) -> list[tuple[str, ...]]:
    return [(fact["kind"], *fact["value"].values()) for fact in profile[title] if fact["now"] == now]


def test_every_number_leads_to_its_holder_however_it_is_written(desk: Desk) -> None:
    counts = desk.take(FIRST)["counts"]
    assert (counts["rows"], counts["holders"], counts["new"]) == (3, 3, 3)
    for number in ("4701-000001", "4701000001", "９９０１－０００００１", "9902-000002"):
        assert [one["number"] for one in desk.shown(number)] == ["4701-000001"]
    taro = desk.shown("4701-000001")[0]
    assert facts(taro, "numbers") == [("current", "4701-000001"), ("old", "9901-000001"), ("old", "9902-000002")]
    assert facts(taro, "names") == [("name", "架空 太郎", "カクウ タロウ"), ("latin", "KAKU TARO")]
    assert (taro["birth_date"], taro["sex"], taro["addresses"][0]["since"]) == ("1948-04-06", "M", "2019-05-02")


def test_each_column_that_was_found_is_said_and_the_others_too(desk: Desk) -> None:
    desk.take(FIRST)
    assert "旧姓カナ -> former_name_kana" in desk.said
    assert "支援措置 -> protected_address" in desk.said
    assert "not used: 備考" in desk.said


def test_a_holder_is_found_by_any_word_that_was_ever_written_of_them(desk: Desk) -> None:
    desk.take(FIRST)
    desk.take(SECOND)
    for words in (["かくう", "タロウ"], ["太郎", "1948-04-06"], ["旭町1-9"], ["kakutaro"]):
        assert [one["number"] for one in desk.shown(*words)] == ["4701-000009"], words
    assert [one["number"] for one in desk.shown("カメイ")] == ["4701-000002"]
    assert [one["number"] for one in desk.shown("架空凛")] == ["4701-000003"]
    assert len(desk.shown("カクウ")) == 3
    desk.run("register", "show", "居ない", code=3)
    desk.run("register", "show", "4701-999999", code=3)


def test_a_later_file_adds_a_state_and_overwrites_nothing(desk: Desk) -> None:
    desk.take(FIRST)
    counts = desk.take(SECOND)["counts"]
    assert {name: counts[name] for name in ("new", "changed", "same", "absent")} == {
        "new": 1,
        "changed": 1,
        "same": 0,
        "absent": 2,
    }
    taro = desk.shown("9901-000001")[0]
    assert taro["number"] == "4701-000009"
    assert facts(taro, "addresses") == [("address", "901-0151", "沖縄県那覇市鏡原町2-2")]
    assert facts(taro, "addresses", now=False) == [("address", "900-0029", "沖縄県那覇市旭町1-9")]
    assert [one["file"].rpartition("/")[2] for one in taro["imports"]] == ["holders.csv"] * 2
    changed = desk.json("register", "history", "4701-000001")
    assert (changed[0]["item"], changed[0]["after"]) == ("holder", "4701-000001")
    moved = next(one for one in changed if one["item"] == "address")
    assert (moved["import"], moved["before"], moved["after"]) == (2, "沖縄県那覇市旭町1-9", "沖縄県那覇市鏡原町2-2")
    assert {one["item"] for one in changed if one["import"] == 2} >= {"basic_pension_number", "old_numbers"}


def test_the_same_file_twice_changes_nothing(desk: Desk) -> None:
    desk.take(FIRST)
    assert desk.take(FIRST)["again"]
    assert [one["import"] for one in desk.json("register", "show")] == [1]
    counts = desk.take(FIRST.replace(",x\n", ",y\n"))["counts"]
    assert (counts["new"], counts["changed"], counts["same"]) == (0, 0, 3)
    assert len(desk.json("register", "history", "4701-000001")) == 1


def test_a_temporary_number_finds_its_person(desk: Desk) -> None:
    head = "基礎年金番号,旧番号,氏名,生年月日,住所\n"
    desk.take(f"{head}9901-000007,,架空 三郎,1950-01-01,沖縄県那覇市旭町1-9\n4701-000005,,架空 三郎,1950-01-01,\n")
    counts = desk.take(f"{head}4701-000005,9901-000007,架空 三郎,1950-01-01,\n")["counts"]
    assert counts["joined"] == 1
    (one,) = desk.shown("9901-000007")
    assert one["number"] == "4701-000005"
    assert ("address", "沖縄県那覇市旭町1-9") in facts(one, "addresses", now=False)
    joined = [change for change in desk.json("register", "history", "9901-000007") if change["item"] == "joined"]
    assert [(change["import"], change["before"]) for change in joined] == [(2, "9901-000007")]
    assert {row["holder"] for row in desk.exported()} == {"4701-000005"}


def test_an_address_that_must_not_be_found_is_shown_on_request_only(desk: Desk) -> None:
    desk.take(FIRST)
    assert "港町" not in desk.run("register", "show", "4701-000002")
    assert "港町" in desk.run("register", "show", "4701-000002", "--protected")
    assert "港町" not in desk.run("register", "history", "4701-000002")
    address = {row["holder"]: row["address"] for row in desk.exported()}
    assert (address["4701-000002"], address["4701-000001"]) == ("", "沖縄県那覇市旭町1-9")
    assert "沖縄県那覇市港町1-1" in {row["address"] for row in desk.exported("--protected")}


def test_nobody_who_must_not_be_found_is_found_through_another_entry_of_theirs(desk: Desk) -> None:
    head = "基礎年金番号,旧番号,氏名,生年月日,住所,支援措置\n"
    desk.take(f"{head}9901-000001,,架空 一,1950-01-01,沖縄県秘密町1,○\n,,架空 二,1950-01-02,沖縄県秘密町2,○\n")
    desk.take(f"{head}4701-000001,,架空 一,1950-01-01,沖縄県秘密町1,\n")
    desk.take(f"{head}4701-000001,9901-000001,架空 一,1950-01-01,沖縄県秘密町1,\n")
    assert not any(row["address"] for row in desk.exported())
    for words in ("4701-000001", "9901-000001", "架空"):
        assert "秘密町" not in desk.run("register", "show", words, "--at", "2999-01-01")
    for words in ("4701-000001", "架空二"):
        assert "秘密町" not in desk.run("register", "history", words)


def test_flags_say_since_when_and_a_remark_kills_nobody(desk: Desk) -> None:
    desk.take(FIRST)
    assert desk.shown("4701-000003")[0]["flags"] == {"deceased": "2020-03-04"}
    text = "基礎年金番号,氏名,死亡,海外居住\n4701-000001,架空 一,受給中,アメリカ\n4701-000002,架空 二,○,国内\n"
    counts = desk.take(text)["counts"]
    assert counts["unreadable"] == {"deceased": 1}
    assert desk.shown("4701-000001")[0]["flags"] == {"abroad": "yes"}
    still = {"protected_address": "yes"}  # of which that file had no column
    assert desk.shown("4701-000002")[0]["flags"] == {"deceased": "yes", **still}


def test_what_is_wrong_with_a_register_is_counted(desk: Desk) -> None:
    text = (
        "基礎年金番号,氏名,生年月日,住所\n"
        "4701-000001,架空 一,1950-02-31,\n"
        "4701-000001,架空 別,1950-02-28,\n"
        "4701-000001,架空 別,1950-02-28,\n"
        "番号なし,架空 二,1950-01-01,\n"
        "4701-000002,,1950-01-01,\n"
        ",,,沖縄県\n"
        "4701-000003,架空 三,1950-01-01,,余り\n"
    )
    counts = desk.take(text)["counts"]
    assert counts["rows"] == 7
    assert counts["rows"] == counts["kept"] + counts["repeated"] + counts["nobody"] + counts["strays"]
    assert {
        name: counts[name] for name in ("repeated", "nobody", "strays", "shared_number", "no_number", "no_name")
    } == {
        "repeated": 1,
        "nobody": 1,
        "strays": 1,
        "shared_number": 2,
        "no_number": 1,
        "no_name": 1,
    }
    assert counts["unreadable"] == {"basic_pension_number": 1, "birth_date": 1}
    assert len(desk.exported()) == 4


def test_numbers_that_lead_in_a_circle_end(desk: Desk) -> None:
    head = "基礎年金番号,旧番号,氏名,生年月日\n"
    desk.take(f"{head}4701-000001,4701-000002,架空 一,1950-01-01\n4701-000002,4701-000001,架空 二,1950-01-02\n")
    desk.take(f"{head}4701-000001,,架空 一,1950-01-01\n4701-000002,,架空 二,1950-01-02\n")
    desk.take(
        f"{head}4701-000003,4701-000001,架空 一,1950-01-01\n4701-000004,4701-000002;4701-000001,架空 二,1950-01-02\n"
    )
    assert len(desk.exported()) >= 2


def test_a_holder_without_a_number_is_known_again(desk: Desk) -> None:
    desk.take("氏名,生年月日,住所\n架空 一,1950-01-01,沖縄県那覇市旭町1-9\n")
    counts = desk.take("氏名,生年月日,住所\n架空 一,1950-01-01,沖縄県那覇市港町1-1\n")["counts"]
    assert (counts["new"], counts["changed"]) == (0, 1)
    changed = desk.json("register", "history", "架空一", "1950-01-01")
    assert [(one["import"], one["item"]) for one in changed] == [(1, "holder"), (2, "address")]
    assert "住所: 沖縄県那覇市旭町1-9 → 沖縄県那覇市港町1-1" in desk.run(
        "register", "history", "架空一", "1950-01-01", "--lang", "ja"
    )
    desk.take("氏名,生年月日\n架空 一,1960-01-01\n")
    desk.run("register", "history", "架空一", code=3)


@pytest.mark.parametrize("text", ["住所,電話\n沖縄県,098\n", "", "これは表ではない\n"])
def test_what_is_no_register_is_refused_and_leaves_the_old_one(desk: Desk, text: str) -> None:
    desk.take(FIRST)
    (desk.folder / "bad.csv").write_text(text, encoding="utf-8")
    desk.run("register", "import", "bad.csv", code=3)
    assert len(desk.exported()) == 3


@pytest.mark.parametrize("charset", ["cp932", "euc_jp", "utf-16", "utf-16-le", "utf-16-be", "utf-8-sig"])
def test_a_csv_in_any_usual_charset_is_read(desk: Desk, charset: str) -> None:
    (desk.folder / "holders.csv").write_bytes(FIRST.encode(charset))
    assert desk.json("register", "import", "holders.csv")["counts"]["holders"] == 3
    assert facts(desk.shown("4701-000003")[0], "names")[0] == ("name", "リンダ・ロウ", "リンダ ロウ")


def test_numbers_and_days_that_a_spreadsheet_took_for_amounts_are_read(desk: Desk) -> None:
    rows = {"基礎年金番号": [4701000001.0, 101000002.0], "氏名": ["架空 一", "架空 二"], "生年月日": [18264.0, 18660.0]}
    pl.DataFrame(rows).write_parquet(desk.folder / "holders.parquet")
    desk.json("register", "import", "holders.parquet")
    assert [one["birth_date"] for one in desk.shown("4701-000001") + desk.shown("0101-000002")] == [
        "1950-01-01",
        "1951-02-01",
    ]
    desk.take("基礎年金番号,氏名,生年月日\n4701000003.0,架空 三,18264.0\n1000004,架空 四,18264\n")
    assert [one["birth_date"] for one in desk.shown("4701-000003") + desk.shown("0001-000004")] == ["1950-01-01"] * 2


def test_the_row_that_names_a_number_is_the_header_not_the_one_above(desk: Desk) -> None:
    counts = desk.take("整理番号,お名前,,日付\n基礎年金番号,氏名,フリガナ,生年月日\n4701-000001,架空 一,,1950-01-01\n")[
        "counts"
    ]
    assert (counts["rows"], counts["holders"]) == (1, 1)


@pytest.mark.parametrize(
    ("name", "raw"),
    [
        ("none.csv", "4701-000001,架空 一,1950-01-01\n".encode()),
        ("empty.csv", b""),
        ("no-rows.csv", "基礎年金番号,氏名,生年月日\n".encode()),
        ("cut.xlsx", b"PK\x03\x04" + b"x" * 99),
        ("cut.parquet", b"PAR1" + b"x" * 99),
        ("noise.csv", bytes(range(256)) * 9),
    ],
)
def test_what_cannot_be_read_is_said_and_makes_no_vault(desk: Desk, name: str, raw: bytes) -> None:
    (desk.folder / name).write_bytes(raw)
    (desk.folder / "folder.csv").mkdir()
    for file in ("folder.csv", "gone.csv", name):
        desk.run("register", "import", file, code=3)
        assert len(desk.said[desk.said.index("sekisho:") :].splitlines()) == 2  # what is wrong, and what to do
    assert not (desk.folder / "vault").exists() or name == "no-rows.csv"


def test_a_file_that_breaks_off_in_the_middle_leaves_the_register_as_it_was(desk: Desk) -> None:
    desk.take(FIRST)
    rows = pl.DataFrame({"基礎年金番号": [f"4701-{n:06}" for n in range(9000)], "氏名": ["架空"] * 9000})
    rows.write_parquet(desk.folder / "broken.parquet", row_group_size=1000)
    raw = bytearray((desk.folder / "broken.parquet").read_bytes())
    raw[len(raw) // 2 : len(raw) // 2 + 400] = bytes(400)
    (desk.folder / "broken.parquet").write_bytes(raw)
    desk.run("register", "import", "broken.parquet", code=3)
    assert len(desk.exported()) == 3


def test_quotes_that_never_close_and_headers_in_between_cost_no_row(desk: Desk) -> None:
    head = "基礎年金番号,氏名,生年月日"
    counts = desk.take(f'{head}\n4701-000001,"架空 一,1950-01-01\n{head}\n4701-000002,架空 二,1950-01-02\n')["counts"]
    assert (counts["rows"], counts["holders"], counts["nobody"]) == (3, 2, 1)


def test_a_killed_import_leaves_the_old_register(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.take(FIRST)

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as broken:
        broken.setattr(Register, "commit", killed)
        (desk.folder / "second.csv").write_text(SECOND, encoding="utf-8")
        desk.run("register", "import", "second.csv", code=130)
    assert [one["number"] for one in desk.shown("太郎")] == ["4701-000001"]
    left = set((desk.folder / "vault" / "register").iterdir())
    desk.take(SECOND)
    assert [one["number"] for one in desk.shown("太郎")] == ["4701-000009"]
    assert left - set((desk.folder / "vault" / "register").iterdir())


def test_nothing_of_the_register_lies_in_clear(desk: Desk) -> None:
    desk.take(FIRST)
    (desk.folder / "holders.csv").unlink()
    for path in desk.folder.rglob("*"):
        if path.is_file():
            raw = path.read_bytes()
            for canary in ("架空", "4701-000001", "4701000001", "カクウ", "holders.csv"):
                assert not any(canary.encode(encoding) in raw for encoding in ("utf-8", "utf-16-le", "cp932")), path


def test_records_are_matched_to_the_register_in_the_vault(desk: Desk) -> None:
    births = {n: f"1950-{1 + n % 12:02}-{1 + n % 28:02}" for n, _ in people()}
    rows = [f"4701-{n:06},架空 {chr(0x4E00 + n)}郎,カクウ {kana}ロウ,{births[n]},男" for n, kana in people()]
    desk.take("基礎年金番号,氏名,フリガナ,生年月日,性別\n" + "\n".join(rows) + "\n")
    moved = rows[7].replace("4701-000007", "4701-900007,4701-000007")
    desk.take(f"基礎年金番号,旧番号,氏名,フリガナ,生年月日,性別\n{moved}\n", "later.csv")
    desk.run("register", "export", "--to", "all.csv")
    asked = [{"record": f"r{n}", "name_kana": f"カクウ {kana}ロウ", "birth_date": births[n]} for n, kana in people()]
    pl.DataFrame(asked).write_csv(desk.folder / "records.csv")
    desk.run("match", "records.csv", "--register", "vault", "--to", "vault-matches.csv")
    desk.run("match", "records.csv", "--register", "all.csv", "--to", "file-matches.csv")
    found, other = (
        pl.read_csv(desk.folder / f"{name}-matches.csv").filter(rank=1).sort("record").select("record", "holder")
        for name in ("vault", "file")
    )
    assert found.equals(other)
    assert dict(found.iter_rows())["r7"] == "4701-900007"


def test_a_record_with_an_old_number_is_settled_on_its_holder(desk: Desk) -> None:
    desk.take(FIRST)
    desk.take(SECOND)
    (desk.folder / "share").mkdir()
    leaked = "基礎年金番号,氏名,生年月日\n9901-000001,架空太郎,1948-04-06\n4701-000004,架空次郎,1970-01-01\n"
    (desk.folder / "share" / "list.csv").write_text(leaked, encoding="utf-8")
    desk.run("scan", "share", "--register", "vault")
    desk.run("export", "records", "--to", "r.parquet")
    desk.run("export", "persons", "--to", "p.parquet")
    records = pl.read_parquet(desk.folder / "r.parquet")
    assert records["basic_pension_number"].to_list() == ["9901-000001", "4701-000004"]
    assert set(records["state"]) == {"settled"}
    assert set(records["conflict"]) == {""}
    assert set(pl.read_parquet(desk.folder / "p.parquet")["holder"]) == {"4701-000009", "4701-000004"}
    settled = desk.json("settle", "--register", "vault")["standings"]
    assert next(one["persons"] for one in settled if one["state"] == "settled") == 2


def people() -> list[tuple[int, str]]:
    return [(n, a + b) for n, (a, b) in enumerate((a, b) for a in "アイウエオカキク" for b in "サシスセソ")]


def test_a_vault_without_a_register_says_so(desk: Desk) -> None:
    (desk.folder / "bad.csv").write_text("基礎年金番号,氏名\n", encoding="utf-8")
    desk.run("register", "import", "bad.csv", code=3)
    (desk.folder / "records.csv").write_text("氏名,生年月日\n架空 一,1950-01-01\n", encoding="utf-8")
    desk.run("match", "records.csv", "--register", "vault", "--to", "m.csv", code=3)
    desk.run("scan", ".", "--register", "vault", code=3)
    desk.run("register", "show", code=3)
    assert "register import" in desk.said
    desk.run("register", "show", "4701-000001", code=3)
    assert "register import" in desk.said


def test_an_old_number_that_is_somebody_elses_is_split_off_and_stays_apart(desk: Desk) -> None:
    head = "基礎年金番号,旧番号,氏名,生年月日,住所\n"
    desk.take(f"{head}9901-000007,,架空 三郎,1950-01-01,沖縄県\n4701-000005,,架空 五郎,1950-05-05,東京都\n")
    later = f"{head}4701-000005,9901-000007,架空 五郎,1950-05-05,東京都\n"
    assert desk.take(later)["counts"]["joined"] == 1
    told = desk.json("register", "split", "9901-000007", "--reason", "同日生まれの別人")
    assert (told["kind"], told["number"], told["source"]) == ("split", "9901-000007", "4701-000005")
    (other,), (one,) = desk.shown("9901-000007"), desk.shown("4701-000005")
    assert facts(other, "names") == [("name", "架空 三郎")]
    assert facts(one, "numbers") == [("current", "4701-000005")]
    assert not facts(one, "names", now=False)
    assert "同日生まれの別人" in desk.run("register", "history", "9901-000007")
    assert desk.take(later.replace("東京都", "大阪府"))["counts"]["refused"] == 1
    assert [row["holder"] for row in desk.exported()].count("9901-000007") == 1
    desk.run("register", "split", "4701-000005", "--reason", "x", code=3)
    desk.run("register", "split", "4701-999999", "--reason", "x", code=3)


def test_a_mistaken_import_is_taken_back_and_stays_in_the_history(desk: Desk) -> None:
    desk.take(FIRST)
    desk.take(SECOND)
    desk.run("register", "undo", "1", "--reason", "x", code=3)
    desk.run("register", "undo", "2", "--reason", "別の団体のファイル")
    assert desk.shown("4701-000001")[0]["number"] == "4701-000001"
    desk.run("register", "show", "4701-000004", code=3)
    assert "取り消し" in desk.run("register", "show", "--lang", "ja")
    back = [one for one in desk.json("register", "history", "4701-000001") if one["import"] == 3]
    assert ("address", "沖縄県那覇市旭町1-9") in {(one["item"], one["after"]) for one in back}
    assert {one["reason"] for one in back} == {"別の団体のファイル"}
    gone = desk.json("register", "history", "4701-000004")
    assert [(one["import"], one["before"], one["after"]) for one in gone] == [
        (2, None, "4701-000004"),
        (3, "4701-000004", None),
    ]
    assert desk.take(SECOND)["import"] == 4


def test_what_a_file_has_no_column_for_stays(desk: Desk) -> None:
    desk.take(FIRST)
    counts = desk.take("基礎年金番号,死亡日\n4701-000002,2024-05-06\n4701-000003,2020-03-04\n", "deaths.csv")["counts"]
    assert (counts["changed"], counts["same"], counts["no_name"]) == (1, 1, 2)
    hanako = desk.shown("4701-000002")[0]
    assert hanako["flags"] == {"deceased": "2024-05-06", "protected_address": "yes"}
    assert ("name", "架空 花子", "カクウ ハナコ") in facts(hanako, "names")
    assert "港町" not in desk.run("register", "show", "4701-000002")
    assert [one["item"] for one in desk.json("register", "history", "4701-000002")] == ["holder", "deceased"]


def test_a_flag_that_a_later_file_no_longer_sets_is_shown_as_one_that_was(desk: Desk) -> None:
    head = "基礎年金番号,氏名,生年月日,国外転出日\n"
    desk.take(f"{head}4701-000001,架空 一,1950-01-01,2010-02-03\n")
    desk.take(f"{head}4701-000001,架空 一,1950-01-01,\n")
    one = desk.shown("4701-000001")[0]
    assert not one["flags"]
    assert [(fact["kind"], fact["since"], fact["last"]) for fact in one["former_flags"]] == [
        ("abroad", "2010-02-03", 1)
    ]
    changed = desk.json("register", "history", "4701-000001")[-1]
    assert (changed["item"], changed["before"], changed["after"]) == ("abroad", "2010-02-03", None)
    assert "2010-02-03" in desk.run("register", "show", "4701-000001")


def lived(desk: Desk, day: str) -> tuple[list[str], bool]:
    told = desk.json("register", "show", "4701-000001", "--at", day, "--protected")["shown"][0]["lived"]
    return [stay["address"] for stay in told["stays"]], told["certain"]


def test_where_somebody_lived_on_a_day_is_told_whatever_the_order_of_the_files(desk: Desk) -> None:
    head = "基礎年金番号,氏名,生年月日,住所,住定日,前住所\n"
    desk.take(f"{head}4701-000001,架空 一,1950-01-01,浦添市3,2016-07-01,那覇市2\n")
    desk.take(f"{head}4701-000001,架空 一,1950-01-01,那覇市2,2001-02-03,名護市1\n")
    assert lived(desk, "2015-05-08") == (["那覇市2"], True)
    assert lived(desk, "2016-07-01") == (["浦添市3"], True)
    assert lived(desk, "1999-01-01") == (["名護市1"], False)
    desk.take("基礎年金番号,氏名,生年月日,住所\n4701-000001,架空 一,1950-01-01,糸満市4\n")
    assert lived(desk, "2015-05-08") == (["那覇市2"], True)
    assert lived(desk, "2999-01-01") == (["糸満市4"], False)
    assert "那覇市2" in desk.run("register", "show", "4701-000001", "--at", "2015-05-08")
    desk.run("register", "show", "4701-000001", "--at", "2015-5", code=2)


def test_without_dates_it_is_what_files_from_before_and_after_say(desk: Desk) -> None:
    desk.take("基礎年金番号,氏名,生年月日,住所,支援措置\n4701-000001,架空 一,1950-01-01,浦添市3,○\n")
    assert lived(desk, "2000-01-01") == (["浦添市3"], False)
    assert desk.shown("4701-000001", "--at", "2000-01-01")[0]["lived"] is None


def test_a_holder_is_found_by_name_and_birth_date_that_stand_in_no_title(
    desk: Calls, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.put("h.csv", "基礎年金番号,氏名,フリガナ,生年月日\n4701-000001,架空 太郎,カクウ タロウ,1948-04-06\n")
    desk.run("register", "import", "h.csv")

    def shown(given: str, *call: str, code: int = 0) -> str:
        monkeypatch.setattr("sys.stdin", io.StringIO(given))
        return desk.run("register", "show", *call, code=code)

    for given, *call in (
        ("", "--name", "架空太郎", "--born", "1948-04-06"),
        ("架空 太郎\n昭和23年4月6日\n", "--name", "-"),
        ("カクウタロウ\n1948-04-06\n", "--name", "-", "--born", "-"),
        ("架空太郎\n", "--name", "-", "--born", "1948-04-06"),
        ("4701-000001\n", "-"),
        ("架空 1948-04-06\n", "-"),
    ):
        assert "架空 太郎" in shown(given, *call), call
    for given, *call in (
        ("", "--name", "-"),
        ("架空太郎\n", "--name", "-"),
        ("", "-"),
        ("", "--name", "架空太郎"),
        ("", "--born", "1948-04-06"),
        ("", "4701-000001", "--name", "架空太郎", "--born", "1948-04-06"),
    ):
        shown(given, *call, code=2)
    shown("", "--name", "架空次郎", "--born", "1948-04-06", code=3)
    assert "架空次郎" not in desk.said


def test_whether_a_pension_is_paid_is_known_by_words_and_never_guessed(desk: Desk) -> None:
    desk.take(
        "基礎年金番号,氏名,生年月日,受給区分\n"
        "4701-000001,架空 太郎,1948-04-06,受給者\n4701-000002,架空 花子,1950-01-02,全額 支給停止\n"
        "4701-000003,架空 次郎,1980-05-06,第２号被保険者\n4701-000004,架空 三郎,1948-05-06,要確認\n"
    )
    said = {row["basic_pension_number"]: row["pension"] for row in desk.exported()}
    assert list(said.values()) == ["paid", "suspended", "insured", ""]
    assert "pension paid" in desk.run("register", "show", "4701-000001")
    desk.take("基礎年金番号,氏名,生年月日\n4701-000001,架空 太朗,1948-04-06\n", "later.csv")
    assert desk.shown("4701-000001")[0]["pension"] == "paid"


def test_a_register_that_was_kept_before_pensions_were_is_still_read(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    fewer = pa.schema([field for field in STATES if field.name != "pension"])
    monkeypatch.setattr("sekisho.register.enter.STATES", fewer)
    desk.take(FIRST)
    monkeypatch.undo()
    monkeypatch.chdir(desk.folder)
    assert [one["pension"] for one in desk.shown("4701-000001")] == [None]
    assert len(desk.exported()) == 3
    counts = desk.take(FIRST.replace("備考", "受給区分").replace(",x\n", ",受給者\n"), "later.csv")["counts"]
    assert (counts["changed"], counts["same"]) == (1, 2)
    assert [one["pension"] for one in desk.shown("4701-000001")] == ["paid"]
