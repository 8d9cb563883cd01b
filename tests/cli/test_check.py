"""`sekisho check` as a clerk calls it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.cli.calls import Calls

HEAD = "基礎年金番号,氏名,フリガナ,生年月日,住所\n"
ROW = "4701-000001,架空 太郎,カクウ タロウ,1948-04-06,沖縄県那覇市架空1-1\n"


@pytest.fixture
def calls(place: Path, capsys: pytest.CaptureFixture[str]) -> Calls:
    return Calls(place, capsys)


@pytest.fixture
def desk(calls: Calls) -> Calls:
    calls.put("holders.csv", HEAD + ROW)
    calls.run("register", "import", "holders.csv")
    calls.run("incident", "open", "a leak")
    return calls


def test_until_it_is_counted_everybody_is_asked_for_more(desk: Calls) -> None:
    said = desk.run("check", "4701-000001", "--for", "address_change", "--lang", "en")
    assert said.startswith("HOLD")
    assert "not counted yet" in said
    shown = ("--shown", "driving_licence=until:2999-01-01")
    assert desk.run("check", "4701-000001", "--for", "address_change", *shown, "--lang", "en").startswith("GO")
    told = desk.json("check", "4701-000001", "--for", "address_change")
    assert (told["exposed"], told["as_of"]) == ("cannot_tell", [{"incident": 1, "version": 0}])


@pytest.mark.parametrize(
    "call",
    [
        ("check", "4701-000001"),
        ("check", "--for", "address_change"),
        ("check", "4701-000001", "--for", "a favour"),
        ("check", "4701-000001", "--for", "address_change", "--shown", "a smile"),
        ("check", "4701-000001", "--for", "address_change", "--shown", "residence_record=2026-13-01"),
        ("serve",),
        ("serve", "--clients", "none.toml", "--certificate", "x.pem"),
    ],
)
def test_what_is_missing_or_unknown_is_said(desk: Calls, call: tuple[str, ...]) -> None:
    code = 3 if "none.toml" in call else 2
    desk.run(*call, code=code)
    assert "4701" not in desk.said


def test_procedures_and_proofs_are_listed_without_a_vault(calls: Calls) -> None:
    assert {"procedures", "proofs"} == json.loads(calls.run("check", "--list", "--json")).keys()
