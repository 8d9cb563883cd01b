"""A backup is whole or not there, holds one moment of the vault, and says where a bit of it differs."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pyarrow as pa
import pytest

from sekisho.errors import InputError, VaultError
from sekisho.vault import Cost, Secret, Vault
from sekisho.vault.backups.backup import back_up
from sekisho.vault.backups.restore import check, restoring

CHEAP = Cost(64, 1, 1)


def with_a_scan(vault: Vault, name: str = "a") -> int:
    scan = vault.begin_scan("/share", "1.0")
    scan.commit([scan.write("records", pa.table({"name": [name]}))])
    vault.finish_scan(scan)
    return scan.about.scan


def names_in(vault: Vault) -> list[str]:
    return [
        name
        for about in vault.scans()
        for rows in vault.scan(about.scan).batches("records")
        for name in rows["name"].to_pylist()
    ]


def restore(folder: Path, secret: Secret, target: Path, number: int | None = None) -> Vault:
    with restoring(folder, secret, target, number):
        pass
    return Vault.open(target, secret, write=True)


def test_a_vault_comes_back_as_it_was_and_what_is_there_already_is_not_copied_again(
    vault: Vault, secret: Secret, tmp_path: Path
) -> None:
    with_a_scan(vault, "a")
    first = back_up(vault, tmp_path / "b", "1.0")
    with_a_scan(vault, "b")
    second = back_up(vault, tmp_path / "b", "1.0")
    assert (first.number, second.number) == (1, 2)
    assert second.files == first.files + 1
    assert second.added == 2  # the new part, and the store
    with restore(tmp_path / "b", secret, tmp_path / "new") as again:
        assert names_in(again) == ["a", "b"]
        assert again.outbox.head() == vault.outbox.head()
    with restore(tmp_path / "b", secret, tmp_path / "old", 1) as older:
        assert names_in(older) == ["a"]
        with_a_scan(older, "c")


def test_nothing_of_a_backup_says_what_is_in_it(vault: Vault, tmp_path: Path) -> None:
    with_a_scan(vault)
    back_up(vault, tmp_path / "b", "1.0")
    names = " ".join(str(path.relative_to(tmp_path / "b")) for path in (tmp_path / "b").rglob("*"))
    raw = b"".join(path.read_bytes() for path in (tmp_path / "b").rglob("*") if path.is_file())
    for part in vault.scan(1).parts():
        assert part.name not in names
        assert part.name.encode() not in raw
    assert b"SQLite format 3" not in raw


def test_only_the_last_backups_stay_where_that_was_asked_and_what_they_share_stays_too(
    vault: Vault, secret: Secret, tmp_path: Path
) -> None:
    for name in ("a", "b", "c"):
        with_a_scan(vault, name)
        made = back_up(vault, tmp_path / "b", "1.0", keep=2)
    assert made.dropped == (1,)
    with restore(tmp_path / "b", secret, tmp_path / "new", 2) as again:
        assert names_in(again) == ["a", "b"]
    with pytest.raises(InputError, match="no such backup"):
        check(tmp_path / "b", secret, 1)


@pytest.mark.parametrize("place", [0.02, 0.5, 0.99])
def test_a_changed_bit_anywhere_is_found_and_nothing_is_restored(
    vault: Vault, secret: Secret, tmp_path: Path, place: float
) -> None:
    with_a_scan(vault)
    back_up(vault, tmp_path / "b", "1.0")
    for path in sorted(path for path in (tmp_path / "b").rglob("*") if path.is_file() and path.name != "lock"):
        whole = path.read_bytes()
        changed = bytearray(whole)
        changed[int(len(whole) * place)] ^= 1
        path.write_bytes(changed)
        with pytest.raises((VaultError, InputError)), restoring(tmp_path / "b", secret, tmp_path / "new"):
            pass
        assert not (tmp_path / "new").exists()
        path.write_bytes(whole)
    check(tmp_path / "b", secret)


def test_a_part_of_the_vault_that_was_changed_is_not_taken_into_a_backup(vault: Vault, tmp_path: Path) -> None:
    with_a_scan(vault)
    part = next((vault.folder / "scans").rglob("*.parquet"))
    raw = bytearray(part.read_bytes())
    raw[100] ^= 1
    part.write_bytes(raw)
    with pytest.raises(VaultError, match="was changed; no backup"):
        back_up(vault, tmp_path / "b", "1.0")
    assert not list((tmp_path / "b").glob("*.backup"))


def test_a_restore_overwrites_nothing_and_a_strange_folder_takes_no_backup(
    vault: Vault, secret: Secret, tmp_path: Path
) -> None:
    with_a_scan(vault)
    back_up(vault, tmp_path / "b", "1.0")
    with pytest.raises(VaultError, match="already"), restoring(tmp_path / "b", secret, vault.folder):
        pass
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "letter.txt").write_text("x")
    with pytest.raises(InputError, match="other things"):
        back_up(vault, tmp_path / "other", "1.0")
    with pytest.raises(VaultError, match="in the vault itself"):
        back_up(vault, vault.folder / "b", "1.0")


def test_a_wrong_secret_opens_no_backup(vault: Vault, tmp_path: Path) -> None:
    back_up(vault, tmp_path / "b", "1.0")
    with pytest.raises(VaultError, match="does not open"):
        check(tmp_path / "b", Secret.passphrase("another one"))


BUSY = """
import sys, time
from pathlib import Path
import pyarrow as pa
from sekisho.vault import Secret, Vault
with Vault.open(Path(sys.argv[1]), Secret.passphrase("a long enough passphrase"), write=True) as vault:
    print("ready", flush=True)
    while True:
        scan = vault.begin_scan("/share", "1.0")
        scan.commit([scan.write("records", pa.table({"name": ["x"] * 100})) for _ in range(3)])
        vault.finish_scan(scan)
        if len(vault.scans()) > 4:
            vault.drop([vault.scans()[0].scan])
