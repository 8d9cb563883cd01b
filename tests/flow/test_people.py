"""Envelopes go along with the register: everybody's in a small one, in a large one those of whom somebody looked at."""

from __future__ import annotations

from pathlib import Path

import pytest

from sekisho.flow import people, register
from sekisho.vault import Cost, Secret, Vault

HEAD = "基礎年金番号,旧基礎年金番号,氏名,フリガナ,生年月日,住所\n"
TARO = "4701-000001,9901-000007,架空 太郎,カクウ タロウ,1948-04-06,沖縄県那覇市架空1-1\n"
HANA = "4701-000002,,架空 花子,カクウ ハナコ,1950-01-02,沖縄県那覇市架空1-2\n"


@pytest.fixture
def vault(tmp_path: Path):
    with Vault.create(tmp_path / "vault", Secret.passphrase("x"), Cost(64, 1, 1)) as made:
        yield made


def bring_in(vault: Vault, folder: Path, *rows: str, name: str = "h.csv") -> None:
    (folder / name).write_text(HEAD + "".join(rows), encoding="utf-8")
    register.import_file(vault, folder / name, shown=False)


def name_of(vault: Vault, number: str) -> str | None:
    found = vault.people().by_number(number.replace("-", ""))
    return found and found.name


def test_everybody_of_a_small_register_has_envelopes_as_of_its_last_act(vault: Vault, tmp_path: Path) -> None:
    bring_in(vault, tmp_path, TARO, HANA)
    assert vault.people().state() == (1, True)
    assert [name_of(vault, n) for n in ("4701-000001", "9901-000007", "4701-000002")] == ["架空太郎"] * 2 + ["架空花子"]
    bring_in(vault, tmp_path, HANA.replace("架空 花子", "仮名 花子"), name="i.csv")
    assert (name_of(vault, "4701-000002"), name_of(vault, "4701-000001")) == ("仮名花子", "架空太郎")
    register.undo(vault, 2, "wrong file")
    assert (name_of(vault, "4701-000002"), vault.people().state()) == ("架空花子", (3, True))
    register.undo(vault, 1, "all wrong")
    assert vault.people().count() == 0


def test_a_holder_is_shown_by_the_blind_index(vault: Vault, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bring_in(vault, tmp_path, TARO, HANA)
    monkeypatch.setattr("sekisho.register.lookup.by_number", lambda *_: pytest.fail("the parts were searched"))
    assert register.show(vault, "9901-000007").profiles[0].number == "4701-000001"


def test_a_number_that_was_split_off_leads_to_another_person(vault: Vault, tmp_path: Path) -> None:
    bring_in(vault, tmp_path, TARO, HANA)
    register.split(vault, "9901-000007", "a namesake")
    one, other = (people.by_number(vault, n) for n in ("4701-000001", "9901-000007"))
    assert one is not None
    assert other is not None
    assert one != other


def test_of_a_large_register_those_are_sealed_who_were_looked_at(
    vault: Vault, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SEKISHO_ENVELOPES", "1")
    bring_in(vault, tmp_path, TARO, HANA)
    assert (vault.people().count(), vault.people().state()) == (0, (1, False))
    assert people.by_number(vault, "4701-000001") is not None
    register.show(vault, "9901-000007")
    assert vault.people().holders() == {people.by_number(vault, "4701-000001")}
    bring_in(vault, tmp_path, TARO.replace("太郎", "一郎"), name="i.csv")
    assert name_of(vault, "4701-000001") == "架空一郎"
    assert vault.people().count() == 1
