"""Envelopes go along with the register: everybody's in a small one, in a large one those of whom somebody looked at."""

from __future__ import annotations

import errno
from pathlib import Path

import pytest

from sekisho.errors import HeldError, InputError, UsageError, VaultError
from sekisho.flow.keeping import custody
from sekisho.flow.proving import looked, sealed
from sekisho.flow.registering import holder_envelopes, register
from sekisho.ledger.meet import drain, meet
from sekisho.ledger.verify import verify
from sekisho.vault import Cost, Secret, Vault, looks
from sekisho.vault.files import not_written

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


def test_an_import_that_was_killed_before_anybody_was_sealed_is_made_up_for(
    vault: Vault, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as killed:
        killed.setattr("sekisho.flow.registering.holder_envelopes.keep_in_step", lambda _: 0)
        bring_in(vault, tmp_path, TARO, HANA)
    assert (vault.people().count(), holder_envelopes.by_number(vault, "9901-000007")) == (0, 0)  # from the parts
    bring_in(vault, tmp_path, TARO, HANA)
    assert vault.people().count() == 2


def test_a_holder_is_shown_by_the_blind_index(vault: Vault, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bring_in(vault, tmp_path, TARO, HANA)
    monkeypatch.setattr("sekisho.register.lookup.by_number", lambda *_: pytest.fail("the parts were searched"))
    assert register.show(vault, "9901-000007").profiles[0].number == "4701-000001"


def test_whose_key_is_not_here_is_found_in_the_parts_and_not_said_to_be_nobody(vault: Vault, tmp_path: Path) -> None:
    bring_in(vault, tmp_path, TARO, HANA)
    vault.close()
    for path in vault.folder.glob("keys.db*"):
        path.unlink()
    with Vault.open(vault.folder, Secret.passphrase("x")) as again:
        assert name_of(again, "4701-000001") is None
        assert register.show(again, "9901-000007").profiles[0].number == "4701-000001"
        assert holder_envelopes.by_number(again, "4701-000099") is None
        assert register.show(again, holder_envelopes.called("架空太郎", "1948-04-06")).holders == 1


@pytest.mark.parametrize("sealed_at_once", ["50000", "0"])
def test_who_is_called_so_and_born_then_is_found_in_the_envelopes_as_in_the_parts(
    vault: Vault, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, sealed_at_once: str
) -> None:
    monkeypatch.setenv("SEKISHO_ENVELOPES", sealed_at_once)
    bring_in(vault, tmp_path, TARO, HANA, TARO.replace("4701-000001,9901-000007", "4701-000003,"))
    for name, born in (("架空太郎", "1948-04-06"), ("かくう ﾀﾛｳ", "昭和23年4月6日"), ("架空　太郎", "19480406")):
        found = register.show(vault, holder_envelopes.called(name, born)).profiles
        assert [one.number for one in found] == ["4701-000001", "4701-000003"]
    assert register.show(vault, holder_envelopes.called("架空花子", "1950-01-02")).holders == 1
    bring_in(vault, tmp_path, HANA.replace("架空 花子,カクウ ハナコ", "仮名 花子,カメイ ハナコ"), name="i.csv")
    for name, born in (("架空花子", "1950-01-02"), ("架空太郎", "1948-04-07"), ("太郎", "1948-04-06")):
        with pytest.raises(InputError, match="called so and born"):
            register.show(vault, holder_envelopes.called(name, born))
    with pytest.raises(UsageError):
        holder_envelopes.called("架空太郎", "tomorrow")


def test_who_only_shares_bits_of_a_name_is_neither_shown_nor_said_to_have_been_looked_at(
    vault: Vault, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sekisho.vault.keys.envelopes.Blind.shared", lambda *_: 1)
    bring_in(vault, tmp_path, TARO, HANA)
    monkeypatch.setattr("sekisho.register.lookup.called", lambda *_: pytest.fail("the parts were searched"))
    [one] = register.show(vault, holder_envelopes.called("架空花子", "1950-01-02")).profiles
    assert one.number == "4701-000002"
    [taro, hana] = (holder_envelopes.by_number(vault, n) for n in ("4701-000001", "4701-000002"))
    assert vault.looks().of([looks.holder(hana or 0)])
    assert not vault.looks().of([looks.holder(taro or 0)])


def test_a_number_that_was_split_off_leads_to_another_person(vault: Vault, tmp_path: Path) -> None:
    bring_in(vault, tmp_path, TARO, HANA)
    register.split(vault, "9901-000007", "a namesake")
    one, other = (holder_envelopes.by_number(vault, n) for n in ("4701-000001", "9901-000007"))
    assert one is not None
    assert other is not None
    assert one != other


def test_of_a_large_register_those_are_sealed_who_were_looked_at(
    vault: Vault, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SEKISHO_ENVELOPES", "1")
    bring_in(vault, tmp_path, TARO, HANA)
    assert (vault.people().count(), vault.people().state()) == (0, (1, False))
    assert holder_envelopes.by_number(vault, "4701-000001") is not None
    register.show(vault, "9901-000007")
    assert vault.people().holders() == {holder_envelopes.by_number(vault, "4701-000001")}
    bring_in(vault, tmp_path, TARO.replace("太郎", "一郎"), name="i.csv")
    assert name_of(vault, "4701-000001") == "架空一郎"
    assert vault.people().count() == 1


def test_a_forgotten_person_is_nowhere_in_the_register_and_everything_else_is_as_it_was(
    vault: Vault, tmp_path: Path
) -> None:
    bring_in(vault, tmp_path, TARO, HANA)
    bring_in(vault, tmp_path, TARO.replace("架空1-1", "架空9-9"), HANA, name="i.csv")
    register.show(vault, "9901-000007")
    register.show(vault, "4701-000002")
    custody.forget_person(vault, "9901-000007")
    for number in ("4701-000001", "9901-000007"):
        assert holder_envelopes.by_number(vault, number) is None
        with pytest.raises(InputError, match="No holder"):
            register.history(vault, number)
    with pytest.raises(InputError, match="No holder"):
        register.show(vault, "太郎", anywhere=True)
    for table in ("states", "numbers", "holders", "looks"):
        told = [str(rows.to_pydict()) for rows in vault.register().batches(table)]
        assert not [one for one in told if "太郎" in one or "4701000001" in one or "那覇市架空9-9" in one]
    assert register.show(vault, "4701-000002").profiles[0].names[0].value["name"] == "架空 花子"
    assert sealed.check(vault, shown=False).findings == ()
    assert not list((vault.folder / "register").glob("*.new"))
    assert len(list((vault.folder / "register").iterdir())) == len(vault.register().parts())
    bring_in(vault, tmp_path, HANA.replace("花子", "桃子"), name="j.csv")  # and it goes on
    assert register.show(vault, "4701-000002").profiles[0].names[0].value["name"] == "架空 桃子"
    assert sealed.check(vault, shown=False).findings == ()


def test_looks_at_a_forgotten_person_are_forgotten_and_the_ledger_stays_whole(vault: Vault, tmp_path: Path) -> None:
    bring_in(vault, tmp_path, TARO, HANA)
    register.show(vault, "4701-000001")
    register.show(vault, "4701-000002")
    custody.forget_person(vault, "4701-000001")
    drain(vault)
    answer = looked.who_looked_at(vault, "4701-000002")
    assert answer.doctored == ()
    assert [one.action for one in answer.looks] == ["register.show", "ledger.who_looked_at"]
    assert verify(meet(vault).log).sound


def full(_: object) -> None:
    raise not_written(OSError(errno.ENOSPC, "full"))


def test_a_forgetting_that_the_disk_fails_once_it_counts_loses_nobody_else(
    vault: Vault, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bring_in(vault, tmp_path, TARO, HANA)
    with monkeypatch.context() as disk:
        disk.setattr("sekisho.vault.house.Vault.finish_forgetting", full)
        with pytest.raises(VaultError, match="full"):
            custody.forget_person(vault, "4701-000001")
    assert list(vault.register().files()) == []
    assert register.show(vault, "4701-000002").holders == 1


def test_forgettings_that_the_disk_fails_before_they_count_do_not_pile_up(
    vault: Vault, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bring_in(vault, tmp_path, TARO, HANA)
    left = []
    with monkeypatch.context() as disk:
        disk.setattr("sekisho.vault.register.Register.seal", full)
        for _ in range(3):
            with pytest.raises(VaultError, match="full"):
                custody.forget_person(vault, "4701-000001")
            left.append(len(list((vault.folder / "register").iterdir())))
    assert left[0] == left[1] == left[2]
    assert register.show(vault, "4701-000001").holders == 1


def test_a_person_under_hold_is_not_forgotten(vault: Vault, tmp_path: Path) -> None:
    bring_in(vault, tmp_path, TARO, HANA)
    custody.hold_person(vault, "4701-000001", "the court")
    with pytest.raises(HeldError):
        custody.forget_person(vault, "9901-000007")  # the same person
    assert holder_envelopes.by_number(vault, "4701-000001") is not None


def test_a_forgotten_person_stays_forgotten_where_an_older_backup_and_later_keys_come_back(
    vault: Vault, tmp_path: Path
) -> None:
    bring_in(vault, tmp_path, TARO, HANA)
    custody.back_up(vault, tmp_path / "data", shown=False)
    custody.forget_person(vault, "4701-000001")
    custody.back_up_keys(vault, tmp_path / "keys", 30)
    secret = Secret.passphrase("x")
    custody.put_back(custody.Wanted(tmp_path / "data", tmp_path / "again", keys=tmp_path / "keys"), secret, shown=False)
    with Vault.open(tmp_path / "again", secret, write=True) as again:
        assert holder_envelopes.by_number(again, "4701-000001") is None
        assert holder_envelopes.by_number(again, "4701-000002") is not None
        assert sealed.check(again, shown=False).findings == ()


def test_whose_keys_did_not_come_back_are_sealed_anew(vault: Vault, tmp_path: Path) -> None:
    bring_in(vault, tmp_path, TARO, HANA)
    custody.back_up(vault, tmp_path / "data", shown=False)
    custody.put_back(custody.Wanted(tmp_path / "data", tmp_path / "again"), Secret.passphrase("x"), shown=False)
    with Vault.open(tmp_path / "again", Secret.passphrase("x")) as again:
        assert again.people().without_key() == []
        assert (name_of(again, "9901-000007"), again.people().state()) == ("架空太郎", (1, True))


def test_a_forgetting_of_a_person_that_was_killed_in_between_is_finished(
    vault: Vault, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bring_in(vault, tmp_path, TARO, HANA)
    keys = [bytes(row[0]) for row in vault.people()._store.rows("SELECT key_id FROM people ORDER BY person")]
    with monkeypatch.context() as killed:
        killed.setattr("sekisho.vault.house.Vault.finish_forgetting", lambda _: None)
        custody.forget_person(vault, "4701-000001")
    assert len(vault.perishable.some(keys)) == 2
    vault.finish_forgetting()
    assert set(vault.perishable.some(keys)) == {keys[1]}
    assert len(list((vault.folder / "register").iterdir())) == len(vault.register().parts())
