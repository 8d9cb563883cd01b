"""A person is told who looked at them; what nobody can tell is said, too."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from sekisho.errors import InputError, RightsError
from sekisho.flow.proving.looked import Answer, who_looked_at
from sekisho.flow.registering.register import export, import_file, show, undo
from sekisho.vault import Cost, Secret, Vault
from sekisho.vault.acts import Acting, Draft
from sekisho.vault.looks import holder

HEAD = "基礎年金番号,旧基礎年金番号,氏名,生年月日,住所\n"
TARO = "4701-000001,9901-000001,架空太郎,1948-04-06,那覇市1\n"
HANAKO = "4701-000002,,架空花子,1950-01-02,那覇市2\n"


@pytest.fixture
def vault(tmp_path: Path) -> Iterator[Vault]:
    with Vault.create(tmp_path / "vault", Secret.passphrase("a long enough passphrase"), Cost(64, 1, 1)) as made:
        bring(made, tmp_path, HEAD + TARO)
        yield made


def bring(vault: Vault, folder: Path, text: str) -> None:
    (folder / "holders.csv").write_text(text, "utf-8")
    import_file(vault, folder / "holders.csv", shown=False)


def actions(found: Answer, *, certain: bool = True) -> list[str]:
    return [one.action for one in found.looks if one.certain is certain]


def test_looks_are_found_by_any_number_or_words_and_asking_is_one_of_them(vault: Vault) -> None:
    show(vault, "9901-000001")
    assert actions(who_looked_at(vault, "4701-000001")) == ["register.show", "ledger.who_looked_at"]
    assert actions(who_looked_at(vault, "架空太郎 1948-04-06")) == ["register.show", *["ledger.who_looked_at"] * 2]


def test_an_export_of_the_register_concerns_those_who_were_in_it_then(vault: Vault, tmp_path: Path) -> None:
    export(vault, tmp_path / "first.csv", shown=False)
    bring(vault, tmp_path, HEAD + HANAKO)
    assert "register.export" in actions(who_looked_at(vault, "4701-000001"))
    assert "register.export" not in actions(who_looked_at(vault, "4701-000002"))
    export(vault, tmp_path / "second.csv", shown=False)
    undo(vault, 2, "the wrong month")
    export(vault, tmp_path / "third.csv", shown=False)
    assert actions(who_looked_at(vault, "4701-000002")).count("register.export") == 1
    assert actions(who_looked_at(vault, "4701-000001")).count("register.export") == 3


def test_what_may_have_held_them_is_said_apart(vault: Vault) -> None:
    vault.looks().see_all("merges.export", "merges", 1)
    vault.looks().see_all("scan.export", "scan", 7)  # which is not there any more
    assert actions(who_looked_at(vault, "4701-000001"), certain=False) == ["merges.export", "scan.export"]


def test_a_look_whose_person_was_taken_out_is_said_to_everybody(vault: Vault) -> None:
    show(vault, "4701-000001")
    place = vault.outbox.head().size - 1
    assert who_looked_at(vault, "4701-000001").doctored == ()
    with vault._store.transaction():
        vault._store._draft = Draft("")
        vault._store.run("DELETE FROM looks WHERE seq = ?", (place,))
    vault._store._draft = None
    found = who_looked_at(vault, "4701-000001")
    assert found.doctored == (place,)
    assert "register.show" not in actions(found)


def test_names_are_for_whoever_may_see_them(vault: Vault) -> None:
    counter = Acting("ab" * 16, "counter", "s", "inquiry", allowed=frozenset({"ledger.who_looked_at"}))
    vault._store.sign_in(lambda: counter)
    found = who_looked_at(vault, "4701-000001")
    assert [(one.role, one.purpose, one.name) for one in found.looks] == [("counter", "inquiry", None)]
    with pytest.raises(RightsError):
        who_looked_at(vault, "4701-000001", names=True)


def test_nobody_and_several_are_no_person(vault: Vault, tmp_path: Path) -> None:
    bring(vault, tmp_path, HEAD + TARO + HANAKO.replace("花子", "太郎"))
    for what in ("4701-999999", "架空太郎", "27951"):
        with pytest.raises(InputError):
            who_looked_at(vault, what)


def test_the_answer_says_since_when_anything_is_known(vault: Vault) -> None:
    assert (who_looked_at(vault, "4701-000001").since or "").startswith("20")
    assert holder(0) == "holder:0"
