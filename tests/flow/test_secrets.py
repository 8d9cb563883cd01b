"""Secrets are changed, added, shared and taken away; at every moment the old one opens the vault, or the new one."""

from __future__ import annotations

import itertools
import json
import os
import random
import signal
import subprocess
import sys
import tarfile
import time
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pytest

from sekisho.errors import InputError, UsageError, VaultError
from sekisho.flow.keeping.secrets import belong, drop, openers, rotate, share, status
from sekisho.vault import Cost, Secret, Vault, house, opening, read_head
from sekisho.vault.keys import shares

CHEAP = Cost(64, 1, 1)
DATA = Path(__file__).parents[1] / "vault" / "data"
OLD, NEW = Secret.passphrase("old"), Secret.passphrase("new")
KEY = Secret("key file", b"k" * 32)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A vault with something in it, opened by the old passphrase."""
    with Vault.create(tmp_path / "vault", OLD, CHEAP) as vault:
        scan = vault.begin_scan("/share", "1.0")
        scan.commit([scan.write("records", pa.table({"name": ["a"]}))])
        vault.finish_scan(scan)
    return tmp_path / "vault"


def opens(folder: Path, secret: Secret) -> bool:
    try:
        with Vault.open(folder, secret) as vault:
            return next(vault.scan().batches("records"))["name"].to_pylist() == ["a"]
    except VaultError as error:
        if "does not open" in error.message.en:
            return False
        raise


def kinds(folder: Path, secret: Secret) -> list[str]:
    with Vault.open(folder, secret) as vault:
        return [one.kind for one in openers(vault)]


def actions(folder: Path, secret: Secret) -> list[str]:
    with Vault.open(folder, secret) as vault:
        return [json.loads(entry)["action"] for _, entry in vault.outbox.pending(0)]


def test_a_new_passphrase_takes_the_place_of_the_old_one_and_no_table_is_written_anew(folder: Path) -> None:
    before = {path: path.read_bytes() for path in folder.rglob("*.parquet")}
    with Vault.open(folder, OLD, write=True) as vault:
        root, keys = vault.keys.root, dict(vault.keys.keys)
        rotate(vault, NEW, CHEAP)
        assert vault.keys.root != root
        assert vault.keys.keys == keys
        assert next(vault.scan().batches("records"))["name"].to_pylist() == ["a"]
    assert (opens(folder, OLD), opens(folder, NEW)) == (False, True)
    assert before == {path: path.read_bytes() for path in folder.rglob("*.parquet")}
    assert actions(folder, NEW)[-1] == "vault.rotate"


def test_a_key_file_may_stand_beside_a_passphrase_or_take_its_place(folder: Path) -> None:
    with Vault.open(folder, OLD, write=True) as vault:
        rotate(vault, KEY, CHEAP, beside=True)
    assert opens(folder, OLD)
    assert opens(folder, KEY)
    with Vault.open(folder, OLD, write=True) as vault:
        rotate(vault, NEW, CHEAP)  # changes the passphrase and leaves the key file alone
    assert [opens(folder, secret) for secret in (OLD, NEW, KEY)] == [False, True, True]
    with Vault.open(folder, NEW, write=True) as vault:
        rotate(vault, KEY, CHEAP)
    assert [opens(folder, secret) for secret in (OLD, NEW, KEY)] == [False, False, True]


def test_what_opened_a_vault_is_known_while_its_slots_change(folder: Path, tmp_path: Path) -> None:
    with Vault.open(folder, OLD, write=True) as vault:
        share(vault, 2, 2, tmp_path / "shares")
        assert [one.kind for one in openers(vault) if one.opened] == ["passphrase"]
        rotate(vault, KEY, CHEAP)
        assert [one.kind for one in openers(vault)] == ["shares", "key file"]
        rotate(vault, NEW, CHEAP)
        assert [(one.kind, one.opened) for one in openers(vault)] == [("shares", False), ("passphrase", True)]
        drop(vault, 2)
        assert [(one.kind, one.opened) for one in openers(vault)] == [("shares", False)]


def test_a_vault_that_was_just_made_or_brought_up_to_date_gives_its_secret_up(tmp_path: Path) -> None:
    with tarfile.open(DATA / "version-1-key-file.tar.gz") as archive:
        archive.extractall(tmp_path)
    first = Secret.from_key_file(tmp_path / "key")
    with Vault.open(tmp_path / "vault", first, write=True) as vault:
        rotate(vault, NEW, CHEAP)
        assert [one.kind for one in openers(vault)] == ["passphrase"]
    with Vault.create(tmp_path / "another", KEY, CHEAP) as vault:
        rotate(vault, NEW, CHEAP)
        assert [one.kind for one in openers(vault)] == ["passphrase"]


def test_a_slot_can_be_taken_away_but_not_the_last_one(folder: Path) -> None:
    with Vault.open(folder, OLD, write=True) as vault:
        with pytest.raises(UsageError, match="Nothing else opens"):
            drop(vault, 1)
        rotate(vault, KEY, CHEAP, beside=True)
        with pytest.raises(UsageError, match="no slot 3"):
            drop(vault, 3)
        drop(vault, 1)
    assert [opens(folder, secret) for secret in (OLD, KEY)] == [False, True]


def test_a_lost_passphrase_is_replaced_by_who_brings_enough_shares(folder: Path, tmp_path: Path) -> None:
    with Vault.open(folder, OLD, write=True) as vault:
        paths = share(vault, 2, 3, tmp_path / "shares")
    assert opens(folder, OLD)
    made = [shares.read(path) for path in paths]
    for some in itertools.combinations(made, 2):
        assert opens(folder, shares.combine(some))
    with pytest.raises(InputError, match="2 different shares are needed, 1 are here"):
        shares.combine(made[:1])
    with Vault.open(folder, shares.combine(made[1:]), write=True) as vault:
        rotate(vault, NEW, CHEAP)
    assert [opens(folder, secret) for secret in (OLD, NEW, shares.combine(made[:2]))] == [False, True, True]
    assert actions(folder, NEW)[-2:] == ["vault.share", "vault.recover"]


def test_new_shares_void_the_earlier_ones_and_a_share_is_told_apart_from_those_of_another_vault(
    folder: Path, tmp_path: Path
) -> None:
    with Vault.open(folder, OLD, write=True) as vault:
        first = [shares.read(path) for path in share(vault, 2, 2, tmp_path / "first")]
        assert belong(read_head(folder), first[0])
        second = [shares.read(path) for path in share(vault, 2, 3, tmp_path / "second")]
    assert kinds(folder, OLD) == ["passphrase", "shares"]
    assert [belong(read_head(folder), one) for one in (first[0], second[0])] == [False, True]
    assert [opens(folder, shares.combine(some)) for some in (first, second)] == [False, True]


def test_shares_that_cannot_be_made_or_written_change_nothing(folder: Path, tmp_path: Path) -> None:
    before = (folder / "vault.json").read_bytes()
    (tmp_path / "file").write_text("")
    with Vault.open(folder, OLD, write=True) as vault:
        for need, of in ((1, 3), (4, 3), (2, 17)):
            with pytest.raises(UsageError, match="cannot be made"):
                share(vault, need, of, tmp_path / "shares")
        with pytest.raises(UsageError, match="lie in the vault"):
            share(vault, 2, 3, folder / "shares")
        with pytest.raises(VaultError, match="cannot be made"):
            share(vault, 2, 3, tmp_path / "file" / "shares")
        (tmp_path / "shares").mkdir()
        (tmp_path / "shares" / "share-2-of-3.txt").write_text("somebody's")
        with pytest.raises(VaultError, match="cannot be written"):
            share(vault, 2, 3, tmp_path / "shares")
    assert (folder / "vault.json").read_bytes() == before


def test_an_old_copy_of_the_head_lets_no_old_secret_in_again(folder: Path) -> None:
    old = (folder / "vault.json").read_bytes()
    with Vault.open(folder, OLD, write=True) as vault:
        rotate(vault, NEW, CHEAP)
    new = (folder / "vault.json").read_bytes()
    assert (folder / "vault.json.copy").read_bytes() == new
    (folder / "vault.json").write_bytes(old)
    for write in (False, True):
        with pytest.raises(VaultError, match="older than the vault's store"):
            Vault.open(folder, OLD, write=write)
    (folder / "vault.json").write_bytes(new)
    assert opens(folder, NEW)


def test_who_reads_while_the_secret_is_changed_goes_on(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def rotated(*arguments: object) -> object:
        monkeypatch.undo()
        with Vault.open(folder, OLD, write=True) as writer:
            rotate(writer, NEW, CHEAP)
        return opening.open_store(*arguments)

    monkeypatch.setattr(house, "open_store", rotated)
    with Vault.open(folder, OLD) as vault:
        assert vault.scan().rows() == {"records": 1}
    assert not opens(folder, OLD)


def test_what_a_vault_is_can_be_seen(folder: Path) -> None:
    with Vault.open(folder, OLD) as vault:
        found = status(vault)
        assert found.size == sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    (one,) = found.openers
    assert (one.slot, one.kind, one.opened, one.memory_kib) == (1, "passphrase", True, 64)
    assert (found.version, found.generation, found.scans, found.imports) == (2, 1, 1, 0)
    assert found.entries > 0


@pytest.mark.parametrize("place", ["os.fsync", "os.open", "pathlib.Path.rename"])
def test_where_the_disk_fails_the_old_secret_stays(folder: Path, place: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise OSError(5, "Input/output error")

    with Vault.open(folder, OLD, write=True) as vault:
        with monkeypatch.context() as patch:
            patch.setattr(place, fail)
            with pytest.raises(VaultError, match="Input/output error"):
                rotate(vault, NEW, CHEAP)
        assert [path.name for path in folder.iterdir() if path.name.endswith(".new")] == []
    assert opens(folder, OLD) or (place == "os.fsync" and opens(folder, NEW))


ROTATE = """
import sys
from pathlib import Path
from sekisho.flow.keeping.secrets import rotate
from sekisho.vault import Cost, Secret, Vault

