"""An actor's key opens with their own secret only, and signs what nobody can change."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sekisho.actors.keys import Key, is_signed, seal, unseal
from sekisho.errors import RightsError
from sekisho.vault import Cost, Secret

CHEAP = Cost(64, 1, 1)
SECRET = Secret.passphrase("alice's own")


def test_a_sealed_key_opens_with_its_passphrase_and_no_other() -> None:
    key = Key.new()
    sealed = seal(key, SECRET, CHEAP)
    assert unseal(sealed, SECRET, key.id).public == key.public
    with pytest.raises(RightsError):
        unseal(sealed, Secret.passphrase("bob's own"), key.id)


def test_a_key_file_seals_too_and_is_no_passphrase(tmp_path: Path) -> None:
    file = Secret.to_new_key_file(tmp_path / "alice.key")
    key = Key.new()
    sealed = seal(key, file, CHEAP)
    assert unseal(sealed, Secret.from_key_file(tmp_path / "alice.key"), key.id).id == key.id
    with pytest.raises(RightsError):
        unseal(sealed, SECRET, key.id)


def test_a_sealed_key_put_in_anothers_place_or_weakened_does_not_open() -> None:
    alice, bob = Key.new(), Key.new()
    sealed = seal(alice, SECRET, CHEAP)
    with pytest.raises(RightsError):
        unseal(sealed, SECRET, bob.id)
    with pytest.raises(RightsError):
        unseal({**sealed, "actor": bob.id}, SECRET, bob.id)
    with pytest.raises(RightsError):
        unseal({**sealed, "kdf": {**sealed["kdf"], "passes": 2}}, SECRET, alice.id)
    with pytest.raises(RightsError):
        unseal({**sealed, "kdf": {**sealed["kdf"], "memory_kib": 1 << 40}}, SECRET, alice.id)


def test_nothing_of_the_private_key_or_the_secret_stands_in_what_is_shown() -> None:
    key = Key.new()
    assert key.private.private_bytes_raw().hex() not in repr(key) + str(seal(key, SECRET, CHEAP))
    assert "private" not in repr(key)


@given(statement=st.binary(min_size=1), at=st.integers(min_value=0), bit=st.integers(0, 7))
def test_a_signature_holds_for_exactly_one_statement_of_one_key(statement: bytes, at: int, bit: int) -> None:
    key = Key.new()
    signature = key.sign(statement)
    changed = bytearray(statement)
    changed[at % len(changed)] ^= 1 << bit
    assert is_signed(key.public, statement, signature)
    assert not is_signed(key.public, bytes(changed), signature)
    assert not is_signed(Key.new().public, statement, signature)
    assert not is_signed(key.public, statement, signature[:-1])
