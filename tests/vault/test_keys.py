"""A vault opens with its own secret and with nothing else."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sekisho.errors import VaultError
from sekisho.vault.keys import Cost, Secret, derive, open_root, seal_root, unwrap, wrap

CHEAP = Cost(memory_kib=64, passes=1, lanes=1)


@given(st.text(min_size=1).filter(lambda t: "\0" not in t))
def test_what_a_secret_seals_it_opens(passphrase: str) -> None:
    root, head = seal_root(Secret.passphrase(passphrase), CHEAP)
    assert open_root(Secret.passphrase(passphrase), json.loads(json.dumps(head))) == root


def test_the_ways_to_type_one_character_are_one_passphrase() -> None:
    root, head = seal_root(Secret.passphrase("か\u3099き"), CHEAP)
    assert open_root(Secret.passphrase("がき"), head) == root


def test_another_secret_is_refused_with_a_hint() -> None:
    _, head = seal_root(Secret.passphrase("right"), CHEAP)
    for wrong in (Secret.passphrase("Right"), Secret("key file", b"right")):
        with pytest.raises(VaultError) as caught:
            open_root(wrong, head)
        assert "SEKISHO_PASSPHRASE" in caught.value.hint.en


def test_a_head_with_weakened_parameters_does_not_open() -> None:
    _, head = seal_root(Secret.passphrase("right"), CHEAP)
    head["kdf"]["passes"] = 2
    with pytest.raises(VaultError):
        open_root(Secret.passphrase("right"), head)


def test_a_head_that_asks_for_all_memory_is_not_tried() -> None:
    _, head = seal_root(Secret.passphrase("right"), CHEAP)
    head["kdf"]["memory_kib"] = 1 << 40
    with pytest.raises(ValueError, match="kdf"):
        open_root(Secret.passphrase("right"), head)


def test_a_key_file_is_private_new_and_opens_the_vault(tmp_path: Path) -> None:
    path = tmp_path / "key"
    secret = Secret.to_new_key_file(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert Secret.from_key_file(path) == secret
    with pytest.raises(VaultError, match="cannot be written"):
        Secret.to_new_key_file(path)


@pytest.mark.parametrize("content", [b"", b"short", b"AAAA", b"\xff\xfe", b"A" * 44])
def test_what_is_no_key_file_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "key").write_bytes(content)
    for path in (tmp_path / "key", tmp_path / "absent", tmp_path):
        with pytest.raises(VaultError, match=r"not a key file|no key file"):
            Secret.from_key_file(path)


def test_a_secret_is_never_shown() -> None:
    assert "himitsu" not in repr(Secret.passphrase("himitsu"))


def test_keys_of_different_purposes_differ_and_a_wrapped_key_is_bound_to_its_own() -> None:
    key = bytes(32)
    assert derive(key, "a") != derive(key, "b")
    assert unwrap(key, wrap(key, b"x" * 32, "scan 1"), "scan 1") == b"x" * 32
    from cryptography.exceptions import InvalidTag

    with pytest.raises(InvalidTag):
        unwrap(key, wrap(key, b"x" * 32, "scan 1"), "scan 2")
