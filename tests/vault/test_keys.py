"""Secrets are read, kept and told apart; keys are bound to what they are for."""

from __future__ import annotations

import stat
import subprocess
import sys
from pathlib import Path

import pytest

from sekisho.errors import VaultError
from sekisho.vault.keys.secret import Secret, derive, unwrap, wrap


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


def test_too_little_memory_is_said() -> None:
    program = """
import resource
from sekisho.vault.keys.secret import Cost, Secret, stretch
from sekisho.errors import NoMemoryError
import argon2.low_level, mmap
used = int(open("/proc/self/statm").read().split()[0]) * mmap.PAGESIZE
resource.setrlimit(resource.RLIMIT_AS, (used + (64 << 20), -1))
try:
    stretch(Secret.passphrase("x"), bytes(16), Cost())
except NoMemoryError as error:
    print(error.message.en)
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == "The passphrase needs 256 MiB of memory to be tried, which are not to be had.\n"


def test_a_secret_is_never_shown() -> None:
    assert "himitsu" not in repr(Secret.passphrase("himitsu"))


def test_keys_of_different_purposes_differ_and_a_wrapped_key_is_bound_to_its_own() -> None:
    key = bytes(32)
    assert derive(key, "a") != derive(key, "b")
    assert unwrap(key, wrap(key, b"x" * 32, "scan 1"), "scan 1") == b"x" * 32
    from cryptography.exceptions import InvalidTag

    with pytest.raises(InvalidTag):
        unwrap(key, wrap(key, b"x" * 32, "scan 1"), "scan 2")
