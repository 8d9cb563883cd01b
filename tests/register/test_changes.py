"""A file of changes, read as people label it: whose, what, and when it was carried out."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import pytest

from sekisho.errors import InputError
from sekisho.frames import from_arrow
from sekisho.register.changes import Changes, read
from sekisho.register.moments import spans

TOKYO = "Asia/Tokyo"


def rows(changes: Changes) -> pl.DataFrame:
    return from_arrow(changes.table)


def written(folder: Path, *lines: str, name: str = "changes.csv", charset: str = "utf-8") -> Path:
    path = folder / name
    path.write_bytes("".join(f"{line}\n" for line in lines).encode(charset))
    return path


def begins(*texts: str | None, zone: str = TOKYO) -> list[str | None]:
    found = spans(pl.Series(texts, dtype=pl.String), zone, datetime(2026, 1, 1, tzinfo=UTC))
    return [one and f"{one:%Y-%m-%d %H:%M:%S}" for one in found["begin"]]


@pytest.mark.parametrize(
    "text",
    [
        *("2015-05-08 10:28", "2015/5/8 10:28:00", "平成27年5月8日 午前10時28分", "H27.5.8 10:28", "20150508102800"),
        *(
            "201505081028",
            "42132.43611",
            "2015-05-08T10:28:00+09:00",
            "2015-05-08T01:28:00Z",
            "２０１５年５月８日１０：２８",
        ),
        *("2015年5月8日(金)10時28分", "2015-05-08 10:28:00 JST", "2015-05-08 10:28 AM", "2015-05-08 01:28:00.000 UTC"),
    ],
)
def test_one_minute_is_the_same_however_it_is_written(text: str) -> None:
    assert begins(text) == ["2015-05-08 01:28:00"]


def test_a_day_without_a_time_is_the_whole_day_of_its_zone() -> None:
    found = spans(pl.Series(["2015-05-08", "2015-05-08 00:00:00", "H27.5.8"]), TOKYO)
    assert set(found["begin"].dt.to_string("%d %H:%M")) == {"07 15:00"}
    assert set(found["end"].dt.to_string("%d %H:%M")) == {"08 15:00"}


@pytest.mark.parametrize(
    "text",
    ["x", "", None, "2015-13-01", "15/05/08", "5/8/2015", "2099-01-01", "2015-05", "2015-05-08 25:00", "1915-05-08"],
)
def test_what_cannot_be_told_is_no_time(text: str | None) -> None:
    assert begins(text) == [None]


def test_the_hour_that_a_clock_shows_twice_is_both() -> None:
    found = spans(pl.Series(["2015-11-01 01:30", "2015-03-08 02:30"]), "America/New_York")
    assert (found["end"][0] - found["begin"][0]).total_seconds() == 3660
    assert found["begin"][1] is None


def test_columns_are_found_by_their_labels(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        "届出処理一覧（架空）,,,,,,",
        "受付番号,基礎年金番号,カナ氏名,処理日,処理時刻,変更種別,変更後住所",
        "A-1,4701-000001,カクウ タロウ,2015-05-08,10:28,住所変更,東京都千代田区1",
        "A-2,4701000002,カメイ ハナコ,H27.5.9,,住所・口座変更,東京都千代田区2",
        "A-3,4701-000003-1150,ミホン ジロウ,不明,,氏名変更,",
        ",,,,,,",
        "A-4,何か,,2015/5/10,,そのほか,",
        charset="cp932",
    )
    found = read(path, TOKYO)
    table = rows(found)
    assert table["number"].to_list() == ["4701-000001", "4701-000002", "4701-000003", None]
    assert table["kinds"].to_list() == ["address", "address+account", "name", "other"]
    assert [one and one.isoformat() for one in table["begin"]] == [
        *("2015-05-08T01:28:00+00:00", "2015-05-08T15:00:00+00:00", None, "2015-05-09T15:00:00+00:00")
    ]
    assert table["row"].to_list() == [3, 4, 5, 7]
    assert table["number_written"][3] == "何か"
    assert found.account()["empty"] == 1
    assert found.columns["処理日"] == "processed"


def test_a_change_was_carried_out_no_sooner_than_it_was_asked_for(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        "number,kind,received_at,processed_at",
        "4701-000001,address,2015-05-01,2015-05-08",
        "4701-000001,address,2015-05-01,",
        "4701-000001,address,2015-06-01,2015-05-08",
    )
    table = rows(read(path, TOKYO))
    assert [(b.day, e and e.day) for b, e in table.select("begin", "end").iter_rows()] == [
        (7, 8),
        (30, None),
        (7, None),
    ]


def test_a_column_is_named_where_ours_is_the_wrong_one(tmp_path: Path) -> None:
    path = written(tmp_path, "基礎年金番号,登録日,台帳反映", "4701-000001,2015-05-01,2015-06-01")
    assert rows(read(path, TOKYO))["begin"][0].month == 4
    assert rows(read(path, TOKYO, "台帳反映"))["begin"][0].month == 5
    with pytest.raises(InputError, match="no column"):
        read(path, TOKYO, "ない列")


def test_a_column_without_a_label_is_not_taken_for_the_time(tmp_path: Path) -> None:
    path = written(tmp_path, "基礎年金番号,,処理日時,", "4701-000001,x,2015-05-09,")
    found = read(path, TOKYO)
    assert found.columns["処理日時"] == "processed"
    assert rows(found)["when_written"].to_list() == ["2015-05-09"]


def test_a_change_that_was_refused_or_waits_is_told_apart(tmp_path: Path) -> None:
    path = written(
        tmp_path, "番号,処理日,処理結果", *(f"4701-000001,2015-05-08,{r}" for r in ("完了", "却下", "審査中", ""))
    )
    assert rows(read(path, TOKYO))["done"].to_list() == ["done", "refused", "pending", "done"]


def test_a_workbook_gives_the_zeros_back_that_it_took(tmp_path: Path) -> None:
    path = tmp_path / "changes.xlsx"
    pl.DataFrame({"年金番号": [301000001], "処理日時": [datetime.fromisoformat("2015-05-08 10:28")]}).write_excel(path)
    table = rows(read(path, TOKYO))
    assert table["number"].to_list() == ["0301-000001"]
    assert table["begin"][0] == datetime(2015, 5, 8, 1, 28, tzinfo=UTC)


@pytest.mark.parametrize(
    "lines",
    [("a,b", "1,2"), ("処理日,変更種別", "2015-05-08,住所変更"), ("基礎年金番号,変更種別", "4701-000001,住所変更")],
)
def test_a_file_that_says_neither_whom_nor_when_is_refused(tmp_path: Path, lines: tuple[str, ...]) -> None:
    with pytest.raises(InputError) as told:
        read(written(tmp_path, *lines), TOKYO)
    assert "4701" not in str(told.value)


@pytest.mark.parametrize(
    "label", ["処理日", "変更年月日", "住所変更日", "決裁日時", "Processed At", "changed_on", "date"]
)
def test_when_is_found_by_many_labels(tmp_path: Path, label: str) -> None:
    assert rows(read(written(tmp_path, f"number,{label}", "4701-000001,2015-05-08"), TOKYO))["begin"][0] is not None
