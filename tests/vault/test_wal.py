"""Damage in a write-ahead log is said before the database is opened; the torn end of a killed write is none."""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from sekisho.errors import VaultError
from sekisho.vault import Secret, Vault

SECRET = Secret.passphrase("a passphrase")
LIVE = """
import os, sys
from pathlib import Path
from sekisho.model import Decision
from sekisho.vault import Cost, Secret, Vault

vault = Vault.create(Path(sys.argv[1]), Secret.passphrase("a passphrase"), Cost(64, 1, 1))
for number in range(10):
    vault.decide([Decision("b", str(number), "a" * 300, "who", "2026-01-01T00:00:00+00:00")])
if len(sys.argv) > 2:
    print("open", flush=True)
    sys.stdin.read()
os._exit(0)
"""
FRAME = 24 + 4096


@pytest.fixture
def killed(tmp_path: Path) -> Path:
    """A vault of ten acts, all of them in the log."""
    subprocess.run([sys.executable, "-c", LIVE, str(tmp_path / "vault")], check=True)
    assert log_of(tmp_path / "vault").stat().st_size > 20 * FRAME
    return tmp_path / "vault"


def log_of(folder: Path) -> Path:
    return folder / "sekisho.db-wal"


def acts(folder: Path) -> int:
    with Vault.open(folder, SECRET) as vault:
        return len(vault.decisions())


def after(killed: Path, data: bytes) -> int | None:
    """How many acts are there with this log; None where it is refused, and kept."""
    copy = killed.with_name("copy")
    shutil.rmtree(copy, ignore_errors=True)
    shutil.copytree(killed, copy)
    log_of(copy).write_bytes(data)
    try:
        return acts(copy)
    except VaultError:
        assert log_of(copy).read_bytes() == data
        return None


def flipped(data: bytes, at: int, bit: int) -> bytes:
    return data[:at] + bytes([data[at] ^ 1 << bit]) + data[at + 1 :]


def bits_lose_nothing_in_silence(killed: Path, dice: random.Random, times: int) -> None:
    data = log_of(killed).read_bytes()
    last = len(data) - FRAME
    somewhere = [dice.randrange(len(data)) for _ in range(times)]
    at_the_end = [dice.randrange(last, len(data)) for _ in range(times)]
    for at in [*range(32), *range(last, last + 24), *somewhere, *at_the_end]:
        bit = dice.randrange(8)
        assert after(killed, flipped(data, at, bit)) in (None, 10), (at, bit)


def test_after_a_kill_all_is_there(killed: Path) -> None:
    assert acts(killed) == 10


def test_a_changed_bit_loses_nothing_in_silence(killed: Path) -> None:
    bits_lose_nothing_in_silence(killed, random.Random(3), 20)


@pytest.mark.soak
def test_many_changed_bits_lose_nothing_in_silence(killed: Path) -> None:
    bits_lose_nothing_in_silence(killed, random.Random(4), 1000)


def test_a_changed_bit_is_said_and_the_log_is_kept(killed: Path) -> None:
    data = log_of(killed).read_bytes()
    log_of(killed).write_bytes(flipped(data, len(data) // 2, 0))
    with pytest.raises(VaultError, match="-wal was damaged"):
        Vault.open(killed, SECRET)
    log_of(killed).write_bytes(data)
    assert acts(killed) == 10


@pytest.mark.parametrize("end", [b"", bytes(FRAME), os.urandom(FRAME)], ids=["nothing", "zeros", "noise"])
@pytest.mark.parametrize("cut", [1, 24, 30, 2000, 3600])
def test_the_torn_end_of_a_write_is_no_damage(killed: Path, cut: int, end: bytes) -> None:
    data = log_of(killed).read_bytes()
    torn = data[: len(data) - FRAME + cut] + end
    assert after(killed, torn[: len(data)]) == 9


def test_a_log_that_somebody_writes_is_left_to_sqlite(tmp_path: Path) -> None:
    call = [sys.executable, "-c", LIVE, str(tmp_path / "vault"), "stay"]
    with subprocess.Popen(call, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        assert acts(tmp_path / "vault") == 10
        log = log_of(tmp_path / "vault")
        with log.open("r+b") as file:
            file.seek(log.stat().st_size - 10)
            file.write(b"x")  # as if its last commit was on its way
        Vault.open(tmp_path / "vault", SECRET).close()
        process.communicate()
