"""What went wrong in 2015: a list copied from the leak master lacks some and has others wrong. All are named."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest
from tests.flow.leaked import held, leaked, scanned

from sekisho.cli._main import main
from sekisho.flow.assessing.count import count
from sekisho.flow.assessing.exposure import hold_list
from sekisho.vault import Cost, Secret, Vault

PERSONS, EXPOSED = 400, 350
LETTERS = "一二三四五六七八九十"


def name(n: int) -> str:
    return "架空" + "".join(LETTERS[int(digit)] for digit in f"{n:03d}")


def number(n: int) -> str:
    return f"4701-{n:06d}"


def born(n: int) -> str:
    return f"1950-01-{n % 28 + 1:02d}"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    here = tmp_path_factory.mktemp("copied")
    secret = Secret.to_new_key_file(here / "key")
    with Vault.create(here / "vault", secret, Cost(64, 1, 1)) as vault:
        held(vault, here, *(f"{number(n)},,{name(n)},,{born(n)}," for n in range(PERSONS)))
        told = [{"basic_pension_number": number(n), "name": name(n), "birth_date": born(n)} for n in range(EXPOSED)]
        incident = leaked(vault, scanned(vault, {"a.csv": told}))
        count(vault, incident, shown=False)
    return here


def copied(folder: Path) -> tuple[pl.DataFrame, dict[str, set[str]]]:
    """The list as it should be, with defects of every kind, and by fault the numbers that have it."""
    rows = pl.DataFrame(
        {
            "基礎年金番号": [number(n) for n in range(EXPOSED)],
            "氏名": [name(n) for n in range(EXPOSED)],
            "生年月日": [born(n) for n in range(EXPOSED)],
            "項目": ["基礎年金番号、氏名、生年月日"] * EXPOSED,
        }
    )
    at = pl.int_range(0, rows.height)
    wrong = {
        "基礎年金番号": pl.when(at.is_between(40, 49)).then(pl.format("4701-000{}", at + 350)),
        "氏名": pl.when(at.is_between(60, 69)).then(pl.lit("見本一")),
        "生年月日": pl.when(at.is_between(80, 89)).then(pl.lit("1951-02-03")),
        "項目": pl.when(at.is_between(100, 109)).then(pl.lit("氏名")),
    }
    changed = rows.with_columns(when.otherwise(pl.col(name)).alias(name) for name, when in wrong.items())
    made = pl.concat([changed[54:], changed[10:54], changed[200:203]])
    planted = {
        "missing": {number(n) for n in (*range(10), *range(40, 50))},
        "stranger": {number(n) for n in range(390, 400)},
        "wrong": {number(n) for n in (*range(60, 70), *range(80, 90), *range(100, 110))},
        "twice": {number(n) for n in range(200, 203)},
    }
    return made, planted


def test_every_planted_defect_is_found_and_named_and_no_other(folder: Path) -> None:
    made, planted = copied(folder)
    made.write_csv(folder / "list.csv")
    with Vault.open(folder / "vault", Secret.from_key_file(folder / "key")) as vault:
        found = hold_list(vault, 1, folder / "list.csv")
    named: dict[str, set[str]] = {}
    for row in found.iter_rows(named=True):
        named.setdefault(row["fault"], set()).add(row["number"])
    assert named == planted
    differs = dict(found.filter(fault="wrong").select("number", "differs").iter_rows())
    assert (differs[number(60)], differs[number(80)], differs[number(100)]) == ("name", "birth_date", "items")


def test_a_faulty_list_fails_on_the_command_line(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    made, _ = copied(folder)
    made.write_csv(folder / "again.csv")
    call = ["incident", "reconcile", "1", "--list", str(folder / "again.csv"), "--to", str(folder / "faults.csv")]
    opened = ["--vault", str(folder / "vault"), "--key-file", str(folder / "key")]
    assert main([*call, *opened]) == 5
    told = capsys.readouterr().out
    assert "20 exposed, and not on the list" in told
    assert name(60) not in told
    assert pl.read_csv(folder / "faults.csv", infer_schema=False).height == 20 + 10 + 30 + 6


def test_the_right_list_is_said_to_be_right(folder: Path) -> None:
    whole = pl.DataFrame({"基礎年金番号": [number(n).replace("-", "") for n in range(EXPOSED)]})
    whole.write_csv(folder / "whole.csv")
    with Vault.open(folder / "vault", Secret.from_key_file(folder / "key")) as vault:
        assert hold_list(vault, 1, folder / "whole.csv").is_empty()
