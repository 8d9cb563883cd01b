"""What identifies a person lies sealed under that person's own key, and is found by blind indexes only."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from sekisho.errors import VaultError
from sekisho.vault import Cost, Secret, Vault
from sekisho.vault.people import Called, Person
from sekisho.vault.schema import VERSIONS
from sekisho.vault.schema.trust import PERSONS

TARO = Person(
    7, "4701-000001", "架空太郎", "カクウタロウ", "1948-04-06", "沖縄県那覇市架空1-1", ("4701000001", "9901000007")
)
JIRO = Person(8, None, "架空次郎", None, "1950-01-02", None)


def values_of(vault: Vault) -> list[object]:
    return [value for row in vault.people()._store.rows("SELECT * FROM people") for value in row]


def test_a_person_is_found_by_any_number_and_by_name_and_birth_date(vault: Vault) -> None:
    vault.people().put([TARO, JIRO])
    for number in TARO.numbers:
        found = vault.people().by_number(number)
        assert found is not None
        assert (found.holder, found.name, found.address) == (7, "架空太郎", "沖縄県那覇市架空1-1")
    for name in ("架空太郎", "カクウタロウ"):
        assert [one.holder for one in vault.people().by_name(Called(name, name, "1948-04-06"))] == [7]
    assert vault.people().by_name(Called("架空次郎", "架空次郎", "1950-01-02"))[0].number is None
    assert vault.people().by_number("4701000002") is None
    assert vault.people().by_name(Called("架空太郎", "架空太郎", "1948-04-07")) == []


def test_the_rows_themselves_say_nothing(vault: Vault) -> None:
    vault.people().put([TARO])
    told = b"".join(value for value in values_of(vault) if isinstance(value, bytes))
    for text in ("4701", "架空太郎", "カクウタロウ", "1948-04-06", "那覇"):
        assert text.encode() not in told
    assert not [value for value in values_of(vault) if isinstance(value, str)]


def test_namesakes_share_bits_and_are_told_apart_by_what_is_sealed(vault: Vault) -> None:
    many = [Person(n, f"4701-{n:06}", f"架空{n}", None, "1948-04-06", None, (f"4701{n:06}",)) for n in range(3000)]
    vault.people().put(many)
    blind = vault.people()._names.shared("架空17", "1948-04-06")
    assert blind < 1 << 16
    assert [one.holder for one in vault.people().by_name(Called("架空17", "架空17", "1948-04-06"))] == [17]


@pytest.mark.parametrize("change", ["UPDATE people SET name = name_kana", "UPDATE people SET number = zeroblob(40)"])
def test_a_sealed_field_that_was_moved_or_changed_is_refused(vault: Vault, change: str) -> None:
    vault.people().put([TARO])
    store = vault.people()._store
    with store.transaction():
        store.run(change, ())
    with pytest.raises(VaultError, match="changed or moved"):
        vault.people().by_number("4701000001")


def test_an_envelope_of_another_person_is_refused(vault: Vault) -> None:
    vault.people().put([TARO, JIRO])
    store = vault.people()._store
    with store.transaction():
        store.run("UPDATE people_numbers SET person = 8", ())
        store.run("UPDATE people SET name = (SELECT name FROM people WHERE person = 7) WHERE person = 8", ())
    with pytest.raises(VaultError, match="changed or moved"):
        vault.people().by_number("4701000001")


def test_without_their_key_a_person_cannot_be_read_and_each_time_has_a_key_of_its_own(vault: Vault) -> None:
    vault.people().put([TARO])
    before = values_of(vault)
    vault.people().put([TARO])
    assert vault.people().count() == 1
    assert not {bytes(v) for v in before if isinstance(v, bytes)} & {
        v for v in values_of(vault) if isinstance(v, bytes)
    }
    [(key_id,)] = vault.people()._store.rows("SELECT key_id FROM people")
    vault.perishable.destroy([key_id])
    assert vault.people().by_number("4701000001") is None
    vault.people().drop([7])
    assert vault.people().count() == 0


def test_what_was_sealed_of_holders_before_persons_of_scans_were_is_found_as_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    secret = Secret.passphrase("x")
    with monkeypatch.context() as earlier:
        earlier.setattr("sekisho.vault.store.VERSIONS", VERSIONS[: VERSIONS.index(PERSONS)])
        with Vault.create(tmp_path / "vault", secret, Cost(64, 1, 1)) as vault:
            people = vault.people()
            [(key_id, key)] = vault.perishable.make("person")
            row, marks = people._row(TARO, key_id, key), [(people.mark(number), 7) for number in TARO.numbers]
            with people._store.transaction():
                people._store.run("INSERT INTO people VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", row)
                people._store.run("INSERT INTO people_numbers (number, person) VALUES (?, ?)", *marks)
    with Vault.open(tmp_path / "vault", secret, write=True) as vault:
        assert vault.people().by_number("9901000007") == replace(TARO, numbers=())
        assert vault.people().by_name(Called("架空太郎", "架空太郎", "1948-04-06")) == [replace(TARO, numbers=())]
        assert list(vault.people().differing([TARO])) == []