number = int(sys.argv[2])
with Vault.open(Path(sys.argv[1]), Secret.passphrase(f"secret {number}"), write=True) as vault:
    while True:
        number += 1
        print("begun", number, flush=True)
        rotate(vault, Secret.passphrase(f"secret {number}"), Cost(64, 1, 1))
        print("done", number, flush=True)
"""


def killed(folder: Path, number: int, after: float) -> Iterator[tuple[str, int]]:
    """What a process said that changes the secret again and again, until it was killed."""
    call = [sys.executable, "-c", ROTATE, str(folder), str(number)]
    with subprocess.Popen(call, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        process.stdout.readline()
        time.sleep(after)
        process.send_signal(signal.SIGKILL)
        yield "begun", number + 1
        for line in process.stdout:
            if line.endswith("\n"):
                word, said = line.split()
                yield word, int(said)


def kill_again_and_again(folder: Path, times: int) -> None:
    dice, number = random.Random(7), 0
    with Vault.open(folder, OLD, write=True) as vault:
        rotate(vault, Secret.passphrase("secret 0"), CHEAP)
    for _ in range(times):
        said = list(killed(folder, number, dice.uniform(0, 0.05)))
        done = max((at for word, at in said if word == "done"), default=number)
        begun = max(at for word, at in said if word == "begun")
        opening = [at for at in range(number, begun + 2) if opens(folder, Secret.passphrase(f"secret {at}"))]
        assert len(opening) == 1
        assert done <= opening[0] <= begun
        number = opening[0]
    Vault.open(folder, Secret.passphrase(f"secret {number}"), write=True).close()
    assert [name for name in os.listdir(folder) if name.endswith(".new")] == []


def test_a_kill_leaves_the_old_secret_or_the_new_one(folder: Path) -> None:
    kill_again_and_again(folder, 5)


@pytest.mark.soak
def test_a_hundred_kills_leave_the_old_secret_or_the_new_one(folder: Path) -> None:
    kill_again_and_again(folder, 100)
