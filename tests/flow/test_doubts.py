"""Whoever may be exposed by an earlier name or birth date, or under another number, is told no "no" by anybody."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime

import polars as pl
import pytest
from tests.flow.leaked import TARO, leaked, scanned

from sekisho.actions.helpline import answer
from sekisho.flow.answering.caller import known
from sekisho.flow.answering.standings import load as load_standings
from sekisho.flow.answering.step_up import check_person
from sekisho.flow.answering.whom import Sought, find
from sekisho.flow.assessing.count import count, load
from sekisho.flow.assessing.exposed import standings as many
from sekisho.flow.assessing.exposure import who
from sekisho.flow.registering import register
from sekisho.register.lookup import number_in
from sekisho.vault import Cost, Secret, Vault

HEAD = "基礎年金番号,氏名,フリガナ,生年月日,住所,旧姓,旧姓カナ"
BEFORE = (
    "4701-000001,架空 太郎,カクウ タロウ,1948-04-06,沖縄県那覇市架空1-1,,",
    "4702-000002,改姓 花子,カイセイ ハナコ,1950-01-02,沖縄県那覇市架空2-2,,",
    "4703-000003,訂正 三郎,テイセイ サブロウ,1940-05-09,沖縄県那覇市架空3-3,,",
    "4704-000004,婚姻 五子,コンイン イツコ,1961-07-08,沖縄県那覇市架空4-4,生家,ウマレヤ",
    "4705-000005,重複 六郎,チョウフク ロクロウ,1955-02-03,沖縄県那覇市架空5-5,,",
    "4706-000006,重複 六郎,チョウフク ロクロウ,1955-02-03,東京都北区架空6-6,,",
    "4707-000007,無縁 七子,ムエン ナナコ,1977-09-10,沖縄県那覇市架空7-7,,",
)
AFTER = (
    "4702-000002,嫁入 花子,ヨメイリ ハナコ,1950-01-02,沖縄県那覇市架空2-2,,",
    "4703-000003,訂正 三郎,テイセイ サブロウ,1946-11-23,沖縄県那覇市架空3-3,,",
)
LEAKED = (
    TARO,
    {"name": "改姓花子"},
    {"name_kana": "テイセイサブロフ", "birth_date": "1940-05-09"},
    {"name_kana": "ウマレヤイツコ"},
    {"basic_pension_number": "4706-000006", "name": "重複六郎"},
)
EXPOSED, UNSURE, SAFE = ("affected", "yes", "yes", "exposed"), ("cannot_tell",) * 3, ("not_affected", "no", "no")
DAY = date(2026, 11, 23)


@pytest.fixture(scope="module")
def vault(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Vault]:
    folder = tmp_path_factory.mktemp("doubts")
    with Vault.create(folder / "vault", Secret.passphrase("x"), Cost(64, 1, 1)) as made:
        for name, rows in (("before", BEFORE), ("after", AFTER)):
            file = folder / f"{name}.csv"
            file.write_text("\n".join((HEAD, *rows)) + "\n", "utf-8")
            register.import_file(made, file, shown=False)
        count(made, leaked(made, scanned(made, {"a.csv": list(LEAKED)})), shown=False)
        yield made


@pytest.mark.parametrize(
    ("number", "told"),
    [
        pytest.param("4701-000001", EXPOSED, id="exposed"),
        pytest.param("4702-000002", (*UNSURE, "possible"), id="a name from before it changed"),
        pytest.param("4703-000003", (*UNSURE, "possible"), id="a birth date from before it was corrected"),
        pytest.param("4704-000004", (*UNSURE, "possible"), id="a former surname with the given name"),
        pytest.param("4705-000005", (*UNSURE, "possible"), id="another number of the same name and birth date"),
        pytest.param("4706-000006", EXPOSED, id="that number"),
        pytest.param("4707-000007", (*SAFE, "not_exposed"), id="nobody like them"),
    ],
)
def test_helpline_check_service_letters_and_officers_say_the_same_of_everybody(
    vault: Vault, number: str, told: tuple[str, ...]
) -> None:
    master, asked = load(vault, 1), Sought(number=number)
    caller = known(vault, master, find(vault, asked, "helpline.search").persons[0], datetime.now(UTC), current=True)
    checked = check_person(vault, asked, "address_change", DAY).answer.exposed
    served = load_standings(vault).of(number_in(number) or 0)[1].exposed
    row = pl.DataFrame({"number": [number]}).with_columns(
        pl.lit(None, pl.String).alias(name) for name in ("name", "name_kana", "birth_date")
    )
    listed = many(vault, master, row, counted=True)["standing"].item()
    assert (answer(caller.standing), checked, served, listed) == told
    assert str(who(vault, 1, number).answer) == told[0]


def test_a_number_that_is_nobodys_clears_nobody(vault: Vault) -> None:
    told = who(vault, 1, "4799-999999")
    assert (told.exposure, told.doubts.unknown, str(told.answer)) == (None, True, "cannot_tell")


def test_words_that_lead_to_somebody_say_to_whom(vault: Vault) -> None:
    assert who(vault, 1, "無縁 七").number == "4707-000007"