"""


def test_backups_that_are_made_while_another_process_writes_and_drops_are_each_of_one_moment(
    vault: Vault, secret: Secret, tmp_path: Path
) -> None:
    with_a_scan(vault)
    vault.close()
    with subprocess.Popen([sys.executable, "-c", BUSY, str(vault.folder)], stdout=subprocess.PIPE) as busy:
        assert busy.stdout is not None
        busy.stdout.readline()
        try:
            with Vault.open(vault.folder, secret) as reader:
                for _ in range(4):
                    back_up(reader, tmp_path / "b", "1.0")
        finally:
            busy.kill()
    for number in range(1, 5):
        with restore(tmp_path / "b", secret, tmp_path / f"new{number}", number) as again:
            for about in again.scans():
                scan = again.scan(about.scan)
                assert sum(rows.num_rows for rows in scan.batches("records")) == sum(p.rows for p in scan.parts())


COPIER = """
import sys
from pathlib import Path
from sekisho.vault import Secret, Vault
from sekisho.vault.backups.backup import back_up
with Vault.open(Path(sys.argv[1]), Secret.passphrase("a long enough passphrase")) as vault:
    print("ready", flush=True)
    back_up(vault, Path(sys.argv[2]), "1.0")
"""


def test_a_killed_backup_leaves_nothing_half_and_the_next_one_is_whole(
    vault: Vault, secret: Secret, tmp_path: Path
) -> None:
    scan = vault.begin_scan("/share", "1.0")
    scan.commit([scan.write("records", pa.table({"x": os.urandom(40_000).hex(" ").split()})) for _ in range(20)])
    vault.finish_scan(scan)
    vault.close()
    for wait in (0.0, 0.01, 0.03, 0.06):
        with subprocess.Popen(
            [sys.executable, "-c", COPIER, str(vault.folder), str(tmp_path / "b")], stdout=subprocess.PIPE
        ) as copier:
            assert copier.stdout is not None
            copier.stdout.readline()
            time.sleep(wait)
            copier.send_signal(signal.SIGKILL)
        for backup in (tmp_path / "b").glob("*.backup"):
            check(tmp_path / "b", secret, int(backup.stem))
    with Vault.open(vault.folder, secret) as reader:
        made = back_up(reader, tmp_path / "b", "1.0")
    assert not list((tmp_path / "b").rglob("*.new*"))
    assert check(tmp_path / "b", secret)[0] == made.number


RESTORER = """
import sys
from pathlib import Path
from sekisho.vault import Secret
from sekisho.vault.backups.restore import restoring
print("ready", flush=True)
with restoring(Path(sys.argv[1]), Secret.passphrase("a long enough passphrase"), Path(sys.argv[2])):
    pass
"""


def test_a_killed_restore_leaves_a_whole_vault_or_none(vault: Vault, secret: Secret, tmp_path: Path) -> None:
    for _ in range(10):
        with_a_scan(vault)
    back_up(vault, tmp_path / "b", "1.0")
    for wait in (0.02, 0.06, 0.12, 0.2):
        command = [sys.executable, "-c", RESTORER, str(tmp_path / "b"), str(tmp_path / "new")]
        with subprocess.Popen(command, stdout=subprocess.PIPE) as restorer:
            assert restorer.stdout is not None
            restorer.stdout.readline()
            time.sleep(wait)
            restorer.send_signal(signal.SIGKILL)
        if (tmp_path / "new").exists():
            break
    else:
        restore(tmp_path / "b", secret, tmp_path / "new").close()
    with Vault.open(tmp_path / "new", secret) as again:
        assert names_in(again) == ["a"] * 10
    assert not list(tmp_path.glob(".new.*"))
